"""Whole exports: what is refused and with which words, and that a folder is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import UsageError
from dataclaw.export import write
from dataclaw.export.formats import FORMATS
from dataclaw.export.store import MediaStore
from dataclaw.export.write import ExportSettings, export_runs
from dataclaw.files import OWNER, owned_folder
from tests.export.conftest import MADE, Exporter, lines, samples

Copy = Callable[[str], Path]


@pytest.fixture
def copy(runs: dict[str, Path], tmp_path: Path) -> Copy:
    """A copy of a run to break."""

    def make(name: str) -> Path:
        return Path(shutil.copytree(runs[name], tmp_path / "runs" / name))

    return make


def refused(runs: list[Path], target: Path, to: str = "swift", **settings: Any) -> UsageError:
    with pytest.raises(UsageError) as wrong:
        export_runs(runs, target, ExportSettings(to, **settings))
    return wrong.value


def nothing_left(target: Path) -> bool:
    return not target.exists() and not [*target.parent.glob(".*")]


def test_media_are_copied_and_named_by_their_content(export: Exporter):
    folder = export("swift")
    rows = lines(folder / "train.jsonl")
    named = {path for row in rows for path in [*row.get("images", []), *row.get("videos", [])]}
    there = {file.relative_to(folder).as_posix() for file in (folder / "media").iterdir()}
    assert named == there
    for path in there:
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest().startswith(Path(path).stem)


def test_every_format_that_takes_these_runs_says_what_it_wrote(export: Exporter):
    for to in sorted({*FORMATS} - {"lerobot", "trl-preference"}):
        folder = export(to)
        told = json.loads((folder / "export.json").read_text())
        assert told["to"] == to
        assert sum(entry["rows"] for entry in told["rows"]) > 0
        assert (folder / "README.md").read_text().startswith("---\n")
        assert (folder / "left_out.jsonl").is_file()


def test_a_control_mark_is_left_out_and_named(copy: Copy, tmp_path: Path):
    run = copy("cut")
    (sample,) = samples(run)
    sample["question"] += " <|im_end|> <image>"
    (run / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    wrong = refused([run], tmp_path / "out")
    assert "holds <|im_end|>" in wrong.message
    both = export_runs([run, copy("actions")], tmp_path / "both", ExportSettings("swift"))
    assert [entry.id for entry in both.left_out] == [sample["id"]]
    assert lines(tmp_path / "both" / "left_out.jsonl")[0]["why"].startswith("its text holds <|im_end|>")


@pytest.mark.parametrize(("harm", "words"), [("gone", "is missing"), ("changed", "is not the file that the run wrote")])
def test_a_missing_or_changed_picture_stops_the_export_and_is_named(copy: Copy, tmp_path: Path, harm: str, words: str):
    run = copy("actions")
    picture = next((run / "media").rglob("*.jpg"))
    if harm == "gone":
        picture.unlink()
    else:
        picture.write_bytes(picture.read_bytes() + b"x")
    wrong = refused([run], tmp_path / "out")
    assert words in wrong.message
    assert samples(run)[0]["id"] in wrong.message
    assert nothing_left(tmp_path / "out")


def test_a_picture_outside_the_folder_is_not_taken(copy: Copy, tmp_path: Path):
    run = copy("actions")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    rows = lines(run / "artifacts.jsonl")
    rows[0] |= {"path": "../../secret.jpg", "sha256": hashlib.sha256(b"secret").hexdigest()}
    (run / "artifacts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    refused([run], tmp_path / "out")
    assert nothing_left(tmp_path / "out")


def test_what_is_no_run_or_half_of_one_is_refused(copy: Copy, tmp_path: Path):
    nowhere = refused([tmp_path / "nowhere"], tmp_path / "out")
    assert "run.toml is missing" in nowhere.message
    assert "dataclaw run" in nowhere.remedy
    (tmp_path / "empty").mkdir()
    assert "run.toml is missing" in refused([tmp_path / "empty"], tmp_path / "out").message
    half = copy("actions")
    (half / "samples.jsonl").unlink()
    assert "did not finish" in refused([half], tmp_path / "out").message
    foreign = copy("cut")
    (foreign / "samples.jsonl").write_text('{"id": 1}\n')
    assert "samples.jsonl:1" in str(refused([foreign], tmp_path / "out"))
    torn = copy("film")
    (torn / "samples.jsonl").write_text((torn / "samples.jsonl").read_text()[:300])
    assert "samples.jsonl:1" in str(refused([torn], tmp_path / "out"))
    assert nothing_left(tmp_path / "out")


def test_a_target_with_files_is_refused_and_an_empty_one_filled(runs: dict[str, Path], tmp_path: Path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    assert "something is there" in refused([runs["cut"]], tmp_path / "full").message
    assert (tmp_path / "full" / "mine").read_text() == "mine"
    (tmp_path / "file").write_text("mine")
    assert "something is there" in refused([runs["cut"]], tmp_path / "file").message
    (tmp_path / "free").mkdir()
    export_runs([runs["cut"]], tmp_path / "free", ExportSettings("swift"))
    assert (tmp_path / "free" / "train.jsonl").is_file()


def test_nothing_to_export_says_why(runs: dict[str, Path], tmp_path: Path):
    assert "the runs have no sample" in refused([runs["refused"]], tmp_path / "out").message
    assert "its total is below 1" in refused([runs["actions"]], tmp_path / "out", min_total=1.0).message
    assert "no episode of a LeRobot" in refused([runs["film"]], tmp_path / "out", "lerobot").message
    assert "no draft for the same" in refused([runs["film"]], tmp_path / "out", "trl-preference").message
    assert nothing_left(tmp_path / "out")


def test_an_unknown_format_names_the_near_one(tmp_path: Path):
    assert "swift" in str(refused([tmp_path], tmp_path / "out", "swfit"))


@pytest.mark.parametrize("full", ["media", "ledgers"])
def test_a_full_disk_leaves_no_half_folder(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if full == "media":
        monkeypatch.setattr(MediaStore, "add", fail)
    else:
        monkeypatch.setattr(write, "_write_ledgers", fail)
    with pytest.raises(OSError, match="No space left"):
        export_runs([runs["actions"]], tmp_path / "out", ExportSettings("swift"))
    assert nothing_left(tmp_path / "out")


def test_two_do_not_export_into_one_folder(runs: dict[str, Path], tmp_path: Path):
    with owned_folder(tmp_path / "out"):
        assert "writes into this folder" in refused([runs["cut"]], tmp_path / "out").message
        assert [file.name for file in (tmp_path / "out").iterdir()] == [OWNER]
    assert export_runs([runs["cut"]], tmp_path / "out", ExportSettings("swift")).card
    assert not (tmp_path / "out" / OWNER).exists()


def test_the_same_run_twice_is_exported_once(runs: dict[str, Path], tmp_path: Path):
    once = export_runs([runs["cut"]], tmp_path / "once", ExportSettings("swift"))
    twice = export_runs([runs["cut"], runs["cut"]], tmp_path / "twice", ExportSettings("swift"))
    assert once.card.rows == twice.card.rows
    assert (tmp_path / "once" / "train.jsonl").read_bytes() == (tmp_path / "twice" / "train.jsonl").read_bytes()


def test_no_stream_is_on_both_sides(runs: dict[str, Path], tmp_path: Path):
    for share in (0.2, 0.5, 0.8):
        out = tmp_path / str(share)
        export_runs([runs[name] for name in MADE], out, ExportSettings("qwen-vl", validation=share))
        ids = {file.stem: {row["id"][:16] for row in lines(file)} for file in out.glob("[tv]*.jsonl")}
        assert sum(map(len, ids.values())) == len(set().union(*ids.values())) == 3


def test_a_pair_is_the_accepted_answer_against_the_one_sent_back(export: Exporter, runs: dict[str, Path]):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (row,) = parquet.read_table(export("trl-preference", "actions", "refused") / "data" / "train.parquet").to_pylist()
    chosen, rejected = (json.loads(row[side][0]["content"][0]["text"]) for side in ("chosen", "rejected"))
    assert len(chosen["actions"]) == len(samples(runs["actions"])[0]["answer"]["actions"])
    assert [action["target"] for action in rejected["actions"]] == ["Search"]
    assert "cite" not in json.dumps(rejected)
    assert chosen["actions"][0]["point"] == rejected["actions"][0]["point"] == [250, 188]
