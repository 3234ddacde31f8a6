"""The tools that a model is given over MCP: thin, with results that fit its context.

A result is plain data; what it holds too much of is left out with a note that says how to get it. Media and tables are
links to resources, never part of a text.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, ValidationError

from dataclaw.config import Name
from dataclaw.errors import UsageError
from dataclaw.serve import catalogue
from dataclaw.serve.asking import Described, JobRequest, Reference
from dataclaw.serve.chat import summary_of
from dataclaw.serve.desk import LOOKS, Desk
from dataclaw.serve.jobs import Job
from dataclaw.serve.opening import look_at
from dataclaw.strict import describe_error
from dataclaw.types import Json

RESULT_BYTES = 13_000
"""Longest text of a result [bytes]; with its links at most 10,000 tokens, at 1.5 bytes a token: what tables of numbers
measured with a tokenizer that splits digits. JSON has 2 to 4."""

ROOM = RESULT_BYTES - 2500
"""Of that, what rows may take; the rest is for what stands around them."""

MOST_LINKS = 10
SCHEME = "dataclaw://"
Wait = Annotated[float, Field(ge=0, le=55)]
Handle = Annotated[str, Field(max_length=64)]
SampleId = Annotated[str, Field(max_length=300)]
Offset = Annotated[int, Field(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True)
class Link:
    """A resource that a result points to.

    Attributes:
        uri: what `resources/read` is asked for.
        name: what it is.
        mime: its media type.
    """

    uri: str
    name: str
    mime: str


@dataclass(frozen=True, slots=True)
class ClientReply:
    """What a tool gives back.

    Attributes:
        told: a text, or plain data that is told as JSON.
        links: resources that belong to it.
    """

    told: str | dict[str, Json]
    links: Sequence[Link] = ()

    def text(self) -> str:
        """What a model reads, cut where it would be too long all the same."""
        text = self.told if isinstance(self.told, str) else json.dumps(self.told, ensure_ascii=False)
        raw = text.encode(errors="replace")
        if len(raw) <= RESULT_BYTES:
            return text
        return raw[: RESULT_BYTES - 100].decode(errors="ignore") + f"... [cut: {len(raw):,} bytes; ask for less]"


class TailorArgs(JobRequest):
    """Arguments of `tailor`.

    Attributes:
        wait: how long to wait for the end before answering [s].
    """

    wait: Wait = 25.0


class JobArgs(Described):
    """Arguments of `job`.

    Attributes:
        job: handle of a job, as `tailor` gave it.
        wait: how long to wait for the end before answering [s].
        offset: first sample to show, from 0.
        cancel: cancel it; what it gave so far is kept.
    """

    job: Handle
    wait: Wait = 25.0
    offset: Offset = 0
    cancel: bool = False


class NoArgs(Described):
    """A tool without arguments."""


class DomainArgs(Described):
    """Arguments of `show_domain`.

    Attributes:
        domain: its name.
        task: show this task in full, with its schema.
    """

    domain: Name
    task: Name | None = None


class SampleArgs(Described):
    """Arguments of `score_sample`.

    Attributes:
        job: handle of a job.
        sample: id of one of its samples.
        draft: judge this draft in the sample's place.
    """

    job: Handle
    sample: SampleId
    draft: dict[str, Any] | None = None


class ValidateArgs(Described):
    """Arguments of `validate_sample`: a draft with domain and task, or a job with one of its samples.

    Attributes:
        draft: what to check; left out: the sample's own draft.
        domain: whose task it is.
        task: the task whose form is asked for.
        job: handle of a job.
        sample: id of one of its samples, whose stream and anchors the draft must fit.
    """

    draft: dict[str, Any] | None = None
    domain: Name | None = None
    task: Name | None = None
    job: Handle | None = None
    sample: SampleId | None = None


class LookArgs(Described):
    """Arguments of `look`.

    Attributes:
        stream: which stream, as in `tailor`.
        tool: overview, list_events, sample_frames, read_text, crop, ...
        arguments: arguments of that tool.
        offset: first fact to show, from 0.
    """

    stream: Reference
    tool: Annotated[str, Field(max_length=64)] = "overview"
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class ClientTool:
    """A tool that clients can call.

    Attributes:
        name: what it is called by.
        doc: what a model reads of it.
        args: its arguments.
        run: the function.
        changes: whether it starts or ends something.
    """

    name: str
    doc: str
    args: type[BaseModel]
    run: Callable[[Desk, Any], ClientReply]
    changes: bool = False

    def call(self, desk: Desk, arguments: dict[str, Any]) -> ClientReply:
        """Check the arguments and run.

        Raises:
            DataClawError: arguments are wrong, each of them named, or the tool cannot answer.
        """
        try:
            args = self.args.model_validate(arguments)
        except ValidationError as error:
            told = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {describe_error(one, self.args)}"
                for one in error.errors()
            )
            known = ", ".join(
                name + (" (required)" if one.is_required() else "") for name, one in self.args.model_fields.items()
            )
            raise UsageError(f"{told}.", place=self.name, remedy=f"Arguments: {known or 'none'}.") from None
        return self.run(desk, args)


def _tailor(desk: Desk, args: TailorArgs) -> ClientReply:
    request = JobRequest.model_validate(args.model_dump(exclude={"wait"}, exclude_unset=True))
    return _job_reply(desk, desk.wait(desk.submit(request).id, args.wait), 0)


def _job(desk: Desk, args: JobArgs) -> ClientReply:
    if args.cancel:
        return _job_reply(desk, desk.jobs.cancel(args.job), args.offset)
    return _job_reply(desk, desk.wait(args.job, args.wait), args.offset)


def _job_reply(desk: Desk, job: Job, offset: int) -> ClientReply:
    """How a job stands, and as many of its samples from `offset` on as fit."""
    told: dict[str, Json] = {"job": job.id, "state": job.state, "summary": summary_of(job)}
    if not job.is_finished:
        last = desk.last_event(job)
        told["last"] = last["text"] if last else "it waits"
        return ClientReply({**told, "next": f"Call `job` with job={job.id} to hear more."})
    page = desk.page(job, "samples", offset, 64)
    shown = _fitting([_short(sample) for sample in page["items"]])
    told |= {"samples": shown, "rejected": [] if shown else _fitting(desk.page(job, "rejected", 0, 20)["items"])}
    if (end := offset + len(shown)) < job.counts.get("samples", 0) and shown:
        told["more"] = f"Samples from {end} on: call `job` with offset={end}."
    return ClientReply(told, _links(desk, job, {str(sample["id"]) for sample in shown}))


def _short(sample: dict[str, Json]) -> dict[str, Json]:
    """A sample as a model needs it; one that is too long alone is cut to its question and a piece of its answer."""
    verdict = cast("dict[str, Json]", sample["verdict"])
    keys = ("id", "domain", "task", "question", "answer", "cot", "evidence", "data")
    told = {key: sample[key] for key in keys if sample.get(key)} | {"total": verdict["total"]}
    if _size(told) <= ROOM:
        return told
    answer = json.dumps(sample["answer"], ensure_ascii=False)[:2000]
    note = "cut; the resource samples.jsonl has all of it"
    return {**{key: told[key] for key in ("id", "domain", "task", "total")}, "answer": answer, "note": note}


def _fitting(rows: Sequence[Json]) -> list[Json]:
    """The first rows, as many as there is room for."""
    shown: list[Json] = []
    room = ROOM
    for row in rows:
        room -= _size(row)
        if room < 0:
            break
        shown.append(row)
    return shown


def _size(value: Json) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _links(desk: Desk, job: Job, shown: set[str]) -> list[Link]:
    base = f"{SCHEME}jobs/{job.id}"
    tables = (
        ("samples.jsonl", "application/jsonl"),
        ("rejected.jsonl", "application/jsonl"),
        ("report.html", "text/html"),
    )
    links = [Link(f"{base}/{name}", name, mime) for name, mime in tables if (job.out / name).is_file()]
    for row in desk.page(job, "artifacts", 0, 1000)["items"]:
        if row["sample"] in shown and len(links) < MOST_LINKS:
            mime = "video/mp4" if row["kind"] == "video" else "image/jpeg"
            links.append(Link(f"{base}/{row['path']}", f"{row['role']} of {row['sample']}", mime))
    return links


def _list_domains(desk: Desk, _: NoArgs) -> ClientReply:
    return ClientReply({"domains": desk.aside.call(catalogue.list_domains, desk.plugins)})


def _show_domain(desk: Desk, args: DomainArgs) -> ClientReply:
    told = desk.aside.call(catalogue.show_domain, args.domain, args.task, desk.plugins)
    if args.task is None:
        tasks = [{key: task[key] for key in ("name", "summary", "reads", "intents")} for task in told["tasks"]]
        return ClientReply({**told, "tasks": tasks, "more": "Name a task for the form of its drafts and its rules."})
    if _size(told) > RESULT_BYTES:
        told["task"] = {**told["task"], "schema": "left out: too long; `draft` says the same in short"}
    return ClientReply(told)


def _validate_sample(desk: Desk, args: ValidateArgs) -> ClientReply:
    if args.job and args.sample:
        out = desk.jobs.get(args.job).out
        return ClientReply(desk.aside.call(catalogue.validate_sample, args.draft, out, args.sample, desk.plugins))
    if args.draft is None or not (args.domain and args.task):
        raise UsageError(
            "it is not said what to check.",
            place="validate_sample",
            remedy="Give `draft`, `domain` and `task`, or `job` and `sample`.",
        )
    return ClientReply(desk.aside.call(catalogue.validate_draft, args.draft, args.domain, args.task, desk.plugins))


def _score_sample(desk: Desk, args: SampleArgs) -> ClientReply:
    out = desk.jobs.get(args.job).out
    return ClientReply(desk.aside.call(catalogue.score_sample, args.draft, out, args.sample, desk.plugins))


def _look(desk: Desk, args: LookArgs) -> ClientReply:
    name = secrets.token_hex(12)
    path = str(desk.home / desk.streams.find(args.stream))  # a path below a root is absolute, and stays so
    folder = desk.home / LOOKS / name
    found = desk.aside.call(look_at, path, args.tool, args.arguments, folder, desk.plugins)
    rows = found["rows"][args.offset :]
    shown = _fitting(rows)
    told = "\n".join([*found["head"], *shown])
    if len(shown) < len(rows):
        end = args.offset + len(shown)
        told += f"\n{len(found['rows'])} facts in all; from {end} on: call again with offset={end}."
    pictures = found["pictures"]
    links = [Link(f"{SCHEME}looks/{name}/{one['file']}", one["shows"], "image/jpeg") for one in pictures[:MOST_LINKS]]
    if len(pictures) > len(links):
        told += f"\n{len(links)} of {len(pictures)} pictures are linked; ask for fewer frames to get the others."
    return ClientReply(told, links)


TOOLS: dict[str, ClientTool] = {
    tool.name: tool
    for tool in (
        ClientTool(
            "tailor",
            "Make verified training samples of streams (recordings, traces, cuts); `intent` says what the data are for."
            " Long work answers with a handle; call `job` with it until the state is done.",
            TailorArgs,
            _tailor,
            changes=True,
        ),
        ClientTool(
            "job",
            "How a job stands, and its samples a page at a time, with links to its media.",
            JobArgs,
            _job,
            changes=True,
        ),
        ClientTool(
            "list_domains", "The kinds of data that can be made: domains and their tasks.", NoArgs, _list_domains
        ),
        ClientTool("show_domain", "What a domain's tasks are for, or one task in full.", DomainArgs, _show_domain),
        ClientTool(
            "validate_sample",
            "Whether a draft has the form that its task asks for; each problem has its place.",
            ValidateArgs,
            _validate_sample,
        ),
        ClientTool(
            "score_sample",
            "What the rules say of a sample of a job, or of a draft in its place: scores, and what costs points.",
            SampleArgs,
            _score_sample,
        ),
        ClientTool(
            "look",
            "Look at a stream with one of the agent's tools: what is in it (overview), its events, its frames, text on"
            " screens, changes, motion. Pictures come as links.",
            LookArgs,
            _look,
        ),
    )
}
"""The tools, by name."""
