"""What a policy says of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from vernacular.types import Span

Action: TypeAlias = Literal["allow", "log", "redact", "decline", "handover"]
Stage: TypeAlias = Literal["prompt", "answer"]

WEIGHT: Final[dict[str, int]] = {"allow": 0, "log": 1, "redact": 2, "decline": 3, "handover": 4}
"""Where a text has findings of several actions, the heaviest is taken: a person in need comes before a refusal."""
REFUSALS: Final = frozenset({"decline", "handover"})
MASK: Final = "█"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `rule` names the rule or the kind of personal data; `spans` are of the original text.

    `text` names what is said to the person where the action refuses.
    """

    category: str
    rule: str
    action: Action
    spans: tuple[Span, ...] = ()
    text: str = "decline"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`category`, `rules` and `spans` are those of the findings that decided; `findings` are all.

    `redacted` is the text with every finding of action `redact` masked, character by character, so that offsets hold.
    `injection`: 0 to 1, how much the text reads as an attempt to take over the assistant; it is logged, never acted on.
    """

    action: Action
    category: str
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    policy_version: str
    text: str = "decline"
    redacted: str = ""
    injection: float = 0.0
    findings: tuple[Finding, ...] = ()

    @property
    def refuses(self) -> bool:
        return self.action in REFUSALS

    def facts(self) -> dict[str, object]:
        """For the audit log: nothing of what the person wrote; `injection` in hundredths."""
        return {
            "action": self.action,
            "category": self.category,
            "rules": list(self.rules),
            "injection": round(self.injection * 100),
            "policy_version": self.policy_version,
        }


def decide(text: str, findings: Sequence[Finding], version: str, injection: float = 0.0) -> Verdict:
    """The verdict that findings come to."""
    action: Action = max((each.action for each in findings), key=WEIGHT.__getitem__, default="allow")
    chosen = [each for each in findings if each.action == action]
    return Verdict(
        action,
        chosen[0].category if chosen else "",
        tuple(dict.fromkeys(each.rule for each in chosen)),
        tuple(span for each in chosen for span in each.spans),
        version,
        chosen[0].text if chosen else "decline",
        masked(text, (span for each in findings if each.action == "redact" for span in each.spans)),
        injection,
        tuple(findings),
    )


def masked(text: str, spans: Iterable[Span]) -> str:
    """`text` with the letters and digits of the spans replaced by `MASK`; as long as before."""
    chars = None
    for span in spans:
        chars = chars or list(text)
        for at in range(span.start, min(span.end, len(chars))):
            if not chars[at].isspace() and chars[at] not in "-()（）":
                chars[at] = MASK
    return text if chars is None else "".join(chars)
