"""JSON and XML files as readable text: `path: value` lines, tables where objects repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from ingest.parse.draft import Draft, text_draft
from ingest.parse.encoding import decode
from ingest.parse.tables import markdown_table
from vernacular.errors import UnreadableFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_DEPTH = 60
_MAX_CELL = 120
_TITLES = ("title", "name", "headline", "标题", "標題", "名称", "名稱")


def read_json(data: bytes, filename: str) -> Draft:
    try:
        value = orjson.loads(decode(data).lstrip("\ufeff").encode("utf-8", "surrogatepass"))
    except orjson.JSONDecodeError as error:
        if "memory" in error.msg:
            raise MemoryError from error
        raise UnreadableFile(
            f"`{filename}` is no valid JSON: {error.msg}.", "Check it with a JSON validator."
        ) from error
    title = (
        next((value[key] for key in _TITLES if isinstance(value.get(key), str)), "") if isinstance(value, dict) else ""
    )
    return text_draft("\n".join(_lines(value, "", 0)), markdown=True, title=title)


def read_json_lines(data: bytes, filename: str) -> Draft:
    """NDJSON sent as one file to read, not as records."""
    lines = decode(data).splitlines()
    try:
        values = [orjson.loads(line) for line in lines if line.strip()]
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"`{filename}` is no valid NDJSON: {error.msg}.", "Send one JSON value a line.") from error
    return text_draft("\n\n".join("\n".join(_lines(value, "", 0)) for value in values), markdown=True)


def read_xml(data: bytes, filename: str) -> Draft:
    """The text of all elements in order; RSS and Atom entries under their titles. Entities are refused, not expanded."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data)
    except DefusedXmlException as error:
        raise UnreadableFile(
            f"`{filename}` declares XML entities, which are not expanded for safety.", "Export it without a DTD."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(f"`{filename}` is no valid XML: {error}.", "Check it with an XML validator.") from error
    title = next((each.text.strip() for each in _walk(root) if _name(each) == "title" and each.text), "")
    lines = list(_xml_lines(root)) or list(_attribute_lines(root))
    return text_draft("\n".join(lines), markdown=True, title=title)


def _lines(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH or value is None or value == "":
        return
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _lines(each, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        yield from _list_lines(value, path, depth)
    else:
        shown = ("true" if value else "false") if isinstance(value, bool) else str(value)
        yield f"{path}: {shown}" if path else shown


def _list_lines(values: list[Any], path: str, depth: int) -> Iterator[str]:
    if len(values) > 1 and all(isinstance(each, dict) for each in values) and all(map(_is_flat, values)):
        columns = list(dict.fromkeys(str(key) for each in values for key in each))
        rows = [[_scalar(each.get(column)) for column in columns] for each in values]
        yield from ("", *([f"{path}:", ""] if path else []), markdown_table([columns, *rows]), "")
    elif all(not isinstance(each, dict | list) for each in values):
        yield f"{path}: {', '.join(map(_scalar, values))}" if path else "\n".join(map(_scalar, values))
    else:
        for each in values:
            yield ""
            yield from _lines(each, path, depth + 1)


def _is_flat(record: dict[str, Any]) -> bool:
    return all(not isinstance(each, dict | list) and len(str(each)) <= _MAX_CELL for each in record.values())


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _xml_lines(root: Element) -> Iterator[str]:
    """Iterative: the depth of a file is its sender's choice."""
    stack: list[Element | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            if node.strip():
                yield " ".join(node.split())
            continue
        words = _mixed(node)
        if words is not None:
            if words:
                yield f"\n## {words}\n" if _name(node) == "title" else f"{_name(node)}: {words}"
            continue
        for child in reversed(node):
            stack.append(child.tail or "")
            stack.append(child)
        stack.append(node.text or "")


def _attribute_lines(root: Element) -> Iterator[str]:
    """What a file without any text says in its attributes."""
    for node in _walk(root):
        pairs = [f"{name.rpartition('}')[2]}={' '.join(value.split())}" for name, value in node.attrib.items()]
        if pairs:
            yield f"{_name(node)}: {', '.join(pairs)}"


def _mixed(node: Element) -> str | None:
    """The words of an element without element content of its own; None for one that only holds others."""
    if len(node) == 0:
        words = " ".join((node.text or "").split())
        return _without_tags(words) if "</" in words else words
    if (node.text or "").strip() and all(len(child) == 0 for child in node):
        return " ".join("".join(node.itertext()).split())
    return None


def _without_tags(words: str) -> str:
    """Feeds carry HTML as escaped text."""
    from ingest.parse.html import plain_text

    return " ".join(plain_text(words).split())


def _walk(root: Element) -> Iterator[Element]:
    return (each for each in root.iter() if isinstance(each.tag, str))


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]
