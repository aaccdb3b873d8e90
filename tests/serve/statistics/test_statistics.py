from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serve.statistics import service
from tests.serve.gateway import Gateway
from vernacular.db.base import new_id
from vernacular.db.models import ConversationRow, FeedbackRow, MessageRow
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/statistics"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = {"since": "2026-03-01", "until": "2026-03-03"}


def keep(gateway: Gateway, slug: str, at: datetime = NOON, rating: int = 0, **details: Any) -> str:
    """A conversation of one question, asked then; what is not told of its answer is that of a plain one."""
    told = {"answered": True, "reason": "answered", "language": "en", "mode": "extractive", "took_ms": 100, **details}
    conversation, message = new_id(), new_id()
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants[slug])
        scope.add(ConversationRow(id=conversation, owner_id="someone"))
        session.flush()
        for position, (role, identifier, kept) in enumerate((("user", new_id(), {}), ("assistant", message, told))):
            scope.add(
                MessageRow(
                    id=identifier,
                    conversation_id=conversation,
                    position=position,
                    role=role,
                    content="…",
                    details=kept,
                    created_at=at,
                )
            )
        session.flush()
        if rating:
            scope.add(FeedbackRow(message_id=message, rating=rating))
    return conversation


def get(gateway: Gateway, key: str, **params: Any) -> Any:
    return gateway.call("GET", PATH, key, params={**DAYS, **params}).json()


class TestStatistics:
    def test_tell_of_each_day_what_came_of_its_questions(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "acme", rating=1)
        keep(gateway, "acme", mode="approved")
        keep(gateway, "acme", rating=-1, answered=False, reason="no_match")
        keep(gateway, "acme", answered=False, reason="policy")
        keep(gateway, "acme", NOON + timedelta(days=1))
        shown = get(gateway, key)
        assert [point["at"] for point in shown["series"]] == [
            "2026-03-01T00:00:00Z",
            "2026-03-02T00:00:00Z",
            "2026-03-03T00:00:00Z",
        ]
        empty, day, after = shown["series"]
        assert {name: value for name, value in empty.items() if name != "at" and value} == {}
        figures = {
            name: day[name] for name in ("questions", "answered", "approved", "declined", "refused", "up", "down")
        }
        assert figures == {
            "questions": 4,
            "answered": 2,
            "approved": 1,
            "declined": 1,
            "refused": 1,
            "up": 1,
            "down": 1,
        }
        assert after["questions"] == 1
        assert shown["total"]["questions"] == 5
        assert shown["reasons"] == [{"name": "no_match", "count": 1}, {"name": "policy", "count": 1}]
        assert shown["modes"] == [{"name": "extractive", "count": 2}, {"name": "approved", "count": 1}]

    def test_count_a_question_on_the_day_that_it_was_there_where_people_live(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "acme", datetime(2026, 3, 1, 20, tzinfo=UTC))
        days = [point["questions"] for point in get(gateway, key, tz="Asia/Hong_Kong")["series"]]
        assert days == [0, 1, 0]
        assert [point["questions"] for point in get(gateway, key)["series"]] == [1, 0, 0]

    def test_are_told_by_the_hour_too(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "acme", NOON + timedelta(minutes=59))
        shown = get(gateway, key, by="hour", tz="Asia/Kolkata")
        assert len(shown["series"]) == 72
        assert [point["at"] for point in shown["series"] if point["questions"]] == ["2026-03-02T18:00:00+05:30"]

    def test_tell_times_that_were_measured(self, gateway: Gateway, key: str) -> None:
        for took in range(1, 101):
            keep(gateway, "acme", took_ms=took, first_ms=took // 2)
        total = get(gateway, key)["total"]
        assert (total["p50_ms"], total["p95_ms"], total["first_p50_ms"]) == (50, 95, 25)

    def test_tell_no_time_of_what_was_never_measured_or_cut_off(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "acme", took_ms=None, reason="interrupted")
        total = get(gateway, key)["total"]
        assert (total["questions"], total["p50_ms"], total["first_p50_ms"]) == (1, None, None)

    def test_tell_languages_and_the_varieties_of_questions(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "acme", language="yue", understood={"tag": "yue-Hant-HK", "native": "廣東話"})
        keep(gateway, "acme", language="yue", understood=None, answered=False, reason="no_match")
        keep(gateway, "acme")
        shown = get(gateway, key)
        assert shown["languages"] == [
            {"tag": "yue", "questions": 2, "answered": 1},
            {"tag": "en", "questions": 1, "answered": 1},
        ]
        assert shown["dialects"] == [{"tag": "yue-Hant-HK", "questions": 1, "answered": 1}]

    def test_are_of_what_was_asked_just_now(self, gateway: Gateway, key: str) -> None:
        gateway.ask(key, "What does a permit cost?")
        gateway.ask(key, "Of this nothing is unknown?")
        shown = gateway.call("GET", PATH, key).json()
        assert (shown["total"]["answered"], shown["total"]["declined"]) == (1, 1)
        assert shown["total"]["p95_ms"] is not None
        assert len(shown["series"]) == 30

    def test_are_of_the_callers_tenant(self, gateway: Gateway, key: str) -> None:
        keep(gateway, "other", rating=1, language="fr", answered=False, reason="no_match")
        shown = get(gateway, key)
        assert shown["total"]["questions"] == shown["total"]["up"] == 0
        assert shown["languages"] == shown["reasons"] == []

    def test_hold_nothing_of_conversations_that_are_gone(self, gateway: Gateway, key: str) -> None:
        gone = keep(gateway, "acme", rating=1)
        keep(gateway, "acme")
        assert gateway.call("DELETE", f"/v1/conversations/{gone}", key).status_code == 200
        total = get(gateway, key)["total"]
        assert (total["questions"], total["up"]) == (1, 0)
        gateway.call("PUT", "/v1/admin/retention", key, json={"conversations_days": 90})
        assert get(gateway, key)["kept_days"] == 90

    def test_are_for_editors(self, gateway: Gateway) -> None:
        assert gateway.call("GET", PATH, gateway.key("acme", "member")).status_code == 403
        assert gateway.call("GET", PATH, gateway.key("acme", "editor")).status_code == 200
        assert gateway.call("GET", PATH, gateway.key("acme", scopes=["usage"])).status_code == 403

    @pytest.mark.parametrize(
        "params",
        [{"tz": "Nowhere"}, {"by": "week"}, {"since": "2026-03-04"}, {"since": "soon"}, {"since": "2020-01-01"}],
    )
    def test_are_refused_for_what_is_no_period(self, gateway: Gateway, key: str, params: dict[str, str]) -> None:
        response = gateway.call("GET", PATH, key, params={**DAYS, **params})
        assert (response.status_code, response.json()["error"]["name"]) == (400, "bad_request")

    def test_are_not_made_of_more_than_is_counted_at_once(
        self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MOST_ANSWERS", 2)
        keep(gateway, "acme")
        keep(gateway, "acme")
        assert get(gateway, key)["total"]["questions"] == 2
        keep(gateway, "acme")
        response = gateway.call("GET", PATH, key, params=DAYS)
        assert (response.status_code, response.json()["error"]["hint"]) == (400, "Choose a shorter period.")
