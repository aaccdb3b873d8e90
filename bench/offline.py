"""A tenant loaded in memory and asked in process: what `bench/quality.py` and `bench/calibrate_decline.py` stand on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from bench.exact_store import ExactStore
from ingest.chunk import chunk
from vernacular.db.base import Base
from vernacular.db.models import ChunkRow, DocumentRow, DocumentTextRow, TenantRow
from vernacular.dialects.documents import Gloss, with_glosses
from vernacular.tenancy import ACTIVE, Platform, TenantScope
from vernacular.text.analyze import encode_documents
from vernacular.types import Document
from vernacular.vectors.protocol import Point

Record = Mapping[str, Any]
XQUAD = ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def question_set(data: Path, name: str, language: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(contexts, questions) of `xquad` in a language, or of a set with one language."""
    if name == "xquad":
        return rows(data / f"xquad/dev/contexts.{language}.jsonl"), rows(data / f"xquad/dev/qa.{language}.jsonl")
    contexts = next((data / name).glob("contexts.*.jsonl"))
    return rows(contexts), rows(contexts.with_name(contexts.name.replace("contexts", "qa")))


def as_records(contexts: Iterable[Record]) -> list[dict[str, Any]]:
    return [
        {"id": each["cid"], "title": each.get("title") or "", "text": each["text"], "language": each.get("lang")}
        for each in contexts
    ]


def dialect_corpus(data: Path, arabic: bool) -> list[dict[str, Any]]:
    """The documents that the questions in dialect are asked about."""
    languages = ("ar", "es") if arabic else ("zh",)
    records = [record for each in languages for record in as_records(question_set(data, "xquad", each)[0])]
    if arabic:
        return records
    for row in rows(data / "tw_law_zh_en/dev.jsonl"):
        records.append({"id": row["id"], "title": f"{row['law_zh']} {row['article']}", "text": row["zh"]})
    for row in rows(data / "zh_shop_litemall/products.jsonl"):
        fields = [f"{key}：{value}" for key, value in row.get("attributes") or []]
        text = " ".join([row["name"], str(row.get("brief") or ""), f"价格 {row.get('price')} 元", *fields])
        records.append({"id": str(row["id"]), "title": row["name"], "text": text})
    return records


def load(
    records: Iterable[Record], profile: Mapping[str, Any] | None = None, gloss: Gloss | None = None
) -> TenantScope:
    """A scope over a fresh tenant that holds `records` (`id`, `text`, `title`, `valid_from`, `valid_until`).

    `gloss` as `ingest.points.index_points` takes it.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    session = Session(engine, expire_on_commit=False)
    tenant = Platform(session).create_tenant(TenantRow(slug="bench", profile=dict(profile or {})))
    scope = TenantScope(session, tenant, ExactStore())
    partition = scope.add_generation("bench", ACTIVE)
    for record in records:
        _add(scope, record)
    session.commit()
    points, texts = [], []
    for document, chunks in session.info.pop("loaded", []):
        for each in chunks:
            points.append((document, each))
            texts.append(f"{document.title}\n{each.text}" if document.title else each.text)
    vectors = encode_documents(with_glosses(texts, gloss) if gloss else texts)
    scope.vectors.upsert(
        partition,
        [
            Point(each.id, each.document_id, vector, valid_from=document.valid_from, valid_until=document.valid_until)
            for (document, each), vector in zip(points, vectors, strict=True)
        ],
    )
    return scope


def _add(scope: TenantScope, record: Record) -> None:
    document = Document(str(record["id"]), record["text"], record.get("title") or "", language=record.get("language"))
    row = DocumentRow(
        id=str(uuid.uuid4()),
        source="bench",
        source_id=document.source_id,
        content_hash="",
        title=document.title,
        language=document.language,
        attributes={},
        groups=[],
        valid_from=_day(record.get("valid_from")),
        valid_until=_day(record.get("valid_until")),
    )
    scope.add(row)
    scope.add(DocumentTextRow(document_id=row.id, text=document.text, structure={}))
    chunks = [
        ChunkRow(
            id=str(uuid.uuid4()),
            document_id=row.id,
            ordinal=each.ordinal,
            start=each.start,
            end=each.end,
            page=each.page,
            headings=list(each.headings),
            text=each.text,
        )
        for each in chunk(document)
    ]
    for each in chunks:
        scope.add(each)
    scope.session.info.setdefault("loaded", []).append((row, chunks))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
