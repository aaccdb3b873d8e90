"""Tables and cards of figures, as HTML: for reading; what is operated are Streamlit's own widgets beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ui.i18n.languages import direction, language_name
from ui.widgets.escape import escape_html

Tone = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. `note`: how it compares, or what it is of. `tone`: whether that is good."""

    label: str
    value: str
    note: str = ""
    tone: Tone = ""


def heading_html(text: str) -> str:
    """Of a part of a page."""
    return f'<h2 class="vn-heading">{escape_html(text)}</h2>'


def table_html(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, figures: bool = False, shown: bool = False
) -> str:
    """A table that scrolls by itself where it is too wide. Cells are HTML, the first of each row names it; `caption` and `head` are text. `figures`: all
    but the first column are numbers. `shown`: the caption is to be seen, too."""
    columns = "".join(f'<th scope="col">{escape_html(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    kind = "vn-table vn-numbers" if figures else "vn-table"
    hidden = "" if shown else ' class="vn-hidden"'
    return (
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{escape_html(caption)}"><table>'
        f"<caption{hidden}>{escape_html(caption)}</caption>"
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cards_html(cards: Sequence[Card]) -> str:
    return '<dl class="vn-figure-cards">' + "".join(_card(card) for card in cards) + "</dl>"


def _card(card: Card) -> str:
    tone = f" vn-{card.tone}" if card.tone else ""
    note = f'<dd class="vn-note{tone}">{escape_html(card.note)}</dd>' if card.note else ""
    return f"<div><dt>{escape_html(card.label)}</dt><dd>{escape_html(card.value)}</dd>{note}</div>"


def badge_html(text: str, tone: Tone = "") -> str:
    """A state in a word."""
    kind = f" vn-{tone}" if tone else ""
    return f'<span class="vn-badge{kind}">{escape_html(text)}</span>'


def tag_html(tag: str) -> str:
    """A language or a variety by its name in itself, and its BCP 47 tag."""
    name = f'<bdi lang="{escape_html(tag)}" dir="{direction(tag)}">{escape_html(language_name(tag))}</bdi>'
    return name if language_name(tag) == tag else f'{name} <small dir="ltr">{escape_html(tag)}</small>'


def facts_html(facts: Sequence[tuple[str, str]]) -> str:
    """Labels (text), each with what belongs to it (HTML)."""
    rows = "".join(f"<dt>{escape_html(label)}</dt><dd>{value}</dd>" for label, value in facts)
    return f'<dl class="vn-facts">{rows}</dl>'


def empty_html(title: str, text: str, command: str = "") -> str:
    """That there is nothing yet, and how to come by it: by a command, if one is given."""
    line = f'<pre class="vn-command" dir="ltr"><code>{escape_html(command)}</code></pre>' if command else ""
    return f'<div class="vn-empty"><p class="vn-empty-title">{escape_html(title)}</p><p>{escape_html(text)}</p>{line}</div>'
