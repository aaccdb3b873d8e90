"""How a tenant's assistant speaks, as the command line gives it: checked, and put into the tenant's profile."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from vernacular.errors import BadRequest, NoSuchPath, UnreadableFile

REGISTERS: Final = ("formal", "plain", "colloquial")
MAX_TERMS: Final = 2000
DEFAULT: Final = "default"


def changed(
    profile: Mapping[str, Any], persona: str | None, register: str | None, glossary: Path | None, models: Sequence[str]
) -> dict[str, Any]:
    """The profile with what is given; None leaves a field as it is, an empty text takes it away.

    Raises:
        BadRequest: a value is not one that the field takes.
        NoSuchPath, UnreadableFile: the glossary.
    """
    if register and register not in REGISTERS:
        raise BadRequest(f"There is no register {register!r}.", f"Registers are {', '.join(REGISTERS)}.")
    given: dict[str, Any] = {}
    if persona is not None:
        given["persona"] = persona.strip()
    if register is not None:
        given["register"] = register
    if glossary is not None:
        given["glossary"] = read_glossary(glossary)
    if models:
        known = profile.get("models")
        given["models"] = _models(known if isinstance(known, Mapping) else {}, models)
    return {name: value for name, value in {**profile, **given}.items() if name not in given or value}


def given_preferences(answer_in: str | None, script: str | None, synonyms: Path | None) -> dict[str, Any]:
    """What is given of `vernacular.dialects.preferences`; an empty text takes a field away.

    Raises:
        NoSuchPath, UnreadableFile: the synonyms.
    """
    given: dict[str, Any] = {"answer_in": answer_in, "script": script}
    found = {name: value.strip() or None for name, value in given.items() if value is not None}
    if synonyms is not None:
        found["synonyms"] = _read_synonyms(synonyms) or None
    return found


def _read_synonyms(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise NoSuchPath(f"There is no file {path}.")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.", "Use JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise UnreadableFile(f"{path} holds no JSON object.", 'Write {"our word": ["what the documents say"]}.')
    return {term: [words] if isinstance(words, str) else words for term, words in found.items()}


def read_glossary(path: Path) -> dict[str, str]:
    """Terms and meanings: a JSON object, or lines of `term,meaning` (tab or comma; the meaning may be left out).

    Raises:
        NoSuchPath, UnreadableFile
    """
    if not path.is_file():
        raise NoSuchPath(f"There is no file {path}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text) if path.suffix == ".json" else dict(_rows(text))
    except (ValueError, RecursionError, OSError, csv.Error) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.", "Use UTF-8, one `term,meaning` a line.") from None
    if not isinstance(found, dict) or not all(isinstance(meaning, str) for meaning in found.values()):
        raise UnreadableFile(f"{path} is not a table of texts.", 'Use a JSON object such as {"term": "meaning"}.')
    if len(found) > MAX_TERMS:
        raise UnreadableFile(f"{path} has {len(found):,} terms, and the limit is {MAX_TERMS:,}.", "Leave some out.")
    return {term.strip(): meaning.strip() for term, meaning in found.items() if term.strip()}


def _rows(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = csv.reader(lines, delimiter="\t" if any("\t" in line for line in lines) else ",")
    return [(row[0], row[1] if len(row) > 1 else "") for row in rows if row]


def _models(known: Mapping[str, Any], given: Sequence[str]) -> dict[str, str]:
    """`NAME` for all varieties, `TAG=NAME` for one; without a name the tenant's choice is taken away."""
    models = {tag: str(name) for tag, name in known.items()}
    for each in given:
        tag, equals, name = each.partition("=")
        models[tag.strip() if equals else DEFAULT] = (name if equals else tag).strip()
    return {tag: name for tag, name in models.items() if name}
