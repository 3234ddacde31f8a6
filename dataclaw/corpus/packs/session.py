"""A session on a packed stream: calls are answered by the pack, or computed from what it holds, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dataclaw.agent.session import Session
from dataclaw.corpus.packs.frames import MediaWatch, seal
from dataclaw.errors import MissingExtraError, UnavailableError
from dataclaw.tools.base import Tool, ToolContext, ToolResult
from dataclaw.tools.cache import key_of
from dataclaw.types import Json, Stream


@dataclass(frozen=True)
class PackedSession(Session):
    """One packed stream and one task.

    A call is looked up in the pack. One that is not there is computed from the events, numbers and facts of the stream;
    where it asks for pictures or sound, it is computed from the media if they are at hand, and fails otherwise.

    Attributes:
        media: the stream with its media, or None when they are not here; called when it is needed.
        missed: tools of the calls that failed for want of media.
    """

    media: Callable[[], Stream | None] = lambda: None
    missed: list[str] = field(default_factory=list[str])

    def run(self, tool: Tool, context: ToolContext, args: Mapping[str, Json]) -> ToolResult:
        """As `Session.run`.

        Raises:
            ToolError: as `Session.run`, or what the call looks at is not available.
            StreamError: the media at hand are not those of the stream.
        """
        key = key_of(tool, context, args) if tool.cached else ""
        known = self.cache.get(key) if key else None
        if known is not None:
            return known
        result = _without_media(tool, context, args)
        if result is None:
            whole = self.media()
            if whole is None:
                self.missed.append(tool.name)
                raise UnavailableError(f"{tool.name} is not available for this call.", remedy="Use other tools.")
            result = tool(replace(context, stream=whole), args)
        if key:
            self.cache.put(key, tool.name, result)
        return result


def _without_media(tool: Tool, context: ToolContext, args: Mapping[str, Json]) -> ToolResult | None:
    """What a tool finds without pictures and sound; None when it asks for them, even if it makes do without.

    Raises:
        ToolError: it cannot answer, with or without them.
    """
    watch = MediaWatch()
    try:
        result = tool(replace(context, stream=seal(context.stream, watch)), args)
    except (UnavailableError, MissingExtraError):
        return None
    except Exception:
        if watch.media_needed:
            return None
        raise
    return None if watch.media_needed else result
