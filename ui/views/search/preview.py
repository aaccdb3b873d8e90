"""The panel that shows a passage in place in its whole document, the words that were looked for marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

import streamlit as st

from ui.client import DocumentText, Gateway, SourceQuote
from ui.desk import Desk
from ui.gateway.images import page_image, picture
from ui.gateway.search import Span, passages
from ui.gateway_errors import GatewayError
from ui.views.search.results import marked_html
from ui.widgets.escape import escape_html
from ui.widgets.notices import error_html
from ui.widgets.product import product_html, product_of
from ui.widgets.reading import reading_html
from ui.widgets.source_heading import original_html, source_heading_html

LONGEST: Final = 200_000
"""Characters of a document that are shown around the passage."""


def show_preview(desk: Desk, source: SourceQuote, wish: Mapping[str, Any] | None = None) -> None:
    """Open the panel beside the results. `wish`: what was searched for, as `/v1/search` takes it; None: nothing was."""
    strings = desk.strings

    @st.dialog(strings.text("Preview"), width="medium", position="right", icon=":material/description:")
    def panel() -> None:
        st.html(source_heading_html(source, strings) + original_html(source, strings))
        try:
            document = _gateway(desk).document(source.document_id)
            marks = _marks(desk, source, wish)
        except GatewayError as error:
            st.html(error_html(error, strings))
            return
        is_product = _show_product(desk, document, source)
        if document.page_images and source.page is not None:
            names = {"text": strings.text("Text"), "page": strings.text("Page")}
            chosen = st.segmented_control(
                strings.text("Show as"),
                list(names),
                format_func=names.__getitem__,
                default="text",
                key="preview-as",
                label_visibility="collapsed",
            )
            if chosen == "page":
                _show_page(desk, source)
                return
        st.html(document_html(document.text, source, marks, scrolls=not is_product))

    panel()


def document_html(text: str, source: SourceQuote, marks: Sequence[Span], *, scrolls: bool = True) -> str:
    """The document around the passage, which `ui/assets/page.js` scrolls to if it `scrolls`, with the marks."""
    start = source.start if text[source.start : source.end] == source.quote else text.find(source.quote)
    found = bool(source.quote) and start >= 0
    start, end = (start, start + len(source.quote)) if found else (0, 0)
    first = max(0, start - LONGEST // 2)
    last = min(len(text), first + LONGEST)

    anchors = chain(['<mark class="vn-quote vn-anchor"></mark>' if scrolls else ""], repeat(""))

    def piece(begin: int, until: int) -> str:
        inside, outside = min(max(begin, start), until), max(min(until, end), begin)
        if not found or inside >= outside:
            return marked_html(text, marks, begin, until)
        passage = f'{next(anchors)}<span class="vn-passage-mark">{marked_html(text, marks, inside, outside)}</span>'
        return f"{marked_html(text, marks, begin, inside)}{passage}{marked_html(text, marks, outside, until)}"

    return (
        f'<div class="vn-document" dir="auto" tabindex="0">{"… " if first else ""}'
        f"{reading_html(text, first, last, piece)}{' …' if last < len(text) else ''}</div>"
    )


def _marks(desk: Desk, source: SourceQuote, wish: Mapping[str, Any] | None) -> list[Span]:
    """In code points of the document, in order and apart."""
    if wish is None:
        return []
    found = [
        (hit.start + start, hit.start + end)
        for hit in passages(desk.api, wish, source.document_id)
        for start, end in hit.marks
    ]
    apart: list[Span] = []
    for start, end in sorted(found):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def _show_product(desk: Desk, document: DocumentText, source: SourceQuote) -> bool:
    """Whether it is one."""
    product = product_of(document.metadata)
    if product is None:
        return False
    image = ""
    if document.picture:
        try:
            image = picture(desk.api, source.document_id)
        except GatewayError:  # its card says enough without
            image = ""
    st.html(product_html(product, source.title, desk.strings, image, source.uri))
    return True


def _show_page(desk: Desk, source: SourceQuote) -> None:
    try:
        image = page_image(desk.api, source)
    except GatewayError as error:
        st.html(error_html(error, desk.strings))
        return
    told = escape_html(desk.strings.text("Page {page} of {title}", page=source.page, title=source.title))
    st.html(f'<div class="vn-page-image" tabindex="0"><img src="{escape_html(image)}" alt="{told}"></div>')


def _gateway(desk: Desk) -> Gateway:
    return desk.site.gateway(desk.visitor.credential, personal=True)
