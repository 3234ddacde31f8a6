"""Invented histories of photographs in darktable's format: some steps are replaced, undone or switched off."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc.darkroom_steps import GROUP_WORDS, EditStep, StepFile, StepGroup, make_group
from dataclaw_worlds.aigc.phrasing import NUMBERS, NUMBERS_ZH
from dataclaw_worlds.words import words

VERSIONS = {"exposure": 6, "temperature": 3, "flip": 2, "highlights": 2}
MASKS = {"drawn": 2, "parametric": 4}
ALWAYS = frozenset({"exposure", "crop", "temperature"})
"""Modules that both splits use."""
_WORDS = words("aigc/darkroom.toml")
LABELS: Mapping[str, str] = _WORDS["labels"]
"""What instances of modules are named after, in Chinese by English."""


@dataclass(frozen=True, slots=True)
class PhotoModule:
    """What a module of a photo editor does.

    Attributes:
        name: the module's name.
        group: "light", "colour", "detail", "geometry", "effect" or "repair".
        en: what it does, as an order.
        zh: the same in Chinese.
    """

    name: str
    group: str
    en: str
    zh: str


MODULES = tuple(PhotoModule(name, *rest) for name, rest in _WORDS.table("modules").items())


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An operation of a history.

    Attributes:
        module: the module that it uses.
        label: name of the module's instance, "" for none.
        enabled: whether it is switched on.
        params: its parameters as hex.
        mask: the kind of its mask, "" for none.
        value: the exposure [EV]; None for other modules.
    """

    module: PhotoModule
    label: str
    enabled: bool
    params: str
    mask: str
    value: float | None = None


def invent_history(spec: SceneSpec, path: Path) -> StepFile:
    """Invent the history of a spec and write it as XMP."""
    rng = spec.rng("history")
    names = [m.name for m in MODULES]
    allowed = set(spec.pool(names, "module")) | ALWAYS
    modules = [m for m in MODULES if m.name in allowed]
    labels = spec.pool(sorted(LABELS), "label")
    entries = [_entry(rng, rng.choice(modules), labels) for _ in range(5 + 3 * spec.difficulty + rng.randint(0, 3))]
    for at in sorted(rng.sample(range(1, len(entries)), min(spec.difficulty, len(entries) - 1))):
        earlier = entries[rng.randrange(at)]
        entries[at] = _again(rng, earlier)
    end = len(entries) - (rng.randint(1, 2) if rng.random() < 0.15 * spec.difficulty else 0)
    path.write_text(_document(entries, end), encoding="utf-8")
    steps = [_step(number, entry, entries, end) for number, entry in enumerate(entries)]
    sources = {
        "module": sorted({m.module.name for m in entries} - ALWAYS),
        "label": sorted({m.label for m in entries if m.label}),
    }
    return StepFile("history", steps, list(_groups(entries, steps)), sources)


def _entry(rng: random.Random, module: PhotoModule, labels: Sequence[str]) -> HistoryEntry:
    mask = rng.choice(tuple(MASKS)) if module.group in ("light", "colour", "detail") and rng.random() < 0.25 else ""
    label = rng.choice(labels) if mask else ""
    params, value = _params(rng, module.name)
    return HistoryEntry(module, label, rng.random() > 0.12, params, mask, value)


def _again(rng: random.Random, entry: HistoryEntry) -> HistoryEntry:
    """The same instance again, with other parameters."""
    params, value = _params(rng, entry.module.name)
    return HistoryEntry(entry.module, entry.label, rng.random() > 0.1, params, entry.mask, value)


def _params(rng: random.Random, name: str) -> tuple[str, float | None]:
    """Parameters of a module as hex, and the exposure [EV] if they set one."""
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


def _document(entries: Sequence[HistoryEntry], end: int) -> str:
    rows = "\n".join(_row(number, entry) for number, entry in enumerate(entries))
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


def _row(number: int, entry: HistoryEntry) -> str:
    blend = struct.pack("<I", MASKS.get(entry.mask, 0)).hex()
    return (
        f'     <rdf:li darktable:num="{number}" darktable:operation={quoteattr(entry.module.name)} '
        f'darktable:enabled="{int(entry.enabled)}" darktable:modversion="{VERSIONS.get(entry.module.name, 1)}" '
        f'darktable:params="{entry.params}" darktable:multi_name={quoteattr(entry.label)} darktable:multi_priority="0" '
        f'darktable:blendop_version="12" darktable:blendop_params="{blend}"/>'
    )


def _step(number: int, entry: HistoryEntry, entries: Sequence[HistoryEntry], end: int) -> EditStep:
    later = [k for k, other in enumerate(entries[:end]) if (other.module, other.label) == (entry.module, entry.label)]
    undone, last = number >= end, bool(later) and later[-1] == number
    tags = {entry.module.group} if entry.enabled and last else set[str]()
    state = "undone" if undone else "replaced" if not last else "in force" if entry.enabled else "off"
    tags |= {state} | ({"masked", f"label:{entry.label}"} if entry.mask and state == "in force" else set())
    en, zh = entry.module.en, entry.module.zh
    if entry.value is not None:
        en = f"{'raise' if entry.value > 0 else 'lower'} the exposure by {abs(entry.value):g} EV"
        zh = f"{'提高' if entry.value > 0 else '降低'}曝光 {abs(entry.value):g} EV"
    if entry.label:
        en, zh = f"{en}, only on the {entry.label}", f"{zh},只作用于{LABELS[entry.label]}"
    note = {
        "off": (" (switched off)", "(已关闭)"),
        "replaced": (" (replaced later)", "(后来被替换)"),
        "undone": (" (undone)", "(已撤销)"),
    }
    after = note.get(state, ("", ""))
    return EditStep(str(number), frozenset(tags), en + after[0], zh + after[1])


def _groups(entries: Sequence[HistoryEntry], steps: Sequence[EditStep]) -> Iterator[StepGroup]:
    def with_tag(tag: str) -> tuple[str, ...]:
        return tuple(s.key for s in steps if tag in s.tags)

    for tag, ways in GROUP_WORDS["modules"].items():
        yield StepGroup(f"kind:{tag}", with_tag(tag), ways["en"], ways["zh"])
    force = with_tag("in force")
    for tag in ("in force", "off", "replaced", "undone", "masked"):
        yield make_group(tag, tag, with_tag(tag))
    for label in sorted({m.label for m in entries if m.label}):
        there = with_tag(f"label:{label}")
        yield make_group("label", f"label:{label}", there, label=label, zh=LABELS[label])
    for n in (2, 3, 4):
        if len(force) > n:
            yield make_group("last", f"last:{n}", force[-n:], number=NUMBERS[n], number_zh=NUMBERS_ZH[n])
    crops = [
        s.key
        for s, m in zip(steps, entries, strict=True)
        if "in force" in s.tags and m.module.name in ("crop", "clipping")
    ]
    if len(crops) == 1:
        yield make_group("after crop", "after crop", tuple(k for k in force if int(k) > int(crops[0])))
