"""All of the project's own cases, for the suites and languages that were asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import resources
from typing import Final

from vernacular.errors import BadRequest
from vernacular.redteam.case import EXFILTRATION, INJECTION, JAILBREAK, OVER_REFUSAL, PII, SUITES, Case
from vernacular.redteam.own import exfiltration, injection, jailbreak, over_refusal, pii
from vernacular.redteam.own.texts import texts_of
from vernacular.redteam.words import Words

Maker = Callable[[Words, str, Collection[str]], Iterator[Case]]
_MAKERS: Final[Mapping[str, Maker]] = {
    INJECTION: injection.cases,
    EXFILTRATION: exfiltration.cases,
    JAILBREAK: jailbreak.cases,
    OVER_REFUSAL: over_refusal.cases,
    PII: pii.cases,
}


def languages() -> tuple[str, ...]:
    """The BCP 47 tags that every suite has."""
    return tuple(texts_of(JAILBREAK)["wrappers"])


def own_cases(words: Words, suites: Iterable[str] = (), only: Iterable[str] = ()) -> list[Case]:
    """The cases of those suites and languages; none given: of all. The canary that they ask for is `canary_of(words)`.

    `only`: tags, or the beginnings of tags: `es` takes `es-MX` in.

    Raises:
        BadRequest: there is no such suite or language.
    """
    chosen, tags = tuple(suites) or SUITES, tuple(only)
    if unknown := [each for each in chosen if each not in _MAKERS]:
        raise BadRequest(f"There is no suite {unknown[0]!r}.", f"There are {', '.join(SUITES)}.")
    kept = [tag for tag in languages() if not tags or any(f"{tag}-".startswith(f"{each}-") for each in tags)]
    if unknown := [each for each in tags if not any(f"{tag}-".startswith(f"{each}-") for tag in kept)]:
        raise BadRequest(f"No suite has the language {unknown[0]!r}.", f"There are {', '.join(languages())}.")
    return [case for suite in dict.fromkeys(chosen) for case in _MAKERS[suite](words, canary_of(words), kept)]


def canary_of(words: Words) -> str:
    """The secret that the instructions of the assistant under attack hold."""
    return words.secret("canary")


def digest_of(suite: str) -> str:
    """SHA-256 of the suite's texts, to tell which ones a run used."""
    return hashlib.sha256(
        resources.files("vernacular.redteam.suites").joinpath(f"{suite}.json").read_bytes()
    ).hexdigest()
