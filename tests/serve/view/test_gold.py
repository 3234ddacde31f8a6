from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

from dataclaw.run.rescore import Rescorer
from dataclaw.serve.view.gold import GoldCount, rerun_command, write_gold
from dataclaw.serve.view.open_run import OpenRun
from dataclaw.serve.view.reviews import Review
from dataclaw.types import Json
from tests.serve.view.conftest import Copy


def decide(run: OpenRun, name: str, action: str, **more: Json) -> None:
    row, known = run.row(name), run.reviews.last.get(name)
    run.save(Review.now(sample=name, of=row["hash"], action=action, **more), after=known.id if known else "")


def lines(file: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_an_accepted_sample_is_gold_as_it_is(gui: OpenRun, tmp_path: Path):
    (sample,) = lines(gui.root / "samples.jsonl")
    decide(gui, sample["id"], "accept", comment="fine", who="Ada")
    assert write_gold([gui], tmp_path / "gold.jsonl") == GoldCount(1, 0, 0)
    (gold,) = lines(tmp_path / "gold.jsonl")
    review = gold.pop("review")
    assert gold == sample
    assert (review["action"], review["comment"], review["who"]) == ("accept", "fine", "Ada")
    assert review["of"] == gui.row(sample["id"])["hash"]


def test_an_edited_sample_is_gold_with_its_edit_and_judged_anew(gui: OpenRun, tmp_path: Path):
    (sample,) = lines(gui.root / "samples.jsonl")
    draft = gui.form(sample["id"])["draft"]
    draft["goal"]["text"] = "Make an event in the calendar"
    draft["actions"][0]["time"] = round(draft["actions"][0]["time"] + 0.04, 3)
    decide(gui, sample["id"], "edit", edit=draft, comment="goal said better")
    (line,) = lines(gui.root / "reviews.jsonl")
    assert line["edit"] == draft
    assert 0 <= line["total"] <= 1
    assert write_gold([gui], tmp_path / "gold.jsonl") == GoldCount(0, 1, 0)
    (gold,) = lines(tmp_path / "gold.jsonl")
    assert gold["answer"]["goal"]["text"] == "Make an event in the calendar"
    assert gold["answer"]["actions"][1:] == sample["answer"]["actions"][1:]
    assert gold["verdict"]["total"] == line["total"]
    assert "cite" not in json.dumps(gold["answer"])
    assert gui.form(sample["id"])["draft"] == draft, "the form goes on from the edit"


def test_what_was_turned_down_taken_back_or_is_outdated_is_no_gold(gui: OpenRun, tmp_path: Path):
    (sample,) = lines(gui.root / "samples.jsonl")
    decide(gui, sample["id"], "accept")
    decide(gui, sample["id"], "reject")
    assert write_gold([gui], tmp_path / "gold.jsonl") == GoldCount(0, 0, 0)
    decide(gui, sample["id"], "clear")
    assert gui.row(sample["id"])["review"] == "none"
    decide(gui, sample["id"], "accept")
    sample["question"] += " Say it briefly."
    (gui.root / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    assert write_gold([gui], tmp_path / "gold.jsonl") == GoldCount(0, 0, 1)
    assert (tmp_path / "gold.jsonl").read_text() == ""


def test_media_that_an_edit_moved_are_named(gui: OpenRun, tmp_path: Path):
    (sample,) = lines(gui.root / "samples.jsonl")
    draft = gui.form(sample["id"])["draft"]
    draft["actions"] = draft["actions"][:3]
    decide(gui, sample["id"], "edit", edit=draft)
    write_gold([gui], tmp_path / "gold.jsonl")
    (gold,) = lines(tmp_path / "gold.jsonl")
    assert gold["review"]["stale_media"] == ["input_image"]
    assert gold["input_image"] != sample["input_image"]


def test_flagged_streams_are_run_again_by_one_command(copy_of: Copy, tmp_path: Path):
    root = copy_of("video").rename(tmp_path / "it's a run")
    row = lines(root / "rejected.jsonl")[0]
    hostile = tmp_path / "a'; touch pwned; $(touch pwned) .mp4"
    hostile.write_bytes(Path(row["stream"]["path"]).read_bytes())
    row["stream"]["path"] = str(hostile)
    (root / "rejected.jsonl").write_text(json.dumps(row) + "\n")
    run = OpenRun.at(root, tmp_path / "cache", Rescorer())
    run.refresh()
    assert rerun_command(run) == ""
    decide(run, row["id"], "flag", comment="again with a model")
    command = rerun_command(run)
    words = shlex.split(command)
    assert words[:2] == ["dataclaw", "run"]
    assert words[-1] == str(hostile)
    called = command.replace("dataclaw", f"{shlex.quote(sys.executable)} -m dataclaw", 1)
    done = subprocess.run(called, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 1, done.stderr
    (again,) = lines(Path(f"{root}-again") / "rejected.jsonl")
    assert again["stream"]["path"] == str(hostile)
    assert not (tmp_path / "pwned").exists()
    run.index.close()
