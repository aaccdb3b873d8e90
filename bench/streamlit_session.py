"""A visitor of the front end without a browser: what a browser sends over Streamlit's WebSocket, and waits for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

_PATIENCE_S = 60.0


@dataclass
class Session:
    """One visitor's page. `buttons`, `pickers`: ids of what the last run put on the page, by key."""

    url: str
    query: dict[str, str]
    buttons: dict[str, str] = field(default_factory=dict)
    pickers: dict[str, str] = field(default_factory=dict)
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        async with httpx.AsyncClient(trust_env=False) as http:
            (await http.get(self.url)).raise_for_status()
        address = f"ws://{urlsplit(self.url).netloc}/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], origin=self.url, max_size=None, proxy=None)  # type: ignore[list-item,arg-type]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def run(self, *changed: WidgetState) -> float:
        """Have the script run with these widgets changed; seconds until it has ended."""
        assert self._socket is not None
        for state in changed:
            if not state.trigger_value:
                self._states[state.id] = state
        message = BackMsg()
        message.rerun_script.query_string = urlencode(self.query)
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        message.rerun_script.widget_states.widgets.extend(state for state in changed if state.trigger_value)
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        self.buttons.clear()
        self.pickers.clear()
        while time.perf_counter() - began < _PATIENCE_S:
            told = ForwardMsg()
            told.ParseFromString(await self._socket.recv(decode=False))
            if told.WhichOneof("type") == "script_finished":
                return time.perf_counter() - began
            self._note(told)
        raise TimeoutError(f"the script did not end within {_PATIENCE_S:.0f} s")

    async def click(self, key: str) -> float:
        return await self.run(WidgetState(id=self.buttons[key], trigger_value=True))

    async def pick(self, key: str, option: str) -> float:
        """`option`: as it is written on the page."""
        return await self.run(WidgetState(id=self.pickers[key], string_value=option))

    def _note(self, told: ForwardMsg) -> None:
        kind = told.WhichOneof("type")
        if kind == "page_info_changed":
            self.query = dict(parse_qsl(told.page_info_changed.query_string))
        if kind != "delta" or told.delta.WhichOneof("type") != "new_element":
            return
        element = told.delta.new_element
        if element.WhichOneof("type") == "button":
            self.buttons[_key(element.button.id)] = element.button.id
        elif element.WhichOneof("type") == "selectbox":
            self.pickers[_key(element.selectbox.id)] = element.selectbox.id


def _key(widget_id: str) -> str:
    """Streamlit's ids are `$$ID-<hash>-<key>`."""
    return widget_id.split("-", 2)[-1]
