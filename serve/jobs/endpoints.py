from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from serve.deps import WriteAccess
from serve.jobs import quarantine, retries, service
from serve.jobs.schemas import JobAccepted, JobList, JobView, Quarantine
from serve.responses import EVENT_STREAM, JsonResponse

router = APIRouter(tags=["jobs"])


@router.get("/v1/jobs", response_model=JobList)
def list_jobs(
    access: WriteAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> JsonResponse:
    """Jobs without their errors, the newest first."""
    return JsonResponse(service.list_page(access, limit, cursor))


@router.get("/v1/jobs/{job_id}", response_model=JobView)
def show_job(access: WriteAccess, job_id: str) -> JsonResponse:
    return JsonResponse(service.show(access, job_id))


@router.delete("/v1/jobs/{job_id}", response_model=JobView)
def cancel_job(access: WriteAccess, job_id: str) -> JsonResponse:
    """Ask the job to stop; what it has stored stays."""
    return JsonResponse(service.cancel(access, job_id))


@router.post("/v1/jobs/{job_id}/retry", status_code=202)
def retry_job(access: WriteAccess, job_id: str) -> JobAccepted:
    """Run a job that has ended again, as a new one: what was sent for it is held for some days if it did not end well."""
    return JobAccepted(job_id=retries.retry(access, job_id))


@router.get("/v1/quarantine", response_model=Quarantine)
def list_quarantine(
    access: WriteAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> JsonResponse:
    """What could not be read, of all jobs, and why; the newest first. What came in since is left out."""
    return JsonResponse(quarantine.list_page(access, limit, cursor))


@router.get("/v1/jobs/{job_id}/events", responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}})
async def follow_job(access: WriteAccess, job_id: str, request: Request) -> StreamingResponse:
    """The job as server-sent events, each time it has moved, until it has ended."""
    first = await run_in_threadpool(service.show, access, job_id)
    return StreamingResponse(service.follow(access, first, request.state.request_id), media_type=EVENT_STREAM)
