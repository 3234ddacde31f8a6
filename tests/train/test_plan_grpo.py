# ruff: noqa: F811 - fixtures of another file are asked for by their names
"""What a run of GRPO will take, told before it starts, and measured where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from typer.testing import CliRunner  # noqa: E402

from dataclaw.cli import app  # noqa: E402
from dataclaw.errors import ConfigError  # noqa: E402
from dataclaw.train.cards import CARDS  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.plan import Corpus  # noqa: E402
from dataclaw.train.plan_grpo import check_grpo_fits, grpo_memory, plan_grpo  # noqa: E402
from dataclaw.train.shape import ModelShape, measure  # noqa: E402
from tests.train.test_grpo import corpus, model  # noqa: E402, F401 - fixtures

SMOL = ModelShape(134_515_008, 2_442_240, hidden=576, inner=1536, layers=30, vocabulary=49_152, keys=2 * 30 * 3 * 64)
LARGE = ModelShape(9_410_000_000, 51_000_000, 4096, 12_288, 32, 248_320, keys=16_384, state=12_582_912, packs=False)


def recipe(dtype: str = "bfloat16", tuning: str = "lora", **grpo: Any) -> TrainConfig:
    return TrainConfig.model_validate({"model": {"dtype": dtype, "tuning": tuning}, "grpo": grpo})


def test_memory_is_told_by_what_takes_it():
    memory = grpo_memory(recipe(), SMOL)
    assert memory["keys and values"] == 64 * 8192 * 2 * 30 * 3 * 64 * 2, (
        "two bytes, and all slots as long as they may be"
    )
    assert memory["reference"] == 2 * 4 * SMOL.adapter, "what the adapter was, and what it is meanwhile"
    assert memory["weights"] == 2 * SMOL.parameters + 4 * SMOL.adapter
    served = grpo_memory(recipe(server="http://127.0.0.1:8000"), SMOL)
    assert served["keys and values"] == served["drawing"] == 0
    assert {name: served[name] for name in ("weights", "logits")} == {n: memory[n] for n in ("weights", "logits")}
    assert grpo_memory(recipe(kl=0.0), SMOL)["reference"] == 4 * SMOL.adapter
    assert grpo_memory(recipe(temperature=0.7), SMOL)["logits"] == 5 * memory["logits"], "float32, divided"
    assert grpo_memory(recipe(batch_tokens=8192), SMOL)["activations"] == memory["activations"] // 4
    states = grpo_memory(recipe(), LARGE)["keys and values"] - 64 * 8192 * 16_384 * 2
    assert states == 64 * 12_582_912 * 4, "what layers with linear attention carry along"


def test_rollouts_are_as_long_as_the_traces_of_the_corpus():
    known = plan_grpo(recipe(), SMOL, Corpus((1000, 3000, 9000), learnt=0.2), CARDS["h100"])
    assert (known.rollouts, known.tokens, known.sampled, known.steps) == (64, 64 * 2000, 64 * 400, 200)
    unknown = plan_grpo(recipe(), SMOL, Corpus(), CARDS["h100"])
    assert (unknown.tokens, unknown.sampled) == (64 * 8192, None)
    assert known.update == pytest.approx(64 * 2000 / 150_000, rel=0.02), (
        "4 and 2 for the reference, as all weights take"
    )


@pytest.mark.parametrize(
    ("config", "shape", "card", "expected"),
    [
        (recipe(), SMOL, "h100", []),
        (recipe(), SMOL, "rtx-4090", ["[model] checkpointing = true", "[grpo] batch_tokens = 8192"]),
        (recipe(), LARGE, "a100-40", ["[model] checkpointing = true, [grpo] prompts_per_step = 4"]),
        (recipe(tuning="full"), LARGE, "h100", ['[model] tuning = "lora", [model] checkpointing = true']),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(
    config: TrainConfig, shape: ModelShape, card: str, expected: list[str]
):
    made = plan_grpo(config, shape, Corpus(), CARDS[card])
    assert made.fits == (not expected)
    assert made.remedies[: len(expected)] == expected
    if expected:
        with pytest.raises(ConfigError, match="GiB are there on NVIDIA") as raised:
            check_grpo_fits(config, shape, CARDS[card])
        assert expected[0] in raised.value.remedy


def test_the_shape_knows_what_a_conversation_keeps():
    shape = measure(TrainConfig.model_validate({"model": {"name": "Qwen/Qwen3.5-9B", "shape": "qwen3_5"}}).model)
    assert (shape.keys, shape.state, shape.packs) == (2 * 8 * 4 * 256, 24 * 32 * 128 * 128, False)


def test_the_command_plans_and_measures(model: Path, corpus: Path, tmp_path: Path):
    file = tmp_path / "recipe.toml"
    file.write_text(
        f"[model]\nname = {str(model)!r}\ndevice = 'cpu'\n[data]\ncorpus = {str(corpus)!r}\n"
        "[grpo]\ngroup = 2\nprompts_per_step = 1\nmax_new_tokens = 8\nmax_tokens = 4096\nsteps = 5\n"
    )
    command = ["train", "plan", str(file), "--stage", "grpo"]
    done = CliRunner().invoke(app, [*command, "--random-init", "--steps", "1", "--json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["rollouts_a_step"], made["steps"], made["rollout_seconds"]) == (2, 5, None)
    assert made["measured"]["sampled_per_second"] > 0
    assert made["measured"]["seconds"]["update"] > 0, "noise is learnt from, too"
    assert made["measured"]["tokens"] > made["measured"]["sampled"] > 0
    told = CliRunner().invoke(app, [*command, "--card", "h100"])
    assert "unknown until measured" in told.stdout
    assert CliRunner().invoke(app, [*command, "--card", "h100", "--processes", "2"]).exit_code == 1
