# ruff: noqa: F811 - fixtures of another file are asked for by their names
"""GRPO whose rollouts a server samples: it follows the weights, and one that does not is found out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.errors import ConfigError, DataClawError, PolicyError  # noqa: E402
from dataclaw.train import grpo as loop  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.objective import objective  # noqa: E402
from dataclaw.train.reward import Reward  # noqa: E402
from tests.train.test_grpo import corpus, figures_of, model, recipe  # noqa: E402, F401 - fixtures
from tests.train.vllm import vllm  # noqa: E402


@pytest.fixture
def uneven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rewards that differ within every group, so that rollouts of garbage teach something."""

    def rewarded(prompt: Any, states: Sequence[Any], *_: Any) -> list[Reward]:
        return [Reward(float(n % 2)) for n in range(len(states))]

    monkeypatch.setattr(loop, "group_rewards", rewarded)


@pytest.mark.usefixtures("uneven")
def test_a_server_follows_the_weights_of_every_step(model: Path, corpus: Path, tmp_path: Path):
    out = tmp_path / "run"
    with vllm(model) as server:
        config = recipe(model, corpus, server=server.url, temperature=0.9, lr=3e-2)
        news = list(grpo(config, out))
        steps = figures_of(iter(news))
        assert f"sampled at {server.url}" in news[0].note
        assert len(server.loaded) == len(set(server.loaded)) == 3, "one for the check, one for each step"
        assert [one["rollout"]["rollouts"] for one in steps] == [8, 8]
        assert all(one["mismatch"] < 1e-4 for one in steps), "sampled with the weights that are trained"
        assert all(one["loss"] is not None and one["seconds"]["sync"] > 0 for one in steps)
        assert not server.adapters
        assert not list((out / "served").iterdir())
        asked = [body for body in server.asked if body["model"] == server.loaded[-1]]
        again = [server.reply("POST", "/v1/completions", body | {"model": "base"})[1] for body in asked[:8]]
        server._load("trained", str(out / "adapter"))
        then = [server.reply("POST", "/v1/completions", body | {"model": "trained"})[1] for body in asked[:8]]
    assert [one["choices"] for one in then] != [one["choices"] for one in again], "what it answers has changed"
    assert json.loads((out / "run.json").read_text())["config"]["grpo"]["server"] == server.url


@pytest.mark.usefixtures("uneven")
def test_a_killed_run_leaves_nothing_on_the_server_for_long(model: Path, corpus: Path, tmp_path: Path):
    with vllm(model) as server:
        config = recipe(model, corpus, server=server.url, group=2, prompts_per_step=1)
        news = grpo(config, tmp_path)
        assert next(one for one in news if one.figures).step == 1
        news.close()
        assert len(server.adapters) == 1, "a run that is killed unloads nothing"
        assert [one["step"] for one in figures_of(grpo(config, tmp_path))] == [2]
        assert not server.adapters
    other = tmp_path / "shared" / "dataclaw-of-others"
    other.mkdir(parents=True)
    with vllm(model) as server:
        moved = recipe(model, corpus, server=server.url, shared=str(other.parent), group=2, prompts_per_step=1)
        assert not figures_of(grpo(moved, tmp_path)), "a run may go on with another server"
    assert other.is_dir(), "runs may share a folder"
    assert len(list(other.parent.iterdir())) == 2


def test_a_server_that_does_not_follow_is_found_out(model: Path, corpus: Path, tmp_path: Path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    def begin(**settings: Any) -> None:
        next(grpo(recipe(model, corpus, **settings), tmp_path / "run", fresh=True))

    with vllm(model, deaf=True) as server, pytest.raises(PolicyError, match="answers without it"):
        begin(server=server.url)
    other = AutoModelForCausalLM.from_pretrained(model)
    torch.manual_seed(1)
    for p in other.parameters():
        torch.nn.init.normal_(p, std=0.2)
    other.save_pretrained(tmp_path / "other")
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path / "other")
    with vllm(tmp_path / "other") as server, pytest.raises(PolicyError, match="another base model"):
        begin(server=server.url)
    with vllm(model, mode="raw_logprobs") as server, pytest.raises(PolicyError, match=r"drawn at 0\.9"):
        begin(server=server.url, temperature=0.9)
    with vllm(model, updating=False) as server, pytest.raises(PolicyError, match="does not allow adapters"):
        begin(server=server.url)
    with pytest.raises(PolicyError, match="no server answers"):
        begin(server="http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="grammar"):
        begin(server="http://127.0.0.1:9", constrained=True)


@pytest.mark.usefixtures("uneven")
def test_a_step_that_other_weights_sampled_is_not_learnt(
    model: Path,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(loop, "APART", 1e-9)
    with vllm(model) as server, pytest.raises(DataClawError, match=r"step 1: the server samples with other weights"):
        figures_of(grpo(recipe(model, corpus, server=server.url, group=2, prompts_per_step=1), tmp_path))


def test_the_correction_weighs_what_is_drawn_elsewhere_and_is_capped():
    config = TrainConfig().grpo.model_copy(update={"correction": 2.0, "kl": 0.0})
    old = torch.zeros(3)
    new = torch.log(torch.tensor([1.5, 0.5, 4.0])).requires_grad_()
    value, _, clipped = objective(new, old, torch.tensor([1.0, -1.0, 1.0]), None, config)
    assert value.tolist() == pytest.approx([1.5, -0.5, 2.0])
    assert not clipped.any(), "the ratio to the trainer's own numbers is 1"
    value.sum().backward()
    assert new.grad.tolist() == pytest.approx([1.5, -0.5, 2.0])
