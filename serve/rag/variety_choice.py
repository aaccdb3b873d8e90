"""What a person is told of varieties: those that she can choose among, and the one that her question was taken for."""

from __future__ import annotations

from typing import Final

from serve.rag.varieties import Varieties
from vernacular.dialects.pack import Pack
from vernacular.dialects.preferences import QUESTION, STANDARD, DialectPreferences
from vernacular.tenancy import Tenant
from vernacular.types import Detection

_SURE: Final = 0.8
"""Confidence from which a person is told what her words were taken for: to be told wrong is worse than not to be told."""


def to_choose(varieties: Varieties, tenant: Tenant, wishes: DialectPreferences) -> list[Pack]:
    """The declared varieties, and the one that is answered in by itself; empty where none is declared."""
    wanted = () if wishes.answer_in in {QUESTION, STANDARD} else (wishes.answer_in,)
    packs = map(varieties.pack, (*tenant.dialects, *wanted)) if tenant.dialects else ()
    return list({pack.tag: pack for pack in packs if pack is not None}.values())


def understood(varieties: Varieties, detection: Detection | None) -> Pack | None:
    """The variety that the words themselves surely tell, whatever was chosen; None: none, or a standard language."""
    if detection is None or not detection.candidates:
        return None
    tag, confidence = detection.candidates[0]
    told = varieties.pack(tag) if confidence >= _SURE else None
    return told if told is not None and told.manifest.standard else None
