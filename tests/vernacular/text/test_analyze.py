from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vernacular.text.analyze import (
    encode_document,
    encode_documents,
    encode_query,
    encode_weighted,
    highlights,
    tokens,
)
from vernacular.types import SparseVector

MIXED = [
    "The fee is HK$1,200.50 for AB-1234.",
    "",
    "身份證遺失補辦費用為二百元",
    "ค่าธรรมเนียมหนังสือเดินทาง",
    "여권 수수료 안내",
    "\x1f",
]


def weights(vector: SparseVector) -> dict[int, float]:
    return {int(i): float(value) for i, value in zip(vector.indices, vector.values, strict=True)}


def shared(document: str, query: str) -> float:
    """The query's share of ids that the document has."""
    found = set(weights(encode_document(document)))
    asked = set(weights(encode_query(query)))
    return len(found & asked) / len(asked)


class TestTokens:
    def test_has_whole_words_with_their_accents_and_grams_without(self) -> None:
        found = tokens("Über Cafés")
        assert found["w"] == ["über", "cafés"]
        assert found["g"] == ["_ube", "uber", "ber_", "_caf", "cafe", "afes", "fes_"]

    def test_has_short_words_as_one_gram_each(self) -> None:
        assert tokens("a of")["g"] == ["_a_", "_of_"]

    @pytest.mark.parametrize(
        ("written", "canonical"),
        [("5,999.00", "5999"), ("1.299,50", "1299.5"), ("1,299.50", "1299.5"), ("1299.5", "1299.5"), ("12,5", "12.5"),
         ("٣٫٥", "3.5"), ("1,234,567", "1234567"), ("0.50", "0.5")],
    )  # fmt: skip
    def test_writes_numbers_in_one_form(self, written: str, canonical: str) -> None:
        assert tokens(f"x {written} y")["w"] == ["x", canonical, "y"]

    def test_has_codes_in_parts_and_joined(self) -> None:
        assert tokens("AB-1234")["w"] == ["ab", "1234", "ab1234"]
        assert tokens("100mg")["w"] == ["100", "mg", "100mg"]
        assert "20261121" in tokens("on 2026-11-21")["w"]

    def test_does_not_join_words_without_digits(self) -> None:
        assert tokens("well-known/e.g")["w"] == ["well", "known", "e", "g"]

    def test_has_one_and_two_han_characters_across_scripts(self) -> None:
        assert tokens("申請護照")["c"] == ["申", "请", "护", "照", "申请", "请护", "护照"]

    def test_has_three_thai_characters_and_short_runs_whole(self) -> None:
        assert tokens("ภาษี กก")["c"] == ["ภาษ", "าษี", "กก"]

    def test_has_hangul_words_and_pairs(self) -> None:
        assert tokens("한국어 나") == {"w": ["한국어", "나"], "g": [], "c": ["한국", "국어", "나"]}

    def test_keeps_combining_marks_inside_words(self) -> None:
        assert tokens("हिन्दी भाषा")["w"] == ["हिन्दी", "भाषा"]

    def test_parts_words_from_han_characters_they_touch(self) -> None:
        assert tokens("买iPhone手机")["w"] == ["iphone"]


class TestEncode:
    def test_same_text_in_another_script_case_or_accent_has_the_same_ids(self) -> None:
        assert shared("國際駕駛執照", "国际驾驶执照") == 1
        assert shared("STRASSE", "straße") == 1
        assert shared("مدرسة", "مدرسه") == 1
        assert shared("solicitud de pasaporte", "SOLICITUD") == 1

    def test_inflected_and_mistyped_words_share_grams(self) -> None:
        assert 0.3 < shared("las solicitudes presentadas", "solicitud presentada") < 1
        assert shared("the passport office", "pasport") > 0.2

    def test_unrelated_text_shares_nothing(self) -> None:
        assert shared("the passport office", "國際駕駛執照") == 0

    def test_ids_are_distinct_and_ascending_in_each_vector(self) -> None:
        for vector in encode_documents(MIXED):
            ids = np.asarray(vector.indices)
            assert (ids[1:] > ids[:-1]).all()

    def test_weights_grow_with_frequency_and_fall_with_length(self) -> None:
        (word,) = (int(i) for i in encode_query("한").indices if int(i) >> 30 == 0)
        once, twice = (weights(encode_document(text))[word] for text in ("한 가", "한 한"))
        long = weights(encode_document("한 " + "가 " * 500))[word]
        assert long < once < twice < 1.7

    def test_title_counts_as_text(self) -> None:
        assert weights(encode_document("body", "Title")) == weights(encode_document("Title\nbody"))

    def test_empty_text_has_an_empty_vector(self) -> None:
        for text in ("", "  ", "?!", "😀"):
            assert len(encode_document(text).indices) == len(encode_query(text).values) == 0

    def test_query_weights_are_one(self) -> None:
        assert set(weights(encode_query("how many days?")).values()) == {1.0}

    @settings(max_examples=60)
    @given(st.lists(st.text(max_size=40), max_size=6))
    def test_a_batch_equals_its_texts_one_by_one(self, texts: list[str]) -> None:
        together = [weights(vector) for vector in encode_documents(texts)]
        assert together == [weights(encode_document(text)) for text in texts]

    @given(st.text())
    def test_a_text_holds_every_id_of_itself_as_a_query(self, text: str) -> None:
        assert set(weights(encode_query(text))) == set(weights(encode_document(text)))

    def test_long_texts_and_batches_agree_with_short_ones(self) -> None:
        text = "passport fee 1,200.50 護照費用 "
        assert set(weights(encode_document(text * 4000))) == set(weights(encode_document(text)))

    def test_ids_are_the_same_in_another_process(self) -> None:
        code = "from vernacular.text.analyze import encode_query as e; print(list(map(int, e('Passport 護照 5,999').indices)))"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert other.strip() == str([int(i) for i in encode_query("Passport 護照 5,999").indices])

    def test_threads_agree(self) -> None:
        expected = [weights(vector) for vector in encode_documents(MIXED)]
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(lambda _: [weights(vector) for vector in encode_documents(MIXED)], range(16)))
        assert all(result == expected for result in results)


def marked(text: str, query: str) -> list[str]:
    return [text[span.start : span.end] for span in highlights(text, query)]


class TestHighlights:
    def test_marks_whole_words_and_joins_neighbours(self) -> None:
        text = "The Passport Office is open; passports cost 5,999.00 dollars."
        asked = "what does a passport office charge, 5999?"
        assert marked(text, asked) == ["Passport Office", "passports", "5,999.00"]

    def test_marks_short_words_only_beside_those_they_stand_beside_in_the_query(self) -> None:
        assert marked("a pro of the Pro Bowl of it", "pro bowl of what") == ["Pro Bowl of"]
        assert marked("is it IT?", "it") == ["it IT"]

    def test_does_not_mark_words_that_only_begin_alike(self) -> None:
        assert marked("the constant council", "contract considerations") == []

    def test_marks_shared_runs_of_han_in_either_script(self) -> None:
        assert marked("港鐵車站的輪椅出租服務", "怎么租轮椅") == ["輪椅"]

    def test_marks_a_single_han_character_only_if_it_is_the_query(self) -> None:
        assert marked("我的車在車站", "车") == ["車", "車"]
        assert marked("我的車在港口", "车票") == []

    def test_covers_marks_and_hidden_characters_of_the_original(self) -> None:
        assert marked("un cafe\u0301 noir", "café") == ["cafe\u0301"]
        assert marked("pass\u200bport", "passport") == ["pass\u200bport"]

    def test_marks_thai_runs(self) -> None:
        assert marked("ต่ออายุหนังสือเดินทางที่นี่", "หนังสือเดินทาง") == ["หนังสือเดินทาง"]

    @given(st.text(), st.text())
    def test_spans_are_ordered_apart_and_within_the_text(self, text: str, query: str) -> None:
        end = 0
        for span in highlights(text, query):
            assert end <= span.start < span.end <= len(text)
            end = span.end


class TestOddInput:
    @pytest.mark.parametrize(
        "text", ["1," * 20000, "1.0" + "0" * 50000 + "1", "x" * 100000, "a1-" * 20000, "\u0301" * 50000]
    )
    def test_long_runs_of_anything_are_encoded(self, text: str) -> None:
        vector = encode_document(text)
        assert len(vector.indices) == len(vector.values)
        assert np.isfinite(np.asarray(vector.values)).all()


class TestWeighted:
    def test_each_token_has_the_greatest_weight_of_the_texts_it_is_in(self) -> None:
        found = weights(encode_weighted([("boat permit", 1.0), ("permit licence", 0.5)]))
        own, added = weights(encode_query("boat permit")), weights(encode_query("licence"))
        assert all(found[token] == 1.0 for token in own)
        assert all(found[token] == 0.5 for token in added.keys() - own.keys())
        assert found.keys() == own.keys() | added.keys()

    def test_of_nothing_is_nothing(self) -> None:
        assert len(encode_weighted([]).indices) == len(encode_weighted([("", 1.0), ("…", 0.5)]).indices) == 0
