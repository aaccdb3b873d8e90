"""Which column of a product feed means what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ingest.sources.files import MAPPING, MAPPING_NAME
from vernacular.errors import InvalidRecord

_SINGLE = ("id", "title", "uri", "language", "groups", "valid_from", "valid_until", "picture")
_MANY = ("text", "metadata")
# Column names in the order of preference, compared without case, spaces, `-` and `_`.
_OBVIOUS: dict[str, tuple[str, ...]] = {
    "id": ("id", "sku", "productid", "itemid", "gtin", "ean", "编号", "商品编号", "編號", "货号", "رقمالمنتج"),
    "title": ("title", "name", "productname", "nombre", "商品名称", "商品名稱", "名称", "名稱", "品名", "标题", "標題", "اسمالمنتج", "الاسم"),
    "text": ("description", "descripcion", "descripción", "body", "text", "details", "longdescription", "shortdescription",
             "描述", "商品描述", "说明", "說明", "详情", "介绍", "الوصف"),
    "uri": ("uri", "url", "link", "producturl", "链接", "連結", "网址"),
    "language": ("language", "lang", "locale"),
    "picture": ("picture", "image", "imagelink", "imageurl", "pictureurl", "photo", "imagen", "foto", "图片", "圖片", "主图", "主圖",
                "商品图片", "商品圖片", "صورة", "الصورة"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """Column names by meaning. `metadata` empty: every column that means nothing else."""

    id: str
    title: str | None = None
    text: tuple[str, ...] = ()
    uri: str | None = None
    language: str | None = None
    groups: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    metadata: tuple[str, ...] = ()
    picture: str | None = None


def mapping_of(fields: Mapping[str, Any]) -> FeedMapping:
    """`{"id": "sku", "title": "name", "text": ["description"], "uri": "url", "metadata": ["price"]}`. Raises InvalidRecord."""
    unknown = [name for name in fields if name not in (*_SINGLE, *_MANY)]
    if unknown:
        raise InvalidRecord(
            f"The mapping names `{unknown[0]}`, which means nothing.", f"Use {', '.join((*_SINGLE, *_MANY))}."
        )
    if not isinstance(fields.get("id"), str):
        raise InvalidRecord("The mapping does not say which column is the `id`.", 'Add e.g. `"id": "sku"`.')
    single = {name: _column(name, fields[name]) for name in _SINGLE if fields.get(name) is not None}
    many = {name: _columns(name, fields[name]) for name in _MANY if fields.get(name) is not None}
    return FeedMapping(**single, **many)  # type: ignore[arg-type]


def read_mapping(feed: Path) -> FeedMapping | None:
    """The mapping in `NAME.mapping.json` beside `feed`, else in the folder's `mapping.json`. Raises InvalidRecord."""
    for path in (
        feed.with_name(feed.name + MAPPING),
        feed.with_name(feed.stem + MAPPING),
        feed.with_name(MAPPING_NAME),
    ):
        if path.is_file():
            return load_mapping(path)
    return None


def load_mapping(path: Path, name: str = "") -> FeedMapping:
    """The mapping in that file, which is called `name` if not so. Raises InvalidRecord."""
    called = name or path.name
    try:
        fields = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidRecord(f"`{called}` is no valid JSON: {error.msg}.", "Correct the mapping.") from error
    if not isinstance(fields, dict):
        raise InvalidRecord(f"`{called}` must hold one JSON object.", "Correct the mapping.")
    return mapping_of(fields)


def guess_mapping(columns: Iterable[str]) -> FeedMapping | None:
    """The mapping that obvious column names suggest; None without an id and a title or text."""
    plain = {_plain(column): column for column in reversed(list(columns))}
    found = {meaning: [plain[name] for name in names if name in plain] for meaning, names in _OBVIOUS.items()}
    if not found["id"] or not (found["title"] or found["text"]):
        return None

    def first(meaning: str) -> str | None:
        return found[meaning][0] if found[meaning] else None

    return FeedMapping(
        found["id"][0], first("title"), tuple(found["text"]), first("uri"), first("language"), picture=first("picture")
    )


def _plain(column: str) -> str:
    return column.casefold().translate({ord(mark): None for mark in " -_."})


def _column(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidRecord(f"`{name}` in the mapping must be a column name.", f'Write e.g. `"{name}": "column"`.')
    return value


def _columns(name: str, value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise InvalidRecord(
            f"`{name}` in the mapping must be a list of column names.", f'Write e.g. `"{name}": ["column"]`.'
        )
    return tuple(values)
