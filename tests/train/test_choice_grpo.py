"""GRPO over choices: real plans, real rules, real streams of a small world."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from dataclaw.choosing.learned import load_learned
from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import export
from dataclaw.errors import ConfigError, UsageError
from dataclaw.train.choice_grpo import ChoiceRollouts, first_choice, grpo_chooser
from dataclaw.train.chooser import trainee_of, write_chooser
from dataclaw.train.config import TrainConfig
from dataclaw.train.prompts import read_prompts


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three edited films and what is asked of them."""
    folder = tmp_path_factory.mktemp("films") / "corpus"
    config = CorpusConfig(worlds=["cuts"], streams=3, asks=4)
    list(build(config, folder))
    export(config, folder)
    return folder


def recipe(corpus: Path, steps: int = 3) -> TrainConfig:
    """Small and quick."""
    return TrainConfig.model_validate({
        "model": {"name": "chooser"},
        "data": {"corpus": corpus},
        "grpo": {"lr": 1e-3, "steps": steps, "group": 4, "prompts_per_step": 3, "save_every": 1, "curriculum": False},
    })  # fmt: skip


def figures_of(out: Path) -> list[dict[str, Any]]:
    """The figures of every step."""
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_rollouts_are_rewarded_by_the_domains_rules_and_learnt(corpus: Path, tmp_path: Path) -> None:
    start = write_chooser(trainee_of((), seed=0), tmp_path / "start", {})
    list(grpo_chooser(recipe(corpus), tmp_path / "run", start=start))
    figures = figures_of(tmp_path / "run")
    assert [one["step"] for one in figures] == [1, 2, 3]
    for one in figures:
        assert one["rollout"]["rollouts"] == 12
        assert 0 < one["reward"]["mean"] <= 2.0
        assert one["reward"]["dead"] <= one["reward"]["groups"] == 3
    assert any(one["reward"]["dead"] < 3 for one in figures)  # what is chosen makes a difference
    learnt = [one for one in figures if one["loss"] is not None]
    assert learnt[0]["kl"] == pytest.approx(0.0, abs=1e-6)  # it began with the reference itself
    before, after = (load_learned(folder).network.weights for folder in (start, tmp_path / "run/chooser"))
    assert any(not np.array_equal(before[name], after[name]) for name in before)


def test_a_stopped_run_goes_on_as_if_it_had_not_been(corpus: Path, tmp_path: Path) -> None:
    list(grpo_chooser(recipe(corpus), tmp_path / "whole"))
    run = grpo_chooser(recipe(corpus), tmp_path / "cut")
    for _ in range(3):
        next(run)
    run.close()
    list(grpo_chooser(recipe(corpus), tmp_path / "cut"))
    one, other = ((tmp_path / name / "chooser/chooser.npz").read_bytes() for name in ("whole", "cut"))
    assert one == other


def test_equal_answers_share_their_end(corpus: Path) -> None:
    config = recipe(corpus)
    rollouts = ChoiceRollouts(read_prompts(config.data), config.grpo.model_copy(update={"temperature": 1e-6}), seed=0)
    (prompt, asking), *_ = rollouts.draw(1)
    states, drawn = rollouts.roll(trainee_of((), seed=0), prompt, asking, "key")
    assert len(states) == len(drawn) == 4
    assert all(state is states[0] for state in states)  # so cold, all draw the same
    assert states[0].phase == "done"
    again = first_choice(prompt.state, prompt.session)
    assert again
    assert again.pending == asking.pending


def test_tasks_that_the_recipe_leaves_out_are_not_drawn(corpus: Path) -> None:
    config = recipe(corpus)
    left = config.grpo.model_copy(update={"leave_out": ["aigc.edit_plan"]})
    drawn = ChoiceRollouts(read_prompts(config.data), config.grpo, seed=0).draw(1)
    assert "edit_plan" in {state.task for _, state in drawn}
    try:
        others = ChoiceRollouts(read_prompts(config.data), left, seed=0).draw(1)
    except UsageError:
        others = []  # it has no other
    assert "edit_plan" not in {state.task for _, state in others}


def test_what_cannot_be_begun_with_is_said(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no chooser"):
        list(grpo_chooser(recipe(corpus), tmp_path / "a", start=tmp_path))
    config = recipe(corpus)
    rollouts = ChoiceRollouts(read_prompts(config.data), config.grpo, seed=0)
    rollouts._silent.update({("aigc", "edit_plan"): 99})
    with pytest.raises(UsageError, match="no plan of these requests asks"):
        rollouts.draw(1)
