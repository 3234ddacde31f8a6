"""The words of household work: every procedure can be told in every form, and both halves of every pool are rich."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from dataclaw.worlds import find_world
from dataclaw.worlds.base import SceneSpec, is_held
from dataclaw_worlds.daily.chores import PEOPLE
from dataclaw_worlds.daily.forms import gerund_of, object_of, third_person_of
from dataclaw_worlds.daily.narrators import STYLES, narrate
from dataclaw_worlds.daily.noise import BREAKS, REMARKS, SLIPS, mishear
from dataclaw_worlds.daily.places import PLANS, ROOMS, THINGS
from dataclaw_worlds.daily.procedures import SLOTS, draw_procedures, grammar
from dataclaw_worlds.daily.script import script_happenings
from dataclaw_worlds.words import words


def test_procedures_are_whole() -> None:
    assert len(grammar()) >= 40
    for procedure in grammar():
        assert len(procedure.parts) >= 2, procedure.id
        assert all(part.name and part.actions for part in procedure.parts), procedure.id
        slots = re.findall(r"\{(\w+)\}", " ".join(d.text for part in procedure.parts for d in part.actions))
        assert set(slots) <= set(SLOTS), procedure.id
        assert not any(mark in d.text + d.purpose for part in procedure.parts for d in part.actions for mark in ">@~;")


@pytest.mark.parametrize("split", ["train", "held"])
def test_both_halves_of_every_pool_are_rich(split: str) -> None:
    held = split == "held"
    least = 4 if held else 15
    tasks = [(world, task) for world in ("chores", "house") for task in find_world(world).experts]
    pools = {
        "procedure": [p.id for p in grammar()], "person": PEOPLE, "interruption": BREAKS, "remark": REMARKS,
        "layout": PLANS, "room": list(ROOMS), "landmark": THINGS,
        "template": [text for world, task in tasks for text, _ in words(f"daily/{world}_requests.toml")[task]],
    }  # fmt: skip
    for key, items in pools.items():
        assert sum(is_held(f"{key}:{item}") == held for item in items) >= least, key
    for slot, options in SLOTS.items():
        assert any(is_held(f"object:{slot}:{word}") == held for word in options), slot
    assert any(is_held(f"slip:{wrong}") == held for wrong in SLIPS)


def test_forms() -> None:
    assert gerund_of("cut the leek with the knife") == "cutting the leek with the knife"
    assert [gerund_of(v) for v in ("tie it", "whisk it", "dry it", "plug in it")] == [
        "tying it", "whisking it", "drying it", "plugging in it",
    ]  # fmt: skip
    assert [third_person_of(v) for v in ("wash it", "dry it", "fix it", "go on")] == [
        "washes it",
        "dries it",
        "fixes it",
        "goes on",
    ]
    assert object_of("cut the sweet potato into pieces") == "the sweet potato"


def test_a_misheard_word_leaves_the_others() -> None:
    spec = SceneSpec("chores", 1)
    text, heard = mishear("now I knead the dough on the board", spec.rng("x"))
    assert heard is not None
    assert heard[0] in text
    assert text.replace(heard[0], heard[1]) == "now I knead the dough on the board"


def test_woven_procedures_keep_their_own_order() -> None:
    spec = SceneSpec("chores", 3, 5)
    procedures = draw_procedures(spec, 3, spec.rng("procedures"))
    row, _ = script_happenings(spec, procedures, 1)
    assert all(a.t0 < b.t0 for a, b in pairwise(row))
    for number, procedure in enumerate(procedures):
        told = [one.order for one in row if one.procedure == number and one.role == "step"]
        assert told == [d.text for part in procedure.parts for d in part.actions]
    assert {one.role for one in row} >= {"step", "break", "remark", "slip", "mend", "again", "double"}


@pytest.mark.parametrize("style", STYLES)
def test_each_style_tells_what_is_done(style: str) -> None:
    spec = SceneSpec("chores", 4, 3)
    row, _ = script_happenings(spec, draw_procedures(spec, 2, spec.rng("procedures")), 1)
    lines = narrate(spec, style, row, ["Anna", "Ben"])
    assert len(lines) == len(row)
    assert len({line.text for line in lines}) > len(row) * 0.6
    for one, line in zip(row, lines, strict=True):
        words = [w for w in one.order.split() if w not in {"the", "a", "an"}]
        kept = sum(w.rstrip("s") in line.text for w in words)
        assert one.role == "remark" or kept >= len(words) - 2, (one.order, line.text)
        assert line.purpose == (bool(one.purpose) and one.purpose in line.text)
