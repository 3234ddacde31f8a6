"""Damaged files: the same number makes the same one, what a reader must not do is found, and nothing is read twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from endurance.fuzz import FuzzState, fuzz, table
from endurance.mutants import mutant
from endurance.nodes import other_document
from endurance.reader import FuzzFinding
from endurance.smaller import smaller
from endurance.target import FuzzTarget
from endurance.targets import TARGETS

TOLD = b'{"a": 12.5, "b": ["one", "two"], "c": {"d": -3}}\n' * 3


def make(folder: Path) -> None:
    (folder / "told.json").write_bytes(TOLD)


def found(target: FuzzTarget, tmp_path: Path, count: int, **options: float) -> list[FuzzFinding]:
    state = FuzzState(tmp_path / "state")
    return [finding for _, finding, _ in fuzz([target], state, {target.name: count}, turn=20, **options)]


def test_a_number_makes_the_same_mutant_again() -> None:
    made = [mutant(TOLD, random.Random(f"told:{number}")) for number in range(200)]
    assert made == [mutant(TOLD, random.Random(f"told:{number}")) for number in range(200)]
    assert len({*made}) > 150
    assert mutant(b"", random.Random(1)) is not None


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b'{"a": [1, {"b": "two"}], "c": null}', json.loads),
        (b'{"a": 1}\n{"a": {"b": [2, 3]}}\n', lambda data: [json.loads(line) for line in data.split(b"\n") if line]),
        (b'a = 1\n[b]\nc = ["x", "y"]\n', lambda data: tomllib.loads(data.decode())),
    ],
)
def test_documents_are_damaged_as_what_they_are(data: bytes, read: object) -> None:
    made = [other_document(data, random.Random(number)) for number in range(300)]
    well = 0
    for one in made:
        try:
            read(one)  # type: ignore[operator]
            well += 1
        except (ValueError, TypeError, AttributeError, RecursionError):
            continue
    assert well > 200
    assert len({*made}) > 100


def test_elements_are_lost_doubled_and_nested() -> None:
    data = b'<a><b c="1">two</b><d/></a>'
    made = {other_document(data, random.Random(number)) for number in range(300)}
    assert b"<a><d/></a>" in made
    assert any(one and one.count(b"<b c") > 40 for one in made)
    assert any(one and one.count(b"<d>") > 400 for one in made)
    assert other_document(b"no document", random.Random(1)) is None


def test_archives_are_damaged_inside(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("told.json", TOLD)
    opened = 0
    for number in range(60):
        (tmp_path / "b.zip").write_bytes(mutant(file.read_bytes(), random.Random(number)))
        try:
            with zipfile.ZipFile(tmp_path / "b.zip") as archive:
                opened += archive.read("told.json") != TOLD
        except (zipfile.BadZipFile, KeyError, NotImplementedError, OSError, EOFError):
            continue
    assert opened > 20


def test_what_is_refused_with_a_typed_error_is_no_finding(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        if path.read_bytes() != TOLD:
            raise StreamError("is none.", place=str(path), remedy="Give another.")

    target = FuzzTarget("told", make, refuse)
    assert found(target, tmp_path, 30) == []
    counts = FuzzState(tmp_path / "state").counts_of(target)
    assert (counts.executions, counts.next) == (30, 30)
    assert counts.refused > 25


def test_an_untyped_error_and_a_death_are_findings_and_the_rest_is_read(tmp_path: Path) -> None:
    def read(path: Path) -> None:
        data = path.read_bytes()
        if len(data) < len(TOLD) // 2:
            os._exit(3)
        if data.count(b"{") > TOLD.count(b"{"):
            raise ValueError("one too many")

    target = FuzzTarget("told", make, read)
    kinds = {finding.what.partition(" (")[0] for finding in found(target, tmp_path, 150)}
    assert kinds == {"the reader died: 3", "ValueError: one too many"}
    wanted: dict[str, set[int]] = {"the reader died": set(), "ValueError": set()}
    for number in range(150):
        data = mutant(TOLD, random.Random(f"told:{number}"))
        short, many = len(data) < len(TOLD) // 2, data.count(b"{") > TOLD.count(b"{")
        if short or many:
            wanted["the reader died" if short else "ValueError"].add(number)
    state = FuzzState(tmp_path / "state")
    assert {kind.partition(" (")[0]: {*numbers} for kind, numbers in state.found["told"].items()} == wanted
    assert state.counts_of(target).executions == 150
    assert "| told   |        150 |" in table([target], state)
    kept = {path.parent.name: path for path in (tmp_path / "state/findings").rglob("told.json")}
    smallest = min(kept.values(), key=lambda path: path.stat().st_size)
    assert smallest.stat().st_size <= len(TOLD) // 2 + 5


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    reads = tmp_path / "reads"
    reads.touch()

    def read(path: Path) -> None:
        path.read_bytes()
        with reads.open("a") as file:
            file.write("x")

    target = FuzzTarget("told", make, read)
    found(target, tmp_path, 20)
    first = len(reads.read_text())
    found(target, tmp_path, 50)
    assert FuzzState(tmp_path / "state").counts_of(target).executions == 50
    assert len(reads.read_text()) - first == 30 + 1  # and the seed once, to import what reading takes
    assert found(target, tmp_path, 50) == []


def test_too_much_memory_and_too_long_are_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endurance.reader.SECONDS", 0.2)
    monkeypatch.setattr("endurance.reader.MEMORY", 2**25)

    def read(path: Path) -> None:
        data = path.read_bytes()
        while len(data) > 2 * len(TOLD):
            pass
        if data.count(b"{") > TOLD.count(b"{"):
            bytearray(b"x") * 2**26

    said = {finding.what.partition(" (")[0] for finding in found(FuzzTarget("told", make, read), tmp_path, 25)}
    assert "takes longer than 0.2 s" in said
    assert any(one.endswith("MiB") for one in said)


def test_a_finding_is_made_smaller() -> None:
    assert smaller(b"abc" * 200 + b"X" + b"def" * 100 + b"Y", lambda data: b"X" in data and b"Y" in data) == b"XY"


def test_targets_have_names_of_their_own_and_small_parts_of_them_run() -> None:
    assert len({target.name for target in TARGETS}) == len(TARGETS) > 80
    command = [sys.executable, "-m", "endurance.fuzz", "trace agentnet", "cut edl", "settings run", "draft", "domain s"]
    done = subprocess.run([*command, "--executions", "400"], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "0 wrong" in done.stdout
