from __future__ import annotations

import functools
import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serve.rag import varieties
from serve.rag.understand import understand
from serve.rag.varieties import Varieties
from vernacular.corpus import CorpusModel
from vernacular.dialects.preferences import DialectPreferences
from vernacular.dialects.registry import built_in
from vernacular.settings import DialectSettings
from vernacular.types import Understanding

LONGEST = 8000


def corpus(*words: str) -> CorpusModel:
    return CorpusModel(10, dict.fromkeys(words, 3))


DOCUMENTS = corpus("licencia", "impuesto", "permit", "رخصه", "البناء", "许可", "申请", "护照")


@functools.cache
def all_packs() -> Varieties:
    return Varieties(DialectSettings())


def understood(question: str) -> Understanding:
    found = understand(question, varieties=all_packs())
    return replace(found, expansions=all_packs().expansions(found, DialectPreferences(), DOCUMENTS))


def of_packs() -> list[str]:
    return [form for pack in built_in() for entry in pack.lexicon[::20] for form in (*entry.forms, *entry.romanised)]


ODD = ("cien mil ", "2 ", "廿", "一億", "ألف ", "9" * 30, "\u0301", "👩‍👩‍👧", "ﷺ", "İ", "ß", "\ud800", "\x00", "\u2028")
PIECES = st.one_of(st.text(max_size=8), st.deferred(lambda: st.sampled_from(of_packs())), st.sampled_from(ODD))


class TestAnyQuestion:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(PIECES, max_size=12).map("".join))
    def test_is_understood_by_what_stands_in_it(self, question: str) -> None:
        found = understood(question)
        for each in found.expansions:
            assert 0 <= each.start < each.end <= len(found.query)
            assert all(each.terms)
            assert 0 < each.weight <= 1
        for sign in found.detection.signs if found.detection else ():
            assert found.question[sign.start : sign.end] == sign.text

    @pytest.mark.parametrize(
        "piece",
        ["9", "2 ", "cien mil ", "mil ", "第九", "九", "一億", "ألف ", "٩", "la", "a", "唔", "goa2-", "m4 goi1 "],
    )
    def test_may_repeat_itself_to_the_limit(self, piece: str) -> None:
        question = (piece * LONGEST)[:LONGEST]
        assert all(each.end <= len(question) for each in understood(question).expansions)


class TestIndexes:
    def test_are_made_once_for_a_corpus(self) -> None:
        cache = varieties._IndexCache()
        assert cache.of(DOCUMENTS) is cache.of(DOCUMENTS)
        assert cache.of(DOCUMENTS) is not cache.of(corpus("other"))

    def test_go_with_the_corpus_they_are_of(self) -> None:
        cache, short_lived = varieties._IndexCache(), corpus("licencia")
        gone = weakref.ref(cache.of(short_lived).spelling)
        del short_lived
        gc.collect()
        cache.of(DOCUMENTS)
        gc.collect()
        assert gone() is None

    def test_of_many_tenants_make_room_for_those_asked_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(varieties, "_WORDS_KEPT", 4)
        cache = varieties._IndexCache()
        one, two, three = corpus("a", "b"), corpus("c", "d"), corpus("e", "f")
        first, second = cache.of(one), cache.of(two)
        assert cache.of(one) is first
        cache.of(three)
        assert cache.of(one) is first
        assert cache.of(two) is not second
