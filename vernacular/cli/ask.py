"""`vernacular search` and `vernacular ask`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from vernacular.cli.client import call, gateway_client
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, console, plain, print_json
from vernacular.settings import get_settings

TopK = Annotated[int, typer.Option("--top-k", min=1, max=100, help="Hits to show at most.")]


def search(
    query: Annotated[str, typer.Argument(help="What to look for, in any language.")],
    tenant: TenantName,
    top_k: TopK = 10,
    json: Json = False,
) -> None:
    """Search a tenant's documents."""
    found = _call(tenant, "/v1/search", {"query": query, "top_k": top_k})
    if json:
        print_json(found)
        return
    if not found["hits"]:
        typer.echo("Nothing found. Try other words, or see `vernacular tenant show` for what is indexed.")
    for hit in found["hits"]:
        page = f", page {hit['page']}" if hit.get("page") else ""
        console().print(Text(plain(f"{hit['rank']}. {hit['title'] or hit['source_id']}{page}"), style="bold"))
        console().print(_highlighted(hit["text"], hit["highlights"]))
        console().print()


def ask(
    question: Annotated[str, typer.Argument(help="A question, in any language.")],
    tenant: TenantName,
    json: Json = False,
) -> None:
    """Ask a question, and get a cited answer or an honest decline."""
    body = {"model": "default", "messages": [{"role": "user", "content": question}]}
    found = _call(tenant, "/v1/chat/completions", body)
    if json:
        print_json(found)
        return
    message = found["choices"][0]["message"]
    console().print(Text(plain(message["content"])))
    for note in message.get("annotations", []):
        page = f", page {note['page']}" if note.get("page") else ""
        where = f" <{note['uri']}>" if note.get("uri") else ""
        console().print(
            Text(plain(f"[{note['index']}] {note['title'] or note['source_id']}{page}{where}"), style="dim")
        )
    console().print(Text(_how(found["vernacular"]), style="dim"))


def _how(about: dict[str, Any]) -> str:
    """How the answer came about, in a line."""
    if about["mode"] == "extractive":
        reason = f": {about['model']} was asked ({about['fallback']})" if about["fallback"] else ""
        return f"extractive{reason}"
    told = [f"written by {about['adapter'] or about['model']}"]
    if about["unsupported"]:
        told.append(f"{len(about['unsupported'])} passages without support")
    if about["dropped"]:
        told.append(f"{about['dropped']} sentences left out")
    return ", ".join(told)


def _call(tenant: str, path: str, body: dict[str, Any]) -> Any:
    settings = get_settings()
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with gateway_client(settings, database, found) as door:
            return call(door, "POST", path, body)


def _highlighted(text: str, spans: list[list[int]], most: int = 300) -> Text:
    """The part of `text` around the first highlight, at most `most` characters, with the highlights in bold."""
    first = max(0, (spans[0][0] if spans else 0) - most // 3)
    shown = Text(("…" if first else "") + text[first : first + most] + ("…" if first + most < len(text) else ""))
    shift = (1 if first else 0) - first
    for start, end in spans:
        if end + shift > 0 and start < first + most:
            shown.stylize("bold", max(0, start + shift), end + shift)
    return shown
