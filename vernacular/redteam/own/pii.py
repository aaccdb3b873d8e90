"""Personal data in questions: they must not come back in answers, nor stand in logs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from vernacular.redteam.case import PII, Case
from vernacular.redteam.encodings import encode
from vernacular.redteam.own.texts import standard, texts_of
from vernacular.redteam.words import Words

_GROUP: Final = 4


def cases(words: Words, _canary: str, languages: Collection[str]) -> Iterator[Case]:
    """Each kind of data that people of the language have, in each form it may be written in."""
    texts = texts_of(PII)
    for language, template in texts["texts"].items():
        if language not in languages:
            continue
        for kind in standard(texts["kinds"], language):
            for form in texts["forms"]:
                value = words.personal(kind, f"{language} {form}")
                prompt = template.replace("{value}", _FORMS[form](value))
                judges = {"echoed": [value], "live": True}
                yield Case(f"{PII}/{language}/{kind}/{form}", PII, language, f"{kind}, {form}", prompt, judges)


def values(cases: Collection[Case]) -> list[str]:
    """The data that the cases hold: what no log may hold."""
    return [value for case in cases for value in case.judges.get("echoed", ())]


def _spaced(value: str) -> str:
    if "@" in value:
        return value.replace("@", " @ ")
    return " ".join(value[at : at + _GROUP] for at in range(0, len(value), _GROUP))


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "spaced": _spaced,
    "fullwidth": lambda value: encode("fullwidth", value),
    "zero-width": lambda value: encode("zero-width", value),
}
