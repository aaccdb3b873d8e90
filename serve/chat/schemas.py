"""OpenAI's chat completions, as far as this gateway takes and gives them, and its own additions under `vernacular`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from serve.chat.images import IMAGE_PARTS, ImagePart, image_part
from serve.search.schemas import Dialect, DocumentIds, Filters
from serve.tenants.schemas import VarietyView
from serve.validation import RequestModel


def _text_of(content: Any) -> Any:
    """A message's text, be it a string or a list of parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise ValueError("must be a string or a list of parts")
    return "\n".join(_part_text(part) for part in content if not _is_image(part))


def _is_image(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") in IMAGE_PARTS


def _part_text(part: Any) -> str:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind in {"text", "input_text", "output_text"} and isinstance(part.get("text"), str):
        return str(part["text"])
    if kind in {"input_audio", "file", "input_file"}:
        raise ValueError(f"holds a part of type {kind}, and this assistant reads text and images only")
    raise ValueError('has a part that is not of the form {"type": "text", "text": …}')


Content = Annotated[
    str,
    BeforeValidator(_text_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {
                                "type": "object",
                                "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                                "required": ["type", "text"],
                            },
                            {
                                "type": "object",
                                "properties": {
                                    "type": {"const": "image_url"},
                                    "image_url": {
                                        "type": "object",
                                        "properties": {"url": {"type": "string", "pattern": "^data:image/"}},
                                        "required": ["url"],
                                    },
                                },
                                "required": ["type", "image_url"],
                            },
                        ]
                    },
                },
            ]
        }
    ),
]


class MessageIn(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = ""
    images: SkipJsonSchema[tuple[ImagePart, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _take_images(cls, value: Any) -> Any:
        """`images` are those among the parts of `content`, and no others."""
        if not isinstance(value, Mapping):
            return value
        content = value.get("content")
        parts = content if isinstance(content, list) else ()
        return {**value, "images": tuple(image_part(part) for part in parts if _is_image(part))}


class StreamOptions(BaseModel):
    include_usage: bool = False


class Extension(BaseModel):
    """What this gateway understands beyond OpenAI's fields."""

    model_config = ConfigDict(extra="forbid")

    dialect: Dialect | None = Field(
        default=None,
        description="The variety the answer should be in, as a BCP 47 tag; it holds for the rest of the conversation. "
        "`question`: again that of each question; `standard`: the standard language.",
    )
    filters: Filters = Field(default_factory=dict, description="As in `/v1/search`.")
    top_k: int | None = Field(default=None, ge=1, le=50, description="Passages to compose the answer from.")
    on: date | None = Field(default=None, description="Answer by what is valid on that day; today, if not given.")
    conversation_id: str | None = Field(default=None, max_length=36)
    documents: DocumentIds | None = Field(
        default=None, description="Answer from these documents only; of those that cannot be read nothing is found."
    )

    @property
    def preferences(self) -> dict[str, Any]:
        """What the person wishes for from now on in the conversation, as `vernacular.dialects.preferences` has it."""
        return {} if self.dialect is None else {"answer_in": self.dialect}


class ChatRequest(RequestModel):
    """Fields of OpenAI's that are not listed, such as `stop`, are accepted and have no effect.

    `temperature`, `seed` and the limit of tokens reach the model, if one answers; the limit at most as far as the setting.
    """

    model_config = ConfigDict(extra="ignore")

    model: str = "default"
    messages: list[MessageIn] = Field(min_length=1, max_length=1000)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    tools: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    user: str | None = Field(
        default=None,
        max_length=512,
        description="Who asks, where many share a key, by a name of the caller's: what she asked can be erased under it.",
    )
    vernacular: Extension = Field(default_factory=Extension)


class Annotation(BaseModel):
    """One citation: `[index]` in the text stands for `quote`, found at `start:end` (code points) of the document's text.

    `described`: there stands what a model made of an image in the document, not the document's own words. `masked`: personal
    data in the quote are masked here, and not in the document.
    """

    type: Literal["file_citation"] = "file_citation"
    index: int
    file_id: str
    source_id: str
    filename: str | None
    title: str
    uri: str | None
    page: int | None
    quote: str
    start: int
    end: int
    valid_from: date | None
    valid_until: date | None
    described: bool = False
    masked: bool = False


class MessageOut(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    annotations: list[Annotation]


class Choice(BaseModel):
    index: int
    message: MessageOut
    finish_reason: Literal["stop", "length"]


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CodeBlock(BaseModel):
    """A block of code at `start:end` of the content. `verified`: it stands in the passages; if not, the model wrote it."""

    start: int
    end: int
    language: str
    verified: bool


class PolicyView(BaseModel):
    """What the tenant's safety policy (its `version`) made of the turn: `allow`, `log`, `redact`, `decline` or `handover`, and for
    which category. `masked`: spans of the content in which personal data or addresses are masked."""

    version: str
    action: str
    category: str | None = None
    masked: list[tuple[int, int]] = []


class About(BaseModel):
    """`answered` false: the assistant declined, for `reason`; `interrupted`: the model went away in mid-answer.

    `dialect` is the variety of the answer, `understood` the one that the question is surely in, if it is not a standard
    language. `mode`: written by a model, quotes, or an answer that editors approved, whole (`approved_answer_id`). `fallback`: why quotes came though a model was asked. `unsupported`: spans of the
    content that no quote bears out; `from_image`: they tell what the model saw in the images that were sent, and the
    content says so at its end; `translated`: markers whose quote is in another language than the answer, so that
    only figures and names were compared; `dropped`: sentences that were left out because nothing bore them out.
    `message_id`: of this answer in its conversation. `looked_for`: the words that were searched for.
    """

    answered: bool
    reason: str
    language: str
    dialect: str | None
    understood: VarietyView | None = None
    assistant: str
    trace_id: str
    conversation_id: str
    message_id: str
    looked_for: list[str] = []
    ai_generated: Literal[True] = True
    mode: Literal["extractive", "generative", "approved"] = "extractive"
    approved_answer_id: str | None = None
    model: str | None = None
    adapter: str | None = None
    prompt: str | None = None
    fallback: str | None = None
    unsupported: list[tuple[int, int]] = []
    from_image: bool = False
    translated: list[int] = []
    code: list[CodeBlock] = []
    dropped: int = 0
    policy: PolicyView | None = None


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    vernacular: About
