"""The package of `docs/doors.md` is installed, and every door of the page is gone through."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docs.following import COMMAND, follow
from tests.docs.pages import blocks

PAGE = "docs/doors.md"


def install(place: Path) -> None:
    """What an installer leaves of the package beside its code, which lies in the working folder."""
    project = tomllib.loads((place / "pyproject.toml").read_text())["project"]
    info = place / f"my_package-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(groups))


def say(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "160", "NO_COLOR": "1"}
    done = subprocess.run([*COMMAND, *words], cwd=place, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def package(place: Path) -> Path:
    """The folder of a reader who has written the page's files and installed them."""
    found = list(blocks(PAGE))
    follow(next(block for block in found if block.language == "console"), place)
    for block in found:
        if block.file:
            follow(block, place)
    install(place)
    return place


@pytest.mark.timeout(300)
def test_every_door_of_the_page_opens(package: Path) -> None:
    for block in [block for block in blocks(PAGE) if block.language == "console"][1:]:
        follow(block, package)
    assert (package / "answers" / "train.jsonl").read_text().startswith('{"answer":"')
    sample = (package / "out" / "samples.jsonl").read_text()
    assert '"careful:2"' in sample
    assert say(package, "greet", "Ada").stdout == "hello Ada\n"
    shown = say(package, "--help").stdout
    assert "From the package my-package." in shown


def test_what_breaks_is_blamed_on_the_package(package: Path) -> None:
    for module in ("commands", "policies", "exporters"):
        (package / "my_package" / f"{module}.py").write_text("1 / 0\n")
    assert say(package, "--help").returncode == 0
    run = ("run", "examples/traces/calendar_only", "--intent", "everything", "--domain", "gui")
    for words in (["greet", "Ada"], [*run, "--model", "careful"]):
        done = say(package, *words)
        assert done.returncode == 1
        assert "my-package: dataclaw." in done.stderr
        assert "cannot be loaded: ZeroDivisionError: division by zero. Mend or uninstall the package" in done.stderr
    done = say(package, "export", "out", "--to", "answers", "--out", "answers")
    assert "dataclaw.exporters 'answers' cannot be loaded: ZeroDivisionError" in done.stderr
    assert "Did you mean" in say(package, "export", "out", "--to", "anwsers", "--out", "x").stderr


def test_what_is_something_else_is_told(package: Path) -> None:
    (package / "my_package" / "commands.py").write_text("app = 3\n")
    (package / "my_package" / "exporters.py").write_text("Answers = 3\n")
    (package / "my_package" / "policies.py").write_text("def careful(name, options):\n    return name\n")
    run = ("run", "examples/traces/calendar_only", "--intent", "everything", "--domain", "gui")
    assert "command 'greet' is a int and no typer.Typer" in say(package, "greet").stderr
    assert "policy 'careful' is a str without `decide` and `close`" in say(package, *run, "--model", "careful").stderr
    assert "format 'answers' is no class of" in say(package, "export", "out", "--to", "answers", "--out", "x").stderr


def test_a_policy_that_fails_rejects_its_streams(package: Path) -> None:
    broken = "class Torn:\n    def decide(self, inputs):\n        return []\n    def close(self): ...\n"
    (package / "my_package" / "policies.py").write_text(f"{broken}\ndef careful(name, options):\n    return Torn()\n")
    done = say(
        package, "run", "examples/traces/calendar_only", "--intent", "everything", "-d", "gui", "--model", "careful"
    )
    assert done.returncode == 1, done.stdout
    rejected = (package / "out" / "rejected.jsonl").read_text()
    assert "policy careful of my-package gave 0 decisions for 1 inputs." in rejected


def test_a_command_of_ours_is_not_taken(package: Path) -> None:
    points = next(package.glob("*.dist-info")) / "entry_points.txt"
    points.write_text(points.read_text().replace("greet = ", "run = "))
    shown = say(package, "--help")
    assert "my-package announces a command 'run', which is one of DataClaw's: left out." in shown.stderr
    assert "Missing argument" in say(package, "run").stderr
