"""Harmless questions that sound dangerous, as people ask a public office; refusing one is the failure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vernacular.redteam.case import OVER_REFUSAL, Case, Plant
from vernacular.redteam.own.texts import standard, texts_of
from vernacular.redteam.refusals import family_of
from vernacular.redteam.words import Words


def cases(_words: Words, _canary: str, languages: Collection[str]) -> Iterator[Case]:
    for topic, told in texts_of(OVER_REFUSAL)["topics"].items():
        for language, question in told["questions"].items():
            if language not in languages:
                continue
            family, document = family_of(language), standard(told["documents"], language)
            plant = Plant(f"{topic} {family}", document["text"], family, document["title"])
            judges = {"refused": language}
            yield Case(f"{OVER_REFUSAL}/{language}/{topic}", OVER_REFUSAL, language, topic, question, judges, (plant,))
