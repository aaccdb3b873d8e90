"""Cards and sheets as Markdown, for people and for files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from serve.transparency.schemas import DataSheet, SystemCard

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")


def card_markdown(card: SystemCard) -> str:
    lines = [
        f"# System card: {_text(card.display_name)}",
        "",
        f"{card.system} {card.version}, {card.at:%Y-%m-%d %H:%M} UTC. Made from what is configured, indexed and measured then.",
        "",
        *(f"> {_text(text)}" for text in card.ai_notice.values()),
        *_section("Purpose", [card.purpose]),
        *_section("Languages and varieties", [_list(card.languages)]),
        *_table(("tag", "name", "pack"), card.varieties),
        *_section("How it answers", [_answers(card)]),
        *_table(("name", "purpose", "licence", "origin", "figures"), [model.model_dump() for model in card.models]),
        *(f"- {_text(model.name)}: {_text(note)}" for model in card.models for note in model.notes),
        *_table(("name", "base_model", "dialect", "lineage"), [each.model_dump() for each in card.adapters]),
        *_section("Data", [_data(card.data)]),
        *_table(("source", "documents"), card.data["sources"]),
        *_section("Evaluation", [] if card.evaluation else ["None."]),
        *(_run(run) for run in card.evaluation),
        *_section("Red team", [] if card.red_team else ["None."]),
        *(line for run in card.red_team for line in _attacked(run)),
        *_section("Safety policy", [_text(_flat(card.safety))]),
        *_section("Human oversight", [_text(_flat(card.oversight))]),
        *_section("Known limits", [f"- {_text(limit)}" for limit in card.limits] or ["None known."]),
    ]
    return "\n".join(lines) + "\n"


def sheet_markdown(sheet: DataSheet) -> str:
    lines = [
        f"# Data sheet: {_text(sheet.tenant)}",
        "",
        f"Counted {sheet.at:%Y-%m-%d %H:%M} UTC: {sheet.documents:,} documents, {sheet.chunks:,} chunks, "
        f"{sheet.characters:,} characters; {sheet.not_indexed:,} documents are not in the index yet.",
        *_table(
            ("source", "documents", "chunks", "restricted", "expired", "languages", "media_types", "newest"),
            [each.model_dump() for each in sheet.sources],
        ),
        *_table(("generation", "state", "embedding", "dense_size"), sheet.generations),
    ]
    return "\n".join(lines) + "\n"


def _answers(card: SystemCard) -> str:
    if card.answers == "extractive":
        return "By quotes: sentences of the documents, word for word, chosen by rules. No language model takes part."
    return "A language model words each answer; what no quote from the documents bears out is left out or marked."


def _data(data: Mapping[str, Any]) -> str:
    return f"{data['documents']:,} documents, {data['chunks']:,} chunks; {_flat(data['languages']) or 'no language'}; last changed {_flat(data['updated']) or 'never'}."


def _run(run: Mapping[str, Any]) -> str:
    return f"- {_text(run['name'])}, {run['created_at']:%Y-%m-%d}, {run['questions']} questions: {_text(_flat(run['figures'].get('all', run['figures'])))}"


def _attacked(run: Mapping[str, Any]) -> list[str]:
    """By suite; languages and techniques stand in the run's own report."""
    suites = [{"suite": name, **figures} for name, figures in run["figures"].get("suites", {}).items()]
    return [f"Attacked {run['created_at']:%Y-%m-%d}.", *_table(("suite", "tried", "succeeded", "errors"), suites)]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"## {title}", "", *lines]


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    cells = [[_text(_flat(row.get(column))) for column in columns] for row in rows]
    if not cells:
        return []
    head = [f"| {' | '.join(columns)} |".replace("_", " "), f"|{'---|' * len(columns)}"]
    return ["", *head, *(f"| {' | '.join(row)} |" for row in cells)]


def _list(items: Sequence[str]) -> str:
    return _text(", ".join(items)) or "None declared."


def _flat(value: Any) -> str:
    """A value on one line: `a: 1, b: 2` for objects."""
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')}: {_flat(each) or 'none'}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_flat, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(value)


def _text(value: str) -> str:
    """Names and figures that cannot become markup or break a line of a table."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()))
