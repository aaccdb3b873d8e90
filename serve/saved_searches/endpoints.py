from __future__ import annotations

from fastapi import APIRouter

from serve.deps import MemberSearchAccess
from serve.saved_searches import service
from serve.saved_searches.schemas import (
    SavedSearchChange,
    SavedSearchDeleted,
    SavedSearchForm,
    SavedSearchList,
    SavedSearchView,
)

router = APIRouter(tags=["search"], prefix="/v1/saved-searches")


@router.get("")
def list_saved_searches(access: MemberSearchAccess) -> SavedSearchList:
    """Your saved searches by name, each with the number of documents that are new since you looked."""
    return service.show_all(access)


@router.post("", status_code=201)
def save_search(access: MemberSearchAccess, asked: SavedSearchForm) -> SavedSearchView:
    """Keep a search under a name of your own."""
    return service.create(access, asked)


@router.patch("/{search_id}")
def change_saved_search(access: MemberSearchAccess, search_id: str, asked: SavedSearchChange) -> SavedSearchView:
    """Rename a saved search, change what it looks for, or say that you have looked."""
    return service.change(access, search_id, asked)


@router.delete("/{search_id}")
def delete_saved_search(access: MemberSearchAccess, search_id: str) -> SavedSearchDeleted:
    return SavedSearchDeleted(id=service.delete(access, search_id))
