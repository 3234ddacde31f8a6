"""Faults at the operations of a command: they are counted and happen, and what a run gives does not depend on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from endurance.boundaries import FAULTS, operations
from endurance.crash import CrashLog

WRITE = """
import os, sqlite3, sys
from pathlib import Path
from endurance.boundaries import Boundaries
out, journal, at, fault = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
Boundaries(out, journal, at, fault).arm()
(out / "one.tmp").write_text("1")
os.replace(out / "one.tmp", out / "one")
with sqlite3.connect(out / "db") as connection:
    connection.execute("create table t (n)")
    connection.execute("insert into t values (1)")
(out / "two").write_text("2")
Path(journal.parent / "elsewhere").write_text("not counted")
"""


def go(tmp_path: Path, at: int, fault: str = "kill") -> tuple[int, Path, str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    command = [sys.executable, "-c", WRITE, str(out), str(tmp_path / "journal"), str(at), fault]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True, timeout=120)
    return done.returncode, out, done.stderr


def test_operations_below_the_folder_are_counted(tmp_path: Path) -> None:
    code, out, _ = go(tmp_path, -1)
    counted = operations(tmp_path / "journal")
    assert code == 0
    assert counted[:3] == ["open one.tmp", "os.rename one.tmp", "sqlite3.connect db"]
    assert counted[-1] == "open two"
    assert any("insert" in operation for operation in counted)
    assert sorted(file.name for file in out.iterdir()) == ["db", "one", "two"]


def test_a_kill_happens_before_its_operation(tmp_path: Path) -> None:
    code, out, _ = go(tmp_path, 1)
    assert code == -signal.SIGKILL
    assert [file.name for file in out.iterdir()] == ["one.tmp"]


def test_a_full_disk_stays_full_and_other_faults_pass(tmp_path: Path) -> None:
    code, out, said = go(tmp_path, 1, "ENOSPC")
    assert (code, sorted(file.name for file in out.iterdir())) == (1, ["one.tmp"])
    assert os.strerror(FAULTS["ENOSPC"]) in said
    again = tmp_path / "again"
    again.mkdir()
    assert "OperationalError" in go(again, 2, "EIO")[2]


def test_a_run_gives_the_same_whatever_stopped_it_and_what_was_tried_is_not_tried_again(tmp_path: Path) -> None:
    state = tmp_path / "tried.jsonl"
    command = [sys.executable, "-m", "endurance.crash", "run", "--jobs", "2", "--state", str(state), "--every", "22"]
    for faults in (["kill"], ["kill", "ENOSPC"]):
        asked = [*command, *(f"--fault={fault}" for fault in faults)]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "0 wrong" in done.stdout
    tried = [(one.fault, one.number) for one in CrashLog(state).read()]
    assert sorted(tried) == sorted({*tried})
    assert {fault for fault, _ in tried} == {"kill", "ENOSPC"}
