"""The variety that a question is in, and what the documents may call what it says: dialect packs at work on a question."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vernacular.dialects.detect import Detector
from vernacular.dialects.expand import Expander
from vernacular.dialects.pack import Pack
from vernacular.dialects.preferences import QUESTION, STANDARD, DialectPreferences
from vernacular.dialects.registry import Registry, current
from vernacular.settings import DialectSettings
from vernacular.tenancy import Tenant
from vernacular.text.language import Language
from vernacular.types import Detection, Expansion

LIKELY: Final = 0.5
"""Confidence from which a variety is taken for the one that was written."""
FAMILIES: Final = {"yue": "zh", "nan": "zh", "wuu": "zh", "hak": "zh", "cmn": "zh"}


@dataclass(frozen=True, slots=True)
class _Tools:
    """What is made of one registry."""

    registry: Registry
    detector: Detector
    expander: Expander


class Varieties:
    """Safe to share between threads. Dictionaries that are imported under `imported` count from the next question on."""

    def __init__(self, settings: DialectSettings, imported: Path | None = None) -> None:
        self._settings = settings
        self._imported = imported
        self._lock = threading.Lock()
        self._made: _Tools | None = None

    def detect(
        self, text: str, language: Language, declared: Sequence[str] = (), chosen: str | None = None
    ) -> Detection:
        return self._tools().detector.detect(text, language, declared, chosen)

    def pack(self, tag: str | None) -> Pack | None:
        return self._tools().registry.find(tag) if tag else None

    def expansions(
        self,
        query: str,
        language: str,
        detection: Detection | None,
        preferences: DialectPreferences,
        words: Mapping[str, int] | None = None,
    ) -> tuple[Expansion, ...]:
        """`words`: those of the tenant's documents, with the number of passages each is in."""
        if not preferences.expansion:
            return ()
        settings, tools = self._settings, self._tools()
        domains = settings.domains if preferences.domains is None else preferences.domains
        return tools.expander.expand(
            query,
            family_of(language),
            detection,
            lexicon=settings.lexicon,
            domains=domains if settings.domains else False,
            synonyms=preferences.synonyms,
        )

    def to_answer_in(
        self, tenant: Tenant, language: str, detection: Detection | None, wishes: DialectPreferences
    ) -> str | None:
        """The variety to answer in, by what was asked in and what the tenant wishes; None: the question's language will do."""
        family = family_of(language)
        wanted = self.pack(wishes.answer_in) if wishes.answer_in not in (QUESTION, STANDARD) else None
        if wanted is not None and wanted.manifest.family == family:
            return wanted.tag
        told = self.pack(detection.tag) if detection and detection.confidence >= LIKELY else None
        if told is None or not told.manifest.standard:
            return None
        declared = [pack.tag for pack in map(self.pack, tenant.dialects) if pack and pack.manifest.family == family]
        if wishes.answer_in != STANDARD and (not declared or told.tag in declared):
            return told.tag
        return told.manifest.standard

    def _tools(self) -> _Tools:
        registry = current(self._imported)
        made = self._made
        if made is not None and made.registry is registry:
            return made
        with self._lock:
            if self._made is None or self._made.registry is not registry:
                self._made = _Tools(registry, Detector(registry), Expander(registry))
            return self._made


def family_of(language: str) -> str:
    """The language of which a language tag is a variety: `zh` for `yue-Hant`."""
    code = language.partition("-")[0]
    return FAMILIES.get(code, code)
