from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from serve.validation import RequestModel
from vernacular.safety.overrides import SafetyOverrides
from vernacular.safety.policy import GuardPolicy, LinkPolicy, PiiPolicy

MAX_TRIAL_CHARS = 20_000


class CategoryView(BaseModel):
    """`action`: what its rules do unless a rule says otherwise; `clause`: what it comes from; `rules`: how many there are."""

    id: str
    title: str
    action: str
    text: str
    clause: str
    enabled: bool
    rules: int


class PolicySummary(BaseModel):
    """A policy in force. `terms`: words and phrases in its lists."""

    pack: str
    title: str
    version: str
    categories: list[CategoryView]
    pii: PiiPolicy
    links: LinkPolicy
    guard: GuardPolicy
    quotes: str
    search: str
    emergency: str
    terms: int


class PackLine(BaseModel):
    name: str
    title: str


class SafetyView(BaseModel):
    """`set`: your tenant's own changes; `in_force`: what comes of them; `guard_model`: whether one is there to be asked."""

    set: dict[str, Any]
    in_force: PolicySummary
    packs: list[PackLine]
    kinds: dict[str, str] = Field(description="The kinds of personal data that can be looked for.")
    guard_model: bool


class SafetyTrialRequest(RequestModel):
    """`policy`: changes to try instead of those that are set."""

    text: str = Field(max_length=MAX_TRIAL_CHARS)
    stage: Literal["prompt", "answer"] = "prompt"
    language: str = Field(default="", max_length=35)
    policy: dict[str, Any] | None = Field(default=None, json_schema_extra=SafetyOverrides.model_json_schema())


class FindingView(BaseModel):
    """`spans` are half open ranges of the text, in code points; `texts` what stands there."""

    category: str
    rule: str
    action: str
    spans: list[tuple[int, int]]
    texts: list[str]


class SafetyTrial(BaseModel):
    """What the policy makes of a text: the action of the gravest finding, the text as it would be used (`redacted`), and what
    would be said instead of an answer."""

    stage: str
    action: str
    category: str | None
    rules: list[str]
    injection: float
    policy_version: str
    findings: list[FindingView]
    redacted: str
    said: str
    took_ms: float
