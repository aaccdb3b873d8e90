"""Forms that somebody else may save meanwhile: what each began with, what is saved of it, and what is told before it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import streamlit as st

from ui.i18n import Strings
from ui.widgets.notices import problem_html

Found = TypeVar("Found")
_OPENED, _ROUND, _SEEN, _PAGE = "opened", "opened:round", "opened:seen", "opened:page"
_NONE: Final = object()


def opened(key: str, ask: Callable[[], Found]) -> Found:
    """What a form begins with: asked for once, and then the same until the form is closed, whatever others save.

    Were it asked for anew, a field would begin anew with it, and what stands in it would be gone.
    """
    held: dict[str, Any] = st.session_state.setdefault(_OPENED, {})
    if key not in held:
        held[key] = ask()
    found: Found = held[key]
    return found


def is_open(key: str) -> bool:
    return key in st.session_state.get(_OPENED, {})


def reopen(key: str, begins_with: Any) -> None:
    st.session_state.setdefault(_OPENED, {})[key] = begins_with


def close(key: str) -> None:
    st.session_state.get(_OPENED, {}).pop(key, None)


def enter(page: str) -> None:
    """Close the forms of another page than this one: who comes back to them finds what holds by then."""
    if st.session_state.get(_PAGE) != page:
        for name in (_OPENED, _SEEN):
            st.session_state.pop(name, None)
        st.session_state[_PAGE] = page


def field_key(form: str, field: str) -> str:
    """Another one whenever the form was saved, so that the field begins with what was."""
    return f"{field}-{st.session_state.get(_ROUND, {}).get(form, 0)}"


def saved(form: str) -> None:
    """The fields of the form begin anew."""
    rounds: dict[str, int] = st.session_state.setdefault(_ROUND, {})
    rounds[form] = rounds.get(form, 0) + 1
    st.session_state.get(_SEEN, {}).pop(form, None)


def merged(
    strings: Strings, form: str, began: Mapping[str, Any], mine: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What is to be saved: of `mine` what she changed since the form `began`, of all else what stands there `now`.

    None: somebody else has changed the same, and she is told so here; when she saves again, hers takes its place.
    """
    seen: dict[str, Any] = st.session_state.setdefault(_SEEN, {})
    theirs: list[Any] = []
    fields = {
        name: _one(began.get(name, _NONE), value, now.get(name, _NONE), seen.get(form, {}).get(name, _NONE), theirs)
        for name, value in mine.items()
    }
    if not theirs:
        return fields
    seen[form] = dict(now)
    show_changed(strings, "; ".join(map(_shown, theirs)))
    return None


def show_changed(strings: Strings, theirs: str) -> None:
    st.html(
        problem_html(
            strings.text("Somebody else has changed this since you opened it."),
            strings.text("It is now: {theirs}. Save again to put yours in its place.", theirs=theirs),
        )
    )


def _one(began: Any, mine: Any, now: Any, seen: Any, theirs: list[Any]) -> Any:
    """A field's value. Of a mapping each entry by itself: who adds a term takes none away that another added."""
    if isinstance(mine, Mapping):
        began, now, seen = (each if isinstance(each, Mapping) else {} for each in (began, now, seen))
        found = {
            name: _one(
                began.get(name, _NONE), mine.get(name, _NONE), now.get(name, _NONE), seen.get(name, _NONE), theirs
            )
            for name in dict.fromkeys((*now, *mine))
        }
        return {name: value for name, value in found.items() if value is not _NONE}
    if _same(mine, began):
        return now
    if not any(_same(now, known) for known in (began, mine, seen)):
        theirs.append(now)
    return mine


def _same(one: Any, other: Any) -> bool:
    """A list of the gateway's is a tuple here and there."""
    return bool((list(one) if isinstance(one, tuple) else one) == (list(other) if isinstance(other, tuple) else other))


def _shown(value: Any) -> str:
    if value is _NONE or value is None or value == "":
        return "—"
    return " · ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
