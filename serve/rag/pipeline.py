"""From a question to a cited answer, or an honest decline: the whole way in one line.

understand → retrieve → (approved, or) rerank → compose → generate → cite → guard, decline

With a model, `prepare` goes that way once, and `serve.rag.answering` writes the answer from the passages that it chose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from langchain_core.messages import BaseMessage

from serve.rag import browse, decline, guard
from serve.rag.answering import ANSWERED, Prepared
from serve.rag.approved import approved
from serve.rag.browse import Order, Within
from serve.rag.cite import cite, verbatim
from serve.rag.compose import compose
from serve.rag.evidence import READ_CLOSELY, Quote, Ranking, Reader
from serve.rag.facts import facts, family
from serve.rag.feedback import lift
from serve.rag.generate import generate
from serve.rag.hypothesis import KIND as SUPPOSED
from serve.rag.matching import pad, terms
from serve.rag.rerank import rerank, with_highlights
from serve.rag.retrieve import retrieve
from serve.rag.semantics import Semantics
from serve.rag.tokens import TokenScale
from serve.rag.understand import understand, without_terms
from serve.rag.varieties import Varieties
from serve.rag.wording import wording
from serve.rag.words import words_of
from vernacular.corpus import corpus_of
from vernacular.db.models import DocumentRow
from vernacular.dialects.preferences import DialectPreferences, preferences_of
from vernacular.pace import breathe
from vernacular.settings import AnswerSettings, DialectSettings
from vernacular.tenancy import TenantScope
from vernacular.text.analyze import encode_query
from vernacular.types import Answer, Citation, Hit, Understanding

SEARCHED, READ_FOR_A_SEARCH = 20, 10
"""Candidates of a search, and those of them that are read closely: with more, the first five are no better.

Of a question that was expanded `READ_CLOSELY` are read: its own words say less about which candidates are worth it.
"""

_OTHER_WORDS: Final = frozenset({"lexicon", "domain", "glossary", "romanised", "model"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    understanding: Understanding
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class _Draft:
    ranking: Ranking
    chosen: tuple[int, ...]
    quotes: list[Quote]
    confidence: float
    matches: bool


class RagPipeline:
    """The steps and what they share. Sync and safe to call from many threads, each with a scope of its own."""

    def __init__(
        self,
        settings: AnswerSettings,
        semantics: Semantics | None = None,
        dialects: DialectSettings | None = None,
        imported: Path | None = None,
    ) -> None:
        """`imported`: folder of the dictionaries that an operator imported."""
        self._settings = settings
        self._semantics = semantics
        dialects = dialects or DialectSettings()
        self._feedback = dialects.feedback
        self.varieties = Varieties(dialects, imported)
        self._reader = Reader(self.varieties.gloss if dialects.documents else None)
        self.scale = TokenScale()

    def warm_up(self) -> None:
        """Load the tables and the language model, for which the first question would wait seconds."""
        understanding = understand("Where do I register my dog?")
        terms(pad([understanding.query])[0])
        encode_query(understanding.query)
        facts(understanding.question, understanding.language)
        self.varieties.warm_up()

    def search(
        self,
        scope: TenantScope,
        query: str,
        *,
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        on: date | None = None,
        history: Sequence[BaseMessage] = (),
        dialect: str | None = None,
        expand: bool = True,
        without: Collection[str] = (),
        documents: Sequence[str] | None = None,
        order: Order = "relevance",
    ) -> SearchResult:
        """The `top_k` best passages for `query`, best first; only documents valid `on` that day (None: today).

        `expand`: whether the words that documents may use are searched for too, but for those of `without`. `documents`:
        in these only. `order`: by the date of their documents, those that match about as well as the best.
        """
        understanding = self.understand(scope, query, history=history, dialect=dialect, expand=expand)
        if without:
            understanding = without_terms(understanding, without)
        if order != "relevance":
            found = self.matching(scope, understanding, Within(filters, documents, on))
            return SearchResult(understanding, browse.by_date(self._reader, understanding, found, top_k, order))
        limit = max(top_k, min(SEARCHED, self._settings.candidates))
        hits = retrieve(
            scope,
            understanding,
            limit=limit,
            filters=filters,
            on=on or _today(),
            semantics=self._semantics,
            documents=documents,
        )
        if not hits:
            return SearchResult(understanding, [])
        reworded = _is_reworded(understanding)
        if reworded and self._feedback:
            hits = lift(hits)
        breathe()
        closely = READ_CLOSELY if reworded else min(max(top_k, READ_FOR_A_SEARCH), READ_CLOSELY)
        evidence = self._reader.read(understanding.query, hits, closely, understanding.expansions)
        breathe()
        ranking = rerank(evidence, words_of(understanding), understanding.query, self._semantics)
        return SearchResult(understanding, with_highlights(ranking, top_k))

    def matching(self, scope: TenantScope, understanding: Understanding, within: Within) -> list[Hit]:
        """See `browse.matching`; valid today, unless `within` names a day."""
        return browse.matching(scope, understanding, _on_a_day(within), self._semantics)

    def documents_matching(self, scope: TenantScope, understanding: Understanding, within: Within) -> list[str]:
        """See `browse.documents_matching`; valid today, unless `within` names a day."""
        return browse.documents_matching(scope, understanding, _on_a_day(within), self._semantics)

    def documents_found(
        self, scope: TenantScope, understanding: Understanding, within: Within, limit: int = browse.WIDELY
    ) -> list[str]:
        """See `browse.documents_found`; valid today, unless `within` names a day."""
        return browse.documents_found(scope, understanding, _on_a_day(within), self._semantics, limit)

    def answer(
        self,
        scope: TenantScope,
        question: str,
        *,
        history: Sequence[BaseMessage] = (),
        top_k: int | None = None,
        filters: Mapping[str, Any] | None = None,
        dialect: str | None = None,
        on: date | None = None,
        wishes: DialectPreferences | None = None,
        documents: Sequence[str] | None = None,
    ) -> Answer:
        """A cited answer from documents valid `on` that day (None: today), or a decline.

        `top_k`: passages the answer may be composed from, instead of the setting. `filters` as in
        `vernacular.vectors.protocol.Query.metadata`. `dialect`: a BCP 47 tag, instead of detecting it. `wishes`: as in
        `understand`. `documents`: from these only.
        """
        understanding = self.understand(scope, question, history=history, dialect=dialect, wishes=wishes)
        prepared = self.prepare(
            scope, understanding, top_k=top_k, filters=filters, on=on, documents=documents, for_model=False
        )
        return prepared.extractive

    def understand(
        self,
        scope: TenantScope,
        question: str,
        *,
        history: Sequence[BaseMessage] = (),
        dialect: str | None = None,
        expand: bool = True,
        wishes: DialectPreferences | None = None,
    ) -> Understanding:
        """`wishes`: those of assistant and conversation with the tenant's; None: the tenant's alone."""
        tenant = scope.tenant
        wishes = wishes or preferences_of(tenant)
        varieties = self.varieties if wishes.detect or dialect else None
        found = understand(
            guard.clean(question),
            history,
            dialect,
            tenant.languages,
            varieties=varieties,
            declared=tenant.dialects,
        )
        if dialect is None:
            answer_in = self.varieties.to_answer_in(tenant, found.language, found.detection, wishes)
            found = replace(found, dialect=answer_in)
        breathe()
        return self.expanded(scope, found, wishes) if expand else found

    def expanded(self, scope: TenantScope, understanding: Understanding, wishes: DialectPreferences) -> Understanding:
        """With the expansions of its query as it is now; those it had are of the query it was made with."""
        return replace(understanding, expansions=self.varieties.expansions(understanding, wishes, corpus_of(scope)))

    def prepare(
        self,
        scope: TenantScope,
        understanding: Understanding,
        *,
        top_k: int | None = None,
        filters: Mapping[str, Any] | None = None,
        on: date | None = None,
        documents: Sequence[str] | None = None,
        for_model: bool = True,
        with_images: bool = False,
    ) -> Prepared:
        """All that an answer needs of the tenant's data; after it `scope` may be closed.

        `for_model`: also the passages for a model, unless it is clear before asking one that they do not answer. `with_images`:
        the question came with some, and is about what only they show.
        """
        day = on or _today()
        if not guard.has_words(understanding.question) or not _says_something(understanding):
            said = decline.decline(scope.tenant, understanding, decline.NO_WORDS)
            return Prepared(scope.tenant, understanding, day, (), said)
        within = Within(filters, documents, day)
        hits = self._candidates(scope, understanding, within)
        if not with_images and (whole := approved(scope, understanding, hits, partial(self.understand, scope))):
            return Prepared(scope.tenant, understanding, day, (), whole)
        draft = self._draft(understanding, hits, top_k)
        answer = self._extractive(scope, understanding, draft, within, day)
        if draft is not None and not answer.retrieved:
            answer = replace(answer, retrieved=_ids(draft.ranking.evidence.hits[at] for at in draft.chosen))
        passages: list[Hit] = []
        if for_model and draft is not None and self._is_worth_asking(understanding, draft, answer):
            passages = verbatim(scope, [draft.ranking.evidence.hits[at] for at in draft.chosen])
        return Prepared(scope.tenant, understanding, day, tuple(passages), answer)

    def _extractive(
        self,
        scope: TenantScope,
        understanding: Understanding,
        draft: _Draft | None,
        within: Within,
        day: date,
    ) -> Answer:
        if (
            draft is not None
            and draft.confidence >= self._settings.decline_below
            and (cited := cite(scope, draft.quotes))
        ):
            citations = tuple(citation for _, citation in cited)
            return Answer(_text(understanding, cited), True, ANSWERED, understanding, citations)
        return self._declined(scope, understanding, draft, within, day)

    def _is_worth_asking(self, understanding: Understanding, draft: _Draft, answer: Answer) -> bool:
        """Confidence counts words: it says nothing of passages found by meaning, or written in another language.

        Nor of those found by what a model supposes that documents say.
        """
        if answer.reason == decline.OUTDATED:
            return False
        supposed = any(each.kind == SUPPOSED for each in understanding.expansions)
        if supposed or draft.ranking.meant or draft.confidence >= self._settings.ask_model_from:
            return True
        languages = {draft.ranking.evidence.hits[at].language for at in draft.chosen}
        return None not in languages and family(understanding.language) not in {family(str(each)) for each in languages}

    def _candidates(self, scope: TenantScope, understanding: Understanding, within: Within) -> list[Hit]:
        return retrieve(
            scope,
            understanding,
            limit=self._settings.candidates,
            filters=within.filters,
            on=within.on,
            semantics=self._semantics,
            documents=within.documents,
        )

    def _draft(self, understanding: Understanding, hits: list[Hit], top_k: int | None) -> _Draft | None:
        if not hits:
            return None
        breathe()
        words = words_of(understanding)
        evidence = self._reader.read(understanding.query, hits, expansions=understanding.expansions)
        breathe()
        ranking = rerank(evidence, words, understanding.query, self._semantics)
        breathe()
        chosen = compose(ranking, top_k or self._settings.passages)
        quotes = generate(ranking, chosen, words, self._settings.quotes)
        found = decline.features(ranking, quotes, words)
        matches = found["share"] >= decline.NOTHING_SHARED
        return _Draft(ranking, chosen, quotes, decline.confidence(found, understanding), matches)

    def _declined(
        self,
        scope: TenantScope,
        understanding: Understanding,
        draft: _Draft | None,
        within: Within,
        day: date,
    ) -> Answer:
        hopeless = draft is None or draft.confidence < min(decline.DOUBTFUL, self._settings.decline_below)
        if hopeless and (expired := self._expired(scope, understanding, within, day)):
            said = decline.decline(scope.tenant, understanding, decline.OUTDATED, expired)
            return replace(said, retrieved=_ids([expired]))
        if draft is not None:
            reason = decline.LOW_CONFIDENCE if draft.matches else decline.NO_MATCH
        else:
            reason = decline.NO_MATCH if scope.count(DocumentRow) else decline.EMPTY_INDEX
        return decline.decline(scope.tenant, understanding, reason)

    def _expired(self, scope: TenantScope, understanding: Understanding, within: Within, day: date) -> Hit | None:
        """The passage that would clearly have answered, had it not expired before `day`."""
        hits = self._candidates(scope, understanding, replace(within, on=None))
        if not any(_has_expired(hit, day) for hit in hits):
            return None
        draft = self._draft(understanding, hits, None)
        if draft is None or draft.confidence < max(decline.SURE, self._settings.decline_below) or not draft.quotes:
            return None
        best = draft.quotes[0].hit
        return best if _has_expired(best, day) else None


def _ids(hits: Iterable[Hit]) -> tuple[tuple[str, str], ...]:
    return tuple((hit.chunk_id, hit.document_id) for hit in hits)


def _is_reworded(understanding: Understanding) -> bool:
    """Whether documents may say it in quite other words than the person does."""
    return any(each.kind in _OTHER_WORDS for each in understanding.expansions)


def _says_something(understanding: Understanding) -> bool:
    """Whether the question has a word with a meaning of its own: a greeting or `how much?` alone has none."""
    return bool(understanding.carried or words_of(understanding).content(pad([understanding.query])[0]))


def _on_a_day(within: Within) -> Within:
    return within if within.on is not None else replace(within, on=_today())


def _today() -> date:
    """The day it is where this server stands: that is the day its tenants' dates mean."""
    return datetime.now().astimezone().date()


def _has_expired(hit: Hit, day: date) -> bool:
    return hit.valid_until is not None and hit.valid_until < day


def _text(understanding: Understanding, cited: list[tuple[Quote, Citation]]) -> str:
    """The answer as it is read: a lead-in, then each quote with its marker and the dates it applies from or until.

    What a model made of an image in a document is said to be that.
    """
    words = wording(understanding.dialect or understanding.language)
    lines = [words.say("lead")]
    for quote, citation in cited:
        about = [words.say("described")] if citation.described else []
        about += [guard.harmless(quote.context)] if quote.context else []
        context = f"{' — '.join(about)}: " if about else ""
        dates = words.validity(citation.valid_from, citation.valid_until)
        after = f" ({dates})" if dates else ""
        lines.append(f"{context}{words.quoted(guard.harmless(quote.text))}{after} [{citation.index}]")
    return "\n\n".join(lines)
