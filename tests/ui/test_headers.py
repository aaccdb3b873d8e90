from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.headers import SecurityHeaders, content_security_policy, inline_scripts


def _client() -> TestClient:
    async def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("hello", headers={"X-Frame-Options": "ALLOWALL"})

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    inner = Starlette(routes=[Route("/", page), WebSocketRoute("/stream", stream)])
    return TestClient(SecurityHeaders(inner, content_security_policy(["alert(1)"])))


class TestContentSecurityPolicy:
    def test_names_no_other_host_and_allows_no_inline_script_but_by_hash(self) -> None:
        policy = content_security_policy(["alert(1)"])
        directives = dict(part.split(" ", 1) for part in policy.split("; "))
        assert "http" not in policy
        assert "*" not in policy
        assert directives["default-src"] == "'none'"
        # printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert directives["script-src"] == "'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
        assert directives["img-src"] == "'self' data: blob:"
        assert directives["connect-src"] == "'self'"

    def test_finds_the_scripts_that_a_page_carries(self) -> None:
        assert inline_scripts('<script src="a.js"></script><script>\n a()\n</script>') == ["\n a()\n"]


class TestSecurityHeaders:
    def test_are_on_every_response_and_cannot_be_loosened_from_within(self) -> None:
        response = _client().get("/")
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers.get_list("x-frame-options") == ["DENY"]
        assert response.headers["referrer-policy"] == "no-referrer"
        assert _client().get("/missing").headers["x-content-type-options"] == "nosniff"

    def test_a_websocket_of_this_origin_is_let_in(self) -> None:
        with _client().websocket_connect("/stream", headers={"origin": "http://testserver"}) as socket:
            assert socket.receive()["type"] == "websocket.close"

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver.evil.example"])
    def test_a_websocket_that_another_site_opens_is_refused(self, origin: str) -> None:
        refused = _client().websocket_connect("/stream", headers={"origin": origin})
        with pytest.raises(WebSocketDisconnect), refused:
            pass


class TestCookies:
    def sent(self, cookie: str, *, secure: bool) -> str:
        async def page(_request: object) -> PlainTextResponse:
            return PlainTextResponse("hello", headers={"set-cookie": cookie})

        inner = Starlette(routes=[Route("/", page)])
        response = TestClient(SecurityHeaders(inner, content_security_policy([]), secure=secure)).get("/")
        return response.headers["set-cookie"]

    def test_of_a_sign_in_end_with_the_browsers_session(self) -> None:
        month = "_streamlit_user_tokens=x; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"
        assert self.sent(month, secure=False) == "_streamlit_user_tokens=x; HttpOnly; Path=/; SameSite=lax"
        gone = '_streamlit_user=""; expires=Sun, 22 Nov 2026 10:00:00 GMT; Max-Age=0; Path=/; SameSite=lax'
        assert self.sent(gone, secure=False) == gone

    def test_go_over_https_alone_where_that_is_how_people_come(self) -> None:
        assert self.sent("a=b; Path=/", secure=True) == "a=b; Path=/; Secure"
        assert self.sent("a=b; Secure; Path=/", secure=True) == "a=b; Secure; Path=/"
        assert self.sent("a=b; Max-Age=9; Path=/", secure=False) == "a=b; Max-Age=9; Path=/"
