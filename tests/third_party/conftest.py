"""A domain of somebody else in a folder of its own, with a format, a world and a choice point of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dataclaw.cli import app

Dataclaw = Callable[..., Result]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `plugins.toml` and the domain, which is the working directory."""
    source = Path(__file__).parent / "harvest"
    shutil.copytree(source, tmp_path / "harvest", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "plugins.toml").write_text('[domains.harvest]\npath = "harvest"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATACLAW_PLUGINS", raising=False)
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def dataclaw() -> Dataclaw:
    """The command line; it fails the test where the exit code is another than `code`."""

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return run
