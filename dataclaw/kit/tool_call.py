"""One tool at one stream, called as the agent calls it: what a model reads, and what plans and rules get beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from dataclaw.agent.session import without_annotations
from dataclaw.agent.steps import State, observe
from dataclaw.config import RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import ToolError, UsageError, did_you_mean
from dataclaw.kit.fixtures import LOOKING, FixtureSession, fixtures_of
from dataclaw.plugins import load_domain
from dataclaw.run.prepare import prepare
from dataclaw.streams import open_stream
from dataclaw.tools import builtin
from dataclaw.tools.base import Tool, ToolContext
from dataclaw.types import Anchor, Intent, Json, Picture, Stream

_FIXTURE = re.compile(r"(.+):(\d+)")


@dataclass(frozen=True, slots=True)
class CalledTool:
    """What a tool call gave.

    Attributes:
        tool: name of the tool.
        stream: the stream, without its annotations.
        text: what a model reads: the note, and one line for each anchor.
        anchors: what was found, with ids; plans and rules read their `attrs`, models do not.
        data: the tool's extra for plans.
        pictures: frames that a seeing model is shown.
    """

    tool: str
    stream: Stream
    text: str
    anchors: tuple[Anchor, ...]
    data: Mapping[str, Json]
    pictures: tuple[Picture, ...]

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        about = {key: getattr(self.stream, key) for key in ("id", "kind", "name", "format", "duration", "clock")}
        anchors, pictures = ([asdict(one) for one in some] for some in (self.anchors, self.pictures))
        return {
            "tool": self.tool,
            "stream": about,
            "text": self.text,
            "anchors": anchors,
            "data": dict(self.data),
            "pictures": pictures,
        }


def call_tool(
    name: str, where: str, args: Mapping[str, Json], *, domain: str | None = None, registry: Path | None = None
) -> CalledTool:
    """Call a tool.

    Args:
        name: the tool, built in or a domain's own.
        where: path of a stream, or `DOMAIN:LINE` for a fixture of a domain, whose look is taken first.
        args: the tool's arguments.
        domain: the one domain whose tools and loaders are used; all that are installed if left out.
        registry: the `plugins.toml` to use instead of the default.

    Raises:
        UsageError: there is no such tool, domain or fixture.
        StreamError: the stream cannot be read.
        ToolError: the arguments do not fit, or the tool cannot answer.
    """
    found = None if Path(where).exists() else _FIXTURE.fullmatch(where)
    if found:
        owner = load_domain(found[1], registry=registry)
        tool = _tool(name, [owner])
        return _call(tool, *_at_fixture(owner, int(found[2])), args)
    setup = prepare(RunConfig(intent=name, domain=domain), registry)
    tool = _tool(name, list(setup.domains.values()))
    stream = without_annotations(open_stream(where, loaders=setup.loaders))
    window = (0.0, stream.duration)
    return _call(tool, ToolContext(stream, window), State("call", "", "", Intent(name), window, LOOKING), args)


def _tool(name: str, domains: list[Domain]) -> Tool:
    own = {key: tool for domain in domains for task in domain.tasks.values() for key, tool in task.tools.items()}
    tools = {**own, **builtin()}
    if name not in tools:
        raise UsageError(f"no tool {name!r}.", remedy=did_you_mean(name, tools))
    return tools[name]


def _at_fixture(domain: Domain, line: int) -> tuple[ToolContext, State]:
    rows = {row.line: row for row in fixtures_of(domain)}
    if line not in rows:
        lines = ", ".join(map(str, rows)) or "none"
        raise UsageError(f"domain {domain.name} has no fixture in line {line}.", remedy=f"Fixtures: line {lines}.")
    bench = FixtureSession(domain.task(rows[line].task), rows[line])
    session, state = bench.session, bench.state
    return ToolContext(session.shown, state.window, state.anchors, session.schema(state)), state


def _call(tool: Tool, context: ToolContext, state: State, args: Mapping[str, Json]) -> CalledTool:
    stream = context.stream
    if tool.kinds and stream.kind not in tool.kinds:
        raise ToolError(f"{tool.name} reads streams of kind {', '.join(tool.kinds)}; this one is {stream.kind}.")
    turn = observe(state, tool(context, args)).turns[-1]
    assert turn.observation is not None  # a tool that answered was observed
    return CalledTool(tool.name, stream, turn.text, turn.observation.anchors, turn.observation.data, turn.pictures)
