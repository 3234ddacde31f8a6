"""Passing over what goes on finds the changes that looking at every frame finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataclaw.streams.frames import footage
from dataclaw.tools import shot_search
from dataclaw.tools.shot_search import shots_of
from dataclaw.tools.shots import SIZE, shot_changes
from tests.tools.films import Pixels, film, mixed, scene


def noisy(frames: list[Pixels], strength: float) -> list[Pixels]:
    dice = np.random.default_rng(0)
    return [np.clip(frame + dice.normal(0, strength, frame.shape), 0, 255).astype(np.uint8) for frame in frames]


@pytest.mark.parametrize("strength", [0.0, 25.0])
@pytest.mark.parametrize("options", [{}, {"g": "15"}, {"g": "50", "sc_threshold": "0"}])
def test_the_same_changes_are_found_as_by_looking_at_all(tmp_path: Path, strength: float, options: dict[str, str]):
    a, b = scene(1, 140), scene(2, 130)
    frames = a[:120] + mixed(a[120:], b[:20]) + b[20:] + scene(3, 90) + scene(1, 60)
    made = film(tmp_path / "film.mp4", noisy(frames, strength), options)
    assert made.frames is not None
    span = (0.0, made.duration)
    whole = sorted((c.t0, c.gradual) for c in shot_changes(footage(made.frames, *span, SIZE)))
    assert len(whole) == 3
    assert sorted((c.t0, c.gradual) for c in shots_of(made.frames, span)) == whole


def test_what_goes_on_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = film(tmp_path / "film.mp4", scene(4, 400) + scene(5, 400), {"g": "20"})
    assert made.frames is not None
    decoded: list[float] = []

    def count(*args: object):
        for time, picture in footage(*args):  # type: ignore[arg-type]
            decoded.append(time)
            yield time, picture

    monkeypatch.setattr(shot_search, "footage", count)
    (change,) = shots_of(made.frames, (0.0, made.duration))
    assert round(change.t0 * 25) == 400
    assert len(decoded) < 200


def test_a_short_shot_between_two_of_one_picture_is_seen_where_packets_tell(tmp_path: Path):
    a = scene(6, 200)
    frames = a[:60] + scene(7, 12) + a[72:]
    made = film(tmp_path / "film.mp4", frames, {"g": "200", "sc_threshold": "0"})
    assert made.frames is not None
    assert [round(c.t0 * 25) for c in shots_of(made.frames, (0.0, made.duration))] == [60, 72]
