"""The passages that a search found, as a list: each document once, with the words that were looked for marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ui.client import SourceQuote
from ui.gateway.search import Found, Hit, Span
from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.views.search.names import tongue_name, type_name
from ui.widgets.escape import escape_html
from ui.widgets.product import product_of
from ui.widgets.reading import one_line
from ui.widgets.validity import Force, force_of, validity

SNIPPET: Final = 320
"""Characters of a passage that the list shows."""
_BEFORE_MARK: Final = 60


@dataclass(frozen=True, slots=True)
class Group:
    """A document's passages, the best first, each with its place among all."""

    hits: tuple[tuple[int, Hit], ...]

    @property
    def first(self) -> Hit:
        return self.hits[0][1]


def groups_of(hits: Sequence[Hit]) -> list[Group]:
    """By document, in the order of the best passage of each."""
    found: dict[str, list[tuple[int, Hit]]] = {}
    for place, hit in enumerate(hits):
        found.setdefault(hit.document_id, []).append((place, hit))
    return [Group(tuple(each)) for each in found.values()]


def opener_key(place: int) -> str:
    """The widget key of the button that opens a passage; see `ui/assets/page.js`."""
    return f"open-{place}"


def results_html(found: Found, strings: Strings, formats: Formats, today: date) -> str:
    shown = "".join(_group_html(group, strings, formats, today) for group in groups_of(found.hits))
    return f'<ol class="vn-hits">{shown}</ol>'


def source_of(hit: Hit) -> SourceQuote:
    """A passage as something that is cited: its best sentence, or all of it."""
    start, end = hit.highlights[0] if hit.highlights else (0, len(hit.text))
    return SourceQuote(
        index=0,
        document_id=hit.document_id,
        title=hit.title,
        quote=hit.text[start:end],
        start=hit.start + start,
        end=hit.start + end,
        uri=hit.uri,
        page=hit.page,
        valid_from=hit.valid_from,
        valid_until=hit.valid_until,
    )


def _group_html(group: Group, strings: Strings, formats: Formats, today: date) -> str:
    place, hit = group.hits[0]
    title = escape_html(hit.title)
    return (
        f'<li class="vn-hit"><h3 dir="auto"{_lang(hit)}><a class="vn-marker vn-open" href="#" role="button" '
        f'data-source="{opener_key(place)}">{title}</a></h3>'
        f'<p class="vn-hit-about">{about_html(hit, strings, formats, today)}</p>'
        f'<p class="vn-hit-text" dir="auto"{_lang(hit)}>{snippet_html(hit)}</p>{_more_html(group, strings)}</li>'
    )


def about_html(hit: Hit, strings: Strings, formats: Formats, today: date) -> str:
    """Where a passage stands, what kind of document it is, and when it holds."""
    parts = [f"<bdi>{escape_html(hit.source)}</bdi>"] if hit.source else []
    if hit.media_type:
        parts.append(escape_html(type_name(hit.media_type, strings)))
    if hit.page is not None:
        parts.append(escape_html(strings.text("page {page}", page=formats.number(hit.page))))
    if hit.language:
        parts.append(escape_html(tongue_name(hit.language, formats)))
    if hit.updated_at is not None:
        day = hit.updated_at.astimezone(formats.zone).date()
        parts.append(f'<time datetime="{day.isoformat()}">{escape_html(formats.date(day))}</time>')
    product = product_of(hit.metadata)
    if product is not None:
        parts.append(f"<b><bdi>{escape_html(formats.money(product.price, product.currency))}</bdi></b>")
    shown = '<span aria-hidden="true"> · </span>'.join(f"<span>{part}</span>" for part in parts)
    source = source_of(hit)
    if dates := validity(source, strings, today):
        tone = "vn-warn" if force_of(source, today) is not Force.now else "vn-good"
        shown += f' <span class="vn-badge {tone}">{escape_html(dates)}</span>'
    return shown


def snippet_html(hit: Hit) -> str:
    """The best sentences of a passage, the words that were looked for marked."""
    spans, left = _windows(hit), SNIPPET
    pieces = []
    for start, end in spans:
        if left <= 0:
            break
        stop = min(end, start + left)
        left -= stop - start
        cut = "…" if stop < end else ""
        pieces.append(one_line(marked_html(hit.text, hit.marks, start, stop)) + cut)
    before = "… " if spans and spans[0][0] > 0 else ""
    return before + " … ".join(pieces)


def marked_html(text: str, marks: Sequence[Span], start: int, end: int) -> str:
    """`text[start:end]`, escaped, with what of the marks lies in it."""
    shown, at = [], start
    for mark in marks:
        first, last = max(mark[0], at), min(mark[1], end)
        if first < last:
            shown.append(f"{escape_html(text[at:first])}<mark>{escape_html(text[first:last])}</mark>")
            at = last
    return "".join(shown) + escape_html(text[at:end])


def _windows(hit: Hit) -> list[Span]:
    """What to show of a passage: its best sentences; without any, from a little before the first mark on."""
    if not hit.highlights:
        first = hit.marks[0][0] if hit.marks else 0
        return [(max(0, first - _BEFORE_MARK) if first > SNIPPET // 2 else 0, len(hit.text))]
    joined: list[Span] = []
    for start, end in sorted(hit.highlights):
        if joined and not hit.text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _more_html(group: Group, strings: Strings) -> str:
    if len(group.hits) < 2:
        return ""
    links = []
    for number, (place, hit) in enumerate(group.hits[1:], 2):
        known = (
            strings.text("page {page}", page=hit.page) if hit.page else strings.text("passage {number}", number=number)
        )
        name = escape_html(f"{known}: {group.first.title}")
        links.append(
            f'<a class="vn-marker" href="#" role="button" data-source="{opener_key(place)}" aria-label="{name}">'
            f"{escape_html(known)}</a>"
        )
    return f'<p class="vn-hit-more">{escape_html(strings.text("Also here:"))} {" ".join(links)}</p>'


def _lang(hit: Hit) -> str:
    return f' lang="{escape_html(hit.language)}"' if hit.language else ""
