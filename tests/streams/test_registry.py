"""The table of loaders says what their modules say, and keeps no loader from a path that it would take."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from dataclaw.streams.loader import Loader
from dataclaw.streams.registry import _ENTRIES, builtin

ROOT = Path(__file__).parents[2]


def real() -> dict[str, Loader]:
    return {entry.name: entry.loader() for entry in _ENTRIES}


def test_names_and_kinds_are_those_of_the_loaders() -> None:
    assert [(one.name, one.kind) for one in builtin()] == [(one.name, one.kind) for one in real().values()]


def test_every_loader_of_the_package_is_in_the_table() -> None:
    folder = ROOT / "dataclaw" / "streams"
    modules = [path for path in folder.glob("*/*.py") if "Loader(" in path.read_text(encoding="utf-8")]
    found = [import_module(f"dataclaw.streams.{path.parent.name}.{path.stem}") for path in modules]
    made = {value.name for module in found for value in vars(module).values() if isinstance(value, Loader)}
    assert made == set(real())


def paths_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.shared
def test_nothing_that_a_loader_takes_is_kept_from_it(shared: Path) -> None:
    loaders = real()
    taken = [
        (entry.name, path)
        for path in paths_below(shared)
        for entry in _ENTRIES
        if not entry.may_claim(path) and loaders[entry.name].claims(path)
    ]
    assert taken == []


def test_modules_are_imported_when_a_path_may_be_theirs(tmp_path: Path) -> None:
    (tmp_path / "cut.edl").write_text("TITLE: x\n")
    code = (
        "import sys; from pathlib import Path; from dataclaw.streams.registry import builtin, claimant;"
        f"claimant(Path({str(tmp_path / 'cut.edl')!r}), builtin());"
        "print(sorted(name for name in sys.modules if name.startswith('dataclaw.streams.') and name.count('.') == 3))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "dataclaw.streams.edits.edl" in done.stdout
    assert "dataclaw.streams.trajectory" not in done.stdout
