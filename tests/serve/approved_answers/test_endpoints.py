from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from serve.approved_answers import service
from tests.serve.gateway import Gateway
from tests.serve.taking_in import take_in
from vernacular.approved import SOURCE

QUESTION = "How do I get a replacement beach pass?"
ANSWER = "Ask at the harbour office.\n\nIt costs 7 crowns, and you have it at once."
PATH = "/v1/approved-answers"


@pytest.fixture
def editor(whole: Gateway) -> str:
    return whole.key("acme", "editor")


def approve(gateway: Gateway, key: str, **fields: Any) -> dict[str, Any]:
    response = gateway.call("POST", PATH, key, json={"question": QUESTION, "answer": ANSWER, **fields})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def shown(gateway: Gateway, key: str, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = gateway.call("GET", f"{PATH}/{identifier}", key).json()
    return found


def asked(
    gateway: Gateway, key: str, question: str, **more: Any
) -> tuple[str, Mapping[str, Any], list[dict[str, Any]]]:
    """The text of the answer, what is told of it, and its citations."""
    body = gateway.ask(key, question, **more).json()
    message = body["choices"][0]["message"]
    return message["content"], body["vernacular"], message["annotations"]


def declined(gateway: Gateway, key: str, question: str) -> str:
    """The id of the answer that declined the question."""
    _, about, _ = asked(gateway, key, question)
    assert not about["answered"]
    return str(about["message_id"])


class TestApproving:
    def test_makes_a_document_that_is_found_once_a_job_took_it_in(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        assert (made["state"], made["document_id"]) == ("indexing", None)
        assert take_in(whole) == 1
        live = shown(whole, editor, made["id"])
        assert live["state"] == "live"
        hits = whole.call("POST", "/v1/search", editor, json={"query": "beach pass harbour office"}).json()["hits"]
        assert [hit["document_id"] for hit in hits] == [live["document_id"]]
        head = whole.call("GET", f"/v1/documents/{live['document_id']}", editor).json()
        assert (head["source"], head["source_id"], head["title"]) == (SOURCE, made["id"], QUESTION)

    def test_gives_the_answer_whole_from_then_on_with_its_citations(self, whole: Gateway, editor: str) -> None:
        made, public = approve(whole, editor), whole.key("acme", "public")
        take_in(whole)
        text, about, notes = asked(whole, public, "how can i get a replacement beach pass")
        assert text == "Ask at the harbour office. [1]\n\nIt costs 7 crowns, and you have it at once. [2]"
        assert (about["mode"], about["approved_answer_id"], about["answered"]) == ("approved", made["id"], True)
        content = whole.call("GET", f"/v1/documents/{notes[0]['file_id']}/content", public).json()["text"]
        assert [content[note["start"] : note["end"]] for note in notes] == [note["quote"] for note in notes]
        assert "\n\n".join(note["quote"] for note in notes) == ANSWER

    def test_is_for_editors(self, whole: Gateway) -> None:
        for role in ("member", "public"):
            assert whole.call("GET", PATH, whole.key("acme", role)).status_code == 403

    def test_tells_the_language_from_the_words(self, whole: Gateway, editor: str) -> None:
        made = approve(
            whole, editor, question="¿Cómo repongo mi pase de playa?", answer="Pregunte en la oficina del puerto."
        )
        assert made["language"] == "es"

    def test_is_told_in_the_audit_log(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        whole.call("PATCH", f"{PATH}/{made['id']}", editor, json={"answer": "Ask at the quay."})
        whole.call("DELETE", f"{PATH}/{made['id']}", editor)
        names = [name for name in whole.audited("acme") if name.startswith("approved_answer.")]
        assert names == ["approved_answer.created", "approved_answer.changed", "approved_answer.deleted"]

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"question": " ?! "}, "`question` must not be empty"),
            ({"answer": "See [1]."}, "which would read as a citation"),
            ({"answer": "![map](https://maps.example/1.png)"}, "holds an image"),
            ({"answer": "<b>Yes</b>"}, "holds HTML"),
            ({"answer": "[Yes](javascript:alert(1))"}, "neither a page"),
            ({"uri": "ftp://example.com/a"}, "must be an address"),
            ({"valid_from": "2026-05-02", "valid_until": "2026-05-01"}, "`valid_until` is before valid_from"),
            ({"variants": ["a"] * 41}, "at most 40 entries"),
        ],
    )
    def test_refuses_what_could_not_be_given_word_for_word(
        self, whole: Gateway, editor: str, fields: dict[str, Any], told: str
    ) -> None:
        response = whole.call("POST", PATH, editor, json={"question": QUESTION, "answer": ANSWER, **fields})
        assert response.status_code == 400
        assert told in response.json()["error"]["message"]

    def test_refuses_a_question_that_has_an_answer(self, whole: Gateway, editor: str) -> None:
        approve(whole, editor)
        response = whole.call(
            "POST", PATH, editor, json={"question": "how do I get a REPLACEMENT beach pass", "answer": "No."}
        )
        assert response.status_code == 409
        assert take_in(whole) == 1


class TestChanging:
    def test_gives_the_new_answer_once_it_is_taken_in(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        take_in(whole)
        changed = whole.call("PATCH", f"{PATH}/{made['id']}", editor, json={"answer": "Ask at the quay."}).json()
        assert changed["state"] == "indexing"
        assert asked(whole, editor, QUESTION)[1]["approved_answer_id"] is None
        take_in(whole)
        assert asked(whole, editor, QUESTION)[0] == "Ask at the quay. [1]"

    def test_switched_off_is_gone_at_once_and_back_when_it_is_on_again(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        take_in(whole)
        off = whole.call("PATCH", f"{PATH}/{made['id']}", editor, json={"active": False}).json()
        assert (off["state"], off["document_id"]) == ("off", None)
        assert not asked(whole, editor, QUESTION)[1]["answered"]
        take_in(whole)
        whole.call("PATCH", f"{PATH}/{made['id']}", editor, json={"active": True})
        take_in(whole)
        assert asked(whole, editor, QUESTION)[1]["mode"] == "approved"

    def test_holds_for_its_days_only(self, whole: Gateway, editor: str) -> None:
        today = datetime.now().astimezone().date()
        made = approve(
            whole, editor, valid_from=str(today + timedelta(days=2)), valid_until=str(today + timedelta(days=4))
        )
        take_in(whole)
        assert shown(whole, editor, made["id"])["state"] == "upcoming"
        assert not asked(whole, editor, QUESTION)[1]["answered"]
        on = str(today + timedelta(days=3))
        assert asked(whole, editor, QUESTION, vernacular={"on": on})[1]["mode"] == "approved"
        path = f"{PATH}/{made['id']}"
        past = {"valid_from": None, "valid_until": str(today - timedelta(days=1))}
        assert whole.call("PATCH", path, editor, json=past).json()["state"] == "expired"

    def test_says_what_is_wrong_with_a_change(self, whole: Gateway, editor: str) -> None:
        path = f"{PATH}/{approve(whole, editor, valid_from='2026-05-02')['id']}"
        assert whole.call("PATCH", path, editor, json={}).status_code == 400
        assert whole.call("PATCH", path, editor, json={"valid_until": "2026-05-01"}).status_code == 400
        assert whole.call("PATCH", f"{PATH}/nothing", editor, json={"answer": "Yes."}).status_code == 404


class TestDeleting:
    def test_removes_it_with_its_document(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        take_in(whole)
        assert whole.call("DELETE", f"{PATH}/{made['id']}", editor).json() == {"id": made["id"], "deleted": True}
        assert whole.call("GET", "/v1/documents", editor).json()["documents"] == []
        assert whole.call("GET", f"{PATH}/{made['id']}", editor).status_code == 404
        assert not asked(whole, editor, QUESTION)[1]["answered"]

    def test_holds_against_a_job_that_has_yet_to_take_it_in(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        whole.call("DELETE", f"{PATH}/{made['id']}", editor)
        take_in(whole)
        assert whole.call("GET", "/v1/documents", editor).json()["documents"] == []

    def test_outlives_a_crash_before_the_document_is_gone(
        self, whole: Gateway, editor: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = approve(whole, editor)
        take_in(whole)
        with monkeypatch.context() as patched:
            patched.setattr(service, "_remove_document", lambda *_: 1 / 0)
            assert whole.call("DELETE", f"{PATH}/{made['id']}", editor).status_code == 500
        assert len(whole.call("GET", "/v1/documents", editor).json()["documents"]) == 1
        take_in(whole)
        assert whole.call("GET", "/v1/documents", editor).json()["documents"] == []

    def test_is_not_done_among_documents(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        take_in(whole)
        document = shown(whole, editor, made["id"])["document_id"]
        assert whole.call("DELETE", f"/v1/documents/{document}", editor).status_code == 409
        assert whole.call("GET", f"/v1/documents/{document}", editor).status_code == 200

    def test_nor_are_documents_sent_among_them(self, whole: Gateway, editor: str) -> None:
        response = whole.call(
            "POST",
            f"/v1/documents?source={SOURCE}&sync=true",
            editor,
            content=b'{"id": "x", "text": "y"}',
            headers={"content-type": "application/x-ndjson"},
        )
        assert response.status_code == 400


class TestListing:
    def test_shows_the_one_changed_last_first_in_pages(self, whole: Gateway, editor: str) -> None:
        for number in range(3):
            approve(whole, editor, question=f"What is rule {number}?")
        first = whole.call("GET", f"{PATH}?limit=2", editor).json()
        rest = whole.call("GET", f"{PATH}?limit=2&cursor={first['next_cursor']}", editor).json()
        questions = [each["question"] for page in (first, rest) for each in page["data"]]
        assert questions == ["What is rule 2?", "What is rule 1?", "What is rule 0?"]
        assert (first["total"], rest["next_cursor"]) == (3, None)

    def test_finds_words_in_questions_variants_and_answers(self, whole: Gateway, editor: str) -> None:
        approve(whole, editor, variants=["補領泳灘證"])
        approve(whole, editor, question="Where is the quay?", answer="Behind the mill.")
        for words, found in (("補领", 1), ("MILL", 1), ("beach harbour", 1), ("beach mill", 0)):
            page = whole.call("GET", PATH, editor, params={"q": words}).json()
            assert page["total"] == len(page["data"]) == found, words


class TestFromUnansweredQuestions:
    def test_takes_over_their_wordings_and_deals_with_them(self, whole: Gateway, editor: str) -> None:
        visitor = whole.key("acme", "public")
        ids = [declined(whole, visitor, text) for text in ("beach pass gone, what now?", "My beach pass was stolen!")]
        made = approve(whole, editor, message_ids=ids)
        assert made["variants"] == ["beach pass gone, what now?", "My beach pass was stolen!"]
        take_in(whole)
        assert asked(whole, visitor, "my beach pass was stolen")[1]["mode"] == "approved"
        assert whole.call("GET", "/v1/admin/questions", editor).json()["total"] == 0

    def test_takes_over_those_alone_that_the_editor_chose(self, whole: Gateway, editor: str) -> None:
        visitor, admin = whole.key("acme", "public"), whole.key("acme")
        hers = "My beach pass was stolen!"
        ids = [
            whole.ask(visitor, text, user="ida").json()["vernacular"]["message_id"] for text in ("beach pass?!", hers)
        ]
        made = approve(whole, editor, message_ids=ids, variants=[hers], wordings=False)
        assert made["variants"] == [hers]
        assert whole.call("DELETE", "/v1/admin/subjects/ida", admin).json()["counts"]["wordings"] == 1
        assert shown(whole, editor, made["id"])["variants"] == []

    def test_leaves_them_unanswered_again_when_it_is_deleted(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor, message_ids=[declined(whole, whole.key("acme", "public"), "beach pass gone?")])
        whole.call("DELETE", f"{PATH}/{made['id']}", editor)
        assert whole.call("GET", "/v1/admin/questions", editor).json()["total"] == 1

    def test_knows_none_of_another_tenant(self, whole: Gateway, editor: str) -> None:
        theirs = declined(whole, whole.key("other", "public"), "beach pass gone?")
        form = {"question": QUESTION, "answer": ANSWER, "message_ids": [theirs]}
        assert whole.call("POST", PATH, editor, json=form).status_code == 404
        assert take_in(whole) == 0


class TestErasing:
    def test_a_person_takes_her_words_out_and_leaves_the_answer(self, whole: Gateway, editor: str) -> None:
        public, admin = whole.key("acme", "public"), whole.key("acme")
        about = whole.ask(public, "beach pass gone, what now?", user="ida").json()["vernacular"]
        made = approve(whole, editor, variants=["Lost my beach pass"], message_ids=[about["message_id"]])
        take_in(whole)
        asked(whole, public, QUESTION)
        report = whole.call("DELETE", "/v1/admin/subjects/ida", admin).json()
        assert report["counts"]["wordings"] == 1
        take_in(whole)
        kept = shown(whole, editor, made["id"])
        assert (kept["question"], kept["variants"], kept["state"]) == (QUESTION, ["Lost my beach pass"], "live")
        text = whole.call("GET", f"/v1/documents/{kept['document_id']}/content", editor).json()["text"]
        assert "what now" not in text

    def test_a_person_whose_question_it_is_leaves_none(self, whole: Gateway, editor: str) -> None:
        public, admin, hers = whole.key("acme", "public"), whole.key("acme"), "beach pass gone, what now?"
        about = whole.ask(public, hers, user="ida").json()["vernacular"]
        made = approve(whole, editor, question=hers, message_ids=[about["message_id"]])
        take_in(whole)
        other = whole.ask(public, hers, user="olaf").json()["vernacular"]["conversation_id"]
        whole.call("DELETE", "/v1/admin/subjects/ida", admin)
        take_in(whole)
        kept = shown(whole, editor, made["id"])
        assert (kept["question"], kept["state"], kept["answer"]) == ("", "off", ANSWER)
        (answer,) = [
            each
            for each in whole.call("GET", f"/v1/conversations/{other}", admin).json()["messages"]
            if each["role"] == "assistant"
        ]
        assert [note["title"] for note in answer["details"]["annotations"]] == ["", ""]
        assert whole.call("PATCH", f"{PATH}/{made['id']}", editor, json={"active": True}).status_code == 400

    def test_its_document_takes_the_answer_along(self, whole: Gateway, editor: str) -> None:
        made = approve(whole, editor)
        take_in(whole)
        document = shown(whole, editor, made["id"])["document_id"]
        report = whole.call("DELETE", f"/v1/admin/documents/{document}", whole.key("acme")).json()
        assert report["counts"]["approved_answers"] == 1
        assert whole.call("GET", f"{PATH}/{made['id']}", editor).status_code == 404


class TestOtherTenants:
    def test_see_nothing_of_it(self, whole: Gateway, editor: str) -> None:
        made, stranger = approve(whole, editor), whole.key("other", "editor")
        take_in(whole)
        assert whole.call("GET", PATH, stranger).json()["data"] == []
        for method in ("GET", "PATCH", "DELETE"):
            body = {"json": {"answer": "Ha."}} if method == "PATCH" else {}
            assert whole.call(method, f"{PATH}/{made['id']}", stranger, **body).status_code == 404
        assert not asked(whole, stranger, QUESTION)[1]["answered"]
