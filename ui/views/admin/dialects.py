"""Languages and dialects: what becomes of a question, which varieties are declared, and how they are answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from ui.desk import Desk, forget_tenant, open_desk
from ui.gateway import dialects
from ui.gateway.dialects import Pack, Varieties
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings
from ui.views.admin.dialect_trial import show_trial
from ui.views.admin.words import pick_word
from ui.widgets import meanwhile
from ui.widgets.commas import parted
from ui.widgets.domains import domain_name
from ui.widgets.escape import escape_html
from ui.widgets.language_choice import native_name, pick_dialects
from ui.widgets.notices import problem_html
from ui.widgets.part import part, show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say

VARIETIES: Final = "settings:varieties"
QUESTION, STANDARD = "question", "standard"
_ANSWERS: Final = {QUESTION: N_("In the variety that the question is in"), STANDARD: N_("In the standard language")}
_SCRIPTS: Final = {
    "as_written": N_("As it stands in the documents"),
    "Hans": N_("Simplified characters"),
    "Hant": N_("Traditional characters"),
}


def show() -> None:
    desk = open_desk(
        N_("Languages and dialects"),
        "admin",
        N_("Try a question as your people would write it, and set what your assistant makes of it."),
    )
    if desk is None:
        return
    show_look()
    try:
        kept = meanwhile.opened(VARIETIES, lambda: recent(VARIETIES, lambda: dialects.varieties(desk.api)))
        packs = meanwhile.opened("packs", lambda: recent("packs", lambda: dialects.packs(desk.api), seconds=600))
    except GatewayError as error:
        desk.show_error(error)
        return
    show_trial(desk, packs)
    page = DialectsPage(desk, kept, packs)
    page.show_declared()
    page.show_preferences()


@dataclass(frozen=True, slots=True)
class DialectsPage:
    desk: Desk
    kept: Varieties
    packs: tuple[Pack, ...]

    @property
    def strings(self) -> Strings:
        return self.desk.strings

    def show_declared(self) -> None:
        strings = self.strings
        intro = strings.text(
            "Those that your people write in. They tip the scales where a question could be in one of several, and can be chosen on the chat page."
        )
        with part("declared", strings.text("Declared varieties"), intro):
            if self.kept.without_pack:
                names = self.desk.formats.list([native_name(tag) for tag in self.kept.without_pack])
                said = strings.text(
                    "Nothing is known yet of: {names}. Answers in them are left to the model.", names=names
                )
                st.html(f'<p dir="auto">{escape_html(said)}</p>')
            with st.form("declared", border=False):
                chosen = pick_dialects(
                    strings, self.packs, self.kept.dialects, meanwhile.field_key("dialects", "declared-dialects")
                )
                if st.form_submit_button(strings.text("Save varieties"), type="primary"):
                    self._save("declared", dialects=chosen)

    def show_preferences(self) -> None:
        strings = self.strings
        with (
            part("preferences", strings.text("How they are understood and answered")),
            st.form("preferences", border=False),
        ):
            answer_in = self._pick_answer_in()
            script = self._pick("script", strings.text("Chinese answers are shown"), _SCRIPTS, "as_written")
            given = {"answer_in": answer_in, "script": script, **self._switches()}
            lines = st.text_area(
                strings.text("Your people's words, and what your documents say instead, one on each line"),
                write_synonyms(self.kept.preferences.get("synonyms") or {}),
                height=160,
                placeholder=strings.text("their word = word of the documents, another one"),
            )
            domains = self._pick_domains()
            if st.form_submit_button(strings.text("Save preferences"), type="primary"):
                synonyms, wrong = read_synonyms(lines)
                if wrong:
                    told_line = strings.text("“{line}” says nothing of the documents' words.", line=wrong)
                    st.html(problem_html(told_line, strings.text("Write: their word = word of the documents")))
                else:
                    self._save("preferences", preferences=self._changed(synonyms, domains, given))

    def _pick_answer_in(self) -> str:
        tags = {pack.tag: pack.native for pack in self.packs if pack.tag in self.kept.dialects}
        current = str(self.kept.preferences.get("answer_in") or QUESTION)
        names = {name: self.strings.text(text) for name, text in _ANSWERS.items()} | tags
        names.setdefault(current, native_name(current))
        return st.selectbox(
            self.strings.text("Answers come"),
            list(names),
            index=list(names).index(current),
            format_func=names.__getitem__,
            width=420,
        )

    def _pick(self, field: str, label: str, texts: dict[str, str], default: str) -> str:
        current = str(self.kept.preferences.get(field) or default)
        return pick_word(label, texts, self.strings, current, width=420)

    def _switches(self) -> dict[str, bool]:
        strings, kept = self.strings, self.kept.preferences
        return {
            "detect": st.checkbox(
                strings.text("Tell the variety from the question. If not, only what a person chooses counts."),
                bool(kept.get("detect", True)),
            ),
            "expansion": st.checkbox(
                strings.text("Search for the standard words of dialect words, too"), bool(kept.get("expansion", True))
            ),
        }

    def _pick_domains(self) -> list[str] | None:
        """None: all."""
        strings = self.strings
        known = sorted({domain for pack in self.packs for domain in pack.domains})
        kept = self.kept.preferences.get("domains")
        everything = strings.text("Everyday words of these fields are looked up; none chosen: of all")
        chosen = st.multiselect(
            everything,
            sorted({*known, *(kept or ())}),
            default=list(kept or ()),
            format_func=lambda domain: domain_name(strings, domain),
            key=meanwhile.field_key("preferences", "domains"),
            placeholder=strings.text("All fields"),
        )
        return chosen or None

    def _changed(
        self, synonyms: dict[str, list[str]], domains: list[str] | None, given: dict[str, Any]
    ) -> dict[str, Any]:
        """All that is to be set: what is at its default, and what this page does not show, as it was."""
        defaults = {"answer_in": QUESTION, "script": "as_written", "detect": True, "expansion": True}
        others = {
            name: value
            for name, value in self.kept.preferences.items()
            if name not in {*defaults, "synonyms", "domains"}
        }
        kept = {name: value for name, value in given.items() if value != defaults[name]}
        kept |= {"synonyms": synonyms} if synonyms else {}
        return {**others, **kept, **({"domains": domains} if domains else {})}

    def _save(self, place: str, **fields: Any) -> None:
        with told(self.strings):
            if save_varieties(self.desk, self.kept, **fields):
                say(place, self.strings.text("Saved. It holds from the next question on."))


def save_varieties(desk: Desk, began: Varieties, **mine: Any) -> bool:
    """False: not saved, as somebody else changed the same, which is told here. `began`: what the form began with.

    Raises:
        GatewayError: it was refused.
    """
    now = dialects.varieties(desk.api)
    form = "-".join(mine)
    fields = meanwhile.merged(desk.strings, form, _fields(began), mine, _fields(now))
    if fields is None:
        return False
    if any(fields[name] != _fields(now)[name] for name in fields):
        now = dialects.change_varieties(desk.api, **fields)
    # What stands in the other form's fields may not be saved yet: that goes on as it began.
    meanwhile.reopen(
        VARIETIES, replace(now, **{name: getattr(began, name) for name in _fields(began) if name not in mine})
    )
    meanwhile.saved(form)
    forget("settings:")
    forget("trial:")
    forget_tenant()
    return True


def _fields(kept: Varieties) -> dict[str, Any]:
    return {"dialects": list(kept.dialects), "preferences": kept.preferences}


def write_synonyms(synonyms: dict[str, Any]) -> str:
    return "\n".join(f"{term} = {', '.join(map(str, words))}" for term, words in synonyms.items())


def read_synonyms(lines: str) -> tuple[dict[str, list[str]], str]:
    """The words, and the first line that cannot be read; "" where all can."""
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, lines.splitlines()):
        term, _, written = line.partition("=")
        words = parted(written)
        if not term.strip() or not words:
            return {}, line.strip()
        found[term.strip()] = words
    return found, ""
