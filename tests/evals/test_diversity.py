"""Vendi scores by hand, the texts that are compared, and the picture of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from dataclaw.config import RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.confusion import ELSEWHERE, REFUSED, RoutedItem, over_domains, over_tasks, route_items, shares
from dataclaw.evals.diversity import diversity, raw_text, texts_of, tsne, vendi
from dataclaw.evals.embedding import MiniLM
from dataclaw.evals.predict import Prediction
from dataclaw.run.prepare import prepare
from dataclaw.types import Event, Stream


@pytest.fixture(scope="module")
def domains() -> dict[str, Domain]:
    return prepare(RunConfig(intent="benchmark")).domains


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def test_the_vendi_score_is_worked_out_by_hand() -> None:
    one = np.array([[0.6, 0.8]])
    assert vendi(np.repeat(one, 7, axis=0)) == pytest.approx(1.0)  # n equal texts
    assert vendi(np.eye(5)) == pytest.approx(5.0)  # n texts, none like another
    assert vendi(np.repeat(np.eye(3), 4, axis=0)) == pytest.approx(3.0)  # three texts, four times each
    # K / 2 of two texts at cosine c has the eigenvalues (1 + c) / 2 and (1 - c) / 2: here 0.8 and 0.2
    at = np.array([[1.0, 0.0], [0.6, 0.8]])
    assert vendi(at) == pytest.approx(math.exp(-(0.8 * math.log(0.8) + 0.2 * math.log(0.2))))
    # 3 of one and 1 of another: 3/4 and 1/4
    uneven = np.array([[1.0, 0.0]] * 3 + [[0.0, 1.0]])
    assert vendi(uneven) == pytest.approx(math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25))))


def test_more_texts_than_numbers_are_scored_the_same() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(9, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(vectors @ vectors.T / 9)
    values = values[values > 1e-12]
    assert vendi(vectors) == pytest.approx(float(np.exp(-(values * np.log(values)).sum())))


def test_texts_of_all_scripts_are_told_apart(model: MiniLM) -> None:
    found = model.mixed_vectors(["open the file menu", "打开文件菜单", "点击文件菜单", "把红色的方块放进盒子", " "])
    assert np.linalg.norm(found[:4], axis=1) == pytest.approx(np.ones(4))
    assert not found[4].any()
    near, far = float(found[1] @ found[2]), float(found[1] @ found[3])
    assert near > 0.5 > far
    assert float(found[0] @ found[1]) == 0.0
    mixed = model.mixed_vectors(["open 文件", "open 文件"])
    assert float(mixed[0] @ mixed[1]) == pytest.approx(1.0)


def test_what_lies_in_a_stream_is_its_events_and_its_cues() -> None:
    events = (Event(0, "click", 0.0, 0.0, target="Save"), Event(1, "cue", 1.0, 2.0, text="Rocks are old."))
    part = Stream("p", "gui", "p", "p", "x", 2.0, events=(Event(0, "write", 0.0, 0.0, text="blue"),))
    stream = Stream("s", "gui", "s", "s", "x", 2.0, events=events, parts={"A": part})
    assert raw_text(stream, (0.0, 2.0)).splitlines() == ['click "Save"', "Rocks are old.", 'write "blue"']
    assert raw_text(stream, (1.5, 2.0)).splitlines() == ['write "blue"']


def test_equal_drafts_score_1_and_items_without_a_draft_do_not_count(
    bench: Benchmark, domains: dict[str, Domain], model: MiniLM
) -> None:
    items = bench.items()
    qa = [item for item in items if item.task == "concept_qa"]
    same = {item.id: Prediction(item.id, draft=qa[0].reference) for item in qa[1:]}
    said = texts_of(bench, qa, same, None, domains)
    assert set(said) == {"raw", "base", "tailored"}
    assert said["base"][0] == ""
    assert all(said["raw"])
    found = diversity(said, [item.domain for item in qa], model)
    assert found.left_out == {"base": 1}
    assert found.counts == {"overall": len(qa) - 1, "education": len(qa) - 1}
    assert found.scores["base"]["overall"] == pytest.approx(1.0)
    assert 1.0 < found.scores["tailored"]["overall"] <= len(qa) - 1
    assert {places.shape for places in found.places.values()} == {(len(qa) - 1, 2)}
    with pytest.raises(UsageError, match="0 items have all texts"):
        diversity(texts_of(bench, qa, {}, None, domains), [item.domain for item in qa], model)


def test_places_are_the_same_each_time() -> None:
    vectors = np.eye(12)[:, :8] + 0.1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.array_equal(tsne(vectors), tsne(vectors))


def test_where_the_router_sends_items_is_counted() -> None:
    items = [
        RoutedItem("s1", "gui", "how_to", "gui", "how_to"),
        RoutedItem("s1", "gui", "how_to", "gui", "test_steps"),
        RoutedItem("s2", "gui", "how_to", "daily", "temporal_qa"),
        RoutedItem("s2", "daily", "temporal_qa", "", ""),
    ]
    domains = over_domains(items)
    assert domains.rows == ("daily", "gui")
    assert domains.columns == ("daily", "gui", REFUSED)
    assert domains.counts == ((0, 0, 1), (1, 2, 0))
    daily, gui = over_tasks(items)
    assert daily.columns == ("temporal_qa", ELSEWHERE, REFUSED)
    assert daily.counts == ((0, 0, 1),)
    assert gui.columns == ("how_to", "test_steps", ELSEWHERE, REFUSED)
    assert gui.counts == ((1, 1, 1, 0),)
    found = shares(items)
    assert {name: found["overall"][name].mean for name in found["overall"]} == {
        "domain": 0.5,
        "task": 0.25,
        "refused": 0.25,
    }
    assert found["gui"]["domain"].mean == pytest.approx(2 / 3)


def test_the_items_of_a_benchmark_are_routed(bench: Benchmark, domains: dict[str, Domain], tmp_path: Path) -> None:
    found = route_items(bench, domains)
    assert [(one.domain, one.task) for one in found] == [(item.domain, item.task) for item in bench.items()]
    assert sum(one.to_domain == "education" for one in found) > len(found) / 2
