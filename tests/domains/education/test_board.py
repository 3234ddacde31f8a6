"""Steps on a board: ink added while the rest stays; formulas read off it."""

from typing import Any

import pytest

from dataclaw.domains.education.board import formula, is_half_fraction, readable_lines
from dataclaw.domains.education.lessons import slides_in
from dataclaw.domains.education.tools import board_steps
from dataclaw.kit.fixture_form import DescribedStream
from dataclaw.kit.fixtures import stream_of
from dataclaw.tools.base import ToolContext
from dataclaw.types import Anchor

Shape = dict[str, Any]


def line(text: str, row: int) -> Shape:
    return {"box": [60, 60 + 60 * row, 400, 110 + 60 * row], "text": text}


def steps(frames: list[list[Shape]], fill: str = "#ffffff", **args: float) -> list[Anchor]:
    drawn = [{"t": float(t), "fill": fill, "shapes": shapes} for t, shapes in enumerate(frames)]
    pictures = {"size": [640, 360], "rate": 2.0, "frames": drawn}
    stream = stream_of(
        DescribedStream.model_validate({"kind": "video", "duration": float(len(frames)), "pictures": pictures})
    )
    return list(board_steps(ToolContext(stream, (0.0, float(len(frames)))), args).anchors)


ONE, TWO, THREE = line("2x + 3 = 11", 0), line("2x = 8", 1), line("x = 4", 2)


@pytest.mark.parametrize("fill", ["#ffffff", "#103020", "#1b2d4a"], ids=["whiteboard", "blackboard", "blueboard"])
def test_each_line_that_is_added_is_a_step(fill: str) -> None:
    found = steps([[ONE]] * 3 + [[ONE, TWO]] * 4 + [[ONE, TWO, THREE]] * 3, fill)
    assert [(a.attrs["before"], a.attrs["after"]) for a in found] == [(2, 3), (6, 7)]
    box = found[0].box
    assert box is not None
    assert 120 <= box[1] < box[3] <= 170
    assert (found[0].frame, found[0].t0, found[0].t1) == (3, 2.0, 3.0)


def test_a_line_written_in_several_goes_is_one_step() -> None:
    words = [line("2x = 8", 1), line("x = 4", 2)]
    found = steps([[ONE]] * 2 + [[ONE, words[0]]] + [[ONE, *words]] * 3)
    assert [(a.attrs["before"], a.attrs["after"]) for a in found] == [(1, 3)]


def test_a_page_that_is_replaced_is_no_step() -> None:
    page = [line(f"Another page, line {k}, with many words on it", k) for k in range(5)]
    assert steps([[ONE]] * 4 + [page] * 4) == []


def test_what_is_wiped_is_no_step() -> None:
    assert steps([[ONE, TWO, THREE]] * 4 + [[ONE]] * 4) == []


def test_a_frame_that_is_dimmed_for_a_moment_is_no_step() -> None:
    drawn = [[ONE]] * 4 + [[{"box": [0, 0, 640, 360], "color": "#888888"}, ONE, TWO]] + [[ONE, TWO]] * 4
    assert [(a.attrs["before"], a.attrs["after"]) for a in steps(drawn)] == [(3, 5)]


def test_half_a_fraction_is_not_told_and_no_line_is_skipped() -> None:
    def read(text: str, y: float, x: float = 100.0) -> Anchor:
        return Anchor("", "text", text, 0.0, 0.0, box=(x, y, x + 120, y + 30), confidence=0.95)

    half, under = read("y = 101.48", 100), read("116.06", 136, 170)
    whole, unread = read("x = 4", 40), read("Co5@ = ~l", 60)
    assert is_half_fraction(half, [half, under])
    assert not is_half_fraction(whole, [whole, half, under])
    assert [line.content for line in readable_lines([whole, unread, read("z = 7", 200)], [])] == ["x = 4"]


def test_a_span_is_looked_at_alone() -> None:
    frames = [[ONE]] * 3 + [[ONE, TWO]] * 4 + [[ONE, TWO, THREE]] * 3
    assert len(steps(frames, t0=4.0)) == 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("KML = 48° the angle between", "KML = 48°"),
        ("∴KOL=180-2×48", "∴KOL=180-2×48"),
        ("=180-48+30", "=180-48+30"),
        ("47.61=28.09+121", "47.61=28.09+121"),
        ("c^2 = a^2 + b^2", "c^2 = a^2 + b^2"),
        ("2x + 3y = 12", "2x + 3y = 12"),
        ("∴K0h=180-2×42", ""),
        ("116.6C00 = 12", ""),
        ("a = b", ""),
        ("47.61=28.09+121-", ""),
        ("Cos@ = 101.48", ""),
        ("x = 4 + 4 = 8", "x = 4 + 4 = 8"),
        ("so 2x = 8.", "2x = 8"),
        ("Find the value of x", ""),
        ("", ""),
    ],
)
def test_a_formula_is_read_or_nothing(text: str, read: str) -> None:
    assert formula(text) == read


def test_a_blank_board_has_no_name() -> None:
    blank = Anchor("d1", "slide", "slide without text", 0.0, 9.0, frame=3, attrs={"lines": [], "words": 0, "title": ""})
    (slide,) = slides_in([blank])
    assert (slide.title, slide.lines) == ("", ())
