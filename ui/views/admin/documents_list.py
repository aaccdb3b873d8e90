"""The list of documents, and a panel for one of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import documents as gateway
from ui.gateway.documents import Document
from ui.gateway.images import picture
from ui.gateway_errors import GatewayError
from ui.i18n.languages import direction
from ui.views.admin.documents_sources import known_sources
from ui.widgets.asking import asked_first
from ui.widgets.cursors import to_first, turn_cursor
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.links import new_tab_html
from ui.widgets.reading import reading_html
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from ui.widgets.table import badge_html, empty_html, facts_html, tag_html
from ui.widgets.validity import Force, force_between, today

PLACE: Final = "documents"
_PAGE: Final = 25
_SHOWN: Final = 20_000
"""Characters of a text that the panel shows."""


def show_list(desk: Desk) -> None:
    strings = desk.strings
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("All documents"))}</h2>')
    sources = known_sources(desk)
    if not any(source.documents for source in sources):
        text = strings.text("Choose “Add documents” above: send files, or give addresses of web pages.")
        st.html(empty_html(strings.text("There are no documents yet."), text))
        return
    title, source = _filters(desk, [each.name for each in sources if each.documents])
    cursor, draw_pager = turn_cursor(strings, desk.formats, "documents")
    found = recent(
        f"documents:{title}:{source}:{cursor}",
        lambda: gateway.page(desk.api, title, source, cursor, _PAGE),
        seconds=10,
    )
    held = sum(each.documents for each in sources if source in ("", each.name))
    if not title:
        said = strings.plural("{n} document", "{n} documents", held, shown=desk.formats.number(held))
        st.html(f'<p role="status">{escape_html(said)}</p>')
    if not found.documents:
        text = strings.text("Titles, names of files and ids are searched; a part of one is enough.")
        st.html(empty_html(strings.text("No document is called so."), text))
    for document in found.documents:
        with st.container(key=f"document-{document.id}", gap=None):
            label = escape_markdown(document.name)
            if st.button(label, key=f"open-{document.id}", type="tertiary", icon=":material/description:"):
                show_document(desk, document)
            st.html(_row_html(desk, document))
    draw_pager(found.next_cursor)


def _filters(desk: Desk, names: list[str]) -> tuple[str, str]:
    strings = desk.strings
    with st.container(horizontal=True, vertical_alignment="bottom", key="documents-filters"):
        title = st.text_input(
            strings.text("Search by title or file name"),
            key="documents:title",
            max_chars=200,
            on_change=to_first,
            args=("documents",),
        ).strip()
        source = st.selectbox(
            strings.text("Source"),
            ["", *names],
            format_func=lambda name: name or strings.text("All sources"),
            key="documents:source",
            on_change=to_first,
            args=("documents",),
        )
    return title, source or ""


def _row_html(desk: Desk, document: Document) -> str:
    strings, formats = desk.strings, desk.formats
    told = [f"<bdi>{escape_html(document.source)}</bdi>", escape_html(formats.bytes(document.bytes))]
    if document.language:
        told.append(tag_html(document.language))
    told.append(escape_html(strings.text("changed {when}", when=formats.ago(document.updated_at))))
    badges = [_force(desk, document)]
    badges += [badge_html(group) for group in document.groups]
    return f'<div class="vn-row vn-small">{" · ".join(told)} {" ".join(filter(None, badges))}</div>'


def _force(desk: Desk, document: Document) -> str:
    """Whether it is in force, where it says from when or until when."""
    strings, formats = desk.strings, desk.formats
    force = force_between(document.valid_from, document.valid_until, today())
    if force is Force.ended and document.valid_until:
        return badge_html(strings.text("expired on {day}", day=formats.date(document.valid_until)), "bad")
    if force is Force.not_yet and document.valid_from:
        return badge_html(strings.text("in force from {day}", day=formats.date(document.valid_from)), "warn")
    if document.valid_until:
        return badge_html(strings.text("in force until {day}", day=formats.date(document.valid_until)), "good")
    return ""


def show_document(desk: Desk, document: Document) -> None:
    """Open the panel."""

    @st.dialog(escape_markdown(document.name[:80]), width="medium")
    def panel() -> None:
        st.html(_facts_html(desk, document))
        if asked_first(
            desk.strings,
            f"delete-{document.id}",
            desk.strings.text("Delete this document"),
            desk.strings.text(
                "{name} is deleted with its file, and no answer comes from it any more. This cannot be taken back.",
                name=document.name,
            ),
            desk.strings.text("Delete it"),
            icon=":material/delete:",
        ):
            _delete(desk, document)
        _show_content(desk, document)

    panel()


def _delete(desk: Desk, document: Document) -> None:
    try:
        gateway.delete(desk.api, document.id)
    except GatewayError as error:
        desk.show_error(error)
        return
    for name in ("documents:", "sources", "jobs", "quarantine"):
        forget(name)
    say(PLACE, desk.strings.text("{name} is deleted.", name=document.name))


def _facts_html(desk: Desk, document: Document) -> str:
    strings, formats = desk.strings, desk.formats
    readers = formats.list(list(document.groups)) if document.groups else strings.text("Everyone")
    told = [
        (strings.text("Source"), f"<bdi>{escape_html(document.source)}</bdi>"),
        (strings.text("Id"), f"<bdi>{escape_html(document.source_id)}</bdi>"),
        (strings.text("Size"), escape_html(formats.bytes(document.bytes))),
        (strings.text("Who may read it"), f"<bdi>{escape_html(readers)}</bdi>"),
        (strings.text("Changed"), escape_html(formats.moment(document.updated_at))),
    ]
    if document.language:
        told.append((strings.text("Language"), tag_html(document.language)))
    if document.valid_from:
        told.append((strings.text("In force from"), escape_html(formats.date(document.valid_from))))
    if document.valid_until:
        told.append((strings.text("In force until"), escape_html(formats.date(document.valid_until))))
    if link := new_tab_html(document.uri, strings):
        told.append((strings.text("Address"), link))
    return facts_html(told)


def _show_content(desk: Desk, document: Document) -> None:
    strings = desk.strings
    try:
        text = recent(f"documents:text:{document.id}", lambda: gateway.text(desk.api, document.id))
        if document.picture:
            shown = recent(f"documents:picture:{document.id}", lambda: picture(desk.api, document.id))
            described = escape_html(strings.text("Picture of {name}", name=document.name))
            st.html(f'<img class="vn-document-picture" src="{shown}" alt="{described}">')
    except GatewayError as error:
        desk.show_error(error)
        return
    lang = document.language
    told = f' lang="{escape_html(lang)}" dir="{direction(lang)}"' if lang else ' dir="auto"'
    label = escape_html(strings.text("Text of the document"))
    st.html(
        f'<h3 class="vn-heading">{label}</h3><div class="vn-document" role="region" aria-label="{label}" tabindex="0"{told}>'
        f"{reading_html(text, 0, min(_SHOWN, len(text)), lambda start, end: escape_html(text[start:end]))}</div>"
    )
    if len(text) > _SHOWN:
        shown_of = strings.text(
            "The first {shown} of {all} characters.",
            shown=desk.formats.number(_SHOWN),
            all=desk.formats.number(len(text)),
        )
        st.html(f'<p class="vn-small">{escape_html(shown_of)}</p>')
