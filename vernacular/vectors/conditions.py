"""The one place where a `Query` becomes a Qdrant request, and a `Point` a Qdrant payload.

Requests are built in the words of Qdrant's REST API, as plain mappings: the server store reads them into
`qdrant_client.models`, the embedded store translates them for its shards. The models themselves would cost every
embedded process 80 MB of memory for nothing else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from vernacular.errors import BadRequest
from vernacular.vectors.protocol import Partition, Point, Query

Json = dict[str, Any]

LEXICAL: Final = "lexical"
"""Name of the sparse vector."""
DENSE: Final = "dense"
"""Name of the dense vector."""

# Everyone and the unbounded days are stored as values: plain positive conditions are several times faster than "is empty".
_EVERYONE: Final = "everyone"
_FIRST_DAY: Final = 0
# Edge 0.9 takes a boolean to match for the number 1 and finds nothing; a word of our own serves both stores.
_BOOLEANS: Final = {False: "\x1ffalse", True: "\x1ftrue"}
_LAST_DAY: Final = 9_999_999
_FUSED_DEPTH: Final = 50

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:@=-]{0,127}")


def check_partition(partition: Partition) -> None:
    """
    Raises:
        BadRequest: a name that cannot be a folder's.
    """
    for name in (partition.tenant_id, partition.generation):
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{name!r} cannot name a partition.", "Use at most 128 letters, digits and ._+:@=- .")


def payload(partition: Partition, point: Point) -> Json:
    """What is stored beside a point's vectors: only what is filtered on."""
    stored: Json = {
        "tenant_id": partition.tenant_id,
        "document_id": point.document_id,
        "groups": [f"group:{name}" for name in point.groups] or [_EVERYONE],
        "from": point.valid_from.toordinal() if point.valid_from else _FIRST_DAY,
        "until": point.valid_until.toordinal() if point.valid_until else _LAST_DAY,
    }
    if point.metadata:
        stored["metadata"] = {key: _stored(value) for key, value in point.metadata.items()}
    return stored


def _stored(value: Any) -> Any:
    if isinstance(value, bool):
        return _BOOLEANS[value]
    return [_stored(item) for item in value] if isinstance(value, list | tuple) else value


def tenant_filter(partition: Partition) -> Json:
    """The condition that every request carries."""
    return {"must": [_equals("tenant_id", partition.tenant_id)]}


def documents_filter(partition: Partition, document_ids: Sequence[str]) -> Json:
    """The points of these documents; `document_ids` must not be empty, as an empty condition would match all."""
    if not document_ids:
        raise BadRequest("No document was named.")
    return {"must": [_equals("tenant_id", partition.tenant_id), _any_of("document_id", list(document_ids))]}


def query_filter(partition: Partition, query: Query) -> Json:
    """Tenant, groups, day, documents and metadata of a query."""
    must = [_equals("tenant_id", partition.tenant_id)]
    if query.groups is not None:
        must.append(_any_of("groups", [_EVERYONE, *(f"group:{name}" for name in query.groups)]))
    if query.on is not None:
        day = query.on.toordinal()
        must += [{"key": "from", "range": {"lte": day}}, {"key": "until", "range": {"gte": day}}]
    if query.document_ids:
        must.append(_any_of("document_id", list(query.document_ids)))
    must += [_metadata(key, wanted) for key, wanted in query.metadata.items()]
    return {"must": must}


def requests(partition: Partition, query: Query) -> dict[str, Json]:
    """The bodies of the Qdrant queries (`POST /collections/{name}/points/query`) that `query` asks for, by vector.

    None where nothing could be found; two where their rankings are to be fused, each as deep as fusing needs.

    Raises:
        BadRequest: a limit below 1, a vector with a number that is not finite or an index twice, or metadata that
            cannot be filtered on.
    """
    if query.limit < 1:
        raise BadRequest("A search must ask for at least one hit.")
    condition = query_filter(partition, query)
    rankings = [ranking for ranking in (_lexical(partition, query), _dense(query)) if ranking]
    limit = query.limit if len(rankings) < 2 else max(_FUSED_DEPTH, 2 * query.limit)
    shared = {"filter": condition, "limit": limit, "with_payload": ["document_id"]}
    return {ranking["using"]: {**ranking, **shared} for ranking in rankings}


def among(request: Mapping[str, Any], chunk_ids: Sequence[str]) -> Json:
    """`request`, about these chunks only."""
    condition = {"must": [*request["filter"]["must"], {"has_id": list(chunk_ids)}]}
    return {**request, "filter": condition, "limit": len(chunk_ids)}


def metadata_fields(condition: Mapping[str, Any]) -> dict[str, str]:
    """Payload path → index type (`keyword`, `float`, `datetime`) of each metadata field that `condition` asks about."""
    fields: dict[str, str] = {}
    for part in condition["must"]:
        if "should" in part:
            for inner in part["should"]:
                fields.update(metadata_fields({"must": [inner]}))
        elif part.get("key", "").startswith("metadata."):
            fields[part["key"]] = _index_type(part)
    return fields


def _index_type(condition: Mapping[str, Any]) -> str:
    if "range" in condition:
        return "datetime" if any(isinstance(bound, str) for bound in condition["range"].values()) else "float"
    return "keyword"


def _lexical(partition: Partition, query: Query) -> Json | None:
    if query.sparse is None or len(query.sparse.indices) == 0:
        return None
    indices = [int(index) for index in query.sparse.indices]
    values = [float(value) for value in query.sparse.values]
    if len(indices) != len(values) or len(set(indices)) != len(indices):
        raise BadRequest("A sparse vector needs distinct indices and as many values.")
    if not (all(map(math.isfinite, values)) and all(0 <= index < 2**32 for index in indices)):
        raise BadRequest("A vector holds a number that is out of range or not finite.")
    # Documents are counted within the tenant: a term is as rare as it is there.
    params = {"idf": {"corpus": tenant_filter(partition)}}
    return {"query": {"indices": indices, "values": values}, "using": LEXICAL, "params": params}


def _dense(query: Query) -> Json | None:
    if query.dense is None:
        return None
    vector = [float(value) for value in query.dense]
    if not all(map(math.isfinite, vector)):
        raise BadRequest("A vector holds a number that is not finite.")
    return {"query": vector, "using": DENSE}


def _metadata(key: str, wanted: object) -> Json:
    if "\\" in key or '"' in key or not key:
        raise BadRequest(f"{key!r} cannot be filtered on.", "A field's name may hold neither quotes nor backslashes.")
    path = f"metadata.{json.dumps(key, ensure_ascii=False)}"
    if isinstance(wanted, Mapping):
        return {"key": path, "range": _range(key, wanted)}
    if isinstance(wanted, list | tuple | set | frozenset):
        if not wanted:
            raise BadRequest(f"The filter on {key!r} names no value.")
        if all(isinstance(value, str) for value in wanted):
            return _any_of(path, list(wanted))
        return {"should": [_value(key, path, value) for value in wanted]}
    return _value(key, path, wanted)


def _value(key: str, path: str, wanted: object) -> Json:
    if isinstance(wanted, str | bool):
        return _equals(path, _stored(wanted))
    if isinstance(wanted, int | float) and math.isfinite(wanted):
        # A match takes no fractions, and 3 should find 3.0.
        return {"key": path, "range": {"gte": wanted, "lte": wanted}}
    raise BadRequest(
        f"The filter on {key!r} is none that can be applied.", "Use strings, numbers, booleans, lists or ranges."
    )


def _range(key: str, bounds: Mapping[Any, Any]) -> Json:
    if not bounds or set(bounds) - {"gte", "lte", "gt", "lt"}:
        raise BadRequest(f"The range on {key!r} is none that can be applied.", "Use gte, lte, gt and lt.")
    return {str(name): _bound(key, bound) for name, bound in bounds.items()}


def _bound(key: str, bound: object) -> float | str:
    if isinstance(bound, date):
        return bound.isoformat()
    if isinstance(bound, str):
        try:
            return datetime.fromisoformat(bound).isoformat()
        except ValueError:
            raise BadRequest(f"The range on {key!r} has a bound that is neither a number nor a date.") from None
    if isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound):
        return bound
    raise BadRequest(f"The range on {key!r} has a bound that is neither a number nor a date.")


def _equals(key: str, value: str) -> Json:
    return {"key": key, "match": {"value": value}}


def _any_of(key: str, values: list[str]) -> Json:
    return {"key": key, "match": {"any": values}}
