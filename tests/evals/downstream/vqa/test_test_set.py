"""The frozen test set is what its manifest says, and every truth of it follows from the streams' own poses."""

import ctypes.util
import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import ConfigError, StreamError
from dataclaw.evals.downstream.vqa.items import MOMENTS
from dataclaw.evals.downstream.vqa.test_set import (
    PinnedTriplets,
    build_triplets,
    pinned_triplets,
    read_triplets,
    set_problems,
)
from dataclaw.motion import derive, form_problems
from dataclaw.streams import open_stream
from dataclaw.tools.read_poses import moments_of
from dataclaw.worlds.maker import load_scene

ENGINES = pytest.mark.skipif(not ctypes.util.find_library("EGL"), reason="EGL is missing: apt-get install libegl1")
SMALL = PinnedTriplets("small", ("bench",), 1, (1,), 6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("triplets")


def test_the_frozen_set_is_of_600_triplets_about_held_out_scenes():
    pinned = pinned_triplets()
    assert pinned.count == 600
    assert len(pinned.sha256) == 64
    assert {(spec.world, spec.split) for spec in pinned.specs()} == {("bench", "held"), ("house", "held")}
    assert len({spec.name for spec in pinned.specs()}) == 60


def test_an_unknown_set_is_refused():
    with pytest.raises(ConfigError, match="motion-9"):
        pinned_triplets("motion-9")


@ENGINES
def test_a_set_is_built_again_byte_for_byte_and_another_one_is_refused(folder: Path):
    file = build_triplets(SMALL, folder)
    before = file.read_bytes()
    assert len(read_triplets(file)) == 6
    frozen = replace(SMALL, sha256=hashlib.sha256(before).hexdigest())
    assert build_triplets(frozen, folder).read_bytes() == before
    with pytest.raises(ConfigError, match="what was built is not small"):
        build_triplets(replace(frozen, each=5), folder)


def test_a_damaged_line_is_named(tmp_path: Path):
    file = tmp_path / "damaged.jsonl"
    file.write_text('{"scene": "a", "who": "it", "questions": []}\n')
    with pytest.raises(StreamError, match=r"damaged.jsonl:1"):
        read_triplets(file)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@ENGINES
def test_every_truth_of_the_frozen_set_follows_from_the_streams(folder: Path):
    pinned = pinned_triplets()
    items = read_triplets(build_triplets(pinned, folder))  # raises where the hash is another one
    assert len(items) == 600
    assert set_problems(items) == []
    poses = {}
    for spec in pinned.specs():
        stream = open_stream(load_scene(folder / "scenes" / spec.name).path)
        poses[stream.name] = moments_of(stream, (0.0, stream.duration), MOMENTS)
    questions = [question for item in items for question in item.triplet.questions]
    derived = [answer for item in items for answer in derive(item.triplet, poses[item.scene])]
    assert len(derived) == 1800
    assert derived == [question.answer for question in questions]
    assert [problem for question in questions for problem in form_problems(question)] == []
    assert max(Counter(q.target() for q in questions).values()) <= 0.6 * 1800
    assert len({json.dumps(item.data(), sort_keys=True) for item in items}) == 600
