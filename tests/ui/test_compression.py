from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.compression import PackedStatics

SCRIPT = "const words = 'many words'; " * 200
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


class Served:
    """Streamlit's place, which notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def client(self) -> TestClient:
        routes = [Route("/{path:path}", self._answer)]
        return TestClient(PackedStatics(Starlette(routes=routes)))

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if "missing" in request.url.path:
            return PlainTextResponse("There is none.", 404)
        headers = {"Cache-Control": "public, immutable", "ETag": '"1"', "Accept-Ranges": "bytes"}
        return Response(SCRIPT, media_type="application/javascript", headers=headers)


class TestPackedStatics:
    def test_sends_a_script_packed_and_asks_for_it_only_once(self) -> None:
        served = Served()
        client = served.client()
        answers = [client.get("/static/js/index.abc.js", headers=GZIP) for _ in range(3)]
        assert [answer.text for answer in answers] == [SCRIPT] * 3
        for answer in answers:
            assert answer.headers["content-encoding"] == "gzip"
            assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["cache-control"] == "public, immutable"
            assert "etag" not in answer.headers
        assert served.asked == ["/static/js/index.abc.js"]

    def test_sends_it_as_it_is_to_who_takes_no_gzip_or_wants_a_part(self) -> None:
        client = Served().client()
        client.get("/static/a.js", headers=GZIP)
        for headers in (PLAIN, {**GZIP, "Range": "bytes=0-9"}):
            answer = client.get("/static/a.js", headers=headers)
            assert "content-encoding" not in answer.headers
            assert answer.headers["etag"] == '"1"'

    def test_leaves_everything_else_alone(self) -> None:
        served = Served()
        client = served.client()
        for path in ("/", "/media/a.js", "/static/font.woff2", "/static/missing.js", "/static/missing.js"):
            answer = client.get(path, headers=GZIP)
            assert "content-encoding" not in answer.headers
        assert len(served.asked) == 5

    def test_keeps_a_file_under_its_own_name_alone(self) -> None:
        """The same file answers to endless others, and each would be kept."""
        served = Served()
        client = served.client()
        for path in ("/static/%2e/a.js", "/static//a.js", "/static/js/%2e/%2e/a.js"):
            for _ in range(2):
                assert "content-encoding" not in client.get(path, headers=GZIP).headers
        assert len(served.asked) == 6

    def test_keeps_no_page_that_is_missing(self) -> None:
        client = Served().client()
        for _ in range(2):
            answer = client.get("/static/missing.js", headers=GZIP)
            assert (answer.status_code, answer.text) == (404, "There is none.")
