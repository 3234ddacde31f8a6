"""Chosen windows beside random ones: of a film whose lively part is known, and of real clips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dataclaw import tailor
from dataclaw.errors import UsageError
from dataclaw.evals.downstream.video.contact import SeenHand
from dataclaw.evals.downstream.video.features import Pixels
from dataclaw.evals.downstream.video.selection import (
    Gauge,
    WindowMeasures,
    chosen_windows,
    compare_selections,
    difference_of,
    draw_spans,
)
from dataclaw.streams import open_stream
from tests.tools.films import RATE, film, scene

SHARED = Path(__file__).parents[4].parent / "shared" / "data" / "daily"
ASKED = "find a 2 second segment for video generation"
CUT, END = 125 / RATE, 200 / RATE
"""Five seconds in which nothing moves, and three in which a square does [s]."""
CAPTION = "A square is pushed over a table."


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over a film of two shots."""
    root = tmp_path_factory.mktemp("selection")
    film(root / "film.mp4", scene(21, 125, speed=0.0) + scene(22, 75, speed=3))
    (root / "captions.json").write_text(json.dumps({"captions": {"film.mp4": CAPTION}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATACLAW_CACHE", str(root / "cache"))
        (outcome,) = tailor(root / "film.mp4", ASKED, domain="aigc", task="video_generation_segment", out=root / "run")
    assert len(outcome.samples) == 1, outcome.rejected
    return root / "run"


def yellow(picture: Pixels) -> Sequence[SeenHand]:
    """A hand, where the yellow square of a scene is right of the middle."""
    found = (picture[:, picture.shape[1] // 2 :] > (200, 190, 0)).all(2) & (picture[:, picture.shape[1] // 2 :, 2] < 90)
    return [SeenHand("", (0, 0, 1, 1), "left")] if found.sum() > 200 else []


def test_a_chosen_window_moves_more_than_random_ones_and_has_one_shot(run: Path):
    chosen = chosen_windows([run])
    (window,) = chosen
    assert CUT <= window.span[0] < window.span[1] <= END
    found = compare_selections(chosen, draws=5)
    assert found.without_room == []
    assert "contact" not in found.differences, "nobody looked for hands"
    motion, purity = found.differences["motion"], found.differences["shot_purity"]
    assert motion.chosen.mean > motion.random.mean > 0
    assert motion.test.difference.mean == pytest.approx(motion.chosen.mean - motion.random.mean)
    assert motion.above.mean > 0.5
    assert purity.above.mean >= 0.5, "ties count half"
    assert purity.chosen.mean == 1 > purity.random.mean, "some random windows lie across the cut"
    assert found.differences["caption"].chosen.mean == pytest.approx(1, abs=0.02)
    head, rule, *rows = found.table()
    assert {line.count("|") for line in (head, rule, *rows)} == {9}
    assert [row.split(" | ")[0] for row in rows] == [f"| {name}" for name in found.differences]


def test_a_window_is_measured_where_it_lies(run: Path):
    stream = open_stream(chosen_windows([run])[0].path)
    (whole,) = stream.events
    captions = replace(whole, t1=CUT), replace(whole, index=1, t0=CUT)
    gauge = Gauge(replace(stream, events=captions), yellow)
    still, lively, across = (gauge.measure(span) for span in ((0.5, 2.5), (5.5, 7.5), (4.0, 6.0)))
    assert still.motion < lively.motion
    assert (still.shot_purity, lively.shot_purity) == (1, 1)
    assert across.shot_purity == pytest.approx(0.5, abs=0.03)
    assert across.caption == pytest.approx(0.5, abs=0.03)
    assert across.consistency < min(still.consistency, lively.consistency)
    assert (still.contact, lively.clean) == (0, 1)
    assert lively.contact, "the square passes the middle"
    with pytest.raises(UsageError, match="no picture lies"):
        gauge.measure((20.0, 22.0))


def test_means_and_ranks_by_hand():
    def of(motion: float) -> WindowMeasures:
        return WindowMeasures(motion, None, 1, 1, None, 1, 1)

    pairs = [("a", of(0.3), [of(0.1), of(0.3)]), ("b", of(0.2), [of(0.9), of(0.1)])]
    found = difference_of("motion", pairs)
    assert found
    assert (found.chosen.mean, found.random.mean) == (pytest.approx(0.25), pytest.approx(0.35))
    assert found.test.difference.mean == pytest.approx(-0.1)
    assert found.above.mean == pytest.approx((0.75 + 0.5) / 2), "one and a half of two, and one of two"
    assert difference_of("contact", pairs) is None


def test_random_windows_are_as_long_as_the_chosen_one_and_lie_inside():
    spans = draw_spans(10.0, (3.0, 5.5), 200, np.random.default_rng(0))
    assert {round(t1 - t0, 9) for t0, t1 in spans} == {2.5}
    starts = sorted(t0 for t0, _ in spans)
    assert 0 <= starts[0] < 0.3 < 7.2 < starts[-1] <= 7.5
    assert max(b - a for a, b in pairwise(starts)) < 0.5, "they lie evenly"
    assert draw_spans(10.0, (3.0, 5.5), 200, np.random.default_rng(0)) == spans
    assert draw_spans(2.6, (0.0, 2.5), 5, np.random.default_rng(0)) == [], "there is no choice"


def test_a_recording_that_is_another_one_now_is_refused(run: Path, tmp_path: Path):
    (window,) = chosen_windows([run])
    copy = run.parent / "film.mp4"
    before = copy.read_bytes()
    try:
        film(copy, scene(3, 60))
        with pytest.raises(UsageError, match="not the recording of sample"):
            compare_selections([window])
    finally:
        copy.write_bytes(before)
    with pytest.raises(UsageError):
        chosen_windows([tmp_path])


@pytest.mark.shared
def test_real_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    tailor(SHARED / "mixkit_kitchen", ASKED, domain="aigc", task="video_generation_segment", out=tmp_path / "run")
    chosen = chosen_windows([tmp_path / "run"])
    assert len(chosen) == len(json.loads((SHARED / "mixkit_kitchen" / "captions.json").read_text())["captions"])
    found = compare_selections(chosen, draws=2)
    for name in ("shot_purity", "clean", "caption"):
        assert found.differences[name].chosen.mean == pytest.approx(1, abs=0.01), name
    motion = found.differences["motion"]
    assert motion.chosen.low > 0
    assert (motion.chosen.n, motion.chosen.streams) == (len(chosen), len(chosen))
