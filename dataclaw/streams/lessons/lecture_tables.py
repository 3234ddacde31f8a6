"""Multimodal Lecture Presentations: two tables, one stream per lecture whose slides were transcribed; no pixels.

`raw_video_links.csv` has a lecture a row (`video_id, seconds, speaker, Answer.startTimeList` "Start Time|25.4|61.0"),
`figure_annotations.csv` beside it a slide a row (`Input.save_dir` ".../<video_id>/slide_007.jpg", `ocr`,
`boundingBoxes` as JSON). Slide k begins at the k-th time of the list, as its name "Start Time" says; in each of the 50
lectures that both tables have, there are as many times as slides. Lectures without transcribed slides are no streams.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from dataclaw.errors import StreamError
from dataclaw.streams.files import columns_of, is_beside, rows_of, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import derived_id
from dataclaw.streams.lessons.cues import squeeze
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.values import list_of, parse_number
from dataclaw.types import Event, Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads

TIMES, FIGURES = "Answer.startTimeList", "figure_annotations.csv"
MAX_TEXT = 8000
MAX_FIGURES = 100
Slides: TypeAlias = dict[str, dict[int, tuple[int, dict[str, str]]]]
"""Rows by video and number of the slide, with their lines."""
_SLIDE = re.compile(r"(?:.*/)?([^/]+)/slide_(\d{1,6})\.[a-z]{3,4}")


def claims(path: Path) -> bool:
    """Whether a CSV table's head line names lectures with their slide times."""
    return path.suffix.lower() == ".csv" and columns_of(path) >= {TIMES, "video_id", "seconds"}


def open_lecture(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - no pixels to sample
    """The slides of one lecture.

    Raises:
        StreamError: the tables cannot be read, or no lecture has transcribed slides.
    """
    lectures = _lectures(path)
    if index >= len(lectures):
        raise StreamError(f"names no lecture whose slides are in {FIGURES}.", place=path,
                          remedy=f"Put {FIGURES} beside it.")  # fmt: skip
    line, row = lectures[index]
    video_id = row["video_id"]
    starts, problems = _starts(row[TIMES])
    slides = _slides(path)[Path(video_id).stem]
    length = parse_number(row["seconds"]) or max(starts, default=0.0)
    events, left = _events(slides, starts, length)
    problems += [f"{left} slide(s) have no start time; left out."] if left else []
    return Stream(
        id=derived_id("lecture_tables", sorted(row.items()), [(e.text, e.t0, e.place) for e in events]),
        kind="lesson",
        name=Path(video_id).stem[:100],
        path=str(path.absolute()),
        format="lecture_tables",
        duration=max(length, events[-1].t1 if events else 0.0),
        events=events,
        meta={"title": "", "language": "en", "lecture": row.get("speaker", "")[:100], "video_id": video_id[:100]},
        annotations={"slide_starts": sorted(starts), "row": line},
        problems=tuple(problems),
    )


def _lectures(path: Path) -> list[tuple[int, dict[str, str]]]:
    known = _slides(path)
    return [(line, row) for line, row in rows_of(path) if Path(row.get("video_id", "")).stem in known]


def _slides(path: Path) -> Slides:
    figures = path.with_name(FIGURES)
    return _figures(figures) if is_beside(figures) else {}


@while_unchanged(2)  # each lecture asks for it
def _figures(path: Path) -> Slides:
    found: Slides = {}
    for line, row in rows_of(path):
        if match := _SLIDE.fullmatch(row.get("Input.save_dir", "")[:500]):
            found.setdefault(match[1], {})[int(match[2])] = (line, row)
    return found


def _starts(text: str) -> tuple[list[float], list[str]]:
    """Times [s] of a list as the table writes it, in its order."""
    entries = text.split("|")[1:] if text.startswith("Start Time") else text.split("|")
    numbers = [parse_number(entry) for entry in entries if entry.strip()]
    starts = [number for number in numbers if number is not None]
    wrong = len(numbers) - len(starts)
    back = sum(b <= a for a, b in pairwise(starts))
    problems = [f"{wrong} start time(s) are no numbers; left out."] if wrong else []
    return starts, problems + ([f"{back} slide(s) start no later than the one before; kept."] if back else [])


def _events(
    slides: dict[int, tuple[int, dict[str, str]]], starts: Sequence[float], length: float
) -> tuple[tuple[Event, ...], int]:
    """Slides with a start time as events in order of time, and how many have none."""
    ends = sorted({*starts, length})
    timed = sorted((starts[k], k) for k in slides if k < len(starts))
    events: list[Event] = []
    for t0, k in timed:
        line, row = slides[k]
        t1 = next((end for end in ends if end > t0), t0)
        attrs: dict[str, Json] = {"slide": k, "figures": _boxes(row.get("boundingBoxes", ""))}
        text, place = squeeze(row.get("ocr", "")[:MAX_TEXT]), f"{FIGURES}:{line}"
        events.append(Event(len(events), "slide", t0, t1, text=text, place=place, attrs=attrs))
    return tuple(events), len(slides) - len(timed)


def _boxes(text: str) -> list[Json]:
    """Figures `{"label", "box": [x0, y0, x1, y1]}` in pixels of the slide's picture; those without an area left out."""
    try:
        value: Json = loads(text[:100_000], FIGURES) if text else None
    except TraceError:
        return []
    return [found for entry in list_of(value)[:MAX_FIGURES] if (found := _box(entry))]


def _box(entry: Json) -> Json:
    match entry:
        case {"left": int() | float() as x, "top": int() | float() as y, "width": int() | float() as w,
              "height": int() | float() as h, "label": str(label)} if w > 0 and h > 0:  # fmt: skip
            return {"label": label[:40], "box": [x, y, x + w, y + h]}
        case _:
            return None


LOADER = Loader("lecture_tables", "lesson", claims, open_lecture, count_of(_lectures))
