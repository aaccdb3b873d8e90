"""Descriptions of documents' images by a vision model, and what tells them from a document's own words.

A description stands in the document's text under the line `MARK`, and the document's metadata say from where to where.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import TracebackType
from typing import Any, Final, Self

import httpx

from vernacular.endpoints import CHAT, ModelEndpoint, announced, configured
from vernacular.errors import ModelUnavailable
from vernacular.images import Picture
from vernacular.settings import Settings

MARK: Final = "[Description of the image, made by a model]"
KEY: Final = "image_description"
"""Of the metadata: `{"start", "end", "model", "prompt"}`, code points of the document's text."""
IMAGES: Final = "image_descriptions"
"""Likewise for the images inside a document: a list of such places, each with the SHA-256 of its `image`."""
PROMPT: Final = "describe.v1"
MAX_CHARS: Final = 4000
_CONNECT_S: Final = 5.0
_NOTHING: Final = re.compile(r"\W*NOTHING\W*")
_THOUGHTS: Final = re.compile(r"<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Description:
    """What a model made of an image, and which it was."""

    text: str
    model: str


def described(metadata: Mapping[str, Any], start: int, end: int) -> bool:
    """Whether `start:end` of a document's text is, in part or as a whole, a model's description of an image."""
    return any(start < last and end > first for first, last in descriptions(metadata))


def descriptions(metadata: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where a document's text is a model's description of an image, its mark included, in order."""
    inside = metadata.get(IMAGES)
    places = [metadata.get(KEY), *(inside if isinstance(inside, list) else [])]
    found = [(place.get("start"), place.get("end")) for place in places if isinstance(place, Mapping)]
    return sorted((first, last) for first, last in found if isinstance(first, int) and isinstance(last, int))


def vision_endpoint(settings: Settings) -> ModelEndpoint | None:
    """The first model server that reads images: those that run on this home, then those in the settings."""
    known = [*announced(settings), *map(configured, settings.generation.endpoints)]
    return next((each for each in known if each.vision and each.kind == CHAT), None)


class Describer:
    """Asks the vision model, if there is one at the moment. Sync; close it, or use it as a context manager."""

    def __init__(self, settings: Settings, http: httpx.Client | None = None) -> None:
        self._settings = settings
        timeout = httpx.Timeout(settings.vision.describe_s, connect=_CONNECT_S)
        self._http = http or httpx.Client(timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def endpoint(self) -> ModelEndpoint | None:
        """Who would be asked; None: no vision model is there, or the settings forbid it."""
        return vision_endpoint(self._settings) if self._settings.vision.describe_documents else None

    def describe(self, picture: Picture, language: str) -> Description | None:
        """What `picture` shows, in the language of a BCP 47 tag; None: no model is there, or it could make nothing out.

        Raises:
            ModelUnavailable: the model did not answer, or not with a description.
        """
        endpoint = self.endpoint()
        if endpoint is None:
            return None
        headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        try:
            model = endpoint.model or self._first_model(endpoint, headers)
            answer = self._http.post(
                f"{endpoint.url}/chat/completions", json=self._request(model, picture, language), headers=headers
            )
            answer.raise_for_status()
            choice = answer.json()["choices"][0]
            said = choice["message"]["content"] or ""
        except httpx.HTTPStatusError as error:
            raise _unavailable(f"it answered with status {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise _unavailable(type(error).__name__) from error
        except (ValueError, LookupError, TypeError) as error:
            raise _unavailable("its answer could not be read") from error
        text = _tidied(str(said), cut_off=choice.get("finish_reason") == "length")
        return Description(text, model) if text else None

    def _first_model(self, endpoint: ModelEndpoint, headers: Mapping[str, str]) -> str:
        answer = self._http.get(f"{endpoint.url}/models", headers=headers)
        answer.raise_for_status()
        return str(answer.json()["data"][0]["id"])

    def _request(self, model: str, picture: Picture, language: str) -> dict[str, Any]:
        content = [
            {"type": "text", "text": _prompt().format(language=language)},
            {"type": "image_url", "image_url": {"url": picture.data_url}},
        ]
        return {
            "model": model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": self._settings.vision.describe_tokens,
            "temperature": 0,
            "seed": 0,
        }


def _prompt() -> str:
    return resources.files("vernacular.prompts").joinpath(f"{PROMPT}.txt").read_text(encoding="utf-8").strip()


def _tidied(said: str, *, cut_off: bool) -> str:
    """The description as plain lines; one that was cut off loses its unfinished last sentence."""
    text = _THOUGHTS.sub("", said)[:MAX_CHARS].replace(MARK, "").strip()
    if cut_off or len(said) > MAX_CHARS:
        end = max(text.rfind(mark) for mark in (".", "!", "?", "。", "！", "？", "؟", "।"))
        text = text[: end + 1] if end > 0 else text
    return "" if _NOTHING.fullmatch(text) else text


def _unavailable(reason: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The vision model gave no description: {reason}.", "Send the image again when the model runs."
    )
