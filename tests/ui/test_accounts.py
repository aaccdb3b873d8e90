from __future__ import annotations

import httpx
import pytest

from ui.accounts import Accounts
from ui.gateway_errors import GatewayError


def accounts(
    answer: httpx.Response | Exception, asked: list[httpx.Request] | None = None, address: str = ""
) -> Accounts:
    def respond(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Accounts(httpx.Client(transport=httpx.MockTransport(respond)), "http://gateway.test/", address)


class TestAccounts:
    def test_tell_the_gateway_where_a_password_comes_from(self) -> None:
        me = {"tenant": "city", "name": "ana", "role": "member", "must_change": False}
        asked: list[httpx.Request] = []
        answer = httpx.Response(200, json={"token": "vs_1", "expires_at": "2030-01-01T00:00:00Z", "me": me})
        session = accounts(answer, asked, "192.0.2.7").sign_in("city", "ana", "a good password")
        assert (session.token, session.me.name, session.me.must_change) == ("vs_1", "ana", False)
        (request,) = asked
        assert (str(request.url), request.headers["x-forwarded-for"]) == ("http://gateway.test/v1/login", "192.0.2.7")
        assert "authorization" not in request.headers

    def test_send_no_address_that_is_not_known(self) -> None:
        asked: list[httpx.Request] = []
        accounts(httpx.Response(200, json={"passwords": True}), asked).takes_passwords()
        assert "x-forwarded-for" not in asked[0].headers

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (httpx.Response(401, json={"error": {"name": "token_refused", "message": "No."}}), "signed_out"),
            (httpx.Response(401, text="<html>"), "signed_out"),
            (httpx.Response(503, text="down"), "unavailable"),
            (httpx.Response(200, text="<html>"), "bad_answer"),
            (httpx.Response(200, json=[]), "bad_answer"),
            (httpx.ConnectError("refused"), "gateway_unreachable"),
        ],
    )
    def test_say_what_went_wrong(self, answer: httpx.Response | Exception, problem: str) -> None:
        with pytest.raises(GatewayError) as caught:
            accounts(answer).me("vs_1")
        assert caught.value.problem == problem

    def test_know_a_wrong_password_from_a_sign_in_that_ended(self) -> None:
        refused = httpx.Response(401, json={"error": {"name": "wrong_password", "message": "No."}})
        with pytest.raises(GatewayError) as caught:
            accounts(refused).sign_in("city", "ana", "x")
        assert caught.value.problem == "wrong_password"

    @pytest.mark.parametrize("body", [{}, {"token": 7, "me": {}}, {"token": "vs_1"}])
    def test_take_no_sign_in_that_is_none(self, body: dict[str, object]) -> None:
        with pytest.raises(GatewayError, match="could not be read"):
            accounts(httpx.Response(200, json=body)).sign_in("city", "ana", "x")
