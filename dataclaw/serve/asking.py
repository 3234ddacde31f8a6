"""What a client may ask, and how much of it: the one declaration that HTTP, chat and MCP share."""

from __future__ import annotations

import inspect
import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from dataclaw.config import Name, RunConfig
from dataclaw.strict import Strict, check

Reference = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def _describe(schema: dict[str, Any], model: type[Any]) -> None:
    """Put what docstrings say of attributes into a model's JSON Schema, where clients and models read it."""
    docs = [inspect.getdoc(one) or "" for one in reversed(model.__mro__) if issubclass(one, Described)]
    schema["description"] = docs[-1].partition("\n\n")[0]
    for name, said in (entry for doc in docs for entry in _ATTRIBUTE.findall(doc.partition("Attributes:\n")[2])):
        if name in schema.get("properties", {}):
            schema["properties"][name]["description"] = " ".join(said.split())
            schema["properties"][name].pop("title", None)


_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


class Described(Strict):
    """What a client sends: its JSON Schema says what the docstring says."""

    model_config = ConfigDict(json_schema_extra=_describe)


class JobRequest(Described):
    """Streams and an intent to make samples of; every field but `streams` is the one of that name of a run.

    What names a server, a folder or code is not among them: those are for whoever runs the server.

    Attributes:
        streams: ids of uploads (`up-...`), or paths below a folder that the server was started with; `file.jsonl#3`
            is one stream of many.
        intent: what the data are for, in the client's words.
        domain: name of the domain; found from stream and intent when left out.
        task: the task; found when left out.
        model: who decides, one of those that the server allows; the best that runs there when left out.
        samples: most samples a stream may give.
        best_of: attempts a sample, of which the rubric keeps the best.
        budget: most `steps`, `tool_calls`, `tokens`, `seconds` and `repairs` of one rollout.
        mode: "look": the model calls tools and writes; "choose": it answers the choices of the task's plan.
        temperature: sampling temperature of the first attempt.
        seed: seed of the first attempt.
        images: show frames to models that see.
        ocr: OCR engine.
        max_frames: most frames sampled from a stream.
        min_total: samples whose total is below this are rejected.
        min_confidence: streams whose task is less sure than this are rejected.
    """

    streams: Annotated[list[Reference], Field(min_length=1, max_length=100)]
    intent: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    domain: Name | None = None
    task: Name | None = None
    model: Annotated[str, StringConstraints(max_length=200)] | None = None
    samples: Annotated[int, Field(ge=1, le=64)] = 1
    best_of: Annotated[int, Field(ge=1, le=64)] = 1
    budget: dict[str, float] = Field(default_factory=dict[str, float])
    mode: Literal["look", "choose"] = "look"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    seed: Annotated[int, Field(ge=0)] = 0
    images: bool = True
    ocr: Literal["rapidocr", "tesseract"] = "rapidocr"
    max_frames: Annotated[int, Field(ge=2, le=4096)] = 256
    min_total: Annotated[float, Field(ge=0, le=1)] = 0.0
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.15

    def run_config(self, *, plugin_code: bool) -> RunConfig:
        """The run that is asked for.

        Raises:
            ConfigError: a value is wrong.
        """
        asked = self.model_dump(exclude={"streams"}, exclude_unset=True)
        return check({**asked, "plugin_code": plugin_code}, RunConfig, "the request")


class Limits(Strict):
    """How much clients may ask of a server.

    Attributes:
        upload_bytes: size of an upload, as sent and unpacked [bytes].
        upload_files: files of an upload.
        job_seconds: how long a job may take, each time it is started [s].
        jobs: jobs at once.
        queue: jobs that may wait.
        keep_days: how long finished jobs and unused uploads are kept [days].
        disk_bytes: what uploads and jobs may take together; the oldest that are finished make room [bytes].
        models: who may decide where a client names a model.
    """

    upload_bytes: Annotated[int, Field(ge=1)] = 2_000_000_000
    upload_files: Annotated[int, Field(ge=1)] = 5000
    job_seconds: Annotated[float, Field(gt=0)] = 3600.0
    jobs: Annotated[int, Field(ge=1, le=64)] = 1
    queue: Annotated[int, Field(ge=1)] = 100
    keep_days: Annotated[float, Field(gt=0)] = 7.0
    disk_bytes: Annotated[int, Field(ge=1)] = 20_000_000_000
    models: tuple[str, ...] = ("planner", "embedded")
