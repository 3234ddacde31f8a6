"""HTTP: uploads, jobs and what they gave, with a description in OpenAPI. A thin face of `Desk`."""

from __future__ import annotations

import errno
import json
import logging
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import FastAPI, Header, Path, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, StreamingResponse

from dataclaw.errors import DataClawError
from dataclaw.serve.asking import JobRequest
from dataclaw.serve.catalogue import list_domains, show_domain
from dataclaw.serve.chat import add_chat
from dataclaw.serve.desk import MEDIA_TYPES, Desk, Table
from dataclaw.serve.jobs import JobState
from dataclaw.serve.problem import RefusedError, problem_of
from dataclaw.version import __version__

UPLOAD_PATH = "/v1/uploads"
FOLLOW = 0.2
"""How often a job that is followed is looked at [s]."""
REPORT_CSP = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the report, which brings its styles and scripts, names their hashes itself, and gets no origin here."""

log = logging.getLogger(__name__)

Id = Annotated[str, Path(max_length=64)]


def make_app(desk: Desk) -> FastAPI:
    """The app; run it behind `guard.Guard`."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        desk.start()
        yield
        await anyio.to_thread.run_sync(desk.close)

    app = FastAPI(
        title="DataClaw",
        version=__version__,
        summary="Raw streams and an intent in, verified training samples out.",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    _add_uploads(app, desk)
    _add_jobs(app, desk)
    _add_results(app, desk)
    _add_domains(app, desk)
    add_chat(app, desk)
    _add_problems(app)
    return app


def _add_uploads(app: FastAPI, desk: Desk) -> None:
    @app.post(UPLOAD_PATH, status_code=HTTPStatus.CREATED, tags=["uploads"])
    def upload(files: list[UploadFile]) -> dict[str, Any]:
        """Send a stream: a file, several files that belong together, or one zip of a folder."""
        return desk.upload((file.filename or "file", file.file) for file in files)

    @app.get(UPLOAD_PATH, tags=["uploads"])
    def list_uploads() -> list[dict[str, Any]]:
        """Uploads, the latest first."""
        return desk.streams.all_uploads()

    @app.get(f"{UPLOAD_PATH}/{{id}}", tags=["uploads"])
    def show_upload(id: Id) -> dict[str, Any]:  # noqa: A002 - its name in the address
        """An upload and its streams."""
        return desk.streams.about(id)

    @app.delete(f"{UPLOAD_PATH}/{{id}}", status_code=HTTPStatus.NO_CONTENT, tags=["uploads"])
    def delete_upload(id: Id) -> None:  # noqa: A002
        """Delete an upload that no job needs."""
        desk.delete_upload(id)


def _add_jobs(app: FastAPI, desk: Desk) -> None:
    @app.post("/v1/jobs", status_code=HTTPStatus.ACCEPTED, tags=["jobs"])
    def start_job(request: JobRequest) -> dict[str, Any]:
        """Start a job."""
        return desk.submit(request).to_json()

    @app.get("/v1/jobs", tags=["jobs"])
    def list_jobs(
        state: JobState | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100, before: str | None = None
    ) -> list[dict[str, Any]]:
        """Jobs, the latest first; `before` is the id of a job, and gives those that are older."""
        number = desk.jobs.get(before).number if before else None
        return [job.to_json() for job in desk.jobs.find([state] if state else [], limit=limit, before=number)]

    @app.get("/v1/jobs/{id}", tags=["jobs"])
    def show_job(id: Id) -> dict[str, Any]:  # noqa: A002
        """A job as it stands."""
        return desk.jobs.get(id).to_json()

    @app.post("/v1/jobs/{id}/cancel", tags=["jobs"])
    def cancel_job(id: Id) -> dict[str, Any]:  # noqa: A002
        """Cancel a job; what it gave so far is kept."""
        return desk.jobs.cancel(id).to_json()

    @app.delete("/v1/jobs/{id}", status_code=HTTPStatus.NO_CONTENT, tags=["jobs"])
    def delete_job(id: Id) -> None:  # noqa: A002
        """Delete a finished job and all it gave."""
        desk.jobs.delete(id)

    @app.get("/v1/jobs/{id}/events", response_class=StreamingResponse, tags=["jobs"])
    def follow_job(
        id: Id,  # noqa: A002
        request: Request,
        last_event_id: Annotated[int, Header(ge=0)] = 0,
    ) -> StreamingResponse:
        """Follow a job by server-sent events: `progress`, and `end` with the job; `Last-Event-ID` resumes."""
        desk.jobs.get(id)
        return StreamingResponse(
            _follow(desk, id, last_event_id, request),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )


async def _follow(desk: Desk, name: str, after: int, request: Request) -> AsyncIterator[str]:
    quiet = 0.0
    while not await request.is_disconnected():
        job = await anyio.to_thread.run_sync(desk.jobs.get, name)
        told = await anyio.to_thread.run_sync(desk.events, job, after)
        if told:  # in one piece: a client may be gone, and each piece to nobody is a line in the log
            after = told[-1]["number"]
            yield "".join(
                f"id: {event.pop('number')}\nevent: progress\ndata: {json.dumps(event)}\n\n" for event in told
            )
        if job.is_finished and not told:
            yield f"event: end\ndata: {json.dumps(job.to_json())}\n\n"
            return
        quiet = 0.0 if told else quiet + FOLLOW
        if quiet > 15.0:  # proxies close what is silent
            quiet = 0.0
            yield ": it goes on\n\n"
        await anyio.sleep(FOLLOW)


def _add_results(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/jobs/{id}/report", response_class=FileResponse, tags=["results"])
    def report(id: Id) -> FileResponse:  # noqa: A002
        """The report on a job, a page that stands alone."""
        file = desk.file(desk.jobs.get(id), "report.html")
        return FileResponse(file, media_type="text/html", headers={"content-security-policy": REPORT_CSP})

    @app.get("/v1/jobs/{id}/media/{path:path}", response_class=FileResponse, tags=["results"])
    def media(id: Id, path: str) -> FileResponse:  # noqa: A002
        """A picture or clip of a job, as its artifacts name it; ranges of bytes can be asked for."""
        file = desk.file(desk.jobs.get(id), f"media/{path}")
        return FileResponse(file, media_type=MEDIA_TYPES.get(file.suffix, "application/octet-stream"))

    @app.get("/v1/jobs/{id}/{table}", tags=["results"])
    def page(
        id: Id,  # noqa: A002
        table: Table,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Samples, rejections or media of a job, a page at a time; they are there when the job has ended."""
        return desk.page(desk.jobs.get(id), table, offset, limit)


def _add_domains(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/domains", tags=["domains"])
    def domains() -> list[dict[str, Any]]:
        """The domains, with their tasks."""
        return desk.aside.call(list_domains, desk.plugins)

    @app.get("/v1/domains/{name}", tags=["domains"])
    def domain(name: str) -> dict[str, Any]:
        """A domain: what each task is for, what users say, and the schema of its drafts."""
        return desk.aside.call(show_domain, name, None, desk.plugins)


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(DataClawError)
    def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, DataClawError)
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def wrong(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = [(".".join(map(str, one["loc"])), str(one["msg"])) for one in error.errors()]
        told = "; ".join(f"{place}: {message}" for place, message in found)
        remedy = "See /openapi.json for what there is."
        return problem_of(RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{told}.", place=found[0][0], remedy=remedy))

    @app.exception_handler(HTTPException)
    def other(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = problem_of(
            RefusedError(
                HTTPStatus(error.status_code),
                f"{error.detail}.",
                place=request.url.path,
                remedy="See /openapi.json for what there is.",
            )
        )
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(OSError)
    @app.exception_handler(sqlite3.OperationalError)
    def full(_: Request, error: Exception) -> Response:
        log.error("the disk refused: %s", error)
        is_full = getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT) or "full" in str(error)
        status = HTTPStatus.INSUFFICIENT_STORAGE if is_full else HTTPStatus.INTERNAL_SERVER_ERROR
        message = "the server's disk is full." if is_full else "the server cannot read or write its files."
        return problem_of(RefusedError(status, message, remedy="Whoever runs the server has to look into its log."))

    @app.exception_handler(Exception)
    def bug(_: Request, error: Exception) -> JSONResponse:
        log.exception("a request failed", exc_info=error)
        return problem_of(
            RefusedError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "internal error.",
                remedy="The server's log says more; please report it.",
            )
        )
