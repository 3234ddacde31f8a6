"""A new domain of every kind works and passes its own check unchanged; as pytest it does too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dataclaw.errors import StreamError, UsageError
from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import fixtures_of, play
from dataclaw.kit.new_domain import EXAMPLES, VIDEO, new_domain
from dataclaw.plugins import load_domain
from dataclaw.run.api import tailor
from dataclaw.streams import discover, open_stream
from dataclaw.testing import DomainContract

OWN = "oven_log"
"""A kind that nothing reads but what the skeleton brings."""


@pytest.mark.parametrize("kind", [*EXAMPLES, VIDEO, OWN])
def test_a_new_domain_passes_its_own_check(kind: str, tmp_path: Path) -> None:
    written = new_domain("my_own", tmp_path, reads=kind)
    assert all(
        path.is_file() and "@" not in path.read_text().replace("@rule", "").replace("@tool", "") for path in written
    )
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
        ("own", "vidoe", "no example of kind 'vidoe'. Did you mean 'video'"),
        ("own", "fragments", "no example of kind 'fragments'. There is: gui, "),
        ("own", "Oven log", "'Oven log' is no name of a kind"),
        ("there", "gui", "is there already"),
    ],
)
def test_what_cannot_be_made_is_told(name: str, reads: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match=told):
        new_domain(name, tmp_path, reads=reads)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_new_kind_of_stream_is_read_and_tailored_at_once(tmp_path: Path) -> None:
    new_domain("bakery", tmp_path, reads=OWN)
    folder = str(tmp_path / "bakery")
    (outcome,) = tailor(f"{folder}/samples/first.{OWN}", "list every moment with its time", domain=folder)
    assert [item["what"] for item in outcome.samples[0]["answer"]["moments"]][1:3] == [
        "and the second one", "something else",
    ]  # fmt: skip


def test_the_loader_of_a_new_kind_counts_recordings_and_tells_what_it_left_out(tmp_path: Path) -> None:
    new_domain("bakery", tmp_path, reads=OWN)
    loaders = load_domain(str(tmp_path / "bakery")).loaders
    log = tmp_path / "two.txt"
    log.write_text(f"{OWN} 1\n4 bake rolls\nnan bake air\n1 knead dough\n{OWN} 1\n0 clean up\n")
    assert [source.index for source in discover([log], loaders=loaders)] == [0, 1]
    first = open_stream(f"{log}#0", loaders=loaders)
    assert [(e.index, e.t0, e.kind, e.text) for e in first.events] == [
        (0, 1, "knead", "dough"),
        (1, 4, "bake", "rolls"),
    ]
    assert first.problems == ("Line 3 is no event; it was left out.",)
    log.write_text("something else\n")
    with pytest.raises(StreamError, match="is text, but no known trace format"):
        open_stream(str(log), loaders=loaders)


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
