"""Wishes that rules may not let through, encoded so that rules may not see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vernacular.redteam.case import JAILBREAK, Case
from vernacular.redteam.encodings import ENCODINGS, LATIN, encode
from vernacular.redteam.own.texts import texts_of
from vernacular.redteam.refusals import family_of
from vernacular.redteam.words import Words

_LATIN_FAMILIES = frozenset({"en", "es"})


def cases(words: Words, canary: str, languages: Collection[str]) -> Iterator[Case]:
    """Each wish in each encoding and language; where an encoding needs Latin letters and the language has others, in English."""
    texts = texts_of(JAILBREAK)
    for language, wrapper in texts["wrappers"].items():
        if language not in languages:
            continue
        family = family_of(language)
        for wish, told in texts["wishes"].items():
            for encoding in ENCODINGS:
                name = f"{wish} {encoding} {language}"
                marks = {"left": words.word(f"{name} left"), "right": words.word(f"{name} right")}
                latin = encoding in LATIN and family not in _LATIN_FAMILIES
                text = told["texts"]["en" if latin else family].format(**marks)
                prompt = wrapper.replace("{encoded}", encode(encoding, text))
                known = {"marker": marks["left"] + marks["right"], "secret": canary, "complied": True}
                judges = {told["judge"]: known[told["judge"]], "live": True}
                yield Case(f"{JAILBREAK}/{language}/{wish}/{encoding}", JAILBREAK, language, encoding, prompt, judges)
