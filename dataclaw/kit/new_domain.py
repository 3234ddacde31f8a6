"""`dataclaw domain new`: a small domain that works and passes its own check, to be changed into another.

The files are templates in `skeleton/`; what differs between kinds of streams is here: the tool that finds moments and
the stream of the fixture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from dataclaw.errors import UsageError
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
NEW_KIND_FILES = {
    "loaders.py": "loaders.py.txt",
    "tools.py": "tools.py.txt",
    "samples/first.@KIND@": "sample.txt",
}
"""What a domain brings for streams that nothing else reads."""
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
OWN_FILES = """| `loaders.py` | how its files are read |
| `samples/` | files that the check opens |
| `tools.py` | a tool beside the library's |
"""
NEW_KIND = KindExample(
    "note", "text", ("the first thing that happens", "and the second one", "and the third", "the last thing")
)
"""A kind that nobody knows yet: the loader of the skeleton gives such events."""
VIDEO = "video"
KNOWN = (*EXAMPLES, VIDEO, "fragments")
SCREENS = ("#202020", "#c02020", "#20a040", "#2040c0")


def new_domain(name: str, folder: Path, *, reads: str = "gui") -> list[Path]:
    """Write a new domain.

    Args:
        name: its name; lower-case letters, digits and underscores.
        folder: where its folder is made.
        reads: kind of streams it reads; one that nobody knows gets a loader, a tool and a sample file.

    Returns:
        The files, in the order to read them.

    Raises:
        UsageError: the name is none, the folder is there already, there is no example of that kind of stream, or its
            word is nearly that of a known kind.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name.", remedy="Use lower-case letters, digits and underscores.")
    is_new = reads not in (*EXAMPLES, VIDEO)
    if is_new:
        _check_kind(reads)
    root = folder / name
    try:
        root.mkdir(parents=True)  # one of two that come at once is refused
    except FileExistsError:
        raise UsageError(f"{root} is there already.", remedy="Choose another name, or remove it.") from None
    words = _words(name, reads)
    written: list[Path] = []
    for file, template in (FILES | NEW_KIND_FILES if is_new else FILES).items():
        text = files("dataclaw.kit").joinpath("skeleton", template).read_text(encoding="utf-8")
        written.append(_write(root / _fill(file, words), _fill(text, words)))
    fixture = json.dumps(_fixture(reads), ensure_ascii=False) + "\n"
    return [*written, _write(root / "fixtures.jsonl", fixture)]


def _check_kind(reads: str) -> None:
    if not NAME.fullmatch(reads):
        raise UsageError(f"{reads!r} is no name of a kind.", remedy="Use lower-case letters, digits and underscores.")
    near = get_close_matches(reads, KNOWN, 1, 0.75)
    if near:
        hint = f"Did you mean {near[0]!r}? " if near[0] != reads else ""
        remedy = f"{hint}There is: {', '.join(KNOWN[:-1])}. A kind of your own needs a word that is less alike."
        raise UsageError(f"no example of kind {reads!r}.", remedy=remedy)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@([A-Z]+)@", lambda match: words[match[1]], text)


def _words(name: str, reads: str) -> dict[str, str]:
    is_new = reads not in (*EXAMPLES, VIDEO)
    common = {
        "NAME": name,
        "KIND": reads,
        "CLASS": name.title().replace("_", ""),
        "SAMPLES": f'samples = ["samples/first.{reads}"]\n' if is_new else "",
        "OWN": OWN_FILES if is_new else "",
        "PATH": f"./{name}/samples/first.{reads}" if is_new else "PATH",
    }
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
        "TOOL": 'list_events", "find_stretches' if is_new else "list_events",
        "ASKING": "decline, pages, shorten, submit",
        "FIND": 'found = [a for a in (yield from pages("list_events")) if a.attrs["text"] or a.attrs["target"]]',
        "LOOK": "",
        "THING": "event with words",
        "THINGS": 'kinds = "event", having = ["text", "target"]',
        "WHEN": "t0",
    }


def _fixture(reads: str) -> dict[str, Json]:
    stream, gold = _video() if reads == VIDEO else _events(reads, EXAMPLES.get(reads, NEW_KIND))
    invented = [*gold[:-1], {**gold[-1], "what": "something that nobody saw"}]
    late = [*gold[:1], {**gold[1], "time": gold[-1]["time"]}, *gold[2:]]
    row: dict[str, Json] = {"task": "list_moments", "intent": INTENT, "stream": stream}
    look = ["detect_changes"] if reads == VIDEO else [] if reads in EXAMPLES else ["list_events", "find_stretches"]
    if look:
        row["look"] = [{"tool": tool, "args": {}} for tool in look]
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
