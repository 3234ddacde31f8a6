"""Damaged files: the same number makes the same one, and what a reader must not do is found."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from endurance.fuzz import FuzzSeed, fuzz, seeds
from endurance.mutants import mutant

TOLD = b'{"a": 12.5, "b": ["one", "two"], "c": {"d": -3}}\n' * 3


@pytest.fixture
def seed(tmp_path: Path) -> FuzzSeed:
    file = tmp_path / "told.json"
    file.write_bytes(TOLD)
    return FuzzSeed(file, file)


def test_a_number_makes_the_same_mutant_again() -> None:
    made = [mutant(TOLD, random.Random(f"told:{number}")) for number in range(200)]
    assert made == [mutant(TOLD, random.Random(f"told:{number}")) for number in range(200)]
    assert len({*made}) > 150
    assert mutant(b"", random.Random(1)) is not None


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


def test_what_is_refused_with_a_typed_error_is_no_finding(seed: FuzzSeed) -> None:
    def refuse(path: Path) -> None:
        raise StreamError("is none.", place=str(path), remedy="Give another.")

    assert list(fuzz([seed], 0, 30, reading=refuse)) == []


def test_an_untyped_error_and_a_death_are_findings_and_the_rest_is_read(seed: FuzzSeed) -> None:
    def read(path: Path) -> None:
        data = path.read_bytes()
        if len(data) < len(TOLD) // 2:
            os._exit(3)
        if data.count(b"{") > TOLD.count(b"{"):
            raise ValueError("one too many")

    found = list(fuzz([seed], 0, 150, reading=read))
    assert {finding.what for finding in found if "died" in finding.what} == {"the reader died: 3"}
    assert any(finding.what.startswith("ValueError: one too many") for finding in found)
    wanted = {}
    for number in range(150):
        data = mutant(TOLD, random.Random(f"told.json:{number}"))
        wanted[number] = len(data) < len(TOLD) // 2 or data.count(b"{") > TOLD.count(b"{")
    assert {finding.number for finding in found} == {number for number, wrong in wanted.items() if wrong}


def test_the_files_that_ship_are_seeds_and_their_mutants_are_read_or_refused() -> None:
    examples = Path(__file__).parents[2] / "examples" / "traces"
    assert {seed.root.name for seed in seeds([examples])} >= {"shop_and_mail"}
    command = [sys.executable, "-m", "endurance.fuzz", "--count", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
