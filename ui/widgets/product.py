"""What a shop's document says of its product, as a card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ui.i18n import N_, Strings
from ui.i18n.formats import Formats
from ui.widgets.escape import escape_html
from ui.widgets.links import new_tab_html

IN_STOCK, SOLD_OUT, PREORDER, DISCONTINUED = (
    N_("In stock"),
    N_("Out of stock"),
    N_("Can be ordered ahead"),
    N_("Discontinued"),
)
_AVAILABILITY: Final = {
    "instock": IN_STOCK,
    "true": IN_STOCK,
    "yes": IN_STOCK,
    "available": IN_STOCK,
    "limitedavailability": IN_STOCK,
    "outofstock": SOLD_OUT,
    "soldout": SOLD_OUT,
    "false": SOLD_OUT,
    "no": SOLD_OUT,
    "preorder": PREORDER,
    "backorder": PREORDER,
    "discontinued": DISCONTINUED,
}
"""By the words of product feeds and of schema.org, without what stands between them."""
_AMOUNT: Final = re.compile(r"(?P<whole>\d[\d.,' \u00a0\u202f]*?)(?:[.,](?P<part>\d{1,2}))?(?!['.,\s]?\d)")
_CURRENCY: Final = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True, slots=True)
class Product:
    """`availability`: one of the texts above, or "". `stock`: how many there are."""

    price: float
    currency: str = ""
    availability: str = ""
    stock: int | None = None


def product_of(metadata: Mapping[str, Any]) -> Product | None:
    """The product that the metadata of a document describe; None: no price, no product."""
    told = {str(name).casefold(): value for name, value in metadata.items()}
    price = told.get("price")
    amount = _amount(price)
    if amount is None:
        return None
    named = _CURRENCY.search(str(price))
    currency = str(told.get("currency") or (named[0] if named else ""))
    stock = _amount(told.get("stock", told.get("quantity")))
    known = told.get("availability", told.get("in_stock"))
    availability = _AVAILABILITY.get(_plain(known), "")
    if not availability and stock is not None:
        availability = IN_STOCK if stock else SOLD_OUT
    return Product(amount, currency, availability, None if stock is None else int(stock))


def product_html(product: Product, title: str, strings: Strings, picture: str = "", link: str | None = None) -> str:
    """`picture`: a `data:` address."""
    formats = Formats(strings.tag)
    image = f'<img src="{escape_html(picture)}" alt="{escape_html(title)}">' if picture else ""
    rows = [f'<p class="vn-price"><bdi>{escape_html(formats.money(product.price, product.currency))}</bdi></p>']
    if product.availability:
        state = "vn-there" if product.availability in (IN_STOCK, PREORDER) else "vn-gone"
        rows.append(f'<p class="{state}">{escape_html(_availability(product, strings, formats))}</p>')
    if address := new_tab_html(link, strings, strings.text("See the product")):
        rows.append(f"<p>{address}</p>")
    return f'<div class="vn-product">{image}<div>{"".join(rows)}</div></div>'


def _availability(product: Product, strings: Strings, formats: Formats) -> str:
    said = strings.text(product.availability)
    if product.availability != IN_STOCK or not product.stock:
        return said
    shown = formats.number(product.stock)
    return f"{said} · {strings.plural('{n} piece', '{n} pieces', product.stock, shown=shown)}"


def _amount(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    found = _AMOUNT.search(str(value or ""))
    return float(f"{re.sub(r'[^0-9]', '', found['whole'])}.{found['part'] or 0}") if found else None


def _plain(value: Any) -> str:
    return re.sub(r"[^a-z]", "", str(value if value is not None else "").casefold().rpartition("/")[2])
