"""Words for the names that the gateway uses in figures and states."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final, TypeVar

import streamlit as st

from ui.i18n import N_, Strings

REASONS: Final = {
    "no_match": N_("Nothing found in the documents"),
    "low_confidence": N_("Found something, but not surely enough"),
    "no_answer": N_("The model found no answer in the passages"),
    "unsupported": N_("What the model wrote does not stand in the documents"),
    "outdated": N_("Only outdated documents"),
    "empty_index": N_("No documents yet"),
    "no_words": N_("No question in it"),
    "policy": N_("Refused by the safety policy"),
}
MODES: Final = {
    "extractive": N_("Quotes from the documents"),
    "generative": N_("Written by a model"),
    "approved": N_("Approved answers"),
}
ROLES: Final = {
    "public": N_("Public"),
    "member": N_("Member"),
    "editor": N_("Editor"),
    "admin": N_("Administrator"),
}
KINDS: Final = {"key": N_("API key"), "user": N_("Person"), "widget": N_("Widget")}
PARTS: Final = {
    "sql": N_("Database"),
    "vectors": N_("Search index"),
    "jobs": N_("Ingestion"),
    "models": N_("Models"),
    "quotas": N_("Quotas"),
}
STATES: Final = {
    "active": N_("Active"),
    "registered": N_("Registered"),
    "retired": N_("Retired"),
    "expired": N_("Expired"),
    "revoked": N_("Revoked"),
    "suspended": N_("Suspended"),
    "locked": N_("Locked"),
    "up": N_("Up"),
    "down": N_("Down"),
}


Name = TypeVar("Name", bound=Hashable)


def pick_word(label: str, words: Mapping[Name, str], strings: Strings, current: Name | None = None, **how: Any) -> Name:
    """A box with the words to choose from; `current` is chosen at first, the first one where that is none of them. `how`: as
    `st.selectbox` takes it."""
    names = list(words)
    at = names.index(current) if current is not None and current in words else 0
    picked: Name = st.selectbox(label, names, index=at, format_func=lambda name: strings.text(words[name]), **how)
    return picked


def word(strings: Strings, words: Mapping[str, str], name: str) -> str:
    """The name itself where there are no words for it."""
    return strings.text(words[name]) if name in words else name
