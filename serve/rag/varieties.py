"""The variety that a question is in, and what the documents may call what it says: dialect packs at work on a question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from serve.rag.matching import pad
from serve.rag.words import Lexicon, lexicon
from vernacular.corpus import CorpusModel
from vernacular.dialects.detect import Detector
from vernacular.dialects.expand import LEXICON, Expander
from vernacular.dialects.numerals import numerals
from vernacular.dialects.pack import Pack
from vernacular.dialects.preferences import QUESTION, STANDARD, DialectPreferences
from vernacular.dialects.registry import Registry, current
from vernacular.dialects.romanised import RomanIndex, from_latin
from vernacular.dialects.spelling import SpellingIndex, corrections
from vernacular.settings import DialectSettings
from vernacular.tenancy import Tenant
from vernacular.text.language import Language, identify
from vernacular.text.normalise import normalise
from vernacular.types import Detection, Expansion, Understanding

LIKELY: Final = 0.5
"""Confidence from which a variety is taken for the one that was written."""
Expansions: TypeAlias = tuple[Expansion, ...]
_IN_DOCUMENTS: Final = 0.5
"""What the standard words for a word of a variety count where the documents have that word too."""
_OF_WORDS: Final = frozenset({LEXICON, "corpus"})
_STANDARDS: Final = {"zh": "zh-Hans", "ar": "ar"}
"""Whose function words documents are full of, where questions are in a variety with others."""
_NOT_LATIN: Final = frozenset({"zh", "ar"})
_CORPORA: Final = 16
_MADE_AT_ONCE: Final = 5000
"""Words of a corpus, or of dictionaries, that are made ready while the question waits: it takes a tenth of a second."""
FAMILIES: Final = {"yue": "zh", "nan": "zh", "wuu": "zh", "hak": "zh", "cmn": "zh"}


@dataclass(frozen=True, slots=True)
class _Tools:
    """What is made of one registry."""

    registry: Registry
    detector: Detector
    expander: Expander


class Varieties:
    """Safe to share between threads. A dictionary that comes under `imported` counts from the next question on, a large one
    some seconds later: until then questions are understood as before."""

    def __init__(self, settings: DialectSettings, imported: Path | None = None) -> None:
        self._settings = settings
        self._imported = imported
        self._lock = threading.Lock()
        self._made: _Tools | None = None
        self._indexes = _IndexCache()

    def detect(
        self, text: str, language: Language, declared: Sequence[str] = (), chosen: str | None = None
    ) -> Detection:
        return self._tools().detector.detect(text, language, declared, chosen)

    def pack(self, tag: str | None) -> Pack | None:
        return self._tools().registry.find(tag) if tag else None

    def warm_up(self) -> None:
        """Make the tables of every language, for which its first question would wait."""
        self._warm(self._tools())

    def chain(self, pack: Pack) -> list[Pack]:
        return self._tools().registry.chain(pack)

    def expansions(self, found: Understanding, wishes: DialectPreferences, corpus: CorpusModel | None) -> Expansions:
        """What the question of `found` is to be searched for with, by the packs and by what the tenant's documents hold."""
        if not wishes.expansion:
            return ()
        settings, tools = self._settings, self._tools()
        family = family_of(found.language)
        domains = True if wishes.domains is None else wishes.domains
        said = tools.expander.expand(
            found.query,
            family,
            found.detection,
            lexicon=settings.lexicon,
            domains=domains if settings.domains else False,
            synonyms=wishes.synonyms,
        )
        typed = [*said, *(corpus.expansions(found.query) if settings.corpus and corpus is not None else ())]
        if corpus is not None:
            typed = [_as_documents_have_it(each, found.query, corpus) for each in typed]
        if settings.numerals:
            typed += numerals(found.query, family, found.detection.tag if found.detection else None)
        indexes = self._indexes.of(corpus) if corpus is not None else None
        if settings.romanised:
            packs = tools.registry.of_family(family)
            typed += _beside(from_latin(found.query, packs, indexes.sounds if indexes else None), said)
        if settings.spelling and indexes is not None and indexes.spelling is not None and not _is_romanised(found):
            known = lexicon(found.detection.tag if found.detection and found.detection.tag else found.language)
            typed += _misspelt(found.query, corrections(found.query, indexes.spelling), typed, known)
        return _telling(typed, found)

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
        """Those of the packs as they are now; or of before, for as long as a large dictionary is being made ready."""
        registry, made = current(self._imported), self._made
        if made is None:
            with self._lock:
                self._made = self._made or _Tools(registry, Detector(registry), Expander(registry))
                return self._made
        if made.registry is not registry and self._lock.acquire(blocking=False):
            if _entries(registry) - _entries(made.registry) > _MADE_AT_ONCE:
                threading.Thread(target=self._renew, args=(registry,), name="dialects", daemon=True).start()
                return made
            self._renew(registry)
            return self._made or made
        return made

    def _renew(self, registry: Registry) -> None:
        """Make the tools of another registry, and let go of the lock."""
        try:
            tools = _Tools(registry, Detector(registry), Expander(registry))
            self._warm(tools)
            self._made = tools
        finally:
            self._lock.release()

    def _warm(self, tools: _Tools) -> None:
        for family in sorted({pack.manifest.family for pack in tools.registry}):
            packs = tools.registry.of_family(family)
            question = packs[0].manifest.native
            tools.detector.detect(question, identify(question))
            tools.expander.expand(question, family, None)
            if self._settings.romanised:
                from_latin(f"{question} a", packs, None)


class _IndexCache:
    """The indexes of the corpora used last. A large one is made beside the questions, which do without it until then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Indexes] = OrderedDict()

    def of(self, corpus: CorpusModel) -> _Indexes:
        with self._lock:
            kept = self._kept.get(id(corpus))
            if kept is None:
                kept = self._kept[id(corpus)] = _Indexes(corpus)
                while len(self._kept) > _CORPORA:
                    self._kept.popitem(last=False)
                begins = True
            else:
                self._kept.move_to_end(id(corpus))
                begins = False
        if begins and len(corpus.words) > _MADE_AT_ONCE:
            threading.Thread(target=kept.make, name="word-indexes", daemon=True).start()
        elif begins:
            kept.make()
        return kept


@dataclass(slots=True)
class _Indexes:
    """What is made of the words of one corpus; None: not yet."""

    corpus: CorpusModel
    sounds: RomanIndex | None = None
    spelling: SpellingIndex | None = None

    def make(self) -> None:
        self.spelling = SpellingIndex(self.corpus.words)
        self.sounds = RomanIndex(self.corpus.words)


def _telling(expansions: Sequence[Expansion], found: Understanding) -> Expansions:
    """Without the terms that are function words: documents hold them whatever they are about."""
    words = lexicon(_standard_of(found.language))
    padded = iter(pad([term for each in expansions for term in each.terms]) if expansions else [])
    kept = (
        replace(each, terms=tuple(term for term in each.terms if words.content(next(padded)))) for each in expansions
    )
    return tuple(each for each in kept if each.terms)


def _standard_of(language: str) -> str:
    return _STANDARDS.get(family_of(language), language)


def _as_documents_have_it(each: Expansion, query: str, corpus: CorpusModel) -> Expansion:
    """A word that the documents themselves use is more likely meant as they mean it, and found without another's help."""
    if each.kind not in _OF_WORDS or normalise(query[each.start : each.end]) not in corpus.words:
        return each
    return replace(each, weight=each.weight * _IN_DOCUMENTS)


def _is_romanised(found: Understanding) -> bool:
    return found.detection is not None and found.detection.script == "Latn" and family_of(found.language) in _NOT_LATIN


def _beside(new: Sequence[Expansion], known: Sequence[Expansion]) -> list[Expansion]:
    """Those of `new` that say of no part of the question what `known` says already."""
    told = {(each.start, each.end, term) for each in known for term in each.terms}
    return [each for each in new if not all((each.start, each.end, term) in told for term in each.terms)]


def _misspelt(
    query: str, corrected: Sequence[Expansion], understood: Sequence[Expansion], words: Lexicon
) -> list[Expansion]:
    """Corrections of what nothing else explains: a word of the variety, or a function word, is no typing error."""
    return [
        each
        for each in corrected
        if not any(other.start < each.end and each.start < other.end for other in understood)
        and words.content(pad([query[each.start : each.end]])[0])
    ]


def _entries(registry: Registry) -> int:
    return sum(len(pack.lexicon) for pack in registry)


def family_of(language: str) -> str:
    """The language of which a language tag is a variety: `zh` for `yue-Hant`."""
    code = language.partition("-")[0]
    return FAMILIES.get(code, code)
