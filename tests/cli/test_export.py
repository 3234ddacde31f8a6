"""`dataclaw export` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import INTENT, Cli


@pytest.fixture
def run(cli: Cli, trace: Path) -> str:
    assert cli("run", "-i", INTENT, "-d", "gui", trace, "--no-report").returncode == 0
    return "out"


def test_an_export_says_what_it_wrote_and_where(cli: Cli, run: str, tmp_path: Path):
    done = cli("export", run, "--to", "swift", "--out", "data")
    assert done.returncode == 0, done.stderr
    assert "gui.action_sequence" in done.stdout
    assert "files: data" in done.stdout
    (row,) = map(json.loads, (tmp_path / "data" / "train.jsonl").read_text().splitlines())
    assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant"]


def test_json_is_one_object_on_stdout(cli: Cli, run: str):
    done = cli("export", run, "--to", "llamafactory", "--out", "data", "--json", "--licence", "mine")
    told = json.loads(done.stdout)
    assert told["samples"] == 1
    assert told["licence"] == "mine"
    assert told["left_out"] == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["out", "--to", "swfit", "--out", "data"], "no format 'swfit'"),
        (["nowhere", "--to", "swift", "--out", "data"], "run.toml is missing"),
        (["out", "--to", "swift", "--out", "out"], "something is there already"),
        (["out", "--to", "diffsynth", "--out", "data"], "nothing to export as diffsynth"),
        (["out", "--to", "swift", "--out", "data", "--near", "0"], "'--near'"),
        (["out", "--to", "swift", "--out", "data", "--coordinates", "template"], "'--coordinates'"),
        (["out", "--to", "swift"], "'--out'"),
    ],
)
def test_wrong_usage_exits_2_says_what_to_do_and_leaves_nothing(
    cli: Cli, run: str, tmp_path: Path, arguments: list[str], words: str
):
    done = cli("export", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_told(cli: Cli, run: str):
    done = cli("export", run, "--to", "swift", "--out", "/proc/nothing")
    assert done.returncode == 1
    assert "/proc/nothing" in done.stderr
    assert "disk is not full" in done.stderr
