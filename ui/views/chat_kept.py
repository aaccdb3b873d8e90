"""How a conversation outlives its page: what the browser's tab keeps of it, and the turns that are made of that.

Streamlit's session ends when a page is loaded anew or the front end is. So the page tells its script what there is, the script keeps it in the
tab's own storage, and a page that knows of nothing gets it back through a field that nobody sees. It is never part of an address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from typing import Final

import streamlit as st

from ui.answers import Answers
from ui.client import Gateway
from ui.gateway.conversations import Exchange, exchanges
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.views.chat_actions import Rated
from ui.views.chat_turn import Turn, conversation_of
from ui.visitor import Visitor
from ui.widgets.attachments import Attachment
from ui.widgets.escape import escape_html

FIELD: Final = "kept-conversation"
_LONGEST: Final = 100_000
_NOT_HERE: Final = Attachment("", "")
"""An image that went with a question, and did not come back with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question under way. `after`: the message that it followed."""

    key: str
    question: str
    images: int = 0
    after: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    conversation: str | None = None
    asked: Asked | None = None

    @classmethod
    def of(cls, turns: list[Turn]) -> Kept:
        under_way = turns[-1] if turns and turns[-1].pending else None
        if under_way is None:
            return cls(conversation_of(turns))
        asked = Asked(under_way.key, under_way.question, len(under_way.images), _last_message(turns))
        return cls(conversation_of(turns), asked)

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False) if self.conversation or self.asked else ""


def read_kept(text: str) -> Kept | None:
    """What was kept, by what the browser says; None: nothing that can be used."""
    try:
        told = json.loads(text[:_LONGEST])
        asked = told["asked"]
        conversation = None if told["conversation"] is None else str(told["conversation"])[:36]
        return Kept(
            conversation,
            asked
            and Asked(str(asked["key"]), str(asked["question"]), min(int(asked["images"]), 20), str(asked["after"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Keeper:
    """Of one visitor's conversation with the tenant `name`."""

    name: str
    gateway: Gateway
    answers: Answers
    visitor: Visitor | None
    strings: Strings

    @property
    def turns(self) -> list[Turn]:
        turns: list[Turn] = st.session_state.setdefault(f"turns:{self.name}", [])
        return turns

    @property
    def waiting(self) -> Turn | None:
        """A question that waits for the conversation that it goes on with."""
        found: Turn | None = st.session_state.get(self._waiting)
        return found

    def add(self, turn: Turn) -> None:
        """A question with which a session begins was typed on a page that was there before it: the tab is asked for its conversation first."""
        if self._is_fresh and self._known not in st.session_state:
            st.session_state[self._waiting] = turn
        else:
            self.turns.append(turn)

    def take_up(self) -> GatewayError | None:
        """Go on with what the tab kept, if nothing was said on this page. What is not there, or not the visitor's, is as if it had
        never been. An error: it cannot be told now."""
        if not self._is_fresh:
            return None
        place = st.empty()
        # Not for people: it is hidden from all of them, and in no order of the keyboard.
        held = place.text_input(self.strings.text("Conversation"), key=FIELD, label_visibility="collapsed")
        if not held:
            return None
        try:
            self.turns.extend(self._turns_of(read_kept(held) or Kept()))
        except GatewayError as error:
            if error.passing:
                return error
        self._begin()
        if (turn := st.session_state.pop(self._waiting, None)) is not None:
            self.turns.append(turn)
        place.empty()
        return None

    def tell(self, place: st.delta_generator.DeltaGenerator) -> None:
        """Have the tab keep what there is by now; where nothing is, and something was, have it forget that."""
        st.session_state[self._known] = True
        kept, fresh = escape_html(str(Kept.of(self.turns))), "1" if self._is_fresh else ""
        waits = "1" if self.waiting else ""
        place.html(
            f'<div id="vn-conversation" data-tenant="{escape_html(self.name)}" data-who="{_digest(self.visitor)}" '
            f'data-kept="{kept}" data-fresh="{fresh}" data-waits="{waits}"></div>'
        )

    def begin_anew(self) -> None:
        for turn in self.turns:
            self.answers.drop(self.name_of(turn.key))
        self.turns.clear()
        self._begin()

    def name_of(self, key: str) -> Hashable:
        """By which a turn's answer is known while it comes: nobody else's credential leads to it."""
        return (self.name, self.gateway.api.headers.get("Authorization", ""), key)

    @property
    def _known(self) -> str:
        return f"known:{self.name}"

    @property
    def _waiting(self) -> str:
        return f"waiting:{self.name}"

    @property
    def _begun(self) -> str:
        return f"begun:{self.name}"

    @property
    def _is_fresh(self) -> bool:
        return not self.turns and self._begun not in st.session_state

    def _begin(self) -> None:
        st.session_state[self._begun] = True

    def _turns_of(self, kept: Kept) -> list[Turn]:
        found = exchanges(self.gateway.api, kept.conversation) if kept.conversation else []
        turns = [_turn(each) for each in found]
        for turn in turns[:-1]:
            turn.offered = ()
        return turns + self._under_way(kept.asked, turns)

    def _under_way(self, asked: Asked | None, before: list[Turn]) -> list[Turn]:
        """The question whose answer had not come: it is gone on with if it still comes, and asked again if nothing became of it."""
        if asked is None:
            return []
        coming = self.answers.find(self.name_of(asked.key))
        if coming is None and _last_message(before) != asked.after:
            return []  # it was answered, if only in part
        if coming is not None and coming.verdict is not None and coming.verdict.message_id == _last_message(before):
            return []
        turn = Turn(asked.question, (_NOT_HERE,) * asked.images, key=asked.key)
        if coming is None and asked.images:
            turn.error = GatewayError("interrupted", "The answer was cut off.", "Ask again.")
        return [turn]


def _turn(exchange: Exchange) -> Turn:
    rated = Rated(exchange.rating, explained=True, thanked=True)
    return Turn(exchange.question, text=exchange.text, verdict=exchange.verdict, rated=rated, heard=True)


def _last_message(turns: list[Turn]) -> str:
    return next((turn.verdict.message_id for turn in reversed(turns) if turn.verdict is not None), "")


def _digest(visitor: Visitor | None) -> str:
    """Tells one person from another, and says nothing of either."""
    if visitor is None:
        return ""
    return hashlib.sha256(f"{visitor.me.tenant}\n{visitor.me.name}".encode()).hexdigest()[:16]
