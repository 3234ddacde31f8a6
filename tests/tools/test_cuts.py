"""Shots of drawn films whose cuts are known to the frame, and of real clips looked through by eye."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.streams import open_stream
from dataclaw.tools import builtin
from dataclaw.tools.shots import shot_changes
from dataclaw.types import Anchor
from tests.tools.films import RATE, SIZE, Pixels, film, mixed, plain, scene, timed
from tests.tools.screens import context, stream

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "daily"
find_cuts = builtin()["find_cuts"]


def cut_frames(frames: list[Pixels]) -> list[int]:
    return [round(change.t0 * RATE) for change in shot_changes(timed(frames)) if not change.gradual]


def test_cuts_of_a_film_are_found_to_the_frame(tmp_path: Path):
    made = film(tmp_path / "film.mp4", scene(1, 31) + scene(2, 44) + scene(3, 25))
    result = find_cuts(context(made), {})
    cuts = [a for a in result.anchors if a.kind == "cut"]
    assert [round(a.t0 * RATE) for a in cuts] == [31, 75]
    assert all(a.t0 == a.t1 and a.attrs["how"] == "cut" for a in cuts)
    assert made.frames is not None
    for anchor in cuts:
        assert anchor.frame is not None
        assert made.frames.times[anchor.frame] >= anchor.t0 - 1e-6  # the first sampled frame of the new shot
        assert anchor.frame == 0 or made.frames.times[anchor.frame - 1] < anchor.t0
    shots = [[a.attrs["first_frame"], a.attrs["last_frame"]] for a in result.anchors if a.kind == "shot"]
    assert shots == result.data["shots"]
    assert len(shots) == 3
    assert [last + 1 for _, last in shots[:-1]] == [first for first, _ in shots[1:]]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(8, 40), min_size=1, max_size=5), st.integers(0, 1000))
def test_every_cut_is_found_and_nothing_else(lengths: list[int], seed: int):
    frames = [p for k, n in enumerate(lengths) for p in scene(seed + 7 * k, n)]
    assert cut_frames(frames) == list(np.cumsum(lengths)[:-1])


def test_a_fast_camera_is_no_cut():
    assert cut_frames(scene(4, 40, pan=9.0)) == []


def test_a_flash_is_no_cut():
    frames = scene(5, 40)
    frames[20] = np.full_like(frames[20], 250)
    assert cut_frames(frames) == []


def test_light_that_is_switched_off_is_no_cut():
    frames = scene(6, 40)
    assert cut_frames(frames[:20] + [(f * 0.4).astype(np.uint8) for f in frames[20:]]) == []


@pytest.mark.parametrize("length", [12, 20, 32])
def test_a_dissolve_is_a_fade(length: int):
    a, b = scene(7, 30 + length), scene(8, 30 + length)
    (change,) = shot_changes(timed(a[:30] + mixed(a[30:], b[:length]) + b[length:]))
    assert change.gradual
    assert abs((change.t0 + change.t1) / 2 * RATE - (30 + length / 2)) <= 5


def test_a_fade_through_black_is_one_or_two_fades_around_it():
    a, b, black = scene(9, 40), scene(10, 40), plain(0, 20)
    frames = a[:20] + mixed(a[20:], black) + black[:10] + mixed(black, b[:20]) + b[20:]
    changes = list(shot_changes(timed(frames)))
    assert changes
    assert all(c.gradual and 15 / RATE <= c.t0 <= c.t1 <= 75 / RATE for c in changes)


def test_without_footage_the_sampled_frames_are_compared():
    frames = [*scene(11, 8), *scene(12, 8)]
    result = find_cuts(context(stream(frames, kind="video")), {})
    assert [a.frame for a in result.anchors if a.kind == "cut"] == [8]
    assert result.data["shots"] == [[0, 7], [8, 15]]


def test_memory_does_not_grow_with_length():
    peaks: list[int] = []
    picture = scene(13, 1)[0]
    for count in (300, 900):
        gc.collect()
        tracemalloc.start()
        list(shot_changes((k / RATE, np.roll(picture, k % 7, 1)) for k in range(count)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("frames", [[], scene(14, 1), scene(14, 2), plain(0, 30)])
def test_little_or_plain_material_has_no_cut(frames: list[Pixels]):
    assert list(shot_changes(timed(frames))) == []


def test_a_frame_that_cannot_be_decoded_is_named():
    source = stream(scene(15, 6), kind="video")
    source.frames.broken.add(3)  # type: ignore[union-attr]
    with pytest.raises(ToolError, match="frame 3"):
        find_cuts(context(source), {})


def test_only_the_span_asked_for_is_looked_at(tmp_path: Path):
    made = film(tmp_path / "film.mp4", scene(1, 31) + scene(2, 44) + scene(3, 25))
    anchors = find_cuts(context(made), {"t0": 2.0, "t1": 4.0}).anchors
    assert [round(a.t0 * RATE) for a in anchors if a.kind == "cut"] == [75]


def test_a_stream_without_pictures_says_so():
    with pytest.raises(ToolError, match="no pictures"):
        find_cuts(context(stream(kind="video")), {})


@pytest.mark.shared
@pytest.mark.parametrize(
    ("clip", "frames"),
    [
        ("askanything_clips/yoga.mp4", []),
        ("askanything_clips/making_cake.mp4", []),  # whipped about by hand, never cut
        ("mmaction2_clips/test.avi", []),
        ("pancake/flipping_a_pancake.mkv", []),
        ("mmaction2_clips/arm_wrestling_demo.mp4", []),  # the shot goes on where the damaged pictures end
    ],
)
def test_real_clips(clip: str, frames: list[int]):
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    made = open_stream(str(SHARED / clip))
    anchors: tuple[Anchor, ...] = find_cuts(context(made), {}).anchors
    assert [round(a.t0 * getattr(made.frames, "rate", 0)) for a in anchors if a.kind == "cut"] == frames


def test_a_shot_that_goes_on_after_damage_is_no_cut():
    """Rows repeated down the picture come in slowly, as where a decoder misses data, and go at once."""
    frames = scene(31, 90)
    for k in range(30, 60):
        top = max(4, SIZE[1] - 5 * (k - 29))
        frames[k][top:] = frames[29][top : top + 1]
    assert cut_frames(frames) == []
    assert cut_frames(frames[:60] + scene(32, 30)) == [60]


def test_a_shot_seen_again_after_another_one_is_a_cut():
    assert cut_frames(scene(33, 40) + scene(34, 30) + scene(33, 40)) == [40, 70]
