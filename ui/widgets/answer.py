"""One turn of a conversation as HTML: the question, the answer with its markers, what an answer rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from ui.client import SourceQuote, Verdict
from ui.i18n import Strings
from ui.widgets.blocks import CLOSE, OPEN, Block, blocks
from ui.widgets.escape import escape_html, escape_markdown, prose_html
from ui.widgets.reading import rows_as_read
from ui.widgets.validity import validity

_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_LONG: Final = 400
"""Characters from which a question may fill a small screen."""
_MARKER = re.compile(r"\s?\[(\d{1,2})\]")


def source_key(turn: int, index: int) -> str:
    """The widget key of a source's button; Streamlit makes it a CSS class, by which a marker finds its button."""
    return f"source-{turn}-{index}"


def question_html(text: str, strings: Strings, previews: Sequence[str] = ()) -> str:
    """`previews`: addresses of the images that went with the question; ones that cannot be shown are empty."""
    label = escape_html(strings.text("Image that was sent"))
    images = "".join(
        f'<img src="{escape_html(each)}" alt="{label}">' if each else f"<span>{label}</span>" for each in previews
    )
    shown = f'<div class="vn-images">{images}</div>' if images else ""
    you = escape_html(strings.text("You"))
    # A part that scrolls has to be reached by the keyboard, too.
    long = f' vn-long" role="group" aria-label="{you}" tabindex="0' if len(text) > _LONG else ""
    said = f'<div class="vn-bubble{long}" dir="auto">{escape_html(text)}</div>' if text else ""
    return f'<div class="vn-question" role="article" aria-label="{you}">{shown}{said}</div>'


def answer_html(
    text: str,
    strings: Strings,
    turn: int,
    sources: Sequence[SourceQuote],
    language: str,
    *,
    verdict: Verdict | None = None,
    announced: str = "",
) -> str:
    """The answer; `[n]` becomes a link to source n where there is one and a plain superscript where there is none.

    With the `verdict` come marks on what no document bears out, and notices of how the answer came about. `announced`: by that name it is read
    out once, by `ui/assets/page.js`, to those who hear the page.
    """
    known = {source.index: source for source in sources}

    def mark(match: re.Match[str]) -> str:
        index = int(match[1])
        if index not in known:
            return f'<sup class="vn-marker-pending">{index}</sup>'
        label = escape_html(f"{strings.text('Source {index}', index=index)}: {known[index].title}")
        key = source_key(turn, index)
        return (
            f'<sup><a class="vn-marker" href="#" role="button" data-source="{key}" title="{label}" aria-label="{label}">'
            f"{index}</a></sup>"
        )

    shown = ""
    for block in blocks(text, verdict.unsupported if verdict else ()):
        if block.is_code:
            shown += _code_html(block, strings, verdict)
            continue
        kind = ' class="vn-passage"' if _MARKER.search(block.text) else ""
        shown += f'<p dir="auto"{kind}>{_MARKER.sub(mark, _prose(block.text, strings))}</p>'
    label = escape_html(strings.text("Assistant"))
    notices = _notices_html(strings, verdict) if verdict else ""
    spoken = f' data-announce="{announced}"' if announced else ""
    return f'<div class="vn-answer" role="article" aria-label="{label}"{spoken}{_lang(language)}>{shown}</div>{notices}'


def _prose(text: str, strings: Strings) -> str:
    """A paragraph. The gateway's backslashes are for readers of Markdown; here nothing is markup but what follows."""
    shown = prose_html(rows_as_read(text.replace("\\<", "<").replace("]\\(", "](")))
    shown = _BOLD.sub(r"<b>\1</b>", _INLINE_CODE.sub(r'<code dir="ltr">\1</code>', shown))
    label = escape_html(strings.text("No document bears this out"))
    return shown.replace(OPEN, f'<mark class="vn-unsupported" title="{label}">').replace(CLOSE, "</mark>")


def _code_html(block: Block, strings: Strings, verdict: Verdict | None) -> str:
    unverified = verdict is not None and block.number in verdict.unverified_code
    told = strings.text("The model wrote this code; it does not stand in the documents.")
    note = f'<p class="vn-small">{escape_html(told)}</p>' if unverified else ""
    code = escape_html(block.text.replace(OPEN, "").replace(CLOSE, ""))
    name = f'<span class="vn-code-name">{escape_html(block.language)}</span>' if block.language else ""
    return f'<div class="vn-code" dir="ltr">{name}<pre><code>{code}</code></pre></div>{note}'


def _notices_html(strings: Strings, verdict: Verdict) -> str:
    """What a reader should know of how the answer came about."""
    told = []
    if verdict.mode == "approved":
        told.append(strings.text("Approved answer: people wrote and checked it."))
    if verdict.unsupported:
        told.append(
            strings.text("The assistant's words that are underlined with dots are not borne out by any document.")
        )
    if verdict.fallback:
        told.append(strings.text("The language model could not answer this time: these are the documents' own words."))
    elif verdict.reason == "interrupted":
        told.append(strings.text("The answer was cut off. Ask again for all of it."))
    return "".join(f'<p class="vn-small" role="note">{escape_html(text)}</p>' for text in told)


def understood_html(strings: Strings, verdict: Verdict) -> str:
    """Which variety the question was taken for, by its own name; empty for a standard language."""
    if verdict.understood is None:
        return ""
    # Its name may run the other way than the sentence around it.
    said = strings.text("Your question was understood as {variety}", variety=f"\u2068{verdict.understood.native}\u2069")
    return f'<p class="vn-small vn-understood">{escape_html(said)}</p>'


def waiting_html(strings: Strings) -> str:
    label = escape_html(strings.text("Looking through the documents"))
    return f'<div class="vn-waiting" role="status">{label}<span aria-hidden="true"><i></i><i></i><i></i></span></div>'


def label_html(strings: Strings, verdict: Verdict) -> str:
    """What the answer is, in a word: every one carries it."""
    label = strings.text("Approved answer") if verdict.mode == "approved" else strings.text("AI-generated")
    return f'<span class="vn-ai">{escape_html(label)}</span>'


def sources_title_html(strings: Strings, verdict: Verdict) -> str:
    title = escape_html(strings.text("Sources"))
    return f'<div class="vn-sources-title"><h3>{title}</h3>{label_html(strings, verdict)}</div>'


def source_label(source: SourceQuote, strings: Strings, day: date) -> str:
    """A source's button: its number, title, page and dates, as a Markdown label in which nothing is markup."""
    details = [source.title or strings.text("Source {index}", index=source.index)]
    if source.page is not None:
        details.append(strings.text("page {page}", page=source.page))
    if source.described:
        details.append(strings.text("Description of an image, by a model"))
    dates = validity(source, strings, day)
    if dates:
        details.append(dates)
    return f"**{source.index}** \u2002{escape_markdown(' · '.join(details))}"


def _lang(language: str) -> str:
    return f' lang="{escape_html(language)}"' if language else ""
