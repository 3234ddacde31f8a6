"""The page and its questions over HTTP. Everything that is asked for by name is looked up, nothing becomes a path.

GET  /api/state                 whether something has changed: asked every few seconds
GET  /api/runs                  the runs, with what can be filtered by
GET  /api/rows                  a page of rows of a run
GET  /api/sample /api/form /api/recording   one sample, its draft as a form, its recording
POST /api/preview /api/review   an edit judged; a review written
GET  /api/rerun /api/compare    the command for flagged streams; two runs side by side
GET  /media/RUN/PATH /recording/RUN/ID      files, in ranges
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dataclaw.errors import DataClawError, UsageError
from dataclaw.rewards import library
from dataclaw.run.report.compare import compare
from dataclaw.serve.problem import RefusedError, problem_of
from dataclaw.serve.view.footage import kind_of
from dataclaw.serve.view.gold import rerun_command
from dataclaw.serve.view.index import Query
from dataclaw.serve.view.open_run import OpenRun
from dataclaw.serve.view.reviews import COMMENT_CHARS, Review, ReviewAction
from dataclaw.types import Json
from dataclaw.version import __version__

PAGE, REPORT = files("dataclaw.serve.view") / "page", files("dataclaw.run.report") / "templates"
MAX_ROWS = 200
MAX_PAIRS = 500
"""Most pairs of samples that a comparison lists, those that moved most."""
BODY_BYTES = 8_000_000
"""Longest draft that may be sent [bytes]."""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RowsQuery(_Asked):
    """What of a run is asked for; fields as in `Query`."""

    run: str
    text: str = ""
    kind: Literal["", "sample", "rejected"] = ""
    domain: str = ""
    task: str = ""
    rule: str = ""
    source: str = ""
    stream: str = ""
    low: Annotated[float, Field(ge=0, le=1)] | None = None
    high: Annotated[float, Field(ge=0, le=1)] | None = None
    review: Literal["", "none", "accepted", "rejected", "flagged", "edited", "outdated"] = ""
    sort: Literal["order", "best", "worst", "name"] = "order"
    start: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 50
    id: str = ""

    def query(self) -> Query:
        """As the index takes it."""
        return Query(**self.model_dump(exclude={"run", "start", "count", "id"}))


class DraftBody(_Asked):
    """A draft to be judged."""

    run: str
    id: str
    draft: dict[str, Json]


class ReviewBody(_Asked):
    """A review to be written: `of` is the hash of what was seen, `after` the last review that was seen."""

    run: str
    id: str
    of: str
    after: str
    action: ReviewAction
    edit: dict[str, Json] | None = None
    comment: Annotated[str, Field(max_length=COMMENT_CHARS)] = ""
    who: Annotated[str, Field(max_length=200)] = ""


@dataclass(slots=True)
class Viewer:
    """What answers.

    Attributes:
        runs: the runs by name.
        started: another one after every start, so that an open page knows.
    """

    runs: Mapping[str, OpenRun]
    started: str = field(default_factory=lambda: secrets.token_hex(8))

    def run(self, name: str) -> OpenRun:
        """A run by name, with what has changed in its folder taken in.

        Raises:
            RefusedError: there is none, or it is not finished.
        """
        if name not in self.runs:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"no run {name!r} is open.", remedy="Choose one of the list.")
        self.runs[name].refresh()
        return self.runs[name]

    def state(self, _: Request) -> Json:
        """Marks that change when something changed, and how far runs are read that are being read."""
        marks = {name: _mark(run.root) for name, run in self.runs.items()}
        reading = {name: n for name, run in self.runs.items() if (n := run.index.reading) is not None}
        return {"started": self.started, "runs": marks, "reading": reading}

    def list_runs(self, _: Request) -> Json:
        """The runs, and what each rule says of itself."""
        docs = {name: known.doc for name, known in library().items()}
        return {"runs": [self._about(name) for name in self.runs], "rules": docs, "version": __version__}

    def list_rows(self, request: Request) -> Json:
        """Rows of a query."""
        asked = RowsQuery.model_validate(dict(request.query_params))
        run = self.run(asked.run)
        total, rows = run.index.page(asked.query(), asked.start, asked.count)
        return {"total": total, "start": asked.start, "rows": rows}

    def sample(self, request: Request) -> Json:
        """One sample with everything beside it, and its neighbours in the list that it was opened from."""
        asked = RowsQuery.model_validate(dict(request.query_params))
        run = self.run(asked.run)
        return run.detail(asked.id) | {"near": run.index.near(asked.query(), asked.id)}

    def form(self, request: Request) -> Json:
        """A sample's draft, for its form."""
        return self.run(request.query_params.get("run", "")).form(request.query_params.get("id", ""))

    def recording(self, request: Request) -> Json:
        """Whether the recording can be played."""
        return self.run(request.query_params.get("run", "")).recording(request.query_params.get("id", ""))

    def rerun(self, request: Request) -> Json:
        """The command for flagged streams."""
        return {"command": rerun_command(self.run(request.query_params.get("run", "")))}

    def compare(self, request: Request) -> Json:
        """Two runs side by side."""
        a, b = (self.run(request.query_params.get(side, "")) for side in ("a", "b"))
        found = compare(a.root, b.root)
        shown = found.to_json()
        moved = sorted(found.pairs, key=lambda p: (-abs((p.after or 0) - (p.before or 0)), not p.changes, p.id))
        shown["pairs"] = [
            {
                "id": p.id,
                "first": p.first,
                "name": p.name,
                "before": p.before,
                "after": p.after,
                "changes": len(p.changes),
            }
            | {
                "places": [
                    {"path": c.path, "kind": c.kind, "before": c.before, "after": c.after} for c in p.changes[:12]
                ]
            }
            for p in moved[:MAX_PAIRS]
        ]
        return shown | {"count": len(found.pairs), "same": sum(not p.changes for p in found.pairs)}

    def page(self, _: Request) -> Response:
        """The page itself; what it shows is asked for by its scripts."""
        return FileResponse(str(PAGE / "index.html"), headers={"cache-control": "no-cache"})

    def media(self, request: Request) -> Response:
        """A picture or a clip below `media/`."""
        run = self.run(request.path_params["run"])
        path = f"media/{request.path_params['path']}"
        return _file(run.media_file(path), path)

    def play(self, request: Request) -> Response:
        """The recording that a sample was made of."""
        run = self.run(request.path_params["run"])
        return _file(run.recording_file(request.path_params["id"]), "the recording")

    def preview(self, body: bytes) -> Json:
        """An edit judged, without writing anything."""
        asked = DraftBody.model_validate_json(body)
        return self.run(asked.run).preview(asked.id, asked.draft)

    def review(self, body: bytes) -> Json:
        """A review written."""
        asked = ReviewBody.model_validate_json(body)
        told = asked.model_dump(include={"of", "action", "edit", "comment", "who"})
        return self.run(asked.run).save(Review.now(sample=asked.id, **told), after=asked.after)

    def _about(self, name: str) -> dict[str, Json]:
        version, asked = self.runs[name].folder.config()
        about: dict[str, Json] = {"name": name, "path": str(self.runs[name].root), "version": version}
        about["intent"] = str(asked.get("intent", ""))
        try:
            run = self.run(name)
        except RefusedError as error:
            return about | {"problem": str(error)}
        return about | run.index.facets() | {"broken": [*run.index.broken, *run.reviews.broken]}


def make_app(runs: Mapping[str, OpenRun]) -> Starlette:
    """The app that shows these runs; `dataclaw.serve.guard` stands before it."""
    viewer = Viewer(runs)
    asked: dict[str, Callable[[Request], Json]] = {
        "state": viewer.state,
        "runs": viewer.list_runs,
        "rows": viewer.list_rows,
        "sample": viewer.sample,
        "form": viewer.form,
        "recording": viewer.recording,
        "rerun": viewer.rerun,
        "compare": viewer.compare,
    }
    told: dict[str, Callable[[bytes], Json]] = {"preview": viewer.preview, "review": viewer.review}
    return Starlette(
        routes=[
            Route("/", _send(viewer.page)),
            *(Route(f"/api/{name}", _answer(make), methods=["GET"]) for name, make in asked.items()),
            *(Route(f"/api/{name}", _take(make), methods=["POST"]) for name, make in told.items()),
            Route("/media/{run}/{path:path}", _send(viewer.media)),
            Route("/recording/{run}/{id}", _send(viewer.play)),
            Mount("/page", StaticFiles(directory=str(PAGE))),
            Mount("/report", StaticFiles(directory=str(REPORT))),
        ],
        exception_handlers={DataClawError: _refuse, ValidationError: _refuse_fields, HTTPException: _refuse_http},
    )


def _answer(make: Callable[[Request], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        told = await run_in_threadpool(make, request)
        return JSONResponse(told, headers={"cache-control": "no-store"})

    return answer


def _send(make: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:
        return await run_in_threadpool(make, request)

    return send


def _take(make: Callable[[bytes], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is not JSON.", remedy="Send application/json."
            )
        return JSONResponse(await run_in_threadpool(make, await request.body()))

    return take


def _file(file: Path | None, name: str) -> Response:
    kind = kind_of(file) if file else None
    if file is None or kind is None:
        raise RefusedError(
            HTTPStatus.NOT_FOUND, f"{name} is not here, or is not shown.", remedy="Check the run's folder."
        )
    return FileResponse(file, media_type=kind, headers={"cache-control": "private, max-age=60"})


def _mark(root: Path) -> str:
    """Changes when the run's tables or its reviews do."""
    found: list[str] = []
    for name in ("samples.jsonl", "rejected.jsonl", "reviews.jsonl"):
        file = root / name
        found.append(f"{file.stat().st_size}.{file.stat().st_mtime_ns}" if file.is_file() else "-")
    return " ".join(found)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, DataClawError)
    return problem_of(error)


async def _refuse_fields(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return problem_of(UsageError(f"{first['msg']}.", place=place, remedy="Ask as the page does."))


async def _refuse_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_of(RefusedError(HTTPStatus(error.status_code), f"{error.detail}.", remedy="Go back to the list."))
