from __future__ import annotations

from typing import Any

import pytest

from ui.i18n import load
from ui.widgets.product import DISCONTINUED, IN_STOCK, PREORDER, SOLD_OUT, Product, product_html, product_of

_ENGLISH = load("en")


class TestProductOf:
    @pytest.mark.parametrize(
        ("price", "amount"),
        [
            ("18.80", 18.8),
            (18.8, 18.8),
            ("HKD 1,299.00", 1299.0),
            ("1.299,50 €", 1299.5),
            ("1 299,00 kr", 1299.0),
            ("12 000", 12000.0),
        ],
    )
    def test_reads_prices_as_shops_write_them(self, price: Any, amount: float) -> None:
        product = product_of({"Price": price})
        assert product is not None
        assert product.price == amount

    @pytest.mark.parametrize("metadata", [{}, {"price": ""}, {"price": None}, {"price": True}, {"cost": 5}])
    def test_is_none_without_a_price(self, metadata: dict[str, Any]) -> None:
        assert product_of(metadata) is None

    @pytest.mark.parametrize(
        ("told", "availability"),
        [
            ({"availability": "in stock"}, IN_STOCK),
            ({"availability": "https://schema.org/OutOfStock"}, SOLD_OUT),
            ({"availability": "preorder"}, PREORDER),
            ({"availability": "Discontinued"}, DISCONTINUED),
            ({"in_stock": True}, IN_STOCK),
            ({"in_stock": "false"}, SOLD_OUT),
            ({"stock": 0}, SOLD_OUT),
            ({"stock": "85"}, IN_STOCK),
            ({}, ""),
        ],
    )
    def test_knows_whether_it_is_there(self, told: dict[str, Any], availability: str) -> None:
        product = product_of({"price": 1, **told})
        assert product is not None
        assert product.availability == availability

    def test_finds_the_currency_beside_the_price_or_in_it(self) -> None:
        beside, inside = product_of({"price": 5, "currency": "EUR"}), product_of({"price": "5 HKD"})
        assert beside is not None
        assert inside is not None
        assert (beside.currency, inside.currency) == ("EUR", "HKD")


class TestProductHtml:
    def test_writes_money_as_the_language_does(self) -> None:
        product = Product(1299.5, "EUR", IN_STOCK, 1200)
        assert "€1,299.50" in product_html(product, "Jar", _ENGLISH)
        assert "1.299,50\xa0€" in product_html(product, "Jar", load("es"))

    def test_nothing_in_it_is_markup_and_no_link_but_to_the_web(self) -> None:
        html = product_html(Product(1, "<b>"), '"><script>', _ENGLISH, "data:image/png;base64,AA==", "javascript:x")
        assert "<script" not in html
        assert "<b>" not in html
        assert "href" not in html
