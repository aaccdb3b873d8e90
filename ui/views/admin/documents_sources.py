"""Where the documents come from."""

from __future__ import annotations

import streamlit as st

from ui.desk import Desk
from ui.gateway import documents as gateway
from ui.gateway.documents import Source
from ui.views.admin.documents_words import STATES, TONES
from ui.views.admin.words import word
from ui.widgets.escape import escape_html
from ui.widgets.recent import recent
from ui.widgets.table import badge_html, empty_html, table_html


def known_sources(desk: Desk) -> tuple[Source, ...]:
    return recent("sources", lambda: gateway.sources(desk.api), seconds=10)


def show_sources(desk: Desk) -> None:
    strings, formats = desk.strings, desk.formats
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Sources"))}</h2>')
    sources = known_sources(desk)
    if not sources:
        text = strings.text(
            "A source is where documents come from, and has the name that you give it when you add documents."
        )
        st.html(empty_html(strings.text("There are no sources yet."), text))
        return
    head = (
        strings.text("Source"),
        strings.text("Documents"),
        strings.text("Size"),
        strings.text("Changed"),
        strings.text("Last job"),
    )
    rows = [
        (
            f"<bdi>{escape_html(source.name)}</bdi>",
            formats.number(source.documents),
            escape_html(formats.bytes(source.bytes)),
            escape_html(formats.ago(source.updated_at)) if source.updated_at else "–",
            _last(desk, source),
        )
        for source in sources
    ]
    st.html(table_html(strings.text("Where the documents come from"), head, rows))


def _last(desk: Desk, source: Source) -> str:
    if not source.last_state or source.last_at is None:
        return "–"
    badge = badge_html(word(desk.strings, STATES, source.last_state), TONES.get(source.last_state, ""))
    return f"{badge} <small>{escape_html(desk.formats.ago(source.last_at))}</small>"
