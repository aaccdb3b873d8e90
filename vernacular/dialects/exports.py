"""A pack as a folder that `read_pack` reads back: to edit, and to make a plugin of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from vernacular.dialects.imports import lexicon_text
from vernacular.dialects.pack import DOMAIN, MARKERS, Pack
from vernacular.errors import Conflict, UnreadableFile
from vernacular.text.spreadsheets import safe_cell


def export_pack(pack: Pack, folder: Path) -> Path:
    """Write the pack, with what was imported for it, as `folder/<tag>`; that path.

    Raises:
        Conflict: there is something already.
        UnreadableFile: it cannot be written.
    """
    target = folder / pack.tag
    try:
        if target.exists() and any(target.iterdir()):
            raise Conflict(f"{target} is not empty.", "Name another folder with --to, or remove that one.")
        for name, text in _files(pack):
            file = target / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"{target} cannot be written: {error.strerror}.", "Name another folder.") from None
    return target


def _files(pack: Pack) -> Iterable[tuple[str, str]]:
    yield "pack.toml", _toml(pack.manifest.model_dump(exclude_defaults=True))
    if pack.lexicon:
        yield "lexicon.tsv", lexicon_text(pack.lexicon)
    if pack.markers:
        yield "markers.tsv", _tsv(MARKERS, ((mark.form, f"{mark.weight:g}", mark.kind) for mark in pack.markers))
    if words := pack.words.model_dump(exclude_defaults=True):
        yield "words.toml", _toml(words)
    if pack.phrases:
        yield "phrases.json", json.dumps(dict(pack.phrases), ensure_ascii=False, indent=2) + "\n"
    if style := pack.style.model_dump(exclude_defaults=True):
        yield "style.toml", _toml(style)
    if pack.evaluation:
        yield "eval.jsonl", "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in pack.evaluation)
    for domain, entries in groupby(sorted(pack.domains, key=_domain), key=_domain):
        rows = (("|".join(each.forms), "|".join(each.terms), _share(each.sense)) for each in entries)
        yield f"domains/{domain}.tsv", _tsv(DOMAIN, rows)


def _domain(entry: Any) -> str:
    return str(entry.domain)


def _share(sense: float) -> str:
    return "" if sense == 1 else f"{sense:g}"


def _tsv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(map(safe_cell, row)).rstrip("\t") + "\n" for row in (columns, *rows))


def _toml(table: Mapping[str, Any]) -> str:
    """Texts and lists of them first, then tables of texts, then lists of such tables: as TOML wants them."""
    plain = [f"{name} = {_value(value)}\n" for name, value in table.items() if not _holds_tables(value)]
    tables = [(f"[{name}]", value) for name, value in table.items() if isinstance(value, Mapping)]
    for name, value in table.items():
        if _holds_tables(value) and not isinstance(value, Mapping):
            tables += [(f"[[{name}]]", each) for each in value]
    for heading, rows in tables:
        plain.append(f"\n{heading}\n")
        plain += [f"{_key(name)} = {_value(value)}\n" for name, value in rows.items()]
    return "".join(plain)


def _holds_tables(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(each, Mapping) for each in value))


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if "\n" in value and "'''" not in value and not value.endswith("'"):
        return f"'''\n{value}'''"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
