"""Where the gateway's collaborators are made, once, and handed to one another."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from serve.accounts.sign_ins import SignIns
from serve.engine.models import Models
from serve.engine.rerankers import open_scorer
from serve.page_images.renderer import PageImages
from serve.principals import Credentials
from serve.quotas.keeper import QuotaKeeper
from serve.rag.pipeline import RagPipeline
from serve.rag.semantics import Semantics
from vernacular.access.keys import KeyRing
from vernacular.access.oidc import TokenVerifier
from vernacular.audit.log import AuditLog
from vernacular.blobs import BlobStore
from vernacular.db.migrate import migrate
from vernacular.db.session import Database, open_database
from vernacular.embeddings.factory import open_embedder
from vernacular.jobs import JobQueue
from vernacular.safety.guard_model import GuardModel
from vernacular.settings import Settings
from vernacular.telemetry import Metrics
from vernacular.vectors.factory import open_store
from vernacular.vectors.protocol import VectorStore


@dataclass(frozen=True, slots=True)
class Services:
    """All that an endpoint may need."""

    settings: Settings
    database: Database
    vectors: VectorStore
    jobs: JobQueue
    rag: RagPipeline
    blobs: BlobStore
    keys: Credentials
    metrics: Metrics
    models: Models
    semantics: Semantics
    audit: AuditLog
    tokens: TokenVerifier
    sign_ins: SignIns
    quotas: QuotaKeeper
    guard: GuardModel
    pages: PageImages


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """Bring the database up to date, open the stores, and close them on leaving.

    Raises:
        VernacularError: a store cannot be opened; the gateway must not start.
    """
    database = open_database(settings)
    try:
        migrate(database)
        vectors = open_store(settings)
        try:
            services = make_services(settings, database, vectors)
            try:
                services.audit.start()
                Thread(target=_warm_up, args=(services,), name="warm-up", daemon=True).start()
                yield services
            finally:
                services.pages.close()
                services.quotas.close()
                services.tokens.close()
                services.audit.close()
                services.semantics.close()
        finally:
            vectors.close()
    finally:
        database.close()


def make_services(settings: Settings, database: Database, vectors: VectorStore) -> Services:
    """The gateway's services over stores that are open already; `models` is started by the gateway, in its event loop."""
    metrics = Metrics()
    semantics = Semantics(
        open_embedder(settings.embeddings),
        open_scorer(settings.rerank),
        dense_weight=settings.embeddings.weight,
        scored=settings.rerank.passages,
        on_failure=metrics.observe_model_failure,
    )
    audit = AuditLog(settings, database)
    tokens = TokenVerifier(database, settings.access.oidc, audit)
    keys = Credentials(database, KeyRing(settings.home), settings.access, tokens)
    return Services(
        settings=settings,
        database=database,
        vectors=vectors,
        jobs=JobQueue(settings),
        rag=RagPipeline(settings.answers, semantics, settings.dialects, settings.dialects_path),
        blobs=BlobStore(settings.blobs_path),
        keys=keys,
        metrics=metrics,
        models=Models(settings, metrics.registry),
        semantics=semantics,
        audit=audit,
        tokens=tokens,
        sign_ins=SignIns(settings.access, database, keys.ring, keys.sessions, audit),
        guard=GuardModel(settings.safety.guard),
        pages=PageImages(),
        quotas=QuotaKeeper(settings.quotas, database, metrics, keys.ring.digest),
    )


def _warm_up(services: Services) -> None:
    services.rag.warm_up()
    services.semantics.warm_up()
    # What was loaded stays. The collector would look at all of it again and again, a quarter of a second in which nobody is answered.
    gc.collect()
    gc.freeze()
