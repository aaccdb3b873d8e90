"""Whether a source is in force, and from when until when."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from ui.client import SourceQuote
from ui.gateway import values
from ui.i18n import Strings
from ui.i18n.formats import Formats


class Force(Enum):
    now = "now"
    ended = "ended"
    not_yet = "not yet"


def today() -> date:
    """The day it is where the front end stands: that is the day that dates of documents mean."""
    return datetime.now().astimezone().date()


def force_of(source: SourceQuote, day: date) -> Force:
    """On that day. A source holds through its last one."""
    return force_between(_day(source.valid_from), _day(source.valid_until), day)


def force_between(start: date | None, end: date | None, day: date) -> Force:
    """The same of two days, both included; None: it holds since ever, or for ever."""
    if end is not None and end < day:
        return Force.ended
    return Force.not_yet if start is not None and start > day else Force.now


def validity(source: SourceQuote, strings: Strings, day: date) -> str:
    """When the source is in force, in words, as it is on that day; empty when it has no dates."""
    formats, force = Formats(strings.tag), force_of(source, day)
    start, end = _day(source.valid_from), _day(source.valid_until)
    told = {name: _isolate(formats.date(each)) for name, each in (("start", start), ("end", end)) if each is not None}
    if force is Force.ended:
        return strings.text("no longer in force: it ended {end}", **told)
    if force is Force.not_yet:
        return strings.text("not yet in force: it begins {start}", **told)
    if len(told) > 1:
        return strings.text("in force {start} to {end}", **told)
    if start is not None:
        return strings.text("in force from {start}", **told)
    return strings.text("in force until {end}", **told) if end is not None else ""


def _day(text: str | None) -> date | None:
    """None where it cannot be read, too: without dates a source is still one."""
    try:
        return values.day(text)
    except ValueError:
        return None


def _isolate(day: str) -> str:
    # Without Unicode's isolates a sentence that runs the other way would turn the parts of a date around.
    return f"\u2068{day}\u2069"
