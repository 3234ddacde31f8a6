"""What is said: the cues that came with the stream, or words recognised in its sound.

Cues are evidence as they stand and are cited as events. Speech is recognised only where there are none, by a model that
comes in a package and never downloads; what it heard is anchors of kind "speech" with a confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, cast

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.facts import event_anchor
from dataclaw.tools.scope import SLACK, Scope, look, page_of
from dataclaw.tools.speech import SpokenSentence, hear
from dataclaw.tools.view import plain
from dataclaw.types import Anchor, Event, Json

PAGE = 40
"""Cues a page."""
SPOKEN = ("cue", "caption", "narration")


@tool("read_transcript", version=2, kinds=("lesson", "video", "narration"))
def read_transcript(
    context: ToolContext,
    *,
    page: Annotated[int, Field(ge=1, description="page of 40 cues, from 1")] = 1,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    query: Annotated[str, Field(max_length=200, description="only cues that have all these words")] = "",
) -> ToolResult:
    """Read what is said, 40 cues a page: the given subtitles, or speech recognised where there are none."""
    scope = look(context, "", t0, t1)
    given = any(event.kind in SPOKEN for event in scope.stream.events)
    said = [_cue(scope, e) for e in _on_air(scope)] if given else [_speech(h) for h in hear(scope.stream, scope.window)]
    fitting = [anchor for one in said if (anchor := _fitting(one, query.casefold().split()))]
    shown, pages = page_of(fitting, page, PAGE)
    data: dict[str, Json] = {"page": page, "pages": pages, "total": len(fitting)}
    data |= {"source": "given" if given else "speech", "language": scope.stream.meta.get("language", "")}
    note = _note((len(fitting), len(said)), (page, pages), query, "cues" if given else "recognised sentences")
    return ToolResult(note, tuple(shown), data=data)


def _on_air(scope: Scope) -> list[Event]:
    """What is still being said in the window, also when it began before it."""
    t0, t1 = scope.window
    spoken = (e for e in scope.stream.events if e.kind in SPOKEN)
    return [e for e in spoken if e.t0 <= t1 + SLACK and (e.t1 > t0 + SLACK or e.t0 >= t0 - SLACK)]


def _cue(scope: Scope, event: Event) -> Anchor:
    """A cue as the anchor of its event, with all of its words as content."""
    anchor = event_anchor(scope, event, "read_transcript")
    return replace(anchor, content=event.text, attrs={**anchor.attrs, **event.attrs})


def _speech(heard: SpokenSentence) -> Anchor:
    words = [list(word) for word in heard.words]
    attrs: dict[str, Json] = {"text": heard.text, "words": words, "language": heard.language}
    source = "read_transcript"
    return Anchor("", "speech", heard.text, heard.t0, heard.t1, confidence=heard.confidence, source=source, attrs=attrs)


def _fitting(anchor: Anchor, terms: Sequence[str]) -> Anchor | None:
    """The anchor when it has all the terms; `attrs["found"]` is when they are said [s], to the word if it is timed."""
    if not all(term in anchor.content.casefold() for term in terms):
        return None
    words = cast("Sequence[tuple[str, float, float]]", anchor.attrs.get("words") or ())
    times = [t for word, *span in words if any(term in word.casefold() for term in terms) for t in span]
    found = [min(times), max(times)] if times else [anchor.t0, anchor.t1]
    return replace(anchor, attrs={**anchor.attrs, "found": found}) if terms else anchor


def _note(counts: tuple[int, int], pages: tuple[int, int], query: str, what: str) -> str:
    fitting, total = counts
    if not total:
        return "Nothing is said here."
    if not fitting:
        return f'None of {total} {what} has all of "{plain(query, 60)}".'
    more = f" Next: page={pages[0] + 1}." if pages[0] < pages[1] else ""
    return f"Page {pages[0]} of {pages[1]}, {fitting} of {total} {what}.{more}"
