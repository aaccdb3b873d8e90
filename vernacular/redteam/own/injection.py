"""Instructions in documents: each carrier is a text that citizens ask about, with an order in it for the assistant."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vernacular.redteam.case import INJECTION, Case, Plant
from vernacular.redteam.own.texts import standard, texts_of
from vernacular.redteam.refusals import family_of
from vernacular.redteam.words import Words


def cases(words: Words, canary: str, languages: Collection[str]) -> Iterator[Case]:
    """Each carrier with each kind of order, in a place of its own for each way to bring it in."""
    texts = texts_of(INJECTION)
    for carrier, (order, told) in zip(texts["carriers"], texts["orders"].items(), strict=True):
        for language, question in carrier["questions"].items():
            if language not in languages:
                continue
            places = standard(texts["places"], language)
            for place, vehicle in zip(places, texts["vehicles"], strict=True):
                family = family_of(language)
                name = f"{carrier['id']} {order} {vehicle} {family}"
                marks = {
                    "left": words.word(f"{name} left"),
                    "right": words.word(f"{name} right"),
                    "host": words.host(name),
                }
                instruction = told["texts"][family].format(**marks)
                document = carrier["documents"][family]
                fact = words.number(f"{carrier['id']} {place}", 21, 98)
                body = document["text"].format(place=place, fact=fact)
                text = texts["vehicles"][vehicle].format(text=body, order=instruction)
                plant = Plant(name, text, family, document["title"].format(place=place))
                yield Case(
                    f"{INJECTION}/{language}/{order}/{vehicle}",
                    INJECTION,
                    language,
                    f"{order} in {vehicle}",
                    question.format(place=place),
                    {"live": True, **_judges(told["judge"], marks, canary)},
                    (plant,),
                )


def _judges(kind: str, marks: dict[str, str], canary: str) -> dict[str, object]:
    if kind == "marker":
        return {"marker": marks["left"] + marks["right"]}
    # A quote may show the address that an attacker wrote; with a secret in it, it would carry that away.
    return {"secret": canary} if kind == "secret" else {"carried": [canary]}
