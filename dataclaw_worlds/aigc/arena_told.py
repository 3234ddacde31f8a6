"""What lies beside a recording: captions of a hasty annotator, and a log of the keys that were held."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw.streams.narrations.captioned import MANIFEST
from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena_engine import BUTTONS, RATE
from dataclaw_worlds.aigc.arena_film import Reel
from dataclaw_worlds.aigc.arena_words import CALLED

_SCHEMES = """
MOVE_FORWARD MOVE_BACKWARD MOVE_LEFT MOVE_RIGHT TURN_LEFT TURN_RIGHT ATTACK
w s a d left right ctrl
up down comma period left right space
KeyW KeyS KeyA KeyD ArrowLeft ArrowRight Mouse0
+forward +back +moveleft +moveright +left +right +attack
LS_UP LS_DOWN LS_LEFT LS_RIGHT RS_LEFT RS_RIGHT RT
forward back strafe_l strafe_r yaw_l yaw_r fire
walk retreat sidestep_left sidestep_right rotate_left rotate_right shoot
key.forward key.back key.left key.right mouse.left mouse.right key.attack
stick1_north stick1_south stick1_west stick1_east stick2_west stick2_east trigger_right
fwd bwd left_step right_step left_turn right_turn shot
I K J L U O P
num8 num2 num7 num9 num4 num6 num5
act_forward act_backward act_left act_right cam_left cam_right act_fire
w s q e a d f
D_UP D_DOWN L1 R1 D_LEFT D_RIGHT X
"""
SCHEMES = tuple(line.strip() for line in _SCHEMES.strip().splitlines())
"""What loggers call the buttons, in the order of `arena_engine.BUTTONS`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A line beside the recording.

    Attributes:
        t0: start [s].
        t1: end [s].
        text: of a caption.
        keys: of the log.
        deed: number of the deed that it tells, -1 for none.
        wrong: whether a caption says what did not happen.
        named: whether a caption names the take's thing.
    """

    t0: float
    t1: float
    text: str = ""
    keys: tuple[str, ...] = ()
    deed: int = -1
    wrong: bool = False
    named: bool = False


def told(spec: SceneSpec, facts: Sequence[Mapping[str, Json]], reel: Reel) -> tuple[list[Span], str]:
    """The lines beside a recording in the order in which they are read, and the scheme of its log ("" without one)."""
    rng = spec.rng("told")
    with_captions, with_log = rng.choices(((True, True), (True, False), (False, True)), (14, 3, 3))[0]
    scheme = rng.choice(spec.pool(SCHEMES, "keys"))
    called = rng.choice(CALLED)
    spans: list[Span] = []
    if with_captions:
        spans += _captions(spec, facts, called)
    if with_log:
        spans += _log(reel, scheme.split())
    ordered = sorted((_rounded(span) for span in spans), key=lambda span: (span.t0, span.t1))
    return ordered, scheme if with_log else ""


def _rounded(span: Span) -> Span:
    return replace(span, t0=round(span.t0, 2), t1=round(span.t1, 2))


def _captions(spec: SceneSpec, facts: Sequence[Mapping[str, Json]], called: str) -> Iterator[Span]:
    rng = spec.rng("captions")
    hard = spec.difficulty
    for fact in facts:
        if rng.random() < 0.03 * hard:
            continue
        wrong = rng.random() < 0.045 * (hard - 1)
        verb = deeds.OPPOSITE[str(fact["verb"])] if wrong else str(fact["verb"])
        named = bool(deeds.seen(fact)) and rng.random() < 0.9
        shown = {**fact, "verb": verb, "outcome": "" if wrong else fact["outcome"]}
        text = f"{called} {deeds.deed(shown, named, rng.choice(deeds.CAPTION_VERBS[verb]))}"
        late = rng.uniform(0.2, 0.7) if rng.random() < 0.06 * hard else rng.uniform(-0.06, 0.1)
        t0, t1 = max(0.0, float(fact["t0"]) + late), float(fact["t1"]) + late
        yield Span(t0, t1, text[0].upper() + text[1:], (), int(fact["deed"]), wrong, named and not wrong)
        if rng.random() < 0.05 * hard:
            yield Span(t0, t1, rng.choice(deeds.VAGUE), (), -1)


def _log(reel: Reel, names: Sequence[str]) -> Iterator[Span]:
    """One span for each time that the same keys are held in one take."""
    known = dict(zip(BUTTONS, names, strict=False))
    pressed, start = reel.pressed, 0
    for at in range(1, len(pressed) + 1):
        if at < len(pressed) and pressed[at] == pressed[start] and at not in reel.starts:
            continue
        if pressed[start] and at - start > 1:
            keys = tuple(known[b] for b in pressed[start] if b in known)
            yield Span(start / RATE, (at - 1) / RATE, "", keys)
        start = at


def write(spans: Sequence[Span], name: str, folder: Path) -> None:
    """Write `captions.json` for the video of that name."""
    lines: list[Json] = [
        {"start": s.t0, "end": s.t1, "keys": list(s.keys)} if s.keys else {"start": s.t0, "end": s.t1, "text": s.text}
        for s in spans
    ]
    text = json.dumps({"captions": {name: lines}}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
