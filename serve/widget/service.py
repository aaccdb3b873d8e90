"""Which widget a web page has, whether it stands there, and how it looks."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from serve.bootstrap import Services
from serve.quotas.keeper import visitor_address
from serve.quotas.threads import work_for
from serve.widget.binding import origin_in, site_of
from serve.widget.page import frame_page
from serve.widget.schemas import WidgetLook, WidgetSession
from serve.widget.wording import choose, direction, languages
from vernacular.access.principal import Principal
from vernacular.access.widget_sessions import LIFE_S
from vernacular.branding import branding_of
from vernacular.colours import WHITE, readable_under
from vernacular.errors import Forbidden
from vernacular.tenancy import Tenant

COLOR: Final = "#1f4e79"
"""Where the tenant has none of its own."""


async def find_widget(services: Services, widget: str) -> Principal:
    """
    Raises:
        NotFound: there is none, or it no longer holds.
    """
    found = await run_in_threadpool(services.keys.widget, widget)
    work_for(found.tenant.id)
    return found


def check_site(widget: Principal, site: str) -> str:
    """The site, which is one of the widget's.

    Raises:
        Forbidden: it is not.
    """
    if site not in widget.origins:
        raise Forbidden("This widget does not stand on this site.", "An administrator can add the site's origin to it.")
    return site


def look(request: Request, services: Services, widget: Principal, wanted: str) -> WidgetLook:
    """How the widget's button looks on the page that asks. `wanted`: languages, separated by commas.

    Raises:
        Forbidden: the page is not one of the widget's.
    """
    check_site(widget, _site(request, services))
    language = choose(wanted.split(","))
    title = languages()[language]["title"].format(name=_name(widget.tenant))
    return WidgetLook(language=language, direction=direction(language), title=title, color=color_of(widget.tenant))


async def begin_session(request: Request, services: Services, widget: Principal, frame: str) -> WidgetSession:
    """
    Raises:
        Forbidden: the page that asks is not one of the widget's.
        QuotaExceeded: the visitor, the widget or the tenant has used up what it may.
    """
    site = check_site(widget, _site(request, services))
    await services.quotas.admit(widget, visitor_address(widget, request.client.host if request.client else None))
    return WidgetSession(token=services.keys.widget_sessions.begin(widget, site, frame), expires_in=LIFE_S)


def frame_for(services: Services, widget: Principal, site: str, wanted: str) -> str:
    """The page of the chat.

    Raises:
        Forbidden: the site is not one of the widget's.
    """
    key = services.keys.widget_sessions.frame_key(widget.id, check_site(widget, site))
    return frame_page(
        widget=widget.id,
        assistant=widget.assistant or "",
        site=site,
        key=key,
        language=choose(wanted.split(",")),
        name=_name(widget.tenant),
        color=color_of(widget.tenant),
    )


def address_of(request: Request, public_url: str) -> str:
    """Where browsers reach the gateway, without a slash at the end."""
    return (public_url or str(request.base_url)).rstrip("/")


def tag(widget: str, address: str) -> str:
    """What is pasted into the pages of a site for a widget to stand there, for a gateway at that address."""
    return f'<script src="{address}/widget.js" data-widget="{widget}" async></script>'


def color_of(tenant: Tenant) -> str:
    """The tenant's, darkened as far as white needs it to be read on."""
    return readable_under(WHITE, branding_of(tenant.profile).color or COLOR)


def _name(tenant: Tenant) -> str:
    return tenant.display_name or tenant.slug


def _site(request: Request, services: Services) -> str:
    return site_of(request.headers, origin_in(address_of(request, services.settings.serve.public_url)))
