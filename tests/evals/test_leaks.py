"""What a corpus and a benchmark have in common is found and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import Apart, export
from dataclaw.errors import ConfigError
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.leaks import apart_from, as_samples, find_leaks, samples_of


def corpus(out: Path, split: str) -> Path:
    config = CorpusConfig.model_validate({"worlds": ["tiny"], "streams": 6, "split": split, "detours": 0, "near": 1.0})
    list(build(config, out))
    export(config, out)
    return out


def test_the_two_halves_of_a_world_have_nothing_in_common(bench: Benchmark, tmp_path: Path) -> None:
    found = find_leaks(bench, corpus(tmp_path / "corpus", "train"))
    assert found.samples > 10
    assert found.lines() == []


def test_held_out_streams_in_a_corpus_are_found(bench: Benchmark, tmp_path: Path) -> None:
    found = find_leaks(bench, corpus(tmp_path / "corpus", "held"))
    assert found.streams
    assert len(found.held) == found.samples
    assert found.sources["thing"]
    assert found.templates
    assert found.intents
    assert {item for item, _ in found.near} <= {item.id for item in bench.items()}
    assert len(found.near) > 6
    assert len(found.lines()) == 6


def test_a_corpus_leaves_out_what_is_near_an_item(bench: Benchmark, tmp_path: Path) -> None:
    out = corpus(tmp_path / "corpus", "held")
    whole = len(list(samples_of(out)))
    config = CorpusConfig.model_validate({"worlds": ["tiny"], "streams": 6, "split": "held", "near": 1.0})
    done = export(config, out, Apart(list(as_samples(bench))))
    assert sum(n for (why, _), n in done.dropped.items() if why == "near an item of a benchmark") > 6
    assert 0 < len(list(samples_of(out))) < whole
    assert find_leaks(bench, out).near == ()
    assert find_leaks(bench, out).templates
    export(config, out, apart_from([bench]))
    found = find_leaks(bench, out)
    assert (found.near, found.templates) == ((), ())


def test_a_reference_is_seen_as_the_corpus_would_write_it(bench: Benchmark, tmp_path: Path) -> None:
    by_stream = {(s["stream"]["id"], s["intent"]["text"]): s for s in samples_of(corpus(tmp_path / "c", "held"))}
    shared = [item for item in bench.items() if (item.stream_id, item.intent) in by_stream]
    assert shared
    wanted = {sample["id"]: sample for sample in as_samples(bench)}
    for item in shared:
        sample = by_stream[item.stream_id, item.intent]
        mine = wanted[item.id]
        assert {key: mine[key] for key in ("question", "answer")} == {
            key: sample[key] for key in ("question", "answer")
        }


def test_what_is_no_corpus_is_refused(bench: Benchmark, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no exported corpus"):
        find_leaks(bench, tmp_path)
    (tmp_path / "training_samples.jsonl").write_text(json.dumps({}) + "\n{")
    with pytest.raises(ConfigError):
        list(samples_of(tmp_path))
