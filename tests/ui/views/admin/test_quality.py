"""Approved answers, unanswered questions and feedback, as editors see them."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import FakeGateway
from tests.ui.fake_quality import FakeQuality, answer, cluster, opinion
from ui.views.admin.approved_form import DRAFT, Draft

EVIL = '![x](http://evil.example/a) <img src="http://evil.example/b">'


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeQuality:
    topic = FakeQuality()
    gateway.topics.append(topic)
    return topic


def press(page: AppTest, label: str) -> AppTest:
    next(each for each in page.button if each.label == label).click()
    return page.run()


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_input, page.text_area, page.selectbox, page.toggle, page.date_input)
    return next(each for kind in kinds for each in kind if each.label == label)


def labels(page: AppTest) -> list[str]:
    return [each.label for each in page.button]


class TestApprovedAnswers:
    def test_are_listed_with_their_state_and_variants(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer(), answer("a2", question="Is there a lift?", state="off", active=False)]
        page = open_view("approved")
        assert not page.exception
        assert "2 approved answers" in text_of(page)
        assert "Given" in page.expander[0].label
        assert "Switched off" in page.expander[1].label
        assert "泳灘證點攞？" in text_of(page)

    def test_say_how_to_begin_where_there_are_none(self, open_view: OpenView, kept: FakeQuality) -> None:
        page = open_view("approved")
        assert "There are no approved answers yet." in text_of(page)
        field(page, "Look through the answers").set_value("nothing").run()
        assert "Nothing matches." in text_of(page)

    def test_can_be_looked_through(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer(), answer("a2", question="Is there a lift?", variants=[])]
        page = open_view("approved")
        field(page, "Look through the answers").set_value("lift").run()
        assert len(page.expander) == 1

    def test_are_written_with_a_preview(self, open_view: OpenView, kept: FakeQuality) -> None:
        page = press(open_view("approved"), "Write an approved answer")
        field(page, "Question").set_value("Is there a lift?")
        field(page, "Other ways of asking it, one a line").set_value("Any lift?\n\n 有冇𨋢？ ")
        field(page, "Answer").set_value("There is **one**.").run()
        assert "<strong>one</strong>" in text_of(page) or "<b>one</b>" in text_of(page)
        press(page, "Save the answer")
        ((method, path, sent),) = kept.changes
        assert (method, path) == ("POST", "/v1/approved-answers")
        assert sent["variants"] == ["Any lift?", "有冇𨋢？"]
        assert (sent["question"], sent["answer"], sent["active"]) == ("Is there a lift?", "There is **one**.", True)
        assert "Saved. In a moment it is found and given." in text_of(page)
        assert "Look again" in labels(page)

    def test_need_both_a_question_and_an_answer(self, open_view: OpenView, kept: FakeQuality) -> None:
        page = press(press(open_view("approved"), "Write an approved answer"), "Save the answer")
        assert "A question and an answer are needed." in text_of(page)
        assert kept.changes == []

    def test_show_what_the_gateway_refuses_and_keep_what_was_written(
        self, open_view: OpenView, kept: FakeQuality
    ) -> None:
        page = press(open_view("approved"), "Write an approved answer")
        field(page, "Question").set_value("Is there a lift?")
        field(page, "Answer").set_value("There is.")
        kept.refusal = "Another approved answer answers it already."
        press(page, "Save the answer")
        assert field(page, "Answer").value == "There is."
        assert 'role="alert"' in text_of(page)

    def test_are_changed_in_the_same_form(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer(valid_until="2026-12-31")]
        page = press(open_view("approved"), "Change")
        assert field(page, "Question").value == "How do I get a beach pass?"
        assert str(field(page, "Holds until").value) == "2026-12-31"
        field(page, "Answer").set_value("Ask at the mill.")
        press(page, "Save the answer")
        method, path, sent = kept.changes[0]
        assert (method, path, sent["answer"]) == ("PATCH", "/v1/approved-answers/a1", "Ask at the mill.")
        assert sent["valid_until"] == "2026-12-31"

    def test_that_somebody_else_changed_meanwhile_are_overwritten_only_once_that_was_told(
        self, open_view: OpenView, kept: FakeQuality
    ) -> None:
        kept.answers = [answer()]
        page = press(open_view("approved"), "Change")
        kept.answers[0] |= {"answer": "Ask at the ferry.", "uri": "https://example.org"}
        field(page, "Answer").set_value("Ask at the mill.")
        press(page, "Save the answer")
        assert kept.changes == []
        assert "Somebody else has changed this" in text_of(page)
        assert "Ask at the ferry." in text_of(page)
        assert field(page, "Answer").value == "Ask at the mill."
        press(page, "Save the answer")
        sent = kept.changes[0][2]
        assert (sent["answer"], sent["uri"]) == ("Ask at the mill.", "https://example.org")

    def test_that_somebody_else_deleted_meanwhile_can_be_made_anew(
        self, open_view: OpenView, kept: FakeQuality
    ) -> None:
        kept.answers = [answer()]
        page = press(open_view("approved"), "Change")
        kept.answers = []
        field(page, "Answer").set_value("Ask at the mill.")
        press(page, "Save the answer")
        assert "Somebody has deleted this" in text_of(page)
        press(page, "Save the answer")
        method, path, sent = kept.changes[0]
        assert (method, path, sent["answer"]) == ("POST", "/v1/approved-answers", "Ask at the mill.")

    def test_say_so_where_somebody_else_has_deleted_one(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer()]
        page = open_view("approved")
        kept.answers = []
        assert "Somebody has deleted this" in text_of(press(page, "Switch off"))

    def test_can_be_switched_off_and_are_deleted_after_asking(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer()]
        page = press(open_view("approved"), "Switch off")
        assert kept.changes[-1] == ("PATCH", "/v1/approved-answers/a1", {"active": False})
        press(page, "Delete")
        assert kept.answers
        press(page, "Delete the answer")
        assert kept.answers == []

    def test_show_stored_markup_as_text(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.answers = [answer(question=EVIL, variants=[EVIL], answer=EVIL, uri="javascript:alert(1)")]
        page = open_view("approved")
        assert "<img" not in text_of(page)
        assert "javascript:" not in text_of(page)
        assert "![x](" not in page.expander[0].label

    def test_are_not_for_members(self, open_view: OpenView, kept: FakeQuality) -> None:
        assert "This page is not for your role." in text_of(open_view("approved", role="member"))


class TestUnansweredQuestions:
    def test_stand_together_with_counts_dialects_and_nearest_documents(
        self, open_view: OpenView, kept: FakeQuality
    ) -> None:
        kept.clusters = [cluster(), cluster("m2", "Where is the sauna?", 1)]
        page = open_view("questions")
        assert not page.exception
        shown = text_of(page)
        assert "4 questions in 2 groups." in shown
        assert "asked 3 times" in shown
        assert "asked once" in shown
        assert "粵語" in shown
        assert "Mountain railways" in shown
        assert "Is there a ski lift? m1-2" in shown

    def test_say_so_where_there_are_none(self, open_view: OpenView, kept: FakeQuality) -> None:
        assert "No open questions in this period." in text_of(open_view("questions"))

    def test_are_asked_for_of_the_chosen_period(self, open_view: OpenView, kept: FakeQuality) -> None:
        page = open_view("questions")
        field(page, "Period").set_value(90).run()
        assert kept.asked[-1]["days"] == "90"

    def test_open_the_form_with_their_words(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.clusters = [cluster()]
        page = press(open_view("questions"), "Write the approved answer")
        draft = page.session_state[DRAFT]
        wordings = ("Is there a ski lift? m1", "Is there a ski lift? m1-1", "Is there a ski lift? m1-2")
        assert draft == Draft(question="Is there a ski lift?", variants=wordings, message_ids=("m1", "m1-1", "m1-2"))

    def test_are_dealt_with_by_what_the_form_saves(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.clusters = [cluster()]
        page = open_view("approved")
        page.session_state[DRAFT] = Draft(question="Is there a ski lift?", message_ids=("m1", "m1-1", "m1-2"))
        page.run()
        assert "It deals with 3 unanswered questions" in text_of(page)
        field(page, "Answer").set_value("There is.")
        press(page, "Save the answer")
        assert kept.changes[0][2]["message_ids"] == ["m1", "m1-1", "m1-2"]
        assert kept.changes[0][2]["wordings"] is False
        assert kept.clusters[0]["outcome"] == "approved"

    def test_are_dismissed_and_opened_again(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.clusters = [cluster()]
        page = press(open_view("questions"), "Dismiss")
        assert kept.clusters[0]["outcome"] == "dismissed"
        assert "No open questions in this period." in text_of(page)
        page.segmented_control[0].set_value(True).run()
        assert "Dismissed" in text_of(page)
        press(page, "Reopen")
        assert kept.clusters[0]["outcome"] is None

    def test_lead_to_where_documents_are_sent(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.clusters = [cluster()]
        page = press(open_view("questions"), "A document is missing")
        assert kept.clusters[0]["outcome"] == "document"
        assert page.session_state["wanted-document"] == "Is there a ski lift?"

    def test_show_stored_markup_as_text(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.clusters = [cluster(question=EVIL, near=[{"document_id": "d", "title": EVIL}])]
        page = open_view("questions")
        assert "<img" not in text_of(page)
        assert all("![x](" not in str(each.help) for each in page.button)


class TestFeedback:
    def test_shows_thumb_reason_comment_and_answer(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion()]
        page = open_view("feedback")
        assert not page.exception
        shown = text_of(page)
        for text in ("Not helpful", "It is out of date", "It opens at ten now.", "At nine."):
            assert text in shown

    def test_says_so_where_there_is_none(self, open_view: OpenView, kept: FakeQuality) -> None:
        assert "No feedback waits." in text_of(open_view("feedback"))

    def test_is_put_aside(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion()]
        page = press(open_view("feedback"), "Put aside")
        assert kept.opinions[0]["handled_at"]
        assert "No feedback waits." in text_of(page)

    def test_can_be_limited_to_thumbs_down(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion(), opinion("m8", rating=1, reason="", comment="Thanks!")]
        page = open_view("feedback")
        page.segmented_control[0].set_value(-1).run()
        assert kept.asked[-1]["rating"] == "-1"
        assert "Thanks!" not in text_of(page)

    def test_shows_the_whole_conversation_to_administrators(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion()]
        assert "The whole conversation" not in [each.label for each in open_view("feedback").toggle]
        page = open_view("feedback", role="admin")
        field(page, "The whole conversation").set_value(True).run()
        assert "Good day." in text_of(page)

    def test_leads_to_an_approved_answer(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion()]
        page = press(open_view("feedback"), "Write an approved answer")
        assert page.session_state[DRAFT] == Draft(question="When does the pool open?")

    def test_shows_stored_markup_as_text(self, open_view: OpenView, kept: FakeQuality) -> None:
        kept.opinions = [opinion(question=EVIL, comment=EVIL, answer=EVIL)]
        assert "<img" not in text_of(open_view("feedback"))
