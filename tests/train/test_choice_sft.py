"""Training the chooser: it learns, goes on where it stopped, and what is used is what was trained."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from dataclaw.choosing.encode import encode
from dataclaw.choosing.learned import choice_of, load_learned
from dataclaw.errors import ConfigError, DataClawError, UsageError
from dataclaw.train import checkpoints
from dataclaw.train.choice_data import read_choices
from dataclaw.train.choice_plan import plan_choices
from dataclaw.train.choice_sft import calibration, sft_chooser
from dataclaw.train.chooser import right, trainee_of
from dataclaw.train.config import TrainConfig
from tests.train.choices import choice, first_step, parts_in_order, write_corpus


def recipe(corpus: Path, *, epochs: float = 8, seed: int = 0, **model: Any) -> TrainConfig:
    """Small and quick."""
    return TrainConfig.model_validate({
        "model": {"name": "chooser", **model},
        "data": {"corpus": corpus, "seed": seed},
        "sft": {"lr": 2e-3, "epochs": epochs, "batch_tokens": 128, "save_every": 5, "eval_every": 0},
    })  # fmt: skip


def figures_of(out: Path) -> list[dict[str, Any]]:
    """The figures of every step."""
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_it_learns_what_only_and_leave_out_mean(tmp_path: Path) -> None:
    corpus = write_corpus(
        tmp_path / "corpus", [choice(at) for at in range(160)], [choice(at) for at in range(160, 180)]
    )
    list(sft_chooser(recipe(corpus), tmp_path / "run"))
    last = figures_of(tmp_path / "run")[-1]["validation"]["daily"]
    assert last["learned"] > 0.9 > last["rules"]
    assert last["choices"] == 20
    assert 0 <= last["calibration"] < 0.2
    learned = load_learned(tmp_path / "run/chooser")
    held, _ = read_choices(recipe(corpus).data, "validation")
    assert sum(right(learned.choose(one.point).kept, one.wanted, "some") for one in held) / len(held) > 0.85


@pytest.mark.parametrize(("made", "name"), [(first_step, "daily"), (parts_in_order, "gui")])
def test_one_and_an_order_are_learnt_too(made: Any, name: str, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [made(at) for at in range(120)], [made(at) for at in range(120, 140)])
    list(sft_chooser(recipe(corpus, epochs=10), tmp_path / "run"))
    last = figures_of(tmp_path / "run")[-1]["validation"][name]
    assert last["learned"] > 0.9 > last["rules"]


def test_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [choice(at) for at in range(60)])
    list(sft_chooser(recipe(corpus, epochs=3), tmp_path / "whole"))
    run = sft_chooser(recipe(corpus, epochs=3), tmp_path / "cut")
    for _ in range(8):
        next(run)
    run.close()
    list(sft_chooser(recipe(corpus, epochs=3), tmp_path / "cut"))
    one, other = ((tmp_path / name / "chooser/chooser.npz").read_bytes() for name in ("whole", "cut"))
    assert one == other
    with pytest.raises(ConfigError, match="another run lies here"):
        list(sft_chooser(recipe(corpus, epochs=3, seed=1), tmp_path / "cut"))


def test_what_is_used_is_what_was_trained(tmp_path: Path) -> None:
    rows = [choice(1), first_step(2), parts_in_order(3)] * 20
    corpus = write_corpus(tmp_path / "corpus", rows)
    list(sft_chooser(recipe(corpus, epochs=1, blind=["rules"]), tmp_path / "run"))
    learned = load_learned(tmp_path / "run/chooser")
    assert learned.blind == ("rules",)
    trainee = trainee_of(["rules"], seed=0, start=tmp_path / "run/chooser")
    trainee.model.eval()
    for one in read_choices(recipe(corpus).data, "training")[0][:3]:
        with torch.no_grad():
            trained = trainee.odds([trainee.encode(one.point)])[0].numpy()
        assert np.abs(trained - learned.odds(one.point)).max() < 5e-3  # float16
        assert choice_of(one.point, trained.astype(np.float64)).kept


def test_what_it_is_blind_to_does_not_count() -> None:
    row = choice(2)
    (one, _), (other, _) = (read_choices_of({**row, "kept": kept}) for kept in (["e0"], ["e1", "e2"]))
    assert not np.array_equal(encode(one).figures, encode(other).figures)
    assert np.array_equal(encode(one, ["rules"]).figures, encode(other, ["rules"]).figures)
    assert not encode(one, ["figures"]).figures.any()
    assert len(np.unique(encode(one, ["words"]).options)) <= 2


def read_choices_of(row: dict[str, Any]) -> tuple[Any, Any]:
    """Point and answer of a row."""
    from dataclaw.train.choice_data import example_of

    example = example_of("how", row)
    return example.point, example.wanted


def test_nothing_to_learn_damage_and_losses_that_are_no_numbers_stop(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no corpus"):
        list(sft_chooser(recipe(tmp_path), tmp_path / "a"))
    with pytest.raises(UsageError, match="no expert chose"):
        list(sft_chooser(recipe(write_corpus(tmp_path / "none", [])), tmp_path / "b"))
    damaged = write_corpus(tmp_path / "damaged", [choice(0)])
    (damaged / "export/traces.jsonl").write_text('{"id": "a", "domain": "daily", "task": "how", "choices": [{}]}\n')
    with pytest.raises(ConfigError, match="trace is damaged"):
        list(sft_chooser(recipe(damaged), tmp_path / "c"))
    corpus = write_corpus(tmp_path / "corpus", [choice(at) for at in range(60)])
    run = sft_chooser(recipe(corpus), tmp_path / "nan")
    for _ in range(7):
        next(run)
    run.close()
    kept = checkpoints.newest(tmp_path / "nan/checkpoints")
    assert kept
    state = torch.load(kept.folder / "state/alone.pt", weights_only=True)
    for value in state.values():
        value.fill_(float("nan"))
    torch.save(state, kept.folder / "state/alone.pt")
    with pytest.raises(DataClawError, match="the loss is nan"):
        list(sft_chooser(recipe(corpus), tmp_path / "nan"))


def test_a_plan_counts_and_measures_and_leaves_nothing(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [choice(at) for at in range(60)])
    made = plan_choices(recipe(corpus, epochs=2), "sft")
    assert made.choices == 60
    assert made.steps == 2 * math.ceil(60 / 16)
    assert made.parameters > 1_000_000
    assert made.seconds > 0
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_domains_and_shares_are_taken_from_the_traces(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [choice(at) for at in range(30)] + [parts_in_order(0)] * 10)
    data = recipe(corpus).data
    everything, digest = read_choices(data, "training")
    only, same = read_choices(data.model_copy(update={"domains": ["gui"]}), "training")
    few, _ = read_choices(data.model_copy(update={"share": 0.5}), "training")
    assert (len(everything), len(only), digest == same) == (40, 10, True)
    assert 5 < len(few) < 35


def test_a_calibrated_probability_is_what_it_says() -> None:
    said = [(0.25, at % 4 == 0) for at in range(100)] + [(0.95, True)] * 10
    found = calibration(said)
    assert found["calibration"] == pytest.approx(0.05 * 10 / 110)
    assert found["curve"] == [[0.25, 0.25, 100], [0.95, 1.0, 10]]
