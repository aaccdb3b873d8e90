from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView
from tests.ui.fake_documents import FakeDocuments, document, job, problem
from tests.ui.fake_gateway import FakeGateway
from tests.ui.test_stored_markup import told_to_browser
from tests.ui.views.admin.control import press, shown
from ui.views.admin.documents import PART
from ui.views.admin.documents_words import PROBLEMS, STAGES
from ui.widgets.escape import escape_markdown


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeDocuments:
    topic = FakeDocuments()
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def open_part(open_view: OpenView) -> Any:
    """`open_part("jobs")`: that part of the page, as an editor sees it."""

    def visit(part: str = "list", **more: str) -> AppTest:
        page = open_view("documents", **more)
        page.button_group(key=PART).set_value(part).run()
        assert not page.exception
        return page

    return visit


def reopened(page: AppTest) -> AppTest:
    """AppTest runs all of the page where a browser runs the panel alone."""
    return press(page, "open-a")


class TestList:
    def test_says_how_to_fill_it(self, open_part: Any, kept: FakeDocuments) -> None:
        html = shown(open_part())
        assert "There are no documents yet." in html
        assert "Choose “Add documents” above" in html

    def test_tells_source_size_language_groups_and_dates(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [
            document("a", groups=["hr"], valid_until="2020-01-31", language="es"),
            document("b", valid_from="2999-01-01"),
        ]
        page = open_part()
        html = shown(page)
        assert "2 documents" in html
        assert "1.5 kB" in html
        assert "español" in html.lower()
        assert "hr</span>" in html
        assert "expired on Jan 31, 2020" in html
        assert "in force from Jan 1, 2999" in html
        assert [button.label for button in page.button if str(button.key).startswith("open-")] == [
            "Title of a",
            "Title of b",
        ]

    def test_is_searched_by_title_and_narrowed_to_a_source(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document("a"), document("b", source="crm")]
        page = open_part()
        page.text_input(key="documents:title").set_value("of b").run()
        page.selectbox(key="documents:source").set_value("crm").run()
        assert kept.calls("GET", "/v1/documents")[-1] == {"title": "of b", "source": "crm", "limit": "25"}
        page.text_input(key="documents:title").set_value("nothing").run()
        assert "No document is called so." in shown(page)

    def test_goes_on_from_page_to_page(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document(name) for name in "abcde"]
        page = press(press(open_part(), "cursor-page:documents:on"), "cursor-page:documents:on")
        assert [button.label for button in page.button if str(button.key).startswith("open-")] == ["Title of e"]
        page = press(page, "cursor-page:documents:back")
        assert [call.get("cursor") for call in kept.calls("GET", "/v1/documents")] == [None, "2", "4"]

    def test_opens_a_document_and_deletes_it_after_asking(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document("a")]
        page = press(open_part(), "open-a")
        assert '<strong class="vn-document-heading">Text of a &lt;b&gt;</strong>' in shown(page)
        page = reopened(press(page, "delete-a"))
        assert kept.documents
        assert "This cannot be taken back." in shown(page)
        page = reopened(press(page, "delete-a-yes"))
        assert kept.documents == []
        assert "Title of a is deleted." in shown(page)

    def test_shows_no_markup_of_a_title(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document("x", title="![x](http://evil.example) <img src=http://evil.example>")]
        page = open_part()
        label = next(button.label for button in page.button if button.key == "open-x")
        assert "![" not in label
        assert "<img" not in shown(page)

    def test_is_not_for_members(self, open_view: OpenView, kept: FakeDocuments) -> None:
        assert "This page is not for your role." in shown(open_view("documents", role="member"))
        assert not kept.asked


class TestAdding:
    def send(self, page: AppTest, name: str = "text.txt") -> AppTest:
        page.file_uploader(key="add:files:0").set_value((name, b"Nine to five.", "text/plain"))
        return press(page, "add:send:0")

    def test_sends_files_with_what_describes_them(self, open_part: Any, kept: FakeDocuments) -> None:
        page = open_part("add")
        page.selectbox(key="add:source:0").set_value("uploads")
        page.multiselect(key="add:groups:0").set_value(["hr"])
        page.selectbox(key="add:language:0").set_value("en")
        self.send(page)
        (body,) = kept.bodies
        for piece in (
            b"Nine to five.",
            b'name="source"\r\n\r\nuploads',
            b'["hr"]',
            b'name="language"\r\n\r\nen',
            b"false",
        ):
            assert piece in body
        assert b"valid_from" not in body

    def test_says_that_it_was_sent_and_shows_the_bar(self, open_part: Any, kept: FakeDocuments) -> None:
        html = shown(self.send(open_part("add")))
        assert "It is sent." in html
        assert '<progress aria-label="Progress of sent.txt">' in html

    def test_asks_before_it_deletes_what_else_the_source_holds(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document("a"), document("b")]
        page = open_part("add")
        page.file_uploader(key="add:files:0").set_value(("text.txt", b"x", "text/plain"))
        page.checkbox(key="add:sync:0").check().run()
        page = press(page, "add:send-all:0")
        assert kept.bodies == []
        assert "uploads holds 2 documents." in shown(page)
        press(page, "add:send-all:0-yes")
        assert b'name="sync"\r\n\r\ntrue' in kept.bodies[0]

    def test_sends_a_list_of_products_with_its_columns(self, open_part: Any, kept: FakeDocuments) -> None:
        page = open_part("add")
        page.text_input(key="add:column:id:0").set_value("sku")
        page.text_input(key="add:column:text:0").set_value("about, offer")
        page.text_input(key="add:column:picture:0").set_value("image")
        self.send(page, "shop.csv")
        assert b'{"id":"sku","picture":"image","text":["about","offer"]}' in kept.bodies[0]

    def test_sends_addresses(self, open_part: Any, kept: FakeDocuments) -> None:
        page = open_part("add")
        page.radio(key="add:way").set_value("addresses").run()
        page.text_area(key="add:addresses:0").set_value("https://a.example\n\n https://b.example ")
        press(page, "add:send:0")
        assert b'"uris":["https://a.example","https://b.example"]' in kept.bodies[0].replace(b" ", b"")

    @pytest.mark.parametrize(
        ("way", "says"), [("files", "Choose a file first."), ("addresses", "Give an address first.")]
    )
    def test_says_what_is_missing(self, open_part: Any, kept: FakeDocuments, way: str, says: str) -> None:
        page = open_part("add")
        page.radio(key="add:way").set_value(way).run()
        assert says in shown(press(page, "add:send:0"))
        assert kept.bodies == []

    def test_says_why_it_was_refused(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.refusals["POST", "/v1/documents"] = "too_large"
        html = shown(self.send(open_part("add")))
        assert "It is too large." in html
        assert "question" not in html


class TestRunning:
    def test_shows_bars_in_words(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [
            job("a", "running", stage="parsing", done=3, total=10, eta_s=130.0, items=12, failed=1),
            job("b", "queued", stage="queued", total=None),
        ]
        html = shown(open_part())
        assert "2 jobs under way" in html
        assert 'value="3" max="10"' in html
        assert "Reading the files · 3 of 10 · about 2 minutes left · 1 could not be read" in html
        assert "a.pdf and 11 more" in html
        assert "Waiting for its turn" in html

    def test_shows_none_and_asks_for_nothing_more_where_nothing_runs(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("a")]
        page = open_part()
        assert "under way" not in shown(page)
        asked = len(kept.asked)
        page.run()
        assert len(kept.asked) == asked

    def test_cancels(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("a", "running", stage="indexing")]
        page = press(open_part(), "cancel-a")
        assert kept.calls("DELETE", "/v1/jobs/a")
        page.run()
        assert "Stopping after what is under way" in shown(page)

    @pytest.mark.parametrize(
        ("ended", "says"),
        [
            ({"state": "succeeded", "done": 4}, "a.pdf is in: 4 documents."),
            ({"state": "partial", "done": 4, "failed": 1}, "1 item of a.pdf could not be read."),
            ({"state": "failed"}, "a.pdf could not be taken in."),
            ({"state": "cancelled"}, "a.pdf was cancelled; what came in before stays."),
        ],
    )
    def test_says_what_came_of_it(self, open_part: Any, kept: FakeDocuments, ended: dict[str, Any], says: str) -> None:
        kept.jobs = [job("a", "running", stage="indexing")]
        page = open_part()
        kept.jobs[0].update(ended)
        page.run()
        html = shown(page)
        assert says in html
        assert "<progress" not in html

    def test_has_words_for_every_stage_that_the_worker_names(self) -> None:
        assert set(STAGES) == {"queued", "reading", "parsing", "indexing", "finishing"}


class TestJobs:
    def test_says_how_to_fill_it(self, open_part: Any, kept: FakeDocuments) -> None:
        assert "Nothing was sent yet." in shown(open_part("jobs"))

    def test_tells_what_came_of_each(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("a"), job("b", "partial", done=5, failed=2)]
        html = shown(open_part("jobs"))
        assert "Done</span>" in html
        assert "Done in part</span>" in html
        assert "3 documents · 2 could not be read" in html

    def test_says_why_and_what_to_do(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("b", "failed", errors=[problem("encrypted_file")])]
        html = shown(press(open_part("jobs"), "why-b"))
        assert "The file is locked by a password." in html
        assert "Remove the password and send it again." in html

    def test_shows_no_markup_of_a_files_name(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("b", "failed", names=["![x](http://evil.example/x).pdf"], items=1)]
        page = press(open_part("jobs"), "why-b")
        titles = [text for kind, name, text in told_to_browser(page) if (kind, name) == ("Dialog", "title")]
        assert titles == [escape_markdown("![x](http://evil.example/x).pdf")]

    def test_says_so_where_the_gateway_answers_with_something_else(
        self, open_view: OpenView, kept: FakeDocuments
    ) -> None:
        kept.jobs = [{"state": "failed"}]
        page = open_view("documents")
        assert not page.exception
        assert 'role="alert"' in shown(page)

    def test_runs_a_job_again(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("b", "failed", can_retry=True)]
        page = press(open_part("jobs"), "retry-b")
        assert kept.calls("POST", "/v1/jobs/b/retry")
        assert "b.pdf is run again." in shown(page)
        assert "1 job under way" in shown(page)

    def test_says_what_to_do_where_it_cannot_be_run_again(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("b", "failed")]
        page = open_part("jobs")
        assert "what was sent is no longer held" in shown(page)
        assert not [button for button in page.button if str(button.key).startswith("retry")]


class TestQuarantine:
    def test_says_when_there_is_nothing(self, open_part: Any, kept: FakeDocuments) -> None:
        assert "Everything that was sent could be read." in shown(open_part("quarantine"))

    def test_tells_reason_and_what_to_do_about_each(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.quarantine = [problem("unreadable_file"), problem("strange_name", ""), problem("empty_file", "<b>.txt")]
        html = shown(open_part("quarantine"))
        assert "The file is damaged or not what its name says." in html
        assert "save or export it again" in html
        assert "`broken.pdf` is damaged." in html
        assert "The whole job" in html
        assert "It could not be taken in." in html
        assert "&lt;b&gt;.txt" in html

    def test_runs_the_job_again(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.jobs = [job("j1", "failed")]
        kept.quarantine = [problem("fetch_failed", can_retry=True), problem("empty_file", can_retry=True)]
        page = open_part("quarantine")
        assert [button.key for button in page.button if str(button.key).startswith("retry")] == ["retry-j1-0"]
        press(page, "retry-j1-0")
        assert kept.calls("POST", "/v1/jobs/j1/retry")

    def test_has_words_for_what_goes_wrong_with_files(self) -> None:
        from vernacular.confined.frames import _ERRORS

        assert set(_ERRORS) - {"image_refused"} <= set(PROBLEMS)


class TestSources:
    def test_says_how_to_fill_it(self, open_part: Any, kept: FakeDocuments) -> None:
        assert "There are no sources yet." in shown(open_part("sources"))

    def test_counts_documents_and_tells_the_last_job(self, open_part: Any, kept: FakeDocuments) -> None:
        kept.documents = [document("a"), document("b")]
        kept.jobs = [job("j", "failed")]
        html = shown(open_part("sources"))
        assert "<bdi>uploads</bdi>" in html
        assert "<td>2</td>" in html
        assert "3.0 kB" in html
        assert "Failed</span>" in html
