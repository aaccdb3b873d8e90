"""The page before the first query: what changed lately, and how to search."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import streamlit as st

from ui.client import SourceQuote
from ui.desk import Desk
from ui.gateway.search import Change, changes
from ui.gateway_errors import GatewayError
from ui.views.search.names import change_name, tongue_name
from ui.views.search.preview import show_preview
from ui.views.search.results import opener_key
from ui.widgets.escape import escape_html
from ui.widgets.table import badge_html, empty_html

DAYS, MOST = 30, 20
_LATELY: Final = "search:lately"
_TONES: Final = {"added": "good", "in_force": "good", "expired": "warn"}


def show_lately(desk: Desk) -> None:
    strings = desk.strings
    try:
        if _LATELY not in st.session_state:
            st.session_state[_LATELY] = changes(desk.api, DAYS, MOST)
    except GatewayError as error:
        desk.show_error(error)
        return
    found: tuple[Change, ...] = st.session_state[_LATELY]
    st.html(f'<h2 class="vn-hits-title">{escape_html(strings.text("What changed lately"))}</h2>')
    if not found:
        told = strings.text("Documents that are added, change, come into force or expire are listed here.")
        days = strings.plural("Nothing changed in the last {n} day.", "Nothing changed in the last {n} days.", DAYS)
        st.html(empty_html(days, told))
        return
    now = datetime.now(desk.formats.zone)
    listed = "".join(_html(desk, place, change, now) for place, change in enumerate(found))
    st.html(f'<ul class="vn-hits vn-lately">{listed}</ul>')
    with st.container(key="search-openers"):
        for place, change in enumerate(found):
            if st.button(strings.text("Preview"), key=opener_key(place)):
                show_preview(desk, SourceQuote(0, change.document_id, change.title, "", 0, 0))


def _html(desk: Desk, place: int, change: Change, now: datetime) -> str:
    strings, formats = desk.strings, desk.formats
    lang = f' lang="{escape_html(change.language)}"' if change.language else ""
    badge = badge_html(change_name(change.kind, strings), _TONES.get(change.kind, ""))  # type: ignore[arg-type]
    language = f" · {escape_html(tongue_name(change.language, formats))}" if change.language else ""
    at = change.at.astimezone(formats.zone)
    return (
        f'<li class="vn-hit"><h3 dir="auto"{lang}><a class="vn-marker vn-open" href="#" role="button" '
        f'data-source="{opener_key(place)}">{escape_html(change.title)}</a></h3>'
        f'<p class="vn-hit-about">{badge} <time datetime="{at.isoformat()}" title="{escape_html(formats.moment(at))}">'
        f"{escape_html(formats.ago(at, now))}</time> · <bdi>{escape_html(change.source)}</bdi>{language}</p></li>"
    )
