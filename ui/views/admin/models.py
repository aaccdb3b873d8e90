"""The models that answer, how their servers fare, and the tenant's adapters."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import models as gateway
from ui.gateway.models import Model, Server
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.adapters import PLACE, show_adapters
from ui.views.admin.words import STATES, word
from ui.widgets.escape import escape_html
from ui.widgets.recent import recent_of
from ui.widgets.saying import show_said
from ui.widgets.table import Tone, badge_html, empty_html, facts_html, heading_html, table_html

TITLE: Final = N_("Models")
INTRO: Final = N_("What writes the answers, how the servers behind it fare, and what was trained for your own words.")
_TONES: Final[dict[str, Tone]] = {"up": "good", "down": "bad", "closed": "good", "open": "bad"}
_BREAKERS: Final = {
    "closed": N_("Lets requests through"),
    "open": N_("Broken after failures"),
    "half_open": N_("Tries one request"),
}
_SECONDS: Final = 5.0


def show() -> None:
    desk = open_desk(TITLE, "admin", INTRO)
    if desk is None:
        return
    show_said(PLACE)
    told = recent_of(
        {"models": lambda: gateway.models(desk.api), "models:adapters": lambda: gateway.adapters(desk.api)}, _SECONDS
    )
    _show_models(desk, told["models"])
    st.html(heading_html(desk.strings.text("Adapters")))
    adapters = told["models:adapters"]
    if isinstance(adapters, GatewayError):
        desk.show_error(adapters)
    else:
        show_adapters(desk, adapters)


def _show_models(desk: Desk, found: tuple[Model, ...] | GatewayError) -> None:
    strings = desk.strings
    st.html(heading_html(strings.text("Models")))
    if isinstance(found, GatewayError):
        desk.show_error(found)
        return
    if not found:
        _show_none(desk)
    for model in found:
        _show_model(desk, model)


def _show_none(desk: Desk) -> None:
    strings = desk.strings
    lacking = (
        strings.text("Answers are the best sentences of the documents, quoted as they stand; none is written anew."),
        strings.text("Answers stay in the language of the documents, and images that people send cannot be read."),
        strings.text("Adapters have nothing to be loaded into."),
    )
    st.html(
        empty_html(
            strings.text("No model is connected: answers are quotes."),
            strings.text(
                "Everything else works. Run this on a server with a GPU; docs/models.md says which model fits it:"
            ),
            "vernacular model plan qwen2.5-7b-instruct --gpus any\nvernacular model serve qwen2.5-7b-instruct",
        )
        + f"<p>{escape_html(strings.text('Without a model:'))}</p>"
        + "<ul>"
        + "".join(f"<li>{escape_html(each)}</li>" for each in lacking)
        + "</ul>"
    )


def _show_model(desk: Desk, model: Model) -> None:
    strings, formats = desk.strings, desk.formats
    yes, no = strings.text("yes"), strings.text("no")
    context = (
        strings.text("{n} tokens", n=formats.number(model.context_tokens))
        if model.context_tokens
        else strings.text("not known")
    )
    facts = [
        (strings.text("Profile"), f"<bdi>{escape_html(model.profile or '–')}</bdi>"),
        (strings.text("Question and answer together"), escape_html(context)),
        (strings.text("Sees images"), escape_html(yes if model.vision else no)),
        (strings.text("Takes adapters"), escape_html(yes if model.loras else no)),
        (strings.text("Waiting in the gateway"), escape_html(formats.number(model.waiting))),
    ]
    name = model.name or strings.text("A model that has not told its name yet")
    with st.container(border=True):
        st.html(f"<h3><bdi>{escape_html(name)}</bdi></h3>{facts_html(facts)}")
        head = [strings.text("Server"), strings.text("State"), strings.text("Under way"), strings.text("Running there")]
        head += [strings.text("Waiting there"), strings.text("Memory in use"), strings.text("Circuit breaker")]
        rows = [_server_row(desk, server) for server in model.servers]
        st.html(table_html(strings.text("Servers of {name}", name=name), head, rows))


def _server_row(desk: Desk, server: Server) -> list[str]:
    strings, formats = desk.strings, desk.formats
    reason = f'<br><small lang="en" dir="auto">{escape_html(server.reason)}</small>' if server.reason else ""
    return [
        f'<bdi dir="ltr">{escape_html(server.name)}</bdi>',
        f"{badge_html(word(strings, STATES, server.state), _TONES.get(server.state, 'warn'))}{reason}",
        formats.number(server.in_flight),
        formats.number(server.running),
        formats.number(server.waiting),
        "–" if server.kv_usage is None else formats.percent(server.kv_usage),
        badge_html(word(strings, _BREAKERS, server.breaker), _TONES.get(server.breaker, "warn")),
    ]
