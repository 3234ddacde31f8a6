"""Histories of photographs as darktable writes them, invented: some steps replaced, undone or switched off."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import darkroom_words as words
from dataclaw_worlds.aigc.darkroom_group import Group, Step, Story

VERSIONS = {"exposure": 6, "temperature": 3, "flip": 2, "highlights": 2}
MASKS = {"drawn": 2, "parametric": 4}
NUMBERS = {2: ("two", "两"), 3: ("three", "三"), 4: ("four", "四")}


@dataclass(frozen=True, slots=True)
class Move:
    """An operation of a history.

    Attributes:
        module: what it does.
        label: name of its instance, "" for none.
        enabled: whether it is switched on.
        params: its parameters, hex.
        mask: "" or the kind of its mask.
        value: its one telling parameter, None where it has none: the exposure [EV].
    """

    module: words.Module
    label: str
    enabled: bool
    params: str
    mask: str
    value: float | None = None


def invented(spec: SceneSpec, path: Path) -> Story:
    """Write the history of a lot as XMP, and say what it is."""
    rng = spec.rng("history")
    names = [m.name for m in words.MODULES]
    allowed = set(spec.pool(names, "module")) | {"exposure", "crop", "temperature"}
    modules = [m for m in words.MODULES if m.name in allowed]
    labels = spec.pool(sorted(words.LABELS), "label")
    moves = [_move(rng, rng.choice(modules), labels) for _ in range(5 + 3 * spec.difficulty + rng.randint(0, 3))]
    for at in sorted(rng.sample(range(1, len(moves)), min(spec.difficulty, len(moves) - 1))):
        earlier = moves[rng.randrange(at)]
        moves[at] = _again(rng, earlier)
    end = len(moves) - (rng.randint(1, 2) if rng.random() < 0.15 * spec.difficulty else 0)
    path.write_text(_document(moves, end), encoding="utf-8")
    steps = [_step(number, move, moves, end) for number, move in enumerate(moves)]
    sources = {
        "module": sorted({m.module.name for m in moves} - {"exposure", "crop", "temperature"}),
        "label": sorted({m.label for m in moves if m.label}),
    }
    return Story("history", steps, list(_groups(moves, steps)), sources)


def _move(rng: random.Random, module: words.Module, labels: Sequence[str]) -> Move:
    mask = rng.choice(tuple(MASKS)) if module.group in ("light", "colour", "detail") and rng.random() < 0.25 else ""
    label = rng.choice(labels) if mask else ""
    params, value = _params(rng, module.name)
    return Move(module, label, rng.random() > 0.12, params, mask, value)


def _again(rng: random.Random, move: Move) -> Move:
    """The same instance once more, with other parameters."""
    params, value = _params(rng, move.module.name)
    return Move(move.module, move.label, rng.random() > 0.1, params, move.mask, value)


def _params(rng: random.Random, name: str) -> tuple[str, float | None]:
    """Parameters as hex, and the one that tells most."""
    if name == "exposure":
        value = rng.choice((-1, 1)) * rng.randint(1, 12) / 4
        return struct.pack("<i4fi", 0, 0.0, value, 50.0, -4.0, 0).hex(), value
    if name == "temperature":
        red, blue = rng.randint(120, 260) / 100, rng.randint(110, 240) / 100
        return struct.pack("<4f", red, 1.0, blue, 1.0).hex(), None
    if name == "flip":
        return struct.pack("<i", rng.choice((3, 5, 6))).hex(), None
    if name == "highlights":
        return struct.pack("<i4f", rng.randrange(3), 1.0, 0.0, 0.0, rng.choice((0.9, 1.0))).hex(), None
    return bytes(rng.randrange(256) for _ in range(16)).hex(), None


def _document(moves: Sequence[Move], end: int) -> str:
    rows = "\n".join(_row(number, move) for number, move in enumerate(moves))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/" darktable:xmp_version="4"
   darktable:history_end="{end}">
   <darktable:history>
    <rdf:Seq>
{rows}
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


def _row(number: int, move: Move) -> str:
    blend = struct.pack("<I", MASKS.get(move.mask, 0)).hex()
    return (
        f'     <rdf:li darktable:num="{number}" darktable:operation={quoteattr(move.module.name)} '
        f'darktable:enabled="{int(move.enabled)}" darktable:modversion="{VERSIONS.get(move.module.name, 1)}" '
        f'darktable:params="{move.params}" darktable:multi_name={quoteattr(move.label)} darktable:multi_priority="0" '
        f'darktable:blendop_version="12" darktable:blendop_params="{blend}"/>'
    )


def _step(number: int, move: Move, moves: Sequence[Move], end: int) -> Step:
    later = [k for k, other in enumerate(moves[:end]) if (other.module, other.label) == (move.module, move.label)]
    undone, last = number >= end, bool(later) and later[-1] == number
    tags = {move.module.group} if move.enabled and last else set[str]()
    state = "undone" if undone else "replaced" if not last else "in force" if move.enabled else "off"
    tags |= {state} | ({"masked", f"label:{move.label}"} if move.mask and state == "in force" else set())
    en, zh = move.module.en, move.module.zh
    if move.value is not None:
        en = f"{'raise' if move.value > 0 else 'lower'} the exposure by {abs(move.value):g} EV"
        zh = f"{'提高' if move.value > 0 else '降低'}曝光 {abs(move.value):g} EV"
    if move.label:
        en, zh = f"{en}, only on the {move.label}", f"{zh},只作用于{words.LABELS[move.label]}"
    note = {
        "off": (" (switched off)", "(已关闭)"),
        "replaced": (" (replaced later)", "(后来被替换)"),
        "undone": (" (undone)", "(已撤销)"),
    }
    after = note.get(state, ("", ""))
    return Step(str(number), frozenset(tags), en + after[0], zh + after[1])


def _groups(moves: Sequence[Move], steps: Sequence[Step]) -> Iterator[Group]:
    def tagged(tag: str) -> tuple[str, ...]:
        return tuple(s.key for s in steps if tag in s.tags)

    for tag, (en, zh) in words.KINDS.items():
        yield Group(f"kind:{tag}", tagged(tag), en, zh)
    force = tagged("in force")
    yield Group(
        "in force", force, ("the steps that really act on the picture", "what is still in force"), ("真正生效的步骤",)
    )
    yield Group(
        "off", tagged("off"), ("the steps that are switched off", "what is there but turned off"), ("被关闭的步骤",)
    )
    yield Group(
        "replaced",
        tagged("replaced"),
        ("the settings that were replaced later", "earlier versions of steps"),
        ("后来被替换的设置",),
    )
    yield Group(
        "undone",
        tagged("undone"),
        ("the steps beyond the end of the history", "what was undone at the end"),
        ("最后撤销的步骤",),
    )
    yield Group(
        "masked",
        tagged("masked"),
        ("the local corrections", "the steps in force that a mask limits"),
        ("用蒙版的局部调整",),
    )
    for label in sorted({m.label for m in moves if m.label}):
        zh = words.LABELS[label]
        yield Group(
            f"label:{label}",
            tagged(f"label:{label}"),
            (f"the adjustments made only to the {label}", f"what was done to the {label}"),
            (f"对{zh}做的调整",),
        )
    for number, (en, zh) in NUMBERS.items():
        if len(force) > number:
            yield Group(
                f"last:{number}",
                force[-number:],
                (f"the last {en} steps that are in force",),
                (f"最后{zh}个生效的步骤",),
            )
    crops = [
        s.key
        for s, m in zip(steps, moves, strict=True)
        if "in force" in s.tags and m.module.name in ("crop", "clipping")
    ]
    if len(crops) == 1:
        yield Group(
            "after crop",
            tuple(k for k in force if int(k) > int(crops[0])),
            ("the steps in force after the crop",),
            ("裁剪之后生效的步骤",),
        )
