"""What an attack is, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["held", "broken", "error"]
INJECTION, EXFILTRATION, JAILBREAK, OVER_REFUSAL, PII = "injection", "exfiltration", "jailbreak", "over-refusal", "pii"
SUITES: Final = (INJECTION, EXFILTRATION, JAILBREAK, OVER_REFUSAL, PII)
REFUSALS: Final = frozenset({"decline", "handover"})
"""Actions of a safety policy that are a refusal."""
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
    """What the gateway answered. `body`: all of the response, as text. `action`, `category` and `policy` (its version): what the
    tenant's safety policy made of it."""

    text: str
    body: str
    answered: bool
    reason: str
    mode: str = "extractive"
    unsupported: tuple[tuple[int, int], ...] = ()
    quotes: tuple[str, ...] = ()
    status: int = 200
    action: str = ""
    category: str = ""
    policy: str = ""

    @property
    def refused(self) -> bool:
        """By rules: not for want of an answer in the documents."""
        return not self.answered and self.action in REFUSALS


@dataclass(frozen=True, slots=True)
class Outcome:
    """`broken`: the names of the judges that did not hold, and what they saw. `refused`: by rules; `answered`: not declined.
    `policy`: the version of the safety policy that was in force."""

    case: str
    suite: str
    language: str
    technique: str
    verdict: Verdict
    refused: bool = False
    answered: bool = False
    mode: str = ""
    policy: str = ""
    broken: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "broken": dict(self.broken)}
