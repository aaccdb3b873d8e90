"""Two tenants that hold the same kinds of things in the same words, each thing marked so that it is known wherever it turns up.

`World.marks` says of every mark who may see it. `World.restore` puts all back as it was planted.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ingest.learn import Learner
from tests.contracts.fakes import InMemoryVectorStore
from tests.ingest import samples
from tests.serve.gateway import Gateway, running_gateway
from vernacular import prompt_versions
from vernacular.branding import Branding, with_branding
from vernacular.db.base import Base, new_id
from vernacular.db.models import (
    AdapterRow,
    ConversationRow,
    EvalRunRow,
    JobErrorRow,
    JobRow,
    MessageRow,
    RedteamRunRow,
    SavedSearchRow,
)
from vernacular.dialects.preferences import with_preferences
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, TenantScope

HOME_TENANT: Final = "harbour"
"""The tenant whose things every request names."""
OTHER_TENANT: Final = "delta"
GROUP: Final = "board"
# What each thing of a tenant is for: everyone in it, its group's members and editors, editors, administrators, the owner of the
# conversation and administrators, or nobody at all.
TENANT, IN_GROUP, EDITOR, ADMIN, OWNER, NOBODY = "tenant", "group", "editor", "admin", "owner", "nobody"
LEVELS: Final = {
    TENANT: "everyone in the tenant",
    IN_GROUP: "the group, editors and administrators",
    EDITOR: "editors and administrators",
    ADMIN: "administrators",
    OWNER: "whoever led the conversation, and administrators",
    NOBODY: "nobody",
}
QUESTION: Final = "What does the ferry to the quay cost?"
# Written when a principal is refused or seen, which is no change of what the tenant holds.
_UNTOLD: Final = frozenset({"last_used_at", "last_login_at", "failed_logins", "locked_until"})
RECORDS: Final = frozenset({"usage", "audit_entries", "audit_heads", "audit_subjects", "audit_checkpoints"})
"""Tables that tell what was asked: they may grow for the caller's own tenant, also where a request is refused."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of characters that stands nowhere else. `what` names the thing that carries it."""

    text: str
    what: str
    tenant: str
    level: str


@dataclass
class Things:
    """Ids and names of what one tenant holds, as requests name them."""

    tenant_id: str
    open_document: str = ""
    group_document: str = ""
    file_document: str = ""
    job: str = ""
    conversation: str = ""
    adapter: str = ""
    run: str = ""
    redteam_run: str = ""
    cursor: str = ""
    more: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """A running gateway in which all that `marks` tells is planted."""

    gateway: Gateway
    marks: list[Mark] = field(default_factory=list)
    things: dict[str, Things] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Principal → id of its key."""
    log: list[str] = field(default_factory=list)
    """Every line that was logged."""

    @property
    def home(self) -> Path:
        return self.gateway.services.settings.home

    @property
    def here(self) -> Things:
        return self.things[HOME_TENANT]

    def mark(self, slug: str, what: str, level: str) -> str:
        """A new mark, to be put into the thing that `what` names."""
        text = "mk" + hashlib.sha256(f"{slug} {what} {level}".encode()).hexdigest()[:14]
        self.marks.append(Mark(text, what, slug, level))
        return text

    def known(self, slug: str, what: str, level: str, text: str) -> str:
        """`text`, an id or a secret that was made elsewhere, as a mark."""
        self.marks.append(Mark(text, what, slug, level))
        return text

    # -- the state, to compare and to go back to ----------------------------------------------------------------------

    def settle(self) -> None:
        """Have what is written later written now."""
        self.gateway.services.audit.flush()

    def forget_usage(self) -> None:
        """Leave out what earlier requests have used, which is written in batches."""
        self.gateway.services.quotas.ledger._held.clear()

    def version(self) -> int:
        """Another number once another connection has written."""
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def state(self) -> dict[tuple[str, str], str]:
        """(tenant id, table) → digest of its rows; the platform's own rows under "". Files under `files:<folder>`."""
        rows: dict[tuple[str, str], list[str]] = {}
        for table in Base.metadata.sorted_tables:
            columns = [column.name for column in table.columns if column.name not in _UNTOLD]
            owner = columns.index("tenant_id") if "tenant_id" in columns else None
            listed = ", ".join(f'"{name}"' for name in columns)
            for row in self._watcher.execute(f'SELECT {listed} FROM "{table.name}"'):
                # A tenant's own row is the tenant's.
                tenant = row[owner] if owner is not None else row[0] if table.name == "tenants" else ""
                rows.setdefault((str(tenant), table.name), []).append(repr(row))
        found = {where: hashlib.sha256("\n".join(sorted(held)).encode()).hexdigest() for where, held in rows.items()}
        for partition, points in self._points().items():
            said = repr(sorted((name, repr(point)) for name, point in points.items()))
            found[partition.tenant_id, f"vectors:{partition.generation}"] = hashlib.sha256(said.encode()).hexdigest()
        for path in self._files():
            found[self._owner(path), f"files:{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def _owner(self, path: Path) -> str:
        """The tenant whose file it is: by a folder of its id, or by the job that the file was sent for."""
        named = next((each.tenant_id for each in self.things.values() if each.tenant_id in path.parts), "")
        job = self._watcher.execute("SELECT tenant_id FROM jobs WHERE id = ?", (path.parent.name,)).fetchone()
        return named or (job[0] if job else "")

    def state_as_kept(self) -> dict[tuple[str, str], str]:
        return self._kept_state

    def touched(self) -> bool:
        """Whether files or points are not as they were kept."""
        return self._points() != self._kept_points or set(self._files()) != set(self._kept_files)

    def name_of(self, tenant_id: str) -> str:
        """For messages."""
        named = {each.tenant_id: slug for slug, each in self.things.items()}
        return f"the tenant {named[tenant_id]}" if tenant_id in named else tenant_id or "the platform"

    def keep(self) -> None:
        """Remember everything as it is now."""
        self.settle()
        self._kept_state = self.state()
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._watcher.backup(self._kept)
        self._kept_points = {partition: dict(points) for partition, points in self._points().items()}
        self._kept_files = {path: path.read_bytes() for path in self._files()}

    def restore(self) -> None:
        """Put everything back as `keep` found it."""
        target = sqlite3.connect(self.home / "vernacular.sqlite", timeout=20)
        try:
            self._kept.backup(target)
        finally:
            target.close()
        store = self._points()
        store.clear()
        store.update({partition: dict(points) for partition, points in self._kept_points.items()})
        for path in set(self._files()) - set(self._kept_files):
            path.unlink()
        for path, content in self._kept_files.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self.gateway.services.keys.forget()

    @property
    def _watcher(self) -> sqlite3.Connection:
        if not hasattr(self, "_connection"):
            self._connection = sqlite3.connect(self.home / "vernacular.sqlite", check_same_thread=False, timeout=20)
        return self._connection

    def _points(self) -> dict[Any, dict[str, Any]]:
        store = self.gateway.services.vectors
        assert isinstance(store, InMemoryVectorStore)
        return store._points

    def _files(self) -> list[Path]:
        folders = (self.home / name for name in ("blobs", "uploads", "adapters", "dialects", "exports"))
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


@contextmanager
def planted_world(home: Path, access: AccessSettings) -> Iterator[World]:
    """A gateway on `home` with both tenants and all their things; people come from `tests.isolation.people`, callers from
    `tests.isolation.principals`."""
    with running_gateway(home, access=access) as gateway:
        world = World(gateway)
        for slug in (HOME_TENANT, OTHER_TENANT):
            plant(world, slug)
        yield world


def plant(world: World, slug: str) -> None:
    """Everything that a tenant can hold, marked."""
    gateway = world.gateway
    gateway.tenant(slug, languages=["en"], dialects=[], profile=_profile(world, slug))
    things = world.things[slug] = Things(gateway.tenants[slug].id)
    world.known(slug, "tenant's id", ADMIN, things.tenant_id)
    _plant_documents(world, slug, things)
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants[slug])
        _plant_job(world, slug, scope, things)
        _plant_runs(world, slug, scope, things)
        _plant_adapter(world, slug, scope, things)
        _plant_look(world, slug, scope)
    Learner(gateway.services.database).after_job(gateway.tenants[slug])


def plant_conversation(world: World, slug: str, owner_id: str) -> None:
    """A conversation that the principal of that id has led."""
    things = world.things[slug]
    things.conversation = world.known(slug, "conversation's id", OWNER, new_id())
    with world.gateway.services.database.write() as session:
        scope = TenantScope(session, world.gateway.tenants[slug])
        chosen = {"answer_in": "standard"}
        scope.add(ConversationRow(id=things.conversation, owner_id=owner_id, preferences=chosen))
        session.flush()
        for position, role in enumerate(("user", "assistant")):
            said = f"{QUESTION} {world.mark(slug, f'message of the {role}', OWNER)}"
            details = {"annotations": [{"quote": world.mark(slug, f"quote to the {role}", OWNER)}], "answered": True}
            message = MessageRow(
                id=new_id(),
                conversation_id=things.conversation,
                position=position,
                role=role,
                content=said,
                details=details,
            )
            scope.add(message)
        things.more["answer"] = world.known(slug, "answer's id", OWNER, message.id)


def plant_saved_search(world: World, slug: str, owner_id: str) -> None:
    """A search that the principal of that id keeps."""
    with world.gateway.services.database.write() as session:
        name, query = world.mark(slug, "saved search: name", OWNER), world.mark(slug, "saved search: query", OWNER)
        row = SavedSearchRow(id=new_id(), owner_id=owner_id, name=name, query={"query": query})
        TenantScope(session, world.gateway.tenants[slug]).add(row)
        world.things[slug].more["saved_search"] = world.known(slug, "saved search: id", OWNER, row.id)


def _profile(world: World, slug: str) -> Mapping[str, Any]:
    profile = {
        "contact": {"email": f"{world.mark(slug, 'contact', TENANT)}@example.org"},
        "greeting": f"Welcome {world.mark(slug, 'greeting', TENANT)}",
        "suggested_questions": [f"What is {world.mark(slug, 'suggested question', TENANT)}?"],
        "persona": f"You are {world.mark(slug, 'persona', EDITOR)}",
        "glossary": {world.mark(slug, "glossary's term", ADMIN): "a ferry"},
    }
    return with_preferences(profile, {"synonyms": {"pier": [world.mark(slug, "synonym", TENANT)]}})


def _plant_documents(world: World, slug: str, things: Things) -> None:
    gateway = world.gateway

    def put(what: str, level: str, **columns: Any) -> str:
        mark = world.mark(slug, f"{what}: text", level)
        # A long form beside its short one: learned from a document that everyone may read, to be found by the short one.
        long = f"{world.mark(slug, f'{what}: first word', level)} Quay Marine Bureau (QMB)"
        found = gateway.put(
            slug,
            world.mark(slug, f"{what}: source id", level),
            f"The ferry to the quay costs {12 + len(what)} dollars. {long} sells it. Reference {mark}.",
            title=f"Ferry fees {world.mark(slug, f'{what}: title', level)}",
            uri=f"https://example.org/{world.mark(slug, f'{what}: address', level)}",
            attributes={"desk": world.mark(slug, f"{what}: metadata", level)},
            language="en",
            **columns,
        )
        return world.known(slug, f"{what}: id", level, found)

    things.open_document = put("open document", TENANT)
    time.sleep(0.002)  # another moment of creation: cursors stand between the two
    things.group_document = put("document of a group", IN_GROUP, groups=[GROUP])
    original = f"{QUESTION} {world.mark(slug, 'original: bytes', TENANT)}".encode()
    things.file_document = put(
        "file",
        TENANT,
        filename=f"{world.mark(slug, 'file: filename', TENANT)}.txt",
        original=gateway.keep(slug, original),
        media_type="text/plain",
    )
    pdf = gateway.keep(slug, samples.pdf([[(50, 700, 12, QUESTION)]]))
    paged = {"media_type": "application/pdf", "structure": {"pages": [{"number": 1, "start": 0, "end": 30}]}}
    things.more["pdf_document"] = put("PDF", TENANT, original=pdf, **paged)
    things.more["group_pdf_document"] = put("PDF of a group", IN_GROUP, original=pdf, groups=[GROUP], **paged)
    for name, level, groups in (("product", TENANT, []), ("group_product", IN_GROUP, [GROUP])):
        picture = gateway.keep(slug, world.mark(slug, f"{name}: picture", level).encode())
        things.more[name] = put(name, level, picture=picture, groups=groups)


def _plant_job(world: World, slug: str, scope: TenantScope, things: Things) -> None:
    moment = datetime.now(UTC)
    things.job = world.known(slug, "job's id", EDITOR, new_id())
    spec = {"source": world.mark(slug, "job's source", EDITOR), "items": []}
    scope.add(JobRow(id=things.job, kind="ingest", state="partial", stage="done", spec=spec, finished_at=moment))
    scope.session.flush()
    told = {"source_id": world.mark(slug, "job's error: source id", EDITOR), "name": "empty_file"}
    message = f"It is empty: {world.mark(slug, 'job error: message', EDITOR)}"
    scope.add(JobErrorRow(id=new_id(), job_id=things.job, message=message, **told))
    things.more["sent_job"] = world.known(slug, "sent job's id", EDITOR, new_id())
    filename = f"{world.mark(slug, 'sent file: name', EDITOR)}.txt"
    item = {"kind": "file", "file": "0001", "filename": filename, "source_id": filename}
    sent = {"source": "test", "sync": False, "items": [item]}
    job = JobRow(
        id=things.more["sent_job"], kind="ingest", state="failed", stage="failed", spec=sent, finished_at=moment
    )
    scope.add(job)
    folder = world.gateway.services.jobs.upload_folder(job.id)
    (folder / "0001").write_text(world.mark(slug, "sent file: text", NOBODY), encoding="utf-8")


def _plant_runs(world: World, slug: str, scope: TenantScope, things: Things) -> None:
    # A system card names the last runs, and everyone in the tenant may read it.
    things.run = world.known(slug, "evaluation's id", TENANT, new_id())
    name = world.mark(slug, "evaluation's name", TENANT)
    outcome = {"question": world.mark(slug, "evaluation's question", ADMIN), "variety": "en", "found": True}
    scope.add(EvalRunRow(id=things.run, name=name, digest="0" * 64, questions=1, figures={}, outcomes=[outcome]))
    things.redteam_run = world.known(slug, "red team run's id", TENANT, new_id())
    report = f'{{"note": "{world.mark(slug, "red team report", ADMIN)}"}}'
    scope.add(RedteamRunRow(id=things.redteam_run, suites=["neutral"], figures={}, report=report))


def _plant_adapter(world: World, slug: str, scope: TenantScope, things: Things) -> None:
    things.adapter = world.known(slug, "adapter's id", ADMIN, new_id())
    scope.add(
        AdapterRow(
            id=things.adapter,
            name=world.mark(slug, "adapter's name", ADMIN),
            base_model="tiny",
            version=1,
            path=f"{things.tenant_id}/{world.mark(slug, 'adapter: path', NOBODY)}",
            digest="0" * 64,
            rank=8,
            lineage={"data": world.mark(slug, "adapter's lineage", ADMIN)},
        )
    )


def _plant_look(world: World, slug: str, scope: TenantScope) -> None:
    """A logo, and the tenant's own instructions to its assistant."""
    logo = world.gateway.keep(slug, b"\x89PNG\r\n\x1a\n" + world.mark(slug, "logo: bytes", TENANT).encode())
    row = Platform(scope.session).tenant_row(slug)
    row.profile = with_branding(row.profile, Branding("#0b6b5d", logo))
    text, note = (world.mark(slug, f"instructions: {what}", EDITOR) for what in ("text", "note"))
    prompt_versions.save(scope, row, "instructions", f"Say {text}.", note=note, by="")
    prompt_versions.activate(scope, row, "instructions", 1)
