"""The side of questions about motion, on one walk through a house: same scenes for all, the frozen ones for none."""

import ctypes.util
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.config import SmallRecipe, read_task
from dataclaw.evals.downstream.rows import LearnedRow, Told, row_of
from dataclaw.evals.downstream.run import check_apart
from dataclaw.evals.downstream.side import side_of
from dataclaw.evals.downstream.vqa.side import VqaSide
from dataclaw.evals.downstream.vqa.test_set import PinnedTriplets

pytestmark = pytest.mark.skipif(not ctypes.util.find_library("EGL"), reason="EGL is missing: apt-get install libegl1")
SMALL = PinnedTriplets("small", ("house",), 2, (1,), 6)


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> VqaSide:
    return VqaSide(recipe(), SMALL, tmp_path_factory.mktemp("streams"), 1)


def recipe() -> SmallRecipe:
    small = read_task("vqa").small
    assert small is not None
    return small


@pytest.fixture(scope="module")
def told(side: VqaSide, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    folder = tmp_path_factory.mktemp("told")
    return {name: side.tell(recipe().annotators[name], folder / name, lambda _: None)
            for name in ("raw", "random", "planner", "truth")}  # fmt: skip


def test_a_test_row_is_a_question_of_a_triplet(side: VqaSide) -> None:
    tests = side.tests()
    assert len(tests) == 18
    assert [row.group for row in tests[:4]] == ["house-held-1-000000.mcap#0"] * 3 + ["house-held-1-000000.mcap#1"]
    assert len({row.kind for row in tests}) > 1
    for row in tests:
        right = [option.id for option in row.point.options if row.judge(option.id)["right"]]
        assert len(right) == 1
        assert row.judge("")["right"] == 0.0
        assert "First state: it at x" in row.exact


@pytest.mark.parametrize("name", ["raw", "random", "planner", "truth"])
def test_every_annotator_tells_the_same_scene_and_none_of_the_test_split(
    side: VqaSide, told: dict[str, Told], name: str
) -> None:
    made = told[name]
    assert (made.streams, made.refused, made.tokens) == (1, 0, 0)
    assert {row.stream for row in made.rows} == {"house-train-1-000000.mcap"}
    assert len({row.id for row in made.rows}) == len(made.rows) >= 18
    assert [row_of(row.to_json()).to_json() for row in made.rows] == [row.to_json() for row in made.rows]
    assert len(check_apart({name: made.rows}, side.tests())) == 1


def test_the_agent_asks_about_the_motion_its_reverse_and_a_like_one(told: dict[str, Told]) -> None:
    rows = told["planner"].rows
    assert len(rows) % 3 == 0
    assert {row.point.intent.split()[0] for row in rows} >= {"translation", "order"}
    for one, two in zip(rows[::3], rows[1::3], strict=True):
        states = [row.exact.splitlines()[1:3] for row in (one, two)]
        assert [line.split(": ")[1] for line in states[0]] == [line.split(": ")[1] for line in states[1][::-1]]


def test_equal_words_about_something_else_are_counted_and_an_equal_question_is_refused(side: VqaSide) -> None:
    held = side.tests()[0]
    row = LearnedRow("a#0", "a", held.point, "o0", "another motion")
    assert check_apart({"raw": [row, replace(row, point=side.tests()[3].point)]}, [held]) == {"raw": 1}
    with pytest.raises(UsageError, match="a#0 of raw is in the test split"):
        check_apart({"raw": [replace(row, exact=held.exact)]}, [held])
    with pytest.raises(UsageError, match="a#0 of raw is in the test split"):
        check_apart({"raw": [replace(row, stream=held.stream)]}, [held])


def test_a_declaration_names_its_side(tmp_path: Path) -> None:
    made = side_of(recipe(), tmp_path / "data", tmp_path / "out", 3)
    assert isinstance(made, VqaSide)
    assert (made.pinned.name, made.folder, made.limit) == ("motion-1", tmp_path / "out" / "streams", 3)
    gui = read_task("gui").small
    assert gui is not None
    assert type(side_of(gui, tmp_path, tmp_path)).__name__ == "GuiSide"
