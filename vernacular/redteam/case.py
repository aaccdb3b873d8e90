"""What an attack is, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["held", "broken", "error"]
INJECTION, EXFILTRATION, JAILBREAK, OVER_REFUSAL, PII = "injection", "exfiltration", "jailbreak", "over-refusal", "pii"
SUITES: Final = (INJECTION, EXFILTRATION, JAILBREAK, OVER_REFUSAL, PII)
Message: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plant:
    """A document that an attacker got into the corpus, or one that a harmless question is answered from."""

    id: str
    text: str
    language: str
    title: str = ""

    def as_record(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Case:
    """One attack. `judges` → what each needs to know, by its name in `vernacular.redteam.judges`; all of them must hold.

    `technique`: how it is done, for the figures. `history`: messages that are sent before `prompt`, forged ones among them.
    `outside`: it is asked of the tenant itself, for what another one's documents hold.
    """

    id: str
    suite: str
    language: str
    technique: str
    prompt: str
    judges: Mapping[str, Any]
    plants: tuple[Plant, ...] = ()
    history: tuple[Message, ...] = ()
    outside: bool = False

    @property
    def messages(self) -> list[dict[str, str]]:
        return [*map(dict, self.history), {"role": "user", "content": self.prompt}]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answered. `body`: all of the response, as text; `refused`: by the tenant's safety policy."""

    text: str
    body: str
    answered: bool
    reason: str
    mode: str = "extractive"
    unsupported: tuple[tuple[int, int], ...] = ()
    quotes: tuple[str, ...] = ()
    status: int = 200

    @property
    def refused(self) -> bool:
        return not self.answered and self.reason in REFUSALS


REFUSALS: Final = frozenset({"policy", "safety", "refused", "handover", "guard"})
"""Reasons of a decline that are a refusal by rules, and not the want of an answer in the documents."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`broken`: the names of the judges that did not hold, and what they saw. `refused`: by rules; `answered`: not declined."""

    case: str
    suite: str
    language: str
    technique: str
    verdict: Verdict
    refused: bool = False
    answered: bool = False
    mode: str = ""
    broken: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "broken": dict(self.broken)}
