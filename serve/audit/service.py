"""The audit log of the caller's tenant. Whoever reads in it is an entry of it too."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from serve.deps import Access
from vernacular.audit import reading
from vernacular.audit.export import export_log
from vernacular.audit.reading import Wanted
from vernacular.errors import Forbidden

_BLOCK: Final = 256 * 1024


def entries(access: Access, wanted: Wanted, limit: int, *, content: bool) -> dict[str, Any]:
    """In the shape of `EntryPage`.

    Raises:
        Forbidden: content is for administrators, and not for keys that are limited to the log.
    """
    if content and access.principal.scopes is not None:
        raise Forbidden(
            "This key reads the log without its content.", "Sign in as an administrator, or leave `content` out."
        )
    audit = access.services.audit
    audit.flush()
    with access.read() as scope:
        found = reading.entries(scope, audit.chain, wanted, limit, content=content)
        names = reading.names_of_actors(scope, audit.chain) if content else {}
    facts = {
        "content": content,
        "entries": len(found),
        "event": wanted.event,
        "by_subject": bool(wanted.subject),
        "by_actor": bool(wanted.actor),
    }
    access.note("audit.read", facts=facts)
    views = [{**entry, "actor": {**entry["actor"], "name": names.get(entry["actor"]["id"])}} for entry in found]
    for view in views:
        view["content"] = view.get("content")
        del view["ciphertext"]
    more = views[-1]["seq"] if len(views) == limit else None
    return {"entries": views, "next_before": more}


def checkpoints(access: Access, limit: int, before: int | None) -> dict[str, Any]:
    """In the shape of `CheckpointPage`."""
    with access.read() as scope:
        found = reading.list_checkpoints(scope, limit, before)
    return {"checkpoints": found, "next_before": found[-1]["size"] if len(found) == limit else None}


def inclusion(access: Access, seq: int, size: int | None) -> dict[str, Any]:
    """In the shape of `InclusionProof`.

    Raises:
        NotFound: there is no such entry, or no tree of that size.
    """
    with access.read() as scope:
        prover = reading.prover(scope, size or reading.first_and_end(scope)[1])
        proof, leaf = prover.inclusion(seq), prover.leaf(seq)
    return {"seq": seq, "size": prover.size, "leaf": leaf.hex(), "proof": [node.hex() for node in proof]}


def consistency(access: Access, first: int, second: int) -> dict[str, Any]:
    """In the shape of `ConsistencyProof`.

    Raises:
        NotFound: there are no trees of those sizes, or the entries that it needs are no longer kept.
    """
    with access.read() as scope:
        proof = reading.prover(scope, second).consistency(first)
    return {"first": first, "second": second, "proof": [node.hex() for node in proof]}


def verdict(access: Access) -> dict[str, Any]:
    """In the shape of `Verdict`, held against the copies of checkpoints too, where the settings name a folder of them."""
    audit, folder = access.services.audit, access.services.settings.audit.checkpoints
    audit.checkpoint(access.principal.tenant)
    with access.read() as scope:
        there = folder is not None and (folder / scope.tenant.id).is_dir()
        report = reading.verify_log(scope, audit.keys.public_pem, folder if there else None)
    access.note("audit.verified", facts={"whole": report.whole, "entries": report.entries})
    return {"whole": report.whole, **vars(report)}


def export(access: Access) -> Iterator[bytes]:
    """A zip file with all of it, the verifier included."""
    audit, tenant = access.services.audit, access.principal.tenant
    access.note("audit.exported")
    audit.checkpoint(tenant)
    folder = Path(tempfile.mkdtemp(prefix="vernacular-audit-"))
    path = folder / "audit.zip"
    try:
        with access.read() as scope:
            export_log(scope, audit.keys, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _blocks(folder, path)


def _blocks(folder: Path, path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    finally:
        shutil.rmtree(folder, ignore_errors=True)
