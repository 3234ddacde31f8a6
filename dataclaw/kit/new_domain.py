"""`dataclaw domain new`: a small domain that works and passes its own check, to be changed into another.

The files are templates in `skeleton/`; what differs between kinds of streams is here: the tool that finds moments and
the stream of the fixture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from dataclaw.errors import UsageError, did_you_mean
from dataclaw.types import Json

NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
FILES = {
    "domain.toml": "domain.toml.txt",
    "schemas/list_moments.json": "schema.json.txt",
    "prompts/@NAME@.md": "prompt.md.txt",
    "plans.py": "plans.py.txt",
    "test_@NAME@.py": "test.py.txt",
    "README.md": "README.md.txt",
}
INTENT = "list every moment with its time"


@dataclass(frozen=True, slots=True)
class KindExample:
    """What a kind of stream looks like in the skeleton's fixture.

    Attributes:
        verb: kind of its events.
        field: the field of an event that says what it is.
        said: what happens, in order.
        clock: clock of the stream.
    """

    verb: str
    field: str
    said: tuple[str, str, str, str]
    clock: str = "seconds"


EXAMPLES: Mapping[str, KindExample] = {
    "gui": KindExample("click", "target", ("Search", "Blue mug", "Add to cart", "Place order")),
    "trajectory": KindExample(
        "instruction", "text", ("reach for the cup", "grasp it", "lift it", "put it on the shelf")
    ),
    "timeline": KindExample("clip", "text", ("harbour, wide", "boat, close", "gulls", "harbour at night")),
    "edit": KindExample("operation", "text", ("exposure", "crop", "white balance", "sharpen"), "index"),
    "lesson": KindExample(
        "cue", "text", ("Today we add.", "Two and two make four.", "Now take one away.", "Three is left.")
    ),
    "narration": KindExample(
        "narration", "text", ("opens the tap", "fills the pot", "closes the tap", "lights the stove")
    ),
}
"""Kinds whose moments are their events; "video" has none and shows changes of its picture."""
VIDEO = "video"
SCREENS = ("#202020", "#c02020", "#20a040", "#2040c0")


def new_domain(name: str, folder: Path, *, reads: str = "gui") -> list[Path]:
    """Write a new domain.

    Args:
        name: its name; lower-case letters, digits and underscores.
        folder: where its folder is made.
        reads: kind of streams it reads.

    Returns:
        The files, in the order to read them.

    Raises:
        UsageError: the name is none, the folder is there already, or there is no example of that kind of stream.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name.", remedy="Use lower-case letters, digits and underscores.")
    if reads not in (*EXAMPLES, VIDEO):
        raise UsageError(f"no example of kind {reads!r}.", remedy=did_you_mean(reads, (*EXAMPLES, VIDEO)))
    root = folder / name
    if root.exists():
        raise UsageError(f"{root} is there already.", remedy="Choose another name, or remove it.")
    words = _words(name, reads)
    written: list[Path] = []
    for file, template in FILES.items():
        text = files("dataclaw.kit").joinpath("skeleton", template).read_text(encoding="utf-8")
        written.append(_write(root / _fill(file, words), _fill(text, words)))
    fixture = json.dumps(_fixture(reads), ensure_ascii=False) + "\n"
    return [*written, _write(root / "fixtures.jsonl", fixture)]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@([A-Z]+)@", lambda match: words[match[1]], text)


def _words(name: str, reads: str) -> dict[str, str]:
    common = {"NAME": name, "KIND": reads, "CLASS": name.title().replace("_", "")}
    if reads == VIDEO:
        return common | {
            "TOOL": "detect_changes",
            "ASKING": "ask, decline, shorten, submit",
            "FIND": 'found = [a for a in (yield from ask("detect_changes")).anchors if a.kind == "change"]',
            "LOOK": '\n# What rules know of a stream, whatever a policy sees.\nlook = [{ tool = "detect_changes" }]',
            "THING": "change of the picture",
            "THINGS": 'kinds = "change"',
            "WHEN": "t1",
        }
    return common | {
        "TOOL": "list_events",
        "ASKING": "decline, pages, shorten, submit",
        "FIND": 'found = [a for a in (yield from pages("list_events")) if a.attrs["text"] or a.attrs["target"]]',
        "LOOK": "",
        "THING": "event with words",
        "THINGS": 'kinds = "event", having = ["text", "target"]',
        "WHEN": "t0",
    }


def _fixture(reads: str) -> dict[str, Json]:
    stream, gold = _video() if reads == VIDEO else _events(reads, EXAMPLES[reads])
    invented = [*gold[:-1], {**gold[-1], "what": "something that nobody saw"}]
    late = [*gold[:1], {**gold[1], "time": gold[-1]["time"]}, *gold[2:]]
    row: dict[str, Json] = {"task": "list_moments", "intent": INTENT, "stream": stream}
    if reads == VIDEO:
        row["look"] = [{"tool": "detect_changes", "args": {}}]
    return row | {
        "gold": {"moments": gold},
        "wrong": [
            {"why": "a moment is missing", "draft": {"moments": [gold[0], *gold[2:]]}},
            {"why": "words that the stream does not have", "draft": {"moments": invented}},
            {"why": "a moment at the wrong time", "draft": {"moments": late}},
        ],
    }


def _events(reads: str, example: KindExample) -> tuple[dict[str, Json], list[dict[str, Json]]]:
    step = 1 if example.clock == "index" else 3
    events: list[dict[str, Json]] = [
        {"kind": example.verb, "t0": k * step, "t1": k * step + step / 2, example.field: said}
        for k, said in enumerate(example.said)
    ]
    gold: list[dict[str, Json]] = [
        {"cite": [f"e{k}"], "time": event["t0"], "what": event[example.field]} for k, event in enumerate(events)
    ]
    duration = step * len(events)
    return {"kind": reads, "clock": example.clock, "duration": duration, "events": events}, gold


def _video() -> tuple[dict[str, Json], list[dict[str, Json]]]:
    frames: list[dict[str, Json]] = [{"t": 2 * k, "fill": fill} for k, fill in enumerate(SCREENS)]
    gold: list[dict[str, Json]] = [
        {"cite": [f"c{k}"], "time": 2 * k, "what": "100% changed"} for k in range(1, len(SCREENS))
    ]
    return {"kind": VIDEO, "duration": 2 * len(SCREENS), "pictures": {"size": [160, 120], "frames": frames}}, gold
