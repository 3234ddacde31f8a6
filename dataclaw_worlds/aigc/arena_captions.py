"""The narration of a recording: captions by a hasty annotator, and a log of the keys that were held."""

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
from dataclaw_worlds.aigc.arena_things import VOCABULARY

SCHEMES = VOCABULARY.phrases("schemes")
"""What loggers call the buttons, in the order of `arena_engine.BUTTONS`."""


@dataclass(frozen=True, slots=True)
class NarrationLine:
    """A caption, or a line of the log of keys.

    Attributes:
        t0: start [s].
        t1: end [s].
        text: text of a caption, "" in the log.
        keys: keys that were held, none for a caption.
        deed: number of the deed that the caption describes, -1 for none.
        wrong: whether the caption says something that did not happen.
        named: whether the caption names the take's thing.
    """

    t0: float
    t1: float
    text: str = ""
    keys: tuple[str, ...] = ()
    deed: int = -1
    wrong: bool = False
    named: bool = False


def narrate(spec: SceneSpec, facts: Sequence[Mapping[str, Json]], reel: Reel) -> tuple[list[NarrationLine], str]:
    """The lines of a recording's narration in the order of time, and the scheme of its log ("" if it has no log)."""
    rng = spec.rng("told")
    with_captions, with_log = rng.choices(((True, True), (True, False), (False, True)), (14, 3, 3))[0]
    scheme = rng.choice(spec.pool(SCHEMES, "keys"))
    called = rng.choice(VOCABULARY.phrases("called"))
    lines: list[NarrationLine] = []
    if with_captions:
        lines += _captions(spec, facts, called)
    if with_log:
        lines += _log(reel, scheme.split())
    ordered = sorted((_round_times(line) for line in lines), key=lambda line: (line.t0, line.t1))
    return ordered, scheme if with_log else ""


def _round_times(line: NarrationLine) -> NarrationLine:
    return replace(line, t0=round(line.t0, 2), t1=round(line.t1, 2))


def _captions(spec: SceneSpec, facts: Sequence[Mapping[str, Json]], called: str) -> Iterator[NarrationLine]:
    rng = spec.rng("captions")
    hard = spec.difficulty
    for fact in facts:
        if rng.random() < 0.03 * hard:
            continue
        wrong = rng.random() < 0.045 * (hard - 1)
        verb = deeds.OPPOSITE[str(fact["verb"])] if wrong else str(fact["verb"])
        named = bool(deeds.appearance(fact)) and rng.random() < 0.9
        shown = {**fact, "verb": verb, "outcome": "" if wrong else fact["outcome"]}
        text = f"{called} {deeds.describe(shown, named, rng.choice(deeds.CAPTION_VERBS[verb]))}"
        late = rng.uniform(0.2, 0.7) if rng.random() < 0.06 * hard else rng.uniform(-0.06, 0.1)
        t0, t1 = max(0.0, float(fact["t0"]) + late), float(fact["t1"]) + late
        yield NarrationLine(t0, t1, text[0].upper() + text[1:], (), int(fact["deed"]), wrong, named and not wrong)
        if rng.random() < 0.05 * hard:
            yield NarrationLine(t0, t1, rng.choice(VOCABULARY.phrases("vague")), (), -1)


def _log(reel: Reel, names: Sequence[str]) -> Iterator[NarrationLine]:
    """One line for each time that the same keys are held within one take."""
    known = dict(zip(BUTTONS, names, strict=False))
    pressed, start = reel.pressed, 0
    for at in range(1, len(pressed) + 1):
        if at < len(pressed) and pressed[at] == pressed[start] and at not in reel.starts:
            continue
        if pressed[start] and at - start > 1:
            keys = tuple(known[b] for b in pressed[start] if b in known)
            yield NarrationLine(start / RATE, (at - 1) / RATE, "", keys)
        start = at


def write_captions(lines: Sequence[NarrationLine], name: str, folder: Path) -> None:
    """Write `captions.json` for the video `name`."""
    rows: list[Json] = [
        {"start": s.t0, "end": s.t1, "keys": list(s.keys)} if s.keys else {"start": s.t0, "end": s.t1, "text": s.text}
        for s in lines
    ]
    text = json.dumps({"captions": {name: rows}}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
