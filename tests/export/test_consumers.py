"""Each exported file is loaded, and a batch of it collated, by the code of those who read it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.export.conftest import Exporter, lines, samples
from tests.export.seeing import picture_tokens, seeing_model, seeing_processor

datasets = pytest.importorskip("datasets")
torch = pytest.importorskip("torch")
pytest.importorskip("trl")

IGNORED = -100


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without what the libraries say of themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """`load_dataset` of an exported folder, in a cache of its own."""

    def read(folder: Path, split: str = "train") -> Any:
        return datasets.load_dataset(str(folder), split=split, cache_dir=str(tmp_path / "cache"))

    return read


def test_the_library_loads_all_tasks_in_one_table(export: Exporter, load: Any, runs: dict[str, Path]):
    table = load(export("hf"))
    assert set(table["task"]) == {"navigation_sft", "action_sequence", "video_generation_segment", "edit_plan"}
    by_task = {row["task"]: row for row in table}
    picture = by_task["navigation_sft"]["images"][0]
    assert picture.size == (480, 320)
    assert picture.convert("RGB").getpixel((300, 5)) == pytest.approx((255, 255, 255), abs=4)
    assert by_task["edit_plan"]["images"] == []
    (sample,) = samples(runs["actions"])
    assert json.loads(by_task["action_sequence"]["answer"]) == sample["answer"]
    anchors = json.loads(by_task["action_sequence"]["anchors"])
    cited = {name for ids in json.loads(by_task["action_sequence"]["evidence"]).values() for name in ids}
    assert cited <= set(anchors)
