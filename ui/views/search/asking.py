"""An answer over what was found, with citations, in the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.client import TextDelta, Verdict
from ui.desk import Desk
from ui.gateway.search import Hit
from ui.gateway_errors import GatewayError
from ui.views.search.preview import show_preview
from ui.views.search.wish import Wish
from ui.widgets.answer import answer_html, source_key, source_label, sources_title_html, waiting_html
from ui.widgets.escape import escape_html
from ui.widgets.notices import decline_html, error_html
from ui.widgets.validity import today

TURN: Final = 0
"""The answer's number in the keys of its sources: there is one on the page."""
_ANSWER, _FOR = "search:answer", "search:asking-about"
_SECONDS_BETWEEN_UPDATES: Final = 0.05


@dataclass
class _Answer:
    question: str
    documents: tuple[str, ...]
    text: str = ""
    verdict: Verdict | None = None
    error: GatewayError | None = None


def offer_answer(desk: Desk, wish: Wish) -> None:
    """The way to ask: a button."""
    st.button(
        desk.strings.text("Ask about these results"),
        key="search-ask",
        icon=":material/forum:",
        on_click=_begin,
        args=(wish.query,),
    )


def show_asking(desk: Desk, wish: Wish, hits: Sequence[Hit]) -> None:
    """A field for the question, and the answer: from when it was asked for until something else is searched for."""
    if st.session_state.get(_FOR) != wish.query:
        return
    documents = tuple(dict.fromkeys(hit.document_id for hit in hits))
    with st.container(key="search-asking", border=True, gap="small"):
        st.html(f"<h2>{escape_html(desk.strings.text('Ask about these results'))}</h2>")
        _show_form(desk, documents)
        _show_answer(desk)


def _begin(query: str) -> None:
    st.session_state[_FOR] = query
    st.session_state["search-question"] = query
    st.session_state.pop(_ANSWER, None)


def _end() -> None:
    st.session_state.pop(_FOR, None)
    st.session_state.pop(_ANSWER, None)


def _show_form(desk: Desk, documents: tuple[str, ...]) -> None:
    strings = desk.strings
    with st.form("search-ask-form", border=False, enter_to_submit=True):
        question = st.text_input(strings.text("Your question"), key="search-question", max_chars=2000)
        told = strings.plural(
            "An AI assistant answers from the {n} document found.",
            "An AI assistant answers from the {n} documents found.",
            len(documents),
            shown=desk.formats.number(len(documents)),
        )
        st.html(f'<p class="vn-small">{escape_html(told)}</p>')
        with st.container(horizontal=True, gap="small"):
            asked = st.form_submit_button(strings.text("Ask"), type="primary")
            st.form_submit_button(strings.text("Close"), on_click=_end)
    if asked and question and question.strip():
        st.session_state[_ANSWER] = _Answer(question.strip(), documents)


def _show_answer(desk: Desk) -> None:
    answer: _Answer | None = st.session_state.get(_ANSWER)
    if answer is None:
        return
    place = st.empty()
    if answer.verdict is None and answer.error is None:
        place.html(waiting_html(desk.strings))
        _ask(desk, answer, place)
    if answer.error is not None:
        place.html(error_html(answer.error, desk.strings))
    elif answer.verdict is not None:
        place.html(_html(desk, answer, answer.verdict))
        _show_sources(desk, answer.verdict)


def _ask(desk: Desk, answer: _Answer, place: DeltaGenerator) -> None:
    pieces: list[str] = []
    shown_at = 0.0
    gateway = desk.site.gateway(desk.visitor.credential, personal=True)
    messages = [{"role": "user", "content": answer.question}]
    try:
        for event in gateway.ask(messages, documents=answer.documents):
            if isinstance(event, TextDelta):
                pieces.append(event.text)
                if time.monotonic() - shown_at >= _SECONDS_BETWEEN_UPDATES:
                    place.html(answer_html("".join(pieces), desk.strings, TURN, (), ""))
                    shown_at = time.monotonic()
            else:
                answer.text, answer.verdict = "".join(pieces), event
    except GatewayError as error:
        answer.error = error


def _html(desk: Desk, answer: _Answer, verdict: Verdict) -> str:
    if not verdict.answered:
        return decline_html(answer.text, desk.strings, desk.tenant, verdict.language)
    return answer_html(answer.text, desk.strings, TURN, verdict.sources, verdict.language, verdict=verdict)


def _show_sources(desk: Desk, verdict: Verdict) -> None:
    if not verdict.sources:
        return
    st.html(sources_title_html(desk.strings, verdict))
    with st.container(key="sources-search", gap="small"):
        for source in verdict.sources:
            label = source_label(source, desk.strings, today())
            if st.button(label, key=source_key(TURN, source.index), width="stretch"):
                show_preview(desk, source)
