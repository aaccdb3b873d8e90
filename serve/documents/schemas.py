from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from vernacular.fetching.urls import MAX_URL

DEFAULT_SOURCE = "api"
MAX_URIS = 1000


class UploadOptions(BaseModel):
    """`source` names where the documents come from; with `sync`, what it held and does not hold now is deleted."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(default=DEFAULT_SOURCE, min_length=1, max_length=400)
    sync: bool = False


class UploadForm(UploadOptions):
    """The fields beside the files. All but the first two describe every file of the form; structured ones are JSON."""

    mapping: dict[str, Any] | None = Field(default=None, description='A product feed\'s columns, e.g. `{"id": "sku"}`.')
    groups: list[str] | None = Field(default=None, description="Who may read the documents; everyone, if not given.")
    metadata: dict[str, Any] | None = None
    language: str | None = Field(default=None, max_length=35)
    title: str | None = Field(default=None, max_length=1000)
    uri: str | None = Field(default=None, max_length=4000)
    valid_from: date | None = None
    valid_until: date | None = None

    @field_validator("groups")
    @classmethod
    def _named(cls, groups: list[str] | None) -> list[str] | None:
        """A group without a name would let no one in, or everyone."""
        if groups is not None and not all(group.strip() for group in groups):
            raise ValueError("must hold names")
        return groups

    @field_validator("valid_until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("valid_from")
        if until is not None and begin is not None and until < begin:
            raise ValueError("must not be before `valid_from`")
        return until


class FetchRequest(UploadForm):
    """Addresses to fetch documents from. The other fields describe every document; `uri` is none of them here."""

    mapping: None = None
    uri: str | None = Field(default=None, max_length=MAX_URL, description="The http(s) address of a page or a file.")
    uris: list[str] = Field(default=[], max_length=MAX_URIS, description="Several of them.")


class DocumentHead(BaseModel):
    document_id: str
    source: str
    source_id: str
    title: str
    uri: str | None
    filename: str | None
    media_type: str
    language: str | None
    metadata: dict[str, Any]
    groups: list[str]
    valid_from: date | None
    valid_until: date | None
    characters: int
    chunks: int
    has_original: bool
    picture: bool = Field(description="Whether it has a picture, as products do.")
    bytes: int = Field(description="Of its text, its original and its picture.")
    created_at: datetime
    updated_at: datetime


class DocumentPage(BaseModel):
    """`next_cursor` null: this was the last page."""

    documents: list[DocumentHead]
    next_cursor: str | None


class PageView(BaseModel):
    number: int
    start: int
    end: int
    label: str = ""


class HeadingView(BaseModel):
    level: int
    start: int
    end: int


class SpanView(BaseModel):
    start: int
    end: int


class DocumentContent(DocumentHead):
    """The text that citations' offsets (code points) refer to, and where its pages, headings and tables are."""

    text: str
    pages: list[PageView]
    headings: list[HeadingView]
    tables: list[SpanView]
    page_images: bool = Field(description="Whether its pages can be had as pictures.")


class LastJob(BaseModel):
    job_id: str
    state: str
    failed: int
    created_at: datetime


class SourceView(BaseModel):
    """`updated_at`: of the document that changed last."""

    source: str
    documents: int
    bytes: int
    updated_at: datetime | None
    last_job: LastJob | None


class Sources(BaseModel):
    data: list[SourceView]


class Deleted(BaseModel):
    document_id: str
    deleted: bool = True
