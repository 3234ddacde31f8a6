"""A check in a process of its own: whatever the plugin does to it, there is a report, and it names the part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.kit.check import check_domain
from dataclaw.kit.child import ChildError, run_job
from dataclaw.kit.play_fixtures import play_fixtures
from dataclaw.kit.report import Report
from dataclaw.plugins import plugin_at
from tests.kit.own_rule import new_domain_with_rule
from tests.kit.test_bad import BAD


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    new_domain_with_rule("shop", tmp_path)
    return tmp_path / "shop"


def lay_over(shop: Path, rules: str) -> str:
    (shop / "rules.py").write_text(rules)
    return str(shop)


def test_a_sound_domain_passes_and_its_report_says_the_same_when_it_is_read_again(shop: Path) -> None:
    report = check_domain(str(shop))
    assert report.is_sound, "\n".join(map(str, report.problems))
    said = report.to_json()
    assert Report.from_json(json.loads(json.dumps(said))).to_json() == said
    assert report.drafts[0].held == ()


def test_a_domain_that_is_not_there_is_the_users_mistake_and_a_wrong_chooser_is_told_by_the_child(shop: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        check_domain("./nowhere")
    with pytest.raises(UsageError):
        check_domain(str(shop), choose="./no_such_chooser")


ENDING = (BAD / "ending_rule" / "rules.py").read_text()


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_rule_that_ends_the_process_fails_the_command(command: str, shop: Path) -> None:
    lay_over(shop, ENDING)
    done = subprocess.run(
        [sys.executable, "-m", "dataclaw", "domain", command, str(shop)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ended with code 0 and no report during this: rule shop.complete" in " ".join(
        (done.stdout + done.stderr).split()
    )


def test_a_rule_that_ends_the_process_passes_no_test_of_the_contract(shop: Path) -> None:
    lay_over(shop, ENDING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(shop)],
        capture_output=True,
        text=True,
        check=False,
        cwd=shop,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )
    assert done.returncode == 1, done.stdout
    assert "9 failed, 1 passed" in done.stdout, done.stdout  # there is no warning


NOISY = '''"""Prints past Python, asks for input, and leaves a thread behind."""

import os
import threading

from dataclaw import Case, Score, rule

threading.Thread(target=threading.Event().wait).start()


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Says something else than it should."""
    os.write(1, b'{"secret": "no", "gives": {}}' * 100)
    os.write(2, bytes(range(256)))
    try:
        input()
    except EOFError:
        return Score(0.75)
    return Score(1.0)
'''


def test_a_rule_that_prints_garbage_or_asks_for_input_or_leaves_threads_disturbs_nothing(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = check_domain(lay_over(shop, NOISY))
    assert capfd.readouterr().out == ""
    gold = next(tried for tried in report.drafts if tried.draft == "gold")
    assert gold.held == ("shop.complete",)


FORGING = '''"""Writes a report of its own and leaves."""

import json
import os
import tempfile
from pathlib import Path

for folder in Path(tempfile.gettempdir()).glob("*"):
    if (folder / "progress").exists():
        gives = {"domain": "shop", "problems": [], "tried": [], "seconds": 0, "repeated": {}}
        (folder / "answer.json").write_text(json.dumps({"secret": "guessed", "gives": gives}))
os._exit(0)
'''


def test_a_report_without_the_secret_word_is_none(shop: Path) -> None:
    report = check_domain(lay_over(shop, FORGING))
    assert not report.is_sound
    assert "no report during this: importing rules.py" in report.of("error")[0].message


def test_what_the_plugin_started_ends_with_the_check(shop: Path, tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper"
    rules = (
        "import os, subprocess\n"
        'child = subprocess.Popen(["sleep", "600"])\n'
        f"open({str(sleeper)!r}, 'w').write(str(child.pid))\n"
        "os._exit(0)\n"
    )
    assert not check_domain(lay_over(shop, rules)).is_sound
    for _ in range(100):  # it is killed; the machine may take its time to bury it
        if not is_running(int(sleeper.read_text())):
            return
        time.sleep(0.1)
    pytest.fail("it still runs")


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_playing_names_the_part_that_ends_it_and_plays_what_does_not(shop: Path) -> None:
    (row,) = play_fixtures(str(shop))
    assert (row["passed"], row["total"]) == (True, 1.0)
    with pytest.raises(ChildError, match=r"no report during this: rule shop\.complete at fixtures\.jsonl:1"):
        play_fixtures(lay_over(shop, ENDING))


def elsewhere_job(plugin: object, args: object) -> object:
    import datetime
    import time

    here = [time.strftime("%Y"), str(datetime.datetime.now().year), str(datetime.date.today().year)]
    real = datetime.datetime.fromtimestamp(0, datetime.UTC)
    return [here, os.environ["TZ"], str(Path.cwd()), str(Path.home()), isinstance(real, datetime.datetime)]


elsewhere_job.__module__ = "tests.kit.test_child"  # what the child can import, however pytest came here


def test_elsewhere_is_another_year_zone_folder_and_home(shop: Path) -> None:
    import datetime

    year = str((datetime.datetime.now() + datetime.timedelta(seconds=34_567_891)).year)
    years, zone, folder, home, is_a_date = run_job(elsewhere_job, plugin_at(str(shop)), {}, elsewhere=True)  # type: ignore[arg-type]
    assert set(years) == {year}
    assert (zone, folder == home, is_a_date) == ("Pacific/Chatham", True, True)
    assert folder != str(Path.cwd())
