"""The filter on the way out, for answers that come in pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import regex

from vernacular.safety.canary import CanaryWatch
from vernacular.safety.folding import Folded, fold, folded_characters
from vernacular.safety.links import LINK, foreign_links
from vernacular.safety.pii.kinds import group_of
from vernacular.safety.pii.scan import Personal, compact
from vernacular.safety.policy import Policy
from vernacular.safety.prompts import PII, personal_data
from vernacular.safety.rules import engine_of
from vernacular.safety.verdict import REFUSALS, Finding, Verdict, decide, masked
from vernacular.types import Span

CANARY, LINKS = "canary", "links"
CONTEXT: Final = 240
"""Characters already sent that are read again with what comes, so that words before a number still tell what it is."""
STEP: Final = 24
"""Characters that come together before another look."""
_RUN: Final = regex.compile(r"[!-~]{1,2048}$")
_ENDS: Final = "\n.!?。！？؟"


class Published:
    """What stands in the passages that an answer is made from: it may be told. `texts` are read when first asked for."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = tuple(texts)
        self._values: str | None = None

    def holds(self, value: str) -> bool:
        """Whether a value, however it is grouped, stands there."""
        if not value:
            return False
        if self._values is None:
            self._values = "\n".join(compact(folded_characters(text)[0]) for text in self._texts)
        return value in self._values or (value.isdigit() and len(value) > 9 and value[-9:] in self._values)

    def holds_text(self, text: str) -> bool:
        """Whether the text stands there word for word, spaces and signs apart."""
        return self.holds(compact(folded_characters(text)[0]) or text)


class AnswerFilter:
    """`feed` it an answer's pieces; what it returns may be sent. `finish` gives the rest.

    Once `blocked`, nothing more comes: the answer, or the rest of it, is withheld. What it returns is as long as what it was
    fed (personal data and addresses are masked character by character), so that offsets into the answer stay true.

    `published`: the passages that the answer is made from. `canary`: see `canary.canary_for`. `whole`: nothing leaves before
    `finish`, so that an answer that is blocked is withheld as a whole.

    Held back is as much folded text as the longest of what is looked for takes (`Engine.longest`): invisible characters and marks
    do not count, so that padding with them holds back more and gets nothing through.
    """

    def __init__(self, policy: Policy, *, published: Iterable[str] = (), canary: str = "", whole: bool = False) -> None:
        self._policy = policy
        self._engine = engine_of(policy)
        self._published = Published(published)
        self._canary = CanaryWatch(canary)
        self._whole = whole
        self._sent: list[str] = []
        self._context = ""
        self._held = ""
        self._findings: dict[tuple[str, str, int], Finding] = {}
        self._length = 0
        self.blocked: Finding | None = None

    @property
    def text(self) -> str:
        """All that has left."""
        return "".join(self._sent)

    @property
    def masked(self) -> tuple[Span, ...]:
        """Spans of the answer that were masked."""
        return tuple(span for each in self._findings.values() if each.action == "redact" for span in each.spans)

    @property
    def verdict(self) -> Verdict:
        """What came of the answer so far."""
        return decide("", list(self._findings.values()), self._policy.version)

    def feed(self, piece: str) -> str:
        if self.blocked or not piece:
            return ""
        self._held += piece
        if self._whole or len(self._held) < self._engine.longest + STEP:
            return ""
        return self._release(last=False)

    def finish(self) -> str:
        return "" if self.blocked else self._release(last=True)

    def withhold(self, finding: Finding) -> None:
        """Take back all that `finish` gave, for a reason of the caller's; where the answer came as a whole."""
        self.blocked = finding
        self._sent, self._findings, self._length = [], {}, 0
        self._note(finding, 0, 1)

    def quote(self, text: str) -> str:
        """A citation's quote as it may be shown: what is masked in answers is masked there too."""
        found = personal_data(fold(text), self._policy)
        return masked(text, [each.span for each in found if self._is_masked(each)])

    # -- one look --------------------------------------------------------------------------------------------------

    def _release(self, last: bool) -> str:
        window, begin = self._context + self._held, len(self._context)
        folded = fold(window)
        end = len(window) if last else self._may_leave(folded, begin)
        if end <= begin and not last:
            return ""
        findings = self._look(folded, window)
        spans = [span for each in findings if each.action == "redact" for span in each.spans]
        stop = next((each for each in findings if each.action in REFUSALS), None)
        if stop is not None:
            return self._block(stop, window, begin, spans)
        end = max(begin, min([end, *(span.start for span in spans if span.start < end < span.end)]))
        for each in findings:
            self._note(each, self._length - begin, end)
        return self._send(masked(window, spans)[begin:end])

    def _look(self, folded: Folded, window: str) -> list[Finding]:
        policy = self._policy
        by_rules, _score = self._engine.findings(folded, "answer")
        found = [each for each in by_rules if policy.quotes == "check" or not self._is_quoted(each, window)]
        for each in personal_data(folded, policy):
            action = policy.action_of(PII, policy.pii.answer)
            if action != "redact" or self._is_masked(each):
                found.append(Finding(PII, each.kind, action, (each.span,), "privacy"))
        if links := foreign_links(window, policy.links, self._published.holds_text):
            found.append(Finding(LINKS, "links.foreign", policy.action_of(LINKS), tuple(links)))
        if (place := self._canary.at(folded.plain)) is not None:
            span = Span(folded.origins[place[0]], folded.origins[place[1] - 1] + 1)
            found.append(Finding(CANARY, "canary", policy.action_of(CANARY), (span,), "withheld"))
        return found

    def _is_quoted(self, finding: Finding, window: str) -> bool:
        start = min(span.start for span in finding.spans)
        end = max(span.end for span in finding.spans)
        return self._published.holds_text(window[start:end])

    def _is_masked(self, personal: Personal) -> bool:
        policy = self._policy
        if policy.action_of(PII, policy.pii.answer) != "redact":
            return False
        quotes = policy.pii.quotes
        if quotes == "redact" or (quotes == "keep_contact" and group_of(personal.kind) not in {"contact", "account"}):
            return True
        return not self._published.holds(personal.value)

    def _may_leave(self, folded: Folded, begin: int) -> int:
        """Up to where nothing that is still to come can make a finding of what stands there."""
        plain, origins, window = folded.plain, folded.origins, folded.original
        at = min(max(0, len(plain) - self._engine.longest), self._canary.held_from(plain))
        end = origins[at] if at < len(origins) else len(window)
        run = _RUN.search(window)
        if run is not None:
            end = min(end, run.start())
        for link in LINK.finditer(window):
            if link.start() < end < link.end():
                end = link.start()
        return max(begin, end)

    def _block(self, finding: Finding, window: str, begin: int, spans: list[Span]) -> str:
        """Send what stands before the sentence of the finding, and no more."""
        self.blocked = finding
        self._note(finding, self._length - begin, len(window))
        if self._whole:
            return ""
        start = max(begin, min(span.start for span in finding.spans))
        end = max(begin, *(window.rfind(mark, begin, start) + 1 for mark in _ENDS))
        return self._send(masked(window, spans)[begin:end])

    def _note(self, finding: Finding, offset: int, end: int) -> None:
        spans = tuple(Span(span.start + offset, span.end + offset) for span in finding.spans)
        first = finding.spans[0].start if finding.spans else 0
        if finding.action != "allow" and first < end:
            self._findings[finding.category, finding.rule, first + offset] = replace(finding, spans=spans)

    def _send(self, text: str) -> str:
        self._sent.append(text)
        self._length += len(text)
        self._context = (self._context + self._held[: len(text)])[-CONTEXT:]
        self._held = self._held[len(text) :]
        return text
