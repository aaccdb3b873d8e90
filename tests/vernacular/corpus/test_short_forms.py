from __future__ import annotations

import pytest

from vernacular.corpus.short_forms import defined


class TestDefined:
    @pytest.mark.parametrize(
        ("text", "short", "long"),
        [
            ("The Value Added Tax (VAT) is due in May.", "VAT", "Value Added Tax"),
            ("VAT (value added tax) is due.", "VAT", "value added tax"),
            ("la Clave Única de Registro de Población (CURP)", "CURP", "Clave Única de Registro de Población"),
            (
                "The Ministry of Health and Welfare (hereinafter referred to as “MOHW”)",
                "MOHW",
                "Ministry of Health and Welfare",
            ),
            (
                "el Servicio de Administración Tributaria (en adelante, el SAT)",
                "SAT",
                "Servicio de Administración Tributaria",
            ),
            ("行政院環境保護署（以下簡稱環保署）應於期限內", "環保署", "環境保護署"),
            ("参加全民健康保险（下称健保）的人", "健保", "健康保险"),
            ("应当缴纳增值税（VAT）的人", "VAT", "应当缴纳增值税"),
            ("تخضع لضريبة السلع، ضريبة القيمة المضافة (VAT)", "VAT", "ضريبة القيمة المضافة"),
        ],
    )
    def test_reads_what_a_document_says_itself(self, text: str, short: str, long: str) -> None:
        assert defined([text]) == {short: (long,)}

    @pytest.mark.parametrize(
        "text",
        [
            "It costs ten dollars (USD).",
            "the Company Limited (the Company)",
            "經濟部中小企業處（以下簡稱本處）",
            "Opening hours (see below)",
            "中華民國刑法（以下簡稱刑法）",
        ],
    )
    def test_lets_other_brackets_be(self, text: str) -> None:
        assert defined([text]) == {}

    def test_gives_the_commonest_long_form_first(self) -> None:
        texts = ["National Health Act (NHA)", "National Housing Agency (NHA)", "National Housing Agency (NHA)"]
        assert defined(texts) == {"NHA": ("National Housing Agency", "National Health Act")}

    def test_drops_a_form_that_means_something_else_in_every_document(self) -> None:
        assert (
            defined(
                [
                    f"National {name} Agency (NA{name[0]}A)".replace(f"NA{name[0]}A", "NA")
                    for name in ("Atom", "Art", "Air")
                ]
            )
            == {}
        )
