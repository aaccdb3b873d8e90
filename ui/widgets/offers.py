"""What a page offers to someone whose question was not in its language, or not in the variety that she gets answers in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from ui.client import Tenant, Verdict
from ui.i18n import Strings, load, match
from ui.widgets.escape import escape_markdown
from ui.widgets.variety_picker import QUESTION, VARIETY, chosen_variety

LANGUAGE = "lang"


@dataclass(frozen=True, slots=True)
class Offer:
    """To put `value` into the address as `parameter`. `label` is in the language that is offered."""

    parameter: str
    value: str
    label: str


def offers(verdict: Verdict, strings: Strings, tenant: Tenant) -> tuple[Offer, ...]:
    """What to offer after an answer; nothing is offered that the visitor declined by asking on."""
    return tuple(each for each in _offers(verdict, strings, tenant) if _is_new(each))


def show_offers(made: tuple[Offer, ...], number: int) -> None:
    if not made:
        return
    with st.container(horizontal=True, key=f"offers-{number}", gap="small"):
        for offer in made:
            st.button(
                escape_markdown(offer.label),
                key=f"offer-{offer.parameter}-{number}",
                icon=":material/translate:",
                on_click=_take,
                args=(offer,),
            )


def _offers(verdict: Verdict, strings: Strings, tenant: Tenant) -> Iterator[Offer]:
    language = _language(verdict, strings)
    if language is not None:
        own = load(language)
        yield Offer(LANGUAGE, language, own.text("Show this page in {language}", language=own.name))
    understood = verdict.understood
    if understood is not None and understood.tag in {variety.tag for variety in tenant.varieties}:
        chosen = chosen_variety(tenant) or tenant.answer_in
        if chosen not in (QUESTION, understood.tag):
            words = load(language) if language else strings
            yield Offer(VARIETY, understood.tag, words.text("Answer in {variety}", variety=understood.native))


def _language(verdict: Verdict, strings: Strings) -> str | None:
    """The language of the interface that is nearest to what was asked in, if the page is in another one."""
    asked = [verdict.understood.tag if verdict.understood else "", verdict.dialect, verdict.language]
    found = next((tag for each in asked if (tag := match(each))), None)
    if found is None or found == strings.tag:
        return None
    if asked[0] == "" and "-" not in verdict.dialect and found.partition("-")[0] == strings.tag.partition("-")[0]:
        return None  # Chinese, and which script is not told
    return found


def _is_new(offer: Offer) -> bool:
    made: set[tuple[str, str]] = st.session_state.setdefault("offers", set())
    if (offer.parameter, offer.value) in made:
        return False
    made.add((offer.parameter, offer.value))
    return True


def _take(offer: Offer) -> None:
    st.query_params[offer.parameter] = offer.value
