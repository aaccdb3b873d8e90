"""Qdrant's REST requests, translated for Qdrant Edge; and the shape of the product's shards."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import qdrant_edge as qe

from vernacular.errors import BadRequest
from vernacular.vectors.batch import Batch
from vernacular.vectors.conditions import DENSE, LEXICAL

SEGMENT_KB = 40_000
"""Segments are not merged beyond this (some 18,000 chunks), so that no optimisation stops the owner for long."""
_SEGMENTS = 4
# Beyond so few points that a filter leaves, the index is quicker than reading their vectors; the engine's default is 5,000.
_SCANNED = 100


def config(dense_size: int) -> qe.EdgeConfig:
    """A shard that scans instead of walking a graph: exact, and quick to build.

    Everything is mapped from disk (`Memory.Cold`), so that an idle tenant costs some 6 MB. Weights are kept in 8 bits
    of each token's own range: of a thousand hits among the first ten one changes, searches map a sixth less than with 16
    bits and take a fifth less time.
    """
    lexical = qe.EdgeSparseVectorParams(
        full_scan_threshold=_SCANNED,
        modifier=qe.Modifier.Idf,
        datatype=qe.VectorStorageDatatype.Uint8,
        memory=qe.Memory.Cold,
    )
    dense = {DENSE: qe.EdgeVectorParams(dense_size, qe.Distance.Cosine, memory=qe.Memory.Cold)} if dense_size else {}
    return qe.EdgeConfig(
        vectors=dense,
        sparse_vectors={LEXICAL: lexical},
        hnsw_config=qe.HnswIndexConfig(m=0, payload_m=0, ef_construct=4, full_scan_threshold=10_000),
        quantization_config=qe.ScalarQuantizationConfig(qe.ScalarType.Int8, quantile=0.99) if dense_size else None,
        optimizers=qe.EdgeOptimizersConfig(
            deleted_threshold=0.1,
            vacuum_min_vector_number=200,
            default_segment_number=_SEGMENTS,
            max_segment_size=SEGMENT_KB,
        ),
        max_search_threads=1,
        payload_memory=qe.Memory.Cold,
        id_tracker_memory=qe.Memory.Cold,
        wal_enabled=True,
    )


def dense_size_in(folder: Path) -> int:
    """The dimension that the shard in `folder` was made for; 0: it has no dense vectors.

    Raises:
        OSError, ValueError: what it should be read from is gone or torn.
    """
    stored = json.loads((folder / "edge_config.json").read_text(encoding="utf-8"))
    return int(stored.get("vectors", {}).get(DENSE, {}).get("size", 0))


def payload_indexes() -> list[qe.UpdateOperation]:
    """Indexes of the fields that every query may name."""
    keyword = qe.KeywordIndexParams(enable_hnsw=False, memory=qe.Memory.Cold)
    day = qe.IntegerIndexParams(lookup=False, range=True, enable_hnsw=False, memory=qe.Memory.Cold)
    keywords = [qe.UpdateOperation.create_field_index(name, keyword) for name in ("tenant_id", "document_id", "groups")]
    return [*keywords, *(qe.UpdateOperation.create_field_index(name, day) for name in ("from", "until"))]


def metadata_index(path: str, kind: str) -> qe.UpdateOperation:
    """An index of one metadata field; `kind` as `conditions.metadata_fields` names it."""
    schema = {
        "keyword": qe.PayloadSchemaType.Keyword,
        "float": qe.PayloadSchemaType.Float,
        "datetime": qe.PayloadSchemaType.Datetime,
    }[kind]
    return qe.UpdateOperation.create_field_index(path, schema)


def points(batch: Batch) -> list[qe.Point]:
    # Arrays rather than lists: the engine takes any sequence, and numbers are made only as it reads them.
    indices = array("I", batch.indices.astype(np.uint32, copy=False).tobytes())
    values = array("f", batch.values.astype(np.float32, copy=False).tobytes())
    dense = iter(batch.dense.tolist())
    found: list[qe.Point] = []
    start = 0
    rows = zip(batch.ids, batch.payloads, batch.counts.tolist(), batch.has_dense.tolist(), strict=True)
    for name, payload, count, has_dense in rows:
        end = start + count
        sparse = qe.SparseVector(cast("list[int]", indices[start:end]), cast("list[float]", values[start:end]))
        vectors: dict[str, Any] = {LEXICAL: sparse}
        if has_dense:
            vectors[DENSE] = next(dense)
        found.append(qe.Point(name, vectors, payload))
        start = end
    return found


def condition(data: Mapping[str, Any]) -> qe.Filter:
    """A filter with at least one condition.

    Raises:
        BadRequest: it has none, and would match every point.
    """
    if not any(data.get(name) for name in ("must", "should", "must_not")):
        raise BadRequest("An empty filter would match every point.")
    return qe.Filter(
        must=[_part(part) for part in data.get("must", ())] or None,
        should=[_part(part) for part in data.get("should", ())] or None,
        must_not=[_part(part) for part in data.get("must_not", ())] or None,
    )


def _part(data: Mapping[str, Any]) -> qe.ConditionType:
    if "has_id" in data:
        return qe.HasIdCondition(set(data["has_id"]))
    if "key" not in data:
        return condition(data)
    if "match" in data:
        wanted = data["match"]
        match = qe.MatchAny(wanted["any"]) if "any" in wanted else qe.MatchValue(wanted["value"])
        return qe.FieldCondition(data["key"], match=match)
    bounds = data["range"]
    dates = any(isinstance(bound, str) for bound in bounds.values())
    return qe.FieldCondition(data["key"], range=qe.RangeDateTime(**bounds) if dates else qe.RangeFloat(**bounds))


def query(data: Mapping[str, Any], *, corpus: bool) -> qe.QueryRequest:
    """A query request; `corpus` False: count documents for the IDF in the whole shard, whatever the request asks."""
    wanted = data["query"]
    vector = wanted if isinstance(wanted, list) else qe.SparseVector(wanted["indices"], wanted["values"])
    return qe.QueryRequest(
        query=qe.Query.Nearest(vector, using=data["using"]),
        filter=condition(data["filter"]),
        params=_params(data, corpus),
        limit=data["limit"],
        with_payload=data["with_payload"],
    )


def _params(data: Mapping[str, Any], corpus: bool) -> qe.SearchParams | None:
    if data["using"] == DENSE:
        return qe.SearchParams(quantization=qe.QuantizationSearchParams(rescore=True, oversampling=2.0))
    if not corpus:
        return None
    return qe.SearchParams(idf=qe.IdfParams(corpus=condition(data["params"]["idf"]["corpus"])))
