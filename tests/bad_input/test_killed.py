"""A run that is killed, or whose folder was damaged: it goes on, loses nothing and writes nothing twice."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dataclaw.config import RunConfig
from dataclaw.errors import ConfigError
from dataclaw.run.api import tailor
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from tests.bad_input.conftest import INTENT
from tests.bad_input.files import agentnet, picture

CONFIG = RunConfig(intent=INTENT, domain="gui")
LABELS = ("Add to cart", "Checkout", "Send order", "Close window")


def image_trace(folder: Path, number: int) -> Path:
    """Four clicks, each with its screenshot."""
    images = folder / f"trace{number}" / "images"
    images.mkdir(parents=True)
    for index, label in enumerate(LABELS):
        (images / f"{index}.png").write_bytes(picture(f"{label} {number}"))
    file = images.parent / "trace.jsonl"
    file.write_text(agentnet([f"pyautogui.click(x=0.{number + 3}{index}, y=0.5)" for index in range(4)]))
    return file


def go(sources: list[Path], out: Path) -> list[Any]:
    return [news.outcome for news in run(prepare(CONFIG), [str(source) for source in sources], out) if news.outcome]


def written(out: Path) -> dict[str, Any]:
    """What a run gave, without what differs between two runs of the same (times)."""
    samples = [json.loads(line) for line in (out / "samples.jsonl").read_text().splitlines()]
    artifacts = [json.loads(line) for line in (out / "artifacts.jsonl").read_text().splitlines()]
    media = {str(f.relative_to(out)): hashlib.sha256(f.read_bytes()).hexdigest() for f in out.rglob("media/*/*")}
    for sample in samples:
        sample["verdict"] = {key: sample["verdict"][key] for key in ("total", "terms")}
    return {"samples": samples, "artifacts": artifacts, "media": media}


def under_way(out: Path) -> bool:
    """Whether a rollout has been checkpointed a few times and is not finished."""
    file = out / "checkpoints.sqlite"
    if not file.exists():
        return False
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            (count,) = connection.execute("SELECT count(*) FROM checkpoints").fetchone()
    except sqlite3.OperationalError:  # not written yet, or being written
        return False
    finally:
        if "connection" in locals():
            connection.close()
    return count > 4


@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_a_stream_with_media(tmp_path: Path, kills: int):
    sources = [image_trace(tmp_path / "in", number) for number in range(3)]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dataclaw.cli", "run", "-i", INTENT, "-d", "gui", "--no-report", "-o", str(out)]
    environment = {**os.environ, "DATACLAW_CACHE": str(tmp_path / "killed")}
    dice = random.Random(11)
    for _ in range(kills):
        process = subprocess.Popen(
            [*command, *map(str, sources)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not under_way(out):
            time.sleep(0.01)
        time.sleep(dice.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for file in out.glob("done/*.json"):
            assert json.loads(file.read_text())["key"] == file.stem
    go(sources, out)
    go(sources, tmp_path / "whole")
    assert written(out) == written(tmp_path / "whole")
    assert len(written(out)["samples"]) == len(sources)
    listed = {artifact["path"]: artifact["sha256"] for artifact in written(out)["artifacts"]}
    assert written(out)["media"] == listed
    assert not list(out.rglob("*.tmp"))


@pytest.fixture
def finished(tmp_path: Path) -> tuple[Path, list[Path], dict[str, Any]]:
    sources = []
    for number in range(3):
        sources.append(tmp_path / f"{number}.jsonl")
        sources[-1].write_text(agentnet([f"pyautogui.click(x=0.{number + 3}, y=0.5)"]))
    go(sources, tmp_path / "out")
    return tmp_path / "out", sources, written(tmp_path / "out")


@pytest.mark.parametrize("name", ["samples.jsonl", "rejected.jsonl", "artifacts.jsonl"])
def test_a_torn_table_is_written_anew(finished: tuple[Path, list[Path], dict[str, Any]], name: str):
    out, sources, whole = finished
    (out / name).write_bytes((out / name).read_bytes()[:100])
    assert all(outcome.again for outcome in go(sources, out))
    assert written(out) == whole


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"key": "x"}', b"\xff\xfe", b'{"samples": 3}'])
def test_a_torn_commit_is_set_aside_and_its_stream_done_again(
    finished: tuple[Path, list[Path], dict[str, Any]], damage: bytes
):
    out, sources, whole = finished
    torn = next((out / "done").glob("*.json"))
    torn.write_bytes(damage)
    assert sorted(outcome.again for outcome in go(sources, out)) == [False, True, True]
    assert written(out) == whole
    assert torn.with_suffix(".torn").read_bytes() == damage


@pytest.mark.parametrize("kept", [0, 1, 500])
def test_a_torn_trace_is_made_again(finished: tuple[Path, list[Path], dict[str, Any]], kept: int):
    out, sources, whole = finished
    torn = next((out / "traces").glob("*.json"))
    torn.write_bytes(torn.read_bytes()[:kept])
    assert sorted(outcome.again for outcome in go(sources, out)) == [False, True, True]
    assert json.loads(torn.read_text())["key"] == torn.stem
    assert written(out) == whole


def test_what_a_kill_leaves_behind_is_cleared_away(finished: tuple[Path, list[Path], dict[str, Any]]):
    out, sources, whole = finished
    (out / "media" / "x-0").mkdir(parents=True)
    stray = [out / ".samples.jsonl.a1.tmp", out / "done" / ".k.json.b2.tmp", out / "media" / "x-0" / ".f1.jpg.c3.tmp"]
    for file in stray:
        file.write_bytes(b"half")
    go(sources, out)
    assert written(out) == whole
    assert not any(file.exists() for file in stray)


@pytest.mark.parametrize("damage", [b"", b"not a database, and long enough to be looked at" * 99])
def test_a_torn_database_of_checkpoints_costs_only_what_was_under_way(
    finished: tuple[Path, list[Path], dict[str, Any]], damage: bytes, tmp_path: Path
):
    out, sources, _ = finished
    (out / "checkpoints.sqlite").write_bytes(damage)
    another = tmp_path / "another.jsonl"
    another.write_text(agentnet())
    outcomes = go([*sources, another], out)
    assert [outcome.again for outcome in outcomes] == [True, True, True, False]
    assert outcomes[-1].samples


def test_a_torn_run_file_is_refused_with_its_place(finished: tuple[Path, list[Path], dict[str, Any]]):
    out, sources, _ = finished
    (out / "run.toml").write_text("dataclaw = ")
    with pytest.raises(ConfigError, match=r"run.toml: not valid TOML.*--no-resume"):
        go(sources, out)


def test_one_content_under_two_names_is_done_once(tmp_path: Path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    for file in (one, two):
        file.write_text(agentnet())
    first, second = go([one, two], tmp_path / "out")
    assert (first.same_as, second.same_as, second.source) == ("", str(one), str(two))
    assert len(written(tmp_path / "out")["samples"]) == 1
    (again,) = go([one], tmp_path / "out")
    assert again.again
    assert not again.same_as


def test_one_content_under_two_names_is_told_in_memory_too(tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text(agentnet())
    first, second = tailor([tmp_path / "one.jsonl", tmp_path / "two.jsonl"], INTENT, domain="gui")
    assert (first.same_as, second.same_as) == ("", str(tmp_path / "one.jsonl"))


def test_two_workers_that_meet_one_content_give_one_sample(tmp_path: Path):
    files = [tmp_path / f"{name}.jsonl" for name in "abcd"]
    for file in files:
        file.write_text(agentnet())
    news = list(run(prepare(CONFIG), [str(file) for file in files], tmp_path / "out", workers=2))
    outcomes = [progress.outcome for progress in news if progress.outcome]
    (first,) = [outcome for outcome in outcomes if not outcome.same_as]
    assert {outcome.same_as for outcome in outcomes} == {"", first.source}
    assert len(written(tmp_path / "out")["samples"]) == 1
