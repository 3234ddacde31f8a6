"""A third party's own benchmark: built of its world, pinned in its package, compared file by file ever after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.pinned_benchmarks import name_of, pinned_benchmarks
from tests.third_party.conftest import Dataclaw

BUILD = ("bench", "build", "-d", "harvest", "--count", "6", "--requests", "2", "--name", "harvest-1", "--out", "bench")


@pytest.fixture
def carrying(workplace: Path) -> Path:
    """The workplace, whose domain says where its benchmarks are pinned."""
    file = workplace / "harvest" / "domain.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\n\n[tasks", '\npinned = "pinned"\n\n[tasks', 1), encoding="utf-8")
    return workplace


def test_it_is_pinned_and_built_again(carrying: Path, dataclaw: Dataclaw) -> None:
    assert "pinned as harvest-1: " in dataclaw(*BUILD).output
    manifest = json.loads((carrying / "harvest" / "pinned" / "harvest-1.json").read_text(encoding="utf-8"))
    assert manifest == json.loads((carrying / "bench" / "manifest.json").read_text(encoding="utf-8"))
    one = next(one for one in pinned_benchmarks() if one.domain)
    assert (one.name, one.title, one.domain, name_of(one.digest)) == ("harvest-1", "harvest-1", "harvest", "harvest-1")
    assert f"{one.digest} (harvest-1)" in dataclaw("bench", "show", "bench").output
    again = dataclaw("bench", "build", "--name", "harvest-1", "--out", "elsewhere").output  # the name is enough
    assert f"This is harvest-1, file by file: {one.digest}" in again
    words = ("eval", "run", "--bench", "elsewhere", "--model", "planner", "--similarity", "fuzzy", "--out", "planner")
    dataclaw(*words)
    said = dataclaw("models", "baseline", "planner", "--into", "adapters").output
    assert "planner on harvest-1: harvest " in said


def test_other_files_under_its_name_are_an_error(carrying: Path, dataclaw: Dataclaw) -> None:
    dataclaw(*BUILD)
    world = carrying / "harvest" / "worlds.py"
    world.write_text(world.read_text(encoding="utf-8").replace("basket", "crate"), encoding="utf-8")
    said = dataclaw("bench", "build", "--name", "harvest-1", "--out", "other", code=1).output
    assert "This is not harvest-1, which was pinned: intent.jsonl, scenes/" in said
    assert "pin this one under another --name" in said


def test_no_open_requests_are_fine(carrying: Path, dataclaw: Dataclaw) -> None:
    dataclaw("bench", "build", "-d", "harvest", "--count", "3", "--requests", "0", "--out", "bench")
    assert (carrying / "bench" / "intent.jsonl").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "harvest-1"], 'does not say where its benchmarks are pinned. Add the line: pinned = "pinned"'),
        (["--name", "../other"], "is no name"),
        (["--name", "new", "-d", "gui"], "pinned in one domain's package"),
    ],
)
def test_it_must_be_said_where_it_is_pinned(workplace: Path, dataclaw: Dataclaw, words: list[str], said: str) -> None:
    result = dataclaw("bench", "build", "-d", "harvest", "--count", "2", *words, "--out", "bench", code=1)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not (workplace / "bench").exists()


def test_a_name_is_taken_once_and_with_its_settings(carrying: Path, dataclaw: Dataclaw) -> None:
    dataclaw(*BUILD)
    result = dataclaw("bench", "build", "--name", "harvest-1", "--count", "5", "--out", "bench", code=1)
    assert "'harvest-1' is pinned with count = 6" in str(result.exception)
    result = dataclaw("bench", "build", "-d", "harvest", "--name", "open-2", "--out", "bench", code=1)
    assert "'open-2' is pinned already, by DataClaw" in str(result.exception)


def test_a_damaged_manifest_is_left_out(carrying: Path, dataclaw: Dataclaw, caplog: pytest.LogCaptureFixture) -> None:
    folder = carrying / "harvest" / "pinned"
    folder.mkdir()
    (folder / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    (folder / "harvest-1.json").write_text('{"format": 1}', encoding="utf-8")
    assert [one for one in pinned_benchmarks() if one.domain] == []
    assert "nested too deeply" in caplog.text
    assert "a pinned benchmark is left out: " in caplog.text
