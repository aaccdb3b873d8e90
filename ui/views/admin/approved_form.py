"""Writing an approved answer, or changing one: as it will be given, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import quality
from ui.gateway.quality import Approved
from ui.gateway_errors import GatewayError
from ui.i18n.languages import language_name
from ui.widgets import meanwhile
from ui.widgets.answer import answer_html
from ui.widgets.escape import escape_html
from ui.widgets.notices import problem_html
from ui.widgets.part import part, told
from ui.widgets.recent import forget
from ui.widgets.saying import say

DRAFT: Final = "approved:draft"
KNOWN: Final = "approved:"
PAGE: Final = "approved"
_ROUND: Final = "approved-round"
QUESTION_CHARS: Final = 500
_ANSWER_CHARS: Final = 20_000
_VARIANTS_CHARS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form begins with. `id`: of the answer that is changed; "": it is a new one. `message_ids`: of unanswered questions that it
    answers."""

    id: str = ""
    question: str = ""
    variants: tuple[str, ...] = ()
    answer: str = ""
    language: str = ""
    uri: str = ""
    active: bool = True
    valid_from: date | None = None
    valid_until: date | None = None
    message_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Approved) -> Draft:
        return cls(
            answer.id,
            answer.question,
            answer.variants,
            answer.answer,
            answer.language,
            answer.uri,
            answer.active or not answer.question,
            answer.valid_from,
            answer.valid_until,
        )

    def fields(self) -> dict[str, Any]:
        """As the gateway takes them."""
        return {
            "question": self.question,
            "variants": list(self.variants),
            "answer": self.answer,
            "language": self.language,
            "uri": self.uri or None,
            "active": self.active,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }


def begin(draft: Draft) -> None:
    """Have the page of approved answers open the form."""
    st.session_state[DRAFT] = draft
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def end() -> None:
    st.session_state.pop(DRAFT, None)


def show_form(desk: Desk, draft: Draft) -> None:
    strings = desk.strings
    title = strings.text("Change an approved answer") if draft.id else strings.text("Write an approved answer")
    intro = strings.text(
        "Whoever asks this question, in other words or in a dialect, gets the answer as you write it here, word for word."
    )
    with part("approved-form", title, intro):
        if draft.message_ids:
            count = len(draft.message_ids)
            told_of = strings.plural(
                "It deals with {n} unanswered question.",
                "It deals with {n} unanswered questions, whose wordings stand below.",
                count,
            )
            seen = strings.text("Everyone who opens the answer's source sees them: take out what is personal.")
            told_of = f"{told_of} {seen}"
            st.html(f'<p class="vn-part-intro">{escape_html(told_of)}</p>')
        fields = _fields(desk, draft)
        with st.container(horizontal=True, key="approved-form-end"):
            saved = st.button(strings.text("Save the answer"), type="primary", key="approved-save")
            st.button(strings.text("Cancel"), key="approved-cancel", on_click=end)
        if saved:
            _save(desk, draft, fields)


def _fields(desk: Desk, draft: Draft) -> dict[str, Any]:
    """What stands in the form now, as the gateway takes it."""
    strings = desk.strings
    question = st.text_input(strings.text("Question"), draft.question, max_chars=QUESTION_CHARS, key=_key("question"))
    variants = st.text_area(
        strings.text("Other ways of asking it, one a line"),
        "\n".join(draft.variants),
        max_chars=_VARIANTS_CHARS,
        height=110,
        key=_key("variants"),
        help=strings.text(
            "Dialects, other spellings and typing errors are understood by themselves: add what is said in quite other words."
        ),
    )
    answer = st.text_area(strings.text("Answer"), draft.answer, max_chars=_ANSWER_CHARS, height=220, key=_key("answer"))
    _show_preview(desk, answer, draft.language)
    left, middle, right = st.columns(3)
    languages = list(dict.fromkeys(("", draft.language, *desk.tenant.languages)))
    language = left.selectbox(
        strings.text("Language"),
        languages,
        index=languages.index(draft.language),
        format_func=lambda tag: language_name(tag) if tag else strings.text("As the words tell"),
        key=_key("language"),
    )
    first = middle.date_input(strings.text("Holds from"), draft.valid_from, key=_key("from"))
    last = right.date_input(strings.text("Holds until"), draft.valid_until, key=_key("until"))
    uri = st.text_input(strings.text("Address to read more"), draft.uri, placeholder="https://", key=_key("uri"))
    active = st.toggle(strings.text("Give this answer"), draft.active, key=_key("active"))
    return {
        "question": question.strip(),
        "variants": [line.strip() for line in variants.splitlines() if line.strip()],
        "answer": answer.strip(),
        "language": language or "",
        "uri": uri.strip() or None,
        "active": active,
        "valid_from": first.isoformat() if isinstance(first, date) else None,
        "valid_until": last.isoformat() if isinstance(last, date) else None,
    }


def _show_preview(desk: Desk, answer: str, language: str) -> None:
    if not answer.strip():
        return
    strings = desk.strings
    st.html(f'<h3 class="vn-part">{escape_html(strings.text("As it will be shown"))}</h3>')
    st.html(answer_html(answer.strip(), strings, 0, [], language))


def _save(desk: Desk, draft: Draft, fields: dict[str, Any]) -> None:
    strings = desk.strings
    if not fields["question"] or not fields["answer"]:
        st.html(problem_html(strings.text("A question and an answer are needed."), ""))
        return
    with told(strings):
        if draft.id:
            if not _change(desk, draft, fields):
                return
        else:
            quality.approve(desk.api, {**fields, "message_ids": list(draft.message_ids), "wordings": False})
        end()
        forget(KNOWN)
        forget("questions:")
        said = strings.text("Saved. In a moment it is found and given.")
        say(PAGE, said if fields["active"] else strings.text("Saved, and not given until you switch it on."))


def _change(desk: Desk, draft: Draft, mine: dict[str, Any]) -> bool:
    """False: not saved, as somebody else changed or deleted it, which is told here.

    Raises:
        GatewayError: it was refused.
    """
    strings = desk.strings
    try:
        now = Draft.of(quality.approved_answer(desk.api, draft.id))
    except GatewayError as error:
        if error.problem != "not_found":
            raise
        st.session_state[DRAFT] = replace(draft, id="")
        st.html(
            problem_html(
                strings.text("Somebody has deleted this since you opened it."),
                strings.text("Save again to make a new answer of what you wrote."),
            )
        )
        return False
    fields = meanwhile.merged(strings, f"approved:{draft.id}", draft.fields(), mine, now.fields())
    if fields is None:
        return False
    quality.change_approved(desk.api, draft.id, fields)
    meanwhile.saved(f"approved:{draft.id}")
    return True


def _key(name: str) -> str:
    """New ones for each time that the form is opened, so that it begins with the draft's words."""
    return f"approved-{name}-{st.session_state.get(_ROUND, 0)}"
