"""Flaws drawn into sound films, and the real clip whose damage the decoder does not report."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.streams import open_stream
from dataclaw.tools import builtin
from dataclaw.tools.picture_quality import flaws
from tests.tools.films import RATE, Pixels, film, plain, scene, timed
from tests.tools.screens import context, stream

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "daily"
check_quality = builtin()["check_quality"]


def spans(frames: list[Pixels]) -> list[tuple[str, int, int]]:
    return [(f.what, round(f.t0 * RATE), round(f.t1 * RATE)) for f in flaws(timed(frames)) if f.what != "clean"]


def smeared(frame: Pixels, row: int) -> Pixels:
    """The picture as a decoder leaves it that lost the data below a row."""
    made = frame.copy()
    made[row:] = frame[row]
    return made


def soft(frame: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), 6), dtype=np.uint8)


def test_a_sound_film_has_no_flaw(tmp_path: Path):
    result = check_quality(context(film(tmp_path / "film.mp4", scene(1, 50, speed=2) + scene(2, 50, speed=2))), {})
    (anchor,) = result.anchors
    assert (anchor.kind, anchor.attrs["what"]) == ("clean", "clean")
    assert (anchor.t0, round(anchor.t1 * RATE)) == (0.0, 99)
    assert result.note == "No damage."


def test_black_frames_are_found_to_the_frame(tmp_path: Path):
    made = film(tmp_path / "film.mp4", scene(3, 30, speed=2) + plain(3, 10) + scene(4, 30, speed=2))
    before, anchor, after = check_quality(context(made), {}).anchors
    assert [round(a.t0 * RATE) for a in (before, after)] == [0, 40]
    assert round(before.t1 * RATE) == 29
    assert (anchor.kind, anchor.attrs["what"]) == ("quality", "black")
    assert (round(anchor.t0 * RATE), round(anchor.t1 * RATE)) == (30, 39)


def test_a_frozen_picture_is_found():
    frames = scene(5, 60, speed=3)
    assert spans(frames[:20] + [frames[19]] * 30 + frames[20:]) == [("frozen", 20, 49)]


def test_a_short_standstill_is_no_flaw():
    frames = scene(5, 60, speed=3)
    assert spans(frames[:20] + [frames[19]] * 10 + frames[20:]) == []


def test_smeared_pictures_are_garbled_until_a_whole_one_comes():
    frames = scene(6, 80, speed=3)
    damaged = [smeared(f, 45) for f in frames[30:55]]
    assert spans(frames[:30] + damaged + frames[55:]) == [("garbled", 30, 54)]


def blocky(frame: Pixels, seed: int) -> Pixels:
    """The picture with a third of its 8 px blocks taken from elsewhere."""
    rng = np.random.default_rng(seed)
    made = frame.copy()
    for _ in range(100):
        (y, v), (x, u) = rng.integers(0, frame.shape[0] // 8, 2) * 8, rng.integers(0, frame.shape[1] // 8, 2) * 8
        made[y : y + 8, x : x + 8] = frame[v : v + 8, u : u + 8].mean(axis=(0, 1))
    return made


def test_blocks_out_of_place_are_garbled_until_they_have_gone():
    frames = scene(10, 80, speed=3)
    damaged = [blocky(f, 1) for f in frames[30:45]]
    assert spans(frames[:30] + damaged + frames[45:]) == [("garbled", 30, 44)]


def test_slides_with_boxes_on_the_grid_are_not_garbled():
    frames = [blocky(f, k // 30) for k, f in enumerate(scene(11, 90, speed=3))]
    assert all(what != "garbled" for what, _, _ in spans(frames[:30]))


def test_a_striped_film_is_not_garbled():
    frames = [smeared(f, 30) for f in scene(7, 60, speed=3)]
    assert all(what != "garbled" for what, _, _ in spans(frames))


def test_blur_is_judged_by_the_rest_of_the_film():
    frames = scene(8, 80, speed=2)
    assert spans(frames[:30] + [soft(f) for f in frames[30:45]] + frames[45:]) == [("blurred", 30, 44)]
    assert spans([soft(f) for f in frames]) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3), st.integers(1, 255), st.integers(0, 12))
def test_anything_is_measured(seed: int, size: int, count: int):
    rng = np.random.default_rng(seed)
    frames = [rng.integers(0, 256, (max(2, size), 300 - size, 3), dtype=np.uint8) for _ in range(count)]
    found = flaws(timed(frames))
    assert all(0 <= f.score <= 1 and f.t0 <= f.t1 for f in found)
    assert [f.t0 for f in found] == sorted(f.t0 for f in found)
    whole = [f for f in found if f.what != "blurred"]  # these divide the film among themselves
    assert all(a.t1 < b.t0 for a, b in pairwise(whole))
    assert bool(whole) == bool(count)


def test_sampled_frames_will_do():
    frames = [*scene(9, 4, speed=5), *plain(0, 2)]
    _, anchor = check_quality(context(stream(frames, kind="video")), {}).anchors
    assert (anchor.frame, anchor.attrs["frames"]) == (4, [4, 5])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("clip", "garbled"),
    [
        ("mmaction2_clips/arm_wrestling_demo.mp4", (229, 267)),  # looked through by eye, frame by frame
        ("mmaction2_clips/test.avi", None),
        ("askanything_clips/yoga.mp4", None),
        ("askanything_clips/making_cake.mp4", None),
        ("pancake/flipping_a_pancake.mkv", None),
        ("mixkit_kitchen/mixkit-hands-of-a-baker-kneading-a-dough-42467-medium.gif", None),
        ("mixkit_kitchen/mixkit-pastry-chef-cutting-a-loaf-into-slices-43015-medium.gif", None),
    ],
)
def test_real_clips(clip: str, garbled: tuple[int, int] | None):
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    made = open_stream(str(SHARED / clip))
    found = [a for a in check_quality(context(made), {}).anchors if a.attrs["what"] == "garbled"]
    assert [(round(a.t0 * 28), round(a.t1 * 28)) for a in found] == ([garbled] if garbled else [])
