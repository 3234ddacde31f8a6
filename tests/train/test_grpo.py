"""GRPO on the tiny world: real tools and rules, a tiny random model, and models that are led to good and bad drafts."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.corpus.build import build  # noqa: E402
from dataclaw.corpus.config import CorpusConfig  # noqa: E402
from dataclaw.corpus.export import export  # noqa: E402
from dataclaw.errors import ConfigError, DataClawError, UsageError  # noqa: E402
from dataclaw.rewards import Case, Rubric, Score  # noqa: E402
from dataclaw.rewards.base import rule  # noqa: E402
from dataclaw.train import grpo as loop  # noqa: E402
from dataclaw.train.advantage import advantages  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.objective import objective, token_weights  # noqa: E402
from dataclaw.train.prompts import draw_prompts, hardest_at, read_prompts  # noqa: E402
from dataclaw.train.reward import GuardedRubric, Reward, RuleTimer, group_rewards, within  # noqa: E402
from dataclaw.train.rollout import Trajectory, roll, trajectories  # noqa: E402
from dataclaw.train.tokens import TrainingExample  # noqa: E402
from dataclaw.train.trainee import load  # noqa: E402
from dataclaw.train.workers import Workers  # noqa: E402
from dataclaw.worlds import register  # noqa: E402
from tests.train.led import Led, small_model  # noqa: E402


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    register("tiny", "tests.evals.tiny:WORLD")
    out = tmp_path_factory.mktemp("corpus")
    config = CorpusConfig(worlds=["tiny"], streams=4, asks=2, detours=0.0, difficulties=[1, 3], validation=0.0)
    assert all(not news.failure for news in build(config, out))
    export(config, out)
    return out


@pytest.fixture(scope="module")
def model(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return small_model(corpus, tmp_path_factory.mktemp("tiny") / "model")


def recipe(model: Path, corpus: Path, **grpo: Any) -> TrainConfig:
    small = {"group": 4, "prompts_per_step": 2, "steps": 2, "max_new_tokens": 12, "max_tokens": 4096, "save_every": 1}
    return TrainConfig.model_validate(
        {
            "model": {"name": str(model), "device": "cpu", "lora": {"r": 4, "alpha": 8}},
            "data": {"corpus": corpus},
            "grpo": {"lr": 1e-2, **small, **grpo},
        }
    )


def figures_of(news: Iterator[Any]) -> list[dict[str, Any]]:
    return [one.figures for one in news if one.figures]


@pytest.fixture
def led(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> type[Led]:
    rows = [json.loads(line) for line in (corpus / "export" / "traces.jsonl").read_text().splitlines()]
    Led.traces = {
        row["id"]: [m["content"] for m in row["messages"] if m["role"] == "assistant"] for row in rows
    }  # fmt: skip
    monkeypatch.setattr(loop, "Hf", Led)
    return Led


def test_two_steps_of_garbage_are_counted_and_teach_nothing(model: Path, corpus: Path, tmp_path: Path):
    steps = figures_of(grpo(recipe(model, corpus), tmp_path / "run"))
    assert [one["step"] for one in steps] == [1, 2]
    for one in steps:
        assert one["rollout"]["stops"] == {"invalid_actions": 8}
        assert sum(one["rollout"]["answers"].values()) == 24, "three answers a rollout, each with its stop reason"
        assert (one["reward"]["mean"], one["reward"]["dead"], one["reward"]["missing"]) == (0.0, 2, 0)
        assert (one["loss"], one["learnt"]) == (None, 0)
        assert one["rollout"]["forks"] == 0
        assert one["rollout"]["drift"], "random tokens are not those of a tokeniser, and that is counted"
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]


def test_what_is_rewarded_becomes_likelier(model: Path, corpus: Path, tmp_path: Path, led: type[Led]):
    config = recipe(model, corpus, steps=6, kl=0.01, curriculum=False, lr=3e-2)
    steps = figures_of(grpo(config, tmp_path / "run"))
    first, last = steps[0], steps[-1]
    assert first["calls"]["hits"] + first["calls"]["misses"] > 0, "real tools were called"
    assert "submitted" in last["rollout"]["stops"]
    signal = [one for one in steps if one["loss"] is not None]
    assert signal
    assert signal[0]["kl"] == pytest.approx(0.0, abs=1e-6), "the model is its own reference at first"
    assert signal[0]["mismatch"] < 1e-3, "the update sees the log-probabilities that were sampled with"
    assert all(set(one["reward"]["terms"]) >= {"format", "anchor"} for one in signal)
    rules = signal[0]["rules"]
    assert rules["schema"]["seconds"] > 0
    assert {"mean", "spread", "within", "failed"} <= rules["evidence"].keys()
    passed = [one["reward"]["passed"] for one in steps]
    assert np.mean(passed[-2:]) > np.mean(passed[:2]) or np.mean(passed[:2]) > 0.9


def test_one_update_moves_probability_to_the_better_rollout(model: Path, corpus: Path, tmp_path: Path, led: type[Led]):
    config = recipe(model, corpus, prompts_per_step=1, group=8, curriculum=False, kl=0.0)
    run = loop._prepare(config, tmp_path, None, None, random_init=False)
    ask = run.prompts.entries[0]
    for step in range(1, 6):  # until a group has both kinds
        batch = roll([run.prompts.open(ask)], run.policy, 8, step=step)
        rewards = group_rewards(batch.groups[0][0].prompt, [r.state for r in batch.groups[0]], config.grpo.terms, 9.0)
        if len({reward.total > 0 for reward in rewards}) == 2:
            break
    values = advantages(rewards, "group")
    assert values is not None
    assert all((value > 0) == (reward.total > 0) for value, reward in zip(values, rewards, strict=True))
    found = [t for r, v in zip(batch.groups[0], values, strict=True) for t in trajectories(r, v)]
    before = [sum(score(run, one)) for one in found]
    assert before == pytest.approx([float(one.logprobs.sum()) for one in found], abs=1e-2)
    loop._update(run, 1, found)
    after = [sum(score(run, one)) for one in found]
    for one, old, new in zip(found, before, after, strict=True):
        assert (new > old) == (one.advantage > 0)


def score(run: Any, one: Trajectory) -> list[float]:
    tokens = loop.tokens_of([one], (0,), [1.0])
    with torch.no_grad():
        return loop.logprobs(run.trainee, tokens, 1.0).tolist()


def test_a_run_that_was_stopped_gives_the_same_curve(model: Path, corpus: Path, tmp_path: Path, led: type[Led]):
    config = recipe(model, corpus, steps=3, prompts_per_step=1)
    whole = figures_of(grpo(config, tmp_path / "whole"))
    news = grpo(config, tmp_path / "cut")
    for one in news:
        if one.step == 2 and one.figures:
            news.close()
            break
    rest = figures_of(grpo(config, tmp_path / "cut"))
    assert [one["step"] for one in rest] == [3]
    assert rest[0]["reward"] == whole[2]["reward"]
    assert rest[0]["loss"] == pytest.approx(whole[2]["loss"], abs=1e-6)
    assert rest[0]["total"]["rollouts"] == whole[2]["total"]["rollouts"] == 12
    with pytest.raises(ConfigError, match="another run"):
        next(grpo(recipe(model, corpus, steps=3, prompts_per_step=1, clip=0.1), tmp_path / "cut"))


def test_an_adapter_of_another_shape_or_base_is_refused(model: Path, corpus: Path, tmp_path: Path):
    config = recipe(model, corpus, steps=1, prompts_per_step=1, group=2)
    list(grpo(config, tmp_path / "first"))
    adapter = tmp_path / "first" / "adapter"
    note = next(iter(grpo(config, tmp_path / "second", start=adapter)))
    assert "rollouts of" in note.note
    other = TrainConfig.model_validate(
        {**config.model_dump(), "model": {**config.model.model_dump(), "lora": {"r": 8}}}
    )
    with pytest.raises(ConfigError, match="lora_alpha"):
        next(grpo(other, tmp_path / "third", start=adapter))
    with pytest.raises(ConfigError, match="neither"):
        next(grpo(recipe(model, tmp_path), tmp_path / "fourth"))


def test_no_reward_at_all_stops_and_names_the_batch(
    model: Path, corpus: Path, tmp_path: Path, led: type[Led], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(loop, "group_rewards", lambda prompt, states, *_: [Reward(math.nan) for _ in states])
    with pytest.raises(DataClawError, match=r"step 1: no rollout has a reward.*tiny-train"):
        list(grpo(recipe(model, corpus), tmp_path / "run"))


def test_a_loss_that_is_no_number_stops_and_names_the_rollouts(
    model: Path, corpus: Path, tmp_path: Path, led: type[Led], monkeypatch: pytest.MonkeyPatch
):
    def broken(new: Any, *_: Any) -> Any:
        return new * math.nan, new, new > 0

    monkeypatch.setattr(loop, "objective", broken)
    with pytest.raises(DataClawError, match=r"the loss is nan; in the batch: tiny-train.*~"):
        list(grpo(recipe(model, corpus, prompts_per_step=1, group=8, curriculum=False), tmp_path / "run"))


def test_the_command_trains_and_names_a_term_that_is_none(model: Path, corpus: Path, tmp_path: Path):
    from typer.testing import CliRunner

    from dataclaw.cli import app

    file = tmp_path / "recipe.toml"
    file.write_text(
        f"[model]\nname = {str(model)!r}\ndevice = 'cpu'\n[data]\ncorpus = {str(corpus)!r}\n"
        "[grpo]\ngroup = 2\nprompts_per_step = 1\nmax_new_tokens = 8\nmax_tokens = 4096\n"
    )
    command = ["train", "grpo", str(file), "--out", str(tmp_path / "run"), "--steps", "1"]
    done = CliRunner().invoke(app, [*command, "--without", "efficiency"])
    assert done.exit_code == 0, done.output
    assert "run:" in done.output
    said = json.loads((tmp_path / "run" / "run.json").read_text())["config"]["grpo"]
    assert said["terms"] == {"format": 0.7, "anchor": 1.0, "efficiency": 0.0}
    wrong = CliRunner().invoke(app, [*command, "--without", "beauty"])
    assert isinstance(wrong.exception, ConfigError | UsageError)


def test_both_stages_by_their_commands_with_real_tool_calls(model: Path, corpus: Path, tmp_path: Path, led: type[Led]):
    """The smoke test of training: 2 steps of SFT, then 2 of GRPO from its adapter."""
    from typer.testing import CliRunner

    from dataclaw.cli import app

    file = tmp_path / "recipe.toml"
    file.write_text(
        f"[model]\nname = {str(model)!r}\ndevice = 'cpu'\nlora = {{ r = 4, alpha = 8 }}\n"
        f"[data]\ncorpus = {str(corpus)!r}\nmax_tokens = 4096\nvalidation = 0\n[sft]\nbatch_tokens = 4096\n"
        "[grpo]\ngroup = 2\nprompts_per_step = 2\nmax_tokens = 4096\nrule_seconds = 600\n"
    )
    stages = {"sft": [], "grpo": ["--start", str(tmp_path / "sft" / "adapter")]}
    for stage, more in stages.items():
        command = ["train", stage, str(file), "--steps", "2", "--out", str(tmp_path / stage), *more]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        lines = (tmp_path / stage / "metrics.jsonl").read_text().splitlines()
        figures = [json.loads(line) for line in lines]
        assert [one["step"] for one in figures] == [1, 2]
        assert (tmp_path / stage / "adapter" / "adapter_config.json").is_file()
    assert all(sum(one["calls"].values()) >= 4 for one in figures), "every rollout called a tool"


# Parts.


def test_advantages_are_those_of_the_paper_and_missing_rewards_stay_missing():
    values = advantages([Reward(1.0), Reward(3.0), Reward(math.nan)], "group")
    assert values is not None
    assert values[:2] == [-1.0, 1.0]
    assert math.isnan(values[2])
    assert advantages([Reward(1.0), Reward(1.0)], "group") is None
    assert advantages([Reward(1.0), Reward(math.nan)], "group") is None
    assert advantages([Reward(1.0), Reward(4.0)], "centre") == [-1.5, 1.5]


def test_scaled_by_rule_a_rare_rule_counts_as_much_as_a_loud_one():
    shares = {"loud": 1.0, "quiet": 1.0}
    rewards = [
        Reward(1.0, rules={"loud": 1.0, "quiet": 0.50}, shares=shares),
        Reward(0.5, rules={"loud": 0.0, "quiet": 0.51}, shares=shares),
    ]
    assert advantages(rewards, "rules") is None, "both rules are worth the same and contradict each other"
    rewards.append(Reward(0.5, rules={"loud": 0.0, "quiet": 0.50}, shares=shares))
    values = advantages(rewards, "rules")
    assert values is not None
    assert values[2] < values[0]
    assert values[2] < values[1]


def test_the_objective_is_clipped_and_pays_for_divergence():
    config = TrainConfig().grpo.model_copy(update={"clip": 0.2, "kl": 0.0})
    old = torch.zeros(3)
    new = torch.log(torch.tensor([1.5, 0.5, 1.1])).requires_grad_()
    advantage = torch.tensor([1.0, -1.0, 1.0])
    value, _, clipped = objective(new, old, advantage, None, config)
    assert value.tolist() == pytest.approx([1.2, -0.8, 1.1])
    assert clipped.tolist() == [True, True, False]
    value.sum().backward()
    assert new.grad.tolist() == pytest.approx([0.0, 0.0, 1.1], abs=1e-6)
    reference = torch.log(torch.tensor([1.5, 1.0, 1.1]))
    value, apart, _ = objective(new, old, advantage, reference, config.model_copy(update={"kl": 0.5}))
    assert apart.tolist() == pytest.approx([0.0, 2.0 - math.log(2.0) - 1.0, 0.0], abs=1e-6)
    assert value[1].item() == pytest.approx(-0.8 - 0.5 * apart[1].item())


def trajectory(count: int) -> Trajectory:
    learn = np.array([False] + [True] * count)
    return Trajectory(TrainingExample("x", "d", "t", np.arange(count + 1), learn, ()), np.zeros(count, np.float32), 1.0)


@pytest.mark.parametrize(
    ("loss", "expected"), [("grpo", [1 / 4, 1 / 12]), ("dapo", [1 / 8] * 2), ("dr_grpo", [1 / 40] * 2)]
)
def test_weights_of_tokens_by_the_name_of_the_loss(loss: str, expected: list[float]):
    config = TrainConfig().grpo.model_copy(update={"loss": loss, "max_tokens": 20})
    assert token_weights([trajectory(2), trajectory(6)], config) == pytest.approx(expected)


def test_prompts_come_easy_first_and_evenly(corpus: Path, model: Path):
    prompts = read_prompts(recipe(model, corpus).data)
    assert {ask.difficulty for ask in prompts.entries} == {1, 3}
    easy = draw_prompts(prompts.entries, 4, hardest=hardest_at(1, 10), seed=0, step=1)
    assert {ask.difficulty for ask in easy} == {1}
    assert len({ask.task for ask in easy}) == 2
    assert easy == draw_prompts(prompts.entries, 4, hardest=1, seed=0, step=1)
    assert [hardest_at(step, 10) for step in (1, 2, 3, 5, 10)] == [1, 2, 3, 5, 5]


def test_a_rule_that_hangs_or_breaks_is_missing_and_never_0(corpus: Path, model: Path):
    @rule("hangs")
    def hangs(case: Case) -> Score:
        """Never comes back."""
        time.sleep(5)
        return Score(1.0)

    prompt = read_prompts(recipe(model, corpus).data).open(read_prompts(recipe(model, corpus).data).entries[0])
    rubric = prompt.session.task.rubric
    slow = Rubric(rubric.terms, [*rubric.uses[:2], replace(rubric.uses[0], name="hangs", rule=hangs)])
    watch = RuleTimer()
    verdict = GuardedRubric(slow, 0.2, watch).score(Case("{}", {}, {"type": "object"}))
    assert math.isnan(verdict.total)
    assert verdict.unjudged
    assert "took longer" in verdict.failed["rubric"]
    assert watch.calls["json"] == 1
    assert within(5.0, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: 1 / 0)


@pytest.mark.parametrize(
    ("dtype", "tuning", "most"), [("float32", "lora", 2e-3), ("bfloat16", "lora", 0.05), ("bfloat16", "full", 0.05)]
)
def test_a_model_in_training_says_what_it_said_when_it_was_sampled(
    model: Path, corpus: Path, dtype: str, tuning: str, most: float
):
    """Packed training rows and the decoder's cache agree on every log-probability, temperature included."""
    config = recipe(model, corpus, temperature=0.8)
    kind = config.model.model_copy(update={"dtype": dtype, "tuning": tuning})
    config = config.model_copy(update={"model": kind})
    trainee = load(config.model, Workers(0, 1, "cpu"), seed=0)
    policy = loop._policy(trainee, config)
    prompts = read_prompts(config.data)
    batch = roll([prompts.open(prompts.entries[0])], policy, 3, step=1)
    found = [one for rollout in batch.rollouts for one in trajectories(rollout, 1.0)]
    tokens = loop.tokens_of(found, (0, 1, 2), [1.0] * 3)
    with torch.no_grad():
        again = loop.logprobs(trainee, tokens, 0.8)
    assert np.abs(again.float().numpy() - tokens.old).mean() < most
