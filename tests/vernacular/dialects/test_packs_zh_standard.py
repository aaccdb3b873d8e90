"""What the packs of standard Chinese promise: sound data, and that lay questions find the official passage."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import regex

from vernacular.dialects.expand import Expander
from vernacular.dialects.fold import fold
from vernacular.dialects.pack import Pack
from vernacular.dialects.registry import Registry, built_in
from vernacular.text.analyze import encode_documents, encode_query, encode_weighted
from vernacular.types import Detection, SparseVector

REGIONS = ("zh-Hant-TW", "zh-Hans-CN", "zh-Hant-HK")
TAGS = ("zh", *REGIONS)
AT_LEAST: Mapping[str, int] = {"zh-Hant-TW": 300, "zh-Hans-CN": 300, "zh-Hant-HK": 300}
ASKED_OF = frozenset(
    [
        *("government", "labour", "tax", "family", "traffic", "housing", "health", "justice", "education"),
        *("immigration", "elections", "consumer", "business", "land", "welfare", "environment", "military"),
        *("returns", "delivery", "payment", "sizes", "products"),
    ]
)
HAN = regex.compile(r"\p{Han}")


def pack(tag: str) -> Pack:
    return built_in().get(tag)


def same(text: str) -> str:
    return fold(text).text


class TestDomains:
    def test_cover_a_citizens_and_a_customers_life(self) -> None:
        by_domain = Counter(entry.domain for entry in pack("zh").domains)
        assert by_domain.keys() >= ASKED_OF
        assert by_domain.total() >= 900
        assert min(by_domain[domain] for domain in ASKED_OF) >= 12

    def test_say_each_thing_once_in_a_domain(self) -> None:
        forms = Counter((entry.domain, same(form)) for entry in pack("zh").domains for form in entry.forms)
        assert [form for form, count in forms.items() if count > 1] == []

    def test_always_add_a_word_that_was_not_said(self) -> None:
        idle = [
            entry.forms
            for entry in pack("zh").domains
            if {same(term) for term in entry.terms} <= {same(form) for form in entry.forms}
        ]
        assert idle == []

    def test_are_unsure_of_single_characters_which_stand_in_many_words(self) -> None:
        sure = [form for entry in pack("zh").domains if entry.sense > 0.9 for form in entry.forms if len(form) < 2]
        assert sure == []

    def test_keep_to_chinese_words_not_to_notes_about_them(self) -> None:
        odd = [
            text for entry in pack("zh").domains for text in (*entry.forms, *entry.terms) if "…" in text or "=" in text
        ]
        assert odd == []


@pytest.mark.parametrize("tag", REGIONS)
class TestRegionalLexicon:
    def test_is_large_enough_to_be_of_use(self, tag: str) -> None:
        assert len(pack(tag).lexicon) >= AT_LEAST[tag]

    def test_always_adds_a_word_that_was_not_said(self, tag: str) -> None:
        idle = [
            entry.forms
            for entry in pack(tag).lexicon
            if {same(term) for term in entry.terms} <= {same(form) for form in entry.forms}
        ]
        assert idle == []

    def test_puts_a_word_that_other_regions_have_too_before_their_other_words(self, tag: str) -> None:
        others = {same(form) for each in REGIONS if each != tag for entry in pack(each).lexicon for form in entry.forms}
        for entry in pack(tag).lexicon:
            own = {same(form) for form in entry.forms}
            if own & others and {same(term) for term in entry.terms} & own:
                assert same(entry.terms[0]) in own

    def test_lists_each_form_once(self, tag: str) -> None:
        forms = Counter(same(form) for entry in pack(tag).lexicon for form in entry.forms)
        assert [form for form, count in forms.items() if count > 1] == []

    def test_leads_to_the_words_of_another_region(self, tag: str) -> None:
        others = [each for each in REGIONS if each != tag]
        written = {same(form) for each in others for entry in pack(each).lexicon for form in entry.forms}
        known = [any(same(term) in written for term in entry.terms) for entry in pack(tag).lexicon]
        assert sum(known) / len(known) > 0.8


@pytest.mark.parametrize(
    ("word", "tag", "meant"),
    [
        ("計程車", "zh-Hant-TW", "的士"),
        ("的士", "zh-Hant-HK", "計程車"),
        ("快递", "zh-Hans-CN", "宅配"),
        ("公屋", "zh-Hant-HK", "社會住宅"),
        ("充电宝", "zh-Hans-CN", "行動電源"),
    ],
)
def test_the_regions_understand_each_other(word: str, tag: str, meant: str) -> None:
    found = [term for entry in pack(tag).lexicon if word in entry.forms for term in entry.terms]
    assert same(meant) in {same(term) for term in found}


@pytest.mark.parametrize(
    ("alias", "tag"),
    [
        ("zh-TW", "zh-Hant-TW"),
        ("zh-Hant", "zh-Hant-TW"),
        ("zh-CN", "zh-Hans-CN"),
        ("zh-Hans", "zh-Hans-CN"),
        ("zh-HK", "zh-Hant-HK"),
        ("zh-MO", "zh-Hant-HK"),
        ("cmn", "zh"),
        ("zh-Hant-TW-x-tainan", "zh-Hant-TW"),
    ],
)
def test_tags_that_people_write_mean_a_pack(alias: str, tag: str) -> None:
    assert pack(alias).tag == tag


@pytest.mark.parametrize(
    ("question", "official"),
    [
        ("老闆欠我薪水", "積欠工資"),
        ("老板欠了我们的薪水", "積欠工資"),
        ("店家不退我錢", "退還"),
        ("公司炒了我魷魚", "解僱"),
    ],
)
def test_phrases_are_known_with_a_pronoun_or_a_particle_within(question: str, official: str) -> None:
    found = Expander(built_in()).expand(question, "zh", None)
    assert official in {term for each in found for term in each.terms}


class TestPhrasesAndStyle:
    def test_all_regions_say_the_same_things_with_the_same_blanks(self) -> None:
        blanks = [
            {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in phrases.items()}
            for phrases in (pack(tag).phrases for tag in REGIONS)
        ]
        assert blanks[0] == blanks[1] == blanks[2]
        assert blanks[0]["clarify"] == {"options"}

    @pytest.mark.parametrize("tag", REGIONS)
    def test_styles_show_the_same_sentence_twice(self, tag: str) -> None:
        style = pack(tag).style
        assert {"formal", "plain", "colloquial"} <= style.registers.keys()
        assert len(style.examples) >= 6
        for example in style.examples:
            assert HAN.search(example["standard"])
            assert HAN.search(example["variety"])
            assert example["standard"] != example["variety"]


class TestEvaluation:
    @pytest.mark.parametrize(("tag", "least"), [("zh", 40), ("zh-Hant-TW", 20), ("zh-Hans-CN", 20), ("zh-Hant-HK", 20)])
    def test_has_questions_whose_passage_holds_the_answer(self, tag: str, least: int) -> None:
        rows = pack(tag).evaluation
        assert len(rows) >= least
        assert len({row["qid"] for row in rows}) == len(rows)
        assert [row["qid"] for row in rows if not all(answer in row["text"] for answer in row["answers"])] == []

    @pytest.mark.parametrize("tag", TAGS)
    def test_questions_find_their_passage_first_far_oftener_with_the_packs(self, tag: str) -> None:
        rows = pack(tag).evaluation
        search = Search([row["text"] for row in rows], built_in())
        bare = sum(search.is_first(row, tag, expanded=False) for row in rows)
        expanded = sum(search.is_first(row, tag, expanded=True) for row in rows)
        assert expanded / len(rows) >= 0.8
        assert len(rows) - expanded <= 0.7 * (len(rows) - bare)


class Search:
    """BM25 over a few passages, with the terms of the packs at the weight that the packs give them."""

    def __init__(self, texts: Sequence[str], registry: Registry) -> None:
        self._texts = list(texts)
        self._documents = [dict(zip(*tokens(vector), strict=True)) for vector in encode_documents(self._texts)]
        self._frequency = Counter(token for document in self._documents for token in document)
        self._expander = Expander(registry)

    def is_first(self, row: Mapping[str, Any], tag: str, *, expanded: bool) -> bool:
        question = row["question"]
        parts = [(question, 1.0)]
        if expanded:
            detection = Detection(tag, "Hant", 1.0, ((tag, 1.0),))
            found = self._expander.expand(question, "zh", detection)
            parts += [(term, each.weight * 0.6**at) for each in found for at, term in enumerate(each.terms)]
        asked = encode_weighted(parts) if expanded else encode_query(question)
        scores = [self._score(document, asked) for document in self._documents]
        return scores.index(max(scores)) == self._texts.index(row["text"])

    def _score(self, document: Mapping[int, float], asked: SparseVector) -> float:
        count = len(self._documents)
        total = 0.0
        for token, weight in zip(*tokens(asked), strict=True):
            frequency = self._frequency[token]
            idf = np.log((count - frequency + 0.5) / (frequency + 0.5) + 1)
            total += weight * document.get(token, 0.0) * float(idf)
        return total


def tokens(vector: SparseVector) -> tuple[list[int], list[float]]:
    return np.asarray(vector.indices).tolist(), np.asarray(vector.values).tolist()
