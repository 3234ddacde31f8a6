"""Slides: new ones, built-up ones, ones shown again; a talking head and a pointer change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from dataclaw.errors import ToolError
from dataclaw.streams import open_stream
from dataclaw.tools.find_slides import find_slides, title_of
from dataclaw.tools.ocr import Line
from dataclaw.tools.pictures import shrink
from dataclaw.tools.slide_changes import Slide, share_gone, slides_of, view
from dataclaw.types import Event
from tests.tools.screens import context, font, stream

SIZE = (640, 360)
A = ["Determinants", "area of a square", "sign means orientation"]
B = ["Eigenvectors", "stay on their span", "are only scaled"]
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def slide(lines: Sequence[str], head: int | None = None, pointer: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A slide with a title; `head` draws a talking head that is another in every frame."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    for k, line in enumerate(lines):
        pen.text((40, 30 + 60 * k), line, fill="black", font=font(34 if k == 0 else 24))
    if pointer:
        pen.polygon([pointer, (pointer[0], pointer[1] + 16), (pointer[0] + 11, pointer[1] + 11)], fill="black")
    pixels = np.asarray(picture, dtype=np.uint8).copy()
    if head is not None:
        pixels[240:350, 500:630] = np.random.default_rng(head).integers(0, 255, (11, 13, 3)).repeat(10, 0).repeat(10, 1)
    return pixels


def found(pictures: Sequence[NDArray[np.uint8]], times: Sequence[float] | None = None) -> list[Slide]:
    at = list(times) if times is not None else [float(k) for k in range(len(pictures))]
    return slides_of({k: shrink(p) for k, p in enumerate(pictures)}, at)


def spans(slides: Sequence[Slide]) -> list[tuple[int, int, int | None]]:
    return [(s.first, s.last, s.same_as) for s in slides]


def test_slides_change_and_come_back() -> None:
    shown = [slide(A), slide(A), slide(B), slide(B), slide(B), slide(A)]
    assert spans(found(shown)) == [(0, 1, None), (2, 4, None), (5, 5, 0)]


def test_a_build_up_is_one_slide() -> None:
    slides = found([slide(A[:1]), slide(A[:2]), slide(A), slide(A), slide(B)])
    assert spans(slides) == [(0, 3, None), (4, 4, None)]
    assert slides[0].builds == 2


def test_a_talking_head_changes_nothing() -> None:
    shown = [slide(A, head=k) for k in range(5)] + [slide(B, head=k) for k in range(5, 10)]
    assert spans(found(shown)) == [(0, 4, None), (5, 9, None)]


def test_a_pointer_changes_nothing() -> None:
    assert len(found([slide(A, pointer=(30 * k, 20 * k)) for k in range(10)])) == 1


def test_a_fade_begins_the_slide_it_ends_in() -> None:
    mixed = (slide(A) // 2 + slide(B) // 2).astype(np.uint8)
    shown = [slide(A), slide(A), mixed, slide(B), slide(B)]
    assert [s.first for s in found(shown, [0, 1, 2, 2.2, 3])] == [0, 2]


def test_a_board_wiped_bit_by_bit_is_another() -> None:
    board = slide(A + B)
    shown: list[NDArray[np.uint8]] = []
    for k in range(8):
        wiped = board.copy()
        wiped[:, : 80 * k] = 255
        shown.append(wiped)
    assert len(found(shown)) > 1


def test_blank_and_filled() -> None:
    blank = np.full((360, 640, 3), 255, np.uint8)
    assert spans(found([blank, blank, slide(A), slide(A), blank])) == [(0, 1, None), (2, 3, None), (4, 4, None)]
    assert spans(found([blank])) == [(0, 0, None)]
    empty = view(shrink(blank), np.ones(shrink(blank).shape[:2], np.bool_))
    assert share_gone(empty, empty) == 0


def test_the_tool_reads_each_slide_once() -> None:
    result = find_slides(context(stream([slide(A), slide(B), slide(A)], kind="lesson", duration=9.0)), {})
    first, second, third = result.anchors
    assert (first.kind, first.content, first.t0, first.t1, first.frame) == ("slide", "Determinants", 0, 1, 0)
    assert first.attrs["lines"] == A
    assert first.attrs["words"] == 8
    assert second.content == "Eigenvectors"
    assert second.attrs["after"] == 0
    assert (third.attrs["same_as"], third.attrs["slide"], third.t1) == (1, 3, 9)
    assert third.attrs["lines"] == A
    assert result.data["starts"] == [0, 1, 2]
    assert first.box is not None
    assert first.box[0] >= 30


def test_text_of_the_file_is_not_read_again() -> None:
    events = [Event(0, "slide", 0, 0, 0, text="Given title\ngiven line")]
    result = find_slides(context(stream([slide(A)], events, kind="lesson"), ocr="no such engine"), {})
    assert result.anchors[0].attrs["lines"] == ["Given title", "given line"]


def test_without_pictures() -> None:
    with pytest.raises(ToolError, match="no pictures"):
        find_slides(context(stream(kind="lesson", duration=5.0)), {})


def test_no_such_page() -> None:
    with pytest.raises(ToolError, match="no page 2"):
        find_slides(context(stream([slide(A)], kind="lesson")), {"page": 2})


def test_the_title_is_the_first_high_line() -> None:
    lines = [
        Line("University", (0, 0, 100, 10), 1),
        Line("Area", (0, 20, 100, 60), 1),
        Line("below", (0, 300, 9, 360), 1),
    ]
    assert title_of(lines, 360) == "Area"
    assert title_of([], 360) == ""


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data are not beside the checkout")
def test_every_slide_of_a_real_lecture() -> None:
    lecture = open_stream(SHARED / "education/lecture_slides_frames_v3")
    result = find_slides(context(lecture), {})
    starts = [a.t0 for a in result.anchors][1:]
    truth = lecture.annotations["slide_starts"]
    assert len(starts) == len(truth)
    assert all(abs(t - s) <= 1.0 for t, s in zip(truth, starts, strict=True))
    assert [a.attrs["same_as"] for a in result.anchors][6:8] == [5, 6]
    assert result.anchors[1].content == "Packaging FACTORS considered"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data are not beside the checkout")
def test_a_walking_lecturer_is_no_slide() -> None:
    lecture = open_stream(SHARED / "education/paella_lecture/belmar")
    assert len(find_slides(context(lecture), {}).anchors) == 1
