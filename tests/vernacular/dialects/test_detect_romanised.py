from __future__ import annotations

import pytest

from tests.vernacular.dialects.test_detect import detect, detector
from vernacular.dialects.detect import Detector

__all__ = ["detector"]


class TestRomanised:
    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("bghit njdded lpermis, ch7al khassni n3ti?", "ary-Arab-MA"),
            ("bonjour wach n9der nkhelles b carte bancaire", "ary-Arab-MA"),
            ("3ayez a3raf el rokhsa btetgaded fein w bekam", "arz-Arab-EG"),
            ("baddi jadded l rokhsa, shu lezim a3mel?", "apc-Arab"),
            ("wain asawwi kart el 3amal il7een", "afb-Arab"),
            ("Guá ê kiān-pó-khah phah-m̄-kìnn, beh án-tsuánn pān?", "nan-Hant-TW"),
            ("Góa beh khì tó-ūi khui hō͘-thâu?", "nan-Hant-TW"),
            ("el ra2m da3 meni, atalla3 badal bta2ty?", "arz-Arab-EG"),
            ("ngo5 soeng2 man6 haa5 gei2 do1 cin2", "yue-Hant-HK"),
        ],
    )
    def test_knows_the_variety_whatever_language_the_letters_look_like(
        self, detector: Detector, text: str, tag: str
    ) -> None:
        found = detect(detector, text)
        assert (found.tag, found.script) == (tag, "Latn")

    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("Does the 3D printer come with 2GB or 4GB, model B2B7 or A3X?", "en"),
            ("Où est le guichet 7bis, au 2ème étage, peut-être là-bas?", "fr"),
            ("Au 2ème et au 3ème étage, le 5e est fermé?", "fr"),
            ("¿El plan 4G de 10GB vale 5e o 7e?", "es"),
            ("Há vagas para a 3ª turma às 7h30?", "pt-BR"),
            ("Nhà hàng mở cửa lúc 7g, đóng cửa lúc 9g tối phải không?", None),
            ("Wen soll ich am 3ten fragen, bin dann um 7h da?", None),
            ("Apakah kartu 4G bisa dipakai di dalam bus itu?", None),
            ("Kur yra mano užsakymas, ar jis jau išsiųstas?", None),
        ],
    )
    def test_does_not_take_other_languages_for_it(self, detector: Detector, text: str, tag: str | None) -> None:
        assert detect(detector, text).tag == tag

    def test_a_single_loan_is_not_enough(self, detector: Detector) -> None:
        assert detect(detector, "Is the word bezzaf used in English novels at all?").tag == "en"
