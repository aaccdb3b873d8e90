"""Pages of PDF files as pictures. The files are strangers': they are read in a confined process alone."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from serve.page_images.passages import Passage
from serve.page_images.turns import Turns
from vernacular.confined.process import ConfinedProcess
from vernacular.errors import NotFound, ParserCrashed, ParserTimeout, TooLarge, VernacularError

LARGEST_FILE: Final = 64 << 20
_MEMORY_MB: Final = 512
_TIMEOUT_S: Final = 10.0
_MOST_PAGES: Final = 200
_IDLE_S: Final = 20.0
_KEPT_BYTES: Final = 32 << 20
_KEPT_S: Final = 600.0
_TRAP_S: Final = 60.0
_MOST_TRAPS: Final = 1000


@dataclass(frozen=True, slots=True)
class PageImage:
    """A PNG; `marked`: whether the passage was found on it."""

    data: bytes
    marked: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A page of a document, whose file is the one of that digest, and the passage to mark."""

    tenant_id: str
    document_id: str
    digest: str
    filename: str
    page: int
    width: int
    passage: Passage | None = None


class PageImages:
    """Renders pages, and remembers the last ones for some minutes. Whoever asks must have seen that the caller may read the document."""

    def __init__(self, *, memory_mb: int = _MEMORY_MB, timeout_s: float = _TIMEOUT_S) -> None:
        self._process = ConfinedProcess(
            "serve.page_images.child", memory_mb=memory_mb, timeout_s=timeout_s, most=_MOST_PAGES, idle_s=_IDLE_S
        )
        self._kept: OrderedDict[tuple[str, ...], tuple[float, PageImage]] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._turns = Turns()
        self._traps: OrderedDict[tuple[str, ...], tuple[float, VernacularError]] = OrderedDict()
        self._tenant = ""

    def close(self) -> None:
        self._process.close()

    async def page_in_turn(self, wish: Wish, opened: Callable[[], BinaryIO]) -> PageImage:
        """As `page`; what must be rendered waits until it is the tenant's turn.

        Raises:
            TooManyRequests: the tenant has as many pages waiting as may be.
        """
        kept = self._remembered(_name(wish))
        if kept is not None:
            return kept
        return await self._turns.take(wish.tenant_id, partial(self.page, wish, opened))

    def page(self, wish: Wish, opened: Callable[[], BinaryIO]) -> PageImage:
        """`opened` gives the file, which is closed here. A page that ended the process, or took too long, is not tried again for a while.

        Raises:
            NotFound: the file has no such page.
            UnreadableFile, ParserTimeout, ParserCrashed, TooLarge: it cannot be rendered.
        """
        name = _name(wish)
        kept = self._remembered(name)
        if kept is not None:
            return kept
        self._check_trap(name)
        with opened() as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise TooLarge("The file is too large to be shown page by page.", "Read the document's text in its place.")
        try:
            image = self._rendered(wish, data)
        except (ParserTimeout, ParserCrashed) as error:
            self._note_trap(name, error)
            raise
        self._remember(name, image)
        return image

    def forget(self, tenant_id: str, document_id: str = "") -> None:
        """Let go of all that was rendered of a document, or of a tenant's documents."""
        with self._lock:
            for name in [each for each in self._kept if each[0] == tenant_id and document_id in ("", each[1])]:
                self._drop(name)

    def _rendered(self, wish: Wish, data: bytes) -> PageImage:
        passage = wish.passage
        request = {
            "data": data,
            "filename": wish.filename,
            "page": wish.page,
            "width": wish.width,
            "passage": (passage.text, passage.before, passage.after) if passage else (),
        }
        with self._turn:
            # What one tenant's file may have made of the process must not see another's.
            strange, self._tenant = self._tenant != wish.tenant_id, wish.tenant_id
            answer = self._process.ask(request, fresh=strange)
        if "image" not in answer:
            raise NotFound(f"There is no page {wish.page}: the document has {answer['pages']}.")
        return PageImage(answer["image"], answer["marked"])

    def _check_trap(self, name: tuple[str, ...]) -> None:
        with self._lock:
            at, error = self._traps.get(_page_of(name), (0.0, None))
        if error is not None and time.monotonic() - at <= _TRAP_S:
            raise type(error)(error.message, error.hint)

    def _note_trap(self, name: tuple[str, ...], error: VernacularError) -> None:
        with self._lock:
            self._traps[_page_of(name)] = time.monotonic(), error
            while len(self._traps) > _MOST_TRAPS:
                self._traps.popitem(last=False)

    def _remembered(self, name: tuple[str, ...]) -> PageImage | None:
        with self._lock:
            at, image = self._kept.get(name, (0.0, None))
            if image is None:
                return None
            if time.monotonic() - at > _KEPT_S:
                self._drop(name)
                return None
            self._kept.move_to_end(name)
            return image

    def _remember(self, name: tuple[str, ...], image: PageImage) -> None:
        with self._lock:
            if name in self._kept:
                self._drop(name)
            self._kept[name] = time.monotonic(), image
            self._held += len(image.data)
            while self._held > _KEPT_BYTES:
                self._drop(next(iter(self._kept)))

    def _drop(self, name: tuple[str, ...]) -> None:
        self._held -= len(self._kept.pop(name)[1].data)


def _name(wish: Wish) -> tuple[str, ...]:
    """Tenant and document first: by these it is forgotten. A file that replaced another has another digest."""
    passage = wish.passage
    said = "\0".join((passage.text, passage.before, passage.after)) if passage else ""
    mark = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    return wish.tenant_id, wish.document_id, wish.digest, str(wish.page), str(wish.width), mark


def _page_of(name: tuple[str, ...]) -> tuple[str, ...]:
    """Whatever its width and its passage."""
    return name[:4]
