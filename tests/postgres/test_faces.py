"""What the three faces ask of PostgreSQL: narrowing, changes, saved searches, feedback, unanswered questions, prompts, and two editors at
once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from serve.approved_answers import repository
from serve.quality import reviews
from serve.quotas.threads import _Pressure
from tests.serve.approved_answers import test_endpoints as approved_tests
from tests.serve.changes import test_changes as changes_tests
from tests.serve.documents import test_sources as sources_tests
from tests.serve.feedback import test_endpoints as giving_tests
from tests.serve.gateway import Gateway
from tests.serve.jobs import test_quarantine as quarantine_tests
from tests.serve.prompt_versions import test_endpoints as prompts_tests
from tests.serve.quality import test_feedback as feedback_tests
from tests.serve.quality import test_questions as questions_tests
from tests.serve.saved_searches import test_endpoints as saved_tests
from tests.serve.search import test_choosing as choosing_tests
from vernacular.db.models import QuestionReviewRow
from vernacular.tenancy import Platform, TenantScope

pytestmark = pytest.mark.postgres
editor, public, stocked, ana = (
    questions_tests.editor,
    questions_tests.public,
    choosing_tests.stocked,
    saved_tests.ana,
)


class Whole:
    @pytest.fixture
    def gateway(self, whole: Gateway) -> Gateway:
        """With the people that the tests of saved searches know."""
        for name, role in (("ana", "member"), ("ben", "member"), ("root", "admin")):
            whole.user("acme", name, role=role)
        return whole


class TestChanges(Whole, changes_tests.TestChanges): ...


class TestNarrowing(Whole, choosing_tests.TestNarrowing): ...


class TestFacets(Whole, choosing_tests.TestFacets): ...


class TestOrder(Whole, choosing_tests.TestOrder): ...


class TestSavingSearches(Whole, saved_tests.TestSaving): ...


class TestNewInSearches(Whole, saved_tests.TestNew): ...


class TestErasingSearches(Whole, saved_tests.TestErasure): ...


class TestGivingFeedback(giving_tests.TestGiving): ...


class TestListingFeedback(feedback_tests.TestListing): ...


class TestListingQuestions(questions_tests.TestListing): ...


class TestReviewing(questions_tests.TestReviewing): ...


class TestApproving(approved_tests.TestApproving): ...


class TestErasing(approved_tests.TestErasing): ...


class TestPrompts(prompts_tests.TestSaving): ...


class TestRollingBack(prompts_tests.TestRollingBack): ...


class TestQuarantine(quarantine_tests.TestQuarantine): ...


class TestSources(sources_tests.TestSources): ...


class TestTitles(sources_tests.TestTitles): ...


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each returned, all begun at the same moment."""
    begin, found = threading.Barrier(len(calls)), dict[int, Any]()

    def run(number: int) -> None:
        begin.wait()
        found[number] = calls[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in sorted(found)]


class TestTwoAtOnce:
    @pytest.fixture(autouse=True)
    def crowded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As many at once as several gateways would let in."""
        monkeypatch.setattr(_Pressure, "look", lambda self, *_, **__: setattr(self, "allowed", 6))

    def test_approve_one_answer_to_a_question(
        self, whole: Gateway, editor: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked_alike = repository.asked_alike

        def slowly(*args: Any) -> str | None:
            found = asked_alike(*args)
            time.sleep(0.2)
            return found

        monkeypatch.setattr(repository, "asked_alike", slowly)
        form = {"question": approved_tests.QUESTION, "answer": approved_tests.ANSWER}
        made = together(*[lambda: whole.call("POST", approved_tests.PATH, editor, json=form).status_code] * 6)
        assert sorted(made) == [201] + [409] * 5
        assert whole.call("GET", approved_tests.PATH, editor).json()["total"] == 1

    def test_deal_with_the_same_question(
        self, whole: Gateway, editor: str, public: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both delete what was said of it before, and find nothing; only one of them can insert."""
        message = questions_tests.ask(whole, public, "Is there a ski lift?")["message_id"]
        delete = TenantScope.delete

        def slowly(self: TenantScope, row: Any) -> Any:
            statement = delete(self, row)
            if row is QuestionReviewRow:
                time.sleep(0.2)
            return statement

        monkeypatch.setattr(TenantScope, "delete", slowly)
        form = {"message_ids": [message], "outcome": "dismissed"}
        dealt = together(*[lambda: whole.call("POST", questions_tests.REVIEWS, editor, json=form).status_code] * 4)
        assert dealt == [200] * 4
        assert questions_tests.listed(whole, editor, handled=True)["total"] == 1

    def test_leave_no_question_dealt_with_by_an_answer_that_is_gone(
        self, whole: Gateway, editor: str, public: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = questions_tests.ask(whole, public, "Is there a ski lift?")["message_id"]
        form = {"question": approved_tests.QUESTION, "answer": approved_tests.ANSWER}
        approved_id = whole.call("POST", approved_tests.PATH, editor, json=form).json()["id"]
        reopened, reopen_of = threading.Event(), reviews.reopen_of

        def slowly(*args: Any) -> None:
            reopen_of(*args)
            reopened.set()
            time.sleep(0.3)

        def review() -> int:
            reopened.wait(10)
            form = {"message_ids": [message], "outcome": "approved", "approved_id": approved_id}
            return whole.call("POST", questions_tests.REVIEWS, editor, json=form).status_code

        monkeypatch.setattr(reviews, "reopen_of", slowly)
        delete = f"{approved_tests.PATH}/{approved_id}"
        assert together(lambda: whole.call("DELETE", delete, editor).status_code, review) == [200, 404]
        assert questions_tests.listed(whole, editor)["total"] == 1

    def test_save_versions_one_after_the_other(self, gateway: Gateway, key: str) -> None:
        def save(number: int) -> Callable[[], int]:
            text = {"text": f"You are Rita the {number}th.", "activate": True}
            return lambda: gateway.call("POST", f"{prompts_tests.PATH}/persona", key, json=text).status_code

        assert together(*map(save, range(6))) == [201] * 6
        told = gateway.call("GET", f"{prompts_tests.PATH}/persona", key).json()
        assert [each["version"] for each in told["versions"]] == [6, 5, 4, 3, 2, 1]
        assert [each["version"] for each in told["versions"] if each["active"]] == [6] == [told["active"]]

    def test_change_settings_and_take_none_of_each_other_back(self, gateway: Gateway, key: str) -> None:
        def change(**fields: Any) -> Callable[[], int]:
            return lambda: gateway.call("PATCH", "/v1/admin/settings", key, json=fields).status_code

        changes: list[dict[str, Any]] = [
            {"greeting": "Hello"},
            {"register": "plain"},
            {"glossary": {"permit": "a paper"}},
            {"suggested_questions": ["When?"]},
            {"contact": {"phone": "112"}},
            {"branding": {"color": "#0b6b5d"}},
        ]
        for _ in range(3):
            assert together(*(change(**each) for each in changes)) == [200] * 6
            with gateway.services.database.read() as session:
                profile = Platform(session).tenant("acme").profile
            assert {"greeting", "register", "glossary", "suggested_questions", "contact", "branding"} <= profile.keys()
            empty = {"greeting": "", "register": "", "glossary": {}, "suggested_questions": [], "contact": {}}
            assert change(**empty, branding={"color": None})() == 200
