from __future__ import annotations

from fastapi import APIRouter

from serve.deps import PeopleAccess
from serve.keys import service
from serve.keys.schemas import (
    KeyForm,
    KeyList,
    NewKey,
    NewWidget,
    Revoked,
    Rotation,
    WidgetChange,
    WidgetForm,
    WidgetList,
    WidgetView,
)
from serve.keys.service import KEY, key_view, widget_view
from vernacular.access.keys import WIDGET_KIND

router = APIRouter(tags=["keys"], prefix="/v1/admin")


@router.get("/keys")
def list_keys(access: PeopleAccess) -> KeyList:
    """Your tenant's API keys, the newest first; the keys themselves are not kept."""
    return KeyList(data=[key_view(row) for row in service.show_all(access, KEY)])


@router.post("/keys", status_code=201)
def create_key(access: PeopleAccess, asked: KeyForm) -> NewKey:
    """Make an API key. It is in this answer and nowhere else."""
    key, row = service.create_key(access, asked)
    return NewKey(key=key, about=key_view(row))


@router.post("/keys/{key_id}/rotate", status_code=201)
def rotate_key(access: PeopleAccess, key_id: str, asked: Rotation | None = None) -> NewKey:
    """A new key with the rights of this one, which holds for some hours beside it."""
    key, row = service.rotate(access, key_id, KEY, (asked or Rotation()).overlap_hours)
    return NewKey(key=key, about=key_view(row))


@router.delete("/keys/{key_id}")
def revoke_key(access: PeopleAccess, key_id: str) -> Revoked:
    """Refuse a key from now on; answers under way with it are cut within seconds."""
    return Revoked(id=service.revoke(access, key_id, KEY))


@router.get("/widgets")
def list_widgets(access: PeopleAccess) -> WidgetList:
    """The widgets on your web pages."""
    return WidgetList(data=[widget_view(row) for row in service.show_all(access, WIDGET_KIND)])


@router.post("/widgets", status_code=201)
def create_widget(access: PeopleAccess, asked: WidgetForm) -> NewWidget:
    """Make a token for a chat on your web pages: it asks as the public may, from pages of these origins alone."""
    token, row = service.create_widget(access, asked)
    return NewWidget(token=token, about=widget_view(row))


@router.patch("/widgets/{widget_id}")
def change_widget(access: PeopleAccess, widget_id: str, asked: WidgetChange) -> WidgetView:
    """Change where a widget stands, or with which assistant it speaks."""
    return widget_view(service.change_widget(access, widget_id, asked))


@router.post("/widgets/{widget_id}/rotate", status_code=201)
def rotate_widget(access: PeopleAccess, widget_id: str, asked: Rotation | None = None) -> NewWidget:
    """A new token for the same pages; the old one holds for some hours beside it."""
    token, row = service.rotate(access, widget_id, WIDGET_KIND, (asked or Rotation()).overlap_hours)
    return NewWidget(token=token, about=widget_view(row))


@router.delete("/widgets/{widget_id}")
def revoke_widget(access: PeopleAccess, widget_id: str) -> Revoked:
    return Revoked(id=service.revoke(access, widget_id, WIDGET_KIND))
