"""Lots: equal ones draw equally, the halves of every pool are disjoint, and an item's half is its own."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import UsageError
from dataclaw.plugins import find_plugins
from dataclaw.worlds import SceneSpec, find_world, register, worlds
from dataclaw.worlds.wording import allowed_templates, declared_templates, fill_template, mistype, slots

ITEMS = [f"item {n}" for n in range(200)]


def test_equal_lots_draw_equally_and_purposes_apart():
    first, second = SceneSpec("w", 3, 2), SceneSpec("w", 3, 2)
    assert first.rng("a").random() == second.rng("a").random()
    assert first.rng("a").random() != first.rng("b").random()
    assert first.rng("a").random() != SceneSpec("w", 3, 3).rng("a").random()
    assert SceneSpec("w", 17, 3, "held").name == "w-held-3-000017"


@pytest.mark.parametrize(("seed", "difficulty"), [(-1, 2), (0, 0), (0, 6)])
def test_what_is_no_lot_is_refused(seed: int, difficulty: int):
    with pytest.raises(ValueError, match="not a lot"):
        SceneSpec("w", seed, difficulty)


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.text())
def test_the_halves_of_a_pool_are_disjoint_and_whole(items: list[str], key: str):
    halves: list[set[str]] = []
    for split in ("train", "held"):
        try:
            halves.append(set(SceneSpec("w", 0, 1, split).pool(items, key)))
        except ValueError:
            halves.append(set())
    assert not halves[0] & halves[1]
    assert halves[0] | halves[1] == set(items)


def test_an_item_keeps_its_half_whatever_its_neighbours_are():
    held = SceneSpec("w", 0, 1, "held").pool(ITEMS, "thing")
    assert 20 <= len(held) <= 60
    assert SceneSpec("w", 9, 4, "held").pool(held[:3], "thing") == held[:3]
    with pytest.raises(ValueError, match="none of its 3 items"):
        SceneSpec("w", 0, 1, "train").pool(held[:3], "thing")


def test_templates_are_split_like_any_source():
    (name, *_) = (n for n in find_plugins() if n == "gui")
    train, held = (
        set(allowed_templates(SceneSpec("w", 0, 1, s), name, "action_sequence", ["mine"])) for s in ("train", "held")
    )
    assert train | held == {*declared_templates(name, "action_sequence"), "mine"}
    assert not train & held


def test_slots_are_filled_or_the_template_is_not_used():
    assert slots("only {n} of {topic}") == ["n", "topic"]
    assert fill_template("only {n} of {topic}", {"n": "3", "topic": "cells"}) == "only 3 of cells"
    assert fill_template("only {n} of {topic}", {"n": "3"}) is None


@given(st.integers(0, 10_000))
def test_typing_errors_change_words_but_no_names(seed: int):
    said = "please extract the actions of Margaret between 10s and 20s"
    wrong = mistype(said, random.Random(seed))
    assert "Margaret" in wrong
    assert "10s" in wrong
    assert abs(len(wrong) - len(said)) <= 1
    assert mistype("A B c", random.Random(seed)) == "A B c"


def test_worlds_are_found_by_name():
    with pytest.raises(UsageError, match="no world 'dsk'"):
        find_world("dsk")
    with pytest.raises(UsageError, match="already"):
        register("desk", "elsewhere")
    assert {"desk", "bench", "arena", "chores", "talk"} <= set(worlds())
