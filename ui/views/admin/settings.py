"""How a tenant presents itself. Each part is saved by itself, and says what was saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st

from ui.desk import Desk, forget_tenant, open_desk
from ui.gateway import dialects, settings
from ui.gateway.settings import Settings
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings
from ui.views.admin.dialects import VARIETIES, save_varieties
from ui.views.admin.settings_look import SETTINGS, show_look_part
from ui.views.admin.words import pick_word
from ui.widgets import meanwhile
from ui.widgets.language_choice import pick_dialects, pick_languages
from ui.widgets.notices import problem_html
from ui.widgets.part import part, show_look, told
from ui.widgets.recent import forget, recent, recent_of
from ui.widgets.saying import say

MAX_QUESTIONS, QUESTION_CHARS, GREETING_CHARS, MAX_TERMS = 12, 200, 1000, 2000
KNOWN: Final = "settings:"
_REGISTERS: Final = {
    "": N_("As the question is"),
    "formal": N_("Formal"),
    "plain": N_("Plain"),
    "colloquial": N_("Colloquial"),
}
_CONTACT: Final = {
    "name": (N_("Name of the office or team"), 200),
    "phone": (N_("Phone"), 100),
    "email": (N_("Email"), 254),
    "hours": (N_("Hours"), 300),
    "uri": (N_("Website"), 2000),
}


def show() -> None:
    desk = open_desk(
        N_("Settings"), "admin", N_("What people see of your organisation, and how its assistant speaks to them.")
    )
    if desk is None:
        return
    show_look()
    try:
        kept, varieties, packs = _opened(desk)
    except GatewayError as error:
        desk.show_error(error)
        return
    page = SettingsPage(desk, kept)
    page.show_name(varieties, packs)
    page.show_welcome()
    page.show_contact()
    page.show_wording()
    show_look_part(desk, kept, page.save)


def _opened(desk: Desk) -> tuple[Settings, dialects.Varieties, tuple[dialects.Pack, ...]]:
    """What the forms begin with."""
    asks: dict[str, Callable[[], Any]] = {
        SETTINGS: partial(settings.settings, desk.api),
        VARIETIES: partial(dialects.varieties, desk.api),
    }
    if not all(map(meanwhile.is_open, asks)):
        recent_of(asks)
    return (
        meanwhile.opened(SETTINGS, lambda: recent(SETTINGS, partial(settings.settings, desk.api))),
        meanwhile.opened(VARIETIES, lambda: recent(VARIETIES, partial(dialects.varieties, desk.api))),
        meanwhile.opened("packs", lambda: recent("packs", lambda: dialects.packs(desk.api), seconds=600)),
    )


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """`kept`: what the forms began with."""

    desk: Desk
    kept: Settings

    @property
    def strings(self) -> Strings:
        return self.desk.strings

    def save(self, place: str, **mine: Any) -> None:
        """Does not return where it went well: the page begins anew, with what was saved.

        Raises:
            GatewayError: it was refused.
        """
        now = settings.settings(self.desk.api)
        fields = meanwhile.merged(self.strings, place, _fields(self.kept), mine, _fields(now))
        if fields is None:
            return
        changed = settings.change_settings(self.desk.api, **fields)
        # What stands in the other parts' fields may not be saved yet: those go on as they began.
        news: dict[str, Any] = {name: getattr(changed, name) for name in fields if hasattr(changed, name)}
        news |= {"color": changed.color} if "branding" in fields else {}
        meanwhile.reopen(SETTINGS, replace(self.kept, **news))
        self.saved(place)

    def saved(self, place: str) -> None:
        meanwhile.saved(place)
        forget(KNOWN)
        forget_tenant()
        say(place, self.strings.text("Saved. It holds from the next question on."))

    def show_name(self, varieties: dialects.Varieties, packs: tuple[dialects.Pack, ...]) -> None:
        strings = self.strings
        with part("name", strings.text("Name and languages")), st.form("name-form", border=False):
            name = st.text_input(strings.text("Name that people see"), self.kept.display_name, max_chars=200)
            tags = pick_languages(strings, self.kept.languages, meanwhile.field_key("name", "languages"))
            spoken = pick_dialects(strings, packs, varieties.dialects, meanwhile.field_key("dialects", "dialects"))
            if st.form_submit_button(strings.text("Save name and languages"), type="primary"):
                with told(strings):
                    if save_varieties(self.desk, varieties, dialects=spoken):
                        self.save("name", display_name=name, languages=tags)

    def show_welcome(self) -> None:
        strings = self.strings
        intro = strings.text("What stands on the chat page before anyone has asked.")
        with part("welcome", strings.text("Greeting and suggested questions"), intro), st.form("welcome", border=False):
            greeting = st.text_area(strings.text("Greeting"), self.kept.greeting, max_chars=GREETING_CHARS, height=100)
            written = st.text_area(
                strings.text("Suggested questions, one on each line"),
                "\n".join(self.kept.suggested_questions),
                height=160,
                help=strings.text(
                    "At most {count} of {chars} characters each. Choose what many people ask.",
                    count=MAX_QUESTIONS,
                    chars=QUESTION_CHARS,
                ),
            )
            if st.form_submit_button(strings.text("Save greeting and questions"), type="primary"):
                asked = [line.strip() for line in written.splitlines() if line.strip()]
                if problem := self._wrong_questions(asked):
                    st.html(problem_html(problem))
                else:
                    with told(strings):
                        self.save("welcome", greeting=greeting, suggested_questions=asked)

    def _wrong_questions(self, asked: list[str]) -> str:
        if len(asked) > MAX_QUESTIONS:
            return self.strings.text("There are more than {count} questions.", count=MAX_QUESTIONS)
        if any(len(each) > QUESTION_CHARS for each in asked):
            return self.strings.text("A question has more than {count} characters.", count=QUESTION_CHARS)
        return ""

    def show_contact(self) -> None:
        strings = self.strings
        intro = strings.text("Where the documents hold no answer, people are told whom to turn to.")
        with part("contact", strings.text("Contact"), intro), st.form("contact", border=False):
            fields = {
                name: st.text_input(strings.text(label), self.kept.contact.get(name, ""), max_chars=chars)
                for name, (label, chars) in _CONTACT.items()
            }
            if st.form_submit_button(strings.text("Save contact"), type="primary"):
                written = {name: value.strip() for name, value in fields.items() if value.strip()}
                free = {"text": text} if (text := self.kept.contact.get("text")) else {}
                with told(strings):
                    self.save("contact", contact={**written, **free})

    def show_wording(self) -> None:
        strings = self.strings
        intro = strings.text("For answers that a model writes. Quotes from documents stay as they are.")
        with part("wording", strings.text("Wording"), intro), st.form("wording", border=False):
            register = pick_word(strings.text("Style of address"), _REGISTERS, strings, self.kept.register, width=320)
            lines = st.text_area(
                strings.text("Your own terms, one on each line"),
                "\n".join(f"{term} = {meaning}" if meaning else term for term, meaning in self.kept.glossary.items()),
                height=200,
                placeholder=strings.text("term = what it means"),
            )
            if st.form_submit_button(strings.text("Save wording"), type="primary"):
                glossary = read_terms(lines)
                if len(glossary) > MAX_TERMS:
                    st.html(problem_html(strings.text("There are more than {count} terms.", count=MAX_TERMS)))
                else:
                    with told(strings):
                        self.save("wording", register=register, glossary=glossary)


def _fields(kept: Settings) -> dict[str, Any]:
    """By the gateway's names, the look left out."""
    return {
        "display_name": kept.display_name,
        "languages": kept.languages,
        "greeting": kept.greeting,
        "suggested_questions": kept.suggested_questions,
        "contact": kept.contact,
        "register": kept.register,
        "glossary": kept.glossary,
    }


def read_terms(lines: str) -> dict[str, str]:
    """`term = meaning`, or a term alone; of two lines for one term the later one counts."""
    found: dict[str, str] = {}
    for line in lines.splitlines():
        term, _, meaning = line.partition("=")
        if term.strip():
            found[term.strip()] = meaning.strip()
    return found
