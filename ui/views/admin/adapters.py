"""A tenant's LoRA adapters: which are used for which dialect, and putting them to use or out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import models as gateway
from ui.gateway.models import Adapter
from ui.views.admin.words import STATES, word
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html
from ui.widgets.part import told
from ui.widgets.recent import forget
from ui.widgets.saying import say
from ui.widgets.table import Tone, badge_html, empty_html, facts_html, tag_html

PLACE: Final = "models"
_TONES: Final[dict[str, Tone]] = {"active": "good", "registered": "", "retired": "warn"}


def show_adapters(desk: Desk, adapters: tuple[Adapter, ...]) -> None:
    strings = desk.strings
    if not adapters:
        st.html(
            empty_html(
                strings.text("There are no adapters."),
                strings.text(
                    "An adapter is a small addition to a model, trained on your own words. Register one on the server:"
                ),
                f"vernacular adapter add FOLDER --tenant {desk.tenant.name} --base MODEL --dialect TAG",
            )
        )
    for adapter in adapters:
        with st.container(border=True, key=f"adapter-{adapter.id}"):
            _show_adapter(desk, adapter)


def _show_adapter(desk: Desk, adapter: Adapter) -> None:
    strings = desk.strings
    state = badge_html(word(strings, STATES, adapter.state), _TONES.get(adapter.state, ""))
    st.html(f'<h3><bdi dir="ltr">{escape_html(adapter.name)}</bdi> {state}</h3>{_facts(desk, adapter)}')
    if adapter.note:
        st.html(f'<div class="vn-box vn-decline"><bdi lang="en">{escape_html(adapter.note)}</bdi></div>')
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if adapter.state == "active":
            _show_active(desk, adapter)
        elif st.button(strings.text("Put to use"), key=f"activate-{adapter.id}", icon=":material/play_arrow:"):
            change = partial(gateway.change_adapter, desk.api, adapter.id, state="active")
            _do(desk, change, strings.text("{name} is used within seconds.", name=adapter.name))
        if adapter.state != "active" and asked_first(
            strings,
            f"remove-{adapter.id}",
            strings.text("Remove"),
            strings.text("{name} is removed with its files, for good.", name=adapter.name),
            strings.text("Remove"),
            icon=":material/delete:",
        ):
            said = strings.text("{name} is removed.", name=adapter.name)
            _do(desk, partial(gateway.remove_adapter, desk.api, adapter.id), said)
    if adapter.lineage:
        with st.expander(strings.text("What it was made from")):
            st.html(
                facts_html(
                    [(str(name), f"<bdi>{escape_html(_shown(value))}</bdi>") for name, value in adapter.lineage.items()]
                )
            )


def _show_active(desk: Desk, adapter: Adapter) -> None:
    strings = desk.strings
    share = st.number_input(
        strings.text("Share of conversations, in percent"),
        min_value=0,
        max_value=100,
        value=round(adapter.share * 100),
        step=5,
        key=f"share-{adapter.id}",
        width=260,
    )
    save = st.container(width="content")
    if share != round(adapter.share * 100) and save.button(strings.text("Save"), key=f"save-{adapter.id}"):
        change = partial(gateway.change_adapter, desk.api, adapter.id, share=share / 100)
        _do(desk, change, strings.text("{name} has another share of conversations.", name=adapter.name))
    if st.button(strings.text("Retire"), key=f"retire-{adapter.id}", icon=":material/stop:"):
        change = partial(gateway.change_adapter, desk.api, adapter.id, state="retired")
        _do(desk, change, strings.text("{name} is no longer used.", name=adapter.name))


def _facts(desk: Desk, adapter: Adapter) -> str:
    strings, formats = desk.strings, desk.formats
    dialect = tag_html(adapter.dialect) if adapter.dialect else escape_html(strings.text("any"))
    loaded = strings.text(
        "{n} of {all} servers", n=formats.number(adapter.loaded_on), all=formats.number(adapter.servers)
    )
    return facts_html(
        [
            (strings.text("Dialect"), dialect),
            (strings.text("Model"), f"<bdi>{escape_html(adapter.base_model)}</bdi>"),
            (strings.text("Assistant"), f"<bdi>{escape_html(adapter.assistant or strings.text('all'))}</bdi>"),
            (strings.text("Share"), escape_html(formats.percent(adapter.share))),
            (strings.text("Loaded on"), escape_html(loaded)),
            (strings.text("Size"), escape_html(formats.bytes(adapter.size))),
            (strings.text("Registered"), escape_html(formats.moment(adapter.created_at))),
        ]
    )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _do(desk: Desk, act: Callable[[], None], said: str) -> None:
    with told(desk.strings):
        act()
        forget("models")
        say(PLACE, said)
