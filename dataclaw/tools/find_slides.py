"""The slides of a lecture: when each is shown, and what stands on it.

A slide is read once, from its last frame, on which everything is built up; a slide that comes back is not read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.boxes import scale_box
from dataclaw.tools.ocr import Engine, Line, engine
from dataclaw.tools.pictures import read, small
from dataclaw.tools.scope import Scope, look, page_of
from dataclaw.tools.slide_changes import Slide, slides_of
from dataclaw.types import Anchor, Json

PAGE = 40
"""Slides a page."""
SURE = 0.5
"""Lines that were read with less confidence are noise."""
LINES = 24
"""Most lines of a slide in its anchor."""


@tool("find_slides", version=2, kinds=("lesson", "video"))
def find_slides(
    context: ToolContext, *, page: Annotated[int, Field(ge=1, description="page of 40 slides, from 1")] = 1
) -> ToolResult:
    """Find the slides of a lecture, 40 a page: when each is shown, its title and lines, which are shown again."""
    scope = look(context)
    times = [float(t) for t in scope.frames.times]
    slides = slides_of(small(scope, scope.indices), times)
    shown, pages = page_of(slides, page, PAGE)
    first = (page - 1) * PAGE
    texts = _texts(scope, slides, shown, lambda: engine(context.ocr))
    anchors = [_anchor(scope, slides, first + k, texts) for k in range(len(shown))]
    starts: list[Json] = [round(times[slide.first], 3) for slide in slides]
    more = f" Next: page={page + 1}." if page < pages else ""
    again = sum(slide.same_as is not None for slide in slides)
    note = f"Page {page} of {pages}, {len(slides)} slides, {again} of them shown again.{more}"
    return ToolResult(note, tuple(anchors), data={"page": page, "pages": pages, "starts": starts})


def _texts(
    scope: Scope, slides: Sequence[Slide], shown: Sequence[Slide], reader: Callable[[], Engine]
) -> dict[int, list[Line]]:
    """Lines of each slide on the page by its last frame; what the file itself has as text is taken as it is."""
    given = {e.frame: e.text.split("\n") for e in scope.events if e.kind == "slide" and e.frame is not None and e.text}
    wanted = {slide.last if slide.same_as is None else slides[slide.same_as].last for slide in shown}
    texts = {frame: [Line(line, _NOWHERE, 1.0) for line in given[frame]] for frame in wanted if frame in given}
    for frame in sorted(wanted - set(texts)):
        found = reader().read(read(scope, [frame])[0])
        texts[frame] = [line for line in found if line.confidence >= SURE]
    return _without_edges(texts)


def title_of(lines: Sequence[Line], height: int) -> str:
    """The first of the lines in high letters (within a quarter of the highest) in the upper half of a picture."""
    upper = [line for line in lines if line.box[1] < height / 2 and len(line.text) > 2]
    tallest = max((line.box[3] - line.box[1] for line in upper), default=0.0)
    high = [line for line in upper if line.box[3] - line.box[1] >= 0.75 * tallest]
    return (high or lines)[0].text if lines else ""


def _without_edges(texts: Mapping[int, Sequence[Line]]) -> dict[int, list[Line]]:
    """The lines without those that stand on most of the slides: names and mottos at the edge are no content."""
    counts = Counter(text for lines in texts.values() for text in {line.text for line in lines})
    most = max(3, len(texts) / 2)
    return {frame: [line for line in lines if counts[line.text] < most] for frame, lines in texts.items()}


def _anchor(scope: Scope, slides: Sequence[Slide], number: int, texts: Mapping[int, Sequence[Line]]) -> Anchor:
    slide = slides[number]
    origin = slide if slide.same_as is None else slides[slide.same_as]
    lines = texts[origin.last]
    width, height = scope.frames.size
    box = None if slide.box is None else scale_box(slide.box, (width, height))
    title = title_of(lines, height)
    t1 = scope.time(slides[number + 1].first) if number + 1 < len(slides) else scope.window[1]
    attrs: dict[str, Json] = {
        "slide": number + 1,
        "same_as": None if slide.same_as is None else slide.same_as + 1,
        "frames": [slide.first, slide.last],
        "after": scope.time(slides[number - 1].last) if number else scope.time(slide.first),
        "builds": slide.builds,
        "title": title,
        "lines": [line.text for line in lines[:LINES]],
        "words": sum(len(line.text.split()) for line in lines),
    }
    content = title or "slide without text"
    content += f" (slide {slide.same_as + 1} again)" if slide.same_as is not None else ""
    confidence = sum(line.confidence for line in lines) / len(lines) if lines else 1.0
    span = (scope.time(slide.first), max(t1, scope.time(slide.last)))
    return scope.anchor(
        "slide", content, span, "find_slides", frame=slide.last, box=box, confidence=confidence, attrs=attrs
    )


_NOWHERE = (0.0, 0.0, 0.0, 0.0)
