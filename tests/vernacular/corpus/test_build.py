from __future__ import annotations

from vernacular.corpus import CorpusModel, Passage, build
from vernacular.corpus.model import ABBREVIATED, DEFINED, WEIGHTS, ShortForm

OTHER_MATTERS = "".join(chr(0x5100 + number) + "。" * (number % 3 == 0) for number in range(600))

TAXES = [
    Passage("The Value Added Tax (VAT) is due in May.", "Taxes"),
    Passage("Who pays the tax? The World Health Office (WHO) does not.", "Taxes", ("Exemptions",)),
]


class TestBuild:
    def test_knows_the_words_of_texts_titles_and_headings(self) -> None:
        corpus = build(TAXES)
        assert corpus.passages == 2
        assert corpus.words["taxes"] == 2
        assert corpus.words["exemptions"] == 1

    def test_makes_the_same_model_of_the_same_passages(self) -> None:
        assert build(TAXES).to_bytes() == build(TAXES).to_bytes()

    def test_shows_terms_as_documents_write_them(self) -> None:
        texts = [
            "申請勞動檢查，勞動局、",
            "勞動檢查；勞動。",
            "受勞動檢查。",
            "免勞動檢查，勞動！",
            "關於勞動檢查、勞動、",
        ]
        corpus = build([Passage(text) for text in (*texts, OTHER_MATTERS)])
        expansions = corpus.expansions("勞檢要多久")
        assert [each.terms for each in expansions] == [("勞動檢查",)]

    def test_takes_an_empty_tenant(self) -> None:
        assert build([]) == CorpusModel(0, {})


class TestCorpusModel:
    def test_is_the_same_after_storing(self) -> None:
        corpus = build(TAXES)
        assert CorpusModel.from_bytes(corpus.to_bytes()) == corpus

    def test_expands_a_short_form_in_any_case(self) -> None:
        (expansion,) = build(TAXES).expansions("how much vat do I pay")
        assert expansion.terms == ("Value Added Tax",)
        assert (expansion.start, expansion.end) == (9, 12)
        assert expansion.weight == WEIGHTS[DEFINED]

    def test_expands_a_long_form_too(self) -> None:
        (expansion,) = build(TAXES).expansions("is there a value added tax?")
        assert expansion.terms == ("VAT",)

    def test_wants_capitals_where_small_letters_are_another_word(self) -> None:
        corpus = build(TAXES)
        assert corpus.expansions("who pays") == ()
        assert [each.terms for each in corpus.expansions("does the WHO pay")] == [("World Health Office",)]

    def test_wants_capitals_for_initials_that_no_document_has(self) -> None:
        corpus = CorpusModel(1, {}, (ShortForm("nut", ("newcastle upon tyne",), ABBREVIATED, capitals=True),))
        assert corpus.expansions("a nut") == ()
        assert corpus.expansions("a flat in NUT")[0].weight == WEIGHTS[ABBREVIATED]

    def test_leaves_a_question_alone_that_has_none(self) -> None:
        assert build(TAXES).expansions("when is the office open") == ()
