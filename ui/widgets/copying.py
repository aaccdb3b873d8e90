"""An answer as text, to be pasted elsewhere: with its sources, and what gave it."""

from __future__ import annotations

from datetime import date

from ui.client import SourceQuote, Verdict
from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.reading import one_line
from ui.widgets.validity import validity


def plain_answer(text: str, verdict: Verdict, tenant: str, strings: Strings, day: date) -> str:
    """The answer, a line for each source, and the label."""
    lines = [text.replace("\\<", "<").replace("]\\(", "](").strip(), ""]
    if verdict.sources:
        lines += [strings.text("Sources"), *(_line(source, strings, day) for source in verdict.sources), ""]
    return "\n".join([*lines, label_of(verdict, tenant, strings)])


def label_of(verdict: Verdict, tenant: str, strings: Strings) -> str:
    """What an answer is, for those who read it elsewhere."""
    if verdict.mode == "approved":
        return strings.text("Approved answer of {tenant}, found by an AI system", tenant=tenant)
    return strings.text("AI-generated for {tenant}", tenant=tenant)


def copy_button_html(text: str, strings: Strings) -> str:
    """`ui/assets/page.js` puts the text into the clipboard."""
    return (
        f'<button type="button" class="vn-act" data-act="copy" data-text="{escape_html(text)}" '
        f'data-done="{escape_html(strings.text("Copied"))}"><i aria-hidden="true">content_copy</i>'
        f"<span>{escape_html(strings.text('Copy the answer'))}</span></button>"
    )


def printed_sources_html(sources: tuple[SourceQuote, ...], strings: Strings, day: date) -> str:
    """The sources with their quotes, for paper alone."""
    rows = "".join(
        f'<li value="{source.index}"><span dir="auto">{escape_html(_described(source, strings, day))}</span>'
        f'<q dir="auto">{one_line(escape_html(source.quote))}</q></li>'
        for source in sources
    )
    return f'<ol class="vn-paper">{rows}</ol>' if rows else ""


def _line(source: SourceQuote, strings: Strings, day: date) -> str:
    return f"[{source.index}] {_described(source, strings, day)}"


def _described(source: SourceQuote, strings: Strings, day: date) -> str:
    parts = [source.title or strings.text("Source {index}", index=source.index)]
    if source.page is not None:
        parts.append(strings.text("page {page}", page=source.page))
    parts += [part for part in (validity(source, strings, day), source.uri) if part]
    return ", ".join(parts)
