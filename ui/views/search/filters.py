"""What a search is narrowed by: what there is to choose from, and what was chosen, each to be taken away again."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import streamlit as st

from ui.desk import Desk
from ui.gateway.search import Facet, Found, Hit
from ui.i18n import N_
from ui.views.search.names import field_name, value_name
from ui.views.search.state import go_to
from ui.views.search.wish import UPDATED, Bound, Wish
from ui.widgets.escape import escape_markdown
from ui.widgets.product import product_of

_PERIODS: Final = (
    (7, N_("Last 7 days")),
    (30, N_("Last 30 days")),
    (365, N_("Last 12 months")),
)


def show_filters(desk: Desk, wish: Wish, found: Found) -> None:
    """A button for each field that there is something to choose in, and for each that is chosen in."""
    known = {facet.field for facet in found.facets}
    missing = [Facet(field) for field in wish.choices if field not in known]
    missing += [Facet(field, low=low, high=high) for field, (low, high) in wish.ranges.items() if field not in known]  # type: ignore[arg-type]
    for facet in [*found.facets, *missing]:
        _show_facet(desk, wish, facet, _currency(found.hits))


def show_chosen(desk: Desk, wish: Wish) -> None:
    """What the search is narrowed by now."""
    if not wish.narrowed:
        return
    strings = desk.strings
    with st.container(key="search-chosen", horizontal=True, gap="small", vertical_alignment="center"):
        for field, values in wish.choices.items():
            for value in values:
                named = f"{field_name(field, strings)}: {value_name(field, value, strings, desk.formats)}"
                _chip(desk, named, f"{field} {value!r}", wish.toggled(field, value))
        for field, (low, high) in wish.ranges.items():
            named = f"{field_name(field, strings)}: {_range_name(desk, field, low, high)}"
            _chip(desk, named, field, wish.between(field, None, None))
        st.button(
            strings.text("Remove all filters"),
            key="search-clear",
            type="tertiary",
            on_click=go_to,
            args=(wish.anywhere(),),
        )


def _chip(desk: Desk, named: str, about: str, without: Wish) -> None:
    st.button(
        escape_markdown(named),
        key=f"chosen-{zlib.crc32(about.encode())}",
        icon=":material/close:",
        icon_position="right",
        help=desk.strings.text("Remove this filter"),
        on_click=go_to,
        args=(without,),
    )


def _show_facet(desk: Desk, wish: Wish, facet: Facet, currency: str) -> None:
    chosen = len(wish.choices.get(facet.field, ())) + (facet.field in wish.ranges)
    name = escape_markdown(field_name(facet.field, desk.strings))
    label = f"{name} ({desk.formats.number(chosen)})" if chosen else name
    with st.popover(label, key=f"facet-{zlib.crc32(facet.field.encode())}"):
        if facet.field == UPDATED:
            _show_days(desk, wish)
        elif facet.is_range or facet.field in wish.ranges:
            _show_numbers(desk, wish, facet, currency)
        else:
            _show_values(desk, wish, facet)


def _show_values(desk: Desk, wish: Wish, facet: Facet) -> None:
    chosen = wish.choices.get(facet.field, ())
    counts = dict.fromkeys(chosen, 0) | dict(facet.values)
    for value, count in counts.items():
        key = f"pick-{zlib.crc32(f'{facet.field} {value!r}'.encode())}"
        st.session_state[key] = value in chosen
        name = escape_markdown(value_name(facet.field, value, desk.strings, desk.formats))
        st.checkbox(
            f"{name} ({desk.formats.number(count)})",
            key=key,
            on_change=go_to,
            args=(wish.toggled(facet.field, value),),
        )


def _show_days(desk: Desk, wish: Wish) -> None:
    strings, (low, high) = desk.strings, wish.ranges.get(UPDATED, (None, None))
    today = datetime.now(desk.formats.zone).date()
    for days, name in _PERIODS:
        since = (today - timedelta(days=days)).isoformat()
        st.button(
            strings.text(name),
            key=f"days-{days}",
            type="tertiary",
            on_click=go_to,
            args=(wish.between(UPDATED, since, None),),
        )
    for which, label, bound in (("from", strings.text("From"), low), ("until", strings.text("Until"), high)):
        key = f"updated-{which}"
        st.session_state[key] = date.fromisoformat(str(bound)) if bound else None
        st.date_input(label, key=key, format="YYYY-MM-DD", on_change=_take_days, args=(wish,))


def _take_days(wish: Wish) -> None:
    held: list[Any] = [st.session_state.get(f"updated-{which}") for which in ("from", "until")]
    low, high = (each.isoformat() if isinstance(each, date) else None for each in held)
    go_to(wish.between(UPDATED, low, high))


def _show_numbers(desk: Desk, wish: Wish, facet: Facet, currency: str) -> None:
    strings, about = desk.strings, zlib.crc32(facet.field.encode())
    low, high = wish.ranges.get(facet.field, (None, None))
    unit = f" ({escape_markdown(currency)})" if currency and "price" in facet.field.lower() else ""
    labels = ((f"{strings.text('At least')}{unit}", "low", low), (f"{strings.text('At most')}{unit}", "high", high))
    for label, which, bound in labels:
        key = f"{which}-{about}"
        st.session_state[key] = None if bound is None else float(bound)
        ends = facet.low if which == "low" else facet.high
        st.number_input(
            label,
            key=key,
            step=1.0,
            format="%g",
            placeholder=desk.formats.number(float(ends)) if isinstance(ends, int | float) else None,
            on_change=_take_numbers,
            args=(wish, facet.field),
        )


def _take_numbers(wish: Wish, field: str) -> None:
    about = zlib.crc32(field.encode())
    low, high = (_plain(st.session_state.get(f"{which}-{about}")) for which in ("low", "high"))
    go_to(wish.between(field, low, high))


def _plain(number: float | None) -> Bound:
    return int(number) if number is not None and number.is_integer() else number


def _range_name(desk: Desk, field: str, low: Bound, high: Bound) -> str:
    def shown(bound: Bound) -> str:
        if field == UPDATED:
            return desk.formats.date(date.fromisoformat(str(bound)))
        return desk.formats.number(float(bound or 0))

    if low is None:
        return desk.strings.text("until {end}", end=shown(high))
    if high is None:
        return desk.strings.text("from {start}", start=shown(low))
    return desk.strings.text("{start} to {end}", start=shown(low), end=shown(high))


def _currency(hits: Sequence[Hit]) -> str:
    """The one that all prices are in; "": there are several, or none is told."""
    products = filter(None, (product_of(hit.metadata) for hit in hits))
    names = {product.currency for product in products}
    return names.pop() if len(names) == 1 else ""
