"""One stream at a time into a pack: its events and numbers, thumbnails, and the results of calls.

What a pack can compute by itself, from events and numbers, is left out of it: that takes a millisecond, and most of the
room. What is left are the results of tools that look at pictures or listen.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session, without_annotations
from dataclaw.agent.steps import State
from dataclaw.corpus.packs.likely_calls import LikelyPlaces, following_calls, likely_calls
from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import SHARD_BYTES, ShardWriter
from dataclaw.corpus.packs.stream_codec import pack_stream, unpack_stream
from dataclaw.corpus.packs.streams import CALLS, FORMAT, MANIFEST, Holds, PackedStream, StreamsManifest
from dataclaw.corpus.packs.thumbnails import Thumbnailer
from dataclaw.corpus.packs.tool_results import PackedResults, read_calls, short
from dataclaw.domain import Task
from dataclaw.errors import DataClawError, MissingExtraError, StreamError, ToolError
from dataclaw.files import write_atomic
from dataclaw.plugins import load_domain
from dataclaw.schema import schema_hash
from dataclaw.tools.base import ToolContext, ToolResult
from dataclaw.tools.cache import Cache, encode_result, fingerprint, key_of
from dataclaw.types import Action, Anchor, Stream
from dataclaw.version import __version__

OCR = "rapidocr"
MAX_PAGES = 20
"""Pages of a listing that are likely to be read."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Packing:
    """What is packed, and how.

    Attributes:
        domains: domains whose requests are packed; empty: all.
        planner: also the results of the planner's calls.
        likely: also the results of calls that policies are likely to make: those of the planner, and of every tool
            with its defaults, with each of its choices, for each part and page, and with frames, spans and events that
            those results name.
        places: how many frames of a part, and spans of a part and tool, are taken for the latter; 0 for none.
        side: longest side of a thumbnail [px]; 0 packs none.
        picture_bytes: what the thumbnails of a stream may take together [bytes].
        shard_bytes: largest file of the pack [bytes].
    """

    domains: Sequence[str] = ()
    planner: bool = False
    likely: bool = False
    places: int = 4
    side: int = 320
    picture_bytes: int = 1_000_000
    shard_bytes: int = SHARD_BYTES


@dataclass(frozen=True, slots=True)
class PackProgress:
    """News of one stream.

    Attributes:
        key: its key.
        requests: how many were packed.
        calls: results that were packed.
        thumbnails: pictures that were packed.
        bytes: what it takes in the pack.
        seconds: time it took [s].
        left_out: why it is not in the pack, "" when it is.
    """

    key: str
    requests: int = 0
    calls: int = 0
    thumbnails: int = 0
    bytes: int = 0
    seconds: float = 0.0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class PackRequest:
    """A request to a stream, as it is packed.

    Attributes:
        part: what it is for: "training", "validation"; of a benchmark "val", "intent".
        task: its task.
        state: what a rollout of it begins with.
        actions: what the expert did.
        cited: what the reference cites.
    """

    part: str
    task: Task
    state: State
    actions: Sequence[Action] = ()
    cited: Sequence[Anchor] = ()


@dataclass
class Calls:
    """Calls of one stream by key, as they are packed, and what they found.

    Attributes:
        bare: the stream as it comes out of the pack, which answers what it can by itself.
        rows: what is packed, by key.
        found: results, packed or not.
        seen: results of tools that looked at pictures or listened.
    """

    bare: Stream
    rows: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    found: list[ToolResult] = field(default_factory=list[ToolResult])
    seen: list[ToolResult] = field(default_factory=list[ToolResult])
    _made: set[str] = field(default_factory=set[str])
    _alone: dict[str, PackedSession] = field(default_factory=dict[str, PackedSession])

    def make(self, session: Session, state: State, action: Action) -> ToolResult | None:
        """Make a call that was not made yet; its result, None when it failed, is no tool's or is never cached."""
        tool = session.task.tools.get(action.tool)
        if tool is None or not tool.cached:
            return None
        try:
            key = key_of(
                tool, ToolContext(without_annotations(session.stream), state.window, ocr=session.ocr), action.args
            )
        except ToolError:
            return None  # arguments that do not fit are refused without the pack's help
        if key in self._made:
            return None
        self._made.add(key)
        asking = replace(state, pending=action, phase="use_tools")
        result, _ = session.use(asking)
        alone, _ = self._bare(session).use(asking)
        if alone != result:
            said = {"error": result} if isinstance(result, str) else {"result": encode_result(result)}
            self.rows[key] = {"key": short(key), "tool": tool.name, **said}
        if isinstance(result, str):
            return None
        self.found.append(result)
        self.seen += [result] if key in self.rows else []
        return result

    def _bare(self, session: Session) -> PackedSession:
        """The session of the same task where there are no media."""
        name = f"{session.task.domain}.{session.task.name}"
        if name not in self._alone:
            self._alone[name] = PackedSession(self.bare, session.task, PackedResults({}), ocr=session.ocr)
        return self._alone[name]

    def text(self, place: str) -> str:
        """What is packed, in the order of the keys; a result that cannot be read back is left out, with a warning."""
        kept: list[dict[str, str]] = []
        for name in sorted(self.rows):
            try:
                read_calls(json.dumps([self.rows[name]]), place)
            except StreamError as error:
                log.warning("a result of %s is not packed: %s", self.rows[name]["tool"], error)
            else:
                kept.append(self.rows[name])
        return json.dumps(kept, ensure_ascii=False)


class StreamPacker:
    """Packs streams one after the other, and remembers what its manifest has to say.

    Attributes:
        shards: where they go.
        domain: loads a domain, once.
        streams: those that are packed, by key.
        left_out: those that are not, with the reason.

    Args:
        packing: what is packed, and how.
        results: results of tools that are known.
    """

    def __init__(self, packing: Packing, shards: ShardWriter, results: Cache) -> None:
        self.shards = shards
        self.streams: dict[str, PackedStream] = {}
        self.left_out: dict[str, str] = {}
        self._packing = packing
        self._results = results
        self.domain = cache(load_domain)
        self._tasks: dict[str, Task] = {}

    def pack(
        self,
        key: str,
        media: str,
        read: Callable[[], Stream],
        requests: Callable[[Stream], Sequence[PackRequest]],
        members: Mapping[str, bytes],
    ) -> PackProgress:
        """Pack one stream with its requests; a stream that cannot be packed is noted, and stops nothing.

        Args:
            key: its key.
            media: where it lies, below the folder that is packed.
            read: opens it.
            requests: gives what is asked of it.
            members: what else is packed of it, by name.

        Raises:
            MissingExtraError: an engine is missing, which would leave out every stream.
        """
        start = time.monotonic()
        try:
            stream = _bare(read())
            asked = requests(stream)
            packed = self._pack_stream(key, media, stream, asked, members)
        except MissingExtraError:
            raise  # every stream would fail so
        except DataClawError as error:
            self.left_out[key] = error.message
            return PackProgress(key, seconds=time.monotonic() - start, left_out=str(error))
        self.streams[key] = packed
        self._tasks |= {f"{request.task.domain}.{request.task.name}": request.task for request in asked}
        seconds = time.monotonic() - start
        return PackProgress(key, len(asked), packed.calls, packed.thumbnails, packed.bytes, seconds)

    def write_manifest(self, kind: type[StreamsManifest], holds: Holds, out: Path, **own: object) -> None:
        """Close the shards and write the manifest, with which the pack is whole.

        Args:
            kind: what the manifest says.
            holds: what the pack was made of.
            out: folder of the pack.
            own: what only this kind of manifest says.
        """
        self.shards.close()
        tools = [tool for task in self._tasks.values() for tool in _with_look(task).tools.values()]
        common = {
            "format": FORMAT,
            "holds": holds,
            "dataclaw": __version__,
            "ocr": OCR,
            "tools": dict(sorted({tool.name: tool.version for tool in tools}.items())),
            "schemas": {name: schema_hash(task.schema) for name, task in sorted(self._tasks.items())},
            "files": self.shards.files,
            "streams": self.streams,
            "left_out": self.left_out,
        }
        manifest = kind.model_validate(common | own)
        write_atomic(out / MANIFEST, json.dumps(manifest.model_dump(), ensure_ascii=False, indent=1))

    def _pack_stream(
        self, key: str, media: str, stream: Stream, requests: Sequence[PackRequest], members: Mapping[str, bytes]
    ) -> PackedStream:
        plain = pack_stream(stream, {})
        again = unpack_stream(lambda name: plain[name], key)
        if fingerprint(again) != fingerprint(stream):
            raise StreamError("reads differently once packed.", place=key, remedy="Report it.")
        calls = self._make_calls(stream, again, requests)
        album = Thumbnailer(self._packing.side, self._packing.picture_bytes)
        cited = [(anchor.part, anchor.frame) for request in requests for anchor in request.cited]
        pictures = album.thumbnails(stream, calls.found, cited)
        text = calls.text(key)
        whole = {**(pack_stream(stream, pictures) if pictures else plain), CALLS: text.encode(), **members}
        shard, size = self.shards.add(key, whole)
        every = (stream, *stream.parts.values())
        return PackedStream(
            id=stream.id,
            kind=stream.kind,
            shard=shard,
            bytes=size,
            media=media,
            frames=sum(len(s.frames.times) for s in every if s.frames is not None),
            thumbnails=len(pictures),
            events=sum(len(s.events) for s in every),
            calls=len(json.loads(text)),
            asks=_count_requests(requests),
        )

    def _make_calls(self, stream: Stream, bare: Stream, requests: Sequence[PackRequest]) -> Calls:
        """The expert's calls and, where the packing says so, those that are likely."""
        calls = Calls(bare)
        sessions = [Session(stream, _with_look(request.task), self._results, ocr=OCR) for request in requests]
        for request, session in zip(requests, sessions, strict=True):
            for action in request.actions:
                calls.make(session, request.state, action)
            look = session.facts(request.state.window).look  # rules read it, whatever the policy looks at
            for action in look.calls if look else ():
                calls.make(session, request.state, action)
        if self._packing.planner or self._packing.likely:
            for request, session in zip(requests, sessions, strict=True):
                for action in _planner_actions(request, session):
                    calls.make(session, request.state, action)
        if self._packing.likely:
            self._guess(calls, stream, requests, sessions)
        return calls

    def _guess(
        self, calls: Calls, stream: Stream, requests: Sequence[PackRequest], sessions: Sequence[Session]
    ) -> None:
        """Make the calls that are likely, whoever decides."""
        for request, session in zip(requests, sessions, strict=True):
            for action in _tries(request.task, stream):
                _make_with_pages(calls, session, request.state, action)
        if not self._packing.places:
            return
        places = LikelyPlaces(self._packing.places)
        places.take([anchor for request in requests for anchor in request.cited])
        places.take([anchor for result in calls.seen for anchor in result.anchors])
        for request, session in zip(requests, sessions, strict=True):
            for tool in request.task.tools.values():
                for action in following_calls(tool, stream, places):
                    _make_with_pages(calls, session, request.state, action)


def _with_look(task: Task) -> Task:
    """The task with the tools that only its verifier looks with."""
    return replace(task, tools={**{call.tool.name: call.tool for call in task.look}, **task.tools})


def _planner_actions(request: PackRequest, session: Session) -> Iterator[Action]:
    """What the planner does."""
    (planned,) = run_batch([(request.state, session)], Planner())
    yield from (turn.action for turn in planned.turns if turn.action)


def _tries(task: Task, stream: Stream) -> Iterator[Action]:
    for tool in task.tools.values():
        yield from likely_calls(tool, stream)


def _make_with_pages(calls: Calls, session: Session, state: State, action: Action) -> None:
    """A likely call and, where its result has pages, all of them; what an engine is missing for is left out."""
    try:
        result = calls.make(session, state, action)
        pages = result.data.get("pages") if result else None
        for page in range(2, min(pages, MAX_PAGES) + 1 if isinstance(pages, int) else 0):
            calls.make(session, state, replace(action, args={**action.args, "page": page}))
    except MissingExtraError as error:
        log.warning("%s is not packed: %s", action.tool, error)


def _bare(stream: Stream) -> Stream:
    return replace(stream, annotations={}, parts={k: replace(v, annotations={}) for k, v in stream.parts.items()})


def _count_requests(requests: Sequence[PackRequest]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for request in requests:
        tasks = counts.setdefault(request.part, {})
        name = f"{request.task.domain}.{request.task.name}"
        tasks[name] = tasks.get(name, 0) + 1
    return counts
