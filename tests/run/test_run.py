"""Runs: what is written, what is kept, what is told; with real trace files and the toy domain."""

from __future__ import annotations

import json
import logging
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dataclaw.config import RunConfig
from dataclaw.errors import ConfigError
from dataclaw.run.ledger import log_into
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from tests.agent.conftest import TOY

INTENT = "List what happened"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    file = tmp_path / "plugins.toml"
    file.write_text(f'[domains.toy]\npath = "{TOY}"\n')
    return file


def write_trace(folder: Path, number: int, steps: int = 3) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    codes = [f"pyautogui.click(x=0.{number % 10}{i}, y=0.5)" for i in range(1, steps + 1)]
    traj = [{"index": i, "image": f"{i}.png", "value": {"code": code}} for i, code in enumerate(codes)]
    record = {"task_id": f"t{number}", "instruction": f"do {number}", "traj": traj}
    file = folder / f"trace{number:02}.jsonl"
    file.write_text(json.dumps(record) + "\n")
    return file


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]


def go(out: Path, sources: list[Path], registry: Path, **options: Any) -> list[Any]:
    config = RunConfig(intent=options.pop("intent", INTENT), domain="toy")
    return list(run(prepare(config, registry), [str(s) for s in sources], out, **options))


def test_every_stream_gives_a_sample_with_evidence(tmp_path: Path, registry: Path):
    sources = [write_trace(tmp_path / "in", i) for i in range(3)]
    news = go(tmp_path / "out", sources, registry)
    samples = rows(tmp_path / "out", "samples")
    assert [s["stream"]["name"] for s in samples] == [n.outcome.samples[0]["stream"]["name"] for n in news if n.outcome]
    assert samples[0]["answer"]["steps"][0] == {"verb": "click"}
    assert samples[0]["evidence"]["/answer/steps/0/verb"] == ["e0"]
    assert samples[0]["anchors"]["e0"]["kind"] == "event"
    assert samples[0]["left_out"]["count"] == 0
    assert {n.node for n in news} >= {"ingest", "route", "act", "use_tools", "verify", "materialise", "done"}


def test_one_bad_stream_never_stops_the_others(tmp_path: Path, registry: Path):
    bad = tmp_path / "in" / "a-bad.jsonl"
    good = write_trace(tmp_path / "in", 1)
    bad.write_bytes(b'{"task_id": "x", "traj": [{"ind')
    go(tmp_path / "out", [bad, good], registry)
    assert len(rows(tmp_path / "out", "samples")) == 1
    (rejected,) = rows(tmp_path / "out", "rejected")
    assert rejected["stream"]["path"] == str(bad)
    assert rejected["reason"]
    assert rejected["remedy"]


def test_a_finished_stream_is_not_done_again_and_a_new_one_is_added(tmp_path: Path, registry: Path):
    first, second = write_trace(tmp_path / "in", 1), write_trace(tmp_path / "in", 2)
    go(tmp_path / "out", [first], registry)
    news = go(tmp_path / "out", [first, second], registry)
    assert [n.outcome.again for n in news if n.outcome] == [True, False]
    assert len(rows(tmp_path / "out", "samples")) == 2


def test_another_intent_in_the_same_folder_is_refused_with_the_difference(tmp_path: Path, registry: Path):
    source = write_trace(tmp_path / "in", 1)
    go(tmp_path / "out", [source], registry)
    with pytest.raises(ConfigError, match="'List what happened' then, 'Name every event' now"):
        go(tmp_path / "out", [source], registry, intent="Name every event")
    go(tmp_path / "out", [source], registry, intent="Name every event", resume=False)
    assert [s["intent"]["text"] for s in rows(tmp_path / "out", "samples")] == ["Name every event"]


def test_two_workers_write_what_one_writes(tmp_path: Path, registry: Path):
    sources = [write_trace(tmp_path / "in", i) for i in range(4)]
    go(tmp_path / "one", sources, registry)
    go(tmp_path / "two", sources, registry, workers=2)
    one, two = (sorted(rows(tmp_path / out, "samples"), key=lambda s: s["id"]) for out in ("one", "two"))
    assert one == two


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_twice(tmp_path: Path, registry: Path):
    sources = [write_trace(tmp_path / "in", i, steps=1 + i % 5) for i in range(30)]
    out = tmp_path / "out"
    arguments = ["run", "-i", INTENT, "-d", "toy", "--plugins", str(registry), "--out", str(out), "--no-report"]
    command = [sys.executable, "-m", "dataclaw.cli", *arguments, *map(str, sources)]
    dice = random.Random(7)
    kills = 0
    while kills < 4:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list(out.glob("done/*.json"))) < 5 * (kills + 1):
            time.sleep(0.01)
        time.sleep(dice.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        done = {p.stem for p in out.glob("done/*.json")}
        assert all(json.loads((out / "done" / f"{key}.json").read_text())["key"] == key for key in done)
    assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    ids = [s["id"] for s in rows(out, "samples")]
    assert len(ids) == len(set(ids)) == len(sources)


def test_a_log_on_a_full_disk_is_told_once_and_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dataclaw.log").symlink_to("/dev/full")
    ours = logging.getLogger("dataclaw")
    before = (ours.handlers, ours.level, ours.propagate)
    handler = log_into(tmp_path)
    try:
        ours.warning("one")
        ours.warning("two")
    finally:
        handler.close()
        ours.handlers, ours.level, ours.propagate = before
    told = capsys.readouterr().err
    assert told.count("cannot be written: [Errno 28] No space left on device") == 1
    assert "Traceback" not in told
    assert "Logging error" not in told
