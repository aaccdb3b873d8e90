from __future__ import annotations

import pytest

from vernacular.text.language import identify, identify_all

TEXTS = [
    "The harbour office issues permits on weekdays between nine and five.",
    "La oficina del puerto expide los permisos de lunes a viernes.",
    "DAS HAFENAMT STELLT GENEHMIGUNGEN AUS.",
    "Портовая служба выдаёт разрешения по будням.",
    "Лучка капетанија издаје дозволе радним данима.",
    "مكتب الميناء يصدر التصاريح في أيام الأسبوع",
    "बंदरगाह कार्यालय सप्ताह के दिनों में परमिट जारी करता है।",
    "港口辦事處逢星期一至五簽發許可證。",
    "港口办事处每周一至周五签发许可证。",
    "我哋喺碼頭等緊佢，你幾時嚟呀？",
    "港の事務所は平日に許可証を発行します。",
    "항만 사무소는 평일에 허가증을 발급합니다.",
    "สำนักงานท่าเรือออกใบอนุญาตในวันธรรมดา",
    "e\u0301te\u0301",
    "a",
    "",
    "12345 + 678",
    "\ud800 lone surrogate",
]


class TestIdentifyAll:
    def test_says_of_many_texts_what_identify_says_of_each(self) -> None:
        for text, found in zip(TEXTS, identify_all(TEXTS), strict=True):
            alone = identify(text)
            assert (found.code, found.script) == (alone.code, alone.script)
            assert found.confidence == pytest.approx(alone.confidence, abs=1e-4)

    def test_looks_at_no_more_than_it_is_told_to(self) -> None:
        mixed = "The harbour office issues permits. " + "Портовая служба выдаёт разрешения. " * 20
        assert [identify_all([mixed], sample)[0].code for sample in (30, 500)] == ["en", "ru"]

    def test_no_texts_have_no_languages(self) -> None:
        assert identify_all([]) == []
