from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from serve.app import create_app
from tests.serve.engine.driving import settings_for
from tests.serve.engine.fake_model_server import Script, fake_model_server
from tests.serve.gateway import Gateway, memory_services
from vernacular.cli import server as server_module
from vernacular.cli.server import QuietServer
from vernacular.listening import address_of, bound_socket
from vernacular.settings import Settings

FEE = "The parking permit costs 450 dollars a month."
ENDLESS = [word for _ in range(5000) for word in ("The parking permit costs 450 dollars", " a month [1].", " ")]


async def _asked(settings: Settings) -> list[str]:
    """The lines that a client gets who asks as the gateway is told to end."""
    app = create_app(settings, memory_services())
    server = QuietServer.over(app)
    with bound_socket("127.0.0.1", 0) as listening:
        url = address_of(listening)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.listening.wait()
        gateway = Gateway(None, app.state.services)  # type: ignore[arg-type]
        gateway.tenant("acme")
        gateway.put("acme", "permits", FEE)
        body = {
            "stream": True,
            "model": "default",
            "messages": [{"role": "user", "content": "What is the parking permit's cost?"}],
        }
        headers = {"Authorization": f"Bearer {gateway.key('acme')}"}
        lines: list[str] = []
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/v1/chat/completions", json=body, headers=headers) as response,
        ):
            assert response.status == 200
            async for line in response.content:
                lines.append(line.decode().strip())
                if sum("450" in each for each in lines) == 1:
                    server.should_exit = True
        await serving
    return [line for line in lines if line]


class TestShutdown:
    def test_cuts_answers_short_in_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server_module, "ANSWERS_S", 0.2)
        with fake_model_server(Script(tokens=ENDLESS, delay_s=0.01)) as model:
            settings = settings_for(tmp_path, [model])
            settings.serve.worker = False
            lines = asyncio.run(_asked(settings))
            assert model.sent < len(ENDLESS)
        assert lines[-1] == "data: [DONE]"
        assert any('"file_citation"' in line for line in lines[-3:])
