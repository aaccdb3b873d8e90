"""The front end's first page: the assistants there are, or why one is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import quote

import streamlit as st

from ui.bootstrap import Site
from ui.client import Tenant
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.i18n.languages import direction, language_name
from ui.visitor import Visitor
from ui.widgets import page
from ui.widgets.account import Account, address_of
from ui.widgets.escape import escape_html
from ui.widgets.language_picker import current_strings, pick_language
from ui.widgets.notices import error_html, problem_html
from ui.widgets.recent import recent_of

# Each card costs a request to the gateway.
_MOST_CARDS = 48


def show(site: Site, keys: Mapping[str, str], visitor: Visitor | None) -> None:
    account = Account(site, visitor, offered=_is_offered(site))
    strings = _begin(account)
    st.html(page.header_html("Vernacular", strings.text("Answers quoted from our documents")))
    if visitor is not None:
        st.html(account.line_html(strings) + _way_to(visitor, strings))
    if not keys:
        st.html(
            problem_html(
                strings.text(
                    "There is no assistant here yet. Run `vernacular demo`, or make a tenant with `vernacular tenant create`."
                )
            )
        )
        return
    st.html(
        f'<h2 class="vn-lead">{escape_html(strings.text("Who would you like to ask?"))}</h2>'
        f'<p class="vn-intro">{escape_html(strings.text("Each assistant answers from its own documents, in its own languages, and quotes them word for word."))}</p>'
    )
    shown = list(keys.items())[:_MOST_CARDS]
    told = recent_of({f"profile:{name}": partial(_profile, site, key) for name, key in shown})
    if failed := next((each for each in told.values() if isinstance(each, GatewayError)), None):
        st.html(error_html(failed, strings))
        return
    profiles: dict[str, Tenant] = {key.removeprefix("profile:"): tenant for key, tenant in told.items()}
    st.html(f'<div class="vn-cards">{"".join(_card(name, tenant) for name, tenant in profiles.items())}</div>')


def _profile(site: Site, key: str) -> Tenant:
    return site.gateway(key).tenant()


def show_unknown(name: str) -> None:
    strings = _begin()
    st.html(page.header_html("Vernacular", strings.text("Answers quoted from our documents")))
    st.html(
        problem_html(
            strings.text("There is no assistant called “{tenant}” here.", tenant=name[:80]),
            strings.text("Check the address, or choose one of the assistants that there are."),
        )
    )
    _link_to_all(strings)


def show_error(name: str, error: GatewayError) -> None:
    """A tenant whose profile cannot be had."""
    strings = _begin()
    st.html(page.header_html(name, strings.text("Answers quoted from our documents")))
    st.html(error_html(error, strings))
    if error.passing:
        st.button(strings.text("Try again"), icon=":material/refresh:", key="retry")


def _begin(account: Account | None = None) -> Strings:
    strings = current_strings(())
    page.begin("Vernacular", strings)
    with st.container(horizontal=True, horizontal_alignment="right", key="toolbar"):
        pick_language(strings)
        if account is not None:
            account.show(strings)
    return strings


def _is_offered(site: Site) -> bool:
    try:
        return site.offers_sign_in()
    except GatewayError:  # the assistants below will say so
        return False


def _way_to(visitor: Visitor, strings: Strings) -> str:
    """To the assistant of whoever is signed in, which need not be among those that are open to all."""
    return (
        f'<p><a class="vn-link" href="{escape_html(address_of(visitor.me.tenant))}" target="_self">'
        f"{escape_html(strings.text('Go to your assistant'))}</a></p>"
    )


def _link_to_all(strings: Strings) -> None:
    st.html(f'<p><a class="vn-link" href="?" target="_self">{escape_html(strings.text("All assistants"))}</a></p>')


def _card(name: str, tenant: Tenant) -> str:
    language = tenant.languages[0] if tenant.languages else ""
    lang = f' lang="{escape_html(language)}" dir="{direction(language)}"' if language else ""
    question = tenant.suggested_questions[0] if tenant.suggested_questions else tenant.greeting
    return (
        f'<a class="vn-card" href="?tenant={escape_html(quote(name, safe=""))}" target="_self"{lang}>'
        f'<span class="vn-monogram" aria-hidden="true">{escape_html(tenant.display_name[:1])}</span>'
        f'<b dir="auto">{escape_html(tenant.display_name)}</b>'
        f'<q dir="auto">{escape_html(question)}</q>'
        f'<span class="vn-tags">{_tags([*tenant.languages, *tenant.dialects])}</span></a>'
    )


def _tags(languages: Iterable[str]) -> str:
    names = dict.fromkeys(language_name(tag) for tag in languages)
    return "".join(f"<span>{escape_html(name)}</span>" for name in names)
