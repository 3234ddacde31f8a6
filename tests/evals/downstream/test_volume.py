"""Equal volumes of unequal annotators."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.choosing import ChoicePoint
from dataclaw.errors import UsageError
from dataclaw.evals.downstream.rows import LearnedRow
from dataclaw.evals.downstream.volume import EQUAL, equal_subsets
from dataclaw.types import Anchor


def row(number: int, words: int) -> LearnedRow:
    option = Anchor("o0", "option", "yes", 0.0, 0.0)
    return LearnedRow(f"r{number}", "s", ChoicePoint("downstream.x", "t", "word " * words, [option], (), "one"), "o0")


@given(
    st.lists(st.integers(4, 30), min_size=200, max_size=300), st.lists(st.integers(4, 30), min_size=200, max_size=300)
)
def test_samples_are_as_many_and_words_nearly(first: list[int], second: list[int]) -> None:
    rows = {"a": [row(at, n) for at, n in enumerate(first)], "b": [row(at, n) for at, n in enumerate(second)]}
    drawn = equal_subsets(rows, 60, seed=1)
    assert {len(some) for some in drawn.values()} == {60}
    assert all(len({one.id for one in some}) == 60 for some in drawn.values())
    words = [sum(one.size() for one in some) for some in drawn.values()]
    assert max(words) - min(words) <= EQUAL * max(words)


def test_draws_depend_on_the_seed_alone() -> None:
    rows = {"a": [row(at, 5 + at % 7) for at in range(90)], "b": [row(at, 6 + at % 5) for at in range(90)]}
    ids = [[one.id for one in equal_subsets(rows, 30, seed=seed)["a"]] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_who_cannot_have_as_many_words_is_named() -> None:
    rows = {"short": [row(at, 4) for at in range(40)], "long": [row(at, 30) for at in range(40)]}
    with pytest.raises(UsageError, match="20 rows of long have 640 words and more, of short 120 and fewer"):
        equal_subsets(rows, 20, seed=0)
    with pytest.raises(UsageError, match="annotators without a row: short"):
        equal_subsets({**rows, "short": []}, 20, seed=0)
