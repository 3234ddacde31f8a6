from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.run.rescore import Rescorer
from dataclaw.serve.problem import RefusedError
from dataclaw.serve.view.open_run import OpenRun, by_name
from dataclaw.serve.view.reviews import Review
from tests.serve.view.conftest import Copy


@pytest.fixture
def name(gui: OpenRun) -> str:
    return str(json.loads((gui.root / "samples.jsonl").read_text())["id"])


def test_a_sample_comes_with_its_evidence_pictures_times_and_steps(gui: OpenRun, name: str):
    found = gui.detail(name)
    assert found["evidence"]["/answer/actions/0/point"]
    assert all(picture["fate"] == "shown" for picture in found["pictures"].values())
    assert gui.media_file(next(iter(found["pictures"].values()))["picture"])
    assert found["frames"] == sorted(found["frames"])
    assert len(found["frames"]) > 5
    ticks = [tick["id"] for tick in found["lanes"][0]["events"]]
    assert set(found["cited"]) <= set(ticks)
    assert found["steps"]["spent"]["tool_calls"] > 0
    first, second = found["steps"]["drafts"]
    assert first["held"] == ["evidence"]
    assert any(finding["path"] == "/actions/0/point" for finding in first["findings"])
    assert [change["path"] for change in second["changes"]] == ["/actions/*/point"]


def test_an_edit_is_judged_without_being_written(gui: OpenRun, name: str):
    draft = gui.form(name)["draft"]
    draft["actions"][0]["point"] = [1.0, 1.0]
    found = gui.preview(name, draft)
    assert found["verdict"]["total"] < gui.detail(name)["verdict"]["total"]
    assert [change["path"] for change in found["changes"]] == ["/answer/actions/*/point"]
    assert found["hints"]["/actions/0/frame"]["ref"] == "frame"
    assert not (gui.root / "reviews.jsonl").exists()


def test_an_edit_that_does_not_fit_is_refused_by_name(gui: OpenRun, name: str):
    draft = gui.form(name)["draft"]
    draft["actions"][0]["verb"] = "fly"
    with pytest.raises(UsageError, match="/actions/0/verb"):
        gui.preview(name, draft)
    review = Review.now(sample=name, of=gui.row(name)["hash"], action="edit", edit=draft)
    with pytest.raises(UsageError, match="does not fit"):
        gui.save(review, after="")
    assert not (gui.root / "reviews.jsonl").exists()


def test_a_review_of_another_content_is_refused(gui: OpenRun, name: str):
    with pytest.raises(RefusedError, match="written this sample anew") as refused:
        gui.save(Review.now(sample=name, of="0" * 16, action="accept"), after="")
    assert refused.value.status is HTTPStatus.CONFLICT
    with pytest.raises(RefusedError, match="no 'other'"):
        gui.save(Review.now(sample="other", of="0" * 16, action="accept"), after="")


def test_a_rejection_can_be_flagged_and_not_accepted(copy_of: Copy, tmp_path: Path):
    run = OpenRun.at(copy_of("video"), tmp_path / "cache", Rescorer())
    run.refresh()
    row = json.loads((run.root / "rejected.jsonl").read_text())
    found = run.detail(row["id"])
    assert found["kind"] == "rejected"
    assert found["reason"]
    of = run.row(row["id"])["hash"]
    with pytest.raises(UsageError, match="no sample that could be accepted"):
        run.save(Review.now(sample=row["id"], of=of, action="accept"), after="")
    assert run.save(Review.now(sample=row["id"], of=of, action="flag"), after="")["state"] == "flagged"
    run.index.close()


def test_a_stream_of_text_comes_with_its_lines_and_their_times(copy_of: Copy, tmp_path: Path):
    run = OpenRun.at(copy_of("cut"), tmp_path / "cache", Rescorer())
    run.refresh()
    name = str(json.loads((run.root / "samples.jsonl").read_text())["id"])
    found = run.detail(name)
    assert found["pictures"] == {}
    assert len(found["lines"]) == len(found["input_text"].split("\n"))
    assert found["lines"][0][0] == 0.0
    run.index.close()


def test_a_run_that_is_not_finished_says_so(copy_of: Copy, tmp_path: Path):
    root = copy_of("gui")
    (root / "samples.jsonl").unlink()
    run = OpenRun.at(root, tmp_path / "cache", Rescorer())
    with pytest.raises(RefusedError, match=r"samples.jsonl is missing \(1 streams are done\)"):
        run.refresh()


def test_a_folder_without_a_run_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="no run is here"):
        OpenRun.at(tmp_path, tmp_path / "cache", Rescorer())


def test_media_are_files_below_media_alone(gui: OpenRun, tmp_path: Path):
    (gui.root / "media" / "out.jpg").symlink_to(gui.root / "run.toml")
    for path in ("media/../run.toml", "run.toml", "media/out.jpg", "media//etc/passwd", "media/a\0b", "../media/x"):
        assert gui.media_file(path) is None, path


def test_runs_of_one_name_are_told_apart(gui: OpenRun, copy_of: Copy, tmp_path: Path):
    assert list(by_name([gui, gui, gui])) == ["gui", "gui-2", "gui-3"]
