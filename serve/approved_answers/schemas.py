from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import regex
from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from serve.validation import RequestModel
from vernacular.approved import one_line, written

QUESTION_CHARS, ANSWER_CHARS, VARIANTS = 500, 20_000, 40
State = Literal["indexing", "live", "off", "expired", "upcoming"]
_MARKER: Final = regex.compile(r"\[\d{1,3}\]")
_IMAGE: Final = regex.compile(r"!\[[^\]]*\][(\[]")
_TAG: Final = regex.compile(r"<[A-Za-z/!?]")
_LINK: Final = regex.compile(r"\]\(\s*<?([A-Za-z][A-Za-z0-9+.-]*):")
_CODE: Final = regex.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", regex.DOTALL)
_OPENED: Final = frozenset({"http", "https", "mailto", "tel"})


def _question(text: str) -> str:
    plain = one_line(text)
    if not any(map(str.isalnum, plain)):
        raise ValueError("must not be empty")
    return plain


def _answer(text: str) -> str:
    """What would not be shown as it is written is refused: the answer is given word for word."""
    plain = written(text)
    if not any(map(str.isalnum, plain)):
        raise ValueError("must not be empty")
    shown = _CODE.sub("", plain)
    if marker := _MARKER.search(plain):
        raise ValueError(f"holds {marker.group()}, which would read as a citation: write ({marker.group()[1:-1]})")
    if _IMAGE.search(shown):
        raise ValueError("holds an image, and answers hold none: link to it")
    if _TAG.search(shown):
        raise ValueError("holds HTML, which is not shown: write text or Markdown")
    if any(found[1].lower() not in _OPENED for found in _LINK.finditer(shown)):
        raise ValueError("links to an address that is neither a page, nor an e-mail address, nor a telephone number")
    return plain


def _address(uri: str | None) -> str | None:
    text = (uri or "").strip()
    if not text:
        return None
    if urlsplit(text).scheme.lower() not in {"http", "https"} or any(map(str.isspace, text)):
        raise ValueError("must be an address that begins with https:// or http://")
    return text


Question = Annotated[str, Field(max_length=QUESTION_CHARS), AfterValidator(_question)]
AnswerText = Annotated[str, Field(max_length=ANSWER_CHARS), AfterValidator(_answer)]
Address = Annotated[str | None, Field(max_length=2000), AfterValidator(_address)]
Language = Annotated[str, Field(max_length=35, pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$")]


class ApprovedAnswerForm(RequestModel):
    """`language`: as a BCP 47 tag; told from the words, if it is not given. `message_ids`: questions that were not answered and that this
    answers, by the ids of the answers they got: their wordings join the variants, and they count as dealt with."""

    question: Question
    answer: AnswerText
    variants: list[Question] = Field(default_factory=list, max_length=VARIANTS)
    language: Language = ""
    uri: Address = None
    active: bool = True
    valid_from: date | None = None
    valid_until: date | None = None
    message_ids: list[str] = Field(default_factory=list, max_length=2000)
    wordings: bool = Field(
        default=True,
        description="Whether the wordings of `message_ids` become variants; false: you have put those that are to among `variants`.",
    )

    @field_validator("valid_until")
    @classmethod
    def _check_days(cls, until: date | None, others: ValidationInfo) -> date | None:
        first = others.data.get("valid_from")
        if until and first and until < first:
            raise ValueError("is before valid_from")
        return until


class ApprovedAnswerChange(RequestModel):
    """What is given is changed; `uri` and the days may be null, to be none."""

    question: Question | None = None
    answer: AnswerText | None = None
    variants: list[Question] | None = Field(default=None, max_length=VARIANTS)
    language: Language | None = None
    uri: Address = None
    active: bool | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The fields to be changed."""
        empty = {"uri", "valid_from", "valid_until"}
        found = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in found.items() if value is not None or name in empty}


class ApprovedAnswerView(BaseModel):
    """`state`: `live` once it can be found and given; `document_id`: of the document that it is too, once there is one."""

    id: str
    question: str
    variants: list[str]
    answer: str
    language: str
    uri: str | None
    active: bool
    valid_from: date | None
    valid_until: date | None
    state: State
    document_id: str | None
    created_by: str
    updated_by: str
    created_at: datetime
    updated_at: datetime


class ApprovedAnswerList(BaseModel):
    """`total`: of all that match `q`."""

    data: list[ApprovedAnswerView]
    total: int
    next_cursor: str | None


class ApprovedAnswerDeleted(BaseModel):
    id: str
    deleted: bool = True
