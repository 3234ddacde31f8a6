"""What a run will take, told before it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import ConfigError
from tests.train.corpora import corpus
from tests.train.tiny import tiny_model

torch: Any = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.train.cards import CARDS, GB  # noqa: E402
from dataclaw.train.config import TrainConfig, read_config  # noqa: E402
from dataclaw.train.count import Characters, count  # noqa: E402
from dataclaw.train.plan import Corpus, check_fits, memory_of, plan  # noqa: E402
from dataclaw.train.shape import ModelShape, measure  # noqa: E402
from dataclaw.train.tokens import TraceEncoder  # noqa: E402
from dataclaw.train.trial import trial  # noqa: E402
from tests.train.corpora import trace  # noqa: E402
from tests.train.tiny import tiny_tokeniser  # noqa: E402

CONFIGS = Path(__file__).parents[2] / "configs"
SMOL = ModelShape(parameters=134_515_008, adapter=4_884_480, hidden=576, inner=1536, layers=30, vocabulary=49_152)
LARGE = ModelShape(
    parameters=9_410_000_000, adapter=51_000_000, hidden=4096, inner=12_288, layers=32, vocabulary=248_320
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def recipe(**tables: dict[str, Any]) -> TrainConfig:
    return TrainConfig.model_validate(tables)


OTHERS = {*CONFIGS.glob("*study.toml"), CONFIGS / "models.toml"}
"""Studies, and models to be compared: no recipes."""


@pytest.mark.parametrize("file", sorted({*CONFIGS.glob("*.toml")} - OTHERS), ids=lambda file: file.stem)
def test_every_recipe_that_ships_can_be_read(file: Path):
    assert read_config(file).data.corpus == Path("corpus")


def test_the_papers_recipe_has_its_settings():
    config = read_config(CONFIGS / "qwen3.5-9b.toml")
    assert (config.sft.lr, config.sft.epochs, config.grpo.lr) == (4e-6, 1, 4e-6)
    assert config.grpo.terms == {"format": 0.7, "anchor": 1.0, "efficiency": 0.3}


def test_settings_of_the_command_go_over_the_files(tmp_path: Path):
    file = tmp_path / "recipe.toml"
    file.write_text("[sft]\nlr = 0.01\nsteps = 9\n")
    config = read_config(file, sft={"steps": 2, "lr": None}, data={"domains": ["gui"]})
    assert (config.sft.lr, config.sft.steps, config.data.domains) == (0.01, 2, ["gui"])
    with pytest.raises(ConfigError, match=r"data\.share"):
        read_config(file, data={"share": 1.5})
    file.write_text("[sft]\nlearning_rate = 0.01\n")
    with pytest.raises(ConfigError, match=r"sft\.learning_rate: no such key"):
        read_config(file)


def test_the_shape_is_counted_without_weights(folder: Path):
    config = recipe(model={"name": str(folder), "lora": {"r": 2}})
    (folder / "model.safetensors").rename(folder / "away")
    shape = measure(config.model)
    (folder / "away").rename(folder / "model.safetensors")
    assert (shape.hidden, shape.inner, shape.layers, shape.vocabulary) == (64, 96, 2, 264)
    attention, perceptron = 2 * (64 + 64) + 2 * (64 + 32), 3 * (64 + 96)
    assert shape.adapter == 2 * 2 * (attention + perceptron)


def test_a_kind_of_model_stands_for_one_that_is_not_here():
    shape = measure(recipe(model={"name": "Qwen/Qwen3.5-9B", "shape": "qwen3_5"}).model)
    assert shape.parameters == pytest.approx(9.41e9, rel=0.01)
    with pytest.raises(ConfigError, match=r"\[model\] shape"):
        measure(recipe(model={"shape": "no_such_model"}).model)


def test_memory_is_near_what_was_measured():
    """41 GiB: the embedded model, all weights, bf16, 16 x 2,048 tokens, logits of all of them in three copies."""
    config = recipe(model={"tuning": "full", "dtype": "bfloat16"}, data={"row_tokens": 32_768})
    memory = memory_of(config, SMOL, 1.0)
    measured = 41 * 2**30 - 2 * memory["logits"]  # float32 logits and their gradient, which are not made any more
    assert sum(memory.values()) == pytest.approx(measured, rel=0.15)


def test_a_token_costs_what_it_was_measured_to_cost():
    config = recipe(model={"tuning": "full", "dtype": "bfloat16"})
    made = plan(config, SMOL, Corpus((1000,) * 100), CARDS["h100"])
    assert made.speed == pytest.approx(150_000, rel=0.01)
    assert "measured of this model here" in made.origin
    assert (made.tokens, made.steps) == (100_000, 4)
    assert made.seconds == pytest.approx(100_000 / 150_000, rel=0.01)
    scaled = plan(config, SMOL, Corpus(), CARDS["a100"], processes=8)
    assert scaled.origin.startswith("not measured")
    assert scaled.speed == pytest.approx(8 * 150_000 * 312 / 989, rel=0.01)
    assert scaled.seconds is None


def test_what_does_not_fit_is_told_with_what_would():
    config = recipe(model={"tuning": "full", "dtype": "bfloat16"}, data={"max_tokens": 8192})
    made = plan(config, LARGE, Corpus(), CARDS["h100"])
    assert not made.fits
    assert made.remedies == [
        '[model] tuning = "lora", [model] checkpointing = true',
        '[model] tuning = "lora", [data] max_tokens = 4096, [data] row_tokens = 4096',
        "[model] checkpointing = true, 4 processes",
    ]
    with pytest.raises(
        ConfigError, match=r"takes about .* GiB \(70\.1 for optimizer\), and 74\.5 GiB are there"
    ) as raised:
        check_fits(config, LARGE, 0.25, CARDS["h100"], 1)
    assert 'It would fit with: [model] tuning = "lora", [model] checkpointing = true;' in raised.value.remedy


def test_one_process_is_told_to_train_an_adapter():
    config = recipe(model={"tuning": "full", "dtype": "float32"}, data={"max_tokens": 8192, "row_tokens": 32_768})
    made = plan(config, SMOL, Corpus(), CARDS["rtx-4090"])
    assert made.remedies[0] == "[model] checkpointing = true"
    small = plan(config, LARGE, Corpus(), CARDS["a100-40"])
    assert [one.split(",")[0] for one in small.remedies[:2]] == ['[model] tuning = "lora"'] * 2


def test_tokens_are_counted_or_estimated(folder: Path, tmp_path: Path):
    data = {"corpus": str(corpus(tmp_path)), "max_tokens": 512}
    exact = count(recipe(model={"name": str(folder)}, data=data))
    assert len(exact.lengths) == 24
    assert exact.counted
    assert 0.2 < exact.learnt < 0.8
    assert list(exact.lengths[:2]) == [
        len(TraceEncoder(tiny_tokeniser()).example(trace(0, domain), "here")) for domain in ("gui", "daily")
    ]
    rough = count(recipe(model={"shape": "llama"}, data=data))
    assert not rough.counted
    assert len(rough.lengths) == 24
    assert count(recipe(data={"corpus": str(tmp_path / "none")})).lengths == ()
    assert len(Characters().encode("<|im_start|>abcdefgh<|im_end|>", add_special_tokens=False)) == 5


@pytest.mark.parametrize("packing", [True, False])
def test_a_machine_is_measured_without_weights_or_corpus(folder: Path, packing: bool):
    model = {"name": str(folder), "device": "cpu", "lora": {"r": 2}, "checkpointing": packing}
    data = {"max_tokens": 128, "row_tokens": 256, "packing": packing}
    found = trial(recipe(model=model, data=data, sft={"batch_tokens": 512}), steps=1)
    assert found.speed > 0
    assert found.tokens == (256 if packing else 128)


def test_the_command_plans_and_says_what_does_not_fit(folder: Path, tmp_path: Path):
    from typer.testing import CliRunner

    from dataclaw.cli import app

    file = tmp_path / "recipe.toml"
    file.write_text(f'[model]\nname = "{folder}"\n[data]\ncorpus = "{corpus(tmp_path / "c")}"\nmax_tokens = 512\n')
    done = CliRunner().invoke(app, ["train", "plan", str(file), "--card", "h100", "--json"])
    made = json.loads(done.stdout)
    assert done.exit_code == 0
    assert made["fits"]
    assert made["memory"]["card"] == 80 * GB
    file.write_text(file.read_text() + "row_tokens = 200_000_000\n")
    done = CliRunner().invoke(app, ["train", "plan", str(file), "--card", "h100"])
    assert done.exit_code == 1
    assert "it would fit with: [data] row_tokens = 1024" in done.stdout


def test_the_command_trains(folder: Path, tmp_path: Path):
    from typer.testing import CliRunner

    from dataclaw.cli import app

    file = tmp_path / "recipe.toml"
    file.write_text(f'[model]\nname = "{folder}"\n[data]\nmax_tokens = 512\n[sft]\nbatch_tokens = 600\n')
    command = ["train", "sft", str(file), "--corpus", str(corpus(tmp_path / "c")), "--steps", "2", "--device", "cpu"]
    done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "run"), "-d", "gui", "--share", "0.9"])
    assert done.exit_code == 0, done.output
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 2
    assert (tmp_path / "run" / "adapter" / "adapter_config.json").is_file()
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["data"]["domains"] == ["gui"]
