"""`vernacular doctor`: what runs in which mode, and what each next step would need."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import asdict, dataclass

import httpx
import typer
from pydantic import SecretStr
from sqlalchemy import make_url

from vernacular.cli.context import opened_database
from vernacular.cli.output import Json, print_json
from vernacular.db.session import refuse_network_file_system
from vernacular.embeddings.factory import open_embedder
from vernacular.errors import VernacularError
from vernacular.gateway import running_gateway
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform

LEAST_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: `ok`, the mode it runs in, and what the next step up would need (empty: nothing)."""

    part: str
    ok: bool
    now: str
    next_step: str = ""


def doctor(json: Json = False) -> None:
    """Say what runs in which mode, what is wrong, and what more each part could do."""
    settings = get_settings()
    findings = examine(settings)
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.part:12} {finding.now}")
            if finding.next_step:
                typer.echo(f"                    next: {finding.next_step}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> list[Finding]:
    return [
        home(settings),
        sql(settings),
        gateway(settings),
        vectors(settings),
        answers(settings),
        dense(settings),
        rerank(settings),
        ocr(),
    ]


def home(settings: Settings) -> Finding:
    existing = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    embedded = make_url(settings.sql_url).get_backend_name() == "sqlite" or settings.vectors.mode == "edge"
    try:
        if embedded:
            refuse_network_file_system(settings.home)
    except VernacularError as error:
        return Finding("home", False, error.message, error.hint)
    if not os.access(existing, os.W_OK):
        return Finding("home", False, f"{settings.home} cannot be written", "Set VERNACULAR_HOME to a folder of yours.")
    if free < LEAST_FREE_GB:
        return Finding(
            "home", False, f"{settings.home}: only {free:.1f} GB free", "Free some space, or move VERNACULAR_HOME."
        )
    return Finding("home", True, f"{settings.home}, {free:.0f} GB free")


def sql(settings: Settings) -> Finding:
    url = make_url(settings.sql_url)
    embedded = url.get_backend_name() == "sqlite"
    try:
        with opened_database(settings) as database, database.read() as session:
            counts = Platform(session).counts()
    except VernacularError as error:
        return Finding("sql", False, error.message, error.hint)
    mode = "SQLite (embedded)" if embedded else f"PostgreSQL at {url.host or url.query.get('host') or 'this machine'}"
    step = "PostgreSQL for many workers: set VERNACULAR_SQL__URL" if embedded else ""
    return Finding("sql", True, f"{mode}: {counts['tenants']} tenants, {counts['documents']} documents", step)


def gateway(settings: Settings) -> Finding:
    url = running_gateway(settings)
    if url is None:
        return Finding("gateway", True, "not running", "`vernacular serve` starts it; commands work without it")
    return Finding("gateway", True, f"running at {url}")


def vectors(settings: Settings) -> Finding:
    if settings.vectors.mode == "edge":
        step = "a Qdrant server or cluster: VERNACULAR_VECTORS__MODE=server and VERNACULAR_VECTORS__URL"
        return Finding("vectors", True, "Qdrant Edge (embedded), a shard a tenant", step)
    if not settings.vectors.url:
        return Finding("vectors", False, "mode is server, but no address is set", "Set VERNACULAR_VECTORS__URL.")
    return Finding("vectors", True, f"Qdrant server at {settings.vectors.url}")


def answers(settings: Settings) -> Finding:
    """By which model servers, and whether they answer; without one, extractive answers are all there is, and enough."""
    from serve.engine.launch.status import server_statuses

    servers = server_statuses(settings)
    if not servers:
        return Finding(
            "answers", True, "extractive: the best sentences, quoted and cited; no model needed", _first_model()
        )
    now = ", ".join(f"{server.model or server.url} ({server.state})" for server in servers)
    if any(server.answers for server in servers):
        return Finding("answers", True, f"models: {now}")
    broken = any(server.state in ("silent", "failed") for server in servers)
    step = "`vernacular model status` says why; `vernacular model serve PROFILE` starts one"
    return Finding("answers", not broken, f"extractive, while no model server answers: {now}", step)


def _first_model() -> str:
    from serve.engine.launch.hardware import gpus

    if found := gpus():
        named = ", ".join(gpu.title for gpu in found)
        return f"`vernacular model serve qwen2.5-7b-instruct`, or another of `vernacular model list`, on {named}"
    return "a GPU with at least 24 GB for a 7B model; on the CPU, `vernacular model serve edge-qwen2.5-1.5b`"


def dense(settings: Settings) -> Finding:
    options = settings.embeddings
    try:
        embedder = open_embedder(options)
    except VernacularError as error:
        return Finding("dense", False, error.message, error.hint)
    if embedder is None:
        step = "search by meaning: VERNACULAR_EMBEDDINGS__BACKEND and __MODEL; see docs/retrieval.md"
        return Finding("dense", True, f"lexical search only{_left_behind(settings, '')}", step)
    wrong = _cannot_run(options.backend, options.url, options.api_key)
    if wrong:
        return Finding("dense", False, f"{options.model}: {wrong[0]}", wrong[1])
    where = "in process" if options.backend == "sentence_transformers" else f"at {options.url}"
    return Finding("dense", True, f"{options.model} {where}{_left_behind(settings, embedder.fingerprint)}")


def rerank(settings: Settings) -> Finding:
    options = settings.rerank
    if options.backend == "none":
        step = "a cross-encoder: VERNACULAR_RERANK__BACKEND and __MODEL; see docs/retrieval.md"
        return Finding("rerank", True, "lexical", step)
    wrong = _cannot_run(options.backend, options.url, options.api_key)
    if not options.model:
        wrong = ("no model is named", "Set VERNACULAR_RERANK__MODEL.")
    if wrong:
        return Finding("rerank", False, f"{options.model or options.backend}: {wrong[0]}", wrong[1])
    where = "in process" if options.backend == "sentence_transformers" else f"at {options.url}"
    return Finding("rerank", True, f"{options.model} {where}")


def _cannot_run(backend: str, url: str, api_key: SecretStr | None) -> tuple[str, str] | None:
    """Why a model cannot be asked, and what to do about it; None: nothing is seen to be in the way."""
    if backend == "sentence_transformers":
        if importlib.util.find_spec("sentence_transformers") is None:
            return "sentence-transformers is not installed", "Install it: pip install 'vernacular[models]'."
        return None
    headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"} if api_key else {}
    try:
        status = httpx.get(f"{url.rstrip('/')}/models", headers=headers, timeout=2.0).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return (
            f"the server at {url} cannot be reached: {error}",
            "Start it, or correct its address; search goes on without.",
        )
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return f"the server at {url} refuses the key", "Set its API_KEY."
    return None


def _left_behind(settings: Settings, fingerprint: str) -> str:
    """Whose index is still of another model, in words."""
    try:
        with opened_database(settings) as database, database.read() as session:
            waiting = len(Platform(session).tenants_not_of_model(fingerprint))
    except VernacularError:
        return ""
    return f"; tenants whose index the worker has yet to build for it: {waiting}" if waiting else ""


def ocr() -> Finding:
    if shutil.which("tesseract"):
        return Finding("ocr", True, "Tesseract reads scanned pages and images")
    return Finding(
        "ocr",
        True,
        "none: scanned pages and images are set aside",
        "Debian: apt-get install tesseract-ocr and a language pack",
    )
