"""`vernacular dialect …`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from vernacular.cli.client import call, gateway_client
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.home import make_home
from vernacular.cli.output import Json, console, print_json, print_table
from vernacular.dialects.catalogue import details, look_up, summary
from vernacular.dialects.dictionary import format_of, parse_fields
from vernacular.dialects.exports import export_pack
from vernacular.dialects.imports import Imported, import_dictionary
from vernacular.dialects.preferences import DialectPreferences
from vernacular.dialects.registry import built_in, open_registry
from vernacular.errors import BadRequest
from vernacular.evaluation.packs import prove
from vernacular.settings import get_settings
from vernacular.types import Understanding

app = typer.Typer(
    help="Dialect packs: what they hold, what they do to a question, and dictionaries.", no_args_is_help=True
)

Tag = Annotated[str, typer.Argument(help="The pack's BCP 47 tag or another that means it, e.g. yue-Hant-HK or yue.")]
LISTED = ("tag", "name", "version", "standard", "entries", "inherited", "imported", "markers", "domains")


@app.command("list")
def list_packs(json: Json = False) -> None:
    """The packs there are: Vernacular's own and those of plugins, with what was imported for them."""
    registry = open_registry(get_settings().dialects_path)
    rows = [summary(registry, pack) for pack in registry]
    if json:
        print_json(rows)
    else:
        shown = [{**row, "domains": sum(row["domains"].values()) or None} for row in rows]
        print_table(shown, LISTED, "No pack is installed.")


@app.command("show")
def show(
    tag: Tag,
    word: Annotated[
        str, typer.Option("--word", "-w", help="Look this up, in the variety, the standard or Latin.")
    ] = "",
    json: Json = False,
) -> None:
    """One pack: what it builds on and what it holds, or what it knows of a word."""
    registry = open_registry(get_settings().dialects_path)
    pack = registry.get(tag)
    found = look_up(registry, pack, word) if word else []
    if json:
        print_json({**details(registry, pack), "found": found})
    elif word:
        print_table(
            found, ("tag", "dialect", "standard", "pos", "sense", "romanised", "domain"), "It knows no such word."
        )
    else:
        for name, value in details(registry, pack).items():
            typer.echo(f"{name.replace('_', ' '):16} {_shown(value)}")


@app.command("test")
def try_out(
    question: Annotated[str | None, typer.Argument(help="A question, as a person would write it.")] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Whose documents are searched.")] = None,
    dialect: Annotated[
        str | None, typer.Option("--dialect", "-d", help="The variety, instead of detecting it.")
    ] = None,
    pack: Annotated[str | None, typer.Option("--pack", help="Run this pack's own questions instead.")] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=50, help="Hits to show at most.")] = 5,
    json: Json = False,
) -> None:
    """A dry run: what a question is understood as, and what it finds with what is added to it and without.

    With --pack: how well the pack's own questions find their texts, beside their standard wording.
    """
    if pack is not None:
        _test_pack(pack, json)
        return
    if question is None or tenant is None:
        raise BadRequest("A dry run needs a question and a tenant.", "vernacular dialect test QUESTION --tenant T")
    settings = get_settings()
    body = {"question": question, "top_k": top_k, **({"dialect": dialect} if dialect else {})}
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with gateway_client(settings, database, found) as door:
            tried = call(door, "POST", "/v1/admin/dialects/test", body)
    if json:
        print_json(tried)
    else:
        _print_trial(tried)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A dictionary: JSON lines, TSV or CSV.")],
    tag: Annotated[str, typer.Option("--tag", help="The pack it is for, e.g. nan-Hant-TW.")],
    name: Annotated[str, typer.Option("--name", help="What to call it; the file's name, if not given.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="Columns and fields, e.g. --map dialect=word,standard=zh,romanised=poj+tailo."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="jsonl, tsv or csv; by the file's name, if not given.")
    ] = None,
    sense: Annotated[
        float, typer.Option("--sense", min=0.01, max=1, help="How much its entries count, at most.")
    ] = 1.0,
    json: Json = False,
) -> None:
    """Add a dictionary to a pack on this home. A gateway that runs uses it from its next question on."""
    settings = get_settings()
    make_home(settings)
    pack = built_in().get(tag)
    told = import_dictionary(
        file.expanduser(),
        settings.dialects_path,
        pack.tag,
        pack.lexicon,
        fields=parse_fields(mapping or []),
        form=format_of(file, form),
        name=name,
        sense=sense,
    )
    if json:
        print_json(told.as_json())
    else:
        _print_import(told)


@app.command("export")
def export(
    tag: Tag,
    to: Annotated[Path, typer.Option("--to", help="A folder; the pack becomes one of its tag in it.")],
    json: Json = False,
) -> None:
    """Write a pack, with what was imported for it, as a folder to edit and to make a plugin of."""
    pack = open_registry(get_settings().dialects_path).get(tag)
    folder = export_pack(pack, to.expanduser().absolute())
    if json:
        print_json({"tag": pack.tag, "path": str(folder), "entries": len(pack.lexicon)})
    else:
        typer.echo(f"{pack.tag} is in {folder}.")


def _test_pack(tag: str, json: bool) -> None:
    from serve.rag.understand import understand
    from serve.rag.varieties import Varieties

    settings, wishes = get_settings(), DialectPreferences()
    registry = open_registry(settings.dialects_path)
    pack = registry.get(tag)
    if not pack.evaluation:
        raise BadRequest(f"{pack.tag} has no questions of its own.", "Write them into its eval.jsonl.")
    varieties = Varieties(settings.dialects, settings.dialects_path)

    def expanded(question: str) -> Understanding:
        found = understand(question, varieties=varieties)
        return replace(found, expansions=varieties.expansions(found, wishes, None))

    proof = prove(pack, registry.of_family(pack.manifest.family), expanded)
    if json:
        print_json(proof)
    else:
        _print_proof(proof)


def _print_proof(proof: dict[str, Any]) -> None:
    wordings = (("standard", "standard wording"), ("without", "as it is asked"), ("with", "with what is added"))
    rows = [{"wording": words, **proof[name]} for name, words in wordings]
    typer.echo(f"{proof['tag']}: {proof['questions']} questions over {proof['texts']} texts")
    print_table(rows, ("wording", "recall@1", "recall@5"), "")
    mistaken = "" if proof["mistaken"] is None else f"; standard wording taken for it: {proof['mistaken']:.0%}"
    typer.echo(f"variety told: {proof['detected']:.0%}{mistaken}")
    for missed in proof["missed"]:
        typer.echo(f"  {missed['rank'] or '-'}. {missed['question']}  + {', '.join(missed['added'])}")


def _print_trial(tried: dict[str, Any]) -> None:
    screen = console()
    screen.print(Text(f"{tried['language']}, answered in {tried['dialect'] or tried['language']}", style="bold"))
    if detection := tried["detection"]:
        others = ", ".join(f"{tag} {confidence:.2f}" for tag, confidence in detection["candidates"][:4])
        decided = f"{detection['tag'] or 'no variety'} {detection['confidence']:.2f} (by the {detection['decided_by']})"
        screen.print(Text(f"detected  {decided}; {others}"))
        for sign in detection["signs"]:
            screen.print(Text(f"          {sign['text']}  {sign['tag']} {sign['weight']:+.2f}", style="dim"))
    for added in tried["expansions"]:
        about = f"{added['weight']:.2f} {added['kind']} {added['source']}".rstrip()
        screen.print(Text(f"added     {added['text'] or '(all of it)'} → {', '.join(added['terms'])}  ({about})"))
    for name, words in (("hits_with", "with what is added"), ("hits_without", "without")):
        screen.print(Text(f"\n{words}", style="bold"))
        for hit in tried[name]:
            other = "new" if hit["other_rank"] is None else hit["other_rank"]
            title = hit["title"] or hit["source_id"]
            screen.print(Text(f"{hit['rank']:2}. [{other}] {title}: {' '.join(hit['text'].split())[:100]}"))
        if not tried[name]:
            screen.print(Text("nothing", style="dim"))


def _print_import(told: Imported) -> None:
    typer.echo(f"{told.entries:,} entries for {told.tag} from {told.lines:,} lines, in {told.path}")
    counts = (
        ("with standard words", told.translated),
        ("the same in the standard language", told.same),
        ("with a pronunciation", told.romanised),
        ("left out: the pack or an earlier line has them", told.duplicates),
        ("left out: sentences", told.too_long),
        ("by their pronunciation alone, if they have one: a word of the pack is in them", told.hidden),
        ("left out: faulty", told.faulty_lines),
    )
    for words, count in counts:
        if count:
            typer.echo(f"  {count:7,} {words}")
    for fault in told.faulty:
        typer.echo(f"  line {fault.line}: {fault.message}", err=True)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count:,}" for name, count in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value) or "-"
