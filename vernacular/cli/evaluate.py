"""`vernacular eval`"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular import __version__
from vernacular.cli.auditing import note
from vernacular.cli.client import Door, call, gateway_client
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.cli.work import bars
from vernacular.db.models import EvalRunRow
from vernacular.db.session import Database
from vernacular.dialects.dictionary import read_file
from vernacular.dialects.registry import Registry, open_registry
from vernacular.errors import BadRequest
from vernacular.evaluation.figures import GAPS, MRR, compare, figures_of, moved
from vernacular.evaluation.outcomes import TOP_K, Outcome
from vernacular.evaluation.questions import Question, digest_of, read_questions
from vernacular.evaluation.run import Found, Said, evaluate
from vernacular.evaluation.store import add_run, describe, find_run, list_runs, run_before
from vernacular.settings import get_settings
from vernacular.tenancy import Tenant, TenantScope

KEY_S = 1200.0
"""Seconds after which a command's key is renewed, long before it expires."""
MOVED_SHOWN = 10
SEARCHED = ("recall@1", "recall@5", "recall@10", MRR, "detected")
ANSWERED = ("answered", "right", "false_answers")


def evaluate_questions(
    tenant: TenantName,
    file: Annotated[Path | None, typer.Argument(help="Questions, one JSON object a line.")] = None,
    answers: Annotated[bool, typer.Option("--answers", help="Ask each question too, not only search for it.")] = False,
    name: Annotated[
        str, typer.Option("--name", help="What to call the runs of these questions; the file's name.")
    ] = "",
    standard: Annotated[
        str, typer.Option("--standard", help="The `lang` that is standard wording; else that of each variety's pack.")
    ] = "",
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Only questions of this set; may be repeated.")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--compare", help="The run to hold it against, instead of the one before.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show the runs there are.")] = False,
    json: Json = False,
) -> None:
    """Measure how a tenant's questions fare, by variety: found, answered, declined, and the gap to standard wording.

    Each run is kept and held against the one before of the same name and questions. With --compare and no file, the last
    run is held against another.
    """
    with opened_database(get_settings()) as database:
        owner = find_tenant(database, tenant)
        if listing:
            _list(database, owner, json)
            return
        if file is None and against is None:
            raise BadRequest("There are no questions.", "vernacular eval FILE --tenant T; or --list, or --compare RUN.")
        if against is not None:
            with database.read() as session:
                against = find_run(TenantScope(session, owner), against).id
        if file is not None:
            questions = read_questions(read_file(file.expanduser()), sets or ())
            _check_standard(standard, questions)
            made = _measure(database, owner, questions, standard, answers=answers, show=not json)
            made.name = (name or file.stem)[:200]
            with database.write() as session:
                run = add_run(TenantScope(session, owner), made)
            note(get_settings(), database, owner, "evaluation.run", run=run.id, questions=run.questions)
        with database.read() as session:
            scope = TenantScope(session, owner)
            now = _last(scope)
            told = _report(now, find_run(scope, against) if against is not None else run_before(scope, now))
    if json:
        print_json(told)
    else:
        _print(told)


def _check_standard(standard: str, questions: Sequence[Question]) -> None:
    there = sorted({question.lang for question in questions})
    if standard and standard not in there:
        raise BadRequest(f"No question has the lang {standard!r}.", f"There are {', '.join(there)}.")


def _measure(
    database: Database, owner: Tenant, questions: Sequence[Question], standard: str, *, answers: bool, show: bool
) -> EvalRunRow:
    """A run, still without a name."""
    begin = time.monotonic()
    registry = open_registry(get_settings().dialects_path)
    outcomes = _outcomes(database, owner, registry, questions, answers=answers, show=show)
    return EvalRunRow(
        digest=digest_of(questions),
        standard=standard,
        questions=len(questions),
        asked=answers,
        took_s=round(time.monotonic() - begin, 2),
        version=__version__,
        figures=figures_of(outcomes, registry, standard),
        outcomes=[outcome.as_json() for outcome in outcomes],
    )


def _outcomes(
    database: Database, owner: Tenant, registry: Registry, questions: Sequence[Question], *, answers: bool, show: bool
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with bars(show) as progress:
        task = progress.add_task("eval", total=len(questions), stage="")
        while len(outcomes) < len(questions):
            with gateway_client(get_settings(), database, owner) as door:
                opened, rest = time.monotonic(), questions[len(outcomes) :]
                for outcome in evaluate(
                    rest, registry, partial(_search, door), partial(_ask, door) if answers else None
                ):
                    outcomes.append(outcome)
                    progress.update(task, completed=len(outcomes), stage=outcome.lang)
                    if time.monotonic() - opened > KEY_S:
                        break
    return outcomes


def _search(door: Door, text: str) -> Found:
    found = call(door, "POST", "/v1/search", {"query": text, "top_k": TOP_K})
    return Found([hit["source_id"] for hit in found["hits"]], found["query"]["detected"])


def _ask(door: Door, text: str) -> Said:
    body = {"model": "default", "messages": [{"role": "user", "content": text}]}
    found = call(door, "POST", "/v1/chat/completions", body)
    message = found["choices"][0]["message"]
    cited = frozenset(note["source_id"] for note in message["annotations"])
    return Said(message["content"], found["vernacular"]["answered"], cited)


def _last(scope: TenantScope) -> EvalRunRow:
    runs = list_runs(scope, 1)
    if not runs:
        raise BadRequest("There is no run yet.", "vernacular eval FILE --tenant T makes one.")
    return runs[0]


def _report(now: EvalRunRow, before: EvalRunRow | None) -> dict[str, Any]:
    told = describe(now)
    if before is None:
        return {**told, "before": None}
    old, new = (list(map(Outcome.of, row.outcomes)) for row in (before, now))
    difference = {**compare(now.figures, before.figures), **moved(new, old)}
    return {**told, "before": {**describe(before), "difference": difference}}


def _list(database: Database, owner: Tenant, json: bool) -> None:
    with database.read() as session:
        runs = [describe(row) for row in list_runs(TenantScope(session, owner))]
    if json:
        print_json(runs)
        return
    rows = [
        {
            "run": run["id"][:8],
            "made": f"{run['created_at']:%Y-%m-%d %H:%M}",
            **{key: run[key] for key in ("name", "questions", "asked")},
            **{key: run["figures"]["all"][key] for key in ("recall@1", "recall@5", "right")},
            "widest_gap": _widest(run["figures"]["gaps"]),
        }
        for run in runs
    ]
    columns = ("run", "made", "name", "questions", "asked", "recall@1", "recall@5", "right", "widest_gap")
    print_table(rows, columns, "No run yet: `vernacular eval FILE --tenant T` makes one.")


def _print(told: dict[str, Any]) -> None:
    figures, before = told["figures"], told["before"]
    typer.echo(f"{told['name']}: {told['questions']:,} questions in {told['took_s']:g} s, run {told['id'][:8]}")
    _print_gaps(figures["gaps"], (before or {}).get("difference", {}).get("gaps", {}))
    columns = ["variety", "questions", *SEARCHED, *(ANSWERED if told["asked"] else ())]
    rows = [{"variety": lang, **found} for lang, found in figures["varieties"].items()]
    print_table([*rows, {"variety": "all", **figures["all"]}], columns, "")
    if before is None:
        typer.echo("This is the first run of these questions under this name.")
        return
    difference = before["difference"]
    typer.echo(f"\nsince run {before['id'][:8]} of {before['created_at']:%Y-%m-%d %H:%M}:")
    changed = [{"variety": lang, **found} for lang, found in difference["varieties"].items()]
    shown = [
        {name: _signed(value) for name, value in row.items()}
        for row in [*changed, {"variety": "all", **difference["all"]}]
    ]
    print_table(shown, [name for name in columns if name != "questions"], "")
    for words in ("worse", "better"):
        for each in difference[words][:MOVED_SHOWN]:
            typer.echo(f"  {words}: {each['qid']} {each['lang']}  {each['before'] or '-'} → {each['rank'] or '-'}")


def _print_gaps(gaps: dict[str, Any], since: dict[str, Any]) -> None:
    """The headline: what standard wording has more than each variety, and how that changed."""
    if not gaps:
        typer.echo("No question is asked both in a variety and in standard wording (same `qid`): no gap to tell.")
        return
    typer.echo("gap to standard wording (0: none; above 0: the variety does worse)")
    rows = [
        {"variety": lang, "standard": gap["standard"], "questions": gap["questions"]}
        | {name: _with_change(gap[name], since.get(lang, {}).get(name)) for name in GAPS if name in gap}
        for lang, gap in gaps.items()
    ]
    columns = ("variety", "standard", "questions", *(name for name in GAPS if any(name in row for row in rows)))
    print_table(rows, columns, "")
    typer.echo("")


def _widest(gaps: dict[str, Any]) -> str:
    widest = max(gaps.items(), key=lambda each: each[1]["recall@5"], default=None)
    return "" if widest is None else f"{widest[1]['recall@5']:+.3f} {widest[0]}"


def _with_change(value: float, change: float | None) -> str:
    return f"{value:+.3f}" if not change else f"{value:+.3f} ({change:+.3f})"


def _signed(value: Any) -> Any:
    return f"{value:+.3f}" if isinstance(value, float) else value
