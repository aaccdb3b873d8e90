"""The only way to tenants' rows and vectors.

`TenantScope` sees one tenant; `Platform` sees across tenants and is for what has no tenant yet: finding the tenant of a key,
making tenants, the worker's queue. A lint (`tests/test_tenancy_lint.py`) refuses statements made elsewhere, and the
session refuses at run time whatever the lint has missed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Delete,
    Result,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import Row as SqlRow
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, class_mapper

from vernacular.db.base import Base, TenantOwned
from vernacular.db.models import (
    AdapterRow,
    ApiKeyRow,
    AuditHeadRow,
    CorpusRow,
    DocumentRow,
    IndexGenerationRow,
    JobRow,
    SessionRow,
    TenantRow,
    UsageRow,
    UserRow,
)
from vernacular.db.session import SCOPED
from vernacular.errors import Conflict, UnknownTenant
from vernacular.pace import breathe
from vernacular.vectors.protocol import Partition, Query, ScoredPoint, VectorStore

ACTIVE, BUILDING = "active", "building"
_TENANT = "scope_tenant_id"
_UNFINISHED = ("queued", "running")


class _Owned(Protocol):
    id: Any
    tenant_id: Any


Row = TypeVar("Row", bound=TenantOwned)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as the two pipelines see it, free of any session."""

    id: str
    slug: str
    display_name: str = ""
    languages: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: TenantRow) -> Tenant:
        return cls(row.id, row.slug, row.display_name, tuple(row.languages), tuple(row.dialects), dict(row.profile))

    @property
    def sealed(self) -> bool:
        """Whether its vectors lie apart from those of all others on a Qdrant server too."""
        return self.profile.get("sealed") is True


class TenantScope:
    """One tenant's rows within `session`, and its vectors.

    `groups` are those of the person who asks; None: an editor of the tenant, or the worker, who sees all of it.
    """

    def __init__(
        self,
        session: Session,
        tenant: Tenant,
        vectors: VectorStore | None = None,
        groups: tuple[str, ...] | None = None,
    ) -> None:
        self.session = session
        self.tenant = tenant
        self.groups = groups
        self._vectors = vectors

    # -- rows ------------------------------------------------------------------------------------------------------

    def select(self, *entities: Any) -> Select[Any]:
        """`select()` over mapped classes or their columns, kept to this tenant."""
        statement = select(*entities)
        for owner in _owners(entities):
            statement = statement.where(owner.tenant_id == self.tenant.id)
        return statement.execution_options(**{SCOPED: self.tenant.id})

    def fetch(self, prepared: Select[Any], **values: Any) -> Result[Any]:
        """This tenant's rows of a statement that `prepare` made, with the values it leaves open."""
        return self.session.execute(prepared, {**values, _TENANT: self.tenant.id})

    def update(self, row: type[Row]) -> Update:
        return update(row).where(row.tenant_id == self.tenant.id).execution_options(**{SCOPED: self.tenant.id})

    def delete(self, row: type[Row]) -> Delete:
        return delete(row).where(row.tenant_id == self.tenant.id).execution_options(**{SCOPED: self.tenant.id})

    def execute(self, statement: Select[Any] | Update | Delete) -> Result[Any]:
        return self.session.execute(statement)

    def get(self, row: type[Row], identifier: str, *, lock: bool = False) -> Row | None:
        """The row with that primary key if it is this tenant's; someone else's is as if it were not there.

        `lock`: no one else changes it until the transaction ends. (On SQLite that is so in every `Database.write()`.)
        """
        key = row.__mapper__.primary_key[0]  # type: ignore[attr-defined]
        statement = self.select(row).where(key == identifier)
        found = self.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
        return cast("Row | None", found)

    def add(self, row: TenantOwned) -> None:
        row.tenant_id = self.tenant.id
        self.session.add(row)

    def insert(self, row: type[Row], values: Sequence[dict[str, Any]]) -> None:
        """Insert many rows in one round trip."""
        if values:
            rows = [{**value, "tenant_id": self.tenant.id} for value in values]
            # On the table rather than the class: the unit of work has nothing to do with rows that nobody holds.
            self.session.connection().execute(insert(cast("Table", class_mapper(row).local_table)), rows)

    def insert_if_absent(self, row: type[Row], values: Mapping[str, Any]) -> None:
        """Insert one row unless there is one of that key: others that insert it at the same time do no harm."""
        dialect = self.session.connection().dialect.name
        made = insert_on_postgresql if dialect == "postgresql" else insert_on_sqlite
        statement = made(cast("Table", class_mapper(row).local_table)).on_conflict_do_nothing()
        self.session.connection().execute(statement, [{**values, "tenant_id": self.tenant.id}])

    def count(self, row: type[Row], *where: Any) -> int:
        statement = select(func.count()).select_from(row).where(row.tenant_id == self.tenant.id, *where)
        return int(self.session.execute(statement.execution_options(**{SCOPED: True})).scalar_one())

    def total(self, column: InstrumentedAttribute[int], *where: Any) -> int:
        """The sum of a column of this tenant's rows."""
        statement = select(func.coalesce(func.sum(column), 0)).where(column.class_.tenant_id == self.tenant.id, *where)
        return int(self.session.execute(statement.execution_options(**{SCOPED: True})).scalar_one())

    def totals(self, by: InstrumentedAttribute[Any], *figures: ColumnElement[Any]) -> Result[Any]:
        """Figures of this tenant's rows, such as `func.count()`, for each value of a column, in the order of the values."""
        statement = select(by, *figures).where(by.class_.tenant_id == self.tenant.id).group_by(by).order_by(by)
        return self.session.execute(statement.execution_options(**{SCOPED: self.tenant.id}))

    def may_read(self, document: DocumentRow | SqlRow[Any]) -> bool:
        """Whether the person in this scope may read the document, or the one whose `groups` are among these columns."""
        if self.groups is None or not document.groups:
            return True
        return not set(self.groups).isdisjoint(document.groups)

    # -- vectors ---------------------------------------------------------------------------------------------------

    @property
    def vectors(self) -> VectorStore:
        if self._vectors is None:
            raise RuntimeError("this scope was made without a vector store")
        return self._vectors

    def search(self, query: Query) -> list[ScoredPoint]:
        """The active generation's best points that the person in this scope may see; nothing before the first write.

        A dense vector of another dimension than that generation's is left out: it was switched a moment ago.
        """
        active = self.active_partition()
        if active is None:
            return []
        dense = query.dense if query.dense is not None and len(query.dense) == active.dense_size else None
        breathe()
        found = self.vectors.search(active, replace(query, groups=self.groups, dense=dense))
        breathe()
        return found

    def partitions(self) -> list[Partition]:
        """Every generation that writes must reach, the active one first."""
        found = sorted(self._generations(), key=lambda pair: pair[1] != ACTIVE)
        return [partition for partition, _state in found]

    def partition(self, generation: str) -> Partition:
        """The generation of that name; of one that is no longer listed no more than the name is known."""
        unlisted = Partition(self.tenant.id, generation)
        return next((partition for partition, _ in self._generations() if partition == unlisted), unlisted)

    def active_partition(self) -> Partition | None:
        return next((partition for partition, state in self._generations() if state == ACTIVE), None)

    def add_generation(self, generation: str, state: str, embedding: str = "", dense_size: int = 0) -> Partition:
        row = IndexGenerationRow(generation=generation, state=state, embedding=embedding, dense_size=dense_size)
        self.add(row)
        self.session.flush()
        return self._partition(row)

    def activate(self, generation: str) -> list[Partition]:
        """Switch searches to `generation`; the others leave the list and are returned, to be dropped after the commit."""
        others = [partition for partition, _ in self._generations() if partition.generation != generation]
        self.execute(self.delete(IndexGenerationRow).where(IndexGenerationRow.generation != generation))
        self.execute(
            self.update(IndexGenerationRow).where(IndexGenerationRow.generation == generation).values(state=ACTIVE)
        )
        return others

    def _generations(self) -> list[tuple[Partition, str]]:
        return [(self._partition(row), row.state) for row in self.fetch(_generations())]

    def _partition(self, row: Any) -> Partition:
        return Partition(self.tenant.id, row.generation, row.dense_size, row.embedding)


class Platform:
    """Across tenants: only what must be, each as a method with a name."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def tenants(self) -> list[Tenant]:
        rows = self.session.execute(select(TenantRow).order_by(TenantRow.slug)).scalars()
        return [Tenant.of(row) for row in rows]

    def tenant_rows(self) -> list[TenantRow]:
        """All, by name, the suspended ones among them."""
        return list(self.session.execute(select(TenantRow).order_by(TenantRow.slug)).scalars())

    def tenants_not_of_model(self, embedding: str) -> list[Tenant]:
        """Those whose active index has dense vectors of another model than that of this fingerprint ("": has any)."""
        statement = (
            select(TenantRow)
            .join(IndexGenerationRow, IndexGenerationRow.tenant_id == TenantRow.id)
            .where(IndexGenerationRow.state == ACTIVE, IndexGenerationRow.embedding != embedding)
            .order_by(TenantRow.slug)
            .execution_options(**{SCOPED: "platform"})
        )
        return [Tenant.of(row) for row in self.session.execute(statement).scalars()]

    def tenants_to_learn_from(self) -> list[Tenant]:
        """Those with documents and no corpus, and those whose corpus may hold words of documents that are gone."""
        documents = select(DocumentRow.id).where(DocumentRow.tenant_id == TenantRow.id).exists()
        missing = CorpusRow.began_at.is_(None) & documents
        statement = (
            select(TenantRow)
            .join(CorpusRow, CorpusRow.tenant_id == TenantRow.id, isouter=True)
            .where(missing | (CorpusRow.deletions > CorpusRow.forgotten))
            .order_by(TenantRow.slug)
            .execution_options(**{SCOPED: "platform"})
        )
        return [Tenant.of(row) for row in self.session.execute(statement).scalars()]

    def tenant(self, slug: str) -> Tenant:
        """
        Raises:
            UnknownTenant: no tenant has that name.
        """
        return Tenant.of(self.tenant_row(slug))

    def tenant_row(self, slug: str, *, lock: bool = False) -> TenantRow:
        """`lock`: until the transaction ends nobody else changes it, so that what is read of it may be written back."""
        statement = select(TenantRow).where(TenantRow.slug == slug)
        if lock:
            # Rows that refer to the tenant may be added meanwhile.
            statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
        row = self.session.execute(statement).scalar_one_or_none()
        if row is None:
            raise UnknownTenant(f"There is no tenant named {slug!r}.")
        return row

    def tenant_by_id(self, identifier: str) -> Tenant:
        row = self.session.get(TenantRow, identifier)
        if row is None:
            raise UnknownTenant("The tenant of this request no longer exists.")
        return Tenant.of(row)

    def live_tenant(self, slug: str) -> Tenant | None:
        """The tenant of that name, unless it is suspended."""
        wanted = select(TenantRow).where(TenantRow.slug == slug, TenantRow.suspended_at.is_(None))
        row = self.session.execute(wanted).scalar_one_or_none()
        return None if row is None else Tenant.of(row)

    def create_tenant(self, row: TenantRow) -> Tenant:
        """
        Raises:
            Conflict: the name is taken.
        """
        taken = Conflict(
            f"A tenant named {row.slug!r} already exists.", "Choose another name, or use the one that is there."
        )
        if self.session.execute(select(TenantRow.id).where(TenantRow.slug == row.slug)).first():
            raise taken
        self.session.add(row)
        try:
            self.session.flush()
        except IntegrityError:  # someone else was quicker
            raise taken from None
        return Tenant.of(row)

    def delete_tenant(self, tenant: Tenant) -> None:
        """Remove the tenant and, by foreign keys, all its rows; vectors and blobs are the caller's to drop."""
        self.session.execute(delete(TenantRow).where(TenantRow.id == tenant.id))

    def live_key(self, digest: str) -> tuple[ApiKeyRow, Tenant] | None:
        """The key with that digest, and its tenant, if neither is revoked, expired or suspended."""
        return self._live_key(ApiKeyRow.digest == digest)

    def live_widget(self, identifier: str) -> tuple[ApiKeyRow, Tenant] | None:
        """The widget with that id, and its tenant, if neither is revoked, expired or suspended."""
        return self._live_key((ApiKeyRow.id == identifier) & (ApiKeyRow.kind == "widget"))

    def _live_key(self, which: ColumnElement[bool]) -> tuple[ApiKeyRow, Tenant] | None:
        statement = (
            select(ApiKeyRow, TenantRow)
            .join(TenantRow, TenantRow.id == ApiKeyRow.tenant_id)
            .where(which, ApiKeyRow.revoked_at.is_(None), TenantRow.suspended_at.is_(None))
            .execution_options(**{SCOPED: "platform"})
        )
        found = self.session.execute(statement).one_or_none()
        if found is None:
            return None
        key, tenant = found
        if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
            return None
        return key, Tenant.of(tenant)

    def live_session(self, digest: str) -> tuple[SessionRow, UserRow, Tenant] | None:
        """The sign-in with that digest, if it holds, and whose it is; the account itself may be suspended."""
        statement = (
            select(SessionRow, UserRow, TenantRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .join(TenantRow, TenantRow.id == SessionRow.tenant_id)
            .where(SessionRow.digest == digest, SessionRow.revoked_at.is_(None), TenantRow.suspended_at.is_(None))
            .where(SessionRow.expires_at > datetime.now(UTC))
            .execution_options(**{SCOPED: "platform"})
        )
        found = self.session.execute(statement).one_or_none()
        return None if found is None else (found[0], found[1], Tenant.of(found[2]))

    def has_passwords(self) -> bool:
        """Whether any tenant has an account with one."""
        wanted = select(UserRow.id).where(UserRow.password_hash.is_not(None)).limit(1)
        return self.session.execute(wanted.execution_options(**{SCOPED: "platform"})).first() is not None

    def forget_old_sessions(self, before: datetime) -> None:
        """Remove the sign-ins that ended before then."""
        statement = delete(SessionRow).where(SessionRow.expires_at < before)
        self.session.execute(statement.execution_options(**{SCOPED: "platform"}))

    def note_key_use(self, last_used: Mapping[str, datetime]) -> None:
        """Keep when each of the keys, by id, was last used."""
        for identifier, at in last_used.items():
            statement = update(ApiKeyRow).where(ApiKeyRow.id == identifier).values(last_used_at=at)
            self.session.execute(statement.execution_options(**{SCOPED: "platform"}))

    def widget_origins(self) -> frozenset[str]:
        """The web origins that some live widget of some tenant stands on."""
        statement = (
            select(ApiKeyRow.origins, ApiKeyRow.expires_at)
            .join(TenantRow, TenantRow.id == ApiKeyRow.tenant_id)
            .where(ApiKeyRow.kind == "widget", ApiKeyRow.revoked_at.is_(None), TenantRow.suspended_at.is_(None))
            .execution_options(**{SCOPED: "platform"})
        )
        now = datetime.now(UTC)
        live = [origins for origins, expires in self.session.execute(statement) if expires is None or expires > now]
        return frozenset(origin for origins in live for origin in origins)

    def unfinished_jobs(self) -> list[tuple[str, str, str]]:
        """The tenant, the id and the state of each job that is not done, oldest first."""
        statement = select(JobRow.tenant_id, JobRow.id, JobRow.state).where(JobRow.state.in_(_UNFINISHED))
        rows = self.session.execute(statement.order_by(JobRow.created_at).execution_options(**{SCOPED: "platform"}))
        return [(row.tenant_id, row.id, row.state) for row in rows]

    def waiting_since(self) -> datetime | None:
        """When of the jobs that are not done the one was touched that was left alone longest; None: all are done."""
        statement = select(func.min(JobRow.updated_at)).where(JobRow.state.in_(_UNFINISHED))
        found: datetime | None = self.session.execute(statement.execution_options(**{SCOPED: "platform"})).scalar_one()
        return found

    def queued_jobs(self, limit: int = 100) -> list[tuple[str, str]]:
        """The ids of the jobs that wait, the oldest one of each tenant, and of those tenants."""
        waiting = select(JobRow.tenant_id, func.min(JobRow.created_at).label("first")).where(JobRow.state == "queued")
        oldest = waiting.group_by(JobRow.tenant_id).subquery()
        of_oldest = (JobRow.tenant_id == oldest.c.tenant_id) & (JobRow.created_at == oldest.c.first)
        statement = select(JobRow.id, JobRow.tenant_id).join(oldest, of_oldest).where(JobRow.state == "queued")
        statement = statement.order_by(JobRow.created_at).limit(limit)
        rows = self.session.execute(statement.execution_options(**{SCOPED: "platform"})).all()
        return [(str(job_id), str(tenant_id)) for job_id, tenant_id in rows]

    def active_adapters(self) -> list[AdapterRow]:
        """The adapters that model servers are to have, of all tenants that are not suspended."""
        statement = select(AdapterRow).join(TenantRow, TenantRow.id == AdapterRow.tenant_id)
        statement = statement.where(AdapterRow.state == ACTIVE, TenantRow.suspended_at.is_(None))
        statement = statement.order_by(AdapterRow.created_at, AdapterRow.id).execution_options(**{SCOPED: "platform"})
        return list(self.session.execute(statement).scalars())

    def note_adapter(self, adapter_id: str, note: str) -> None:
        """Keep why an adapter cannot be used; empty: it can."""
        statement = update(AdapterRow).where(AdapterRow.id == adapter_id, AdapterRow.note != note).values(note=note)
        self.session.execute(statement.execution_options(**{SCOPED: "platform"}))

    def tenants_to_checkpoint(self, before: datetime) -> list[Tenant]:
        """Those whose audit log has entries that no checkpoint covers, and none was signed since `before`."""
        statement = (
            select(TenantRow)
            .join(AuditHeadRow, AuditHeadRow.tenant_id == TenantRow.id)
            .where(AuditHeadRow.next_seq > AuditHeadRow.checkpointed, AuditHeadRow.checkpointed_at < before)
            .execution_options(**{SCOPED: "platform"})
        )
        return [Tenant.of(row) for row in self.session.execute(statement).scalars()]

    def usage(self, since: date, until: date) -> list[dict[str, Any]]:
        """What each tenant has used from `since` to `until`, both included: sums, by the tenant's name."""
        figures = [UsageRow.requests, UsageRow.refused, UsageRow.prompt_tokens, UsageRow.completion_tokens]
        statement = (
            select(TenantRow.slug, *(func.sum(figure).label(figure.key) for figure in figures))
            .join(UsageRow, UsageRow.tenant_id == TenantRow.id)
            .where(UsageRow.day >= since, UsageRow.day <= until)
            .group_by(TenantRow.slug)
            .order_by(TenantRow.slug)
            .execution_options(**{SCOPED: "platform"})
        )
        rows = self.session.execute(statement).mappings()
        return [{"tenant": row["slug"], **{each.key: int(row[each.key]) for each in figures}} for row in rows]

    def documents_by_tenant(self) -> dict[str, int]:
        """How many documents each tenant holds, by its name; for the platform's figures."""
        statement = (
            select(TenantRow.slug, func.count(DocumentRow.id))
            .join(DocumentRow, DocumentRow.tenant_id == TenantRow.id, isouter=True)
            .group_by(TenantRow.slug)
            .execution_options(**{SCOPED: "platform"})
        )
        return {str(slug): int(held) for slug, held in self.session.execute(statement)}

    def counts(self) -> dict[str, int]:
        """Tenants and documents held, for health and metrics."""
        tenants = self.session.execute(select(func.count()).select_from(TenantRow)).scalar_one()
        documents = select(func.count()).select_from(DocumentRow).execution_options(**{SCOPED: "platform"})
        return {"tenants": tenants, "documents": self.session.execute(documents).scalar_one()}


def prepare(*entities: Any, where: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
    """`TenantScope.select()` with the tenant left open, to be built once and fetched by any scope.

    For what every search asks: building the statement takes as long as finding the rows.
    """
    owned = [owner.tenant_id == bindparam(_TENANT) for owner in _owners(entities)]
    return select(*entities).where(*owned, *where).execution_options(**{SCOPED: _TENANT})


@functools.cache
def _generations() -> Select[Any]:
    return prepare(
        IndexGenerationRow.generation,
        IndexGenerationRow.state,
        IndexGenerationRow.dense_size,
        IndexGenerationRow.embedding,
    )


def _owners(entities: Iterable[Any]) -> list[type[_Owned]]:
    owners: dict[type[Base], None] = {}
    for entity in entities:
        owner = entity.class_ if isinstance(entity, InstrumentedAttribute) else entity
        if not (isinstance(owner, type) and issubclass(owner, TenantOwned)):
            raise TypeError(f"{entity!r} is not a tenant's: select mapped classes or their columns")
        owners[cast("type[Base]", owner)] = None
    return cast("list[type[_Owned]]", list(owners))
