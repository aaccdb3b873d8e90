"""A dictionary that an operator has → a lexicon under `home/dialects/<tag>/<name>.tsv`.

Dictionaries are made for readers, and what a reader skips harms a search. So words that the standard language has too, with
another meaning, single characters and glosses in another language count for less. A word whose standard is itself stays,
for it keeps shorter words within it from being taken for something else. Three are kept for what is typed in Latin letters
alone: words of which only the pronunciation is known; those that a word of the pack is in, which they would hide; and
those of one character with a gloss in another language.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import regex

from vernacular.dialects.dictionary import Fields, Format, Row, read_dictionary, read_file
from vernacular.dialects.fold import fold
from vernacular.dialects.lookup import LONGEST, Lookup
from vernacular.dialects.pack import LEXICON, PARTS_OF_SPEECH, Entry, read_lexicon
from vernacular.errors import BadRequest, UnreadableFile
from vernacular.text.scripts import count_scripts, main_script
from vernacular.text.spreadsheets import safe_cell

NAME: Final = regex.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
MAX_TERMS: Final = 8
MOST_TOLD: Final = 20
"""Faulty lines that are told one by one."""
OWN_WORD: Final = 2
"""Characters of a word of the pack from which no longer entry may hide it."""
GLOSS_WORDS: Final = 4
"""Words of a gloss in another language; longer ones are explanations."""
HOMOGRAPH, SINGLE, GLOSS = 0.5, 0.4, 0.3
"""What is left of an entry's sense: the standard language has the word too; it is one character; it is a gloss."""
_OPENING: Final = regex.compile(r"^(?:to|a|an|the)\s+", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A line that was left out, and why."""

    line: int
    message: str


@dataclass(slots=True)
class Imported:
    """What came of an import. `entries` are written.

    Of these `translated` have standard terms, `same` none but the word itself, and `romanised` a pronunciation. Left
    out are `duplicates`, which the pack or an earlier line has, and `too_long` ones: sentences. `hidden`: entries without
    the standard terms they had; they hid a word of the pack, or were glosses that say too little or too much. `faulty` are
    the first of `faulty_lines`.
    """

    tag: str
    name: str
    path: str = ""
    lines: int = 0
    entries: int = 0
    translated: int = 0
    same: int = 0
    romanised: int = 0
    duplicates: int = 0
    too_long: int = 0
    hidden: int = 0
    faulty_lines: int = 0
    faulty: list[Faulty] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def unread(self, line: int, message: str) -> None:
        self.lines += 1
        self.fault(line, message)

    def fault(self, line: int, message: str) -> None:
        self.faulty_lines += 1
        if len(self.faulty) < MOST_TOLD:
            self.faulty.append(Faulty(line, message))


@dataclass(slots=True)
class _Word:
    """All that a dictionary says of one form. `sense` None: it does not say."""

    form: str
    terms: dict[str, None] = field(default_factory=dict)
    spellings: dict[str, None] = field(default_factory=dict)
    romanised: dict[str, None] = field(default_factory=dict)
    pos: str = ""
    sense: float | None = None


def import_dictionary(
    source: Path,
    folder: Path,
    tag: str,
    own: Sequence[Entry],
    *,
    fields: Fields,
    form: Format,
    name: str = "",
    sense: float = 1.0,
) -> Imported:
    """Write the dictionary `source` under `folder` (a home's dialects) as one of the pack `tag`, whose lexicon is `own`.

    One of the same name is replaced as a whole, and at once. `sense`: that of entries which do not say theirs.

    Raises:
        NoSuchPath, UnreadableFile: there is no such file; or not one line of it can be used, or `folder` be written to.
        BadRequest: the name.
    """
    told = Imported(tag, _name(name or source.stem.lower()))
    data = read_file(source)
    entries = _entries(_collect(read_dictionary(data, form, fields, told.unread), told), own, told, sense)
    if not entries:
        first = f" Line {told.faulty[0].line}: {told.faulty[0].message}" if told.faulty else ""
        raise UnreadableFile(
            f"{source.name} holds no entry that can be used.{first}", "Say with --map which fields hold what."
        )
    told.entries = len(entries)
    text = lexicon_text(entries, f"{source.name}, sha256 {hashlib.sha256(data).hexdigest()}")
    list(read_lexicon(text, told.name))  # what cannot be read back must not be written
    target = folder / tag / f"{told.name}.tsv"
    try:
        write_whole(target, text)
    except OSError as error:
        raise UnreadableFile(f"{target} cannot be written: {error.strerror}.", "Look at that folder.") from None
    told.path = str(target)
    return told


def lexicon_text(entries: Iterable[Entry], remark: str = "") -> str:
    """A `lexicon.tsv`, with its header and a remark above it."""
    head = [f"# {remark}"] if remark else []
    return "\n".join((*head, "\t".join(LEXICON), *map(_line, entries))) + "\n"


def write_whole(target: Path, text: str) -> None:
    """Write a file so that whoever reads sees the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _line(entry: Entry) -> str:
    sense = "" if entry.sense == 1 else f"{entry.sense:.3g}"
    cells = ("|".join(entry.forms), "|".join(entry.terms), entry.pos, sense, "|".join(entry.romanised))
    return "\t".join(map(safe_cell, cells)).rstrip("\t")


def _collect(rows: Iterable[tuple[int, Row]], told: Imported) -> dict[str, _Word]:
    """The words by their folded form, in the order they come; each with all that several lines say of it."""
    words: dict[str, _Word] = {}
    for number, row in rows:
        told.lines += 1
        forms = [form for form in row["dialect"] if 0 < len(_key(form)) <= LONGEST]
        terms, romanised = row.get("standard", []), row.get("romanised", [])
        sense = "".join(row.get("sense", [])[:1])
        if not forms:
            told.too_long += 1
        elif not terms and not romanised:
            told.fault(number, "neither a standard term nor a pronunciation.")
        elif sense and not _is_share(sense):
            told.fault(number, f"the sense {sense!r} is not between 0 and 1.")
        else:
            word = words.setdefault(_key(forms[0]), _Word(forms[0]))
            told.duplicates += bool(terms) and all(term in word.terms for term in terms)
            word.terms.update(dict.fromkeys(terms))
            word.spellings.update(dict.fromkeys(forms))
            word.romanised.update(dict.fromkeys(romanised))
            pos = "".join(row.get("pos", [])[:1]).lower()
            word.pos = word.pos or (pos if pos in PARTS_OF_SPEECH else "")
            word.sense = float(sense) if sense else word.sense
    return words


def _entries(words: dict[str, _Word], own: Sequence[Entry], told: Imported, sense: float) -> list[Entry]:
    known = {_key(form): {_key(term) for term in entry.terms} for entry in own for form in entry.forms}
    translated = Lookup((form, entry) for entry in own for form in entry.forms)
    standard = {_key(term) for word in words.values() for term in word.terms}
    entries: list[Entry] = []
    for key, word in words.items():
        terms = [term for term in word.terms if _key(term) not in known.get(key, ())]
        told.duplicates += len(word.terms) - len(terms)
        gloss = bool(terms) and not {"", _script(word.form)} & {_script(term) for term in terms}
        if terms:
            hides = any(match.end - match.start >= OWN_WORD for match in translated.scan(word.form))
            terms = [] if hides or (gloss and len(key) == 1) else _short(terms) if gloss else terms
            told.hidden += not terms
        if not terms and not word.romanised:
            continue
        same = bool(terms) and all(_key(term) == key for term in terms)
        other = bool(terms) and not same
        weight = word.sense or sense * (_certainty(key, gloss=gloss, homograph=key in standard) if other else 1)
        pronounced, spelled = tuple(word.romanised), tuple(word.spellings)
        entries.append(Entry(spelled, tuple(terms[:MAX_TERMS]), word.pos, weight, pronounced))
        told.translated += other
        told.same += same
        told.romanised += bool(pronounced)
    return entries


def _certainty(key: str, *, gloss: bool, homograph: bool) -> float:
    share = GLOSS if gloss else HOMOGRAPH if homograph else 1.0
    return share * SINGLE if len(key) == 1 else share


def _short(terms: Sequence[str]) -> list[str]:
    """What of glosses in another language can be searched for: short ones, without articles."""
    bare = (_OPENING.sub("", term) for term in terms)
    return list(dict.fromkeys(term for term in bare if term and len(term.split()) <= GLOSS_WORDS))


def _key(word: str) -> str:
    return " ".join(fold(word).text.split())


def _script(text: str) -> str:
    counts = count_scripts(text)
    return main_script(counts) if counts else ""


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadRequest(
            f"{name!r} cannot be a dictionary's name.", "Give --name with small letters, digits, hyphens, underscores."
        )
    return name


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False
