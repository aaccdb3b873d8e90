"""The attributes of products: typed as metadata, readable in the text."""

from __future__ import annotations

import re
from typing import Any

from ingest.clean import sanitise

# 0012 is a code and 1,000 is ambiguous between languages: both stay as written.
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})\Z", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})\.\d{1,12}\Z", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "是": True, "否": False, "نعم": True, "لا": False}
_BOOLEANS |= {"sí": True, "si": True}


def typed(value: Any) -> Any:
    """The value as metadata: numbers as numbers, yes and no as booleans, empty as None, texts as texts."""
    if not isinstance(value, str):
        return value
    text = sanitise(value).strip()
    if not text:
        return None
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return float(text)
    return _BOOLEANS.get(text.casefold(), text)


def shown(value: Any) -> str:
    """The value as a reader of the product's page would see it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(each)}" for key, each in value.items())
    return sanitise(str(value)).strip()
