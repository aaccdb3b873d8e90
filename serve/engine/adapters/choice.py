"""Which adapter an answer is made with: by tenant, base model, assistant and dialect, and by share where there are several."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam

from vernacular.db.models import AdapterRow
from vernacular.tenancy import TenantScope, prepare

ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An active adapter, as far as choosing goes. `dialect` and `assistant` empty: any."""

    name: str
    dialect: str
    assistant: str
    version: int
    share: float


def choose(
    scope: TenantScope,
    *,
    assistant: str,
    dialect: str | None,
    base_model: str,
    key: str,
    loaded: Collection[str] | None = None,
) -> str | None:
    """The name of the adapter that this answer is to be made with; None: the base model alone.

    `dialect` is the BCP 47 tag of the answer: adapters of that very tag come first, then of shorter ones (`yue-Hant-HK`,
    `yue-Hant`, `yue`), then those of any dialect; within each the newest version first. An adapter gets its share of the
    conversations, and the next in that order what is left. `key` names the conversation, or the person where there is none:
    the same key is always dealt the same place, and raising a share moves no one who had the adapter already. `loaded`: the
    names that model servers have now (`Models.adapters_on`); while the chosen one is not among them, the base model answers.
    """
    rows = scope.fetch(_active(), base_model=base_model).all()
    found = [Candidate(row.name, row.dialect, row.assistant, row.version, row.share) for row in rows]
    if not found:
        return None
    name = pick(found, assistant, dialect, place_of(scope.tenant.id, assistant, key))
    return name if loaded is None or name in loaded else None


def pick(candidates: Iterable[Candidate], assistant: str, dialect: str | None, place: float) -> str | None:
    """Whose share, in the order of `choose`, holds `place` in [0, 1)."""
    ranks = {tag: rank for rank, tag in enumerate(_tags(dialect))}
    fitting = [each for each in candidates if each.assistant in {"", assistant} and each.dialect.lower() in ranks]
    fitting.sort(key=lambda each: (ranks[each.dialect.lower()], each.assistant == "", -each.version, each.name))
    reached = 0.0
    for each in fitting:
        reached += min(max(each.share, 0.0), 1.0)
        if place < reached:
            return each.name
    return None


def _tags(dialect: str | None) -> Iterator[str]:
    """The tag and what it is a kind of, by RFC 4647's lookup: `-x-sichuan` goes as a whole; at last any dialect."""
    parts = (dialect or "").lower().split("-")
    while parts and parts[0]:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()
    yield ""


def place_of(*parts: str) -> float:
    """A number in [0, 1), evenly spread over keys and always the same for one."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


@functools.cache
def _active() -> Select[Any]:
    columns = (AdapterRow.name, AdapterRow.dialect, AdapterRow.assistant, AdapterRow.version, AdapterRow.share)
    usable = (AdapterRow.state == ACTIVE, AdapterRow.note == "", AdapterRow.base_model == bindparam("base_model"))
    return prepare(*columns, where=usable)
