"""The gateway. `create_app` only puts routes together; stores are opened when the server starts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from serve import error_handlers
from serve.accounts.endpoints import router as accounts
from serve.adapters.endpoints import router as adapters
from serve.approved_answers.endpoints import router as approved_answers
from serve.audit.endpoints import router as audit
from serve.bootstrap import Services, open_services
from serve.changes.endpoints import router as changes
from serve.chat.endpoints import router as chat
from serve.conversations.endpoints import router as conversations
from serve.cross_origin import CrossOriginMiddleware
from serve.dialects.endpoints import router as dialects
from serve.documents.endpoints import router as documents
from serve.engine.adapters.reconciler import AdapterReconciler
from serve.erasure.endpoints import router as erasure
from serve.evaluations.endpoints import router as evaluations
from serve.feedback.endpoints import router as feedback
from serve.groups.endpoints import router as groups
from serve.health.endpoints import router as health
from serve.jobs.endpoints import router as jobs
from serve.keys.endpoints import router as keys
from serve.middleware import BodyLimitMiddleware, RequestMiddleware
from serve.models.endpoints import router as models
from serve.models.status import router as model_status
from serve.operator.endpoints import router as operator
from serve.prompt_versions.endpoints import router as prompt_versions
from serve.quality.endpoints import router as quality
from serve.quotas.endpoints import router as quotas
from serve.quotas.threads import FairThreads
from serve.redteam.endpoints import router as redteam
from serve.retention.endpoints import router as retention
from serve.safety.endpoints import router as safety
from serve.saved_searches.endpoints import router as saved_searches
from serve.scim.endpoints import router as scim
from serve.search.endpoints import router as search
from serve.sign_in.endpoints import router as sign_in
from serve.statistics.endpoints import router as statistics
from serve.tenant_settings.endpoints import router as tenant_settings
from serve.tenants.endpoints import router as tenants
from serve.transparency.endpoints import router as transparency
from serve.upkeep import end_upkeep, keep_up
from serve.users.endpoints import router as users
from serve.widget.endpoints import router as widget
from vernacular import __version__
from vernacular.adapters import AdapterStore
from vernacular.settings import Settings

SWITCH_S: Final = 0.0005
"""After which a thread that computes lets others have a turn: ten of Python's own turns are a long time for an answer."""

Opener = Callable[[Settings], AbstractContextManager[Services]]


ROUTERS: Final = (
    chat,
    search,
    saved_searches,
    changes,  # before the routes of single documents
    documents,
    jobs,
    models,
    model_status,
    adapters,
    dialects,
    evaluations,
    statistics,
    safety,
    redteam,
    tenants,
    tenant_settings,
    prompt_versions,
    transparency,
    conversations,
    feedback,
    approved_answers,
    quality,
    accounts,
    users,
    groups,
    keys,
    operator,
    quotas,
    audit,
    erasure,
    retention,
    health,
    scim,
    sign_in,
    widget,
)


def create_app(settings: Settings, opener: Opener = open_services) -> FastAPI:
    """The ASGI application. `opener` gives the services for as long as the server runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sys.setswitchinterval(SWITCH_S)
        FairThreads(settings.serve.threads, settings.quotas.running_per_tenant).install()
        with opener(settings) as services:
            app.state.services = services
            await services.models.start()
            reconciler = AdapterReconciler(
                services.database,
                AdapterStore(settings.adapters_path),
                services.models,
                settings.generation.health_every_s,
            )
            await reconciler.start()
            upkeep = asyncio.create_task(keep_up(services))
            try:
                yield
            finally:
                await end_upkeep(upkeep, services)
                await reconciler.close()
                await services.models.close()
                await services.guard.close()
                await services.quotas.windows.close()

    app = FastAPI(
        title="Vernacular",
        version=__version__,
        description="Answers people in their own words, and cites every one of them.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # the pages FastAPI offers load scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        responses=error_handlers.RESPONSES,
        lifespan=lifespan,
    )
    for router in ROUTERS:
        app.include_router(router)
    error_handlers.install(app)
    app.add_middleware(
        BodyLimitMiddleware,
        max_upload_bytes=settings.serve.max_body_mb * 1024 * 1024,
        max_image_bytes=settings.vision.max_body_bytes,
    )
    app.add_middleware(CrossOriginMiddleware, routers=ROUTERS)
    app.add_middleware(RequestMiddleware)
    return app
