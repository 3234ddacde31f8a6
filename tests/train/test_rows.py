"""Rows, steps, and attention that does not cross from one trace into the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.corpora import trace
from tests.train.tiny import tiny_model

torch: Any = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.train.config import ModelConfig  # noqa: E402
from dataclaw.train.loss import token_losses  # noqa: E402
from dataclaw.train.rows import fill_rows, pack_row, plan_steps  # noqa: E402
from dataclaw.train.tokens import TraceEncoder, TrainingExample  # noqa: E402
from dataclaw.train.trainee import Trainee, load  # noqa: E402
from dataclaw.train.workers import Workers  # noqa: E402

ALONE = Workers(0, 1, "cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def trainee(folder: Path, **settings: Any) -> Trainee:
    return load(ModelConfig(name=str(folder), **settings), ALONE, seed=0)


def examples(one: Trainee, count: int) -> list[TrainingExample]:
    return [TraceEncoder(one.base.tokeniser).example(trace(10**n), "here") for n in range(count)]


def test_rows_hold_every_trace_once_and_little_air():
    lengths = np.random.default_rng(0).integers(500, 4000, 1000).tolist()
    made = fill_rows(lengths, range(1000), 8192)
    assert sorted(i for row in made for i in row) == list(range(1000))
    assert all(sum(lengths[i] for i in row) <= 8192 for row in made)
    assert sum(lengths) / (8192 * len(made)) > 0.97


def test_a_plan_reads_every_trace_once_an_epoch_in_another_order():
    lengths = [300, 200, 500, 100, 400, 350, 250]
    plan = plan_steps(lengths, row=600, batch=1200, epochs=2, seed=3)
    read = [i for step in plan for row in step for i in row]
    assert sorted(read) == sorted([*range(7), *range(7)])
    assert plan == plan_steps(lengths, row=600, batch=1200, epochs=2, seed=3)
    assert plan != plan_steps(lengths, row=600, batch=1200, epochs=2, seed=4)
    assert max(len(step) for step in plan) == 2
    half = [i for step in plan_steps(lengths, row=600, batch=1200, epochs=0.5, seed=3) for row in step for i in row]
    assert len(half) == len(set(half)) == 4


def test_unpacked_steps_fill_up_with_single_traces():
    plan = plan_steps([300, 200, 500, 100], row=0, batch=600, epochs=1, seed=0)
    assert all(len(row) == 1 for step in plan for row in step)
    assert len(plan) == 2


@pytest.mark.parametrize("attention", ["auto", "sdpa", "eager"])
def test_a_packed_trace_is_read_as_if_it_were_alone(folder: Path, attention: str):
    one = trainee(folder, attention=attention, tuning="full")
    traces = examples(one, 3)
    together = one.losses(pack_row(traces, (0, 1, 2)))
    apart = torch.cat([one.losses(pack_row(traces, (i,))) for i in range(3)])
    assert one.attention == {"auto": "dataclaw_packed"}.get(attention, attention)
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-4)


def test_all_attentions_agree_and_so_do_their_gradients(folder: Path):
    losses, gradients = [], []
    for attention in ("auto", "eager"):
        one = trainee(folder, attention=attention, tuning="full")
        loss = one.losses(pack_row(examples(one, 2), (1, 0))).sum()
        loss.backward()
        losses.append(loss.detach())
        gradients.append(torch.cat([p.grad.flatten() for p in one.model.parameters()]))
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_computing_activations_again_changes_nothing(folder: Path, tuning: str):
    gradients = []
    for checkpointing in (False, True):
        one = trainee(folder, tuning=tuning, checkpointing=checkpointing)
        one.losses(pack_row(examples(one, 2), (0, 1))).sum().backward()
        gradients.append(torch.cat([p.grad.flatten() for p in one.learnt().values()]))
    assert gradients[0].abs().sum() > 0
    torch.testing.assert_close(gradients[0], gradients[1])


def test_losses_are_those_of_the_whole_row_at_learnt_tokens(folder: Path):
    one = trainee(folder, tuning="full")
    row = pack_row(examples(one, 1), (0,))
    logits = one.model(input_ids=torch.from_numpy(row.ids)[None]).logits[0, :-1].float()
    all_losses = torch.nn.functional.cross_entropy(logits, torch.from_numpy(row.ids[1:]), reduction="none")
    torch.testing.assert_close(one.losses(row), all_losses[row.predicts], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("piece", [1, 100, 1 << 26])
def test_cross_entropy_in_pieces_is_cross_entropy(piece: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dataclaw.train.loss.PIECE", piece)
    logits = torch.randn(7, 31, generator=torch.Generator().manual_seed(0))
    targets, weights = torch.arange(7) * 4, torch.arange(7.0)
    mine, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    loss = token_losses(mine * 1.0, targets)
    expected = torch.nn.functional.cross_entropy(theirs, targets, reduction="none")
    torch.testing.assert_close(loss, expected)
    (loss * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(mine.grad, theirs.grad)


def test_bfloat16_is_near_float32(folder: Path):
    found = []
    for dtype in ("float32", "bfloat16"):
        one = trainee(folder, dtype=dtype, tuning="full")
        assert {p.dtype for p in one.learnt().values()} == {torch.float32}
        found.append(one.losses(pack_row(examples(one, 1), (0,))).mean())
    torch.testing.assert_close(found[0], found[1], rtol=0.03, atol=0.0)


def test_an_adapter_learns_in_float32_on_a_base_in_bfloat16(folder: Path):
    one = trainee(folder, dtype="bfloat16")
    assert {p.dtype for p in one.learnt().values()} == {torch.float32}
    assert all("lora" in name for name in one.learnt())
    assert next(p for p in one.model.parameters() if not p.requires_grad).dtype == torch.bfloat16
