"""The tiny world's benchmark, and studies of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evals.conftest import bench, built, tiny

__all__ = ["bench", "built", "tiny"]

PLANNERS = """
domains = ["education"]
batch = 4
scaling = { drafts = ["one", "two"] }

[rows.one]
about = "the planner"
model = "planner"

[rows.lost]
about = "a model that is not there"
train = "sft"
recipe = "recipe.toml"

[rows.same]
about = "its adapter, routed"
of = "lost"
routed = true

[rows.two]
about = "the planner again"
model = "planner"

[[compare]]
row = "two"
against = "one"

[[reach]]
say = "a field of at least 50"
row = "two"
metric = "field"
at_least = 50

[[reach]]
say = "ten points more in every domain"
row = "two"
over = "one"
domain = "each"
at_least = 10

[[reach]]
say = "nothing for attackers"
row = "one"
metric = "hacked"
at_most = 0

[[reach]]
say = "what a lost row reaches"
row = "lost"
at_least = 1
"""


@pytest.fixture
def planners(tmp_path: Path) -> Path:
    """File of a study of rows that need no training, and of two that cannot be trained."""
    (tmp_path / "recipe.toml").write_text('[model]\nname = "./nowhere"\n', encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(PLANNERS, encoding="utf-8")
    return file
