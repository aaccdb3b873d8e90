"""Which packs there are: Vernacular's own, those of plugins, and what an operator imported under `home/dialects`.

A plugin is a package with an entry point in the group `vernacular.dialects` that names a package holding folders of packs.
Its pack takes the place of one of Vernacular's of the same tag. Imported dictionaries
(`home/dialects/<tag>/<name>.tsv`, in the form of `lexicon.tsv`) add to a pack.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module, metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from vernacular.dialects.pack import Entry, Pack, read_lexicon, read_pack
from vernacular.errors import InvalidPack, UnknownDialect

GROUP: Final = "vernacular.dialects"

Stamp = tuple[tuple[str, int, int], ...]

_LOG: Final = logging.getLogger(__name__)


class Registry:
    """The packs of one installation, by tag. Immutable: a change of what is on disk is a new registry."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self._packs: dict[str, Pack] = {pack.tag: pack for pack in packs}
        self._aliases = {
            alias.casefold(): pack.tag for pack in self._packs.values() for alias in (*pack.manifest.aliases, pack.tag)
        }

    def __iter__(self) -> Iterator[Pack]:
        return iter(sorted(self._packs.values(), key=lambda pack: pack.tag))

    def find(self, tag: str) -> Pack | None:
        """The pack that `tag` means: by its own tag, an alias, or the longest prefix of `tag` that is one of these."""
        parts = tag.casefold().split("-")
        for length in range(len(parts), 0, -1):
            if found := self._aliases.get("-".join(parts[:length])):
                return self._packs[found]
        return None

    def get(self, tag: str) -> Pack:
        """
        Raises:
            UnknownDialect: there is no such pack.
        """
        if found := self.find(tag):
            return found
        raise UnknownDialect(f"There is no dialect pack {tag!r}.", f"There are: {', '.join(sorted(self._packs))}.")

    def of_family(self, family: str) -> list[Pack]:
        """The packs of a language, by tag."""
        return [pack for pack in self if pack.manifest.family == family]

    def standards(self, family: str) -> list[Pack]:
        """The packs of a language's standard forms, by tag."""
        return [pack for pack in self.of_family(family) if not pack.manifest.standard]

    def chain(self, pack: Pack) -> list[Pack]:
        """The pack, what it extends, and its standard language with what that extends: nearest first, each once."""
        found = [pack]
        for each in found:
            for tag in (each.manifest.extends, each.manifest.standard):
                base = self._packs.get(tag)
                if base is not None and base not in found:
                    found.append(base)
        return found


@functools.cache
def built_in() -> Registry:
    """Vernacular's own packs and those of plugins.

    Raises:
        InvalidPack: a plugin's pack cannot be read.
    """
    return Registry(_installed())


def open_registry(imported: Path | None = None) -> Registry:
    """All packs, with the dictionaries imported under the folder `imported`.

    Raises:
        InvalidPack: a pack or an imported dictionary cannot be read.
    """
    if imported is None or not imported.is_dir():
        return built_in()
    return _with_imported(imported)


class CurrentRegistry:
    """The registry of a folder of imported dictionaries as it is now: looked at before each use, read when it changed.

    Safe to share between threads. While nothing changes it gives the same object, which others may compile once.
    """

    def __init__(self, imported: Path) -> None:
        self._imported = imported
        self._lock = threading.Lock()
        self._stamp: Stamp = ()
        self._registry: Registry | None = None

    def get(self) -> Registry:
        """A dictionary that cannot be read is logged and changes nothing: questions must go on being answered.

        Raises:
            InvalidPack: a pack of Vernacular's own or of a plugin cannot be read.
        """
        stamp = _stamp(self._imported)
        with self._lock:
            if self._registry is None or stamp != self._stamp:
                self._registry, self._stamp = self._read(), stamp
            return self._registry

    def _read(self) -> Registry:
        before = self._registry or built_in()
        try:
            return open_registry(self._imported)
        except (InvalidPack, OSError) as error:
            _LOG.warning("imported dictionaries are left as they were: %s", error)
            return before


@functools.cache
def _current(imported: Path) -> CurrentRegistry:
    return CurrentRegistry(imported)


def current(imported: Path | None) -> Registry:
    """The registry with the dictionaries that are under the folder `imported` at this moment; see `CurrentRegistry`."""
    return built_in() if imported is None else _current(imported).get()


def _stamp(folder: Path) -> Stamp:
    """What tells that a dictionary came, went or changed: each file's name, time and size."""
    try:
        tags = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
        files = [entry for tag in tags for entry in os.scandir(tag) if entry.name.endswith(".tsv")]
        stats = [(entry.path, entry.stat()) for entry in files]
    except OSError:  # none was imported, or one goes away at this moment
        return ()
    return tuple(sorted((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats))


def _with_imported(imported: Path) -> Registry:
    added = {folder.name: _imported(folder) for folder in sorted(imported.iterdir()) if folder.is_dir()}
    return Registry(replace(pack, lexicon=(*pack.lexicon, *added.get(pack.tag, ()))) for pack in built_in())


def _imported(folder: Path) -> tuple[Entry, ...]:
    return tuple(
        entry
        for file in sorted(folder.glob("*.tsv"))
        for entry in read_lexicon(_text(file), f"{folder.name}/{file.name}")
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidPack(f"{file.parent.name}/{file.name} is not UTF-8.") from None


def _installed() -> Iterator[Pack]:
    packs: dict[str, Pack] = {pack.tag: pack for pack in _in_folder(resources.files("vernacular.dialects.packs"))}
    given_by: dict[str, str] = {}
    for entry_point in metadata.entry_points(group=GROUP):
        for pack in _in_folder(_folder_of(entry_point)):
            if pack.tag in given_by:
                raise InvalidPack(
                    f"The plugins {given_by[pack.tag]} and {entry_point.name} both give {pack.tag}.",
                    "Uninstall one of them.",
                )
            given_by[pack.tag] = entry_point.name
            packs[pack.tag] = pack
    yield from packs.values()


def _folder_of(entry_point: metadata.EntryPoint) -> Traversable:
    try:
        return resources.files(import_module(entry_point.value))
    except (ImportError, TypeError) as error:
        raise InvalidPack(
            f"The plugin {entry_point.name} ({entry_point.value}) cannot be loaded: {error}.",
            "Uninstall it, or have its maker correct it.",
        ) from None


def _in_folder(folder: Traversable) -> Iterator[Pack]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir() and entry.joinpath("pack.toml").is_file():
            yield read_pack(entry)
