"""Pydantic at the HTTP edge: the base of request bodies, and one clear sentence for what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from vernacular.errors import BadRequest

_MEANINGS = {
    "missing": "is missing",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "extra_forbidden": "is not a field of this request",
    "date_parsing": "must be a date such as 2026-01-31",
    "date_from_datetime_parsing": "must be a date such as 2026-01-31",
    "date_type": "must be a date such as 2026-01-31",
}
_LIMITS = {
    "greater_than_equal": ("must be at least {ge}", "ge"),
    "less_than_equal": ("must be at most {le}", "le"),
    "string_too_long": ("must be at most {max_length} characters long", "max_length"),
    "string_too_short": ("must not be empty", "min_length"),
    "too_long": ("must have at most {max_length} entries", "max_length"),
    "too_short": ("must not be empty", "min_length"),
    "literal_error": ("must be one of {expected}", "expected"),
    "string_pattern_mismatch": ("is not written as it must be", "pattern"),
}
FIELDS_HINT = "GET /openapi.json describes every request."


class RequestModel(BaseModel):
    """Base of request bodies. Unknown fields are refused, so that a typing error never passes in silence."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _mend(cls, value: Any) -> Any:
        return mend(value)


def mend(value: Any) -> Any:
    """The same JSON value with lone surrogates replaced: no store and no encoder takes them."""
    if isinstance(value, str):
        return value if value.isascii() or not _broken(value) else mend_text(value)
    if isinstance(value, list):
        return [mend(entry) for entry in value]
    if isinstance(value, dict):
        return {mend(key): mend(entry) for key, entry in value.items()}
    return value


def mend_text(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def sentence_for(problem: Mapping[str, Any]) -> BadRequest:
    """Say in one sentence which field is wrong and what it must be."""
    kind, where = str(problem.get("type", "")), tuple(problem.get("loc", ()))
    context = problem.get("ctx") or {}
    if kind == "json_invalid":
        position = where[-1] if where else 0
        return BadRequest(
            f"The body is not valid JSON: {str(context.get('error', 'it cannot be read')).lower()} at character {position}.",
            "Send one JSON object, encoded as UTF-8.",
        )
    if where in {("body",), ()}:
        return BadRequest(
            "The body must be a JSON object.", "Send JSON with the header `Content-Type: application/json`."
        )
    return BadRequest(f"`{_field(where)}` {_meaning(kind, context, problem)}.", FIELDS_HINT)


def _meaning(kind: str, context: Mapping[str, Any], problem: Mapping[str, Any]) -> str:
    if kind in _MEANINGS:
        return _MEANINGS[kind]
    if kind in _LIMITS and _LIMITS[kind][1] in context:
        return _LIMITS[kind][0].format(**context)
    if kind == "value_error":
        return str(context.get("error", "is not valid")).rstrip(".")
    message = str(problem.get("msg", "is not valid")).rstrip(".")
    return f"is not valid ({message[:1].lower()}{message[1:]})"


def _field(where: Sequence[Any]) -> str:
    path = ""
    for part in where[1:] if where[0] in {"body", "query", "path", "header"} else where:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path[:100]
