from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ActorView(BaseModel):
    """`id` is a pseudonym; `name`: whose it is, as long as that account or key is there."""

    kind: str
    id: str
    role: str
    name: str | None = None


class EntryView(BaseModel):
    """An entry as it stands in the log; `content`, decrypted, where it was asked for."""

    seq: int
    ts: str
    actor: ActorView
    event: str
    decision: str
    policy_version: str | None
    model: str | None
    retrieved: list[str] | None
    facts: dict[str, Any]
    subject: str = Field(description="The pseudonym of the person whom it is about.")
    quotes: list[str] = Field(description="Ids of the documents that the content may quote.")
    prev: str
    h: str
    content: dict[str, Any] | None = None


class EntryPage(BaseModel):
    """The newest first; `next_before` is the `before` of the next page."""

    entries: list[EntryView]
    next_before: int | None


class CheckpointView(BaseModel):
    """A signed tree head: `sig` is Ed25519 over the canonical JSON of all the rest."""

    v: int
    log: str
    name: str
    at: str
    size: int
    root: str
    head: str
    nodes: list[str]
    key: str
    sig: str


class CheckpointPage(BaseModel):
    checkpoints: list[CheckpointView]
    next_before: int | None


class PublicKey(BaseModel):
    """`key`: what checkpoints call it. `pem`: to be pinned where logs are verified."""

    key: str
    pem: str


class InclusionProof(BaseModel):
    """That the first `size` entries hold `leaf` at `seq`: RFC 9162, 2.1.3."""

    seq: int
    size: int
    leaf: str
    proof: list[str]


class ConsistencyProof(BaseModel):
    """That the first `second` entries begin with the first `first`: RFC 9162, 2.1.4."""

    first: int
    second: int
    proof: list[str]


class Verdict(BaseModel):
    """`findings`: what is wrong; `signed`: entries that a checkpoint covers."""

    whole: bool
    first: int
    entries: int
    signed: int
    checkpoints: int
    witnesses: int
    findings: list[str]
    notes: list[str]
