"""The panel that opens on a citation: the quoted passage, marked in its document, and what else there is to see of it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.client import DocumentText, Gateway, SourceQuote
from ui.gateway.images import page_image, picture
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.widgets.document import excerpt, excerpt_html
from ui.widgets.escape import escape_html
from ui.widgets.notices import error_html
from ui.widgets.product import Product, product_html, product_of
from ui.widgets.source_heading import original_html, source_heading_html

_OPENED: Final = "opened-source"
_WIDTH: Final = 720
"""Of the panel, in pixels."""


def show_source(gateway: Gateway, source: SourceQuote, strings: Strings, language: str) -> None:
    """Open the panel beside the conversation; the page's direction mirrors its position."""

    @st.dialog(
        strings.text("Source {index}", index=source.index),
        width=_WIDTH,
        position="right",
        icon=":material/format_quote:",
    )
    def panel() -> None:
        st.html(source_heading_html(source, strings))
        try:
            document = _document(gateway, source.document_id)
        except GatewayError as error:
            st.html(error_html(error, strings))
            return
        product = product_of(document.metadata)
        if product is not None:
            _show_product(gateway, document, product, source, strings)
        elif original := original_html(source, strings):
            st.html(original)
        with_page = document.page_images and source.page is not None
        _show_text(document, source, strings, language, short=with_page)
        if with_page:
            _show_page(gateway, source, strings)

    panel()


def _document(gateway: Gateway, document_id: str) -> DocumentText:
    """Asked for when the panel opens, and not again for what is clicked in it."""
    opened: DocumentText | None = st.session_state.get(_OPENED)
    if opened is None or opened.document_id != document_id:
        st.session_state[_OPENED] = opened = gateway.document(document_id)
    return opened


def _show_product(
    gateway: Gateway, document: DocumentText, product: Product, source: SourceQuote, strings: Strings
) -> None:
    place = st.empty()
    place.html(product_html(product, source.title, strings, "", source.uri))
    if not document.picture:
        return
    try:
        shown = picture(gateway.api, document.document_id)
    except GatewayError:  # the card is as true without it
        return
    place.html(product_html(product, source.title, strings, shown, source.uri))


def _show_text(document: DocumentText, source: SourceQuote, strings: Strings, language: str, *, short: bool) -> None:
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
        st.html(excerpt_html(part, strings, language, short=short))


def _show_page(gateway: Gateway, source: SourceQuote, strings: Strings) -> None:
    title = strings.text("Page {page}, as it is printed", page=source.page)
    st.html(f'<h4 class="vn-page-title">{escape_html(title)}</h4>')
    place = st.empty()
    place.html(f'<p class="vn-small" role="status">{escape_html(strings.text("The page is being drawn"))}</p>')
    try:
        shown = page_image(gateway.api, source)
    except GatewayError:
        told = strings.text("This page cannot be shown as an image. The text above is what stands on it.")
        place.html(f'<p class="vn-small">{escape_html(told)}</p>')
        return
    described = strings.text("Page {page} of the document, with the quoted passage marked", page=source.page)
    place.html(f'<img class="vn-page-image" src="{shown}" alt="{escape_html(described)}">')
