"""What can be done with an answer: copy it, and say whether it helped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from ui.api import Api
from ui.client import Verdict
from ui.gateway.feedback import (
    HELPFUL,
    LONGEST_COMMENT,
    NOT_HELPFUL,
    REASONS,
    WITHDRAWN,
    Feedback,
    Rating,
    give_feedback,
)
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.widgets.copying import copy_button_html, plain_answer
from ui.widgets.escape import escape_html
from ui.widgets.notices import error_html
from ui.widgets.validity import today

_ICONS: Final = {HELPFUL: ":material/thumb_up:", NOT_HELPFUL: ":material/thumb_down:"}


@dataclass(slots=True)
class Rated:
    """What the visitor said of an answer. `explained`: also why, or that she would rather not. `thanked`: on an earlier page."""

    rating: Rating = WITHDRAWN
    explained: bool = False
    error: GatewayError | None = None
    thanked: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, as it is to be copied and rated. `key` tells it apart on the page."""

    key: str
    text: str
    verdict: Verdict
    rated: Rated
    tenant: str


@st.fragment
def show_actions(said: Said, api: Api, strings: Strings) -> None:
    """A click runs this part of the page alone."""
    verdict, rated = said.verdict, said.rated
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"actions-{said.key}"):
        text = plain_answer(said.text, verdict, said.tenant, strings, today())
        st.html(copy_button_html(text, strings), width="content")
        if verdict.message_id and verdict.conversation_id:
            _thumb(said, HELPFUL, api, strings)
            _thumb(said, NOT_HELPFUL, api, strings)
    if rated.error is not None:
        st.html(error_html(rated.error, strings))
    elif rated.rating == NOT_HELPFUL and not rated.explained:
        _show_reasons(said, api, strings)
    elif rated.rating != WITHDRAWN and not rated.thanked:
        told = strings.text("Thank you. It helps us to answer better.")
        announced = f"thanks-{said.key}-{rated.rating}"
        st.html(f'<p class="vn-small" data-announce="{announced}">{escape_html(told)}</p>')


def _thumb(said: Said, rating: Rating, api: Api, strings: Strings) -> None:
    chosen = said.rated.rating == rating
    label = strings.text("This helped") if rating == HELPFUL else strings.text("This did not help")
    if chosen:
        label = strings.text("{rating}: chosen, take it back", rating=label)
    st.button(
        label,
        key=f"rate-{'up' if rating == HELPFUL else 'down'}-{said.key}",
        icon=_ICONS[rating],
        type="secondary" if chosen else "tertiary",
        on_click=_rate,
        args=(said, WITHDRAWN if chosen else rating, api),
    )


def _show_reasons(said: Said, api: Api, strings: Strings) -> None:
    reason_key, comment_key = f"reason-{said.key}", f"comment-{said.key}"
    with st.form(key=f"why-{said.key}"):
        st.pills(
            strings.text("What is wrong with it?"),
            list(REASONS),
            format_func=lambda reason: strings.text(REASONS[reason]),
            key=reason_key,
        )
        st.text_area(
            strings.text("In your own words, if you like"), max_chars=LONGEST_COMMENT, height=90, key=comment_key
        )
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                strings.text("Send"),
                key=f"send-{said.key}",
                type="primary",
                on_click=_explain,
                args=(said, reason_key, comment_key, api),
            )
            st.form_submit_button(
                strings.text("No, thank you"), key=f"skip-{said.key}", type="tertiary", on_click=_skip, args=(said,)
            )


def _rate(said: Said, rating: Rating, api: Api) -> None:
    said.rated.explained = False
    _give(said, rating, api)


def _explain(said: Said, reason_key: str, comment_key: str, api: Api) -> None:
    reason, comment = st.session_state.get(reason_key) or "", st.session_state.get(comment_key) or ""
    said.rated.explained = True
    if reason or comment.strip():
        _give(said, NOT_HELPFUL, api, reason, comment)


def _skip(said: Said) -> None:
    said.rated.explained = True


def _give(said: Said, rating: Rating, api: Api, reason: str = "", comment: str = "") -> None:
    verdict, rated = said.verdict, said.rated
    try:
        give_feedback(
            api, Feedback(str(verdict.conversation_id), verdict.message_id, rating, reason=reason, comment=comment)
        )
    except GatewayError as error:
        rated.error = error
    else:
        rated.rating, rated.error, rated.thanked = rating, None, False
