"""The answers that editors approved: looked through, written, changed, switched off, deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import quality
from ui.gateway.quality import Approved, ApprovedPage
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin import approved_form
from ui.views.admin.approved_form import DRAFT, KNOWN, PAGE, Draft
from ui.views.admin.words import word
from ui.widgets.answer import answer_html
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.links import new_tab_html
from ui.widgets.part import show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import Tone, badge_html, empty_html, facts_html, tag_html

_STATES: Final = {
    "live": N_("Given"),
    "indexing": N_("Being taken in"),
    "off": N_("Switched off"),
    "expired": N_("No longer valid"),
    "upcoming": N_("Not yet valid"),
}
_TONES: Final[dict[str, Tone]] = {"live": "good", "indexing": "warn", "expired": "bad"}
_MORE: Final = "approved-more"
_LABEL: Final = 110
"""Characters of a question that its line shows."""


def show() -> None:
    desk = open_desk(
        N_("Approved answers"),
        "editor",
        N_("Answers that you write yourself. They are given word for word, and cited as any document is."),
    )
    if desk is None:
        return
    show_look()
    draft = st.session_state.get(DRAFT)
    if isinstance(draft, Draft):
        approved_form.show_form(desk, draft)
        return
    show_said(PAGE)
    strings = desk.strings
    with st.container(horizontal=True, vertical_alignment="bottom", key="approved-tools"):
        words = st.text_input(strings.text("Look through the answers"), key="approved-words")
        st.button(
            strings.text("Write an approved answer"),
            type="primary",
            icon=":material/add:",
            key="approved-new",
            on_click=approved_form.begin,
            args=(Draft(),),
        )
    try:
        found = _found(desk, words.strip())
    except GatewayError as error:
        desk.show_error(error)
        return
    _show_list(desk, found, words.strip())


def _found(desk: Desk, words: str) -> ApprovedPage:
    """With as many as the visitor has asked for."""
    found = recent(f"{KNOWN}{words}", lambda: quality.approved_answers(desk.api, words))
    for _ in range(st.session_state.get(_MORE, 0)):
        if not found.cursor:
            break
        ask = partial(quality.approved_answers, desk.api, words, found.cursor)
        more = recent(f"{KNOWN}{words}:{found.cursor}", ask)
        found = replace(found, answers=(*found.answers, *more.answers), cursor=more.cursor)
    return found


def _show_list(desk: Desk, found: ApprovedPage, words: str) -> None:
    strings = desk.strings
    if not found.answers:
        nothing = (
            (strings.text("Nothing matches."), strings.text("Try other words, or fewer."))
            if words
            else (
                strings.text("There are no approved answers yet."),
                strings.text(
                    "Write one above, or begin with a question that was not answered: the page of unanswered questions fills the form for you."
                ),
            )
        )
        st.html(empty_html(*nothing))
        return
    count = strings.plural("{n} approved answer", "{n} approved answers", found.total)
    st.html(f'<p class="vn-part-intro" role="status">{escape_html(count)}</p>')
    if any(each.state == "indexing" for each in found.answers):
        st.button(
            strings.text("Look again"), icon=":material/refresh:", key="approved-again", on_click=forget, args=(KNOWN,)
        )
    for answer in found.answers:
        _show_answer(desk, answer)
    if found.cursor:
        st.button(strings.text("Show more"), key="approved-older", on_click=_more)


def _more() -> None:
    st.session_state[_MORE] = st.session_state.get(_MORE, 0) + 1


def _show_answer(desk: Desk, answer: Approved) -> None:
    strings = desk.strings
    state, tone = word(strings, _STATES, answer.state), _TONES.get(answer.state, "")
    asked = answer.question or strings.text("The question was a person's own words, and is erased.")
    short = asked if len(asked) <= _LABEL else f"{asked[:_LABEL].rstrip()}…"
    label = f"{short} · {state}"
    with st.expander(escape_markdown(label), key=f"answer-{answer.id}"):
        st.html(f"<p>{badge_html(state, tone)}</p>{facts_html(_facts(desk, answer))}")
        st.html(answer_html(answer.answer, strings, 0, [], answer.language))
        with st.container(horizontal=True, key=f"answer-do-{answer.id}"):
            st.button(
                strings.text("Change"),
                icon=":material/edit:",
                key=f"change-{answer.id}",
                on_click=approved_form.begin,
                args=(Draft.of(answer),),
            )
            if answer.question and st.button(
                strings.text("Switch off") if answer.active else strings.text("Switch on"), key=f"switch-{answer.id}"
            ):
                _switch(desk, answer)
        if asked_first(
            strings,
            f"delete-{answer.id}",
            strings.text("Delete"),
            strings.text("Delete this answer? Questions that it dealt with are unanswered again."),
            strings.text("Delete the answer"),
            icon=":material/delete:",
        ):
            _delete(desk, answer)


def _facts(desk: Desk, answer: Approved) -> list[tuple[str, str]]:
    strings, formats = desk.strings, desk.formats
    found: list[tuple[str, str]] = []
    if answer.variants:
        listed = "".join(f'<li dir="auto">{escape_html(each)}</li>' for each in answer.variants)
        found.append((strings.text("Other ways of asking"), f'<ul class="vn-wordings">{listed}</ul>'))
    if answer.language:
        found.append((strings.text("Language"), tag_html(answer.language)))
    days: tuple[tuple[str, date | None], ...] = (
        (strings.text("Holds from"), answer.valid_from),
        (strings.text("Holds until"), answer.valid_until),
    )
    found += [(label, escape_html(formats.date(day))) for label, day in days if day]
    if link := new_tab_html(answer.uri, strings):
        found.append((strings.text("Address to read more"), link))
    found.append((strings.text("Changed"), escape_html(formats.moment(answer.updated_at))))
    return found


def _switch(desk: Desk, answer: Approved) -> None:
    strings = desk.strings
    with told(strings):
        quality.change_approved(desk.api, answer.id, {"active": not answer.active})
        forget(KNOWN)
        on = strings.text("It is on again. In a moment it is found and given.")
        say(PAGE, strings.text("It is off, and given to nobody.") if answer.active else on)


def _delete(desk: Desk, answer: Approved) -> None:
    strings = desk.strings
    with told(strings):
        quality.delete_approved(desk.api, answer.id)
        forget(KNOWN)
        forget("questions:")
        say(PAGE, strings.text("The answer is deleted."))
