from __future__ import annotations

from vernacular.corpus.words import HanTerms, words_of

NOTICES = [
    "申請勞動檢查，由勞動局受理。",
    "勞動檢查之結果通知申訴人；勞動局得派員。",
    "雇主拒絕勞動檢查者，處罰鍰。罰鍰由勞動局收。",
    "對勞動檢查不服，向勞動局申訴。",
    "勞動安全與勞動檢查，罰鍰另定。",
]


class TestWordsOf:
    def test_counts_the_texts_a_word_is_in(self) -> None:
        words, _ = words_of(["A tax, the tax.", "Tax office", "Ünlü Straße"])
        assert words["tax"] == 2
        assert words["office"] == 1
        assert {"ünlü", "strasse"} <= words.keys()

    def test_finds_the_words_of_scripts_with_spaces(self) -> None:
        words, _ = words_of(["ضريبة القيمة المُضافة", "налог на добавленную", "세금 신고"])
        assert {"ضريبه", "القيمه", "المضافه", "налог", "세금"} <= words.keys()

    def test_leaves_out_numbers_and_single_letters(self) -> None:
        words, _ = words_of(["a 2024 b 12x"])
        assert words == {}

    def test_finds_han_terms_by_how_they_hold_together_and_stand_apart(self) -> None:
        words, _ = words_of(NOTICES)
        assert words["劳动检查"] == 5
        assert words["劳动局"] == 4
        assert "动检" not in words
        assert "之结" not in words

    def test_takes_an_empty_collection(self) -> None:
        assert words_of([]) == ({}, HanTerms())


class TestHanTerms:
    def test_counts_any_short_run(self) -> None:
        _, terms = words_of(NOTICES)
        assert terms.counts(["劳动", "动检", "劳动检查", "鱼", "查劳"]) == [10, 5, 5, 0, 0]

    def test_counts_a_longer_run_by_its_beginning(self) -> None:
        _, terms = words_of(NOTICES)
        assert terms.count("劳动检查之结果") == 5
