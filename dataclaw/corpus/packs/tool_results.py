"""Results of a packed stream's calls: those that came with it, and those that were computed since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

from dataclaw.corpus.packs.xz import AGAIN
from dataclaw.errors import StreamError, ToolError
from dataclaw.tools.base import ToolResult
from dataclaw.tools.cache import Cache, result_of
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads

T = TypeVar("T")
KEY = 16
"""Digits of a key [hex]: enough for the calls of one stream, and they do not pack."""
COMPUTED = 4096
"""Results computed since that are kept; the least recently used go."""


def short(key: str) -> str:
    """The key of a call among those of one stream."""
    return key[:KEY]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made when the stream was packed.

    Attributes:
        key: `tools.cache.key_of` the call, shortened.
        tool: name of the tool.
        result: its result, as `tools.cache.encode_result` writes it; "" when it failed.
        error: why it failed, in the words that a policy reads.
    """

    key: Annotated[str, Field(pattern=f"^[0-9a-f]{{{KEY}}}$")]
    tool: str
    result: str = ""
    error: str = ""


class PackedResults(Cache):
    """The calls of one stream, in memory and safe between threads; nothing is written to a disk.

    Args:
        known: what came with the stream, by shortened key: a result, or why there is none.
    """

    def __init__(self, known: Mapping[str, ToolResult | str]) -> None:
        super().__init__(Path())  # which no method of this class touches
        self._known = known
        self._computed: OrderedDict[str, ToolResult] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> ToolResult | None:
        """The result of this key, or None when it is not here.

        Raises:
            ToolError: the call failed when the stream was packed, and fails in the same words.
        """
        with self._lock:
            known = self._known.get(short(key)) or self._computed.get(key)
            if key in self._computed:
                self._computed.move_to_end(key)
            self.hits += known is not None
            self.misses += known is None
        if isinstance(known, str):
            raise ToolError(known)
        return known

    def put(self, key: str, tool: str, result: ToolResult) -> None:  # noqa: ARG002
        """Keep a result as long as the stream is open."""
        with self._lock:
            self._computed[key] = result
            while len(self._computed) > COMPUTED:
                self._computed.popitem(last=False)


def read_calls(text: str, place: str) -> dict[str, ToolResult | str]:
    """The calls of a stream by shortened key, from a stranger's file: a JSON list of `Call`.

    Raises:
        StreamError: the text is not that, or a result in it is not one.
    """
    _, calls = read_json(TypeAdapter(list[Call]), text, place)
    return {call.key: call.error or _result(call, f"{place}: {call.tool[:40]}") for call in calls}


def _result(call: Call, place: str) -> ToolResult:
    raw, _ = read_json(_results(), call.result, place)
    try:
        return result_of(cast("dict[str, Any]", raw))
    except (KeyError, TypeError) as error:  # a key that has a default and is not there, or one that nothing has
        raise StreamError(f"is damaged: no result of a tool ({error}).", place=place, remedy=AGAIN) from None


def read_json(adapter: TypeAdapter[T], text: str, place: str) -> tuple[Any, T]:
    """A stranger's JSON as it stands there, and as what it must be.

    Raises:
        StreamError: it is not that.
    """
    try:
        return loads(text, place), adapter.validate_json(text, strict=True)
    except (TraceError, ValidationError) as error:
        raise StreamError(f"is damaged: {str(error)[:200]}.", place=place, remedy=AGAIN) from None


@cache
def _results() -> TypeAdapter[ToolResult]:
    return TypeAdapter(ToolResult)
