"""What people think of the answers they got: their thumbs, reasons and words, and the conversation around them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import quality
from ui.gateway.feedback import REASONS
from ui.gateway.quality import Opinion, Opinions
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin import approved_form
from ui.views.admin.approved_form import QUESTION_CHARS, Draft
from ui.views.admin.words import word
from ui.widgets.answer import answer_html, question_html
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.page_link import go_to_page
from ui.widgets.part import show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import badge_html, empty_html

_KNOWN: Final = "feedback:"
_PAGE: Final = "feedback"
_MORE: Final = "feedback-more"
_BOTH, _DOWN, _UP = 0, -1, 1
_RATINGS: Final = {_BOTH: N_("All"), _DOWN: N_("Not helpful"), _UP: N_("Helpful")}


def show() -> None:
    desk = open_desk(N_("Feedback"), "editor", N_("What people said of the answers they got, the newest first."))
    if desk is None:
        return
    show_look()
    strings = desk.strings
    with st.container(horizontal=True, vertical_alignment="bottom", key="feedback-tools"):
        rating = st.segmented_control(
            strings.text("Rating"),
            list(_RATINGS),
            default=_BOTH,
            required=True,
            format_func=lambda each: strings.text(_RATINGS[each]),
            key="feedback-rating",
        )
        handled = st.segmented_control(
            strings.text("Show"),
            [False, True],
            default=False,
            required=True,
            format_func=lambda each: strings.text("Put aside") if each else strings.text("Open"),
            key="feedback-handled",
        )
    show_said(_PAGE)
    try:
        found = _found(desk, int(rating or _BOTH), handled=bool(handled))
    except GatewayError as error:
        desk.show_error(error)
        return
    if not found.data:
        _show_nothing(desk, handled=bool(handled))
    for opinion in found.data:
        _show_opinion(desk, opinion)
    if found.cursor:
        st.button(strings.text("Show more"), key="feedback-older", on_click=_more)


def _found(desk: Desk, rating: int, *, handled: bool) -> Opinions:
    """With as many as the visitor has asked for."""
    key, wanted = f"{_KNOWN}{rating}:{handled}", rating or None
    found = recent(key, lambda: quality.opinions(desk.api, wanted, handled=handled))
    for _ in range(st.session_state.get(_MORE, 0)):
        if not found.cursor:
            break
        ask = partial(quality.opinions, desk.api, wanted, handled=handled, cursor=found.cursor)
        more = recent(f"{key}:{found.cursor}", ask)
        found = replace(found, data=(*found.data, *more.data), cursor=more.cursor)
    return found


def _more() -> None:
    st.session_state[_MORE] = st.session_state.get(_MORE, 0) + 1


def _show_nothing(desk: Desk, *, handled: bool) -> None:
    strings = desk.strings
    if handled:
        st.html(empty_html(strings.text("Nothing was put aside."), strings.text("What you have seen to is kept here.")))
        return
    st.html(
        empty_html(
            strings.text("No feedback waits."),
            strings.text("Below each answer of the chat are two thumbs: what people say with them appears here."),
        )
    )


def _show_opinion(desk: Desk, opinion: Opinion) -> None:
    strings = desk.strings
    with st.container(border=True, key=f"opinion-{opinion.message_id}"):
        st.html(_head_html(desk, opinion))
        with st.expander(strings.text("Question and answer"), key=f"turn-{opinion.message_id}"):
            _show_turns(desk, opinion)
        with st.container(horizontal=True, key=f"see-{opinion.message_id}"):
            label = strings.text("Take up again") if opinion.handled else strings.text("Put aside")
            if st.button(label, key=f"aside-{opinion.message_id}", help=escape_markdown(opinion.question[:120])):
                with told(strings):
                    quality.put_aside(desk.api, opinion.message_id, handled=not opinion.handled)
                    forget(_KNOWN)
                    said = strings.text("It is open again.") if opinion.handled else strings.text("Put aside.")
                    say(_PAGE, said)
            if opinion.question and st.button(
                strings.text("Write an approved answer"),
                icon=":material/edit_note:",
                key=f"write-{opinion.message_id}",
                help=escape_markdown(opinion.question[:120]),
            ):
                approved_form.begin(Draft(question=opinion.question[:QUESTION_CHARS]))
                go_to_page("approved")


def _head_html(desk: Desk, opinion: Opinion) -> str:
    strings = desk.strings
    thumb = (
        badge_html(strings.text("Helpful"), "good")
        if opinion.rating > 0
        else badge_html(strings.text("Not helpful"), "bad")
    )
    badges = [thumb]
    if opinion.reason:
        badges.append(badge_html(word(strings, REASONS, opinion.reason)))
    badges.append(badge_html(desk.formats.moment(opinion.created_at)))
    comment = (
        f'<blockquote class="vn-comment" dir="auto">{escape_html(opinion.comment)}</blockquote>'
        if opinion.comment
        else ""
    )
    return f'<h2 class="vn-part" dir="auto">{escape_html(opinion.question)}</h2><p>{" ".join(badges)}</p>{comment}'


def _show_turns(desk: Desk, opinion: Opinion) -> None:
    """The turn it is about; administrators may look at the whole conversation."""
    strings, key = desk.strings, f"whole-{opinion.message_id}"
    turns: tuple[tuple[str, str], ...] = (("user", opinion.question), ("assistant", opinion.answer))
    if desk.may("admin") and st.toggle(strings.text("The whole conversation"), key=key):
        with told(strings):
            ask = partial(quality.conversation, desk.api, opinion.conversation_id)
            turns = recent(f"{_KNOWN}of:{opinion.conversation_id}", ask)
    for role, text in turns:
        st.html(question_html(text, strings) if role == "user" else answer_html(text, strings, 0, [], opinion.language))
