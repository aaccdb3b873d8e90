from __future__ import annotations

from vernacular.dialects.pack import Entry, Manifest, Pack
from vernacular.dialects.romanised import RomanIndex, from_latin
from vernacular.dialects.romanised.arabizi import transliterations
from vernacular.text.normalise import normalise
from vernacular.types import Expansion


def pack(tag: str, family: str, *entries: Entry) -> Pack:
    return Pack(Manifest(tag=tag, version="1.0.0", name=tag, native=tag, family=family, scripts=["Arab"]), entries)


MOROCCAN = pack(
    "ary-Arab-MA",
    "ar",
    Entry(("شحال",), ("كم",), "adv", 1.0, ("ch7al",)),
    Entry(("الكريدي", "كريدي"), ("القرض", "قرض"), "n", 1.0, ("kridi", "credi")),
    Entry(("ورقة الخروج",), ("شهادة المغادرة",), "n", 1.0, ("war9at lkhoroj",)),
    Entry(("لوطو", "طوموبيل", "الطوموبيل"), ("سيارة",), "n", 1.0),
)
HOKKIEN = pack(
    "nan-Hant-TW",
    "zh",
    Entry(("拄好",), ("剛好",), "adv", 1.0, ("tú-hó",)),
    Entry(("冊店",), ("書店",), "n", 1.0, ("tsheh-tiàm",)),
    Entry(("頭路",), ("工作", "職業"), "n", 1.0, ("thâu-lōo",)),
    Entry(("透路",), ("一路",), "n", 1.0, ("thàu-lōo",)),
    Entry(("車",), ("車輛",), "n", 1.0, ("tshia",)),
)
CANTONESE = pack(
    "yue-Hant-HK",
    "zh",
    Entry(("差館",), ("警察局", "警署"), "n", 1.0, ("caai1 gun2",)),
    Entry(("幾時",), ("何時",), "adv", 1.0, ("gei2 si4",)),
    Entry(("你哋",), ("你們",), "pron", 1.0, ("nei5 dei6",)),
)
WORDS = RomanIndex(
    dict.fromkeys(
        map(
            normalise, ["كم", "القرض", "القروض", "المحكمة", "الدار", "البيضاء", "سيارة", "تويوتا", "فاتورة", "الكهرباء"]
        ),
        1,
    )
)


def at(question: str, expansions: list[Expansion], part: str) -> list[str]:
    return [term for each in expansions if question[each.start : each.end] == part for term in each.terms]


class TestArabizi:
    def test_takes_words_from_the_pack_first(self) -> None:
        question = "ch7al dyal lwa9t bach nakhod credi"
        found = from_latin(question, [MOROCCAN], WORDS)
        assert at(question, found, "ch7al")[0] == "كم"
        assert at(question, found, "credi")[:2] == ["القرض", "قرض"]

    def test_takes_the_longest_phrase(self) -> None:
        question = "fin nakhod war9at lkhoroj"
        assert at(question, from_latin(question, [MOROCCAN], None), "war9at lkhoroj")[0] == "شهادة المغادرة"

    def test_knows_a_word_of_the_pack_by_its_sound_where_no_spelling_is_given(self) -> None:
        question = "chkoun chra ttomobil dyali"
        assert "سيارة" in at(question, from_latin(question, [MOROCCAN], None), "ttomobil")

    def test_finds_words_of_the_documents(self) -> None:
        question = "3lach lme7kama b3ida 3la toyota"
        found = from_latin(question, [MOROCCAN], WORDS)
        assert "المحكمه" in at(question, found, "lme7kama")
        assert "تويوتا" in at(question, found, "toyota")

    def test_knows_french_words_in_any_number(self) -> None:
        question = "ch7al tamane dyal les factures"
        found = from_latin(question, [MOROCCAN], WORDS)
        assert at(question, found, "factures") == ["فاتورة"]

    def test_spells_letters_of_an_acronym(self) -> None:
        question = "chno howa BBC"
        assert "بي بي سي" in at(question, from_latin(question, [MOROCCAN], None), "BBC")

    def test_says_nothing_of_function_words(self) -> None:
        question = "wach kayn chi 7aja dyal hadchi"
        found = from_latin(question, [MOROCCAN], WORDS)
        assert not at(question, found, "kayn") and not at(question, found, "dyal")

    def test_guesses_a_spelling_where_nothing_sounds_alike(self) -> None:
        question = "fin kayna zan9at lbsal"
        assert "بسال" in " ".join(at(question, from_latin(question, [MOROCCAN], WORDS), "lbsal"))

    def test_leaves_other_languages_alone_but_for_names(self) -> None:
        question = "Where can I buy a Toyota please"
        found = from_latin(question, [MOROCCAN], WORDS)
        assert {question[each.start : each.end] for each in found} == {"Toyota"}

    def test_keeps_offsets_of_the_text_given(self) -> None:
        question = "3lach l'église b3ida"
        assert at(question, from_latin(question, [MOROCCAN], None), "église") == ["كنيسة"]

    def test_writes_vowels_and_leaves_them_out(self) -> None:
        assert {"كتاب", "كتب"} <= set(transliterations("kitab")) | {"كتاب"}
        assert "شمس" in transliterations("chams")


class TestSinitic:
    def test_finds_tai_lo_with_diacritics(self) -> None:
        question = "Góa beh khì tsheh-tiàm tú-hó"
        found = from_latin(question, [HOKKIEN], None)
        assert at(question, found, "tsheh-tiàm")[0] == "書店"
        assert at(question, found, "tú-hó")[0] == "剛好"

    def test_finds_what_is_typed_in_poj(self) -> None:
        question = "chheh-tiàm chhia"
        assert at(question, from_latin(question, [HOKKIEN], None), "chheh-tiàm")[0] == "書店"

    def test_tells_words_apart_by_tone_and_takes_both_without(self) -> None:
        marked, numbered, bare = "tshuē thâu-lōo", "tshue7 thau5-loo7", "tshue thau-loo"
        for question, part in ((marked, "thâu-lōo"), (numbered, "thau5-loo7")):
            assert "工作" in at(question, from_latin(question, [HOKKIEN], None), part)
            assert "一路" not in at(question, from_latin(question, [HOKKIEN], None), part)
        assert {"工作", "一路"} <= set(at(bare, from_latin(bare, [HOKKIEN], None), "thau-loo"))

    def test_finds_jyutping_with_and_without_tones(self) -> None:
        for question, part in (("caai1 gun2 gei2 si4 hoi1", "caai1 gun2"), ("chaai gun gei si hoi", "chaai gun")):
            found = from_latin(question, [CANTONESE], None)
            assert at(question, found, part)[0] == "警察局"

    def test_finds_lazy_sounds(self) -> None:
        question = "lei5 dei6 gei2 si4"
        assert at(question, from_latin(question, [CANTONESE], None), "lei5 dei6")[0] == "你們"

    def test_finds_words_amid_han(self) -> None:
        question = "你 gei si 返嚟"
        assert at(question, from_latin(question, [CANTONESE], None), "gei si")[0] == "何時"

    def test_leaves_other_languages_alone(self) -> None:
        for question in ("Where is the tax office?", "¿Dónde está la oficina?", "Wie komme ich zum Amt?"):
            assert from_latin(question, [HOKKIEN, CANTONESE], None) == []

    def test_maps_offsets_back_to_composed_text(self) -> None:
        question = "hia ê tsheh-tiàm"
        found = from_latin(question, [HOKKIEN], None)
        assert [question[each.start : each.end] for each in found] == ["tsheh-tiàm"]


class TestNames:
    INDEX = RomanIndex(
        dict.fromkeys(["panasonic", "corolla", "chrome", "facebook", "lenovo", "the", "of", "شركه", "العقد"], 1)
    )

    def test_finds_latin_names_for_arabic_letters(self) -> None:
        question = "سعر غسالة باناسونيك وكورولا"
        found = from_latin(question, [], self.INDEX)
        assert at(question, found, "باناسونيك") == ["panasonic"]
        assert at(question, found, "وكورولا") == ["corolla"]

    def test_leaves_words_alone_that_the_documents_have(self) -> None:
        index = RomanIndex({"panasonic": 1, "باناسونيك": 1})
        assert from_latin("غسالة باناسونيك", [], index) == []

    def test_leaves_words_alone_that_sound_like_no_name(self) -> None:
        assert from_latin("مين المسؤول عن العقد؟", [], self.INDEX) == []


class TestReadings:
    INDEX = RomanIndex(dict.fromkeys(["护照", "签证", "健康", "保险", "员工", "公司"], 1))

    def test_finds_words_of_the_documents_that_no_pack_has(self) -> None:
        question = "Góa beh pān hōo-tsiàu kap tshiam-tsìng"
        found = from_latin(question, [HOKKIEN], self.INDEX)
        assert at(question, found, "hōo-tsiàu") == ["护照"]
        assert at(question, found, "tshiam-tsìng") == ["签证"]

    def test_reads_poj_and_cantonese_as_well(self) -> None:
        assert at("hō͘-chiàu chhiam-chèng", from_latin("hō͘-chiàu chhiam-chèng", [HOKKIEN], self.INDEX), "hō͘-chiàu") == [
            "护照"
        ]
        question = "gung1 si1 jyun4 gung1 gin6 hong1"
        found = from_latin(question, [CANTONESE], self.INDEX)
        assert [term for each in found for term in each.terms] == ["公司", "员工", "健康"]

    def test_counts_a_syllable_of_a_longer_word_for_less(self) -> None:
        alone = from_latin("góa ê tshia siáⁿ", [HOKKIEN], None)[0].weight
        joined = from_latin("góa ê tshia-thâu siáⁿ", [HOKKIEN], None)[0].weight
        assert joined < alone
