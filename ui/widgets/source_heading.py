"""What stands above the text of a source in a panel: its title, its page, whether it is in force, and where its original is."""

from __future__ import annotations

from ui.client import SourceQuote
from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.links import new_tab_html
from ui.widgets.validity import Force, force_of, today, validity


def source_heading_html(source: SourceQuote, strings: Strings) -> str:
    day = today()
    details = [] if source.page is None else [strings.text("page {page}", page=source.page)]
    dates = validity(source, strings, day)
    title = source.title or strings.text("Source {index}", index=source.index)
    close = escape_html(strings.text("Close"))
    rows = [f'<h3 class="vn-source-title" dir="auto" data-close="{close}">{escape_html(title)}</h3>']
    if dates and force_of(source, day) is Force.now:
        details.append(dates)
    if details:
        rows.append(f'<p class="vn-small">{escape_html(" · ".join(details))}</p>')
    if force_of(source, day) is not Force.now:
        rows.append(f'<p class="vn-box vn-outdated" role="note">{escape_html(dates[:1].upper() + dates[1:])}</p>')
    if source.described:
        told = strings.text("Description of an image, by a model")
        rows.append(f'<p class="vn-small" role="note">{escape_html(told)}</p>')
    return "".join(rows)


def original_html(source: SourceQuote, strings: Strings) -> str:
    """Empty where the source has no address that a browser may open."""
    link = new_tab_html(source.uri, strings, strings.text("Open the original"))
    return f'<p class="vn-small">{link} <bdi>{escape_html(source.uri or "")}</bdi></p>' if link else ""
