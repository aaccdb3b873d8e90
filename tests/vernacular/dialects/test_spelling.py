from __future__ import annotations

from vernacular.dialects.spelling import SpellingIndex, corrections, sound
from vernacular.text.normalise import normalise

SPANISH = SpellingIndex(
    dict.fromkeys(
        [
            "vivienda",
            "devolución",
            "jubilación",
            "cuánto",
            "cocina",
            "zapato",
            "hacienda",
            "yeso",
            "murciélago",
            "comprobante",
            "muy",
            "mucho",
        ],
        1,
    )
)
ARABIC = SpellingIndex(dict.fromkeys(map(normalise, ["الضريبة", "التقاعد", "المستشفى", "الجامعة", "تسجيل", "كثير"]), 1))


def corrected(text: str, index: SpellingIndex) -> dict[str, tuple[str, ...]]:
    return {text[each.start : each.end]: each.terms for each in corrections(text, index)}


def test_finds_words_with_letters_that_sound_alike() -> None:
    found = corrected("bibienda devolusion jubilasión asienda llezo", SPANISH)
    assert found["bibienda"] == ("vivienda",)
    assert found["devolusion"] == ("devolución",)
    assert found["jubilasión"] == ("jubilación",)
    assert found["asienda"] == ("hacienda",)
    assert found["llezo"] == ("yeso",)


def test_finds_words_with_slips_of_the_finger() -> None:
    found = corrected("comprobnate murcielgao conprobante muuucho", SPANISH)
    assert found["comprobnate"] == ("comprobante",)
    assert found["murcielgao"] == ("murciélago",)
    assert found["conprobante"] == ("comprobante",)
    assert found["muuucho"] == ("mucho",)


def test_weighs_a_likely_slip_more() -> None:
    alike, slip, far = (corrections(word, SPANISH)[0].weight for word in ("bibienda", "vivjenda", "comprobinre"))
    assert alike > slip > far


def test_finds_arabic_words() -> None:
    found = corrected("الظريبه التقاعدد المستشفا كثييييير", ARABIC)
    assert found["الظريبه"] == ("الضريبه",)
    assert found["كثييييير"] == ("كثير",)


def test_touches_no_word_that_is_known() -> None:
    assert corrected("vivienda DEVOLUCIÓN Cuánto muy", SPANISH) == {}
    assert corrected("والضريبة بالجامعة جامعه", ARABIC) == {}


def test_finds_words_without_their_accents() -> None:
    assert corrected("devolucion y cuanto", SPANISH) == {"devolucion": ("devolución",), "cuanto": ("cuánto",)}


def test_leaves_short_words_codes_and_other_forms_of_a_word_alone() -> None:
    assert corrected("mu yeza x200z viviendas cocinas", SPANISH) == {}


def test_leaves_words_alone_that_are_like_none() -> None:
    assert corrected("ferrocarril ordenador", SPANISH) == {}


def test_takes_a_plain_vocabulary() -> None:
    assert corrections("oficinna", {"oficina": 2})[0].terms == ("oficina",)
    assert corrections("oficinna", {}) == []


def test_keeps_sounds_of_english_apart() -> None:
    assert sound("tree") != sound("three")
