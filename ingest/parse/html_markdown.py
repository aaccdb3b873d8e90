"""A tree of HTML as Markdown blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resiliparse.parse.html import ElementNode, Node, NodeType

from ingest.parse.tables import markdown_table

_SKIPPED = frozenset(
    ["script", "style", "template", "noscript", "nav", "footer", "iframe", "svg", "canvas", "form", "button", "select",
     "dialog", "object", "head", "menu"]
)  # fmt: skip
_BLOCKS = frozenset(
    ["p", "div", "section", "article", "main", "header", "aside", "figure", "figcaption", "blockquote", "address",
     "details", "summary", "fieldset", "center", "dd", "dt", "dl", "ul", "ol", "li", "table", "pre", "hr", "h1", "h2",
     "h3", "h4", "h5", "h6", "body", "tr", "td", "th", "tbody", "thead", "tfoot", "caption"]
)  # fmt: skip
_LIST_OR_TABLE = re.compile(r"[-|] |\d+\. ")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Markdown and the share of its letters that are links."""

    text: str
    links: float = 0.0

    @property
    def is_list_or_table(self) -> bool:
        return bool(_LIST_OR_TABLE.match(self.text))


def blocks(root: Node) -> list[Block]:
    """Paragraphs, `#` headings, `-` lists, tables and fenced code under `root` in order; never recurses on nesting."""
    writer = _Writer()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            writer.close(node.tag or "")
        elif node.type == NodeType.TEXT:
            writer.text(node.value or "")
        elif isinstance(node, ElementNode) and not is_hidden(node) and writer.open(node):
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)))
    writer.finish()
    return writer.blocks


def children(node: Node) -> list[Node]:
    """As `node.child_nodes`, whose items each cost a walk from the first."""
    children: list[Node] = []
    child = node.first_child
    while child is not None:
        children.append(child)
        child = child.next_sibling
    return children


class _Writer:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._letters = self._linked = 0
        self._anchors = 0
        self._words: list[str] = []
        self._lists: list[int] = []  # a bulleted list is -1, a numbered one its last number
        self._prefix = ""
        self._items: list[str] = []

    def open(self, node: ElementNode) -> bool:
        """Whether the node's children are to be visited."""
        tag = node.tag or ""
        if tag == "a":
            self._anchors += 1
        elif tag == "br":
            self._words.append("\n")
        elif tag in ("table", "pre") and not _is_layout(node):
            self.flush()
            self._end_list()
            self._add(_table(node) if tag == "table" else _code(node))
            return False
        elif tag in ("ul", "ol"):
            self.flush()
            self._lists.append(-1 if tag == "ul" else 0)
        elif tag == "li":
            self.flush()
            self._prefix = self._bullet()
        elif tag in _HEADINGS:
            self.flush()
            self._end_list()
            self._prefix = "#" * _HEADINGS[tag] + " "
        elif tag in _BLOCKS:
            self.flush()
        return True

    def close(self, tag: str) -> None:
        if tag == "a":
            self._anchors -= 1
        if tag not in _BLOCKS:
            return
        self.flush()
        self._prefix = ""
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            if not self._lists:
                self._end_list()

    def text(self, text: str) -> None:
        self._words.append(text.replace("\n", " "))
        letters = len(text) - text.count(" ")
        self._letters += letters
        self._linked += letters if self._anchors else 0

    def finish(self) -> None:
        self.flush()
        self._end_list()

    def flush(self) -> None:
        lines = [" ".join(line.split()) for line in "".join(self._words).split("\n")]
        self._words.clear()
        text = "\n".join(line for line in lines if line)
        if not text:
            return
        if self._lists:
            self._items.append((self._prefix or "  " * len(self._lists)) + text.replace("\n", " "))
        else:
            self._end_list()
            self._add(self._prefix + (text.replace("\n", " ") if self._prefix else text))
        self._prefix = ""

    def _bullet(self) -> str:
        if not self._lists:
            return ""
        indent = "  " * (len(self._lists) - 1)
        if self._lists[-1] < 0:
            return f"{indent}- "
        self._lists[-1] += 1
        return f"{indent}{self._lists[-1]}. "

    def _end_list(self) -> None:
        if self._items:
            text = "\n".join(self._items)
            self._items.clear()
            self._add(text)

    def _add(self, text: str) -> None:
        if text.strip():
            self.blocks.append(Block(text, self._linked / self._letters if self._letters else 0.0))
        if not self._items:
            self._letters = self._linked = 0


def is_hidden(node: ElementNode) -> bool:
    """Whether the node is no part of what the page says: a menu, a banner, a form, a script, or not shown."""
    if (node.tag or "") in _SKIPPED or node.hasattr("hidden") or node.getattr("aria-hidden") == "true":
        return True
    if node.getattr("role") in ("navigation", "banner", "contentinfo", "search"):
        return True
    return "display:none" in (node.getattr("style") or "").replace(" ", "")


def _is_layout(node: ElementNode) -> bool:
    """A table that holds another, or whose only cell holds the page, arranges things and tabulates nothing."""
    if node.tag != "table":
        return False
    return bool(node.query_selector("table")) or len(node.query_selector_all("td, th")) < 2


def _code(node: ElementNode) -> str:
    code = (node.text or "").strip("\n")
    return f"```\n{code}\n```" if code.strip() else ""


def _table(node: ElementNode) -> str:
    rows = [[_cell_text(cell) for cell in _cells(row)] for row in node.query_selector_all("tr")]
    caption = node.query_selector("caption")
    table = markdown_table(rows)
    return f"{_cell_text(caption)}\n\n{table}" if caption and table and _cell_text(caption) else table


def _cells(row: ElementNode) -> Iterator[ElementNode]:
    for cell in children(row):
        if isinstance(cell, ElementNode) and cell.tag in ("td", "th"):
            yield cell


def _cell_text(cell: Node) -> str:
    words: list[str] = []
    stack: list[Node] = [cell]
    while stack:
        node = stack.pop()
        if node.type == NodeType.TEXT:
            words.append(node.value or "")
        elif node.type == NodeType.ELEMENT and node.tag not in ("script", "style"):
            if node.tag in _BLOCKS or node.tag == "br":
                words.append(" ")
            stack.extend(reversed(children(node)))
    return " ".join("".join(words).split())
