"""A question and what became of it, as the page shows it once it is answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from ui.client import Gateway, SourceQuote, Tenant, Verdict
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.views.chat_actions import Rated, Said, show_actions
from ui.views.source import show_source
from ui.widgets import attachments
from ui.widgets.answer import answer_html, label_html, source_key, source_label, sources_title_html, understood_html
from ui.widgets.copying import printed_sources_html
from ui.widgets.notices import decline_html, error_html
from ui.widgets.offers import Offer, offers, show_offers
from ui.widgets.sign_in_again import ask_again
from ui.widgets.validity import Force, force_of, today


@dataclass(slots=True)
class Turn:
    """A question and what became of it. Neither `verdict` nor `error`: it is still to be answered. `key` tells it apart on the page, also from
    those of earlier conversations, and nobody can guess it. `offered`: None until it was thought of. `heard`: it was read out once."""

    question: str
    images: tuple[attachments.Attachment, ...] = ()
    text: str = ""
    verdict: Verdict | None = None
    error: GatewayError | None = None
    rated: Rated = field(default_factory=Rated)
    offered: tuple[Offer, ...] | None = None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    heard: bool = False

    @property
    def pending(self) -> bool:
        return self.verdict is None and self.error is None

    @property
    def can_be_asked_again(self) -> bool:
        """With a chance of an answer. An image that did not come back with the page would be missing."""
        return self.error is not None and self.error.passing and all(image.url for image in self.images)

    def forget_error(self) -> None:
        """Be asked again."""
        self.text, self.error, self.key = "", None, uuid.uuid4().hex


def conversation_of(turns: Sequence[Turn]) -> str | None:
    """The id of the conversation that the turns are of, as the gateway last told it."""
    known = [turn.verdict.conversation_id for turn in turns if turn.verdict is not None]
    return known[-1] if known else None


@dataclass(frozen=True, slots=True)
class TurnView:
    """Shows turns that are no longer pending."""

    gateway: Gateway
    tenant: Tenant
    strings: Strings

    def html(self, number: int, turn: Turn) -> str:
        """The answer, the decline or the error."""
        if turn.error is not None:
            return error_html(turn.error, self.strings)
        assert turn.verdict is not None
        verdict = turn.verdict
        understood = understood_html(self.strings, verdict)
        announced = "" if turn.heard else turn.key
        if not verdict.answered:
            declined = decline_html(
                turn.text,
                self.strings,
                self.tenant,
                verdict.language,
                verdict.reason,
                looked_for=verdict.looked_for,
                announced=announced,
            )
            return declined + f'<p class="vn-small">{label_html(self.strings, verdict)}</p>' + understood
        answer = answer_html(
            turn.text,
            self.strings,
            number,
            verdict.sources,
            verdict.language,
            verdict=verdict,
            announced=announced,
        )
        return answer + understood

    def show_rest(self, number: int, turn: Turn, *, last: bool) -> None:
        """What stands below: the sources, what can be done with the answer, what else is offered."""
        if turn.error is not None:
            self._show_way_out(number, turn)
        if turn.verdict is None:
            return
        verdict, strings = turn.verdict, self.strings
        if verdict.answered and verdict.sources:
            self._show_sources(number, verdict)
        show_actions(
            Said(turn.key, turn.text, verdict, turn.rated, self.tenant.display_name), self.gateway.api, strings
        )
        if turn.offered is None:
            turn.offered = offers(verdict, strings, self.tenant)
        if last:
            show_offers(turn.offered, number)

    def _show_way_out(self, number: int, turn: Turn) -> None:
        assert turn.error is not None
        if turn.error.problem == "signed_out":
            if st.button(
                self.strings.text("Sign in"), key=f"sign-in-{number}", icon=":material/login:", type="tertiary"
            ):
                ask_again(self.strings, then=turn.forget_error)
            return
        if not turn.can_be_asked_again:
            return
        st.button(
            self.strings.text("Try again"),
            key=f"retry-{number}",
            icon=":material/refresh:",
            on_click=turn.forget_error,
        )

    def _show_sources(self, number: int, verdict: Verdict) -> None:
        day = today()
        on_paper = printed_sources_html(verdict.sources, self.strings, day)
        st.html(sources_title_html(self.strings, verdict) + on_paper)
        with st.container(key=f"sources-{number}", gap="xsmall"):
            for source in verdict.sources:
                self._show_source(number, source, verdict.language, day)

    def _show_source(self, number: int, source: SourceQuote, language: str, day: date) -> None:
        in_force = force_of(source, day) is Force.now
        opened = st.button(
            source_label(source, self.strings, day),
            key=source_key(number, source.index),
            icon=None if in_force else ":material/event_busy:",
            width="stretch",
        )
        if opened:
            show_source(self.gateway, source, self.strings, language)
