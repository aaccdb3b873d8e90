"""The variety that a question is in, and what the documents may call what it says: dialect packs at work on a question."""

from __future__ import annotations

import functools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from serve.rag.matching import pad
from serve.rag.words import Lexicon, lexicon
from vernacular.corpus import CorpusModel
from vernacular.dialects.detect import Detector
from vernacular.dialects.documents import Glosser, Glosses
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
_READ_FOR_FORMS: Final = 1000
"""Characters of a question in which numbers, Latin spellings and typing errors are looked for: each costs more than a look-up."""
_WORDS_KEPT: Final = 250_000
_MADE_AT_ONCE: Final = 5000
"""Words of a corpus, or of dictionaries, that are made ready while the question waits: it takes a tenth of a second."""
FAMILIES: Final = {"yue": "zh", "nan": "zh", "wuu": "zh", "hak": "zh", "cmn": "zh"}


@dataclass(frozen=True, slots=True)
class _Tools:
    """What is made of one registry."""

    registry: Registry
    detector: Detector
    expander: Expander
    glosser: Glosser


@functools.lru_cache(maxsize=1)
def _tools_of(registry: Registry) -> _Tools:
    """Made once for all pipelines of a process: it takes more than a second."""
    detector, expander = Detector(registry), Expander(registry)
    return _Tools(registry, detector, expander, Glosser(registry, detector, expander))


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

    def gloss(self, texts: Sequence[str]) -> list[Glosses]:
        """The standard words for what passages written in a variety say."""
        return self._tools().glosser.gloss(texts)

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
            typed = _as_documents_have_it(typed, found.query, corpus)
        return _telling([*typed, *self._other_forms(found, typed, said, corpus)], found)

    def _other_forms(
        self, found: Understanding, typed: Sequence[Expansion], said: Sequence[Expansion], corpus: CorpusModel | None
    ) -> list[Expansion]:
        """Numbers in other forms, what is typed in Latin letters, and typing errors: what is found by rule, in no list."""
        settings, family = self._settings, family_of(found.language)
        told = found.detection.tag if found.detection else None
        head = found.query[:_READ_FOR_FORMS]
        forms = numerals(head, family, told) if settings.numerals else []
        indexes = self._indexes.of(corpus) if corpus is not None else None
        if settings.romanised:
            packs = self._tools().registry.of_family(family)
            forms += _beside(from_latin(head, packs, indexes.sounds if indexes else None), said)
        if settings.spelling and indexes is not None and indexes.spelling is not None and not _is_romanised(found):
            known = lexicon(told or found.language)
            forms += _misspelt(head, corrections(head, indexes.spelling), [*typed, *forms], known)
        return forms

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
                self._made = self._made or _tools_of(registry)
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
            tools = _tools_of(registry)
            self._warm(tools)
            self._made = tools
        finally:
            self._lock.release()

    def _warm(self, tools: _Tools) -> None:
        tools.glosser.gloss([""])
        for family in sorted({pack.manifest.family for pack in tools.registry}):
            packs = tools.registry.of_family(family)
            question = packs[0].manifest.native
            tools.detector.detect(question, identify(question))
            tools.expander.expand(question, family, None)
            if self._settings.romanised:
                from_latin(f"{question} a", packs, None)


class _IndexCache:
    """The indexes of the corpora used last, up to `_WORDS_KEPT` words together: a corpus of 60,000 takes some 170 MB.

    Large ones are made one at a time beside the questions, which do without until then.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Indexes] = OrderedDict()
        self._is_making = False

    def of(self, corpus: CorpusModel) -> _Indexes:
        large = len(corpus.words) > _MADE_AT_ONCE
        with self._lock:
            kept = self._kept.get(id(corpus))
            if kept is not None and kept.corpus() is corpus:
                self._kept.move_to_end(id(corpus))
                return kept
            made = _Indexes(weakref.ref(corpus), len(corpus.words))
            if large and self._is_making:
                return made
            self._is_making = self._is_making or large
            self._keep(corpus, made)
        if large:
            threading.Thread(target=self._make, args=(made, corpus.words), name="word-indexes", daemon=True).start()
        else:
            made.make(corpus.words)
        return made

    def _keep(self, corpus: CorpusModel, made: _Indexes) -> None:
        """Keep these, and neither those of a corpus that is no more nor of those used longest ago."""
        self._kept = OrderedDict((key, kept) for key, kept in self._kept.items() if kept.corpus() is not None)
        self._kept[id(corpus)] = made
        self._kept.move_to_end(id(corpus))
        while len(self._kept) > 1 and sum(kept.size for kept in self._kept.values()) > _WORDS_KEPT:
            self._kept.popitem(last=False)

    def _make(self, indexes: _Indexes, words: Mapping[str, int]) -> None:
        try:
            indexes.make(words)
        finally:
            self._is_making = False


@dataclass(slots=True)
class _Indexes:
    """What is made of the words of one corpus, `size` of them; None: not yet."""

    corpus: weakref.ref[CorpusModel]
    size: int
    sounds: RomanIndex | None = None
    spelling: SpellingIndex | None = None

    def make(self, words: Mapping[str, int]) -> None:
        self.spelling = SpellingIndex(words)
        self.sounds = RomanIndex(words)


def _telling(expansions: Sequence[Expansion], found: Understanding) -> Expansions:
    """Without the terms that are function words: documents hold them whatever they are about."""
    words = lexicon(_standard_of(found.language))
    terms = list(dict.fromkeys(term for each in expansions for term in each.terms))
    telling = {term for term, padded in zip(terms, pad(terms), strict=True) if words.content(padded)} if terms else ()
    kept = (replace(each, terms=tuple(term for term in each.terms if term in telling)) for each in expansions)
    return tuple(each for each in kept if each.terms)


def _standard_of(language: str) -> str:
    return _STANDARDS.get(family_of(language), language)


def _as_documents_have_it(expansions: Sequence[Expansion], query: str, corpus: CorpusModel) -> list[Expansion]:
    """A word that the documents themselves use is more likely meant as they mean it, and found without another's help."""
    words = {query[each.start : each.end] for each in expansions if each.kind in _OF_WORDS}
    known = {word for word in words if normalise(word) in corpus.words}
    return [
        replace(each, weight=each.weight * _IN_DOCUMENTS)
        if each.kind in _OF_WORDS and query[each.start : each.end] in known
        else each
        for each in expansions
    ]


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
