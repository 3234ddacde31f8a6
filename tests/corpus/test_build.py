"""A corpus out of a world without an engine: five stages, resumable, with detours that really are some."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dataclaw.corpus import CorpusConfig, build, read_config, units
from dataclaw.corpus.build import read_record
from dataclaw.corpus.config import stored_settings
from dataclaw.corpus.export import export
from dataclaw.corpus.report import write_report
from dataclaw.errors import ConfigError, UsageError
from dataclaw.types import Json
from dataclaw.worlds import register

register("tiny", "tests.evals.tiny:WORLD")
CONFIG = CorpusConfig(worlds=["tiny"], streams=6, asks=4, detours=1.0, near=1.0, validation=0.5)


def rows(file: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpus")
    news = list(build(CONFIG, out, workers=2))
    assert len(news) == 6
    assert not [unit.failure for unit in news if unit.failure]
    write_report(CONFIG, out, export(CONFIG, out))
    return out


def test_every_stage_tells_of_every_candidate(corpus: Path):
    names = [row["id"] for row in rows(corpus / "1_candidates.jsonl")]
    assert len(names) == len(set(names)) == 24
    assert [row["id"] for row in rows(corpus / "2_packages.jsonl")] == names
    assert [row["id"] for row in rows(corpus / "3_drafts.jsonl")] == names
    ends = [(row["sample"] or row["rejected"])["id"] for row in rows(corpus / "4_validated.jsonl")]
    assert ends == names


def test_samples_are_exported_once_with_their_traces(corpus: Path):
    training, validation = (rows(corpus / "export" / f"{name}_samples.jsonl") for name in ("training", "validation"))
    kept = [row["id"] for row in (*training, *validation)]
    assert training
    assert validation
    assert len(kept) == len(set(kept))
    streams = [{row["stream"]["id"] for row in part} for part in (training, validation)]
    assert not streams[0] & streams[1]
    assert [row["id"] for row in rows(corpus / "export" / "traces.jsonl")] == [row["id"] for row in training]
    assert all(row["verdict"]["passed"] and row["evidence"] for row in training)


def test_detours_fail_and_are_not_learnt(corpus: Path):
    drafts = {row["id"]: row for row in rows(corpus / "3_drafts.jsonl")}
    seen = set()
    for trace in rows(corpus / "export" / "traces.jsonl"):
        turns = trace["messages"]
        assert [turn["role"] for turn in turns[:2]] == ["system", "user"]
        assert turns[-1]["role"] == "assistant"
        assert turns[-1]["train"]
        wrong = [at for at, turn in enumerate(turns) if turn["role"] == "assistant" and not turn["train"]]
        if trace["detour"] == "bad_call":
            assert [turns[at + 1]["content"].startswith("error: ") for at in wrong] == [True]
        if trace["detour"] == "bad_draft":
            assert [turns[at + 1]["content"].startswith("rejected") for at in wrong] == [True]
            assert drafts[trace["id"]]["spent"]["repairs"] == 1
        seen.add(trace["detour"])
    assert {"bad_call", "bad_draft"} <= seen


def test_a_second_build_does_nothing_again(corpus: Path):
    before = {file: file.stat().st_mtime_ns for file in (corpus / "done").iterdir()}
    assert all(unit.again for unit in build(CONFIG, corpus, workers=2))
    assert {file: file.stat().st_mtime_ns for file in (corpus / "done").iterdir()} == before


def test_the_export_is_the_same_each_time(corpus: Path):
    before = {file.name: file.read_bytes() for file in (corpus / "export").glob("*.jsonl")}
    export(CONFIG, corpus)
    assert {file.name: file.read_bytes() for file in (corpus / "export").glob("*.jsonl")} == before


def test_more_streams_are_added_and_damage_is_mended(corpus: Path, tmp_path: Path):
    out = tmp_path / "copy"
    subprocess.run(["cp", "-r", corpus, out], check=True)
    damaged, foreign = sorted((out / "done").iterdir())[:2]
    assert read_record(out, foreign.stem)
    damaged.write_text("{", encoding="utf-8")
    told = json.loads(foreign.read_text(encoding="utf-8"))
    for wrong in ({"key": True}, {"traces": 7}, {"validated": [{"sample": {"id": "no such trace"}}]}):
        foreign.write_text(json.dumps({**told, **wrong}), encoding="utf-8")
        assert read_record(out, foreign.stem) is None
    foreign.write_text(json.dumps(told), encoding="utf-8")
    news = list(build(CONFIG.model_copy(update={"streams": 7}), out))
    assert sorted(unit.again for unit in news) == [False, False, True, True, True, True, True]
    assert json.loads(damaged.read_text(encoding="utf-8"))["key"] == damaged.stem


def test_other_worlds_are_added(corpus: Path, tmp_path: Path):
    out = tmp_path / "copy"
    subprocess.run(["cp", "-r", corpus, out], check=True)
    config = CONFIG.model_copy(update={"worlds": ["cuts"], "streams": 1})
    assert [unit.unit for unit in build(config, out)] == ["cuts-train-1-000000"]
    assert export(config, out).units["made"] == 7


def test_another_configuration_is_refused(corpus: Path):
    with pytest.raises(ConfigError, match="differs in asks"):
        list(build(CONFIG.model_copy(update={"asks": 5}), corpus))
    assert read_config(None, **stored_settings(corpus)).asks == 4


def test_near_duplicates_are_dropped_and_counted(corpus: Path):
    done = export(CONFIG.model_copy(update={"near": 0.3}), corpus)
    lost = sum(count for (reason, _), count in done.dropped.items() if reason == "near-duplicate")
    assert lost >= 1
    assert sum(done.kept.values()) + sum(done.dropped.values()) == 24
    export(CONFIG, corpus)


def test_the_report_counts_what_there_is(corpus: Path):
    numbers = json.loads((corpus / "report.json").read_text(encoding="utf-8"))
    assert numbers["total"] == len(rows(corpus / "export" / "training_samples.jsonl")) + len(
        rows(corpus / "export" / "validation_samples.jsonl")
    )
    assert set(numbers["samples"]) == {"education.concept_qa", "education.lecture_summary"}
    assert "## What was dropped" in (corpus / "report.md").read_text(encoding="utf-8")


def test_planners_and_recordings_make_corpora_too(tmp_path: Path):
    (tmp_path / "lesson.srt").write_text("1\n00:00:00,000 --> 00:00:04,000\nA cell is the unit of life.\n", "utf-8")
    config = CorpusConfig(domains=["education"], worlds=["tiny"], streams=1, by="planner", paths=[str(tmp_path)])
    news = list(build(config, tmp_path / "out"))
    assert len(news) == 2
    done = export(config, tmp_path / "out")
    assert done.units["made"] == 2
    assert {row["by"] for row in rows(tmp_path / "out" / "3_drafts.jsonl")} == {"planner"}


def test_what_serves_no_domain_is_named():
    with pytest.raises(UsageError, match="tiny serves none"):
        units(CorpusConfig(domains=["gui"], worlds=["tiny"]))
    with pytest.raises(UsageError, match="no world 'tine'"):
        units(CorpusConfig(worlds=["tine"]))
    with pytest.raises(ConfigError, match="asks"):
        read_config(None, asks=0)


KILLED = """
import sys
from pathlib import Path
from dataclaw.worlds import register
from dataclaw.corpus import CorpusConfig, build
register("tiny", "tests.evals.tiny:WORLD")
for unit in build(CorpusConfig(worlds=["tiny"], streams=40, asks=2), Path(sys.argv[1])):
    print(unit.unit, flush=True)
"""


def test_a_build_that_is_killed_goes_on(tmp_path: Path):
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    done = [child.stdout.readline().strip() for _ in range(3)]
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    news = list(build(CorpusConfig(worlds=["tiny"], streams=5, asks=2), tmp_path))
    assert {unit.unit for unit in news if unit.again} >= {name for name in done if name < "tiny-train-1-000005"}
    assert len(news) == 5
