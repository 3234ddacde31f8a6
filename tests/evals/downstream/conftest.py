"""Small demonstrations on made-up pages, as MiniWoB++ files hold them, and a task that learns from them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dataclaw.evals.downstream.config import DownstreamTask, read_task

WORDS = ("Oslo", "Quito", "Hanoi", "Turin", "Perth", "Lagos", "Dakar", "Riga", "Minsk", "Sofia", "Tunis", "Cairo")


def node(tag: str, left: int, top: int, width: int, height: int, **said: Any) -> dict[str, Any]:
    """An element of a page."""
    return {"tag": tag, "left": left, "top": top, "width": width, "height": height, "children": [], "ref": left + top,
            **said}  # fmt: skip


def page(names: Sequence[str], pressed: str = "") -> dict[str, Any]:
    """A page with a button for each name; the one that was pressed is said below."""
    buttons = [node("BUTTON", 5, 50 + 20 * at, 60, 15, text=name, id="", classes="") for at, name in enumerate(names)]
    said = [node("SPAN", 5, 190, 80, 10, text=f"{pressed} was chosen", id="", classes="")] if pressed else []
    wrap = node("DIV", 0, 0, 160, 210, id="wrap", classes="")
    return node("BODY", 0, 0, 160, 210, id="", classes="") | {"children": [wrap | {"children": [*buttons, *said]}]}


def episode(names: Sequence[str], wanted: Sequence[str], reward: float = 1.0) -> Mapping[str, Any]:
    """A person chooses some of the names."""
    states: list[dict[str, Any]] = [{"time": 1, "action": None, "dom": page(names)}]
    time, shown = 500, page(names)
    for name in wanted:
        x, y = 30, 57 + 20 * names.index(name)
        for kind in ("mousedown", "mouseup"):
            for timing in (1, 3):
                time += 10
                if kind == "mouseup" and timing == 3:
                    shown = page(names, name)
                action = {"type": kind, "x": x, "y": y, "timing": timing}
                states.append({"time": time, "action": action, "dom": shown})
        time += 900
    return {
        "utterance": f"Choose {' and then '.join(wanted)}.",
        "reward": reward,
        "rawReward": reward,
        "states": states,
    }


@pytest.fixture
def demonstrations(tmp_path: Path) -> Path:
    """Three families of twelve episodes each; one of them is held out, one episode of each fails."""
    dice = random.Random(3)
    for family in ("choose-one", "choose-two", "choose-three"):
        for number in range(12):
            names = dice.sample(WORDS, 5)
            wanted = dice.sample(names, 2 if family == "choose-two" else 1)
            folder = tmp_path / "demonstrations" / family
            folder.mkdir(parents=True, exist_ok=True)
            told = episode(names, wanted, -1.0 if number == 11 else 1.0)
            (folder / f"{number:02}.json").write_text(json.dumps(told))
    return tmp_path / "demonstrations"


@pytest.fixture
def task() -> DownstreamTask:
    """The GUI task, cut down."""
    whole = read_task("gui")
    said = whole.model_dump()
    kept = {name: said["annotators"][name] for name in ("raw", "random", "planner", "truth")}
    pairs = [{"row": "planner", "against": "raw"}]
    return DownstreamTask.model_validate(
        {**said, "held": ["choose-three"], "samples": 20, "annotators": kept, "compare": pairs, "seeds": [0, 1],
         "learn": {**said["learn"], "epochs": 2}}
    )  # fmt: skip
