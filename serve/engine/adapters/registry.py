"""Takes adapters in, and keeps the rows that say which of them are used. What the rows say, the gateways bring about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError

from serve.engine.adapters.base import find_base
from serve.engine.adapters.inspection import Inspection, inspect_adapter, take_copy
from vernacular.adapters import AdapterStore
from vernacular.db.models import AdapterRow
from vernacular.db.session import Database
from vernacular.errors import BadRequest, Conflict, UnknownAdapter
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

State = Literal["registered", "active", "retired"]
STATES: Final = ("registered", "active", "retired")
MAX_LINEAGE_BYTES: Final = 64 * 1024
_TAG: Final = re.compile(r"([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)?")
_NAME: Final = re.compile(r"[^\x00-\x20\x7f]{1,200}")
_ASSISTANT: Final = re.compile(r"[^\x00-\x1f\x7f]{0,100}")


@dataclass(frozen=True, slots=True)
class Registration:
    """What whoever brings an adapter says of it. `base_model`: the name that the model is served as. `dialect` (BCP 47) and
    `assistant` empty: any. `lineage`: data, data_digest, recipe, who, when, and what else is worth knowing.
    """

    base_model: str
    dialect: str = ""
    assistant: str = "default"
    share: float = 1.0
    lineage: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""


Tell = Callable[[TenantScope, str, AdapterRow], None]


class AdapterRegistry:
    """The adapters of any tenant. Thread-safe.

    `tell`: what else belongs in the transaction of a change, such as an entry of the audit log; it gets what was done (`added`,
    `changed`, `removed`) and the adapter.
    """

    def __init__(self, settings: Settings, database: Database, tell: Tell | None = None) -> None:
        self._tell = tell or _say_nothing
        self._settings = settings
        self._database = database
        self.store = AdapterStore(settings.adapters_path)

    def add(self, tenant: Tenant, source: Path, told: Registration) -> AdapterRow:
        """Copy the adapter in the folder `source`, after a close look, and register it. It is not used before `change`.

        Raises:
            AdapterRefused: it is unsafe, damaged, or made for another model.
            Conflict: the tenant has it already, for that dialect, model and assistant.
            BadRequest: what is told of it is not written as it must be.
        """
        _check(told)
        base = find_base(self._settings, told.base_model)
        with self.store.incoming() as folder:
            take_copy(source, folder)
            found = inspect_adapter(folder, base, self._settings.adapters.max_rank)
            digest = self.store.keep(tenant.id, folder)
        try:
            with self._database.write() as session:
                scope = TenantScope(session, tenant)
                row = _insert(scope, told, found, digest)
                self._tell(scope, "added", row)
                return row
        except IntegrityError:
            raise Conflict("Another adapter was registered at the same moment.", "Try again.") from None

    def change(
        self,
        tenant: Tenant,
        reference: str,
        *,
        state: State | None = None,
        share: float | None = None,
        assistant: str | None = None,
    ) -> AdapterRow:
        """Activating an adapter forgets why it could not be loaded before, so that it is tried anew.

        Raises:
            UnknownAdapter: the tenant has no adapter of that id or name.
        """
        with self._found(tenant, reference) as (scope, row):
            if share is not None:
                row.share = _checked_share(share)
            if assistant is not None:
                row.assistant = _checked_assistant(assistant)
            if state is not None:
                row.state, row.note = _checked_state(state), ""
            self._tell(scope, "changed", row)
            return row

    def remove(self, tenant: Tenant, reference: str) -> AdapterRow:
        """Remove the adapter with its files; model servers drop it within seconds.

        Raises:
            UnknownAdapter: the tenant has no adapter of that id or name.
        """
        with self._found(tenant, reference) as (scope, row):
            scope.session.expunge(row)
            scope.execute(scope.delete(AdapterRow).where(AdapterRow.id == row.id))
            shared = scope.count(AdapterRow, AdapterRow.digest == row.digest)
            self._tell(scope, "removed", row)
        if not shared:
            self.store.delete(tenant.id, row.digest)
        return row

    @contextmanager
    def _found(self, tenant: Tenant, reference: str) -> Iterator[tuple[TenantScope, AdapterRow]]:
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            yield scope, find_adapter(scope, reference)


def _say_nothing(_scope: TenantScope, _done: str, _row: AdapterRow) -> None: ...


def find_adapter(scope: TenantScope, reference: str) -> AdapterRow:
    """By its id or its name.

    Raises:
        UnknownAdapter: the tenant has none of that id or name.
    """
    wanted = scope.select(AdapterRow).where(or_(AdapterRow.id == reference, AdapterRow.name == reference))
    row: AdapterRow | None = scope.execute(wanted).scalars().first()
    if row is None:
        raise UnknownAdapter(f"The tenant has no adapter {reference[:200]!r}.")
    return row


def list_adapters(scope: TenantScope) -> list[AdapterRow]:
    order = (AdapterRow.base_model, AdapterRow.dialect, AdapterRow.version)
    return list(scope.execute(scope.select(AdapterRow).order_by(*order)).scalars())


def facts_of(row: AdapterRow) -> dict[str, Any]:
    """What an audit log says of an adapter."""
    return {
        "adapter": row.id,
        "digest": row.digest,
        "base_model": row.base_model,
        "state": row.state,
        "share": f"{row.share:g}",
        "assistant": row.assistant,
    }


def describe(row: AdapterRow) -> dict[str, Any]:
    """What is shown of an adapter. Where its files lie is no one's business but the gateway's."""
    shown = ("id", "name", "dialect", "base_model", "version", "digest", "size", "rank", "target_modules", "lineage")
    more = ("state", "assistant", "share", "note", "created_at")
    return {name: getattr(row, name) for name in (*shown, *more)}


def _insert(scope: TenantScope, told: Registration, found: Inspection, digest: str) -> AdapterRow:
    same = scope.select(AdapterRow).where(
        AdapterRow.digest == digest,
        AdapterRow.dialect == told.dialect,
        AdapterRow.base_model == told.base_model,
        AdapterRow.assistant == told.assistant,
    )
    twin: AdapterRow | None = scope.execute(same).scalars().first()
    if twin is not None:
        raise Conflict(f"The tenant has this adapter already: {twin.name}.", "Use that one.")
    numbered = scope.select(AdapterRow.version).where(AdapterRow.dialect == told.dialect)
    version = max(scope.execute(numbered).scalars(), default=0) + 1
    row = AdapterRow(
        name=f"{scope.tenant.slug}--{told.dialect or 'any'}--v{version}-{digest[:8]}",
        dialect=told.dialect,
        base_model=told.base_model,
        version=version,
        path=f"{scope.tenant.id}/{digest}",
        digest=digest,
        size=found.size,
        rank=found.rank,
        target_modules=list(found.modules),
        lineage={"who": told.by, "when": datetime.now(UTC).isoformat(timespec="seconds"), **told.lineage},
        assistant=told.assistant,
        share=told.share,
    )
    scope.add(row)
    scope.session.flush()
    return row


def _check(told: Registration) -> None:
    if _TAG.fullmatch(told.dialect) is None or len(told.dialect) > 35:
        raise BadRequest(
            f"{told.dialect[:80]!r} is not a language tag.", "Use a BCP 47 tag such as yue-Hant-HK, or none."
        )
    if _NAME.fullmatch(told.base_model) is None:
        raise BadRequest(
            "The base model has no name.", "Give the name that it is served as; see `vernacular model list`."
        )
    _checked_assistant(told.assistant)
    _checked_share(told.share)
    try:
        length = len(orjson.dumps(dict(told.lineage)))
    except orjson.JSONEncodeError as error:  # what could not be shown again, either
        raise BadRequest(f"The lineage cannot be kept: {error}.", "Give a flat object of texts and numbers.") from None
    if length > MAX_LINEAGE_BYTES:
        raise BadRequest("The lineage is larger than 64 KB.", "Say where the data lie, instead of giving them.")


def _checked_share(share: float) -> float:
    if not 0 <= share <= 1:
        raise BadRequest("A share is a number from 0 to 1.", "0.3: 30 % of the conversations.")
    return float(share)


def _checked_assistant(assistant: str) -> str:
    if _ASSISTANT.fullmatch(assistant) is None:
        raise BadRequest("The assistant's name is not one.", "GET /v1/models lists the assistants.")
    return assistant


def _checked_state(state: State) -> State:
    if state not in STATES:
        raise BadRequest(f"There is no state {str(state)[:40]!r}.", f"States are {', '.join(STATES)}.")
    return state
