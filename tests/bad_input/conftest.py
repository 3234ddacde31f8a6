from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.config import RunConfig
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run, sources_at
from tests.bad_input.files import agentnet

INTENT = "Extract the ordered UI actions with coordinates"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))


class Given:
    """Streams beside a good one, put through a whole run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "in"
        self.out = folder / "out"
        self.folder.mkdir()
        self.good = self.write("good.jsonl", agentnet())

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def run(self, *paths: Path | str) -> None:
        sources = sources_at([str(path) for path in (*paths, self.good)])
        list(run(prepare(RunConfig(intent=INTENT, domain="gui")), sources, self.out))

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / f"{table}.jsonl").read_text().splitlines()]

    def names(self, table: str) -> list[str]:
        return sorted(row["stream"]["name"] for row in self.rows(table))

    def rejected(self, *paths: Path | str) -> dict[str, Any]:
        """The one rejection of a run in which the good stream gave its sample all the same."""
        self.run(*paths)
        assert [sample["stream"]["name"] for sample in self.rows("samples")] == ["good.jsonl"]
        (row,) = self.rows("rejected")
        assert "internal error" not in row["reason"]
        assert row["remedy"].endswith(".")
        return row

    def samples(self, *paths: Path | str) -> list[dict[str, Any]]:
        """The samples of streams that are odd but usable."""
        self.run(*paths)
        assert not self.rows("rejected")
        return [sample for sample in self.rows("samples") if sample["stream"]["name"] != "good.jsonl"]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(tmp_path)
