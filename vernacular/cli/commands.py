"""The commands by name. Each is loaded when it is asked for: a process holds what its own needs in memory, and starts the sooner."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import DEFAULT_MARKUP_MODE, TyperGroup
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo

_PLACES: Final = {
    "demo": "demo.demo",
    "serve": "run.serve",
    "ui": "run.ui",
    "worker": "run.worker",
    "ingest": "ingest.ingest",
    "search": "ask.search",
    "ask": "ask.ask",
    "usage": "quotas.show_usage",
    "eval": "evaluate.evaluate_questions",
    "card": "transparency.card",
    "datasheet": "transparency.datasheet",
    "reindex": "index.reindex",
    "doctor": "doctor.doctor",
    "tenant": "tenants.app",
    "key": "keys.app",
    "user": "users.app",
    "operator": "operators.app",
    "model": "models.app",
    "adapter": "adapters.app",
    "dialect": "dialects.app",
    "prompt": "prompts.app",
    "safety": "safety.app",
    "quota": "quotas.app",
    "redteam": "redteam.app",
    "audit": "auditing.app",
    "erase": "erase.app",
    "retention": "retention.app",
}
"""Module of this package, and what in it: a function, or a group of commands."""


class Commands(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands(_PLACES)


class _Commands(UserDict[str, Any]):
    def __getitem__(self, name: str) -> Any:
        held = super().__getitem__(name)
        if isinstance(held, str):
            held = self.data[name] = _load(name, held)
        return held


def _load(name: str, place: str) -> Any:
    module, _, attribute = place.partition(".")
    found = getattr(import_module(f"{__package__}.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        info = CommandInfo(name, callback=found)
        return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=DEFAULT_MARKUP_MODE)
    group = get_group(found)
    group.name = name
    return group
