"""How documents come in by hand: files, and addresses of web pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import documents as gateway
from ui.gateway import people
from ui.gateway.documents import Sent
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.i18n.languages import language_name
from ui.views.admin.documents_jobs import watch
from ui.views.admin.documents_sources import known_sources
from ui.views.admin.documents_words import refusal_html
from ui.widgets.asking import asked_first
from ui.widgets.commas import parted
from ui.widgets.escape import escape_html
from ui.widgets.notices import problem_html
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from ui.widgets.sign_in_again import ask_again

PLACE: Final = "documents"
TYPES: Final = (
    "pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "html", "htm", "md", "txt", "rtf", "eml", "csv", "tsv", "json", "ndjson", "jsonl",
    "zip", "tar", "gz", "tgz", "png", "jpg", "jpeg", "webp", "gif", "tiff", "bmp",
)  # fmt: skip
MOST_MB: Final = 200
_MOST_ADDRESSES: Final = 1000
_SOURCE: Final = "uploads"
_COLUMNS: Final = {
    "id": N_("Column of the id, such as the article number"),
    "title": N_("Column of the name"),
    "text": N_("Columns of texts, parted by commas"),
    "uri": N_("Column of the product's web address"),
    "picture": N_("Column of the picture: an address, or a file that you send along"),
}
_EPOCH: Final = "add:epoch"
"""Counts what was sent: the fields begin anew with it."""


def show_adding(desk: Desk) -> None:
    strings = desk.strings
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Add documents"))}</h2>')
    ways = {"files": strings.text("Files"), "addresses": strings.text("Web pages")}
    way = st.radio(
        strings.text("What do you add?"), list(ways), format_func=ways.__getitem__, horizontal=True, key="add:way"
    )
    if way == "addresses":
        _show_addresses(desk)
    else:
        _show_files(desk)


def _key(name: str) -> str:
    return f"add:{name}:{st.session_state.get(_EPOCH, 0)}"


def _show_files(desk: Desk) -> None:
    strings = desk.strings
    files = st.file_uploader(
        strings.text("Files: PDF, Word, PowerPoint, Excel, HTML, Markdown, text, mail, tables, archives, images"),
        type=list(TYPES),
        accept_multiple_files=True,
        max_upload_size=MOST_MB,
        key=_key("files"),
    )
    about = _about(desk)
    mapping = _mapping(desk)
    if not _ready(desk, about):
        return
    if not files:
        st.html(problem_html(strings.text("Choose a file first."), strings.text("Drop it into the field above.")))
        return
    sent = [(each.name, each.getvalue(), each.type or "application/octet-stream") for each in files]
    _send(desk, lambda: gateway.send_files(desk.api, sent, about, mapping))


def _show_addresses(desk: Desk) -> None:
    strings = desk.strings
    text = st.text_area(
        strings.text("Addresses, one a line"), key=_key("addresses"), placeholder="https://", max_chars=200_000
    )
    about = _about(desk)
    if not _ready(desk, about):
        return
    uris = [line.strip() for line in text.splitlines() if line.strip()]
    if not uris:
        told = strings.text("They begin with https:// or http://, one a line.")
        st.html(problem_html(strings.text("Give an address first."), told))
        return
    if len(uris) > _MOST_ADDRESSES:
        most = desk.formats.number(_MOST_ADDRESSES)
        st.html(
            problem_html(
                strings.text("These are more than {n} addresses.", n=most), strings.text("Send fewer at once.")
            )
        )
        return
    _send(desk, lambda: gateway.send_addresses(desk.api, uris, about))


def _about(desk: Desk) -> Sent:
    strings = desk.strings
    names = [source.name for source in known_sources(desk)]
    source = st.selectbox(
        strings.text("Source"),
        list(dict.fromkeys([_SOURCE, *names])),
        accept_new_options=True,
        key=_key("source"),
        help=strings.text("A name for where they come from, by which you find them again. Write a new one, or choose."),
    )
    with st.expander(strings.text("Who may read them, language, dates"), icon=":material/tune:"):
        groups = st.multiselect(
            strings.text("Groups that may read them"),
            _groups(desk),
            accept_new_options=True,
            key=_key("groups"),
            placeholder=strings.text("Everyone"),
        )
        language = st.selectbox(
            strings.text("Language"),
            ["", *desk.tenant.languages],
            format_func=lambda tag: language_name(tag) if tag else strings.text("As the text shows"),
            key=_key("language"),
        )
        with st.container(horizontal=True):
            begin = st.date_input(strings.text("In force from"), value=None, key=_key("from"))
            until = st.date_input(strings.text("In force until"), value=None, key=_key("until"))
    sync = st.checkbox(
        strings.text("This is all that the source holds: delete its other documents"), key=_key("sync"), value=False
    )
    return Sent(
        source=(source or _SOURCE).strip(),
        sync=sync,
        groups=tuple(groups),
        language=language or "",
        valid_from=begin,
        valid_until=until,
    )


def _groups(desk: Desk) -> list[str]:
    """Those there are, for administrators; editors write their names."""
    if not desk.may("admin"):
        return []
    return [group.name for group in recent("groups", lambda: people.groups(desk.api))]


def _mapping(desk: Desk) -> Mapping[str, Any] | None:
    strings = desk.strings
    with st.expander(strings.text("A list of products"), icon=":material/sell:"):
        told = strings.text(
            "Each row of a CSV, TSV or JSON file becomes a document of its own. Say what its columns are called; pictures can be sent along."
        )
        st.html(f"<p>{escape_html(told)}</p>")
        found = {
            name: st.text_input(strings.text(label), key=_key(f"column:{name}"), max_chars=500).strip()
            for name, label in _COLUMNS.items()
        }
    if not found["id"]:
        return None
    texts = parted(found.pop("text"))
    return {**{name: value for name, value in found.items() if value}, **({"text": texts} if texts else {})}


def _ready(desk: Desk, about: Sent) -> bool:
    """Whether the visitor has said to send it; what deletes others asks first."""
    strings = desk.strings
    held = next((source.documents for source in known_sources(desk) if source.name == about.source), 0)
    if about.sync and held:
        shown = desk.formats.number(held)
        return asked_first(
            strings,
            _key("send-all"),
            strings.text("Send"),
            strings.plural(
                "{source} holds {n} document. If it is not among what you send, it is deleted.",
                "{source} holds {n} documents. Those that are not among what you send are deleted.",
                held,
                shown=shown,
                source=about.source,
            ),
            strings.text("Send, and delete the others"),
            icon=":material/upload:",
        )
    return st.button(strings.text("Send"), key=_key("send"), type="primary", icon=":material/upload:")


def _send(desk: Desk, send: Callable[[], str]) -> None:
    try:
        job_id = send()
    except GatewayError as error:
        st.html(refusal_html(error, desk.strings))
        if error.problem == "signed_out":
            ask_again(desk.strings)
        return
    watch(job_id)
    forget("sources")
    st.session_state[_EPOCH] = st.session_state.get(_EPOCH, 0) + 1
    say(PLACE, desk.strings.text("It is sent. The bar shows how far it is."))
