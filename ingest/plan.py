"""From the items of a job's spec to parts small enough for a step, and from a part to its documents.

A plan names every file and every position that will be read. It is kept with the job, so that a job that is run again
reads the same parts in the same order, whatever has become of a folder meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final, Literal

import orjson

from ingest.describe import Description, describe
from ingest.sources.archives import ArchiveReader, Unpacked, Unpacker, is_called_archive
from ingest.sources.feed import FeedSource
from ingest.sources.files import MAPPING, FileSource, Parser, described, read_sidecar
from ingest.sources.items import Batch, Item, SourceError
from ingest.sources.mapping import load_mapping, mapping_of, read_mapping
from ingest.sources.pictures import Picture, beside, in_folder, named, picture_of
from ingest.sources.records import RecordSource
from ingest.sources.web import WebSource
from vernacular.errors import BadRequest, InvalidRecord, NoSuchPath, UnreadableFile, VernacularError
from vernacular.types import Document

FILES_A_STEP: Final = 8
RECORDS_A_STEP: Final = 1000
"""Records of a file in an archive that are read together."""
"""Files can take seconds each to parse, and progress is seen by the step."""
RECORD_SUFFIXES: Final = (".ndjson", ".jsonl")
FEED_SUFFIXES: Final = (".csv", ".tsv", ".json")


@dataclass(frozen=True, slots=True)
class Part:
    """`count` items. `names`: files under `path`; `batch`: a piece of the records or the feed at `path`.

    Of a `member` of an archive, which lies at `path`, `names` are its own and the path of what describes it, or "". Of a `feed` in an
    archive they are its own, and the paths of its mapping and of an index of the archive. Of a `page` on the web `path` is the
    address.
    """

    kind: Literal["records", "feed", "files", "upload", "member", "page", "broken"]
    item: int
    path: str
    count: int = 1
    batch: Batch | None = None
    names: tuple[str, ...] = ()
    error: SourceError | None = None

    @property
    def names_its_errors(self) -> bool:
        """Whether an error's id is that of the document it stands for, rather than the number of a line."""
        return self.kind in ("files", "upload", "member", "page")

    @property
    def stage(self) -> str:
        return "parsing" if self.names_its_errors else "indexing"


@dataclass(frozen=True, slots=True)
class Read:
    """An item, the file that it was read from if that is worth keeping, and where the picture of a product is to be had."""

    item: Item
    original: Path | None = None
    picture: Picture | None = None


class Items:
    """The items of one job. `folder` holds what was uploaded for it.

    Without `archives` none are opened, and without `web` nothing is fetched.
    """

    def __init__(
        self,
        items: Sequence[Mapping[str, Any]],
        folder: Path,
        parser: Parser,
        archives: ArchiveReader | None = None,
        web: WebSource | None = None,
    ) -> None:
        self._items = items
        self._folder = folder
        self._parser = parser
        self._archives = archives
        self._web = web
        self._files: dict[str, FileSource] = {}
        self._opened = 0
        self._feed: tuple[str, int, Iterator[Item]] | None = None

    def plan(self, size: int) -> list[Part]:
        """Everything to read, `size` records at a time.

        Raises:
            NoSuchPath, BadRequest: an item is not there, or is of no kind there is.
        """
        pictures = self._sent_pictures()
        return [
            part
            for number, item in enumerate(self._items)
            if item.get("filename") not in pictures
            for part in self._parts(number, item, size)
        ]

    def read(self, part: Part) -> Iterator[Read]:
        """The items of a part, lazily; one that cannot be read comes as a SourceError."""
        if part.error is not None:
            yield Read(part.error)
        elif part.kind == "upload":
            yield self._read_upload(part)
        elif part.kind == "member":
            yield self._read_member(part)
        elif part.kind == "page":
            yield self._read_page(part)
        elif part.kind == "files":
            source = self._file_source(part.path)
            for name in part.names:
                item = source.read_one(name)
                yield Read(item, _root(Path(part.path)) / name)
        elif part.batch is not None and part.kind == "records":
            yield from map(Read, RecordSource(Path(part.path)).read(part.batch))
        elif part.batch is not None:
            folder, files, name = Path(part.path).parent, self._beside(part), self._feed_name(part)
            for item in self._read_feed(part):
                yield Read(item, picture=picture_of(item, folder, files, name))

    def _parts(self, number: int, item: Mapping[str, Any], size: int) -> Iterator[Part]:
        if item.get("kind") == "url":
            yield Part("page", number, str(item.get("uri") or ""))
            return
        path = self._path(item)
        if not path.exists():
            raise NoSuchPath(f"There is no file or folder `{item.get('path') or item.get('filename') or path.name}`.")
        match item.get("kind"):
            case "records":
                yield from _batched("records", number, path, RecordSource(path), size)
            case "feed":
                yield from _batched("feed", number, path, self._feed_source(number, path), size)
            case "file":
                name = str(item.get("filename") or path.name)
                yield from self._parts_of_archive(number, path, name, size) or (Part("upload", number, str(path)),)
            case "path":
                yield from self._parts_of_path(number, path, size)
            case other:
                raise BadRequest(f"An item of a job cannot be of the kind {other!r}.")

    def _parts_of_path(self, number: int, path: Path, size: int) -> Iterator[Part]:
        """What a file or folder holds: records and feeds by their names and mappings, documents otherwise."""
        source, root = self._file_source(str(path)), _root(path)
        for problem in source.problems():
            yield Part("broken", number, problem.source_id, error=problem)
        plain: list[str] = []
        kinds = {name: self._kind(number, root / name) for name in source.paths()}
        pictures = self._pictures_in(number, root, [name for name, kind in kinds.items() if kind == "feed"])
        for name, kind in kinds.items():
            file = root / name
            if file in pictures:
                continue
            if kind == "files":
                unpacked = self._parts_of_archive(number, file, name, size)
                if unpacked is None:
                    plain.append(name)
                else:
                    yield from unpacked
                continue
            try:
                opened = RecordSource(file) if kind == "records" else self._feed_source(number, file)
                yield from list(_batched(kind, number, file, opened, size))
            except VernacularError as error:
                yield Part("broken", number, str(file), error=SourceError.of(name, error))
        for start in range(0, len(plain), FILES_A_STEP):
            names = tuple(plain[start : start + FILES_A_STEP])
            yield Part("files", number, str(path), len(names), names=names)

    def _parts_of_archive(self, number: int, file: Path, name: str, size: int) -> list[Part] | None:
        """What the files in an archive are; None: it is none."""
        if self._archives is None or not is_called_archive(name):
            return None
        self._opened += 1
        try:
            unpacker = Unpacker(self._archives, self._folder / f"archive-{self._opened:04d}")
            contents = unpacker.unpack(file, name)
        except OSError as error:
            told = f"`{name}` cannot be unpacked: {error.strerror or 'it cannot be read'}."
            return [Part("broken", number, name, error=SourceError(name, UnreadableFile.name, told))]
        if contents is None:
            return None
        feeds = {
            each.file: each for each in contents.files if each.mapping and each.name.lower().endswith(FEED_SUFFIXES)
        }
        index = str(unpacker.index(contents)) if feeds else ""
        pictures = {beside(feed.name, each) for feed in feeds.values() for each in self._named_in(feed)}
        parts: list[Part] = []
        for problem in contents.problems:
            # A file that is there but cannot be read has a name; what an archive that is torn held has none.
            parts.append(Part("member" if contents.whole else "broken", number, problem.source_id, error=problem))
        for each in contents.files:
            if each.name in pictures:
                continue
            if each.file in feeds:
                parts += self._parts_of_archived_feed(number, each, index, size)
            elif each.name.lower().endswith(RECORD_SUFFIXES):
                parts += _batched("records", number, Path(each.file), RecordSource(Path(each.file)), RECORDS_A_STEP)
            else:
                parts.append(Part("member", number, each.file, names=(each.name, each.sidecar)))
        return parts

    def _parts_of_archived_feed(self, number: int, feed: Unpacked, index: str, size: int) -> list[Part]:
        names = (feed.name, feed.mapping, index)
        try:
            opened = _archived_feed(feed.file, feed.name, feed.mapping)
            return [replace(part, names=names) for part in _batched("feed", number, Path(feed.file), opened, size)]
        except VernacularError as error:
            return [Part("member", number, feed.file, error=SourceError.of(feed.name, error))]

    def _named_in(self, feed: Unpacked) -> set[str]:
        """Files that a feed in an archive names as pictures; one that cannot be read names none, and says so later."""
        try:
            source = _archived_feed(feed.file, feed.name, feed.mapping)
            return named(source) if source.has_pictures else set()
        except VernacularError:
            return set()

    def _pictures_in(self, number: int, root: Path, feeds: Sequence[str]) -> set[Path]:
        """Files below a folder that its feeds name as pictures: they are no documents."""
        found: set[Path] = set()
        for name in feeds:
            try:
                source = self._feed_source(number, root / name)
                pictures = named(source) if source.has_pictures else set()
            except VernacularError:
                continue  # opening it says why
            files = {in_folder((root / name).parent, each) for each in pictures}
            found |= {path for path in files if path is not None}
        inside = root.resolve()
        return {root / path.relative_to(inside) for path in found}

    def _sent_pictures(self) -> set[str]:
        """What the files are called that were sent beside a feed, as its pictures."""
        found: set[str] = set()
        for number, item in enumerate(self._items):
            name = str(item.get("filename") or "")
            if item.get("kind") != "feed" or not name:
                continue
            try:
                source = self._feed_source(number, self._path(item))
                found |= {beside(name, each) for each in named(source)} if source.has_pictures else set()
            except VernacularError:
                continue
        return found - {""}

    def _kind(self, number: int, file: Path) -> Literal["records", "feed", "files"]:
        suffix = file.suffix.lower()
        if suffix in (*FEED_SUFFIXES, *RECORD_SUFFIXES) and self._items[number].get("mapping"):
            return "feed"
        if suffix in RECORD_SUFFIXES:
            return "records"
        try:
            return "feed" if suffix in FEED_SUFFIXES and read_mapping(file) is not None else "files"
        except InvalidRecord:
            return "feed"  # whose mapping cannot be read: opening it says why

    def _path(self, item: Mapping[str, Any]) -> Path:
        if item.get("path"):
            return Path(item["path"])
        name = str(item.get("file") or "")
        if not name or name != Path(name).name or name in (".", ".."):
            raise BadRequest(f"{name!r} does not name an uploaded file.")
        return self._folder / name

    def _file_source(self, path: str) -> FileSource:
        if path not in self._files:
            self._files[path] = FileSource(Path(path), self._parser)
        return self._files[path]

    def _feed_source(self, number: int, path: Path) -> FeedSource:
        item = self._items[number]
        mapping = item.get("mapping")
        return FeedSource(path, mapping_of(mapping) if mapping else None, str(item.get("filename") or ""))

    def _feed_name(self, part: Part) -> str:
        return part.names[0] if part.names else str(self._items[part.item].get("filename") or "")

    def _beside(self, part: Part) -> dict[str, str] | None:
        """Where the files lie that came with a feed, by their names; None: in its folder."""
        if part.names:
            files: dict[str, str] = orjson.loads(Path(part.names[2]).read_bytes())
            return files
        if self._items[part.item].get("path"):
            return None
        sent = (item for item in self._items if item.get("filename"))
        return {str(item["filename"]): str(self._path(item)) for item in sent}

    def _read_feed(self, part: Part) -> Iterator[Item]:
        """A feed can only be read from its start, so the place reached is kept for the part that follows."""
        batch = part.batch
        assert batch is not None
        kept, self._feed = self._feed, None
        if kept is not None and kept[:2] == (part.path, batch.first):
            items = kept[2]
        else:
            items = iter(self._opened_feed(part))
            for _ in range(batch.first):
                next(items, None)
        for _ in range(batch.count):
            item = next(items, None)
            if item is None:
                return
            yield item
        self._feed = (part.path, batch.first + batch.count, items)

    def _opened_feed(self, part: Part) -> FeedSource:
        if part.names:
            return _archived_feed(part.path, part.names[0], part.names[1])
        return self._feed_source(part.item, Path(part.path))

    def _read_member(self, part: Part) -> Read:
        name, sidecar = part.names
        path = Path(part.path)
        try:
            said = describe(self._items[part.item].get("described") or {})
            document = self._parser.parse(path.read_bytes(), PurePath(name).name)
            source_id = name if document.source_id == PurePath(name).name else document.source_id
            found = described(replace(document, source_id=source_id, filename=name), said)
            return Read(described(found, describe(read_sidecar(Path(sidecar))) if sidecar else Description()), path)
        except VernacularError as error:
            return Read(SourceError.of(name, error))

    def _read_page(self, part: Part) -> Read:
        if self._web is None:
            raise BadRequest("Nothing is fetched here.")
        file = self._folder / f"page-{part.item:04d}"
        try:
            said = describe(self._items[part.item].get("described") or {})
        except VernacularError as error:
            return Read(SourceError.of(part.path, error))
        item = self._web.read(part.path, said, file)
        return Read(item, file if isinstance(item, Document) else None)

    def _read_upload(self, part: Part) -> Read:
        item, path = self._items[part.item], Path(part.path)
        filename = str(item.get("filename") or path.name)
        name = str(item.get("source_id") or filename)
        try:
            said = describe(item.get("described") or {})
            document = self._parser.parse(path.read_bytes(), filename, item.get("media_type"))
        except VernacularError as error:
            return Read(SourceError.of(name, error))
        own = document.source_id if document.source_id != filename else name
        source_id = str(item["source_id"]) if item.get("source_id") else own
        return Read(described(replace(document, source_id=source_id, filename=filename), said), path)


def _archived_feed(file: str, name: str, mapping: str) -> FeedSource:
    return FeedSource(Path(file), load_mapping(Path(mapping), f"{name}{MAPPING}"), PurePath(name).name)


def _root(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _batched(
    kind: Literal["records", "feed"], number: int, path: Path, source: RecordSource | FeedSource, size: int
) -> Iterator[Part]:
    for batch in source.batches(size):
        yield Part(kind, number, str(path), batch.count, batch)
