"""A new domain of every kind works and passes its own check unchanged; as pytest it does too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import fixtures_of, play
from dataclaw.kit.new_domain import EXAMPLES, VIDEO, new_domain
from dataclaw.plugins import load_domain
from dataclaw.testing import DomainContract


@pytest.mark.parametrize("kind", [*EXAMPLES, VIDEO])
def test_a_new_domain_passes_its_own_check(kind: str, tmp_path: Path) -> None:
    written = new_domain("my_own", tmp_path, reads=kind)
    assert all(path.is_file() and "@" not in path.read_text().replace("@rule", "") for path in written)
    report = check_domain(str(tmp_path / "my_own"))
    assert report.problems == ()
    assert [row.draft for row in report.drafts if row.accepted] == ["gold"]
    domain = load_domain(str(tmp_path / "my_own"))
    (row,) = fixtures_of(domain)
    assert play(domain, row).draft == row.gold


@pytest.mark.parametrize(
    ("name", "reads", "told"),
    [
        ("My Own", "gui", "'My Own' is no name"),
        ("../own", "gui", "is no name"),
        ("own", "smell", "no example of kind 'smell'"),
        ("there", "gui", "is there already"),
    ],
)
def test_what_cannot_be_made_is_told(name: str, reads: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match=told):
        new_domain(name, tmp_path, reads=reads)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_its_tests_pass_and_fail_with_the_domain(tmp_path: Path) -> None:
    new_domain("my_own", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "my_own")]
    good = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert good.returncode == 0, good.stdout
    held = sum(name.startswith("test_") for name in vars(DomainContract))
    assert f"{held} passed" in good.stdout
    manifest = tmp_path / "my_own" / "domain.toml"
    manifest.write_text(manifest.read_text().replace('having = ["text", "target"]', 'having = "smell"'))
    bad = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert bad.returncode == 1
    assert "the gold answer is held by complete" in bad.stdout
