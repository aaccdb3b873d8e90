from __future__ import annotations

from typing import Any

from serve.deps import Access
from vernacular.erasure.document import erase_document
from vernacular.erasure.person import erase_person
from vernacular.erasure.stores import Stores


def person(access: Access, whom: str) -> dict[str, Any]:
    """In the shape of `ErasedView`.

    Raises:
        UnknownUser: nothing is known of such a person.
    """
    found = erase_person(_stores(access), access.principal.tenant, whom, access.actor)
    access.services.keys.forget()
    return found.described()


def document(access: Access, document_id: str) -> dict[str, Any]:
    """In the shape of `ErasedView`.

    Raises:
        UnknownDocument: the tenant has no such document.
    """
    tenant = access.principal.tenant
    found = erase_document(_stores(access), tenant, document_id, access.actor)
    access.services.pages.forget(tenant.id, document_id)
    return found.described()


def _stores(access: Access) -> Stores:
    services = access.services
    return Stores(services.settings, services.database, services.vectors, services.blobs, services.audit)
