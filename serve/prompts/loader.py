"""Prompts: text files in this folder, named `NAME.VERSION.txt`, whose sections are filled like `str.format`.

A file that was used is never changed: a better wording is a new version, and answers say which one they came from. What an
old version has no place for is left out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from string import Formatter
from typing import Final

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*\.v[0-9]+")
_SECTION: Final = re.compile(r"^\[(system|user)\]\n", re.MULTILINE)
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
PLACEHOLDERS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "answer": {
        "system": frozenset({"persona", "instructions", "register", "variety", "glossary", "canary"}),
        "user": frozenset({"passages", "today", "question", "images", "language"}),
    },
    "rewrite": {"system": frozenset(), "user": frozenset({"conversation", "question", "fence"})},
    "hypothesis": {"system": frozenset({"language"}), "user": frozenset({"question", "fence"})},
}
"""What each prompt's sections must have a place for."""

_NEW_SINCE: Final = {
    "answer.v1": frozenset({"variety", "canary", "instructions"}),
    "answer.v2": frozenset({"canary", "instructions"}),
    "answer.v3": frozenset({"instructions"}),
}
"""What a version did not know yet."""


class BadPrompt(ValueError):
    """A prompt's file is missing, or lacks a section or a placeholder."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`name` is that of the file without `.txt`, e.g. `answer.v1`: what an answer's trace says."""

    name: str
    system: str
    user: str

    def fill_system(self, **values: str) -> str:
        return _fill(self.system, values)

    def fill_user(self, **values: str) -> str:
        return _fill(self.user, values)


@functools.cache
def prompt(name: str) -> Prompt:
    """
    Raises:
        BadPrompt: there is none, or it is not what this version of the product fills.
    """
    file = resources.files("serve.prompts").joinpath(f"{name}.txt") if _NAME.fullmatch(name) else None
    if file is None or not file.is_file():
        raise BadPrompt(f"There is no prompt {name[:80]!r}.")
    return parse(name, file.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Prompt:
    """
    Raises:
        BadPrompt: a section or a placeholder is missing, unknown, or there twice.
    """
    parts = _SECTION.split(text)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    if parts[0].strip() or len(parts) != 5 or sections.keys() != {"system", "user"}:
        raise BadPrompt(f"{name}: a prompt has the sections [system] and [user], and nothing else.")
    for section, wanted in PLACEHOLDERS.get(name.partition(".")[0], {}).items():
        found = {field for _text, field, _spec, _conversion in Formatter().parse(sections[section]) if field}
        if found != wanted - _NEW_SINCE.get(name, frozenset()):
            raise BadPrompt(f"{name} [{section}]: placeholders must be {sorted(wanted)}, and are {sorted(found)}.")
    return Prompt(name, sections["system"].strip(), sections["user"].strip())


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Where a value is empty, its line goes too."""
    kept = [line for line in template.split("\n") if not _is_empty(line.strip(), values)]
    return _EMPTY_LINES.sub("\n\n", "\n".join(kept).format_map(values)).strip()


def _is_empty(line: str, values: Mapping[str, str]) -> bool:
    return line.startswith("{") and line.endswith("}") and values.get(line[1:-1]) == ""
