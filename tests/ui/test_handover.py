from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.handover import COOKIE, HELD_S, MAX_BYTES, PATH, Handover, session_route

ORIGIN = {"origin": "http://testserver"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def client(handover: Handover, *, secure: bool = False) -> TestClient:
    return TestClient(Starlette(routes=[session_route(handover, secure=secure)]))


class TestHandover:
    def test_gives_what_was_left_once(self) -> None:
        handover = Handover()
        ticket = handover.leave("vs_token")
        assert len(ticket) >= 43
        assert handover.take(ticket) == "vs_token"
        assert handover.take(ticket) is None
        assert handover.take("made up") is None

    def test_forgets_what_is_not_fetched(self) -> None:
        clock = Clock()
        handover = Handover(clock)
        ticket = handover.leave("vs_token")
        clock.now += HELD_S
        assert handover.take(ticket) is None


class TestRoute:
    def test_gives_the_cookie_that_no_script_reads(self) -> None:
        handover = Handover()
        response = client(handover).post(PATH, json={"ticket": handover.leave("vs_token")}, headers=ORIGIN)
        assert response.status_code == 204
        assert response.headers["set-cookie"] == f"{COOKIE}=vs_token; HttpOnly; Path=/; SameSite=strict"
        assert response.content == b""

    def test_gives_it_over_https_alone_where_that_is_how_people_come(self) -> None:
        handover = Handover()
        response = client(handover, secure=True).post(PATH, json={"ticket": handover.leave("vs_token")}, headers=ORIGIN)
        assert "; Secure" in response.headers["set-cookie"]

    def test_takes_it_away(self) -> None:
        handover = Handover()
        response = client(handover).post(PATH, json={"ticket": handover.leave()}, headers=ORIGIN)
        assert response.status_code == 204
        assert "Max-Age=0" in response.headers["set-cookie"]

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://testserver.evil.example"])
    def test_listens_to_its_own_page_alone(self, origin: str) -> None:
        handover = Handover()
        ticket = handover.leave("vs_token")
        headers = {"origin": origin} if origin else {}
        assert client(handover).post(PATH, json={"ticket": ticket}, headers=headers).status_code == 403
        assert handover.take(ticket) == "vs_token"

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ticket": 7}', b'{"ticket": "x"}', b'"' + b"x" * MAX_BYTES])
    def test_gives_nothing_for_what_is_no_ticket(self, body: bytes) -> None:
        response = client(Handover()).post(PATH, content=body, headers=ORIGIN)
        assert response.status_code == 410
        assert "set-cookie" not in response.headers

    def test_is_never_asked_by_an_address(self) -> None:
        handover = Handover()
        assert client(handover).get(f"{PATH}?ticket={handover.leave('vs_token')}", headers=ORIGIN).status_code == 405
