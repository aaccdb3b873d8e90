"""A dry run: what a policy makes of a text, and what would be said."""

from __future__ import annotations

import time
from typing import Any

from vernacular.safety.answers import AnswerFilter
from vernacular.safety.policy import Policy
from vernacular.safety.prompts import check_prompt
from vernacular.safety.texts import refusal
from vernacular.safety.verdict import Stage, Verdict
from vernacular.text.language import identify


def try_out(policy: Policy, text: str, stage: Stage = "prompt", language: str = "") -> dict[str, Any]:
    """The verdict as JSON, with each finding where it stands. Nothing is logged, and no guard model is asked.

    `language`: of what is said instead; that of the text, if not given. An answer is judged as one that no document bears out.
    """
    begin = time.perf_counter()
    verdict, redacted = _judged(policy, text, stage)
    took = time.perf_counter() - begin
    said = ""
    if verdict.refuses:
        tag = language or identify(text).code
        said = refusal(policy, verdict.text, tag, handover=verdict.action == "handover")
    return {
        "stage": stage,
        "action": verdict.action,
        "category": verdict.category or None,
        "rules": list(verdict.rules),
        "injection": round(verdict.injection, 2),
        "policy_version": policy.version,
        "findings": [
            {
                "category": each.category,
                "rule": each.rule,
                "action": each.action,
                "spans": [[span.start, span.end] for span in each.spans],
                "texts": [text[span.start : span.end] for span in each.spans],
            }
            for each in verdict.findings
        ],
        "redacted": redacted,
        "said": said,
        "took_ms": round(took * 1000, 3),
    }


def _judged(policy: Policy, text: str, stage: Stage) -> tuple[Verdict, str]:
    if stage == "prompt":
        verdict = check_prompt(text, policy)
        return verdict, verdict.redacted
    gate = AnswerFilter(policy, whole=True)
    gate.feed(text)
    shown = gate.finish()
    return gate.verdict, shown
