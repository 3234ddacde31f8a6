"""Jobs outlive their servers, end where they must, and are kept no longer than they should."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from dataclaw.serve.asking import JobRequest, Limits
from dataclaw.serve.desk import Desk
from dataclaw.serve.jobs import Jobs
from dataclaw.serve.problem import RefusedError
from tests.serve.conftest import CUT, CUT_INTENT, ROOT, Start, events_of, has_ended, job_of, many_traces, serve, until

CUT_REQUEST = JobRequest(streams=[CUT], intent=CUT_INTENT)


def worker_of(home: Path, job: str) -> int:
    """The process that works on a job's run."""
    file = home / "jobs" / job / "out" / ".owner"
    deadline = time.monotonic() + 200
    while not (file.is_file() and file.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(file.read_text().split()[1])


def is_alive(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def wait_for_end(process: int) -> None:
    deadline = time.monotonic() + 60
    while is_alive(process):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def finished_streams(home: Path, job: str, least: int) -> int:
    deadline = time.monotonic() + 200
    while (count := len(list((home / "jobs" / job / "out/done").glob("*.json")))) < least:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return count


def test_a_job_goes_on_after_its_server_was_killed(start: Start, tmp_path: Path) -> None:
    many_traces(tmp_path / "many.jsonl")
    options, home = serve("--root", tmp_path), tmp_path / "home"
    first = start(*options)
    with first.client() as client:
        job = job_of(client, "many.jsonl", domain="gui")
        waiting = job_of(client, "many.jsonl", domain="gui", max_frames=2)
        worker = worker_of(home, job)
        before = finished_streams(home, job, 3)
    first.stop(signal.SIGKILL)
    wait_for_end(worker)
    assert before < 60
    with start(*options).client() as client:
        told = until(client, job, has_ended)
        assert (told["state"], told["counts"]) == ("done", {"samples": 60, "rejected": 0})
        assert client.get(f"/v1/jobs/{waiting}").json()["state"] in ("queued", "running", "done")
        client.post(f"/v1/jobs/{waiting}/cancel")
        texts = [
            data["text"] for _, kind, data in events_of(client.get(f"/v1/jobs/{job}/events").text) if kind == "progress"
        ]
        assert sum(text.startswith("done before") for text in texts) >= before


def test_a_job_is_cancelled_and_what_it_gave_is_kept(start: Start, tmp_path: Path) -> None:
    many_traces(tmp_path / "many.jsonl")
    with start(*serve("--root", tmp_path)).client() as client:
        job = job_of(client, "many.jsonl", domain="gui")
        waiting = job_of(client, "many.jsonl", domain="gui")
        worker = worker_of(tmp_path / "home", job)
        finished_streams(tmp_path / "home", job, 2)
        for one in (job, waiting):
            assert client.post(f"/v1/jobs/{one}/cancel").json()["state"] == "cancelled"
        wait_for_end(worker)
        told = until(client, job, lambda told: bool(told["counts"]))
        assert 2 <= told["counts"]["samples"] < 60
        assert len(client.get(f"/v1/jobs/{job}/samples").json()["items"]) == min(100, told["counts"]["samples"])
        assert client.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
        assert client.get(f"/v1/jobs/{waiting}").json()["counts"] == {}


def test_a_crash_of_one_job_does_not_end_the_server(start: Start, tmp_path: Path) -> None:
    many_traces(tmp_path / "many.jsonl")
    with start(*serve("--root", tmp_path, "--root", ROOT / "examples", "--max-seconds", 100)).client() as client:
        job = job_of(client, "many.jsonl", domain="gui")
        os.kill(worker_of(tmp_path / "home", job), signal.SIGSEGV)
        told = until(client, job, has_ended)
        assert (told["state"], told["problem"]["detail"]) == ("failed", "its process ended by signal 11.")
        assert until(client, job_of(client, CUT, intent=CUT_INTENT), has_ended)["state"] == "done"


def test_a_job_that_takes_too_long_is_ended(start: Start, tmp_path: Path) -> None:
    many_traces(tmp_path / "many.jsonl", 3000)
    with start(*serve("--root", tmp_path, "--max-seconds", 4)).client() as client:
        job = job_of(client, "many.jsonl", domain="gui")
        told = until(client, job, has_ended)
        assert told["state"] == "failed"
        assert told["problem"]["detail"] == "it took longer than 4 s."
        assert "--max-seconds" in told["problem"]["remedy"]


def test_the_queue_has_an_end(start: Start, tmp_path: Path) -> None:
    many_traces(tmp_path / "many.jsonl")
    with start(*serve("--root", tmp_path, "--queue", 1)).client() as client:
        until(client, job_of(client, "many.jsonl", domain="gui"), lambda told: told["state"] == "running")
        job_of(client, "many.jsonl", domain="gui")
        answer = client.post("/v1/jobs", json={"streams": ["many.jsonl"], "intent": "all"})
        assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")


def test_folders_of_the_machine_are_named_on_loopback_only(start: Start, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="loopback only"):
        start(*serve("--host", "0.0.0.0", "--root", tmp_path))
    face = start(*serve("--host", "0.0.0.0"))
    assert "?token=" in face.address
    assert httpx.get(f"{face.url}/v1/jobs").status_code == 401


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk nobody works at."""
    return Desk(tmp_path / "home", [ROOT / "examples"], Limits(keep_days=1, disk_bytes=10_000_000))


def finish(desk: Desk, *, days_ago: float, size: int = 0) -> str:
    job = desk.jobs.add(CUT_REQUEST, [CUT], 100)
    job.out.mkdir(parents=True)
    (job.out / "big").write_bytes(bytes(size))
    desk.jobs.end(job.id, "done", {})
    with sqlite3.connect(desk.jobs.file) as database:
        database.execute("UPDATE jobs SET ended = ended - ? WHERE id = ?", (days_ago * 86_400, job.id))
    return job.id


def test_the_disk_is_not_measured_for_every_request_and_every_job(tmp_path: Path) -> None:
    class Counting(Desk):
        measured = 0

        def disk_used(self) -> int:
            self.measured += 1
            return super().disk_used()

    desk = Counting(tmp_path / "home", [ROOT / "examples"], Limits(keep_days=1, disk_bytes=10_000_000))
    for _ in range(5):
        desk.submit(CUT_REQUEST)
        finish(desk, days_ago=0, size=1_000_000)
    assert desk.measured == 1
    desk.sweep()
    assert desk.measured == 2
    for _ in range(8):
        finish(desk, days_ago=0, size=1_000_000)
    desk.sweep()
    assert desk.measured == 3
    assert len([job for job in desk.jobs.find() if job.is_finished]) == 9, "as many as there is room for"


def test_what_is_old_is_removed_and_then_the_oldest_for_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataclaw.serve.desk.MEASURE", 0.0)
    old, first, second = (
        finish(desk, days_ago=2),
        finish(desk, days_ago=0.5, size=8_000_000),
        finish(desk, days_ago=0.1),
    )
    waits = desk.submit(CUT_REQUEST).id
    assert {job.id for job in desk.jobs.find()} == {old, first, second, waits}
    desk.sweep()
    assert {job.id for job in desk.jobs.find()} == {first, second, waits}
    third = finish(desk, days_ago=0, size=8_000_000)
    desk.sweep()
    assert {job.id for job in desk.jobs.find()} == {second, third, waits}
    finish(desk, days_ago=0, size=20_000_000)
    held = desk.jobs.get(waits).folder
    held.mkdir()
    (held / "big").write_bytes(bytes(20_000_000))
    with pytest.raises(RefusedError, match="no room") as caught:
        desk.submit(CUT_REQUEST)
    assert caught.value.status == 507


def test_a_job_has_one_worker_and_an_orphan_is_taken_up(tmp_path: Path) -> None:
    one, other = Jobs(tmp_path), Jobs(tmp_path)
    job = one.add(CUT_REQUEST, [CUT], 10)
    with one.next_job() as mine, other.next_job() as theirs:
        assert mine is not None
        assert (mine.id, mine.state, mine.starts, theirs) == (job.id, "running", 1, None)
    with other.next_job() as orphan:
        assert orphan is not None
        assert (orphan.id, orphan.starts) == (job.id, 2)
        with pytest.raises(RefusedError, match="not finished"):
            one.delete(job.id)
    one.cancel(job.id)
    other.end(job.id, "done", {"samples": 1})
    assert (one.get(job.id).state, one.get(job.id).counts) == ("cancelled", {"samples": 1})
    with other.next_job() as none:
        assert none is None


def test_half_a_line_of_events_is_not_told(desk: Desk) -> None:
    job = desk.jobs.add(CUT_REQUEST, [CUT], 10)
    job.folder.mkdir()
    (job.folder / "events.jsonl").write_text(json.dumps({"text": "one"}) + "\n" + '{"text": "tw')
    assert desk.events(job, 0) == [{"number": 1, "text": "one"}]
    assert desk.events(job, 1) == []


SMALL_DISK = """
mount -t tmpfs -o size=16m small home && exec "$@"
"""


def test_a_full_disk_is_told_and_nothing_is_kept(start: Start, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", SMALL_DISK, "sh"]
    if subprocess.run([*alone, "true"], cwd=tmp_path, capture_output=True).returncode:
        pytest.skip("no small disk can be made here")
    enter = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
    cut = (ROOT / "examples" / CUT).read_bytes()
    with start("-c", enter, *alone, sys.executable, *serve()).client() as client:
        answer = client.post("/v1/uploads", files={"files": ("large.edl", bytes(20_000_000))})
        assert (answer.status_code, answer.json()["detail"]) == (507, "the server's disk is full.")
        assert client.get("/v1/uploads").json() == []
        upload = client.post("/v1/uploads", files={"files": ("cut.edl", cut)}).json()["id"]
        assert until(client, job_of(client, upload, intent=CUT_INTENT), has_ended)["state"] == "done"
