from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from serve.deps import PeopleAccess, ServicesDep
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
from serve.widget.service import address_of
from vernacular.access.keys import WIDGET_KIND

router = APIRouter(tags=["keys"], prefix="/v1/admin")


def _address(request: Request, services: ServicesDep) -> str:
    return address_of(request, services.settings.serve.public_url)


Address = Annotated[str, Depends(_address)]


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
def list_widgets(access: PeopleAccess, address: Address) -> WidgetList:
    """The widgets on your web pages, with the tag that puts each there."""
    return WidgetList(data=[widget_view(row, address) for row in service.show_all(access, WIDGET_KIND)])


@router.post("/widgets", status_code=201)
def create_widget(access: PeopleAccess, asked: WidgetForm, address: Address) -> NewWidget:
    """Make a chat for your web pages: it asks as the public may, from pages of these origins alone."""
    token, row = service.create_widget(access, asked)
    return NewWidget.of(token, widget_view(row, address))


@router.patch("/widgets/{widget_id}")
def change_widget(access: PeopleAccess, widget_id: str, asked: WidgetChange, address: Address) -> WidgetView:
    """Change where a widget stands, or with which assistant it speaks."""
    return widget_view(service.change_widget(access, widget_id, asked), address)


@router.post("/widgets/{widget_id}/rotate", status_code=201)
def rotate_widget(access: PeopleAccess, widget_id: str, address: Address, asked: Rotation | None = None) -> NewWidget:
    """A new widget, with a tag and a token of its own, for the same pages; the old one holds for some hours beside it."""
    token, row = service.rotate(access, widget_id, WIDGET_KIND, (asked or Rotation()).overlap_hours)
    return NewWidget.of(token, widget_view(row, address))


@router.delete("/widgets/{widget_id}")
def revoke_widget(access: PeopleAccess, widget_id: str) -> Revoked:
    return Revoked(id=service.revoke(access, widget_id, WIDGET_KIND))
