from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import UsageError
from dataclaw.run.report.compare import FieldChange, compare, differences
from tests.run.report.runs import draft, write_run

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(["x", "y"]), v, max_size=2),
    max_leaves=10,
)


def test_a_run_is_the_same_as_itself(tmp_path: Path) -> None:
    found = compare(write_run(tmp_path / "a", screens=False), write_run(tmp_path / "b", screens=False))
    assert [len(pair.changes) for pair in found.pairs] == [0, 0, 0]
    assert found.fields() == {}
    assert found.rules["evidence"] == (0.88, 0.88, 3)
    assert (found.accepted, found.rejected, found.only_a, found.only_b) == ({}, {}, [], [])


def test_a_step_more_is_one_field_and_not_all_that_follow(tmp_path: Path) -> None:
    longer = draft()
    extra = {**longer["actions"][0], "time": 0.1, "target": "Menu"}
    longer["actions"] = [extra, *longer["actions"]]
    longer["goal"] = {**longer["goal"], "text": "Something else"}
    found = compare(
        write_run(tmp_path / "a", good=1, screens=False),
        write_run(tmp_path / "b", good=1, screens=False, written=longer),
    )
    kinds = {path: dict(count) for path, count in found.fields().items()}
    assert kinds == {"/answer/actions/*": {"added": 1}, "/answer/goal/text": {"changed": 1}}


def test_samples_that_moved_are_named_with_the_reason(tmp_path: Path) -> None:
    a, b = write_run(tmp_path / "a", good=2, screens=False), write_run(tmp_path / "b", good=1, bad=False, screens=False)
    found = compare(a, b)
    assert found.only_a == ["0000000000000001-action_sequence-0"]
    rejected = (a / "rejected.jsonl").read_text().splitlines()[0]
    sample = json.loads((b / "samples.jsonl").read_text()) | {"id": "f" * 16 + "-action_sequence-0"}
    sample["stream"] |= {"id": "f" * 16}
    (b / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    found = compare(a, b)
    assert list(found.accepted) == ["f" * 16 + "-action_sequence-0"]
    assert json.loads(rejected)["reason"] in found.accepted["f" * 16 + "-action_sequence-0"]


def test_samples_of_different_tasks_are_not_compared(tmp_path: Path) -> None:
    a, b = write_run(tmp_path / "a", good=1, screens=False), write_run(tmp_path / "b", good=1, bad=False, screens=False)
    sample = json.loads((b / "samples.jsonl").read_text()) | {"id": "0" * 16 + "-how_to-0", "task": "how_to"}
    (b / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    found = compare(a, b)
    assert found.pairs == []
    assert (found.only_a, found.only_b) == (["0" * 16 + "-action_sequence-0"], ["0" * 16 + "-how_to-0"])


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"samples.jsonl is missing"):
        compare(tmp_path, tmp_path)


@given(JSON, JSON)
def test_differences_are_none_only_between_equals_and_turn_round(one: object, two: object) -> None:
    forward, back = list(differences(one, two, "")), list(differences(two, one, ""))
    assert (forward == []) == (one == two)
    if not isinstance(one, list | dict) and not isinstance(two, list | dict):
        swap = {"changed": "changed", "added": "removed", "removed": "added"}
        assert [FieldChange(c.path, swap[c.kind], c.after, c.before) for c in forward] == back  # pyright: ignore[reportArgumentType]
