from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vernacular.dialects.detect import Detector
from vernacular.dialects.pack import Manifest, Marker, Pack, read_lexicon
from vernacular.dialects.registry import Registry
from vernacular.text.language import identify
from vernacular.types import Detection

PACKS = Path(__file__).parents[3] / "vernacular" / "dialects" / "packs"
KINDS = {
    "zh": ("zh", "", "", "Hans Hant"),
    "zh-Hans-CN": ("zh", "", "zh", "Hans"),
    "zh-Hant-TW": ("zh", "", "zh", "Hant"),
    "zh-Hant-HK": ("zh", "", "zh", "Hant"),
    "yue-Hant-HK": ("zh", "zh-Hant-HK", "", "Hant"),
    "yue-Hans-CN": ("zh", "zh-Hans-CN", "yue-Hant-HK", "Hans"),
    "nan-Hant-TW": ("zh", "zh-Hant-TW", "", "Hant Latn"),
    "hak-Hant-TW": ("zh", "zh-Hant-TW", "", "Hant"),
    "cmn-Hans-x-sichuan": ("zh", "zh-Hans-CN", "", "Hans"),
    "cmn-Hans-x-dongbei": ("zh", "zh-Hans-CN", "", "Hans"),
    "wuu-Hans": ("zh", "zh-Hans-CN", "", "Hans"),
    "arb-Arab": ("ar", "", "", "Arab"),
    "arz-Arab-EG": ("ar", "arb-Arab", "", "Arab Latn"),
    "afb-Arab": ("ar", "arb-Arab", "", "Arab Latn"),
    "apc-Arab": ("ar", "arb-Arab", "", "Arab Latn"),
    "ary-Arab-MA": ("ar", "arb-Arab", "", "Arab Latn"),
    "es": ("es", "", "", "Latn"),
    "es-MX": ("es", "es", "", "Latn"),
    "es-AR": ("es", "es", "", "Latn"),
    "es-x-caribe": ("es", "es", "", "Latn"),
    "es-x-andes": ("es", "es", "", "Latn"),
    "es-ES": ("es", "es", "", "Latn"),
    "en": ("en", "", "", "Latn"),
    "pt-BR": ("pt", "", "", "Latn"),
    "fr": ("fr", "", "", "Latn"),
}
"""Tag → family, standard, extends, scripts: as in the packs' own manifests, so that these tests read the markers alone."""


def markers_of(tag: str) -> Iterator[Marker]:
    for line in (PACKS / tag / "markers.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        form, weight, kind = line.split("\t")
        yield Marker(form, float(weight), kind)


def manifest(tag: str, family: str, standard: str = "", extends: str = "", scripts: str = "Latn") -> Manifest:
    return Manifest(
        tag=tag, version="1.0.0", name=tag, native=tag, family=family, standard=standard, extends=extends,
        scripts=scripts.split(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Registry(Pack(manifest(tag, *kind), (), tuple(markers_of(tag))) for tag, kind in KINDS.items()))


def detect(detector: Detector, text: str, declared: tuple[str, ...] = (), chosen: str | None = None) -> Detection:
    return detector.detect(text, identify(text), declared, chosen)


class TestChinese:
    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("请问怎么申请补办社保卡？", "zh-Hans-CN"),
            ("請問遺失健保卡要怎麼補辦？", "zh-Hant-TW"),
            ("請問如何向入境處申請補領身份證？", "zh-Hant-HK"),
            ("我唔見咗張八達通，點樣先可以攞返啲錢？", "yue-Hant-HK"),
            ("我唔见咗张身份证，要去边度补返？", "yue-Hans-CN"),
            ("阮阿母的健保卡拍毋見矣，欲按怎補辦？", "nan-Hant-TW"),
            ("𠊎个健保卡無忒，愛仰般正做得補？", "hak-Hant-TW"),
            ("我那个社保卡掉了，咋个补嘛，要好多钱？", "cmn-Hans-x-sichuan"),
            ("俺家那社保卡整丢了，咋整啊，上哪儿补去？", "cmn-Hans-x-dongbei"),
            ("阿拉姆妈个社保卡落脱了，哪能补办？", "wuu-Hans"),
        ],
    )
    def test_knows_the_variety_and_the_region(self, detector: Detector, text: str, tag: str) -> None:
        assert detect(detector, text).tag == tag

    def test_the_language_in_general_is_never_found(self, detector: Detector) -> None:
        assert "zh" not in dict(detect(detector, "大家好").candidates)

    def test_english_among_cantonese_does_not_hide_it(self, detector: Detector) -> None:
        found = detect(detector, "我想cancel個booking，仲有冇得refund㗎？")
        assert (found.tag, found.script) == ("yue-Hant-HK", "Hant")

    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("call 咗 customer service 三次都 no answer", "yue-Hant-HK"),
            ("我 beh cancel 我 ê order", "nan-Hant-TW"),
            ("What does 咗 mean in Cantonese?", "en"),
            ("Is 豆腐 vegan at your shop?", "en"),
        ],
    )
    def test_stands_out_among_more_english_unless_it_is_quoted(self, detector: Detector, text: str, tag: str) -> None:
        assert detect(detector, text).tag == tag

    @pytest.mark.parametrize(
        "text", ["阿拉伯语考试在哪里报名？", "他与系主任的关系如何？", "伊朗签证需要哪些材料？", "仲裁费用由谁承担？"]
    )
    def test_words_that_look_like_markers_are_not_taken_for_them(self, detector: Detector, text: str) -> None:
        assert detect(detector, text).tag == "zh-Hans-CN"


class TestArabic:
    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("ما هي الوثائق المطلوبة لاستخراج بطاقة العمل؟", "arb-Arab"),
            ("عايز اطلع كارت العمل، اروح فين واجيب معايا ايه؟", "arz-Arab-EG"),
            ("شلون أطلع بطاقة العمل ووين أروح الحين؟", "afb-Arab"),
            ("بدي طلع بطاقة شغل، شو لازم جيب معي ولوين بروح؟", "apc-Arab"),
            ("بغيت نصاوب لاكارط ديال الخدمة، فين نمشي وشنو خاصني؟", "ary-Arab-MA"),
        ],
    )
    def test_knows_the_variety(self, detector: Detector, text: str, tag: str) -> None:
        assert detect(detector, text).tag == tag

    @pytest.mark.parametrize("text", ["كم رسوم رخصة البناء؟", "ماهو", "ماهي", "ماهو رقمكم؟", "كم عدد أيام الإجازة؟"])
    def test_short_questions_in_standard_wording_are_standard(self, detector: Detector, text: str) -> None:
        assert detect(detector, text).tag == "arb-Arab"

    def test_persian_is_not_taken_for_it(self, detector: Detector) -> None:
        assert detect(detector, "چطور می توانم گذرنامه بگیرم؟").tag is None

    def test_french_among_darija_does_not_hide_it(self, detector: Detector) -> None:
        assert detect(detector, "واش كاين شي rendez-vous خاوي نهار lundi؟").tag == "ary-Arab-MA"


class TestSpanish:
    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("¿Cuáles son los requisitos para obtener la beca?", "es"),
            ("oye, qué tan tardado es sacar el acta de nacimiento, cómo le hago?", "es-MX"),
            ("che, vos sabés dónde tenés que pedir el turno?", "es-AR"),
            ("y dónde es que uno saca la cédula, qué tú necesitas pa eso?", "es-x-caribe"),
            ("oe causa, dame diciendo dónde saco mi brevete pe", "es-x-andes"),
            ("vale, y vosotros dónde os habéis empadronado?", "es-ES"),
        ],
    )
    def test_knows_the_variety(self, detector: Detector, text: str, tag: str) -> None:
        assert detect(detector, text).tag == tag

    def test_what_is_said_in_many_countries_is_not_surely_of_one(self, detector: Detector) -> None:
        found = detect(detector, "qué es lo que no los dejan hacer a los farmacéuticos")
        assert max(share for tag, share in found.candidates if tag != "es") < 0.5

    def test_future_forms_are_not_taken_for_voseo(self, detector: Detector) -> None:
        assert detect(detector, "¿Cuándo llegarás a París, además de Tomás y Nicolás?").tag == "es"


class TestTenant:
    def test_neutral_wording_is_in_the_declared_variety(self, detector: Detector) -> None:
        found = detect(detector, "¿Dónde pago la multa?", ("es-MX",))
        assert (found.tag, found.decided_by) == ("es-MX", "tenant")

    def test_written_standard_chinese_stays_what_it_is_where_cantonese_is_declared(self, detector: Detector) -> None:
        assert detect(detector, "請問如何申請補領身份證？需要什麼文件？", ("yue-Hant-HK",)).tag == "zh-Hant-HK"

    def test_a_few_words_that_could_be_either_are_in_the_declared_variety(self, detector: Detector) -> None:
        assert detect(detector, "學費？", ("yue-Hant-HK",)).tag == "yue-Hant-HK"

    def test_clear_signs_of_another_variety_outweigh_the_declaration(self, detector: Detector) -> None:
        found = detect(detector, "che, vos sabés dónde tenés que pagar?", ("es-MX",))
        assert (found.tag, found.decided_by) == ("es-AR", "text")

    def test_the_standard_language_stays_likeliest_where_it_is_declared_too(self, detector: Detector) -> None:
        assert detect(detector, "¿Dónde pago la multa?", ("es", "es-MX")).tag == "es"

    def test_unknown_declarations_change_nothing(self, detector: Detector) -> None:
        assert detect(detector, "¿Dónde pago la multa?", ("xx-XX",)) == detect(detector, "¿Dónde pago la multa?")


class TestPerson:
    def test_the_choice_wins_and_the_signs_are_given_all_the_same(self, detector: Detector) -> None:
        found = detect(detector, "點解要交咁多錢？", chosen="nan-Hant-TW")
        assert (found.tag, found.confidence, found.decided_by) == ("nan-Hant-TW", 1.0, "person")
        assert "點解" in {sign.text for sign in found.signs}

    def test_a_language_in_general_means_its_likeliest_regional_form(self, detector: Detector) -> None:
        assert detect(detector, "點解要交咁多錢？", chosen="zh").tag in {"zh-Hant-TW", "zh-Hant-HK"}

    def test_a_choice_without_a_pack_is_no_variety(self, detector: Detector) -> None:
        found = detect(detector, "¿Dónde pago?", chosen="xx-XX")
        assert (found.tag, found.decided_by) == (None, "person")


class TestSigns:
    def test_stand_in_the_text_as_it_was_given(self, detector: Detector) -> None:
        text = "ＡＢＣ　請問點解…要交咁多錢㗎？"
        found = detect(detector, text)
        assert found.signs
        assert all(text[sign.start : sign.end] == sign.text for sign in found.signs)

    def test_speak_for_what_was_found(self, detector: Detector) -> None:
        found = detect(detector, "شلونك، وين أروح الحين؟")
        assert any(sign.tag == found.tag and sign.weight > 0 for sign in found.signs)


class TestCandidates:
    @pytest.mark.parametrize("text", ["點解要交錢？", "dónde es que uno paga eso", "وين ادفع", "¿Dónde?"])
    def test_are_probabilities_best_first(self, detector: Detector, text: str) -> None:
        found = detect(detector, text)
        shares = [share for _, share in found.candidates]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + 1e-9
        assert found.candidates[0] == (found.tag, found.confidence)

    def test_signs_that_say_the_same_hardly_make_surer(self) -> None:
        weights: dict[str, tuple[Marker, ...]] = {"once": (Marker("orun", 2.0, "word"),)}
        weights["twice"] = (*weights["once"], Marker(r"\borun\b", 2.0, "regex"))
        found = {}
        for name, markers in weights.items():
            packs = [Pack(manifest("xx", "es"), ()), Pack(manifest("xx-A", "es", "xx"), (), markers)]
            found[name] = detect(Detector(Registry(packs)), "la casa orun de la calle").confidence
        assert found["once"] < found["twice"] < (found["once"] + 1) / 2

    def test_more_signs_make_surer(self, detector: Detector) -> None:
        one, more = detect(detector, "學費幾多？"), detect(detector, "嗰間學校啲學費要幾多錢㗎？")
        assert one.confidence < more.confidence


class TestOtherLanguages:
    @pytest.mark.parametrize("text", ["Wo bekomme ich einen neuen Ausweis?", "여권은 어디서 만드나요?", "", "12345 ?!"])
    def test_have_no_variety(self, detector: Detector, text: str) -> None:
        found = detect(detector, text)
        assert (found.tag, found.candidates, found.signs) == (None, (), ())

    def test_a_language_with_one_pack_is_as_sure_as_the_language_is(self, detector: Detector) -> None:
        language = identify("How much is a new passport?")
        found = detector.detect("How much is a new passport?", language)
        assert (found.tag, found.confidence) == ("en", language.confidence)


@settings(max_examples=200, deadline=None)
@given(text=st.text())
def test_answers_any_text(detector: Detector, text: str) -> None:
    found = detect(detector, text)
    assert 0 <= found.confidence <= 1
    assert all(text[sign.start : sign.end] == sign.text for sign in found.signs)


def test_threads_share_one_detector(detector: Detector) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: detect(detector, "點解要交咁多錢？"), range(8)))
    assert len(found) == 1


class TestLexicons:
    def test_words_that_the_standard_lacks_speak_weakly_and_the_less_the_more_varieties_share_them(self) -> None:
        lexicons = {"xx": "", "xx-A": "grompel\tmesa\nbalint\tsilla", "xx-B": "balint\tsilla\nmesa\tbanco"}
        detector = Detector(
            Registry(
                Pack(
                    manifest(tag, "es", "xx" if tag != "xx" else ""),
                    tuple(read_lexicon("dialect\tstandard\n" + text, tag)),
                    (Marker("orun", 2.0, "word"),) if tag == "xx-B" else (),
                )
                for tag, text in lexicons.items()
            )
        )
        signs = detect(detector, "la grompel y la balint y la mesa orun").signs
        weights = {(sign.text, sign.tag): sign.weight for sign in signs}
        shared = {("balint", "xx-A"), ("balint", "xx-B")}
        assert weights.keys() == {("grompel", "xx-A"), ("orun", "xx-B"), *shared}
        assert weights["balint", "xx-A"] < weights["grompel", "xx-A"] < weights["orun", "xx-B"]
