from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from serve.audit import service
from serve.audit.schemas import (
    CheckpointPage,
    ConsistencyProof,
    EntryPage,
    InclusionProof,
    PublicKey,
    Verdict,
)
from serve.deps import AuditAccess, ServicesDep
from serve.responses import JsonResponse
from vernacular.audit.reading import Wanted

router = APIRouter(tags=["audit"], prefix="/v1/audit")
Limit = Annotated[int, Query(ge=1, le=1000)]
Number = Annotated[int | None, Query(ge=0, le=2**53)]
Name = Annotated[str, Query(max_length=512)]
_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("", response_model=EntryPage)
def list_entries(
    access: AuditAccess,
    *,
    limit: Limit = 100,
    before: Number = None,
    event: Annotated[str, Query(max_length=60, description="A name, or what names begin with: `chat.`")] = "",
    subject: Annotated[
        str, Query(max_length=512, description="A pseudonym, an account's id, a `user`, or a conversation's id.")
    ] = "",
    actor: Annotated[str, Query(max_length=512, description="A pseudonym, or an account's or a key's id.")] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    content: Annotated[bool, Query(description="Decrypt what people wrote; administrators only.")] = False,
) -> JsonResponse:
    """Your tenant's audit log, the newest entries first. Reading in it is an entry too."""
    wanted = Wanted(event, subject, actor, since, until, before)
    return JsonResponse(service.entries(access, wanted, limit, content=content))


@router.get("/checkpoints", response_model=CheckpointPage)
def list_checkpoints(access: AuditAccess, limit: Limit = 100, before: Number = None) -> JsonResponse:
    """Signed heads of the log's Merkle tree, the newest first. Keep copies: they show a log that was written anew."""
    return JsonResponse(service.checkpoints(access, limit, before))


@router.get("/public-key")
def show_public_key(services: ServicesDep) -> PublicKey:
    """The key that this installation's checkpoints are signed with. It is public."""
    keys = services.audit.keys
    return PublicKey(key=keys.key_id, pem=keys.public_pem.decode())


@router.get("/inclusion", response_model=InclusionProof)
def prove_inclusion(
    access: AuditAccess,
    seq: Annotated[int, Query(ge=0, le=2**53)],
    size: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> JsonResponse:
    """A proof that a checkpoint of `size` entries (the whole log, if not given) holds the entry `seq`."""
    return JsonResponse(service.inclusion(access, seq, size))


@router.get("/consistency", response_model=ConsistencyProof)
def prove_consistency(
    access: AuditAccess,
    first: Annotated[int, Query(ge=1, le=2**53)],
    second: Annotated[int, Query(ge=1, le=2**53)],
) -> JsonResponse:
    """A proof that the checkpoint of `second` entries continues that of `first`."""
    return JsonResponse(service.consistency(access, first, second))


@router.get("/verify", response_model=Verdict)
def verify(access: AuditAccess) -> JsonResponse:
    """Hold the whole log against its chain and its checkpoints. Better: export it, and verify it on another machine."""
    return JsonResponse(service.verdict(access))


@router.get("/export", responses=_ZIP)
def export(access: AuditAccess) -> StreamingResponse:
    """The log as a zip file with checkpoints, the public key, and a verifier that needs Python and `cryptography` alone."""
    name = f"audit-{access.principal.tenant.slug}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(service.export(access), media_type="application/zip", headers=headers)
