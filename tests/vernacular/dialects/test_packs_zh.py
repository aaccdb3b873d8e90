"""What the packs of Cantonese, Hokkien, Hakka, Wu and two Mandarins promise: words that lead to those of documents."""

from __future__ import annotations

import functools
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
from vernacular.dialects.registry import built_in
from vernacular.text.analyze import encode_documents, encode_query, encode_weighted
from vernacular.types import Detection, SparseVector

TAGS = (
    *("yue-Hant-HK", "yue-Hans-CN", "nan-Hant-TW", "hak-Hant-TW"),
    *("cmn-Hans-x-sichuan", "wuu-Hans", "cmn-Hans-x-dongbei"),
)
ROMANISED = {"yue-Hant-HK": 700, "yue-Hans-CN": 200, "nan-Hant-TW": 600, "hak-Hant-TW": 500}
DIALECT_ONLY = regex.compile(r"[嘅咗喺哋唔冇嚟啲咁乜嘢佢諗谂瞓攞揾揸㗎𪜶𣍐毋佇厝囡啥咋侬侪汏𠊎瞅]")
TRADITIONAL = regex.compile(r"[這個們國買賣車門問東時來說]")
SIMPLIFIED = regex.compile(r"[这个们国买卖车门问东时来说]")
HAN = regex.compile(r"\p{Han}")
PUNCTUATION = regex.compile(r"[\p{P}\s]")


def pack(tag: str) -> Pack:
    return built_in().get(tag)


def folded(texts: Sequence[str]) -> set[str]:
    return {fold(text).text for text in texts}


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def terms(question: str, tag: str) -> set[str]:
    """What documents may call what a question says, by the words of its variety alone."""
    detection = Detection(tag, pack(tag).manifest.scripts[0], 1.0, ((tag, 1.0),))
    found = Expander(built_in()).expand(question, "zh", detection, domains=False)
    return {term for each in found for term in each.terms}


@pytest.mark.parametrize("tag", TAGS)
class TestLexicon:
    def test_has_three_hundred_entries_of_its_own(self, tag: str) -> None:
        assert len(pack(tag).lexicon) >= 300

    def test_lists_each_form_once(self, tag: str) -> None:
        forms = Counter(form for entry in pack(tag).lexicon for form in entry.forms)
        assert [form for form, count in forms.items() if count > 1] == []

    def test_always_adds_a_word_that_was_not_said(self, tag: str) -> None:
        assert [entry.forms for entry in pack(tag).lexicon if folded(entry.terms) <= folded(entry.forms)] == []

    def test_leads_to_words_that_documents_use_and_not_to_dialect(self, tag: str) -> None:
        assert [term for entry in pack(tag).lexicon for term in entry.terms if DIALECT_ONLY.search(term)] == []

    def test_holds_words_and_no_sentences(self, tag: str) -> None:
        texts = [text for entry in pack(tag).lexicon for text in (*entry.forms, *entry.terms)]
        assert [text for text in texts if len(text) > 12] == []
        assert [text for text in texts if HAN.search(text) and PUNCTUATION.search(text)] == []

    def test_takes_a_single_character_only_where_it_is_a_word_of_the_variety(self, tag: str) -> None:
        singles = {form for entry in pack(tag).lexicon for form in entry.forms if len(form) == 1}
        assert not singles & set("人大小上下中有無无是在不去來来行食打開开新高長长水火公家分工學学生子日月年元")


@pytest.mark.parametrize("tag", TAGS)
class TestTheRestOfAPack:
    def test_says_all_that_the_product_says_with_the_same_blanks(self, tag: str) -> None:
        spoken, standard = pack(tag).phrases, pack(pack(tag).manifest.standard).phrases
        assert spoken.keys() == standard.keys()
        assert {key for key in standard if blanks(spoken[key]) != blanks(standard[key])} == set()

    def test_says_it_in_the_variety(self, tag: str) -> None:
        standard = pack(pack(tag).manifest.standard).phrases
        assert all(pack(tag).phrases[key] != standard[key] for key in ("no_match", "low_confidence", "clarify", "lead"))

    def test_answers_in_one_script(self, tag: str) -> None:
        wrong = SIMPLIFIED if pack(tag).manifest.scripts[0] == "Hant" else TRADITIONAL
        written = [*pack(tag).phrases.values(), *(each["variety"] for each in pack(tag).style.examples)]
        shared = set("个") if tag.startswith(("nan", "hak")) else set()
        assert [text for text in written if set(wrong.findall(text)) - shared] == []

    def test_shows_a_model_how_it_is_written(self, tag: str) -> None:
        style = pack(tag).style
        assert len(style.guide.strip().splitlines()) >= 5
        assert style.keep.strip()
        assert style.registers.keys() == {"formal", "plain", "colloquial"}
        assert 6 <= len(style.examples) <= 10
        assert all(each["standard"] != each["variety"] for each in style.examples)

    def test_spells_a_variant_as_it_is_usually_spelled(self, tag: str) -> None:
        variants = pack(tag).manifest.variants
        assert variants
        assert [spelling for spelling, usual in variants.items() if spelling == usual] == []

    def test_asks_for_numbers_in_its_own_words(self, tag: str) -> None:
        assert len(pack(tag).words.quantities.split(";")) >= 20

    def test_proves_itself_by_questions_whose_answer_stands_in_the_text(self, tag: str) -> None:
        rows = pack(tag).evaluation
        assert 20 <= len(rows) <= 30
        assert len({row["qid"] for row in rows}) == len(rows)
        assert [row["qid"] for row in rows if not all(answer in row["text"] for answer in row["answers"])] == []
        assert [row["qid"] for row in rows if row["question"] == row["standard"]] == []


class TestRomanisation:
    @pytest.mark.parametrize(("tag", "least"), ROMANISED.items())
    def test_is_given_for_most_words_of_varieties_that_are_typed_so(self, tag: str, least: int) -> None:
        spelled = [spelling for entry in pack(tag).lexicon for spelling in entry.romanised]
        assert len([entry for entry in pack(tag).lexicon if entry.romanised]) >= least
        assert [spelling for spelling in spelled if HAN.search(spelling)] == []

    def test_writes_a_tone_after_each_syllable_of_jyutping(self) -> None:
        first = [entry.romanised[0] for entry in pack("yue-Hant-HK").lexicon if entry.romanised]
        assert [each for each in first if not regex.fullmatch(r"[a-z]+[1-6]( [a-z]+[1-6])*", each)] == []


class TestWords:
    @pytest.mark.parametrize(
        ("question", "tag", "wanted"),
        [
            ("老細拖糧仲想炒我魷魚", "yue-Hant-HK", {"僱主", "拖欠工資"}),
            ("部雪櫃死火，邊度整返", "yue-Hant-HK", {"冰箱", "故障", "維修", "哪裡"}),
            ("细路返学要交几多钱", "yue-Hans-CN", {"儿童", "上学", "费用"}),
            ("厝頭家毋還磧地金", "nan-Hant-TW", {"房東", "押金"}),
            ("駛車拍毋見駕照", "nan-Hant-TW", {"駕駛", "遺失"}),
            ("細人仔个學堂在哪位", "hak-Hant-TW", {"兒童", "哪裡"}),
            ("娃儿遭打了，找哪个扯", "cmn-Hans-x-sichuan", {"儿童", "投诉"}),
            ("小囡个被头哪能汏", "wuu-Hans", {"儿童", "被子", "怎么", "洗涤"}),
            ("媳妇儿坐月子，单位不给开支咋整", "cmn-Hans-x-dongbei", {"妻子", "拖欠工资", "怎么办"}),
        ],
    )
    def test_lead_to_those_of_documents(self, question: str, tag: str, wanted: set[str]) -> None:
        assert wanted <= terms(question, tag)

    def test_are_less_sure_where_the_standard_language_means_something_else(self) -> None:
        doubtful = {"人工", "地下"}
        sense = {form: entry.sense for entry in pack("yue-Hant-HK").lexicon for form in entry.forms if form in doubtful}
        assert sense.keys() == doubtful
        assert all(value < 0.8 for value in sense.values())

    def test_of_guangdong_know_what_hong_kong_says_too(self) -> None:
        assert built_in().chain(pack("yue-Hans-CN"))[1].tag == "yue-Hant-HK"
        assert "駕駛考試" in terms("几时可以考车牌", "yue-Hans-CN")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yue", "yue-Hant-HK"), ("yue-HK", "yue-Hant-HK"), ("yue-Hans", "yue-Hans-CN"), ("yue-CN", "yue-Hans-CN"),
        ("nan", "nan-Hant-TW"), ("nan-Latn", "nan-Hant-TW"), ("hak", "hak-Hant-TW"), ("wuu-Hans-SH", "wuu-Hans"),
        ("cmn-sichuan-Hans", "cmn-Hans-x-sichuan"), ("cmn-dongbei-Hans", "cmn-Hans-x-dongbei"),
    ],
)  # fmt: skip
def test_tags_that_people_write_mean_a_pack(written: str, meant: str) -> None:
    assert pack(written).tag == meant


class TestEvaluation:
    @pytest.mark.parametrize("tag", TAGS)
    def test_questions_find_their_passage_oftener_with_the_packs_than_without(self, tag: str) -> None:
        rows = pack(tag).evaluation
        bare = [search().place(row["text"], encode_query(row["question"])) for row in rows]
        helped = [search().place(row["text"], search().asked(row["question"], tag)) for row in rows]
        assert mean_reciprocal(helped) > mean_reciprocal(bare)
        assert sum(place <= 5 for place in helped) >= sum(place <= 5 for place in bare)
        assert sum(place <= 10 for place in helped) / len(rows) >= 0.85


def mean_reciprocal(places: Sequence[int]) -> float:
    return sum(1 / place for place in places) / len(places)


class Search:
    """BM25 over the passages that all Chinese packs prove themselves by: many are of the same offices and shops."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        self._documents = [weights(vector) for vector in encode_documents(self._texts)]
        self._frequency = Counter(token for document in self._documents for token in document)
        self._expander = Expander(built_in())

    def asked(self, question: str, tag: str) -> SparseVector:
        detection = Detection(tag, "Hant", 1.0, ((tag, 1.0),))
        found = self._expander.expand(question, "zh", detection)
        return encode_weighted([(question, 1.0), *((term, each.weight) for each in found for term in each.terms)])

    def place(self, text: str, asked: SparseVector) -> int:
        scores = [self._score(document, asked) for document in self._documents]
        own = scores[self._texts.index(text)]
        return sum(score > own for score in scores) + 1

    def _score(self, document: Mapping[int, float], asked: SparseVector) -> float:
        return sum(
            weight * document[token] * self._rarity(token)
            for token, weight in weights(asked).items()
            if token in document
        )

    def _rarity(self, token: int) -> float:
        frequency = self._frequency[token]
        return float(np.log((len(self._documents) - frequency + 0.5) / (frequency + 0.5) + 1))


@functools.cache
def search() -> Search:
    rows: list[Mapping[str, Any]] = [row for each in built_in().of_family("zh") for row in each.evaluation]
    return Search([row["text"] for row in rows])


def weights(vector: SparseVector) -> dict[int, float]:
    return dict(zip(np.asarray(vector.indices).tolist(), np.asarray(vector.values).tolist(), strict=True))
