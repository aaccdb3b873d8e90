"""The vector store that the settings ask for."""

from __future__ import annotations

from vernacular.errors import InvalidSetting
from vernacular.settings import Settings
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.protocol import VectorStore
from vernacular.vectors.store import QdrantStore
from vernacular.vectors.supervise import OwnerProcess
from vernacular.vectors.wire import socket_path


class OwningStore(QdrantStore):
    """A store that keeps an owner process running as long as it is open."""

    def __init__(self, driver: EdgeDriver, owner: OwnerProcess) -> None:
        super().__init__(driver)
        self._owner = owner

    def close(self) -> None:
        super().close()
        self._owner.stop()


def owner_process(settings: Settings) -> OwnerProcess:
    """The supervisor of the owner process of `settings`; not started."""
    path = settings.vectors_path
    return OwnerProcess(path, socket_path(path), open_shards=settings.vectors.open_shards)


def open_store(settings: Settings, *, own: bool = True) -> VectorStore:
    """The store that `settings` ask for.

    `own`: with embedded vectors, start the owner process unless one already runs, and keep it running until the store
    is closed; False: connect to one that another process keeps. Calls wait some seconds for it, then raise
    VectorStoreDown.
    """
    if settings.vectors.mode == "server":
        return _server_store(settings)
    driver = EdgeDriver(socket_path(settings.vectors_path))
    if not own:
        return QdrantStore(driver)
    owner = owner_process(settings)
    owner.start()
    return OwningStore(driver, owner)


def _server_store(settings: Settings) -> VectorStore:
    if not settings.vectors.url:
        raise InvalidSetting(
            "VERNACULAR_VECTORS__URL is empty, and mode `server` needs the address of a Qdrant server.",
            "Set it, e.g. http://qdrant:6333, or use mode `edge`.",
        )
    from vernacular.vectors.server import open_server  # noqa: PLC0415 - its client takes 80 MB

    return open_server(settings.vectors)
