"""Events of cuts, graphs and histories as the operations of a draft, for plans and rules alike.

A rule compares a draft with what these functions make of the cited event, so that plans cannot drift from the check.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from dataclaw.domains.aigc.intents import MediaIntent
from dataclaw.types import Anchor, Event, Json

KINDS = ("clip", "gap", "transition", "marker", "node", "operation")
"""Kinds of events that are operations."""
TIMED = frozenset({"clip", "gap", "transition", "marker"})
"""Kinds of events that have record times."""
NAME, VALUE, PARAMETERS = 120, 600, 60
"""Longest name and value of a parameter [characters], and most parameters of an operation."""
MEASURES = ("ratio", "brightness", "contrast", "saturation", "hue", "colour_before", "colour_after")
"""What is measured of a change: its share of the picture; differences of tone as shares, of hue in degrees; colours."""
HALF = 0.5
"""Times agree when they are at most this many frames apart."""
USUAL_RATE = 25.0
"""Frames per second where a cut does not say [1/s]."""


def operation(kind: str, text: str, span: tuple[float, float], details: Mapping[str, Json]) -> dict[str, Json]:
    """An event as an operation, without its `cite`.

    Args:
        kind: kind of the event.
        text: its text.
        span: its start and end [s].
        details: its attributes as the loader gives them.
    """
    made: dict[str, Json] = {"kind": kind, "name": text[:300]}
    if kind in TIMED:
        made |= {"track": str(details.get("track", ""))[:300]} if details.get("track") else {}
        made |= {"record_in": round(span[0], 6), "record_out": round(span[1], 6)}
    made |= _MORE[kind](details) if kind in _MORE else {}
    if details.get("enabled") is False or details.get("in_force") is False or details.get("mode"):
        made["enabled"] = False
    parameters = parameters_of(kind, details)
    return made | ({"parameters": parameters} if parameters else {})


def of_event(event: Event) -> dict[str, Json]:
    """The operation of an event."""
    return operation(event.kind, event.text, (event.t0, event.t1), event.attrs)


def of_anchor(anchor: Anchor) -> dict[str, Json]:
    """The operation of an event's anchor."""
    return operation(str(anchor.attrs["verb"]), str(anchor.attrs["text"]), (anchor.t0, anchor.t1), details_of(anchor))


def of_change(change: Anchor) -> dict[str, Json]:
    """A measured change between two pictures as an operation, without its `cite`."""
    attrs = change.attrs
    whole = "tone of the whole picture" if attrs.get("tone_only") else "change of the whole picture"
    made: dict[str, Json] = {"name": "change in a region" if attrs.get("kind") == "local" else whole}
    if change.box is not None:
        made["region"] = list(change.box)
    found = [(name, attrs[name]) for name in MEASURES if attrs.get(name) not in (None, "", [])]
    parameters = [{"name": n, "value": _measure_text(v)} for n, v in found]
    return made | {"parameters": parameters}


def _effect(effect: Mapping[str, Json]) -> list[tuple[str, Json]]:
    """An effect's parameters, each named after it; the effect alone where it has none."""
    name = f"effect {effect.get('name', '')}".strip()
    values = cast("Mapping[str, Json]", effect.get("parameters") or {})
    return [(f"{name} {key}", value) for key, value in values.items()] or [(name, "")]


def _measure_text(value: Json) -> str:
    return ", ".join(map(str, cast("list[Json]", value))) if isinstance(value, list) else value_text(value)


def details_of(anchor: Anchor) -> Mapping[str, Json]:
    """The attributes that the loader gave the event of an anchor."""
    return cast("Mapping[str, Json]", anchor.attrs.get("details") or {})


def parameters_of(kind: str, details: Mapping[str, Json]) -> list[Json]:
    """Parameters by name, values as text; at most `PARAMETERS`."""
    found: list[tuple[str, Json]] = []
    if kind == "node":
        found = list(cast("Mapping[str, Json]", details.get("inputs") or {}).items())
    elif kind == "operation":
        values = cast("Mapping[str, Json]", details.get("values") or {})
        found = list(values.items()) or [("params", details.get("params", ""))]
    elif kind == "clip":
        effects = cast("list[Mapping[str, Json]]", details.get("effects") or [])
        found = [pair for effect in effects for pair in _effect(effect)]
    elif kind == "marker":
        found = [(name, details[name]) for name in ("color", "comment") if details.get(name)]
    return [{"name": name[:NAME] or "value", "value": value_text(value)} for name, value in found[:PARAMETERS]]


def value_text(value: Json) -> str:
    """A value as text, cut to `VALUE` with an ellipsis; objects as `key:value,...`, arrays as `[a,b]`."""
    text = _flat(value)
    return text if len(text) <= VALUE else f"{text[: VALUE - 1]}…"


def _flat(value: Json) -> str:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        return ",".join(f"{str(key).removeprefix('at ')}:{_flat(item)}" for key, item in entries.items())
    if isinstance(value, list):
        return f"[{','.join(map(_flat, cast('list[Json]', value)))}]"
    return value if isinstance(value, str) else json.dumps(value)


def refusal(kind: str, span: tuple[float, float], details: Mapping[str, Json], intent: MediaIntent) -> str:
    """Why an intent does not ask for an operation, "" when it does; spans, kinds and tracks are those of cuts."""
    # a trait of cuts says nothing about a graph, nor the other way round
    traits = [name for name in sorted(intent.traits) if (TRAITS[name][0] in TIMED) == (kind in TIMED)]
    if traits and not any(kind == of and has(details) for of, has in map(TRAITS.__getitem__, traits)):
        return f"not what is asked for ({' or '.join(traits)})"
    if kind not in TIMED:
        return ""
    if not intent.within(*span):
        return "outside the span asked for"
    if intent.kinds and kind not in intent.kinds:
        return f"a {kind}, and only {' and '.join(sorted(intent.kinds))}s are asked for"
    if intent.track and details.get("track_kind") != intent.track:
        return f"not on a {intent.track} track"
    if kind == "gap" and intent.clips and intent.limit is not None:
        return "a gap, and a number of shots is asked for"
    return ""


def refusal_of(anchor: Anchor, intent: MediaIntent) -> str:
    """Why an intent does not ask for the operation of an anchor, "" when it does."""
    return refusal(str(anchor.attrs["verb"]), (anchor.t0, anchor.t1), details_of(anchor), intent)


def _speed(details: Mapping[str, Json]) -> float:
    """Seconds of the source in a second of the cut."""
    speed = details.get("speed")
    return float(speed) if isinstance(speed, int | float) else 1.0


def _loads_model(details: Mapping[str, Json]) -> bool:
    inputs = cast("Mapping[str, Json]", details.get("inputs") or {})
    return any(isinstance(value, str) and value.casefold().endswith(MODEL_FILES) for value in inputs.values())


MODEL_FILES = (".safetensors", ".ckpt", ".pth", ".pt", ".bin", ".gguf", ".onnx", ".sft")
"""Endings of files that hold the weights of a model."""
TRAITS: Mapping[str, tuple[str, Callable[[Mapping[str, Json]], bool]]] = {
    "slow": ("clip", lambda details: abs(_speed(details)) < 1),
    "fast": ("clip", lambda details: abs(_speed(details)) > 1),
    "backwards": ("clip", lambda details: _speed(details) < 0),
    "still": ("clip", lambda details: _speed(details) == 0),
    "retimed": ("clip", lambda details: _speed(details) != 1),
    "loads_model": ("node", _loads_model),
}
"""Traits that facts decide: the kind of operation that can have it, and whether its attributes show it."""


def first_of(kinds: Sequence[str], intent: MediaIntent) -> int:
    """How many operations of these kinds, in order, an intent asks for: all of them where it names no number."""
    if intent.limit is None:
        return len(kinds)
    if not intent.clips or "clip" not in kinds:
        return min(len(kinds), intent.limit)
    shots = [at for at, kind in enumerate(kinds) if kind == "clip"]
    return len(kinds) if len(shots) <= intent.limit else shots[intent.limit]


def within_limit(kept: Sequence[Anchor], intent: MediaIntent, most: int) -> tuple[list[Anchor], dict[str, str]]:
    """The operations that an intent asks for, at most so many, and the reason by id of the others."""
    asked = first_of([str(a.attrs["verb"]) for a in kept], intent)
    count = min(asked, most)
    return list(kept[:count]), {
        a.id: "limit" if at < asked else "not_asked" for at, a in enumerate(kept) if at >= count
    }


def feeds(node: Anchor, nodes: Sequence[Anchor]) -> list[str]:
    """The other nodes that a node takes its inputs from; its sentence names them."""
    links = cast("Mapping[str, Sequence[Json]]", details_of(node).get("links") or {})
    sources = {str(link[0]) for link in links.values() if link}
    return [other.id for other in nodes if str(details_of(other).get("id")) in sources and other is not node]


def disagreement(operation: Mapping[str, Json], rate: float) -> str:
    """How far a clip's source and record times are from each other at its speed, in words; "" when they agree."""
    if not {"source_in", "source_out", "record_in", "record_out"} <= set(operation):
        return ""
    source = float(operation["source_out"]) - float(operation["source_in"])
    record = float(operation["record_out"]) - float(operation["record_in"])
    speed = float(operation.get("speed", 1.0))
    # a frame that stands still is one frame of its source; a speed is rounded, and so are both ends
    slack = 2 * HALF * (1.0 if abs(speed) == 1 else 1.0 + max(1.0, abs(speed)))
    if abs(abs(source) - abs(speed) * record) * rate <= slack + 1e-6:
        return ""
    return f"the source lasts {abs(source):.2f} s, the record {record:.2f} s"


def _clip(details: Mapping[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for name in ("source_in", "source_out", "speed"):
        value = details.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            made[name] = round(float(value), 6)
    if details.get("media"):
        made["media"] = str(details["media"])[:300]
    return made


def _transition(details: Mapping[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {name: str(details.get(name, ""))[:300] for name in ("from", "to")}
    kind = str(details.get("transition_type", ""))[:120]
    return made | ({"transition": kind} if kind else {})


def _node(details: Mapping[str, Json]) -> dict[str, Json]:
    links = cast("Mapping[str, list[Json]]", details.get("links") or {})
    return {"inputs": [{"name": name[:120], "from": str(link[0])[:60]} for name, link in list(links.items())[:40]]}


_MORE = {"clip": _clip, "transition": _transition, "node": _node}
