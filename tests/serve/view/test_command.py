from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.serve.conftest import ROOT, Start
from tests.serve.view.conftest import Copy


def command(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "dataclaw", "view", *map(str, words)]
    return subprocess.run(
        call,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
    )


def test_a_folder_without_a_run_is_refused_with_a_remedy(tmp_path: Path):
    done = command(tmp_path, "--no-browse", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "no run is here: run.toml is missing. Name the folder that was given to dataclaw run as --out." in done.stderr
    )
    (tmp_path / "run.toml").write_text("half = ")
    done = command(tmp_path, "--no-browse", cwd=tmp_path)
    assert done.returncode == 2
    assert "run.toml was not written by dataclaw" in done.stderr


def test_gold_is_written_and_the_command_for_flagged_streams_printed(copy_of: Copy, tmp_path: Path, start: Start):
    out, video = copy_of("gui"), copy_of("video")
    face = start("-m", "dataclaw", "view", out, video, "--no-browse", "--port", 0)
    for run, action in (("gui", "accept"), ("video", "flag")):
        with urllib.request.urlopen(f"{face.url}/api/rows?run={run}") as answer:
            (row,) = json.load(answer)["rows"]
        body = {"run": run, "id": row["id"], "of": row["hash"], "after": "", "action": action}
        headers = {"content-type": "application/json"}
        asked = urllib.request.Request(f"{face.url}/api/review", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 200
    done = command(out, video, "--gold", tmp_path / "gold.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "gold.jsonl: 1 sample accepted, 0 edited" in done.stdout
    assert f"dataclaw run --config {video}/run.toml --out {video}-again -- " in done.stdout
    assert len((tmp_path / "gold.jsonl").read_text().splitlines()) == 1


def test_who_is_not_on_this_machine_needs_the_token_that_was_printed(made: Path, start: Start):
    face = start("-m", "dataclaw", "view", made / "gui", "--no-browse", "--port", 0, "--host", "0.0.0.0")
    assert "?token=" in face.address
    request = urllib.request.Request(f"{face.url.replace('0.0.0.0', '127.0.0.1')}/api/runs")
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(request)
    refused.value.close()


def test_a_page_of_another_site_may_not_review(made: Path, start: Start):
    face = start("-m", "dataclaw", "view", made / "gui", "--no-browse", "--port", 0)
    headers = {"content-type": "application/json", "origin": "https://elsewhere.example"}
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(urllib.request.Request(f"{face.url}/api/review", b"{}", headers))
    refused.value.close()
