from __future__ import annotations

import pytest

from bench.personal_data import VARIANTS, samples
from vernacular.safety.folding import fold
from vernacular.safety.pii import checksums
from vernacular.safety.pii.kinds import titles
from vernacular.safety.pii.scan import find_personal


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.span.start : each.span.end]) for each in find_personal(fold(text), tuple(titles()))]


class TestFindPersonal:
    def test_finds_every_kind_in_every_spelling_and_language(self) -> None:
        missed = []
        for sample in samples(3, 2):
            kinds = [kind for kind, text in found(sample.text) if sample.text[sample.start : sample.end] in text]
            if sample.kind not in kinds:
                missed.append((sample.kind, sample.variant, sample.text, kinds))
        assert missed == []
        assert len(VARIANTS) == 10

    @pytest.mark.parametrize(
        ("text", "kind", "written"),
        [
            ("手机13800138000吧", "phone", "13800138000"),
            ("電話852-2345 6789呀", "phone", "852-2345 6789"),
            ("llame al 912 345 678", "phone", "912 345 678"),
            ("call me at 467 3395", "phone", "467 3395"),
            ("اتصل ٠١٠١٢٣٤٥٦٧٨ الآن", "phone", "٠١٠١٢٣٤٥٦٧٨"),
            ("Mi CPF 529.982.247-25", "br_cpf", "529.982.247-25"),
            ("邮箱是zhang.san@example.com吧", "email", "zhang.san@example.com"),
            ("ana＠example．com", "email", "ana＠example．com"),
            ("ana [at] example [dot] org", "email", "ana [at] example [dot] org"),
            ("SSN 536-22-8726", "us_ssn", "536-22-8726"),
            ("社会保障号536228726", "us_ssn", "536228726"),
            ("护照E12345678", "passport", "E12345678"),
            ("A123456(3)", "hkid", "A123456(3)"),
        ],
    )
    def test_finds_what_stands_beside_letters_of_any_script(self, text: str, kind: str, written: str) -> None:
        assert (kind, written) in found(text)

    @pytest.mark.parametrize(
        "text",
        [
            "In 1990 2000 2010 2020 a population of 2,417,086 was counted.",
            "Open 08:30-12:00, on 2026-11-22, room 204, form 1040-A.",
            "Call 112 or 12345.",
            "人口为3,208,117人，面积7,434.40平方公里，成立于1958年3月1日。",
            "con 612 000 000 euros",
            "4539 1488 0343 6468",
            "11010519491231002Y",
            "Order 20261122-000012, version 3.11.2",
        ],
    )
    def test_takes_figures_for_figures(self, text: str) -> None:
        assert found(text) == []


class TestChecksums:
    @pytest.mark.parametrize(
        ("valid", "number"),
        [
            (checksums.cn_resident, "11010519491231002x"),
            (checksums.hkid, "a1234563"),
            (checksums.tw_id, "a123456789"),
            (checksums.card, "4111111111111111"),
            (checksums.iban, "gb82west12345698765432"),
            (checksums.es_dni, "12345678z"),
            (checksums.es_dni, "x1234567l"),
            (checksums.mx_curp, "boxw310820hnerxn09"),
            (checksums.br_cpf, "52998224725"),
            (checksums.fr_nir, "255081416802538"),
            (checksums.it_fiscal, "mrtmtt91d08f205j"),
            (checksums.pl_pesel, "44051401359"),
            (checksums.nl_bsn, "111222333"),
            (checksums.in_aadhaar, "234123412346"),
            (checksums.pt_nif, "123456789"),
            (checksums.de_tax, "86095742719"),
        ],
    )
    def test_accept_what_their_issuers_publish_as_examples(self, valid: object, number: str) -> None:
        assert callable(valid)
        assert valid(number)
        changed = number[:5] + ("1" if number[5] != "1" else "2") + number[6:]
        assert not valid(changed)
