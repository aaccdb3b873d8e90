"""Which packs there are: Vernacular's own, those of plugins, and what an operator imported under `home/dialects`.

A plugin is a package with an entry point in the group `vernacular.dialects` that names a package holding folders of packs.
Its pack takes the place of one of Vernacular's of the same tag. Imported dictionaries
(`home/dialects/<tag>/<name>.tsv`, in the form of `lexicon.tsv`) add to a pack.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module, metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from vernacular.dialects.pack import Entry, Pack, read_lexicon, read_pack
from vernacular.errors import InvalidPack, UnknownDialect

GROUP: Final = "vernacular.dialects"


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
    added = {folder.name: _imported(folder) for folder in sorted(imported.iterdir()) if folder.is_dir()}
    return Registry(replace(pack, lexicon=(*pack.lexicon, *added.get(pack.tag, ()))) for pack in built_in())


def _imported(folder: Path) -> tuple[Entry, ...]:
    return tuple(
        entry
        for file in sorted(folder.glob("*.tsv"))
        for entry in read_lexicon(file.read_text(encoding="utf-8"), f"{folder.name}/{file.name}")
    )


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
