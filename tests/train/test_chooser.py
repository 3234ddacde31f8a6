"""Answers at random and their log-probabilities agree, whatever an answer is."""

from collections import Counter

import pytest

pytest.importorskip("torch")

import torch

from dataclaw.choosing.point import How
from dataclaw.train.chooser import draw, log_probabilities, right

ODDS = torch.tensor([[0.5, 1.0], [-1.0, 0.0], [0.2, -0.5]])


@pytest.mark.parametrize("how", ["some", "one", "order"])
@pytest.mark.parametrize("temperature", [0.7, 1.3])
def test_answers_come_as_often_as_their_probability_says(how: How, temperature: float) -> None:
    dice, many = torch.Generator().manual_seed(0), 4000
    seen = Counter(tuple(draw(ODDS, how, temperature, dice).tolist()) for _ in range(many))
    for chosen, count in seen.items():
        places = torch.tensor(chosen, dtype=torch.long)
        said = float(log_probabilities(ODDS, how, places, temperature).sum().exp())
        assert count / many == pytest.approx(said, abs=0.03)


@pytest.mark.parametrize(("answer", "how", "value"), [
    (["a", "b"], "some", 1.0), (["b", "a"], "some", 1.0), (["a"], "some", 2 / 3), ([], "some", 0.0),
    (["a", "b"], "order", 1.0), (["b", "a"], "order", 0.0), (["a"], "order", 2 / 3), (["c"], "one", 0.0),
])  # fmt: skip
def test_how_right_an_answer_is(answer: list[str], how: How, value: float) -> None:
    assert right(answer, ["a", "b"], how) == pytest.approx(value)
