"""What a visitor asks of the gateway: its tenant, its documents, its answers. All goes through `ui.api`, the front end's only door."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from ui.api import TIMEOUT, Api
from ui.gateway_errors import GatewayError, bad_answer, error_of, raise_for_status, unreachable


@dataclass(frozen=True, slots=True)
class Variety:
    """A variety of a language: its BCP 47 tag, and its name in itself."""

    tag: str
    native: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """What a visitor may know of a tenant. `ai_notice`: by language, that an AI system answers. `contact` has any of name, phone, email, hours, uri.

    `varieties`: those that answers can be had in beside the standard language; `answer_in`: what they are in until the
    visitor chooses: a tag, `question` or `standard`. `sign_in`: people can sign in. `vision`: images may go with a question, `max_images` of them, each of `max_image_mb` at most.
    `color`: its own, `#rrggbb`; "": the front end's. `logo`: it has one.
    """

    name: str
    display_name: str
    languages: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    varieties: tuple[Variety, ...] = ()
    answer_in: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    greeting: str = ""
    ai_notice: Mapping[str, str] = field(default_factory=dict)
    suggested_questions: tuple[str, ...] = ()
    sign_in: bool = False
    vision: bool = False
    max_images: int = 0
    max_image_mb: float = 0.0
    color: str = ""
    logo: bool = False


@dataclass(frozen=True, slots=True)
class SourceQuote:
    """One citation: `quote` stands at code points `start:end` of the document's text.

    `described`: it is not the document's own words but a model's description of an image in it.
    """

    index: int
    document_id: str
    title: str
    quote: str
    start: int
    end: int
    uri: str | None = None
    page: int | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    described: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of an answer: whether it is one, in which language, and what it rests on.

    `understood`: the variety that the question is in, if it is not a standard language. `fallback`: why quotes came though a model was asked; empty: none was, or it answered. `unsupported`: spans of the text
    that no document bears out. `unverified_code`: which blocks of code, from 0, stand in none. `dialect`: the variety of the answer.
    `message_id`: of the answer in its conversation. `looked_for`: the words that were searched for.
    """

    answered: bool
    reason: str
    language: str
    sources: tuple[SourceQuote, ...]
    conversation_id: str | None = None
    understood: Variety | None = None
    mode: str = "extractive"
    fallback: str = ""
    unsupported: tuple[tuple[int, int], ...] = ()
    unverified_code: tuple[int, ...] = ()
    dialect: str = ""
    message_id: str = ""
    looked_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentText:
    """`page_images`: its pages can be seen as images. `picture`: it has one, as products do."""

    document_id: str
    title: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    page_images: bool = False
    picture: bool = False


class Gateway:
    """A tenant's view of the gateway at `url`, with the tenant's public `key`, or (`personal`) with what a person signed in with.

    Raises GatewayError only.
    """

    def __init__(self, http: httpx.Client, url: str, key: str, *, personal: bool = False) -> None:
        self.api = Api(http, url, key, personal=personal)

    def tenant(self) -> Tenant:
        body = self.api.get("/v1/tenant")
        name = str(body.get("name") or "")
        contact, branding = body.get("contact") or {}, body.get("branding") or {}
        return Tenant(
            name=name,
            display_name=str(body.get("display_name") or name),
            languages=_strings(body.get("languages")),
            dialects=_strings(body.get("dialects")),
            varieties=tuple(filter(None, map(_variety, body.get("varieties") or ()))),
            answer_in=str(body.get("answer_in") or ""),
            contact={str(label): str(value) for label, value in contact.items() if value},
            greeting=str(body.get("greeting") or ""),
            ai_notice={str(tag): str(text) for tag, text in (body.get("ai_notice") or {}).items()},
            suggested_questions=_strings(body.get("suggested_questions")),
            sign_in=bool(body.get("sign_in")),
            vision=bool(body.get("vision")),
            max_images=int(body.get("max_images") or 0),
            max_image_mb=float(body.get("max_image_mb") or 0),
            color=str(branding.get("color") or ""),
            logo=bool(branding.get("logo")),
        )

    def document(self, document_id: str) -> DocumentText:
        body = self.api.get(f"/v1/documents/{quote(document_id, safe='')}/content")
        return DocumentText(
            document_id,
            str(body.get("title") or ""),
            str(body.get("text") or ""),
            metadata=body.get("metadata") or {},
            page_images=bool(body.get("page_images")),
            picture=bool(body.get("picture")),
        )

    def ask(
        self,
        messages: Sequence[Mapping[str, Any]],
        conversation_id: str | None = None,
        answer_in: str | None = None,
        documents: Sequence[str] = (),
    ) -> Generator[TextDelta | Verdict, None, None]:
        """Stream the answer to the last of `messages` (OpenAI's roles and contents); the last item is the Verdict.

        The gateway keeps the turn in the conversation that an earlier Verdict named, or in a new one. `answer_in`: what
        the visitor chose, for this question and on: the tag of a variety, `question` or `standard`. `documents`: the answer is
        to come from these; none: from any.
        """
        payload: dict[str, Any] = {"model": "default", "stream": True, "messages": list(messages)}
        wishes = {"conversation_id": conversation_id, "dialect": answer_in, "documents": list(documents)}
        payload["vernacular"] = {name: value for name, value in wishes.items() if value}
        try:
            url = f"{self.api.url}/v1/chat/completions"
            with self.api.http.stream("POST", url, json=payload, headers=self.api.headers, timeout=TIMEOUT) as response:
                raise_for_status(response, personal=self.api.personal)
                yield from _read_events(response.iter_lines())
        except httpx.HTTPError as error:
            raise unreachable(error, answering=True) from error


def _read_events(lines: Iterator[str]) -> Iterator[TextDelta | Verdict]:
    """Server-sent events of OpenAI chunks. A stream that ends without its last chunk is `interrupted`."""
    annotations: Sequence[Mapping[str, Any]] = ()
    verdict: Mapping[str, Any] | None = None
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            break
        chunk = _parse(data)
        if "error" in chunk:
            raise error_of(chunk, 500)
        delta = (chunk.get("choices") or [{}])[0].get("delta") or {}
        if delta.get("content"):
            yield TextDelta(str(delta["content"]))
        if delta.get("annotations"):
            annotations = delta["annotations"]
        verdict = chunk.get("vernacular") or verdict
    if verdict is None:
        raise GatewayError("interrupted", "The answer was cut off.", "Ask again.")
    yield verdict_of(verdict, annotations)


def verdict_of(verdict: Mapping[str, Any], annotations: Sequence[Mapping[str, Any]]) -> Verdict:
    """What the gateway says of an answer at its end, and again where it kept one."""
    return Verdict(
        answered=bool(verdict.get("answered")),
        reason=str(verdict.get("reason") or ""),
        language=str(verdict.get("language") or ""),
        sources=tuple(map(_source, annotations)),
        conversation_id=verdict.get("conversation_id"),
        understood=_variety(verdict.get("understood")),
        mode=str(verdict.get("mode") or "extractive"),
        fallback=str(verdict.get("fallback") or ""),
        unsupported=tuple((int(start), int(end)) for start, end in verdict.get("unsupported") or ()),
        unverified_code=tuple(
            number for number, block in enumerate(verdict.get("code") or ()) if not block.get("verified")
        ),
        dialect=str(verdict.get("dialect") or ""),
        message_id=str(verdict.get("message_id") or ""),
        looked_for=_strings(verdict.get("looked_for")),
    )


def _parse(data: str) -> Mapping[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise bad_answer() from error
    if not isinstance(chunk, dict):
        raise bad_answer()
    return chunk


def _variety(told: Any) -> Variety | None:
    if not isinstance(told, Mapping) or not told.get("tag"):
        return None
    return Variety(str(told["tag"]), str(told.get("native") or told["tag"]))


def _source(annotation: Mapping[str, Any]) -> SourceQuote:
    page = annotation.get("page")
    return SourceQuote(
        index=int(annotation.get("index") or 0),
        document_id=str(annotation.get("file_id") or ""),
        title=str(annotation.get("title") or annotation.get("filename") or annotation.get("source_id") or ""),
        quote=str(annotation.get("quote") or ""),
        start=int(annotation.get("start") or 0),
        end=int(annotation.get("end") or 0),
        uri=annotation.get("uri") or None,
        page=int(page) if page is not None else None,
        valid_from=annotation.get("valid_from") or None,
        valid_until=annotation.get("valid_until") or None,
        described=bool(annotation.get("described")),
    )


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
