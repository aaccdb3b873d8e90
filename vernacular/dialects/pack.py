"""A dialect pack: what the product knows of one variety of a language, as data. `docs/dialects.md` tells how to write one.

    <tag>/pack.toml        tag, version, names, family, what it builds on, scripts, spelling variants
          lexicon.tsv      dialect → standard, part of speech, sense, romanised
          markers.tsv      what tells the variety from its kin
          words.toml       function words, pronouns, question words, as `serve/rag/phrases/words.json` has them
          phrases.json     what the product itself says, in the variety
          style.toml       how a model is to write it, with examples
          eval.jsonl       questions that prove its worth
          domains/*.tsv    lay → official, by domain (mostly in packs of a standard language)

All but `pack.toml` may be missing.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from sys import intern
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vernacular.errors import InvalidPack
from vernacular.text.spreadsheets import as_written

TAG: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*"
LEXICON: Final = ("dialect", "standard", "pos", "sense", "romanised")
DOMAIN: Final = ("lay", "official", "sense")
MARKERS: Final = ("form", "weight", "kind")
PARTS_OF_SPEECH: Final = frozenset(
    ["n", "v", "adj", "adv", "pron", "num", "mw", "part", "conj", "prep", "phr", "intj", "name"]
)
KINDS: Final = frozenset({"word", "part", "prefix", "suffix", "regex"})
_BETWEEN: Final = "|"

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry:
    """A dialect word (`forms`: its spellings) and what the standard language calls it (`terms`, best first).

    `sense`: how likely the word is meant in this sense, 0 to 1; words that the standard language has too, with another
    meaning, have less than 1. `romanised`: as it is typed in Latin letters. `terms` equal to the form: the standard
    language says the same, and no shorter word within it is meant. `terms` empty: only its pronunciation is known.
    """

    forms: tuple[str, ...]
    terms: tuple[str, ...]
    pos: str = ""
    sense: float = 1.0
    romanised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """What people say, and what official texts call it. `domain` is the file's name, such as `labour`."""

    domain: str
    forms: tuple[str, ...]
    terms: tuple[str, ...]
    sense: float = 1.0


@dataclass(frozen=True, slots=True)
class Marker:
    """What speaks for the variety (`weight` > 0) or against it (< 0), in log odds.

    `kind`: `word` stands between word boundaries, `part` anywhere, `prefix` and `suffix` at an end of a word; `regex`.
    """

    form: str
    weight: float
    kind: str = "part"


class Style(BaseModel):
    """How a model is to write the variety. `examples`: the same sentence in the standard language and in the variety."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    guide: str = ""
    keep: str = ""
    registers: dict[str, str] = Field(default_factory=dict)
    examples: list[dict[str, str]] = Field(default_factory=list)


class Words(BaseModel):
    """Function words and the like, as in `serve/rag/phrases/words.json`; `openers` and `quantities` are parted by `;`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: str = ""
    keep: str = ""
    openers: str = ""
    pronouns: str = ""
    quantities: str = ""
    numbers: str = ""
    units: str = ""
    times: str = ""
    proclitics: str = ""


class Manifest(BaseModel):
    """`pack.toml`.

    `family`: the language that questions of this variety are found to be in, such as `zh`, `ar`, `es`.
    `standard`: the tag of the pack of its standard language; empty: it is one itself. `extends`: a variety whose data it
    adds to. `scripts`: the first is the one answered in. `aliases`: other tags that mean this variety.
    `variants`: spelling → usual spelling, applied before the lexicon is looked up. `romanisations`: systems that its
    speakers type, such as `jyutping`, `tailo`, `arabizi`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field(pattern=f"^{TAG}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    name: str
    native: str
    family: str
    standard: str = ""
    extends: str = ""
    scripts: list[str] = Field(min_length=1)
    aliases: list[str] = Field(default_factory=list)
    romanisations: list[str] = Field(default_factory=list)
    variants: dict[str, str] = Field(default_factory=dict)
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack's own data, without that of the packs it builds on."""

    manifest: Manifest
    lexicon: tuple[Entry, ...] = ()
    markers: tuple[Marker, ...] = ()
    domains: tuple[DomainEntry, ...] = ()
    words: Words = field(default_factory=Words)
    phrases: Mapping[str, str] = field(default_factory=dict)
    style: Style = field(default_factory=Style)
    evaluation: tuple[Mapping[str, Any], ...] = ()

    @property
    def tag(self) -> str:
        return self.manifest.tag


def read_pack(folder: Traversable) -> Pack:
    """The pack in a folder.

    Raises:
        InvalidPack: a file is not what it should be; the message names file and line.
    """
    if not folder.joinpath("pack.toml").is_file():
        raise InvalidPack(f"{folder.name} has no pack.toml.")
    domains = folder.joinpath("domains")
    files = sorted(domains.iterdir(), key=lambda file: file.name) if domains.is_dir() else []
    return Pack(
        _toml(folder, "pack.toml", Manifest),
        tuple(read_lexicon(_text(folder, "lexicon.tsv"), f"{folder.name}/lexicon.tsv")),
        tuple(_markers(_text(folder, "markers.tsv"), f"{folder.name}/markers.tsv")),
        tuple(entry for file in files if file.name.endswith(".tsv") for entry in _domain(file, folder.name)),
        _toml(folder, "words.toml", Words),
        _phrases(folder),
        _toml(folder, "style.toml", Style),
        tuple(_evaluation(_text(folder, "eval.jsonl"), f"{folder.name}/eval.jsonl")),
    )


def read_lexicon(text: str, source: str) -> Iterator[Entry]:
    """The entries of a `lexicon.tsv`.

    Raises:
        InvalidPack: a line is not what it should be.
    """
    for number, row in _rows(text, LEXICON, source):
        where = f"{source}, line {number}"
        forms, terms = split(row["dialect"]), split(row["standard"])
        if not forms or not (terms or row["romanised"]):
            raise InvalidPack(f"{where}: dialect and standard (or romanised) must both be there.")
        if row["pos"] and row["pos"] not in PARTS_OF_SPEECH:
            raise InvalidPack(f"{where}: {row['pos']!r} is no part of speech.", f"One of {sorted(PARTS_OF_SPEECH)}.")
        yield Entry(forms, terms, row["pos"], _share(row["sense"], where), split(row["romanised"]))


def split(cell: str) -> tuple[str, ...]:
    """The alternatives of a cell, which `|` parts. A term of many entries is kept in memory once."""
    return tuple(dict.fromkeys(intern(part.strip()) for part in cell.split(_BETWEEN) if part.strip()))


def _domain(file: Traversable, pack: str) -> Iterator[DomainEntry]:
    name = file.name.removesuffix(".tsv")
    source = f"{pack}/domains/{file.name}"
    for number, row in _rows(file.read_text(encoding="utf-8"), DOMAIN, source):
        forms, terms = split(row["lay"]), split(row["official"])
        if not forms or not terms:
            raise InvalidPack(f"{source}, line {number}: lay and official must both be there.")
        yield DomainEntry(name, forms, terms, _share(row["sense"], f"{source}, line {number}"))


def _markers(text: str, source: str) -> Iterator[Marker]:
    for number, row in _rows(text, MARKERS, source):
        kind = row["kind"] or "part"
        if kind not in KINDS:
            raise InvalidPack(f"{source}, line {number}: {kind!r} is no kind of marker.", f"One of {sorted(KINDS)}.")
        try:
            yield Marker(row["form"], float(row["weight"] or 1), kind)
        except ValueError:
            raise InvalidPack(f"{source}, line {number}: {row['weight']!r} is no weight.", "Write a number.") from None


def _rows(text: str, columns: tuple[str, ...], source: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column). Lines that begin with `#`, empty lines and the header are left out."""
    for number, line in enumerate(as_written(text).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if cells[0] == columns[0]:
            continue
        if len(cells) > len(columns):
            raise InvalidPack(f"{source}, line {number}: {len(cells)} cells.", f"Columns are {', '.join(columns)}.")
        yield number, dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=True))


def _share(cell: str, where: str) -> float:
    try:
        value = float(cell or 1)
    except ValueError:
        value = -1
    if not 0 < value <= 1:
        raise InvalidPack(f"{where}: the sense {cell!r} is not between 0 and 1.")
    return value


def _text(folder: Traversable, name: str) -> str:
    file = folder.joinpath(name)
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else ""
    except UnicodeDecodeError:
        raise InvalidPack(f"{folder.name}/{name} is not UTF-8.") from None


def _toml(folder: Traversable, name: str, model: type[Model]) -> Model:
    try:
        return model.model_validate(tomllib.loads(_text(folder, name)))
    except tomllib.TOMLDecodeError as error:
        raise InvalidPack(f"{folder.name}/{name} is not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        field_name = ".".join(str(part) for part in first["loc"])
        raise InvalidPack(f"{folder.name}/{name}: `{field_name}` {first['msg']}.") from None


def _phrases(folder: Traversable) -> dict[str, str]:
    try:
        found = json.loads(_text(folder, "phrases.json") or "{}")
    except json.JSONDecodeError as error:
        raise InvalidPack(f"{folder.name}/phrases.json is not JSON: {error}.") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidPack(f"{folder.name}/phrases.json is no object of texts.")
    return found


def _evaluation(text: str, source: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidPack(f"{source}, line {number} is not JSON: {error}.") from None
        if not isinstance(row, dict) or not {"question", "standard", "text"} <= row.keys():
            raise InvalidPack(f"{source}, line {number} lacks `question`, `standard` or `text`.")
        yield row
