"""The panel that opens on a citation: the quoted passage, marked in its document."""

from __future__ import annotations

import streamlit as st

from ui.client import DocumentText, Gateway, SourceQuote
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.widgets.answer import validity
from ui.widgets.document import excerpt, excerpt_html
from ui.widgets.escape import escape_html, web_link
from ui.widgets.notices import error_html


def show_source(gateway: Gateway, source: SourceQuote, strings: Strings, language: str) -> None:
    """Open the panel beside the conversation; the page's direction mirrors its position."""

    @st.dialog(
        strings.text("Source {index}", index=source.index),
        width="medium",
        position="right",
        icon=":material/format_quote:",
    )
    def panel() -> None:
        st.html(_heading_html(source, strings))
        try:
            document = gateway.document(source.document_id)
        except GatewayError as error:
            st.html(error_html(error, strings))
            return
        _show_text(document, source, strings, language)

    panel()


def _show_text(document: DocumentText, source: SourceQuote, strings: Strings, language: str) -> None:
    body = st.container()
    part = excerpt(document, source)
    whole = part.cut and part.found and st.toggle(strings.text("Show the whole document"), key="whole-document")
    if whole:
        part = excerpt(document, source, whole=True)
    with body:
        if not part.found:
            st.html(
                f'<p class="vn-small">{escape_html(strings.text("The document has changed since this answer; this is what was quoted."))}</p>'
                f'<blockquote class="vn-quoted" dir="auto">{escape_html(source.quote)}</blockquote>'
            )
        st.html(excerpt_html(part, language))


def _heading_html(source: SourceQuote, strings: Strings) -> str:
    details = [] if source.page is None else [strings.text("page {page}", page=source.page)]
    dates = validity(source, strings)
    if dates:
        details.append(dates)
    link = web_link(source.uri)
    rows = [f'<h3 class="vn-source-title" dir="auto">{escape_html(source.title)}</h3>']
    if details:
        rows.append(f'<p class="vn-small">{escape_html(" · ".join(details))}</p>')
    if link:
        rows.append(
            f'<p class="vn-small"><a class="vn-link" href="{escape_html(link)}" target="_blank" '
            f'rel="noopener noreferrer">{escape_html(strings.text("Open the original"))}'
            f'<span class="vn-hidden"> ({escape_html(strings.text("opens in a new tab"))})</span></a> '
            f"<bdi>{escape_html(link)}</bdi></p>"
        )
    return "".join(rows)
