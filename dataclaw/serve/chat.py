"""The face that speaks OpenAI's chat completions: the user's message names a stream and says what it is for.

A model is a domain, perhaps with who decides: `auto`, `gui`, `gui/planner`. The answer is JSON text with a summary.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Literal

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from dataclaw.errors import count_of
from dataclaw.serve.asking import JobRequest
from dataclaw.serve.catalogue import list_domains
from dataclaw.serve.desk import Desk
from dataclaw.serve.jobs import Job
from dataclaw.serve.problem import RefusedError
from dataclaw.strict import check, load_json
from dataclaw.types import Json

ANSWER_CHARS = 400_000
"""Longest answer; samples beyond it are counted, and fetched from the job."""
CHUNK_CHARS = 2000
LOOK, QUIET = 0.2, 10.0
"""How often a job is looked at, and after how long a client hears that it goes on [s]."""
HOW = "Write the request for data, and `stream: REFERENCE` on a line of its own; or attach a file by its file_id."
_LINE = re.compile(r"^\s*stream:\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)


class _Sent(BaseModel):
    """What OpenAI's clients send; options that have no meaning here are passed over, as other servers do."""

    model_config = ConfigDict(extra="ignore")


class FilePart(_Sent):
    """A file that was uploaded before.

    Attributes:
        file: `{"file_id": id of an upload}`.
    """

    type: Literal["file"]
    file: dict[str, Any]


class TextPart(_Sent):
    """A piece of text."""

    type: Literal["text"]
    text: str


class ChatMessage(_Sent):
    """A message; only the last of the user counts."""

    role: str
    content: str | list[Annotated[TextPart | FilePart, Field(discriminator="type")]] | None = None


class StreamOptions(_Sent):
    """How an answer comes in pieces."""

    include_usage: bool = False


class ChatRequest(_Sent):
    """A request for a completion."""

    model: Annotated[str, Field(max_length=200)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None


def add_chat(app: FastAPI, desk: Desk) -> None:
    """Add `/v1/models` and `/v1/chat/completions` to an app."""

    @app.get("/v1/models", tags=["chat"])
    def list_models() -> dict[str, Any]:
        """What can be asked for: domains, and who decides for them."""
        names = ["auto", *(str(domain["name"]) for domain in desk.aside.call(list_domains, desk.plugins))]
        models = [name + suffix for name in names for suffix in ("", *(f"/{model}" for model in desk.limits.models))]
        listed = [{"id": one, "object": "model", "created": 0, "owned_by": "dataclaw"} for one in models]
        return {"object": "list", "data": listed}

    @app.post("/v1/chat/completions", response_model=None, tags=["chat"])
    async def complete(request: Request, asked: ChatRequest) -> Response | dict[str, Any]:
        """Make samples of the stream that the user's last message names."""
        job = await anyio.to_thread.run_sync(desk.submit, job_request(asked))
        if asked.stream:
            return StreamingResponse(_pieces(desk, job, asked, request), media_type="text/event-stream")
        async for _ in _finishing(desk, job, request):
            pass
        return await anyio.to_thread.run_sync(_completion, desk, job.id, asked)


def job_request(asked: ChatRequest) -> JobRequest:
    """The job that a conversation asks for.

    Raises:
        RefusedError: the last message of the user names no stream, or says nothing else.
        ConfigError: a value is wrong.
    """
    message = next((one for one in reversed(asked.messages) if one.role == "user"), None)
    content = message.content if message else None
    parts = [TextPart(type="text", text=content)] if isinstance(content, str) else content or []
    text = "\n".join(part.text for part in parts if isinstance(part, TextPart))
    streams = [str(part.file.get("file_id", "")) for part in parts if isinstance(part, FilePart)] + _LINE.findall(text)
    intent = _LINE.sub("", text).strip()
    if not streams or not intent:
        lacks = "no stream" if not streams else "nothing but the stream"
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"the user's message names {lacks}.", place="messages", remedy=HOW)
    domain, _, model = asked.model.partition("/")
    given: dict[str, Json] = {"streams": streams, "intent": intent, "domain": None if domain == "auto" else domain}
    given |= {"model": model or None, "seed": asked.seed, "temperature": asked.temperature}
    return check({key: value for key, value in given.items() if value is not None}, JobRequest, "the request")


async def _finishing(desk: Desk, job: Job, request: Request) -> AsyncIterator[None]:
    """Wait for a job, with a sign of life now and then; a client that goes away cancels it: nobody has its handle."""
    try:
        since = time.monotonic()
        while not (await anyio.to_thread.run_sync(desk.jobs.get, job.id)).is_finished:
            if await request.is_disconnected():
                break
            if time.monotonic() - since > QUIET:
                since = time.monotonic()
                yield
            await anyio.sleep(LOOK)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(desk.jobs.cancel, job.id)


def _completion(desk: Desk, name: str, asked: ChatRequest) -> dict[str, Json]:
    job = desk.jobs.get(name)
    message = {"role": "assistant", "content": _answer(desk, job)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**_head(job, asked, "chat.completion"), "choices": [choice], "usage": _usage(job)}


async def _pieces(desk: Desk, job: Job, asked: ChatRequest, request: Request) -> AsyncIterator[str]:
    """The answer as chunks; comments keep the line open while the job works."""
    head = _head(job, asked, "chat.completion.chunk")
    yield _data(head, {"role": "assistant", "content": ""})
    async for _ in _finishing(desk, job, request):
        yield ": it goes on\n\n"
    job = await anyio.to_thread.run_sync(desk.jobs.get, job.id)
    text = await anyio.to_thread.run_sync(_answer, desk, job)
    for start in range(0, len(text), CHUNK_CHARS):
        yield _data(head, {"content": text[start : start + CHUNK_CHARS]})
    yield _data(head, {}, "stop")
    if asked.stream_options and asked.stream_options.include_usage:
        yield f"data: {json.dumps({**head, 'choices': [], 'usage': _usage(job)})}\n\n"
    yield "data: [DONE]\n\n"


def _head(job: Job, asked: ChatRequest, kind: str) -> dict[str, Json]:
    return {"id": f"chatcmpl-{job.id}", "object": kind, "created": int(job.created), "model": asked.model}


def _data(head: dict[str, Json], delta: dict[str, Json], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n"


def _answer(desk: Desk, job: Job) -> str:
    """A summary, the job's id, and its samples and rejections, as JSON text."""
    told: dict[str, Json] = {"summary": summary_of(job), "job": job.id, "problem": job.problem}
    told |= {"samples": [], "rejected": []}
    size = 0
    for table in ("samples", "rejected"):
        for row in desk.page(job, table, 0, 1000)["items"]:
            size += len(json.dumps(row, ensure_ascii=False))
            if size > ANSWER_CHARS:
                told["summary"] += f" Not all of it is here; GET /v1/jobs/{job.id}/{table} has the rest."
                break
            told[table].append(row)
    return json.dumps(told, ensure_ascii=False)


def summary_of(job: Job) -> str:
    """How a job stands, in one or two sentences."""
    made = count_of(job.counts.get("samples", 0), "sample")
    lost = count_of(job.counts.get("rejected", 0), "rejection")
    if job.state == "failed" and job.problem:
        return f"The job failed: {job.problem['detail']} {job.problem['remedy']}".strip()
    if job.state == "done":
        return f"{made}, {lost}."
    return f"The job is {job.state}." + (f" So far {made}, {lost}." if job.counts else "")


def _usage(job: Job) -> dict[str, int]:
    """Tokens that models read and wrote for a job; none where a plan decided."""
    file = job.out / "usage.json"
    used: dict[str, Any] = load_json(file.read_text(encoding="utf-8")) if file.is_file() else {}
    read, wrote = int(used.get("read") or 0), int(used.get("written") or 0)
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
