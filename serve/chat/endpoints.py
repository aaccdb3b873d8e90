from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from serve.chat.completion import completion, events
from serve.chat.schemas import ChatCompletion, ChatRequest
from serve.chat.service import take_turn
from serve.deps import PublicAccess
from serve.responses import EVENT_STREAM, JsonResponse

router = APIRouter(tags=["chat"])


@router.post(
    "/v1/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def chat_completions(access: PublicAccess, body: ChatRequest, request: Request) -> Response:
    """Answer the last message from the tenant's documents, with citations, or decline."""
    turn = await run_in_threadpool(take_turn, access, body, request.state.request_id)
    if not body.stream:
        return JsonResponse(completion(turn))
    include_usage = bool(body.stream_options and body.stream_options.include_usage)
    return StreamingResponse(events(turn, include_usage), media_type=EVENT_STREAM)
