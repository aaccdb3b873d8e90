from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serve.chat.completion import completion, stream
from serve.chat.presence import GONE, EventStream, while_present
from serve.chat.schemas import ChatCompletion, ChatRequest
from serve.chat.service import begin
from serve.deps import ChatAccess
from serve.responses import EVENT_STREAM, JsonResponse

router = APIRouter(tags=["chat"])


@router.post(
    "/v1/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def chat_completions(access: ChatAccess, body: ChatRequest, request: Request) -> Response:
    """Answer the last message from the tenant's documents, with citations, or decline."""
    request_id, until_refused = request.state.request_id, access.until_refused
    if body.stream:
        turn = await while_present(request, lambda: begin(access, body, request_id), until_refused)
        if turn is None:
            return Response(status_code=GONE)
        include_usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventStream(stream(turn, include_usage), turn.close, until_refused, request_id)

    async def answer() -> dict[str, object]:
        return await completion(await begin(access, body, request_id))

    found = await while_present(request, answer, until_refused)
    return Response(status_code=GONE) if found is None else JsonResponse(found)
