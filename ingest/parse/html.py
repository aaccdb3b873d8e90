"""HTML pages: the main content as Markdown, without menus, banners and footers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import compress
from typing import Any

import orjson
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from ingest.clean import sanitise
from ingest.describe import Description
from ingest.parse.draft import Draft, text_draft
from ingest.parse.encoding import decode
from ingest.parse.html_cleaning import cleaned
from ingest.parse.html_markdown import blocks

_MAX_DEPTH = 500
_MAX_LENGTH = 30_000_000
# Below this share of all the page's words, what was taken for the main content is only a part of it.
_LEAST_SHARE = 0.3
_MOSTLY_LINKS = 0.5
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*?(/?)>")
_HIDDEN = re.compile(r"<(script|style|template|noscript)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_SELF_CLOSING = frozenset(["p", "li", "td", "th", "tr", "option", "dt", "dd"])
_JSON_LD = re.compile(r"<script[^>]*application/ld\+json[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_SPACE = re.compile(r"\s+")
_WEB = re.compile(r"https?://[^\s\\<>\"]{1,1000}", re.IGNORECASE)


def read_html(data: bytes, filename: str) -> Draft:
    """Title, main content with headings, lists and tables, and what JSON-LD says of a product."""
    html = decode(data)
    flat = flattened(html)
    tree = HTMLTree.parse(flat)
    product = _product(html)
    text = _main(HTMLTree.parse(cleaned(flat)))
    extra = "\n".join(f"{name}: {value}" for name, value in product.items() if str(value) not in text)
    lang = _attribute(tree, "html", "lang")
    drafted = text_draft(f"{text}\n\n{extra}", markdown=True, title=_title(tree, product), metadata={**product, **lang})
    return replace(drafted, description=Description(uri=_canonical(tree)))


def plain_markdown(html: str) -> str:
    """A fragment, such as the body of an e-mail, whole."""
    tree = HTMLTree.parse(cleaned(flattened(html)))
    return "\n\n".join(block.text for block in blocks(tree.body)) if tree.body else ""


def plain_text(html: str) -> str:
    text: str = extract_plain_text(cleaned(flattened(html)), preserve_formatting=True)
    return text


def _main(tree: HTMLTree) -> str:
    """Our blocks from the first to the last that the main-content extraction kept, menus between them left out.

    The extraction alone would lose short lists and tables, which is where a page says what to bring and what it costs.
    """
    if tree.body is None:
        return ""
    every = blocks(tree.body)
    chosen = _SPACE.sub("", extract_plain_text(tree, preserve_formatting=True, main_content=True, list_bullets=False))
    wanted = [_is_kept(block.text, chosen) for block in every]
    found = sum(len(block.text) for block in compress(every, wanted))
    if not found or found < _LEAST_SHARE * sum(len(block.text) for block in every):
        return "\n\n".join(block.text for block in every)
    first, last = wanted.index(True), len(wanted) - 1 - wanted[::-1].index(True)
    kept = [
        block.text
        for at, (block, is_kept) in enumerate(zip(every, wanted, strict=True))
        if is_kept or (block.links < _MOSTLY_LINKS and (first < at < last or (at > last and block.is_list_or_table)))
    ]
    return "\n\n".join(kept)


def _is_kept(block: str, chosen: str) -> bool:
    """Line by line, as a table or list may have been kept in part; half of them suffice."""
    lines = [_SPACE.sub("", part) for part in re.split(r"[\n|]", re.sub(r"(?m)^\s*(?:#+|[-*]|\d+\.) |---", "", block))]
    lines = [line for line in lines if line]
    return sum(line[:80] in chosen for line in lines) * 2 >= len(lines) > 0


def flattened(html: str) -> str:
    """The page itself, or its bare text where elements nest so deep that the tree builder would hang."""
    html = sanitise(html[:_MAX_LENGTH])
    if html.count("<") < _MAX_DEPTH or _depth(html) <= _MAX_DEPTH:
        return html
    return _TAG.sub(
        lambda tag: "\n\n" if tag[2].lower() in ("p", "div", "br", "tr", "li") else " ", _HIDDEN.sub(" ", html)
    )


def _depth(html: str) -> int:
    """The deepest nesting, counting tags; elements that never close count as open to the end of their parent."""
    open_tags: list[str] = []
    deepest = 0
    for tag in _TAG.finditer(_HIDDEN.sub("", html)):
        name = tag[2].lower()
        if name in _VOID or tag[3]:
            continue
        if not tag[1]:
            if open_tags and open_tags[-1] == name and name in _SELF_CLOSING:
                continue  # closes its twin by itself
            open_tags.append(name)
            deepest = max(deepest, len(open_tags))
        elif name in open_tags[-50:]:
            while open_tags.pop() != name:
                pass
    return deepest


def _title(tree: HTMLTree, product: Mapping[str, Any]) -> str:
    meta = _attribute(tree, 'meta[property="og:title"]', "content").get("content", "")
    return str(product.get("name") or tree.title or meta or "").strip()


def _canonical(tree: HTMLTree) -> str | None:
    """The address that the page gives itself, where that is a whole one."""
    said = _attribute(tree, 'link[rel="canonical"]', "href").get("href", "").strip()
    return said if _WEB.fullmatch(said) else None


def _attribute(tree: HTMLTree, selector: str, name: str) -> dict[str, str]:
    node = tree.document.query_selector(selector) if tree.document else None
    value = node.getattr(name) if node else None
    return {name: value} if value else {}


def _product(html: str) -> dict[str, Any]:
    """Name, brand, price and stock of the first schema.org Product in the page's JSON-LD."""
    for script in _JSON_LD.finditer(html):
        try:
            found = _find_product(orjson.loads(script[1].strip()), 0)
        except orjson.JSONDecodeError:
            continue
        if found:
            return _attributes(found)
    return {}


def _find_product(value: Any, depth: int) -> dict[str, Any] | None:
    if isinstance(value, list) and depth < 8:
        return next((found for each in value if (found := _find_product(each, depth + 1))), None)
    if not isinstance(value, dict) or depth >= 8:
        return None
    kinds = value.get("@type")
    if kinds == "Product" or (isinstance(kinds, list) and "Product" in kinds):
        return value
    return _find_product(value.get("@graph") or value.get("mainEntity") or [], depth + 1)


def _attributes(product: Mapping[str, Any]) -> dict[str, Any]:
    offers = product.get("offers")
    offer = offers[0] if isinstance(offers, list) and offers else offers
    offer = offer if isinstance(offer, dict) else {}
    brand = product.get("brand")
    found = {
        "name": product.get("name"),
        "brand": brand.get("name") if isinstance(brand, dict) else brand,
        "sku": product.get("sku"),
        "price": offer.get("price") or offer.get("lowPrice"),
        "currency": offer.get("priceCurrency"),
        "availability": str(offer.get("availability") or "").rpartition("/")[2],
    }
    return {name: value for name, value in found.items() if value and isinstance(value, str | int | float)}
