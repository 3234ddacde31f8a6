"""What DataClaw reads back may be anybody's by then: it is refused with a typed error, or set aside."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataclaw.config import RunConfig
from dataclaw.corpus.packs.tool_results import read_calls
from dataclaw.errors import ConfigError, DataClawError, PolicyError, StreamError, ToolError
from dataclaw.evals.benchmark import read_bench
from dataclaw.evals.judging import RATINGS, read_ratings
from dataclaw.evals.leaks import samples_of
from dataclaw.evals.scoring import read_summary
from dataclaw.evals.study.ledger import last_inputs
from dataclaw.models.gguf_files import DIGEST_KEY, base_digest
from dataclaw.run.ledger import Ledger
from dataclaw.run.rescore import read_samples, read_trace
from dataclaw.streams import open_stream
from dataclaw.streams.grid import Sampling, change_grid
from dataclaw.streams.lessons.olx_items import read_item
from dataclaw.streams.trajectory.mcap import _unpack
from dataclaw.strict import load_json
from dataclaw.tools.ocr import parse_tsv
from dataclaw.train import checkpoints
from dataclaw.train.record import RUN, begin, read_metrics, read_run
from dataclaw.worlds.base import TRUTH, load_scene

DEEP = "[" * 20_000 + "]" * 20_000
RUNS: dict[str, Any] = {"stage": "sft", "config": {"data": {}}, "corpus": {}, "base": {"digest": "a"}}
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "trace": ("a.json", lambda folder: read_trace(folder / "a.json")),
    "samples": ("samples.jsonl", lambda folder: read_samples(folder / "samples.jsonl")),
    "scene": (TRUTH, load_scene),
    "benchmark": ("manifest.json", read_bench),
    "summary": ("summary.json", read_summary),
    "training run": (RUN, read_run),
    "metrics": ("metrics.jsonl", read_metrics),
    "study": ("study.json", lambda folder: last_inputs(folder / "study.toml", folder)),
    "exported samples": ("training_samples.jsonl", lambda folder: list(samples_of(folder))),
}


@pytest.mark.parametrize("text", [DEEP.encode(), b"\xff\xfe{}", b'{"a": '], ids=["deep", "not UTF-8", "cut"])
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_json_is_refused(name: str, text: bytes, tmp_path: Path) -> None:
    file, read = READERS[name]
    (tmp_path / file).write_bytes(text + b"}" * (name == "metrics"))  # a line that was cut short is left out there
    with pytest.raises(DataClawError) as refused:
        read(tmp_path)
    assert refused.value.remedy


def test_json_that_is_too_deep_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        load_json(DEEP)


@pytest.mark.parametrize("key", list(RUNS))
def test_a_record_without_what_every_record_has_is_refused(key: str, tmp_path: Path) -> None:
    for value in (None, [], {}, "x"):
        (tmp_path / RUN).write_text(json.dumps(RUNS | {key: value}))
        if (key == "stage" and value == "x") or (key == "corpus" and value == {}):
            assert read_run(tmp_path)
            continue
        with pytest.raises(ConfigError, match="no record that can be read"):
            read_run(tmp_path)


def test_a_summary_without_its_benchmark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"bench": "a", "set": "val", "similarity": "", "overall": {}}')
    with pytest.raises(ConfigError, match="model"):
        read_summary(tmp_path)


def test_a_rating_without_a_mark_is_refused(tmp_path: Path) -> None:
    row = {"id": "a", "by": "j", "rubric": "r", "draft": "d", "marks": {"valid": 3}, "why": ""}
    (tmp_path / RATINGS).write_text(json.dumps(row) + "\n")
    with pytest.raises(ConfigError, match="grounded"):
        read_ratings(tmp_path)


COMMIT = {"key": "a", "source": "a", "seconds": 1.0, "samples": [], "rejected": [], "artifacts": []}


@pytest.mark.parametrize(
    "wrong", [{"key": ["a"]}, {"samples": [3]}, {"usage": {"read": "x"}}, {"usage": {"cost": []}}, {"source": "\ud800"}]
)
def test_a_commit_that_is_none_is_set_aside(wrong: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "a.json").write_text(json.dumps(COMMIT | wrong))
    (tmp_path / "done" / "b.json").write_text(json.dumps(COMMIT | {"usage": {"requests": 1, "cost": 0.5}}))
    (tmp_path / "done" / "c.json").write_text(DEEP)
    ledger = Ledger(tmp_path)
    ledger.begin(RunConfig(intent="x"), resume=True)
    found = ledger.find("b")
    assert ledger.finished_keys() == ["b"]
    assert found is not None
    assert (found.key, found.cost, found.usage.requests) == ("a", 0.5, 1)
    assert sorted(file.name for file in (tmp_path / "done").glob("*.torn")) == ["a.torn", "c.torn"]


@pytest.mark.parametrize("said", ["models = 3", "[models.gui]\nwhy = 'so'", "run = []"])
def test_a_run_toml_of_another_form_is_refused(said: str, tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "a.json").write_text(json.dumps(COMMIT))
    (tmp_path / "run.toml").write_text(said)
    with pytest.raises(ConfigError, match=r"run\.toml"):
        Ledger(tmp_path).begin(RunConfig(intent="x"), resume=True)


@pytest.mark.parametrize("said", ["[]", '{"step": []}', '{"step": 1, "totals": 3, "files": {}}', DEEP])
def test_a_checkpoint_whose_record_is_none_is_not_whole(said: str, tmp_path: Path) -> None:
    (tmp_path / "step-0000001" / "state").mkdir(parents=True)
    (tmp_path / "step-0000001" / checkpoints.RECORD).write_text(said)
    assert checkpoints.newest(tmp_path) is None


def test_half_of_what_was_learnt_is_removed_when_training_goes_on(tmp_path: Path) -> None:
    (tmp_path / ".chooser.abc").mkdir()
    (tmp_path / ".chooser.abc" / "chooser.npz").write_bytes(b"half")
    begin(tmp_path, RUNS)
    assert [file.name for file in tmp_path.iterdir()] == [RUN]


def test_a_screen_of_no_width_is_no_screen(tmp_path: Path) -> None:
    fixture = Path(__file__).parents[1] / "pyautogui_trace_parsers" / "fixtures" / "osworld"
    shutil.copytree(fixture, tmp_path / "trace")
    (tmp_path / "trace" / "args.json").write_text('{"screen_width": 0, "screen_height": 0}')
    assert open_stream(tmp_path / "trace").events


@pytest.mark.parametrize("result", ['{"note": ""}', '{"note": "", "anchors": [], "pictures": []}'])
def test_a_packed_result_without_all_its_keys_is_refused(result: str) -> None:
    with pytest.raises(StreamError, match="no result of a tool"):
        read_calls(json.dumps([{"key": "0" * 16, "tool": "look", "result": result}]), "calls")


def gguf(key: str, kind: int, value: bytes) -> bytes:
    name = key.encode()
    return (
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + value
    )


def test_a_gguf_file_that_lies_about_its_lengths_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(gguf(DIGEST_KEY, 8, struct.pack("<Q", 2) + b"ab"))
    assert base_digest(file) == "ab"
    file.write_bytes(gguf("other", 9, struct.pack("<IQ", 4, 2) + bytes(8)))
    assert base_digest(file) is None
    for data in (
        gguf("other", 9, struct.pack("<IQ", 7, 2**60)),  # an array of more flags than any file has
        gguf("other", 9, struct.pack("<IQ", 8, 2**60)),
        gguf("other", 9, struct.pack("<IQ", 9, 1)),
        gguf(DIGEST_KEY, 8, struct.pack("<Q", 2**63)),
        gguf(DIGEST_KEY, 8, struct.pack("<Q", 1) + b"\xff"),
        gguf(DIGEST_KEY, 4, bytes(4)),
        b"GGUF\3",
    ):
        file.write_bytes(data)
        with pytest.raises(PolicyError, match="damaged"):
            base_digest(file)


def test_a_table_of_words_that_is_none_is_an_error_of_the_tool() -> None:
    head = "level\tleft\ttop\twidth\theight\tconf\ttext\n"
    assert parse_tsv(head + "5\t1\t2\t3\t4\t90\tword\n")
    for row in ("5\tx\t2\t3\t4\t90\tword\n", "5\t1\t2\t3\t4\t\tword\n"):
        with pytest.raises(ToolError, match="no table of words"):
            parse_tsv(head + row)


def test_a_unit_may_hold_what_is_no_part_of_it(tmp_path: Path) -> None:
    from xml.etree.ElementTree import Element

    item = read_item(Element("transcript"), "v.xml", tmp_path)
    assert item.problems == ["v.xml: holds 'transcript', which is no part of a unit; left out."]


def test_a_chunk_longer_than_can_be_is_a_value_error() -> None:
    head = bytes(16) + struct.pack("<QII", 9, 0, 0)  # times, size, checksum, no compression
    with pytest.raises(ValueError, match="longer than can be"):
        _unpack(head + struct.pack("<Q", 2**64 - 1) + bytes(16))


def test_a_recording_of_a_microsecond_is_sampled() -> None:
    assert change_grid([], np.array([0.0, 1e-6, 2e-6]), Sampling(max_frames=4)) == [0, 1, 2]
