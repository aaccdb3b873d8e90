"""A cited document's text around the quote, the quote marked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat

from ui.client import DocumentText, SourceQuote
from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.reading import reading_html

_BEFORE, _AFTER = 700, 1600
_WHOLE = 200_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`before + quote + after` is a stretch of the document; `found` False: the quote no longer stands in it."""

    before: str
    quote: str
    after: str
    found: bool
    cut: bool


def excerpt(document: DocumentText, source: SourceQuote, whole: bool = False) -> Excerpt:
    """The stretch around the quote, cut at line ends where there are any; `whole` takes all of it, within reason."""
    text = document.text
    start = source.start if text[source.start : source.end] == source.quote else text.find(source.quote)
    if not source.quote or start < 0:
        return Excerpt("", "", text[: _BEFORE + _AFTER], found=False, cut=len(text) > _BEFORE + _AFTER)
    end = start + len(source.quote)
    before, after = (_WHOLE, _WHOLE) if whole else (_BEFORE, _AFTER)
    first = _line_start(text, max(0, start - before), start)
    last = _line_end(text, end, min(len(text), end + after))
    return Excerpt(text[first:start], text[start:end], text[end:last], found=True, cut=first > 0 or last < len(text))


def excerpt_html(part: Excerpt, strings: Strings, language: str = "", *, short: bool = False) -> str:
    """`short`: something else is to be seen below."""
    lang = f' lang="{escape_html(language)}"' if language else ""
    before = part.before.lstrip()
    text = f"{before}{part.quote}{part.after.rstrip()}"
    start, end = (len(before), len(before) + len(part.quote)) if part.found else (0, 0)

    kinds = chain(["vn-quote"], repeat("vn-quote-more"))  # the page scrolls to the first

    def piece(first: int, last: int) -> str:
        inside, until = min(max(first, start), last), max(min(last, end), first)
        if inside >= until:
            return escape_html(text[first:last])
        marked = f'<mark class="{next(kinds)}">{escape_html(text[inside:until])}</mark>'
        return f"{escape_html(text[first:inside])}{marked}{escape_html(text[until:last])}"

    size = " vn-short" if short else ""
    label = escape_html(strings.text("Text of the document"))
    return (
        f'<div class="vn-document{size}" role="region" aria-label="{label}" dir="auto"{lang} tabindex="0">'
        f"{reading_html(text, 0, len(text), piece)}</div>"
    )


def _line_start(text: str, earliest: int, start: int) -> int:
    if earliest == 0:
        return 0
    line = text.find("\n", earliest, start)
    return earliest if line < 0 else line + 1


def _line_end(text: str, end: int, latest: int) -> int:
    if latest == len(text):
        return latest
    line = text.rfind("\n", end, latest)
    return latest if line < 0 else line
