"""How many tokens a text may have, without the model's tokenizer: high rather than low, and corrected by what servers count."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

import regex
from langchain_core.messages import BaseMessage

from vernacular.images import size_of

_CLASSES: Final = regex.compile(
    r"(?P<han>[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}])|(?P<latin>\p{Latin}+)|(?P<digit>\p{N})|(?P<space>\s)"
    r"|(?P<unspaced>[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])|(?P<cased>[\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}])"
    r"|(?P<other>.)",
    regex.DOTALL,
)
_WEIGHTS: Final = {"han": 1.0, "digit": 1.0, "space": 0.1, "unspaced": 0.9, "cased": 0.5, "other": 1.0}
_LATIN_WORD: Final = 4.0
"""Letters of a Latin word that make a token; each word has at least one."""
_MESSAGE: Final = 6
"""What a chat template puts around a message."""
_IMAGE: Final = 1500
"""Tokens of an image whose size is not known."""
_PATCH: Final = 28
"""Pixels a side that make a token for the Qwen-VL family; others take as many or fewer."""
_LEAST, _MOST = 0.25, 8.0
_FORGETS: Final = 0.1


def estimate(text: str) -> int:
    total = 0.0
    for found in _CLASSES.finditer(text):
        kind = found.lastgroup or "other"
        total += max(1.0, (found.end() - found.start()) / _LATIN_WORD) if kind == "latin" else _WEIGHTS[kind]
    return int(total) + 1


def estimate_messages(messages: Sequence[BaseMessage]) -> int:
    return sum(_MESSAGE + _content(message.content) for message in messages)


def _content(content: str | list[Any]) -> int:
    if isinstance(content, str):
        return estimate(content)
    return sum(_part(part) for part in content)


def _part(part: Any) -> int:
    if isinstance(part, str):
        return estimate(part)
    if part.get("type") == "text":
        return estimate(str(part.get("text", "")))
    address = part.get("image_url")
    size = size_of(str(address.get("url", ""))) if isinstance(address, dict) else None
    return _IMAGE if size is None else (size[0] // _PATCH + 1) * (size[1] // _PATCH + 1) + 2


class TokenScale:
    """What a model's server counts for each token estimated here, by model. Thread-safe.

    It rises at once, so that a prompt that was too long is not sent again, and falls slowly.
    """

    def __init__(self) -> None:
        self._scales: dict[str, float] = {}
        self._lock = threading.Lock()

    def of(self, model: str) -> float:
        return self._scales.get(model, 1.0)

    def learn(self, model: str, estimated: int, counted: int) -> None:
        if estimated <= 0 or counted <= 0:
            return
        seen = min(max(counted / estimated, _LEAST), _MOST)
        with self._lock:
            before = self._scales.get(model, seen)
            self._scales[model] = seen if seen > before else before + _FORGETS * (seen - before)
