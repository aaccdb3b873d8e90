"""The one place where ingest's parts are put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from ingest.learn import Learner
from ingest.parse.sandbox import SandboxedParser
from ingest.pictures import may_be_picture
from ingest.pipeline import Pipeline
from ingest.reindex import Reindexer
from ingest.sources.web import Web, is_taken
from ingest.store import DocumentStore
from ingest.turns import Turns
from vernacular.audit.log import AuditLog
from vernacular.blobs import BlobStore
from vernacular.db.migrate import migrate
from vernacular.db.session import Database, open_database
from vernacular.dialects.documents import CurrentGlosser
from vernacular.embeddings.factory import open_embedder
from vernacular.embeddings.protocol import Embedder
from vernacular.fetching import Fetcher
from vernacular.settings import FetchSettings, Settings
from vernacular.vectors.factory import open_store
from vernacular.vectors.protocol import VectorStore
from vernacular.vision import Describer

PICTURE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work with."""

    settings: Settings
    database: Database
    vectors: VectorStore
    store: DocumentStore
    pipeline: Pipeline
    reindexer: Reindexer
    parser: SandboxedParser
    describer: Describer
    learner: Learner
    audit: AuditLog
    web: Web
    image_web: Web
    turns: Turns
    embedder: Embedder | None = None


@contextmanager
def opened_parts(
    settings: Settings, vectors: VectorStore | None = None, embedder: Embedder | None = None
) -> Iterator[Parts]:
    """All parts, on a database of this version's schema; `vectors` and `embedder` stay the caller's to close.

    Raises:
        MigrationFailed, InvalidSetting: the database cannot be used.
        VectorStoreDown: the vector store does not start.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        migrate(database)
        if vectors is None:
            vectors = open_store(settings)
            stack.callback(vectors.close)
        if embedder is None:
            embedder = open_embedder(settings.embeddings)
            if embedder is not None:
                stack.callback(embedder.close)
        gloss = CurrentGlosser(settings.dialects_path).gloss if settings.dialects.documents else None
        store = DocumentStore(
            database, vectors, BlobStore(settings.blobs_path), embedder, gloss, quotas=settings.quotas
        )
        options = settings.ingest
        parser = SandboxedParser(memory_mb=options.parser_memory_mb, timeout_s=options.parser_timeout_s)
        stack.callback(parser.close)
        describer = stack.enter_context(Describer(settings))
        pipeline, reindexer = Pipeline(options, store), Reindexer(database, vectors, embedder, gloss)
        learner, web = Learner(database), Fetcher(settings.fetch, is_taken)
        image_web = Fetcher(_for_pictures(settings), may_be_picture)
        audit = AuditLog(settings, database)
        stack.callback(audit.close)
        yield Parts(
            settings,
            database,
            vectors,
            store,
            pipeline,
            reindexer,
            parser,
            describer,
            learner,
            audit,
            web,
            image_web,
            Turns(options.concurrency),
            embedder,
        )


def _for_pictures(settings: Settings) -> FetchSettings:
    """As documents are fetched, but a feed may name thousands: none of them is waited for so long."""
    fetch = settings.fetch
    largest, patience = min(fetch.max_mb, settings.ingest.picture_mb), min(fetch.timeout_s, PICTURE_S)
    return fetch.model_copy(update={"max_mb": largest, "timeout_s": patience})
