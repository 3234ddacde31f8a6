from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

WITHOUT = "import sys; sys.modules[sys.argv[1]] = None; del sys.argv[1]; from dataclaw.cli import main; main()"


@pytest.mark.parametrize(("command", "library"), [("serve", "fastapi"), ("serve", "uvicorn"), ("mcp", "mcp")])
def test_what_is_not_installed_is_named(command: str, library: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, library, command], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1
    assert f"{library} is not installed. Run: pip install 'dataclaw-tailor[{command}]'" in done.stderr


@pytest.mark.parametrize("command", ["serve", "mcp"])
def test_a_root_that_is_no_folder_is_named(cli: Cli, command: str) -> None:
    done = cli(command, "--home", "home", "--root", "nowhere")
    assert done.returncode == 2
    assert "nowhere: no such folder" in done.stderr


def test_limits_are_checked(cli: Cli) -> None:
    for option in ("--max-upload", "--max-seconds", "--jobs", "--queue", "--keep-days", "--max-disk"):
        assert cli("serve", option, "0").returncode == 2
