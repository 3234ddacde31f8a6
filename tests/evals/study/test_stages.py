"""What a study declares, and the commands that it becomes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import typer

from dataclaw.cli import app
from dataclaw.errors import ConfigError
from dataclaw.evals.study.config import read_study
from dataclaw.evals.study.run import command_line
from dataclaw.evals.study.stages import NUMBERS, StudyInputs, StudyPlan

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "configs" / "study.toml"


@pytest.fixture
def plan(tmp_path: Path) -> StudyPlan:
    return StudyPlan(read_study(SHIPPED), StudyInputs(SHIPPED, tmp_path / "out", Path("corpus"), Path("bench")))


def test_every_command_of_the_shipped_study_is_one_that_exists(plan: StudyPlan):
    command = typer.main.get_command(app)
    for stage in plan.stages.values():
        group, name, *words = stage.words
        command.commands[group].commands[name].make_context(name, list(words))  # type: ignore[attr-defined]


def test_rows_share_what_they_begin_with_and_the_first_seeds_come_first(plan: StudyPlan):
    names = list(plan.stages)
    assert plan.stages["train/no-anchor"].needs == plan.stages["train/grpo"].needs == ("train/sft",)
    assert plan.stages["train/grpo-seed2"].needs == ("train/sft-seed2",), "a seed begins with its own"
    assert [one.name for one in plan.select(["no-anchor"])] == ["train/sft", "train/no-anchor", "eval/no-anchor"]
    assert names.index("eval/experts-constrained") < names.index("train/sft-seed1") < names.index("train/sft-seed2")
    assert "--corpus corpus" in command_line(plan.stages["train/grpo"])
    assert "--free" not in command_line(plan.stages["eval/experts-constrained"]).split()
    assert sum(name.startswith("train/experts-sft-") for name in names) == 5


def test_wrong_routing_gives_every_domain_the_next_ones_adapter(plan: StudyPlan):
    plan.write_plugins()
    right, wrong = (
        tomllib.loads((plan.given.out / "plugins" / f"{name}.toml").read_text())["domains"]
        for name in ("experts", "wrong-routing")
    )
    domains = plan.study.domains
    assert [wrong[one]["adapter"] for one in domains] == [right[two]["adapter"] for two in [*domains[1:], domains[0]]]
    assert right["gui"] == {"model": "hf:embedded", "adapter": "../train/experts-gui/adapter"}


def test_a_result_depends_on_the_adapter_that_decided(plan: StudyPlan):
    stage = plan.stages["eval/sft"]
    before = stage.essence()
    (adapter,) = stage.adapters
    adapter.mkdir(parents=True)
    (adapter / NUMBERS[adapter.name]).write_bytes(b"learnt")
    assert stage.essence() != before


def test_choosers_are_trained_and_measured_by_the_same_rows(tmp_path: Path):
    file = ROOT / "configs/chooser-study.toml"
    plan = StudyPlan(read_study(file), StudyInputs(file, tmp_path))
    words = {name: " ".join(stage.words) for name, stage in plan.stages.items()}
    train, evals = tmp_path / "train", plan.stages["eval/grpo"]
    assert f"--start {train / 'sft/chooser'} " in words["train/grpo"]
    assert (
        f"--model planner --plugins {tmp_path / 'plugins/_none.toml'} --choose {train / 'grpo/chooser'}"
        in words["eval/grpo"]
    )
    assert evals.adapters == (train / "grpo/chooser",)
    assert f"gui={train / 'experts-gui/chooser'}" in words["eval/experts"]
    assert f"gui={train / 'experts-aigc/chooser'}" in words["eval/wrong-routing"]
    assert "--choose" not in words["eval/rules"]
    before = evals.essence()
    evals.adapters[0].mkdir(parents=True)
    (evals.adapters[0] / NUMBERS["chooser"]).write_bytes(b"learnt")
    assert evals.essence() != before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('[rows.x]\nabout = ""\nmodel = "planner"\nseed = 1', "no such key"),
        ('[rows.x]\nabout = ""', "one of train, model and of"),
        ('[rows.x]\nabout = ""\nmodel = "planner"\nshare = 0.5', "only a row with train"),
        ('[rows.x]\nabout = ""\nof = "nobody"', "names 'nobody'"),
        ('[rows.x]\nabout = ""\nof = "planner"', "is not trained"),
        ('[rows.x]\nabout = ""\nof = "sft"\nshift = 1', "one for all domains"),
        ('[rows.x]\nabout = ""\ntrain = "grpo"\nrecipe = "expert.toml"\nexperts = true\nstart = "sft"', "not both"),
        ('[rows.x]\nabout = ""\ntrain = "sft"\nrecipe = "none.toml"', "file not found"),
        ('[rows.x]\nabout = ""\ntrain = "sft"\nrecipe = "qwen3.5-9b.toml"', "trains all weights"),
        ('[[reach]]\nsay = ""\nrow = "sft"', "at_least or at_most"),
    ],
)
def test_what_is_wrong_is_named(change: str, said: str, tmp_path: Path):
    for recipe in SHIPPED.parent.glob("*.toml"):
        (tmp_path / recipe.name).write_bytes(recipe.read_bytes())
    file = tmp_path / "study.toml"
    file.write_text(SHIPPED.read_text() + "\n" + change, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_study(file)


def test_rows_that_would_make_the_same_are_refused(tmp_path: Path):
    (tmp_path / "expert.toml").write_bytes((SHIPPED.parent / "expert.toml").read_bytes())
    file = tmp_path / "study.toml"
    row = 'about = ""\ntrain = "sft"\nrecipe = "expert.toml"'
    file.write_text(f'domains = ["gui"]\n[rows.a]\n{row}\nexperts = true\n[rows.a-gui]\n{row}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="two rows make train/a-gui"):
        _ = StudyPlan(read_study(file), StudyInputs(file, tmp_path)).stages
