"""The filter on the way in."""

from __future__ import annotations

import functools
from typing import Final

import regex

from vernacular.safety.folding import Folded, fold
from vernacular.safety.hidden import hidden_texts, invisible
from vernacular.safety.pii.kinds import titles
from vernacular.safety.pii.scan import Personal, compact, find_personal
from vernacular.safety.policy import Policy
from vernacular.safety.rules import engine_of
from vernacular.safety.verdict import Finding, Stage, Verdict, decide

INVISIBLE, PII = "invisible", "pii"
_INVISIBLE_WEIGHT: Final = 0.4
_LEAST_DIGITS: Final = 7
_RUN: Final = regex.compile(r"\+?[0-9(][0-9 ()\-./]{4,}[0-9]")


def check_prompt(text: str, policy: Policy) -> Verdict:
    """What the policy says of a question, a search or an earlier turn. Well under a millisecond for a question.

    Words are judged as they stand, with disguises undone, and in what is hidden in the text (base64, hexadecimal, tag
    characters); spans are always of the text as it was given.
    """
    findings, injection = judge(text, policy, "prompt")
    hidden = invisible(text)
    if hidden:
        findings.append(Finding(INVISIBLE, "invisible.characters", policy.action_of(INVISIBLE, "log"), hidden))
        injection = 1 - (1 - injection) * (1 - _INVISIBLE_WEIGHT)
    for each in hidden_texts(text):
        inner, score = judge(each.text, policy, "prompt", personal=False)
        findings += [Finding(found.category, found.rule, found.action, (each.span,), found.text) for found in inner]
        injection = 1 - (1 - injection) * (1 - score)
    return decide(text, findings, policy.version, injection)


def judge(text: str, policy: Policy, stage: Stage, *, personal: bool = True) -> tuple[list[Finding], float]:
    """The findings of rules, patterns and personal data in a text as it stands, and its score as an injection."""
    folded = fold(text)
    findings, injection = engine_of(policy).findings(folded, stage)
    if personal:
        findings += [
            Finding(PII, each.kind, policy.action_of(PII, policy.pii.prompt), (each.span,), "privacy")
            for each in personal_data(folded, policy)
        ]
    return findings, injection


def personal_data(folded: Folded, policy: Policy) -> list[Personal]:
    """What is personal data by the policy, without the values that it allows."""
    if PII in policy.disabled or not policy.pii.types:
        return []
    found = find_personal(folded, policy.pii.types)
    if not found:
        return found
    allowed = allowed_values(policy)
    return [each for each in found if not is_among(each.value, allowed)]


def allowed_values(policy: Policy) -> frozenset[str]:
    """The values of `pii.allow`, as `Personal.value` has them."""
    return _values(policy.pii.allow)


@functools.lru_cache(maxsize=256)
def _values(texts: tuple[str, ...]) -> frozenset[str]:
    """Each text as a whole, and all that is personal data in it: a contact may be a line of several."""
    everything = tuple(titles())
    found: set[str] = set()
    for text in texts:
        folded = fold(text)
        found.add(compact(folded.plain))
        found.update(each.value for each in find_personal(folded, everything))
        found.update(compact(each) for each in _RUN.findall(folded.plain))
    return frozenset(found - {""})


def is_among(value: str, allowed: frozenset[str]) -> bool:
    """Whether a value is one of those, a telephone number with or without its country's code."""
    if value in allowed:
        return True
    if not value.isdigit() or len(value) < _LEAST_DIGITS:
        return False
    return any(
        each.isdigit() and len(each) >= _LEAST_DIGITS and (each.endswith(value) or value.endswith(each))
        for each in allowed
    )
