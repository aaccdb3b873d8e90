"""A question tried out: what variety it is taken for and why, what is searched for, and what that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import dialects
from ui.gateway.dialects import Expansion, Pack, Sign, Trial, TrialHit
from ui.i18n import N_, Strings
from ui.i18n.formats import locale_of
from ui.i18n.languages import direction
from ui.widgets.domains import source_name
from ui.widgets.escape import escape_html
from ui.widgets.language_choice import native_name
from ui.widgets.part import part, told
from ui.widgets.reading import one_line
from ui.widgets.recent import recent
from ui.widgets.table import Tone, badge_html, empty_html, facts_html, table_html

QUESTION_CHARS: Final = 1000
SNIPPET_CHARS: Final = 400
MOST_CANDIDATES: Final = 5
_ASKED: Final = "trial-asked"
_DECIDED: Final = {
    "text": N_("by its words"),
    "tenant": N_("by its words and your declared varieties"),
    "person": N_("chosen above"),
}


def show_trial(desk: Desk, packs: Sequence[Pack]) -> None:
    strings = desk.strings
    intro = strings.text("A dry run: nothing is logged as a question of your people's, and nobody else sees it.")
    with part("trial", strings.text("Try a question"), intro):
        _show_form(strings, packs)
        asked = st.session_state.get(_ASKED)
        if not asked:
            st.html(
                empty_html(
                    strings.text("Nothing tried yet."),
                    strings.text("Write a question above in the words of your people, in any dialect."),
                )
            )
            return
        question, tag = asked
        with told(strings):
            found = recent(f"trial:{tag}:{question}", lambda: dialects.try_out(desk.api, question, tag or None), 120)
            _show_understanding(desk, found)
            _show_expansions(desk, found)
            _show_hits(strings, found)


def _show_form(strings: Strings, packs: Sequence[Pack]) -> None:
    names = {"": strings.text("Told from the question"), **{pack.tag: pack.native for pack in packs}}
    with st.form("trial", border=False):
        question = st.text_area(strings.text("Question"), max_chars=QUESTION_CHARS, height=80, key="trial-question")
        tag = st.selectbox(
            strings.text("Variety"), list(names), format_func=names.__getitem__, width=320, key="trial-variety"
        )
        if st.form_submit_button(strings.text("Try it"), type="primary"):
            st.session_state[_ASKED] = (question.strip(), tag) if question.strip() else None


def _show_understanding(desk: Desk, found: Trial) -> None:
    strings, formats = desk.strings, desk.formats
    st.html(f'<h3 class="vn-subpart">{escape_html(strings.text("How it is understood"))}</h3>')
    st.html(f'<p class="vn-tried" dir="{direction(found.language)}">{_marked(strings, found)}</p>')
    if found.tag:
        taken = strings.text(
            "{variety}, with a confidence of {confidence}",
            variety=native_name(found.tag),
            confidence=formats.percent(found.confidence),
        )
        decided = strings.text(_DECIDED[found.decided_by]) if found.decided_by in _DECIDED else found.decided_by
    else:
        taken, decided = strings.text("No dialect: a standard language, or one that nothing is known of"), ""
    facts = [
        (strings.text("Language"), _named(found.language)),
        (strings.text("Variety"), f"<bdi>{escape_html(taken)}</bdi>"),
        (strings.text("Decided"), escape_html(decided)),
        (strings.text("Script"), escape_html(_script_name(strings, found.script))),
        (strings.text("Answered in"), _named(found.dialect or found.language)),
        (strings.text("Time"), escape_html(formats.milliseconds(found.took_ms))),
    ]
    st.html(facts_html([fact for fact in facts if fact[1]]))
    if len(found.candidates) > 1:
        rows = [
            [_named(tag), escape_html(formats.percent(share, 1))] for tag, share in found.candidates[:MOST_CANDIDATES]
        ]
        head = (strings.text("Variety"), strings.text("Confidence"))
        st.html(table_html(strings.text("What it could be"), head, rows, figures=True, shown=True))


def _marked(strings: Strings, found: Trial) -> str:
    """The question, with the words that spoke for its variety, or against it."""
    question, parts, at = found.question, [], 0
    for sign in _apart(found.signs, found.tag, question):
        speaks = sign.weight > 0
        said = strings.text("speaks for it") if speaks else strings.text("speaks against it")
        kind = "" if speaks else ' class="vn-against"'
        parts.append(escape_html(question[at : sign.start]))
        parts.append(
            f"<mark{kind}>{escape_html(question[sign.start : sign.end])}"
            f'<span class="vn-hidden"> ({escape_html(said)})</span></mark>'
        )
        at = sign.end
    return "".join(parts) + escape_html(question[at:])


def _apart(signs: Sequence[Sign], tag: str | None, question: str) -> list[Sign]:
    """Those of the variety that was found, no two at one place, the longer ones first to be kept."""
    own = [sign for sign in signs if sign.tag == tag and 0 <= sign.start < sign.end <= len(question)]
    kept: list[Sign] = []
    for sign in sorted(own, key=lambda each: (each.start - each.end, each.start)):
        if all(sign.end <= other.start or sign.start >= other.end for other in kept):
            kept.append(sign)
    return sorted(kept, key=lambda each: each.start)


def _show_expansions(desk: Desk, found: Trial) -> None:
    strings = desk.strings
    st.html(f'<h3 class="vn-subpart">{escape_html(strings.text("What is searched for as well"))}</h3>')
    if not found.expansions:
        st.html(
            empty_html(
                strings.text("Nothing is added to this question."),
                strings.text(
                    "Where your people use words that your documents do not, add them below as your own words."
                ),
            )
        )
        return
    head = (
        strings.text("In the question"),
        strings.text("Searched for"),
        strings.text("Found in"),
        strings.text("Weight"),
    )
    rows = [_expansion_row(desk, each) for each in found.expansions]
    st.html(
        table_html(strings.text("Words that are added, beside 1 for a word of the question"), head, rows, shown=True)
    )


def _expansion_row(desk: Desk, expansion: Expansion) -> list[str]:
    strings = desk.strings
    text = expansion.text or strings.text("all of it")
    found_in = source_name(strings, expansion.kind, expansion.source)
    terms = ", ".join(f'<bdi dir="auto">{escape_html(term)}</bdi>' for term in expansion.terms)
    return [
        f'<bdi dir="auto">{escape_html(text)}</bdi>',
        terms,
        f"<bdi>{escape_html(found_in)}</bdi>",
        escape_html(desk.formats.number(expansion.weight, 2)),
    ]


def _show_hits(strings: Strings, found: Trial) -> None:
    st.html(f'<h3 class="vn-subpart">{escape_html(strings.text("What it finds"))}</h3>')
    if not found.hits_with and not found.hits_without:
        st.html(
            empty_html(
                strings.text("No passage is found, with or without."),
                strings.text("Perhaps no document tells of it. Send one on the page Documents, and try again."),
            )
        )
        return
    sides = (
        (strings.text("With what is added"), found.hits_with, True),
        (strings.text("Without"), found.hits_without, False),
    )
    for column, (title, hits, with_added) in zip(st.columns(2), sides, strict=True):
        with column:
            items = "".join(_hit_html(strings, hit, with_added=with_added) for hit in hits)
            none = f"<p>{escape_html(strings.text('Nothing'))}</p>"
            st.html(
                f'<h4 class="vn-subpart">{escape_html(title)}</h4>'
                + (f'<ol class="vn-hits">{items}</ol>' if items else none)
            )


def _hit_html(strings: Strings, hit: TrialHit, *, with_added: bool) -> str:
    said, tone = _moved(strings, hit) if with_added else _left(strings, hit)
    text = one_line(hit.text)
    text = text if len(text) <= SNIPPET_CHARS else f"{text[:SNIPPET_CHARS]} …"
    return (
        f'<li><b dir="auto">{hit.rank}. {escape_html(hit.title)}</b>{badge_html(said, tone) if said else ""}'
        f'<p dir="auto">{escape_html(text)}</p></li>'
    )


def _moved(strings: Strings, hit: TrialHit) -> tuple[str, Tone]:
    """Where it was without what is added."""
    if hit.other_rank is None:
        return strings.text("new"), "good"
    if hit.other_rank == hit.rank:
        return strings.text("same place"), ""
    if hit.other_rank > hit.rank:
        return strings.text("▲ from {rank}", rank=hit.other_rank), "good"
    return strings.text("▼ from {rank}", rank=hit.other_rank), "warn"


def _left(strings: Strings, hit: TrialHit) -> tuple[str, Tone]:
    return (strings.text("only without"), "warn") if hit.other_rank is None else ("", "")


def _named(tag: str) -> str:
    """A tag by its name in itself."""
    if not tag:
        return ""
    return f'<bdi lang="{escape_html(tag)}">{escape_html(native_name(tag))}</bdi> <bdi dir="ltr">({escape_html(tag)})</bdi>'


def _script_name(strings: Strings, script: str) -> str:
    known = locale_of(strings.tag).scripts.get(script)
    return str(known) if known else script
