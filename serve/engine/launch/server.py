"""One model server as it is to be run: a program, its arguments, its port and key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vernacular.endpoints import ModelEndpoint
from vernacular.settings import Settings

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """`model`: the name it is served under. `environment`: variables to set, or with None to unset. `name`: this server's."""

    name: str
    argv: tuple[str, ...]
    port: int
    api_key: str = field(repr=False)
    model: str
    profile: str
    environment: Mapping[str, str | None] = field(repr=False)
    vision: bool = False
    loras: bool = False
    context_tokens: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    def log_path(self, settings: Settings) -> Path:
        return settings.home / "logs" / f"model-{self.name}.log"

    def endpoint(self, context_tokens: int, pid: int) -> ModelEndpoint:
        """`context_tokens`: what the server itself says; 0: it does not."""
        return ModelEndpoint(
            self.name,
            self.url,
            self.model,
            self.api_key,
            self.profile,
            vision=self.vision,
            loras=self.loras,
            context_tokens=context_tokens or self.context_tokens,
            pid=pid,
        )
