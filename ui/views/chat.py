"""A tenant's chat: the notice, the conversation, its sources, and the input."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui.client import Gateway, SourceQuote, Tenant, TextDelta, Verdict
from ui.gateway_errors import GatewayError
from ui.views.source import show_source
from ui.widgets import attachments, page
from ui.widgets.account import Account, show_way_in
from ui.widgets.answer import (
    answer_html,
    question_html,
    source_key,
    source_label,
    sources_title_html,
    understood_html,
    waiting_html,
)
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.language_picker import current_strings, pick_language
from ui.widgets.notices import decline_html, error_html, notice_html
from ui.widgets.variety_picker import chosen_variety, pick_variety

# What the gateway is told of the conversation so far, and how often the browser is told of new text.
_HISTORY_TURNS = 8
_SECONDS_BETWEEN_UPDATES = 0.05


@dataclass(slots=True)
class Turn:
    """A question and what became of it. Neither `verdict` nor `error`: it is still to be answered."""

    question: str
    images: tuple[attachments.Attachment, ...] = ()
    text: str = ""
    verdict: Verdict | None = None
    error: GatewayError | None = None

    @property
    def pending(self) -> bool:
        return self.verdict is None and self.error is None


class Chat:
    """One visitor's conversation with one tenant; it lives in the session, and ends with it."""

    def __init__(self, name: str, tenant: Tenant, gateway: Gateway, account: Account) -> None:
        self._tenant = tenant
        self._account = account
        self._gateway = gateway
        self._state_key = f"turns:{name}"
        self._strings = current_strings(tenant.languages)

    def show(self) -> None:
        page.begin(self._tenant.display_name, self._strings)
        # Streamlit pins the input to the bottom wherever it is called; what was typed must be known to all above it.
        turn = self._typed()
        if turn is not None:
            self._turns.append(turn)
        self._show_header()
        if not self._turns:
            self._show_welcome()
        for number, turn in enumerate(self._turns):
            self._show_turn(number, turn)

    def _typed(self) -> Turn | None:
        if not self._tenant.vision:
            typed = st.chat_input(self._strings.text("Ask a question"), key="question", submit_mode="disable")
            return Turn(typed.strip()) if typed and typed.strip() else None
        sent = st.chat_input(
            self._strings.text("Ask a question, or add an image"),
            key="question",
            submit_mode="disable",
            accept_file="multiple",
            file_type=attachments.SUFFIXES,
            max_upload_size=max(1, math.ceil(self._tenant.max_image_mb)),
        )
        if sent is None:
            return None
        text, images = sent.text.strip(), tuple(map(attachments.attach, sent.files))
        return Turn(text, images) if text or images else None

    @property
    def _turns(self) -> list[Turn]:
        turns: list[Turn] = st.session_state.setdefault(self._state_key, [])
        return turns

    def _show_header(self) -> None:
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="toolbar"):
            st.button(
                self._strings.text("New conversation"),
                key="new",
                icon=":material/add_comment:",
                type="tertiary",
                disabled=not self._turns,
                on_click=self._turns.clear,
            )
            pick_variety(self._tenant, self._strings)
            pick_language(self._strings)
            self._account.show(self._strings)
        language = self._tenant.languages[0] if self._tenant.languages else ""
        st.html(
            page.header_html(
                self._tenant.display_name, self._strings.text("Answers quoted from our documents"), language
            )
        )
        if line := self._account.line_html(self._strings):
            st.html(line)
        st.html(notice_html(self._strings, self._tenant))

    def _show_welcome(self) -> None:
        if self._tenant.greeting:
            language = self._tenant.languages[0] if self._tenant.languages else ""
            lang = f' lang="{escape_html(language)}"' if language else ""
            st.html(f'<p class="vn-greeting" dir="auto"{lang}>{escape_html(self._tenant.greeting)}</p>')
        if not self._tenant.suggested_questions:
            return
        st.html(f'<h2 class="vn-suggest">{escape_html(self._strings.text("You could ask"))}</h2>')
        with st.container(key="suggestions", gap="small"):
            for number, question in enumerate(self._tenant.suggested_questions):
                st.button(
                    escape_markdown(question),
                    key=f"suggestion-{number}",
                    width="stretch",
                    on_click=self._turns.append,
                    args=(Turn(question),),
                )

    def _show_turn(self, number: int, turn: Turn) -> None:
        st.html(question_html(turn.question, self._strings, [image.preview for image in turn.images]))
        with st.container(key=f"turn-{number}"):
            place = st.empty()
            if turn.pending:
                place.html(waiting_html(self._strings))
                self._answer(number, turn, place)
            place.html(self._turn_html(number, turn))
            if turn.error is not None and turn.error.problem == "signed_out":
                show_way_in(self._strings, key=f"sign-in-{number}")
            elif turn.error is not None:
                st.button(
                    self._strings.text("Try again"),
                    key=f"retry-{number}",
                    icon=":material/refresh:",
                    on_click=self._ask_again,
                    args=(turn,),
                )
            elif turn.verdict is not None and turn.verdict.answered and turn.verdict.sources:
                self._show_sources(number, turn.verdict.sources, turn.verdict.language)

    def _answer(self, number: int, turn: Turn, place: st.delta_generator.DeltaGenerator) -> None:
        """Ask, and show the text as it comes. A turn that the visitor interrupts stays pending and is asked again."""
        pieces: list[str] = []
        shown_at = 0.0
        try:
            answer_in = chosen_variety(self._tenant)
            for event in self._gateway.ask(self._messages(number), self._conversation_id(number), answer_in):
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                    if time.monotonic() - shown_at >= _SECONDS_BETWEEN_UPDATES:
                        place.html(answer_html("".join(pieces), self._strings, number, (), ""))
                        shown_at = time.monotonic()
                else:
                    turn.text, turn.verdict = "".join(pieces), event
        except GatewayError as error:
            turn.error = error

    def _messages(self, number: int) -> list[dict[str, Any]]:
        """What was said so far as text, and the question with its images."""
        messages: list[dict[str, Any]] = []
        for turn in self._turns[max(0, number - _HISTORY_TURNS) : number]:
            if turn.verdict is not None:
                messages += [
                    {"role": "user", "content": turn.question or self._strings.text("Image that was sent")},
                    {"role": "assistant", "content": turn.text},
                ]
        turn = self._turns[number]
        content = attachments.content(turn.question, turn.images) if turn.images else turn.question
        return [*messages, {"role": "user", "content": content}]

    def _conversation_id(self, number: int) -> str | None:
        known = [turn.verdict.conversation_id for turn in self._turns[:number] if turn.verdict is not None]
        return known[-1] if known else None

    def _turn_html(self, number: int, turn: Turn) -> str:
        if turn.error is not None:
            return error_html(turn.error, self._strings)
        assert turn.verdict is not None
        verdict = turn.verdict
        understood = understood_html(self._strings, verdict)
        if not verdict.answered:
            declined = decline_html(turn.text, self._strings, self._tenant, verdict.language, verdict.reason)
            return declined + understood
        answer = answer_html(turn.text, self._strings, number, verdict.sources, verdict.language, verdict=verdict)
        return answer + understood

    def _show_sources(self, number: int, sources: tuple[SourceQuote, ...], language: str) -> None:
        st.html(sources_title_html(self._strings))
        with st.container(key=f"sources-{number}", gap="xsmall"):
            for source in sources:
                label = source_label(source, self._strings)
                if st.button(label, key=source_key(number, source.index), width="stretch"):
                    show_source(self._gateway, source, self._strings, language)

    @staticmethod
    def _ask_again(turn: Turn) -> None:
        turn.text, turn.error = "", None
