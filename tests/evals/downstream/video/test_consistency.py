"""Consistency and smoothness of clips whose motion is drawn, and of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.video.consistency import (
    FrameGrid,
    Pixels,
    flow_speed,
    motion_smoothness,
    subject_consistency,
)
from dataclaw.evals.downstream.video.features import Clip
from dataclaw.streams import open_stream
from dataclaw.streams.frames import footage
from tests.tools.films import RATE, scene

SHARED = Path(__file__).parents[4].parent / "shared" / "data" / "daily"
LAND = np.kron(np.random.default_rng(7).integers(40, 220, (30, 120, 3)), np.ones((8, 8, 1))).astype(np.uint8)


class Corner:
    """Features that are the first pixel's colour."""

    name = "corner"

    def __call__(self, picture: Pixels) -> np.ndarray:
        return picture[0, 0].astype(np.float64)


def moved(lefts: list[int]) -> Clip:
    """A camera before a wall, at these places [px]."""
    return np.stack([LAND[:, left : left + 320] for left in lefts])


def test_consistency_by_hand():
    clip = np.zeros((3, 4, 4, 3), np.uint8)
    clip[0, ..., 0], clip[1, ..., 0], clip[1, ..., 1], clip[2, ..., 1] = 100, 100, 100, 100
    # f = x, (x+y)/sqrt 2, y: to the first 0.7071 and 0, to the one before 0.7071 and 0.7071
    expected = (0.5**0.5 + 0.5**0.5) / 2 / 2 + (0 + 0.5**0.5) / 2 / 2
    assert subject_consistency(clip, Corner()) == pytest.approx(expected, abs=1e-6)


def test_a_still_clip_is_all_consistent_and_smooth_and_does_not_move():
    clip = moved([0] * 9)
    assert subject_consistency(clip) == pytest.approx(1, abs=1e-9)
    assert motion_smoothness(clip) == pytest.approx(1, abs=1e-9)
    assert flow_speed(clip, 25) == pytest.approx(0, abs=1e-3)


def test_a_cut_is_less_consistent_than_one_shot():
    one, other = scene(1, 12), scene(2, 12)
    assert subject_consistency(np.stack(one)) > subject_consistency(np.stack(one[:6] + other[:6])) + 0.05


def test_even_motion_is_smoother_than_jerky_motion_of_equal_length():
    even, jerky = moved([4 * k for k in range(13)]), moved([8 * (k // 2) + (3 if k % 2 else 0) * k for k in range(13)])
    assert motion_smoothness(even) > 0.97
    assert motion_smoothness(even) > motion_smoothness(jerky) + 0.01


def test_the_speed_of_a_camera_is_measured_in_diagonals_a_second():
    clip = moved([3 * k for k in range(10)])
    assert flow_speed(clip, 20) == pytest.approx(3 * 20 / np.hypot(240, 320), rel=0.1)
    still = [np.stack(scene(seed, 6, speed=0)) for seed in (1, 2)]
    assert flow_speed(np.concatenate(still), 20) == pytest.approx(0, abs=0.02), "a cut is no motion"


def test_a_clip_that_is_too_short_is_refused():
    with pytest.raises(UsageError, match="2 of at least 3"):
        motion_smoothness(moved([0, 1]))
    assert FrameGrid()(LAND).shape == (176,)


@pytest.mark.shared
def test_real_clips_are_steadier_than_their_pictures_in_another_order():
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    stream = open_stream(SHARED / "pancake" / "flipping_a_pancake.mkv")
    assert stream.frames
    clip = np.stack([picture for _, picture in footage(stream.frames, 0.0, 1.2)])
    mixed = clip[np.random.default_rng(0).permutation(len(clip))]
    assert motion_smoothness(clip) > motion_smoothness(mixed)
    assert subject_consistency(clip) > subject_consistency(mixed)
    assert flow_speed(clip, RATE) < flow_speed(mixed, RATE)
