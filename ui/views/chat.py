"""A tenant's chat: the notice, the conversation, its sources, and the input."""

from __future__ import annotations

import math
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from ui.client import Gateway, Tenant
from ui.gateway_errors import GatewayError
from ui.views.chat_kept import Keeper
from ui.views.chat_toolbar import show_toolbar, show_ways_elsewhere
from ui.views.chat_turn import Turn, TurnView, conversation_of
from ui.widgets import attachments, page
from ui.widgets.account import Account
from ui.widgets.answer import answer_html, question_html, waiting_html
from ui.widgets.branding import color_html, header_html, logo_of
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.language_picker import current_strings
from ui.widgets.notices import error_html, notice_html
from ui.widgets.variety_picker import chosen_variety

_LOOK = Path(__file__).parent.parent / "assets" / "chat.css"
# What the gateway is told of the conversation so far, and how often the browser is told of new text.
_HISTORY_TURNS = 8
_SECONDS_BETWEEN_UPDATES = 0.05


class Chat:
    """One visitor's conversation with one tenant; it lives in the session, and a new one takes it up where the browser's tab is the same."""

    def __init__(self, name: str, tenant: Tenant, gateway: Gateway, account: Account) -> None:
        self._tenant = tenant
        self._account = account
        self._gateway = gateway
        self._strings = current_strings(tenant.languages)
        self._keeper = Keeper(name, gateway, account.site.answers, account.visitor, self._strings)
        self._view = TurnView(gateway, tenant, self._strings)

    def show(self) -> None:
        page.begin(self._tenant.display_name, self._strings)
        self._show_look()
        # Streamlit pins the input to the bottom wherever it is called; what was typed must be known to all above it.
        turn = self._typed()
        if turn is not None:
            self._keeper.add(turn)
        trouble = self._keeper.take_up()
        kept = st.empty()
        self._keeper.tell(kept)
        self._show_header()
        waiting = self._keeper.waiting
        if trouble is not None or not (self._turns or waiting):
            self._show_welcome(trouble)
            return
        st.html(f'<h2 class="vn-hidden">{escape_html(self._strings.text("Conversation"))}</h2>')
        if waiting is not None:
            st.html(question_html(waiting.question, self._strings, [image.preview for image in waiting.images]))
            st.html(waiting_html(self._strings))
        for number, each in enumerate(self._turns):
            self._show_turn(number, each)
        self._keeper.tell(kept)

    def _show_look(self) -> None:
        st.html(_LOOK)
        if color := color_html(self._tenant):
            st.html(color)
        label = escape_html(self._strings.text("Skip to the question field"))
        st.html(f'<a class="vn-skip" href="#" data-act="write">{label}</a>')

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
        return self._keeper.turns

    def _show_header(self) -> None:
        turns = self._turns
        show_toolbar(
            self._gateway,
            self._tenant,
            self._account,
            self._strings,
            conversation=partial(conversation_of, turns),
            begin_anew=self._keeper.begin_anew if turns else None,
        )
        subtitle = self._strings.text("Answers quoted from our documents")
        st.html(header_html(self._tenant, subtitle, logo_of(self._tenant, self._gateway.api)))
        if line := self._account.line_html(self._strings):
            st.html(line)
        if (visitor := self._account.visitor) is not None:
            show_ways_elsewhere(visitor.me.role, self._strings)
        st.html(notice_html(self._strings, self._tenant, st.context.locale))

    def _show_welcome(self, trouble: GatewayError | None) -> None:
        if trouble is not None:
            st.html(error_html(trouble, self._strings))
            st.button(self._strings.text("Try again"), key="retry-kept", icon=":material/refresh:")
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
            place.html(self._view.html(number, turn))
            self._view.show_rest(number, turn, last=number == len(self._turns) - 1)

    def _answer(self, number: int, turn: Turn, place: st.delta_generator.DeltaGenerator) -> None:
        """Ask, and show the text as it comes. A turn that the visitor interrupts stays pending; its answer goes on meanwhile."""
        messages, conversation, answer_in = (
            self._messages(number),
            self._conversation_id(number),
            chosen_variety(self._tenant),
        )
        answer = self._keeper.answers.of(
            self._keeper.name_of(turn.key), lambda: self._gateway.ask(messages, conversation, answer_in)
        )
        with closing(answer.follow(_SECONDS_BETWEEN_UPDATES)) as texts:
            for text in texts:
                place.html(answer_html(text, self._strings, number, (), "") if text else waiting_html(self._strings))
        turn.text, turn.verdict, turn.error = answer.text, answer.verdict, answer.error

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
        return conversation_of(self._turns[:number])
