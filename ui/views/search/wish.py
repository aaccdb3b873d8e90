"""What someone searches for, as the page's address, the gateway's request and the page's filters have it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

Value = str | bool
Bound = float | str | None
"""A number, a day as it is written (2026-01-31), or None where there is none."""
SORTS: Final = ("relevance", "newest", "oldest")
METADATA: Final = "metadata."
UPDATED: Final = "updated"
_HEADS: Final = {"source": "sources", "type": "types", "language": "languages"}
"""Facets of a document's own, and what the gateway calls a search that is narrowed by them."""
_TEXT, _TRUTH, _RANGE = "m.", "is.", "r."
_MOST: Final = 100
_BETWEEN: Final = ".."


@dataclass(frozen=True, slots=True)
class Wish:
    """`choices` and `ranges` by the facets' fields. `without`: expansions of the query that are not to be looked for; `expand` False: none of
    them."""

    query: str = ""
    sort: str = SORTS[0]
    choices: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Bound, Bound]] = field(default_factory=dict)
    expand: bool = True
    without: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        return bool(self.choices or self.ranges)

    def asking(self, query: str) -> Wish:
        """Another query, in the same place: what was undone of the one before is nothing to this one."""
        return replace(self, query=query, without=())

    def toggled(self, field: str, value: Value) -> Wish:
        held = self.choices.get(field, ())
        kept = tuple(each for each in held if each is not value and each != value)
        return self.choosing(field, kept if len(kept) < len(held) else (*held, value))

    def choosing(self, field: str, values: Sequence[Value]) -> Wish:
        choices = {**self.choices, field: tuple(values)}
        return replace(self, choices={name: chosen for name, chosen in choices.items() if chosen})

    def between(self, field: str, low: Bound, high: Bound) -> Wish:
        ranges = {**self.ranges, field: (low, high)}
        return replace(self, ranges={name: pair for name, pair in ranges.items() if pair != (None, None)})

    def anywhere(self) -> Wish:
        return replace(self, choices={}, ranges={})

    def refusing(self, term: str) -> Wish:
        return replace(self, without=tuple(dict.fromkeys((*self.without, term))))

    def allowing(self, term: str) -> Wish:
        return replace(self, without=tuple(each for each in self.without if each != term))

    # -- the page's address ----------------------------------------------------------------------------------------

    @classmethod
    def from_address(cls, names: Iterable[str], values: Callable[[str], list[str]]) -> Wish:
        """`values`: all that the address has under a name. What cannot be read is left out."""
        choices: dict[str, tuple[Value, ...]] = {}
        ranges: dict[str, tuple[Bound, Bound]] = {}
        for name in names:
            given = tuple(dict.fromkeys(value for value in values(name) if value))[:_MOST]
            if name in _HEADS and given:
                choices[name] = given
            elif name.startswith(_TEXT) and given:
                choices[METADATA + name.removeprefix(_TEXT)] = given
            elif name.startswith(_TRUTH) and given:
                choices[METADATA + name.removeprefix(_TRUTH)] = tuple(value == "true" for value in given)
            elif name == UPDATED and given and (days := _pair(given[0], _day)):
                ranges[UPDATED] = days
            elif name.startswith(_RANGE) and given and (bounds := _pair(given[0], _number)):
                ranges[METADATA + name.removeprefix(_RANGE)] = bounds
        sort = _first(values("sort"))
        return cls(
            _first(values("q")).strip(),
            sort if sort in SORTS else SORTS[0],
            choices,
            ranges,
            _first(values("expand")) != "0",
            tuple(dict.fromkeys(value for value in values("without") if value))[:_MOST],
        )

    def address(self) -> dict[str, list[str]]:
        """Names and values for the page's address; what is as usual is left out."""
        found: dict[str, list[str]] = {"q": [self.query]} if self.query else {}
        if self.sort != SORTS[0]:
            found["sort"] = [self.sort]
        for name, chosen in self.choices.items():
            if name in _HEADS:
                found[name] = [str(value) for value in chosen]
                continue
            truths = [str(value).lower() for value in chosen if isinstance(value, bool)]
            texts = [value for value in chosen if isinstance(value, str)]
            bare = name.removeprefix(METADATA)
            found |= {_TRUTH + bare: truths} if truths else {}
            found |= {_TEXT + bare: texts} if texts else {}
        for name, (low, high) in self.ranges.items():
            shown = f"{'' if low is None else low}{_BETWEEN}{'' if high is None else high}"
            found[name if name == UPDATED else _RANGE + name.removeprefix(METADATA)] = [shown]
        if not self.expand:
            found["expand"] = ["0"]
        if self.without:
            found["without"] = list(self.without)
        return found

    # -- the gateway -----------------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """What `/v1/search` and a saved search take; what is as usual is left out."""
        found: dict[str, Any] = {"query": self.query}
        filters: dict[str, Any] = {}
        for name, chosen in self.choices.items():
            if name in _HEADS:
                found[_HEADS[name]] = [str(value) for value in chosen]
            else:
                filters[name.removeprefix(METADATA)] = list(chosen)
        for name, (low, high) in self.ranges.items():
            if name == UPDATED:
                found |= {"updated_from": low} if low is not None else {}
                found |= {"updated_until": high} if high is not None else {}
            else:
                bounds = {"gte": low, "lte": high}
                filters[name.removeprefix(METADATA)] = {
                    bound: value for bound, value in bounds.items() if value is not None
                }
        found |= {"filters": filters} if filters else {}
        found |= {"sort": self.sort} if self.sort != SORTS[0] else {}
        found |= {} if self.expand else {"expand": False}
        found |= {"without": list(self.without)} if self.without else {}
        return found

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Wish:
        """What a saved search keeps. What other callers asked for, and this page has no way to show, is left out."""
        choices: dict[str, tuple[Value, ...]] = {
            name: tuple(map(str, body[there])) for name, there in _HEADS.items() if body.get(there)
        }
        ranges: dict[str, tuple[Bound, Bound]] = {}
        if body.get("updated_from") or body.get("updated_until"):
            ranges[UPDATED] = (body.get("updated_from"), body.get("updated_until"))
        for name, wanted in (body.get("filters") or {}).items():
            if isinstance(wanted, Mapping):
                ranges[METADATA + name] = (wanted.get("gte"), wanted.get("lte"))
            else:
                held = wanted if isinstance(wanted, list) else [wanted]
                choices[METADATA + name] = tuple(value for value in held if isinstance(value, str | bool))
        sort = str(body.get("sort") or SORTS[0])
        return cls(
            str(body.get("query") or ""),
            sort if sort in SORTS else SORTS[0],
            {name: chosen for name, chosen in choices.items() if chosen},
            {name: pair for name, pair in ranges.items() if pair != (None, None)},
            body.get("expand") is not False,
            tuple(map(str, body.get("without") or ())),
        )


def is_ours(name: str) -> bool:
    """Whether a name in the page's address belongs to the search."""
    ours = {"q", "sort", "expand", "without", UPDATED, *_HEADS}
    return name in ours or name.startswith((_TEXT, _TRUTH, _RANGE))


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _pair(text: str, read: Callable[[str], Bound]) -> tuple[Bound, Bound] | None:
    low, between, high = text.partition(_BETWEEN)
    try:
        pair = (read(low) if low else None, read(high) if high else None)
    except ValueError:
        return None
    return pair if between and pair != (None, None) else None


def _day(text: str) -> Bound:
    return date.fromisoformat(text).isoformat()


def _number(text: str) -> Bound:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return int(number) if number.is_integer() else number
