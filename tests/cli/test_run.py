"""`dataclaw run` as a user meets it: exit codes, output, what is refused and with which words."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import time
import tomllib
from collections.abc import Generator
from pathlib import Path

import pytest

from dataclaw.cli.run_console import until_interrupted
from dataclaw.models.adapter_index import AdapterIndex, write_index
from dataclaw.run.drive import Progress
from dataclaw.testing import Fault, ModelServer, Reply
from tests.bad_input.files import CLICK, agentnet
from tests.cli.conftest import COMMAND, INTENT, Cli, samples
from tests.run.test_policy_selection import BASELINE, measured, shipped


def test_a_good_run_exits_0_and_names_its_files(cli: Cli, trace: Path, tmp_path: Path):
    done = cli("run", "-i", INTENT, "-d", "gui", trace)
    assert done.returncode == 0
    assert "accepted  1" in done.stdout
    for name in ("samples.jsonl", "report.html"):
        assert f"out/{name}" in done.stdout
        assert (tmp_path / "out" / name).is_file()
    assert "log" not in done.stdout


def test_a_run_says_who_decides_and_why_and_names_a_better_one_that_is_missing(
    cli: Cli, environment: dict[str, str], trace: Path, tmp_path: Path
):
    done = cli("run", "-i", INTENT, "-d", "gui", trace, "--no-report")
    why = tomllib.loads((tmp_path / "out" / "run.toml").read_text())["models"]["gui"]["why"]
    assert f"gui: planner decides ({why})" in done.stderr
    assert "on open DataClaw-val 1" in why
    assert samples(tmp_path / "out")[0]["made_by"]["policy"] == "planner"
    assert "decides (" not in cli("run", "-i", INTENT, "-d", "gui", trace, "-o", "own", "-m", "planner").stderr
    adapters = tmp_path / "adapters"
    adapters.mkdir()
    better = shipped(adapters, "gui", {"gui": measured(0.7, more=0.1)})
    write_index(adapters, AdapterIndex(planner=BASELINE, adapters={"gui": better}))
    environment |= {"DATACLAW_ADAPTERS": str(adapters), "DATACLAW_MODELS": str(tmp_path / "none")}
    again = cli("run", "-i", INTENT, "-d", "gui", trace, "-o", "missed", "--no-report")
    assert again.returncode == 0
    assert "planner decides for gui, where an adapter that ships would" in again.stderr
    assert "dataclaw models get embedded" in again.stderr
    assert "models get" in tomllib.loads((tmp_path / "missed" / "run.toml").read_text())["models"]["gui"]["missed"]
    assert "models get embedded" in cli("run", "-i", INTENT, "-d", "gui", trace, "--dry-run").stdout


def test_a_stream_that_fails_exits_1_and_says_why(cli: Cli, trace: Path, tmp_path: Path):
    (tmp_path / "cut.jsonl").write_text(agentnet()[:50])
    done = cli("run", "-i", INTENT, "-d", "gui", trace, "cut.jsonl", "--no-report")
    assert done.returncode == 1
    assert "1 x is not JSON" in done.stdout
    (reason,) = map(json.loads, (tmp_path / "out" / "rejected.jsonl").read_text().splitlines())
    assert reason["remedy"]
    assert reason["remedy"] in " ".join(done.stdout.split())
    assert len(samples(tmp_path / "out")) == 1
    assert not (tmp_path / "out" / "report.html").exists()


def test_json_is_one_object_on_stdout(cli: Cli, trace: Path, tmp_path: Path):
    (tmp_path / "copy.jsonl").write_text(agentnet())
    done = cli("run", "-i", INTENT, trace, "copy.jsonl", "nope.mp4", "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert [0.0 < total <= 1.0 for total in said.pop("totals")] == [True]
    assert said == {
        "streams": 3,
        "accepted": 1,
        "repaired": 0,
        "rejected": [{"source": "nope.mp4", "reason": "does not exist.", "remedy": "Check the path."}],
        "same": [{"source": "copy.jsonl", "same_as": str(trace)}],
        "broken_rules": [],
        "unused": [],
        "out": "out",
    }


def test_an_intent_that_says_nothing_is_refused(cli: Cli, trace: Path, tmp_path: Path):
    blank = cli("run", "-i", "  \t ", trace)
    assert blank.returncode == 2
    assert "intent: String should have at least 1 character" in blank.stderr
    lost = cli("run", "-i", "translate into French", trace, "--no-report", "--json")
    assert lost.returncode == 1
    (rejected,) = json.loads(lost.stdout)["rejected"]
    assert "no task knows 'translate', 'french'" in rejected["reason"]
    assert "--task" in rejected["remedy"]
    dry = cli("run", "-i", "translate into French", trace, "--dry-run", "--json")
    assert json.loads(dry.stdout)[0]["kind"] == "rejected"


def test_what_a_folder_leaves_out_is_told(cli: Cli, trace: Path, tmp_path: Path):
    folder = tmp_path / "all"
    folder.mkdir()
    trace.rename(folder / "trace.jsonl")
    (folder / "empty.bag").write_bytes(b"")
    (folder / "part.parquet").write_bytes(b"PAR1....PAR1")
    done = cli("run", "-i", INTENT, "-d", "gui", folder, "--no-report", "--json")
    assert "left out 1 file (is a Parquet table on its own, outside of a LeRobot data set)" in done.stderr
    (rejected,) = json.loads(done.stdout)["rejected"]
    assert rejected["reason"] == "the file is empty."


def test_what_a_name_hides_is_written_out(cli: Cli, tmp_path: Path):
    name = "a\nsample \u202efdp.\x1b[31mjsonl"
    (tmp_path / name).write_text("{")
    done = cli("run", "-i", INTENT, "-d", "gui", f"./{name}", "--no-report")
    shown = done.stdout + done.stderr
    assert "a\\nsample \\u202efdp.\\x1b[31mjsonl" in shown
    assert not {"\u202e", "\x1b"} & set(shown)
    assert "\x1b" not in cli("run", "-i", INTENT, f"./{name}x").stderr


def test_a_run_has_at_least_one_process(cli: Cli, trace: Path):
    done = cli("run", "-i", INTENT, "--workers", "0", trace)
    assert done.returncode == 2
    assert "'--workers'" in done.stderr


def test_a_dry_run_writes_nothing_and_estimates_every_stream(cli: Cli, trace: Path, tmp_path: Path):
    before = set(tmp_path.iterdir())
    done = cli("run", "-i", INTENT, "-d", "gui", trace, "nope.mp4", "--dry-run", "--json")
    good, bad = json.loads(done.stdout)
    assert done.returncode == 0
    assert good["task"].startswith("gui.action_sequence")
    assert good["samples"] == 1
    assert (good["read"], good["cost"]) == (0, 0)  # the planner is no model
    assert bad["kind"] == "rejected"
    assert {path.name for path in set(tmp_path.iterdir()) - before} <= {"cache"}


def test_a_dry_run_with_a_model_counts_tokens(cli: Cli, trace: Path):
    done = cli("run", "-i", INTENT, "-d", "gui", trace, "--dry-run", "--json", "-m", "embedded")
    (row,) = json.loads(done.stdout)
    assert 1_000 < row["read"] < 200_000
    assert row["seconds"] > 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-d", "giu"], "no domain 'giu'. Did you mean 'gui'?"),
        (["-d", "gui", "-t", "action_sequenc"], "no task 'action_sequenc'. Did you mean 'action_sequence'?"),
        (["-m", "plannr"], "no model 'plannr'. Did you mean 'planner'?"),
        (["--budget-steps", "0"], "steps: Input should be greater than or equal to 1"),
        (["--max-frames", "1"], "max_frames: Input should be greater than or equal to 2"),
        (["--samples", "0"], "samples: Input should be greater than or equal to 1"),
        (["--ocr", "eyes"], "ocr: Input should be 'rapidocr' or 'tesseract'"),
        (["--min-yield", "2"], "Input should be less than or equal to 1"),
        (["--workers", "many"], "unable to parse string as an integer"),
        (["--plugins", "nope.toml"], "nope.toml: file not found"),
        (["--out", "trace.jsonl"], "trace.jsonl is a file. Name a folder with --out."),
        (["--frames", "3"], "No such option"),
    ],
)
def test_wrong_usage_exits_2_says_what_to_do_and_leaves_nothing(
    cli: Cli, trace: Path, tmp_path: Path, arguments: list[str], words: str
):
    done = cli("run", "-i", INTENT, trace, *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_an_empty_intent_is_wrong_usage(cli: Cli, trace: Path):
    done = cli("run", "-i", "", trace)
    assert done.returncode == 2
    assert "intent" in done.stderr


def test_nothing_to_read_at_any_path_is_wrong_usage(cli: Cli, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    done = cli("run", "-i", INTENT, "nope.mp4", "empty", "*.zip")
    assert done.returncode == 2
    assert "nothing to read (nope.mp4: does not exist; empty: no stream in it; *.zip: no stream in it)" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(cli: Cli, trace: Path):
    done = cli("run", "-i", INTENT, trace, "--out", "/proc/nothing")
    assert done.returncode == 1
    assert "/proc/nothing" in done.stderr


def test_a_resumed_run_goes_on_and_another_intent_is_refused(cli: Cli, trace: Path, tmp_path: Path):
    assert cli("run", "-i", INTENT, "-d", "gui", trace).returncode == 0
    (tmp_path / "second.jsonl").write_text(agentnet([CLICK]))
    again = cli("run", "-i", INTENT, "-d", "gui", trace, "second.jsonl")
    assert again.returncode == 0
    assert "(done before)" in again.stderr
    assert len(samples(tmp_path / "out")) == 2
    other = cli("run", "-i", "only the clicks", "-d", "gui", trace)
    assert other.returncode == 2
    assert f"intent: '{INTENT}' then, 'only the clicks' now" in other.stderr
    assert "--no-resume" in other.stderr
    anew = cli("run", "-i", "only the clicks", "-d", "gui", trace, "--no-resume")
    assert anew.returncode == 0
    assert len(samples(tmp_path / "out")) == 1


def test_what_was_broken_is_tried_again_and_its_rejection_goes(cli: Cli, trace: Path, tmp_path: Path):
    broken = tmp_path / "late.jsonl"
    assert cli("run", "-i", INTENT, trace, broken).returncode == 1
    broken.write_text(agentnet([CLICK]))
    assert cli("run", "-i", INTENT, trace, broken).returncode == 0
    assert (tmp_path / "out" / "rejected.jsonl").read_text() == ""
    assert len(samples(tmp_path / "out")) == 2


def test_warnings_go_to_a_file_and_not_into_the_progress_bar(cli: Cli, trace: Path, tmp_path: Path):
    assert cli("run", "-i", INTENT, trace, "--no-report").returncode == 0
    torn = next(tmp_path.glob("out/done/*.json"))
    torn.write_text("{")
    done = cli("run", "-i", INTENT, trace, "--no-report")
    assert done.returncode == 0
    assert "set aside" not in done.stderr
    assert "out/dataclaw.log" in done.stdout
    assert f"{torn.name} cannot be read" in (tmp_path / "out" / "dataclaw.log").read_text()


def test_too_few_accepted_exits_1(cli: Cli, trace: Path):
    assert cli("run", "-i", INTENT, trace, "--min-yield", "1.0").returncode == 0
    assert cli("run", "-i", INTENT, trace, "nope.mp4", "--min-yield", "0.9").returncode == 1


@pytest.mark.parametrize(("answer", "made"), [("y\n", 1), ("n\nnot what I asked for\n", 0)])
def test_a_review_is_asked_and_obeyed(environment: dict[str, str], trace: Path, tmp_path: Path, answer: str, made: int):
    screen, keyboard = pty.openpty()
    command = [*COMMAND, "run", "-i", INTENT, "-d", "gui", "--review", "--no-report", "--json", str(trace)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdin=keyboard,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(screen, answer.encode())
    shown, asked = process.communicate(timeout=60)
    for end in (screen, keyboard):
        os.close(end)
    result = json.loads(shown)
    assert "Keep this sample?" in asked
    assert result["accepted"] == made
    assert process.returncode == 1 - made
    if not made:
        assert result["rejected"][0]["reason"] == "rejected in review: not what I asked for"


def test_a_review_without_anybody_to_ask_keeps_the_rollout_for_later(cli: Cli, trace: Path, tmp_path: Path):
    nobody = cli("run", "-i", INTENT, "-d", "gui", "--review", trace)
    assert nobody.returncode not in (0, 2)
    later = cli("run", "-i", INTENT, "-d", "gui", "--review", trace, stdin="y\n")
    assert later.returncode == 0
    assert len(samples(tmp_path / "out")) == 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_ctrl_c_leaves_a_folder_to_go_on_from(environment: dict[str, str], tmp_path: Path, workers: int):
    many = tmp_path / "in"
    many.mkdir()
    for number in range(30):
        (many / f"{number:02}.jsonl").write_text(agentnet([f"pyautogui.click(x=0.{number + 10}, y=0.5)"] * 9))
    command = [*COMMAND, "run", "-i", INTENT, "-d", "gui", "--no-report", "-w", str(workers), str(many)]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )  # fmt: skip
    while len(list(tmp_path.glob("out/done/*.json"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    shown, told = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in shown + told
    assert "streams are done. Run it again to go on." in told
    kept = len(samples(tmp_path / "out"))
    assert 3 <= kept < 30
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    ids = [sample["id"] for sample in samples(tmp_path / "out")]
    assert len(ids) == len(set(ids)) == 30


def test_an_interrupt_that_is_swallowed_on_its_way_ends_the_run_all_the_same():
    ended = []

    def swallow() -> Generator[Progress]:
        try:
            for number in range(5):
                if number == 1:
                    with contextlib.suppress(KeyboardInterrupt):
                        signal.raise_signal(signal.SIGINT)
                yield Progress("source", "act", str(number))
        finally:
            ended.append("closed")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(until_interrupted(swallow()))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended == ["closed"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("streams", [1, 3])
def test_ctrl_c_does_not_wait_for_a_model(environment: dict[str, str], tmp_path: Path, streams: int):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(streams):
        (folder / f"{number}.jsonl").write_text(agentnet([f"pyautogui.click(x=0.{number + 10}, y=0.5)"] * 3))
    with ModelServer(lambda _: Fault(delay=500)) as server:
        command = [*COMMAND, "run", "-i", INTENT, "-d", "gui", "-m", "openai:m", "--base-url", server.url, str(folder)]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        while len(server.asked) < streams:
            time.sleep(0.1)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)  # long before the model would answer
    assert process.returncode == 130
    assert "Run it again to go on" in said
    assert "Traceback" not in said


def test_a_refused_key_says_which_and_what_it_took_is_told(cli: Cli, trace: Path, tmp_path: Path):
    with ModelServer(lambda _: Fault(401, {"error": {"message": "no such key"}})) as server:
        refused = cli("run", "-i", INTENT, "-d", "gui", "-m", "openai:m", "--base-url", server.url, trace)
    assert refused.returncode == 1
    assert "openai:m refuses the key: 401 no such key" in refused.stderr
    assert "OPENAI_API_KEY" in refused.stderr
    with ModelServer(lambda _: Reply('{"texts": []}', read=4000, written=10)) as server:
        asked = ("-m", "openai:m", "--base-url", server.url, "--mode", "choose", "--out", "told")
        command = ("run", "-i", INTENT, "-d", "gui", *asked, trace)
        told = cli(*command, "-v")
        again = json.loads(cli(*command, "--json").stdout)
        assert len(server.asked) == 1
    assert "1 request in" in told.stdout
    assert "4,000 tokens read, 10 written" in told.stdout
    assert "no price known" in told.stdout
    assert again["usage"]["read"] == 4000
    assert again["usage"]["cost"] is None
    said = (tmp_path / "told" / "dataclaw.log").read_text()
    assert "openai:m: read 4000 (0 cached), wrote 10" in said
    assert ": route: " in said
    assert "route " in told.stderr
    assert json.loads((tmp_path / "told" / "usage.json").read_text()) == again["usage"]
    assert "<dt>tokens read</dt><dd>4,000" in (tmp_path / "told" / "report.html").read_text()


def test_settings_of_a_file_or_of_an_earlier_run_are_taken_and_options_come_first(
    cli: Cli, trace: Path, tmp_path: Path
):
    file = tmp_path / "settings.toml"
    file.write_text(f'intent = "{INTENT}"\ndomain = "gui"\nmin_total = 0.99\n[budget]\nsteps = 30\n')
    held = cli("run", "--config", file, trace)
    assert held.returncode == 1
    assert cli("run", "--config", file, "--min-total", "0.1", "--out", "two", trace).returncode == 0
    record = tomllib.loads((tmp_path / "two" / "run.toml").read_text())["run"]
    assert (record["min_total"], record["budget"], record["domain"]) == (0.1, {"steps": 30}, "gui")
    assert cli("run", "--config", tmp_path / "two" / "run.toml", "--out", "three", trace).returncode == 0
    assert tomllib.loads((tmp_path / "three" / "run.toml").read_text())["run"] == record
    file.write_text('intent = "x"\nbogus = 1\n')
    wrong = cli("run", "--config", file, trace)
    assert wrong.returncode == 2
    assert "bogus" in wrong.stderr
    assert cli("run", "--config", tmp_path / "none.toml", trace).returncode == 2
    nothing = cli("run", trace)
    assert nothing.returncode == 2
    assert "intent" in nothing.stderr
