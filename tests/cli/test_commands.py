"""The other commands, and the help that every command gives."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dataclaw.cli.doctor import EXTRAS
from dataclaw.version import __version__
from tests.cli.conftest import Cli


def test_without_arguments_the_help_says_how_to_start(cli: Cli):
    done = cli()
    assert "Start with: dataclaw run --domain gui" in done.stdout + done.stderr


def test_the_version(cli: Cli):
    assert cli("--version").stdout.strip() == f"dataclaw {__version__}"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run", ["Examples:", "dataclaw run --domain gui", "--dry-run", "Exit codes: 0 all good"]),
        ("domain list", ["List the domains", "dataclaw domain list"]),
        ("domain show", ["tasks, intent templates", "dataclaw domain show gui"]),
        ("tools list", ["List the built-in tools", "dataclaw tools list"]),
        ("models list", ["List the policies", "dataclaw models list"]),
        ("models get", ["Fetch a model's weights", "dataclaw models get embedded"]),
        ("doctor", ["how to get what is missing", "dataclaw doctor"]),
    ],
)
def test_the_help_of_every_command_teaches(cli: Cli, command: str, words: list[str]):
    shown = " ".join(cli(*command.split(), "--help").stdout.split())
    for word in words:
        assert word in shown


def test_domains_are_listed_and_shown(cli: Cli):
    assert "gui" in cli("domain", "list").stdout
    shown = cli("domain", "show", "gui").stdout
    for part in ("action_sequence", "policy plan: yes", "gate", "rules", "intents"):
        assert part in shown


def test_an_unknown_domain_is_answered_with_the_nearest(cli: Cli):
    done = cli("domain", "show", "guy")
    assert done.returncode == 2
    assert "Did you mean 'gui'?" in done.stderr


def test_tools_are_listed_with_their_arguments(cli: Cli):
    shown = cli("tools", "list").stdout
    for part in ("overview", "read_text", "frame", "region", "submit"):
        assert part in shown


def test_models_are_listed_with_what_they_need(cli: Cli):
    shown = cli("models", "list").stdout
    assert "planner" in shown
    assert "ready" in shown
    assert "provider:model" in shown


def test_unknown_weights_are_wrong_usage(cli: Cli):
    done = cli("models", "get", "nothing")
    assert done.returncode == 2
    assert "There is: embedded." in done.stderr


def test_the_doctor_finds_this_installation_well(cli: Cli):
    done = cli("doctor")
    assert done.returncode == 0
    assert "domain: gui" in done.stdout


def test_the_doctor_knows_every_extra_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    listed = {
        extra: {re.split(r"[<>=]", need)[0] for need in needs if not need.startswith(project["name"])}
        for extra, needs in project["optional-dependencies"].items()
        if extra != "dev"
    }
    assert {extra: set(names) for extra, names in EXTRAS.items()} == {k: v for k, v in listed.items() if v}


def test_what_is_missing_is_told_with_a_command_that_can_be_copied(cli: Cli, environment: dict[str, str]):
    environment["COLUMNS"] = "60"
    environment["PATH"] = ""
    assert "\n  ocr: tesseract: apt-get install tesseract-ocr\n" in cli("doctor").stdout


WITHOUT = """
import sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "transformers", "peft", "llguidance"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])


sys.meta_path.insert(0, Missing())
from dataclaw.cli import main

main()
"""


def test_a_model_of_transformers_without_its_extra_says_what_to_install(trace: Path, tmp_path: Path):
    asked = ["run", "-i", "every step", "-d", "gui", "-m", "hf:anything", str(trace), "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *asked], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "torch is not installed" in done.stderr
    assert "pip install 'dataclaw-tailor[train]'" in done.stderr
