"""The plans of moving pictures on films drawn here: cuts, damage, stillness and spans asked for, end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from dataclaw.domains.aigc.film import gaps, is_jerky, liveliest
from dataclaw.domains.aigc.segment import has_words
from dataclaw.types import Anchor
from tests.domains.aigc.streams import made
from tests.tools.films import RATE, Pixels, film, plain, scene

SEGMENT, NEXT = "video_generation_segment", "world_model_transition"


CAPTION = "A yellow square is pushed over a chequered table."


def captioned(path: Path, frames: Iterable[Pixels], text: str = CAPTION) -> Path:
    """A film with a caption beside it."""
    film(path, frames)
    (path.parent / "captions.json").write_text(json.dumps({"captions": {path.name: text}}))
    return path


def frames_of(sample: dict, key: str) -> list[int]:
    """Recorded frames at which a clip begins and ends, by the times of the frames that the sample cites."""
    times = {a["frame"]: a["t0"] for a in sample["anchors"].values() if a["kind"] == "frame"}
    return [round(times[f] * RATE) for f in sample[key]]


def test_a_segment_lies_in_the_livelier_shot_and_crosses_no_cut(tmp_path: Path):
    captioned(tmp_path / "film.mp4", scene(21, 60, speed=0.0) + scene(22, 75, speed=3))
    (sample,) = made(tmp_path / "film.mp4", SEGMENT).samples
    start, end = frames_of(sample, "output_video")
    assert 60 <= start < end <= 134
    assert sample["verdict"]["passed"]
    assert sample["answer"].count("<image_recall>") == len(sample["output_image"])
    assert sample["output_image"][0] == sample["output_video"][0]
    assert sample["output_image"][-1] == sample["output_video"][1]


def test_a_segment_keeps_clear_of_black_pictures(tmp_path: Path):
    captioned(tmp_path / "film.mp4", scene(23, 50, speed=3) + plain(2, 20) + scene(23, 80, speed=3)[50:])
    (sample,) = made(tmp_path / "film.mp4", SEGMENT).samples
    start, end = frames_of(sample, "output_video")
    assert end < 50 or start >= 70
    assert sample["left_out"]["by_reason"]["black"] == 1


def test_the_length_and_the_span_asked_for_are_kept(tmp_path: Path):
    captioned(tmp_path / "film.mp4", scene(24, 200, speed=2))
    outcome = made(tmp_path / "film.mp4", SEGMENT, "a 2 second clip with 3 key frames, only the first 4 seconds")
    (sample,) = outcome.samples
    start, end = frames_of(sample, "output_video")
    assert end <= 4 * RATE
    assert abs((end - start) / RATE - 2.0) <= 0.3
    assert len(sample["output_image"]) == 3


@pytest.mark.parametrize("task", [SEGMENT, NEXT])
def test_a_film_in_which_nothing_moves_is_rejected(tmp_path: Path, task: str):
    picture = scene(25, 1)[0]
    film(tmp_path / "still.mp4", [picture] * 60)
    outcome = made(tmp_path / "still.mp4", task)
    assert outcome.samples == ()
    # a picture that stands still for long is damage: there is nothing to choose from
    assert "inside one shot without damaged pictures" in outcome.rejected[0]["reason"]


def test_a_film_that_is_all_black_is_rejected(tmp_path: Path):
    film(tmp_path / "black.mp4", plain(0, 60))
    (rejected,) = made(tmp_path / "black.mp4", SEGMENT).rejected
    assert "without damaged pictures" in rejected["reason"]


def test_a_span_outside_the_recording_is_rejected(tmp_path: Path):
    film(tmp_path / "film.mp4", scene(26, 50, speed=2))
    (rejected,) = made(tmp_path / "film.mp4", SEGMENT, "only between 60 and 70 s").rejected
    assert "outside the recording" in rejected["reason"]


def test_pictures_without_a_clock_are_rejected(tmp_path: Path):
    for number, picture in enumerate(scene(29, 4, speed=9)):
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    (rejected,) = made(tmp_path, SEGMENT).rejected
    assert "without a clock there is no speed" in rejected["reason"]


def test_what_follows_begins_with_the_next_frame(tmp_path: Path):
    film(tmp_path / "film.mp4", scene(27, 140, speed=1.2))
    (sample,) = made(tmp_path / "film.mp4", NEXT).samples
    assert sample["output_video"][0] == sample["input_video"][1] + 1
    assert sample["answer"].startswith("<video_gen>")
    assert sample["question"].endswith("s?")
    assert set(re.findall(r"[a-z]+", sample["answer"])) == {"video", "gen", "image", "recall"}
    assert {entry["camera"] for entry in sample["data"]["predicted"]} == {"static"}


def test_without_a_name_for_what_it_shows_there_is_no_prompt(tmp_path: Path):
    film(tmp_path / "film.mp4", scene(41, 90, speed=3))
    (rejected,) = made(tmp_path / "film.mp4", SEGMENT).rejected
    assert "no caption, narration or legible text says what it shows" in rejected["reason"]


def test_the_prompt_quotes_the_caption_and_all_that_the_camera_does(tmp_path: Path):
    captioned(tmp_path / "film.mp4", scene(42, 60, speed=1.0) + scene(42, 60, speed=1.0, pan=1.6))
    (sample,) = made(tmp_path / "film.mp4", SEGMENT).samples
    prompt = sample["data"]["prompt"]["text"]
    assert prompt.startswith(f'"{CAPTION}"')
    cameras = [entry["camera"] for entry in sample["data"]["motion_plan"]]
    assert ("pan right" in cameras) == ("pans to the right" in prompt)
    assert "subject" not in prompt


def test_who_asks_for_the_camera_gets_its_motion_alone(tmp_path: Path):
    film(tmp_path / "film.mp4", scene(43, 75, speed=0.0, pan=1.6))
    (sample,) = made(tmp_path / "film.mp4", SEGMENT, "the camera motion of this shot, for text-to-video").samples
    assert "The camera pans to the right" in sample["data"]["prompt"]["text"]


def motion(t0: float, t1: float, camera: str, sure: float = 0.9, **more: float) -> Anchor:
    attrs = {"camera": camera, "subject": "active", "pan": 0.0, "tilt": 0.0, **more}
    return Anchor("r1", "motion", "", t0, t1, confidence=sure, attrs=attrs)


def test_a_camera_that_is_swung_about_is_not_the_best_part():
    assert is_jerky(motion(0.0, 2.0, "pan left", pan=-1.2))
    assert is_jerky(motion(0.0, 0.8, "tilt up", tilt=0.1))
    assert not is_jerky(motion(0.0, 4.0, "pan left", pan=-0.5))
    assert not is_jerky(motion(0.0, 0.8, "static"))


@pytest.mark.parametrize(
    ("text", "words"), [("Produets xq", False), ("STOP here", True), ("9:41 PM", False), ("", False)]
)
def test_what_was_read_names_something_where_it_is_words(text: str, words: bool):
    assert has_words(text) == words


def test_gaps_are_what_lies_between():
    assert [(round(a, 2), round(b, 2)) for a, b in gaps(0.0, 10.0, [(2.0, 3.0), (5.0, 6.0)])] == [
        (0, 2),
        (3, 5),
        (6, 10),
    ]
    assert list(gaps(0.0, 1.0, [])) == [(0.0, 1.0)]
    assert list(gaps(4.0, 6.0, [(1.0, 2.0), (8.0, 9.0)])) == [(4.0, 6.0)]


def test_of_a_long_recording_the_liveliest_part_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dataclaw.domains.aigc.film.WATCHED", 4.0)
    captioned(tmp_path / "film.mp4", scene(28, 150, speed=0.2) + scene(28, 75, speed=4))
    (sample,) = made(tmp_path / "film.mp4", SEGMENT).samples
    start, _ = frames_of(sample, "output_video")
    assert start >= 100
    assert sample["input_video"][0] > 0


def test_short_windows_are_watched_whole():
    assert liveliest((5.0, 60.0), []) == (5.0, 60.0)
    assert liveliest((0.0, 2000.0), [(t, float(900 < t <= 1500)) for t in range(0, 2000, 100)]) == (900.0, 1500.0)
