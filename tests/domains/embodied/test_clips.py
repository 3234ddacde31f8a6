"""Faulty and recovery clips, frame by frame: the right pictures, in order, held as often as said, and they play."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from dataclaw.config import RunConfig
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from dataclaw.streams import open_stream
from dataclaw.streams.clips import write_clip
from dataclaw.types import Footage

SHARED = Path(__file__).parents[4] / "shared" / "data"
CODED, ALIKE = 4.0, 0.15
"""Mean difference (of 255) that encoding again may make; difference of frames that a recorder repeated."""
Pixels = NDArray[np.uint8]


def decoded(path: Path) -> list[Pixels]:
    """Every frame of a video, as any player decodes it."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def expected(times: list[float], clip: Mapping[str, Any], held_at: float | None = None) -> list[int]:
    """Numbers of the recorded frames that a clip must show, worked out from its span and what is held."""
    t0, t1 = clip["span"]
    order = [k for k, t in enumerate(times) if t0 - 2e-3 <= t <= t1 + 2e-3]
    if held_at is not None:
        held = min(order, key=lambda k: abs(times[k] - held_at))
        order[order.index(held) : order.index(held)] = [held] * clip["freeze_repeat_count"]
    return order


def tailored(source: str, out: Path, intent: str) -> Iterator[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    """Each sample with its video artifacts by role."""
    config = RunConfig(intent=intent, domain="embodied", task="fault_recovery")
    for _ in run(prepare(config), [source], out):
        pass
    records = [json.loads(line) for line in (out / "artifacts.jsonl").read_text().splitlines()]
    for line in (out / "samples.jsonl").read_text().splitlines():
        sample = json.loads(line)
        mine = {r["role"]: r for r in records if r["sample"] == sample["id"] and r["kind"] == "video"}
        yield sample, mine


def agree(made: list[Pixels], film: list[Pixels], wanted: list[int]) -> None:
    """Every frame is the wanted one: within what encoding costs, and no neighbour of it fits better."""
    assert len(made) == len(wanted)
    for at, (picture, k) in enumerate(zip(made, wanted, strict=True)):
        near = range(max(0, k - 2), min(len(film), k + 3))
        off = {n: float(np.abs(picture.astype(int) - film[n]).mean()) for n in near}
        assert off[k] < CODED, f"frame {at} of the clip differs by {off[k]:.1f} from recorded frame {k}"
        assert off[k] <= min(off.values()) + ALIKE, f"frame {at} of the clip is not recorded frame {k}: {off}"


def check(sample: dict[str, Any], media: dict[str, dict[str, Any]], out: Path, film: list[Pixels], source: str) -> None:
    """Both clips of a sample against the recording."""
    stream = open_stream(source)
    assert isinstance(stream.frames, Footage)
    times = [k / round(stream.frames.rate) for k in range(len(film))]
    faulty, recovery = media["input_video"], media["output_video"]
    assert sample["freeze"] == {"frame": faulty["freeze_frame"], "repeat": faulty["freeze_repeat_count"]}
    held_at = stream.frames.times[faulty["freeze_frame"]]
    clip = decoded(out / faulty["path"])
    agree(clip, film, expected(times, faulty, held_at))
    agree(decoded(out / recovery["path"]), film, expected(times, recovery))
    still = [k for k in range(1, len(clip)) if np.abs(clip[k].astype(int) - clip[k - 1]).mean() < 0.5]
    assert len(still) >= faulty["freeze_repeat_count"]
    assert recovery["span"][0] > faulty["span"][1]


def moving_hand(path: Path, seconds: float = 6.0, rate: int = 20) -> None:
    """A film of our own: a hand comes down to a box, slows down beside it, and lifts it; k stands in frame k."""
    ground = np.random.default_rng(5).integers(90, 150, (15, 20, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)

    def pictures() -> Iterator[Pixels]:
        for k in range(round(seconds * rate)):
            t = k / rate
            down = min(t, 2.0) * 55 + np.clip(t - 2.0, 0, 2.0) * 7 - np.clip(t - 4.0, 0, 2.0) * 50
            picture = ground.copy()
            picture[226:] = 120
            top = 20 + round(float(down))
            picture[top : top + 46, 120:180] = 235
            picture[top + 8 : top + 16, 126:174] = 30
            picture[top + 24 : top + 38, 132:150] = 70
            for bit in range(8):  # which frame it is can be read off the picture
                picture[232:236, 16 + 34 * bit : 20 + 34 * bit] = 132 if k >> bit & 1 else 108  # too faint to be motion
            yield picture

    assert write_clip(pictures(), rate, path) == seconds * rate


def number_of(picture: Pixels) -> int:
    """The frame's number, off its bar code."""
    return sum(1 << bit for bit in range(8) if picture[233:235, 17 + 34 * bit : 19 + 34 * bit].mean() > 120)


def test_the_clips_of_our_own_film_show_the_right_frames(tmp_path: Path) -> None:
    film = tmp_path / "hand.mp4"
    moving_hand(film)
    ((sample, media),) = tailored(str(film), tmp_path / "out", "a hesitation loop and its recovery")
    assert sample["data"]["family"]["name"] == "hesitation_loop"
    recorded = decoded(film)
    check(sample, media, tmp_path / "out", recorded, str(film))
    numbers = [number_of(picture) for picture in decoded(tmp_path / "out" / media["input_video"]["path"])]
    repeat = media["input_video"]["freeze_repeat_count"]
    held = next(k for k, n in enumerate(numbers) if numbers.count(n) > 1)
    assert numbers[held : held + repeat + 1] == [numbers[held]] * (repeat + 1)
    once = list(dict.fromkeys(numbers))
    assert once == list(range(once[0], once[-1] + 1))
    after = [number_of(picture) for picture in decoded(tmp_path / "out" / media["output_video"]["path"])]
    assert after == list(range(after[0], after[-1] + 1))
    assert after[0] > once[-1]
    with pytest.raises(AssertionError, match=r"differs|is not recorded frame"):  # the comparison tells neighbours apart
        agree(recorded[10:20], recorded, list(range(11, 21)))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")
@pytest.mark.parametrize("index", [0, 1])
def test_the_clips_of_a_real_robot_show_the_right_frames(tmp_path: Path, index: int) -> None:
    dataset = SHARED / "embodied" / "unitree_g1_lerobot_v21"
    source = f"{dataset}#{index}"
    ((sample, media),) = tailored(source, tmp_path, "an approach stall and its recovery")
    assert sample["data"]["family"]["name"] == "approach_stall"
    film = decoded(dataset / "videos" / "chunk-000" / "observation.images.cam_high" / f"episode_0000{29 + index}.mp4")
    check(sample, media, tmp_path, film, source)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data")
def test_the_clips_of_the_papers_case_show_the_right_frames(tmp_path: Path) -> None:
    folder = SHARED / "paper_cases" / "embodied_recovery"
    ((sample, media),) = tailored(str(folder), tmp_path, json.loads((folder / "case.json").read_text())["intent"])
    film = decoded(folder / "hesitate-gen.mp4")
    check(sample, media, tmp_path, film, str(folder))
