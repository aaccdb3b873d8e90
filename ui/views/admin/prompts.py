"""What a tenant's assistant is told beside the product's own rules: versions, what is different between them, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import prompts
from ui.gateway.prompts import Prompt, Version
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings
from ui.widgets import diff, meanwhile
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.notices import problem_html
from ui.widgets.part import part, show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from ui.widgets.table import badge_html, empty_html

_KNOWN: Final = "prompts:"
_NAMES: Final = {
    "persona": (
        N_("Who the assistant is"),
        N_(
            "Its first words to the model: a name, an office, a manner. Without one it is the assistant of your organisation."
        ),
    ),
    "instructions": (
        N_("Further instructions"),
        N_(
            "What else you ask of written answers: tone, order, what to leave out. Citations and the rule that only documents count cannot be changed by them."
        ),
    ),
}
_NOTE_CHARS: Final = 400
_SIDE, _UNIFIED = "side", "unified"


def show() -> None:
    desk = open_desk(
        N_("Prompts"),
        "editor",
        N_("For answers that a model writes. Every version is kept; any of them can be put in force again."),
    )
    if desk is None:
        return
    show_look()
    _show(desk)


@st.fragment
def _show(desk: Desk) -> None:
    """All but the sidebar, which another prompt is nothing to."""
    strings = desk.strings
    name = st.segmented_control(
        strings.text("Prompt"),
        list(_NAMES),
        default="persona",
        required=True,
        format_func=lambda each: strings.text(_NAMES[each][0]),
        key="prompt",
    )
    try:
        began = meanwhile.opened(f"{_KNOWN}{name}", lambda: _prompt(desk, str(name)))
        page = PromptPage(desk, _prompt(desk, str(name)), began)
    except GatewayError as error:
        desk.show_error(error)
        return
    page.show_current()
    page.show_writing()
    if page.prompt.versions:
        page.show_versions()
    if len(page.prompt.versions) > 1:
        page.show_difference()


def _prompt(desk: Desk, name: str) -> Prompt:
    """With as many versions as the visitor has asked for."""
    found = recent(f"{_KNOWN}{name}", lambda: prompts.prompt(desk.api, name))
    for _ in range(st.session_state.get(f"older:{name}", 0)):
        if found.older is None:
            break
        more = recent(f"{_KNOWN}{name}:{found.older}", partial(prompts.prompt, desk.api, name, found.older))
        found = replace(found, versions=(*found.versions, *more.versions), older=more.older)
    return found


@dataclass(frozen=True, slots=True)
class PromptPage:
    """`began`: what the form began with."""

    desk: Desk
    prompt: Prompt
    began: Prompt

    @property
    def strings(self) -> Strings:
        return self.desk.strings

    @property
    def form(self) -> str:
        return f"{_KNOWN}{self.prompt.name}"

    def show_current(self) -> None:
        strings, prompt = self.strings, self.prompt
        title, intro = _NAMES[prompt.name]
        with part("current", strings.text(title), strings.text(intro)):
            if prompt.active is None:
                st.html(
                    empty_html(
                        strings.text("Nothing is in force."),
                        strings.text("Write a version below. Until then the assistant speaks as it does by itself."),
                    )
                )
                return
            said = strings.text("Version {version} is in force.", version=self.desk.formats.number(prompt.active))
            st.html(f'<p>{escape_html(said)}</p><p class="vn-version-text" dir="auto">{escape_html(prompt.text)}</p>')
            if asked_first(
                strings,
                f"none-{prompt.name}",
                strings.text("Put none in force"),
                strings.text(
                    "Let the assistant speak without this text? The versions stay, and any can be put in force again."
                ),
                strings.text("Put none in force"),
                icon=":material/block:",
            ):
                self._activate(None)

    def show_writing(self) -> None:
        strings, prompt = self.strings, self.began
        with part("writing", strings.text("Write a new version")), st.form(f"write-{prompt.name}", border=False):
            text = st.text_area(
                strings.text("Text"), prompt.text, max_chars=prompt.max_chars or None, height=220, key=self._key("text")
            )
            note = st.text_input(strings.text("Why it is changed"), max_chars=_NOTE_CHARS, key=self._key("note"))
            at_once = st.checkbox(strings.text("Put it in force at once"), value=True, key=self._key("at-once"))
            if st.form_submit_button(strings.text("Save version"), type="primary"):
                self._save(text, note, at_once)

    def _save(self, text: str, note: str, at_once: bool) -> None:
        strings = self.strings
        if not text.strip():
            st.html(
                problem_html(strings.text("There is no text."), strings.text("Write one, or put none in force above."))
            )
            return
        with told(strings):
            now = prompts.prompt(self.desk.api, self.prompt.name)
            if text.strip() == now.text:
                st.html(problem_html(strings.text("This is the version that is in force already.")))
            elif meanwhile.merged(strings, self.form, {"text": self.began.text}, {"text": text}, {"text": now.text}):
                made = prompts.save_version(self.desk.api, self.prompt.name, text, note, activate=at_once)
                self._begin_anew()
                number = self.desk.formats.number(made.number)
                if at_once:
                    say(
                        "current",
                        strings.text(
                            "Version {version} is saved and in force from the next question on.", version=number
                        ),
                    )
                say("versions", strings.text("Version {version} is saved. It is not in force yet.", version=number))

    def _begin_anew(self) -> None:
        """With what is in force now."""
        forget(_KNOWN)
        meanwhile.close(self.form)
        meanwhile.saved(self.form)

    def _key(self, field: str) -> str:
        return meanwhile.field_key(self.form, f"{field}-{self.prompt.name}")

    def show_versions(self) -> None:
        strings = self.strings
        with part("versions", strings.text("Versions")):
            for version in self.prompt.versions:
                self._show_version(version)
            if self.prompt.older is not None:
                st.button(strings.text("Show older versions"), on_click=_show_older, args=(self.prompt.name,))

    def _show_version(self, version: Version) -> None:
        strings = self.strings
        with st.expander(self._label(version), key=f"version-{self.prompt.name}-{version.number}"):
            if version.note:
                st.html(f'<p dir="auto">{escape_html(version.note)}</p>')
            st.html(f'<p class="vn-version-text" dir="auto">{escape_html(version.text)}</p>')
            if version.active:
                st.html(badge_html(strings.text("In force"), "good"))
            elif asked_first(
                strings,
                f"activate-{self.prompt.name}-{version.number}",
                strings.text("Put version {version} in force", version=self.desk.formats.number(version.number)),
                strings.text("Have all answers from now on written with this version?"),
                strings.text("Put it in force"),
                icon=":material/history:",
            ):
                self._activate(version.number)

    def _label(self, version: Version) -> str:
        """Number, moment, author, and whether it is in force."""
        strings, formats = self.strings, self.desk.formats
        said = [
            strings.text("Version {version}", version=formats.number(version.number)),
            formats.moment(version.created_at),
            version.author or strings.text("author not known"),
        ]
        if version.active:
            said.append(strings.text("In force"))
        return escape_markdown(" · ".join(said))

    def _activate(self, number: int | None) -> None:
        strings = self.strings
        with told(strings):
            prompts.activate(self.desk.api, self.prompt.name, number)
            self._begin_anew()
            if number is None:
                say("current", strings.text("None is in force from the next question on."))
            shown = self.desk.formats.number(number or 0)
            say("current", strings.text("Version {version} is in force from the next question on.", version=shown))

    def show_difference(self) -> None:
        strings, versions = self.strings, self.prompt.versions
        numbers = [version.number for version in versions]
        with part("difference", strings.text("Compare two versions")):
            with st.container(horizontal=True, key="difference-choice"):
                old = self._pick(strings.text("Earlier version"), numbers, numbers[1], "old")
                new = self._pick(strings.text("Later version"), numbers, numbers[0], "new")
                shape = st.selectbox(
                    strings.text("Shown"),
                    [_SIDE, _UNIFIED],
                    format_func={
                        _SIDE: strings.text("Side by side"),
                        _UNIFIED: strings.text("One below the other"),
                    }.__getitem__,
                    width=220,
                )
            self._show_rows(old, new, shape)

    def _pick(self, label: str, numbers: list[int], chosen: int, name: str) -> int:
        strings, formats = self.strings, self.desk.formats
        return st.selectbox(
            label,
            numbers,
            index=numbers.index(chosen),
            format_func=lambda number: strings.text("Version {version}", version=formats.number(number)),
            key=f"compare-{name}-{self.prompt.name}-{numbers[0]}",
            width=200,
        )

    def _show_rows(self, old_number: int, new_number: int, shape: str) -> None:
        strings, formats = self.strings, self.desk.formats
        old, new = self.prompt.find(old_number), self.prompt.find(new_number)
        if old is None or new is None:
            return
        added, removed = diff.counts(diff.rows(old.text, new.text))
        said = strings.text(
            "Lines added: {added}. Lines removed: {removed}.",
            added=formats.number(added),
            removed=formats.number(removed),
        )
        st.html(f"<p>{escape_html(said)}</p>")
        if shape == _UNIFIED:
            st.html(diff.unified_html(strings, old.text, new.text))
            return
        heads = tuple(
            strings.text("Version {version}", version=formats.number(each)) for each in (old_number, new_number)
        )
        st.html(diff.side_by_side_html(strings, old.text, new.text, (heads[0], heads[1])))


def _show_older(name: str) -> None:
    st.session_state[f"older:{name}"] = st.session_state.get(f"older:{name}", 0) + 1
