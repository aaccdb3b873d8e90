"""Where the pictures are that a feed names: addresses on the web, or files beside the feed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ingest.sources.items import Item, Product

_ADDRESSES: Final = ("http://", "https://")
Picture = Path | str
"""A file, or an address; where a name leads nowhere, the name."""


def is_address(name: str) -> bool:
    return name.lower().startswith(_ADDRESSES)


def in_folder(folder: Path, name: str) -> Path | None:
    """The file of that name in the folder or below; None: there is none, or it leads out."""
    try:
        root = folder.resolve()
        path = (root / name.replace("\\", "/")).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):
        return None


def beside(feed: str, name: str) -> str:
    """What the file that `feed` calls `name` is called where the feed itself is called so; "" for what leads out."""
    called = posixpath.normpath(posixpath.join(posixpath.dirname(feed), name.replace("\\", "/")))
    return "" if called.startswith(("/", "../")) or called == ".." else called


def picture_of(item: Item, folder: Path, files: Mapping[str, str] | None, feed: str) -> Picture | None:
    """Of a product; `files`: where those lie that came with the feed, by their names, else they are in `folder`."""
    if not isinstance(item, Product):
        return None
    name = item.picture
    if is_address(name):
        return name
    if files is None:
        return in_folder(folder, name) or name
    found = files.get(beside(feed, name))
    return Path(found) if found else name


def named(items: Iterable[Item]) -> set[str]:
    """The files that products name."""
    return {item.picture for item in items if isinstance(item, Product) and not is_address(item.picture)}
