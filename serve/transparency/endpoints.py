from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response

from serve.deps import TenantAccess, WriteAccess
from serve.responses import MARKDOWN, Format, JsonResponse
from serve.transparency.card import system_card
from serve.transparency.markdown import card_markdown, sheet_markdown
from serve.transparency.schemas import DataSheet, SystemCard
from serve.transparency.sheet import data_sheet

router = APIRouter(tags=["transparency"])
_SHAPES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}}


Shape = Annotated[Format, Query(alias="format", description="`json` or `markdown`.")]


@router.get("/v1/system-card", response_model=SystemCard, responses=_SHAPES)
def show_card(access: TenantAccess, shape: Shape = Format.JSON) -> Response:
    """What there is to know of the assistant: models and their licences, data, evaluation, safety, known limits.

    Of the documents it counts those that the caller may read.
    """
    with access.read() as scope:
        card = system_card(access.services, scope)
    if shape == Format.MARKDOWN:
        return PlainTextResponse(card_markdown(card), media_type=MARKDOWN)
    return JsonResponse(card.model_dump(mode="json"))


@router.get("/v1/data-sheet", response_model=DataSheet, responses=_SHAPES)
def show_sheet(access: WriteAccess, shape: Shape = Format.JSON) -> Response:
    """What is indexed, by source, language and type."""
    with access.read() as scope:
        sheet = data_sheet(scope)
    if shape == Format.MARKDOWN:
        return PlainTextResponse(sheet_markdown(sheet), media_type=MARKDOWN)
    return JsonResponse(sheet.model_dump(mode="json"))
