"""The bench: a robot arm at a table (Meta-World in MuJoCo), with its faults, recorded as robomimic records an episode.

The stream has every measurement: the hand, the gripper, where things are and what touches what. The purpose is in the
instruction, where there is one and it is right. Which steps belong together stands in the truth alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dataclaw.domains.embodied.dense import list_actions
from dataclaw.domains.embodied.faults import synthesise_fault
from dataclaw.domains.embodied.goals import ToldOfEpisode
from dataclaw.domains.embodied.subtasks import describe, predict, teach
from dataclaw.planning import Asking
from dataclaw.types import Brief, Json
from dataclaw.worlds.base import Expert, ExpertBrief, Scene, SceneSpec, World
from dataclaw_worlds.embodied.acts import acts_of, touching
from dataclaw_worlds.embodied.engine import Decoy, Numbers, RobotTable, TableLook
from dataclaw_worlds.embodied.faults import EpisodeRow, EpisodeScript, draw_script, drive, plain_script
from dataclaw_worlds.embodied.instruction import draw_instruction
from dataclaw_worlds.embodied.record import Column, RecordedEpisode, write
from dataclaw_worlds.embodied.requests import requests_of
from dataclaw_worlds.embodied.skills import COLOURS, Skill, chinese_of, paint, skill_of, skills, things
from dataclaw_worlds.embodied.truth import EpisodeTruth
from dataclaw_worlds.motion import TASK, expert

Picture: TypeAlias = NDArray[np.uint8]
SIZES = ((224, 168), (240, 180), (256, 192), (224, 224), (272, 204))
RATES = (8.0, 10.0, 10.0, 12.0)
"""Steps per second [1/s]."""
TRIES = 6
"""Most attempts at an episode that succeeds; the last one has no fault and is taken as it is."""
DECOYS = ("box", "ball", "can", "bar")
"""Shapes of decoys."""
TABLES = ((0.62, 0.46, 0.33), (0.85, 0.80, 0.70), (0.40, 0.43, 0.47), (0.30, 0.24, 0.20), (0.70, 0.76, 0.80),
          (0.55, 0.62, 0.50), (0.88, 0.88, 0.90))  # fmt: skip
NOISE = 0.0002
"""Noise of the measured position of the hand from difficulty 3 on [m]."""


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Record an episode."""
    rng = spec.rng("scene")
    skill = skill_of(rng.choice(spec.pool([s.name for s in skills()], "skill")))
    thing = rng.choice(spec.pool(things(skill), "object"))
    decoys = _decoys(spec, rng, thing)
    look = _look(rng, paint(thing), spec.difficulty)
    rows, pictures, script = _drive_until_success(spec, skill, look, [d for _, d in decoys])
    rate = rng.choice(RATES)
    instruction = draw_instruction(spec, skill, thing, chinese_of(thing, skill.nouns))
    file = f"{spec.name}.hdf5"
    tables = _tables(spec, skill, thing, rows, decoys)
    write(RecordedEpisode(rate, instruction.text, tables, _lossy(spec, pictures)), folder / file)
    facts: dict[str, Json] = {
        "skill": skill.name,
        "thing": thing,
        "thing_zh": chinese_of(thing, skill.nouns),
        "rate": rate,
        "rows": len(rows),
        "instruction": instruction.data(),
        "acts": [a.data() for a in acts_of(rows, skill)],
        "faults": [f.kind for f in script.faults],
        "success": any(row.measured.success for row in rows),
        "decoys": [name for name, _ in decoys],
    }
    sources = {
        "skill": [skill.name],
        "object": [thing],
        "instruction": [instruction.template] if instruction.template else [],
    }
    return Scene(spec, folder, file, sources, facts)


def _drive_until_success(
    spec: SceneSpec, skill: Skill, look: TableLook, decoys: Sequence[Decoy]
) -> tuple[list[EpisodeRow], list[Picture], EpisodeScript]:
    """The first attempt that succeeds, or the last one; only that one is filmed."""
    for k in range(TRIES):
        script = draw_script(spec.rng("script", str(k)), skill, spec.difficulty) if k < TRIES - 1 else plain_script()
        table = RobotTable(skill, spec.rng("table", str(k)).randrange(2**31))
        rows: list[EpisodeRow] = []
        poses: list[Numbers] = []
        for row in drive(table, skill, script, spec.rng("drive", str(k))):
            rows.append(row)
            poses.append(table.pose())
        if any(row.measured.success for row in rows) or k == TRIES - 1:
            pictures = _film(spec, table, look, decoys, poses)
            table.close()
            return rows, pictures, script
        table.close()
    raise AssertionError("there is at least one drive")


def _film(
    spec: SceneSpec, table: RobotTable, look: TableLook, decoys: Sequence[Decoy], poses: Sequence[Numbers]
) -> list[Picture]:
    table.dress(look, decoys)
    shaking = spec.rng("shake")
    pictures: list[Picture] = []
    for pose in poses:
        table.put(pose)
        pictures.append(table.picture((shaking.gauss(0, look.shake), shaking.gauss(0, look.shake))))
    return pictures


def _look(rng: random.Random, thing: tuple[float, float, float], difficulty: int) -> TableLook:
    side = rng.choice((-1, 1))
    return TableLook(
        size=rng.choice(SIZES),
        azimuth=90 + side * rng.uniform(52, 84),
        elevation=rng.uniform(-45, -24),
        distance=rng.uniform(0.85, 1.15),
        at=(rng.uniform(0.60, 0.70), rng.uniform(-0.04, 0.04), rng.uniform(0.08, 0.16)),
        shake=0.0 if difficulty < 4 else rng.uniform(0.05, 0.35),
        light=rng.uniform(0.75, 1.15),
        table=rng.choice(TABLES),
        thing=thing,
        wood=rng.random() < 0.55,
    )


def _decoys(spec: SceneSpec, rng: random.Random, thing: str) -> list[tuple[str, Decoy]]:
    """Decoys by name; more of them at higher difficulties."""
    count = (0, rng.choice((0, 1)), 1, 2, 3)[spec.difficulty - 1]
    found: dict[str, Decoy] = {}
    places = rng.sample([(x, y) for x in (0.50, 0.62, 0.88) for y in (-0.34, 0.34, 0.26, -0.26)], 4)
    while len(found) < count:
        colour, _, rgb = rng.choice(COLOURS)
        shape = rng.choice(DECOYS)
        name = f"{colour} {shape}"
        if thing.split(" ")[1] == shape or name in found or thing.startswith(f"{colour} "):
            continue
        size = rng.uniform(0.018, 0.03)
        x, y = places[len(found)]
        height = {"can": 1.4, "bar": 0.5}.get(shape, 1.0) * size
        found[name] = Decoy(shape, (x, y, height), size, rgb)
    return list(found.items())


def _tables(
    spec: SceneSpec, skill: Skill, thing: str, rows: Sequence[EpisodeRow], decoys: Sequence[tuple[str, Decoy]]
) -> dict[str, list[Column]]:
    noise = np.random.default_rng(spec.rng("noise").randrange(2**31))
    hand = np.array([row.measured.hand for row in rows])
    if spec.difficulty >= 3:
        hand = hand + noise.normal(0.0, NOISE, hand.shape)
    actions = np.array([row.action for row in rows])
    force = np.array([row.measured.force for row in rows])
    felt = np.convolve(np.pad(force, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")  # a real sensor is slower
    state = [*_position(thing, np.array([row.measured.thing for row in rows]))]
    touch = [Column(f"touch_{_column(thing)}", "1", np.array(touching(rows), dtype=np.float64))]
    if skill.place:
        where = skill.place[0]
        state += _position(where, np.array([row.measured.place for row in rows]))
    if skill.place and skill.place[2]:
        where = skill.place[0]
        met = np.array([row.measured.touch_place for row in rows], dtype=np.float64)
        touch.append(Column(f"contact_{_column(thing)}_{_column(where)}", "1", met))
    extra = [_position(name, np.tile(decoy.at, (len(rows), 1))) for name, decoy in decoys]
    groups = [state, *extra]
    spec.rng("order").shuffle(groups)
    return {
        "actions": [Column(n, "1", actions[:, k]) for k, n in enumerate(("dx", "dy", "dz", "gripper"))],
        "obs/robot0_eef_pos": [Column(n, "m", hand[:, k]) for k, n in enumerate("xyz")],
        "obs/gripper_opening": [Column("gripper_opening", "m", np.array([row.measured.opening for row in rows]))],
        "obs/contact_force": [Column("contact_force", "N", felt)],
        "obs/environment_state": [*(c for group in groups for c in group), *touch],
    }


def _column(name: str) -> str:
    return name.replace(" ", "_")


def _position(name: str, at: Numbers) -> list[Column]:
    return [Column(f"{_column(name)}_{axis}", "m", at[:, k]) for k, axis in enumerate("xyz")]


def _lossy(spec: SceneSpec, pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures with some lost ones, each of which shows the one before again."""
    rng = spec.rng("lossy")
    lost = (0.0, 0.0, 0.0, 0.02, 0.05)[spec.difficulty - 1]
    found: list[Picture] = []
    for picture in pictures:
        found.append(found[-1] if found and rng.random() < lost else picture)
    return found


def _expert(plan: Callable[[Brief, ToldOfEpisode | None], Asking[None]]) -> Expert:
    """The domain's own plan with the truth's words."""

    def follow(brief: ExpertBrief) -> Asking[None]:
        yield from plan(brief.brief, EpisodeTruth(brief.scene, brief.request))

    return follow


WORLD = World(
    name="bench",
    domain="embodied",
    summary="A robot arm at a table with its mistakes, simulated by Meta-World in MuJoCo.",
    make=make,
    requests=requests_of,
    experts={
        "fault_recovery": _expert(synthesise_fault),
        "describe_subtask": _expert(describe),
        "predict_next_primary_subtask": _expert(predict),
        "interleaved_tutorial": _expert(teach),
        "action_trajectory": _expert(list_actions),
        TASK: expert,
    },
    chooser=EpisodeTruth,
    turn=2,
)
