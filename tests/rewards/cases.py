"""A small stream of a shop: five events, eight frames a second apart, one line of text, and a draft that is right."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from dataclaw.rewards import Case
from dataclaw.schema import narrow
from dataclaw.types import Anchor, Event

CITE = {"type": "array", "maxItems": 6, "items": {"type": "string", "x-ref": "anchor"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["steps"],
    "properties": {
        "cot": {
            "type": "array",
            "items": {"type": "object", "properties": {"cite": CITE, "text": {"type": "string"}}, "required": ["cite"]},
        },
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["cite"],
                "properties": {
                    "cite": CITE,
                    "verb": {"type": "string", "x-support": "verb"},
                    "time": {"type": "number", "x-ref": "time", "x-support": "time"},
                    "frame": {"type": ["integer", "null"], "x-ref": "frame", "x-support": "frame"},
                    "point": {"type": "array", "items": {"type": "number"}, "x-support": "point"},
                    "box": {"type": "array", "items": {"type": "number"}, "x-support": "box"},
                    "text": {"type": "string", "x-support": "text"},
                    "target": {"type": "string", "x-support": ["target", "text"]},
                    "window": {"type": "string", "x-support": "window"},
                    "keys": {"type": "array", "items": {"type": "string"}, "x-support": "keys"},
                    "note": {"type": "string"},
                },
            },
        },
        "left_out": {
            "type": "array",
            "items": {"type": "object", "properties": {"cite": CITE, "reason": {"enum": ["idle", "mistake"]}}},
        },
        "clip": {"type": "array", "items": {"type": "integer", "x-ref": "frame"}},
    },
}


def event(index: int, verb: str, x: float, *, text: str = "", target: str = "", keys: tuple[str, ...] = ()) -> Anchor:
    return Anchor(
        f"e{index}",
        "event",
        f"{verb} ({x:g},100)",
        float(index),
        float(index),
        frame=index,
        point=(x, 100.0),
        attrs={"verb": verb, "text": text, "target": target, "keys": list(keys), "window": "Fernhill Supply"},
    )


ANCHORS = {
    anchor.id: anchor
    for anchor in (
        event(0, "click", 100, target="Search"),
        event(1, "write", 100, text="blue mug"),
        event(2, "hotkey", 100, keys=("ctrl", "c")),
        event(3, "click", 500, target="Add to cart"),
        event(4, "scroll", 500),
        Anchor("t1", "text", "Your cart holds 1 item", 3.0, 3.0, 3, (400.0, 50.0, 600.0, 80.0)),
        Anchor("s1", "segment", "search", 0.0, 2.0, attrs={"first": 0, "last": 2}),
        Anchor("w1", "window", "Fernhill Supply", 0.0, 4.0, attrs={"name": "Fernhill Supply", "events": [0, 4]}),
    )
}
DRAFT: dict[str, Any] = {
    "cot": [{"cite": ["e0"], "text": "a search"}, {"cite": ["e3", "t1"], "text": "then it is in the cart"}],
    "steps": [
        {"cite": ["e0"], "verb": "click", "time": 0.0, "frame": 0, "point": [100, 100], "target": "Search"},
        {"cite": ["e1"], "verb": "write", "time": 1.0, "frame": 1, "text": "blue mug", "window": "Fernhill Supply"},
        {"cite": ["e2"], "verb": "hotkey", "time": 2.0, "frame": 2, "keys": ["Ctrl", "C"]},
        {"cite": ["e3", "t1"], "verb": "click", "time": 3.0, "frame": 3, "point": [500, 100], "target": "Add to cart"},
    ],
    "left_out": [{"cite": ["e4"], "reason": "idle"}],
}
BASE = Case(
    text="",
    draft=DRAFT,
    schema=narrow(SCHEMA, frames=8, window=(0.0, 8.0), anchor_ids=list(ANCHORS), labels=[]),
    anchors=ANCHORS,
    there={name: anchor for name, anchor in ANCHORS.items() if anchor.kind == "event"},
    frame_times=[float(second) for second in range(8)],
    frame_size=(1920, 1080),
    events=tuple(Event(index, "click", float(index), float(index)) for index in range(5)),
    window=(0.0, 8.0),
)


def draft() -> dict[str, Any]:
    return deepcopy(DRAFT)


def case(draft: Any = DRAFT, **changes: Any) -> Case:
    return replace(BASE, draft=draft, **changes)


def steps(*items: dict[str, Any], **changes: Any) -> Case:
    return case({"steps": list(items)}, **changes)
