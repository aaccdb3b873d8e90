from __future__ import annotations

import pytest

from vernacular.dialects.documents import CurrentGlosser, terms_of, with_glosses

CANTONESE = "唔見咗張八達通點算好？你可以去港鐵站嘅客務中心攞返張新嘅，使唔使俾錢就睇你張卡係乜嘢。"
EGYPTIAN = "لو الموبايل باظ هنصلحهولك ببلاش، بس لازم تجيب الفاتورة معاك عشان نعرف اشتريته امتى."
MEXICAN = "Órale, si se te ponchó la llanta del carro, háblanos ahorita y te mandamos la grúa de volada, wey."
TAIWANESE = "你若是欲退貨，毋通共標頭鉸掉，七工內提來店裡，阮就會共錢還予你。"
ARABIZI = "law el mobile bayez hansalla7o, bas lazem tegeeb el fatoura ma3ak 3ashan ne3raf eshtareito emta"
STANDARD = (
    "申請人應於三十日內檢附身分證明文件，向主管機關申請；逾期者，應敘明理由。",
    "遺失證件者，應親自至戶政事務所申請補發，並繳納規費五十元。",
    "يجب على مقدم الطلب تقديم المستندات المطلوبة خلال ثلاثين يوما من تاريخ الإعلان.",
    "La renovación del permiso se solicita en la oficina del municipio, de lunes a viernes.",
    "The permit is renewed at the town hall within thirty days.",
    "12345",
    "",
)


@pytest.fixture(scope="module")
def glosser() -> CurrentGlosser:
    return CurrentGlosser()


class TestGlosser:
    @pytest.mark.parametrize(
        ("text", "standard"),
        [
            (CANTONESE, {"遺失"}),
            (EGYPTIAN, {"مجانا"}),
            (MEXICAN, {"neumático"}),
            (TAIWANESE, {"不可"}),
        ],
    )
    def test_gives_the_standard_words_of_a_text_in_a_variety(
        self, glosser: CurrentGlosser, text: str, standard: set[str]
    ) -> None:
        (found,) = glosser.gloss([text])
        assert standard & set(terms_of(found))

    def test_reads_latin_letters_of_a_variety_that_is_written_in_others(self, glosser: CurrentGlosser) -> None:
        (found,) = glosser.gloss([ARABIZI])
        assert "فاتورة" in " ".join(terms_of(found))

    def test_leaves_standard_texts_alone(self, glosser: CurrentGlosser) -> None:
        assert glosser.gloss(STANDARD) == [()] * len(STANDARD)

    def test_is_not_misled_by_a_single_word_in_a_long_text(self, glosser: CurrentGlosser) -> None:
        assert glosser.gloss([f"{STANDARD[0]}{STANDARD[1]}他喜歡冇字。{STANDARD[0]}{STANDARD[1]}"]) == [()]

    def test_says_where_in_the_text_each_word_stands(self, glosser: CurrentGlosser) -> None:
        (found,) = glosser.gloss([CANTONESE])
        assert any(CANTONESE[each.start : each.end] == "唔見咗" and "遺失" in each.terms for each in found)

    def test_glosses_a_text_among_others_as_it_does_alone(self, glosser: CurrentGlosser) -> None:
        texts = [STANDARD[0], CANTONESE, "two\nlines", EGYPTIAN]
        assert glosser.gloss(texts) == [found for text in texts for found in glosser.gloss([text])]

    def test_of_no_texts_there_are_none(self, glosser: CurrentGlosser) -> None:
        assert glosser.gloss([]) == []


class TestWithGlosses:
    def test_puts_the_terms_below_the_text(self, glosser: CurrentGlosser) -> None:
        standard, glossed = with_glosses([STANDARD[0], CANTONESE], glosser.gloss)
        assert standard == STANDARD[0]
        assert glossed.startswith(f"{CANTONESE}\n")
        assert "遺失" in glossed.removeprefix(CANTONESE).split("\n")
