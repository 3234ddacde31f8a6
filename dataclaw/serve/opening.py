"""What is known of streams by opening them: done aside, since they are of strangers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dataclaw.config import RunConfig
from dataclaw.errors import DataClawError, UsageError, did_you_mean
from dataclaw.run.prepare import Setup, prepare
from dataclaw.run.run import sources_at
from dataclaw.streams import open_stream
from dataclaw.types import Json, Stream

SHOWN = 50
"""Streams of an upload that are described; the others are counted."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """Which domains a server knows.

    Attributes:
        registry: the `plugins.toml` in use, None for the default.
        code: whether code that plugins bring is run.
    """

    registry: Path | None = None
    code: bool = True


@lru_cache(maxsize=1)
def set_up(plugins: Plugins) -> Setup:
    """Every domain, loaded once a process."""
    return prepare(RunConfig(intent="any", plugin_code=plugins.code), plugins.registry)


def describe(paths: Sequence[str], plugins: Plugins) -> list[dict[str, Json]]:
    """The streams at some paths, each with its kind and size, or with the problem that keeps it from being read.

    Raises:
        DataClawError: there is none, or none can be read.
    """
    told: list[dict[str, Json]] = []
    first: DataClawError | None = None
    loaders = set_up(plugins).loaders
    sources = sources_at(paths, loaders)
    for source, reader in list(sources.items())[:SHOWN]:
        try:
            told.append(_facts(open_stream(source, loaders=loaders, reader=reader)))
        except DataClawError as error:
            first = first or error
            told.append({"name": Path(source).name, "problem": error.message, "remedy": error.remedy})
    if first is not None and all("problem" in one for one in told):
        first.place = Path(first.place).name
        raise first
    if len(sources) > SHOWN:
        told.append({"name": f"and {len(sources) - SHOWN} more", "problem": "not opened yet", "remedy": ""})
    return told


def _facts(stream: Stream) -> dict[str, Json]:
    return {
        "name": stream.name,
        "kind": stream.kind,
        "format": stream.format,
        "duration": round(stream.duration, 3),
        "clock": stream.clock,
        "events": len(stream.events),
        "frames": len(stream.frames.times) if stream.frames else 0,
        "problems": list(stream.problems[:10]),
    }


@lru_cache(maxsize=4)
def _only_stream(path: str, plugins: Plugins) -> Stream:
    from dataclaw.agent.session import without_annotations

    loaders = set_up(plugins).loaders
    sources = sources_at([path], loaders)
    if len(sources) > 1:
        names = ", ".join(Path(name).name for name in list(sources)[:20])
        raise UsageError(
            f"there are {len(sources)} streams.", place=Path(path).name, remedy=f"Name one of them: {names}."
        )
    ((source, reader),) = sources.items()
    return without_annotations(open_stream(source, loaders=loaders, reader=reader))


def look_at(path: str, name: str, arguments: Mapping[str, Json], folder: Path, plugins: Plugins) -> dict[str, Json]:
    """What a tool finds in a stream, as policies read it: `head`, `rows`, and `pictures`, files that go into `folder`.

    Raises:
        DataClawError: no such tool, wrong arguments, or the stream cannot be read.
    """
    from dataclaw.models.pictures import image_of, jpeg, name_of
    from dataclaw.tools import ToolContext, builtin
    from dataclaw.tools.cache import Cache, call
    from dataclaw.tools.view import render

    tools = builtin()
    if name not in tools:
        raise UsageError(f"no tool {name!r}.", place="tool", remedy=did_you_mean(name, tools))
    stream = _only_stream(path, plugins)
    result = call(tools[name], ToolContext(stream, (0.0, stream.duration)), arguments, Cache())
    pictures: list[Json] = []
    for number, picture in enumerate(result.pictures):
        file = folder / f"{number}.jpg"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(jpeg(image_of(stream, picture)))
        pictures.append({"file": file.name, "shows": name_of(picture)})
    lines = render(result.note, result.anchors).split("\n")
    start = len(lines) - len(result.anchors)
    return {"head": lines[:start], "rows": lines[start:], "pictures": pictures}
