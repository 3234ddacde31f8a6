"""Do the actions that `dataclaw run` extracts agree with the truth that comes with real traces?

The references are read here straight from the files, without our parsers: AgentNet's human-reduced events, pyautogui
codes, AgentNetBench's boxes, ScreenAgent's human-corrected answers, MiniWoB++'s browser events, Playwright's call log.
A reference action is found when a sample has an action of the same kind, in order, at the same place (inside its box,
or within 2 % of the screen's diagonal) or with the same text.

Run: python benchmarks/agreement.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import ast
import gzip
import json
import math
import re
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw.config import RunConfig
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from dataclaw.streams import discover

INTENT = "Extract the ordered UI actions with coordinates"
NEAR = 0.02
TIMES = {"double_click": 2, "triple_click": 3}
POINTER = {"click", "double_click", "right_click", "middle_click", "triple_click"}


@dataclass(frozen=True)
class Reference:
    """One action of the truth: kind, and a point (0..1), a box (0..1) or a text, as far as the truth has them."""

    kind: str
    point: tuple[float, float] | None = None
    box: tuple[float, float, float, float] | None = None
    text: str = ""


def agentnet_raw(folder: Path) -> Iterator[Reference]:
    meta = json.loads((folder / "metadata.json").read_text())
    width, height = meta["screen_width"], meta["screen_height"]
    for line in (folder / "reduced_events_complete.jsonl").read_text().splitlines():
        event = json.loads(line)
        kind = "right_click" if event.get("button") == "right" else event["action"]
        place = event.get("coordinate") or (event["trace"][0] if "trace" in event else None)
        yield Reference(kind, (place["x"] / width, place["y"] / height) if place else None, text=event.get("text", ""))


CALL = re.compile(r"pyautogui\.(\w+)\((.*?)\)(?=\n|$)", re.DOTALL)
KINDS = {"doubleClick": "double_click", "rightClick": "right_click", "dragTo": "drag", "typewrite": "write"}


def code_actions(code: str) -> Iterator[Reference]:
    cursor = None
    for name, arguments in CALL.findall(code):
        call = ast.parse(f"f({arguments})").body[0].value
        named = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
        plain = [ast.literal_eval(a) for a in call.args]
        point = (named["x"], named["y"]) if "x" in named else cursor
        if name == "moveTo":
            cursor = point
            continue
        text = str(named.get("message", plain[0] if plain and isinstance(plain[0], str) else ""))
        kind = KINDS.get(name, name)
        yield Reference(kind, cursor if kind == "drag" else point if kind in {*POINTER, "scroll"} else None, text=text)


def agentnet(file: Path) -> Iterator[Reference]:
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        for step in json.loads(line)["traj"]:
            yield from code_actions(step["value"]["code"])


def agentnetbench(file: Path) -> Iterator[Reference]:
    for step in json.loads(file.read_text())["steps"]:
        for action in step["ground_truth_actions"]:
            if action["type"] == "terminate":
                continue
            position = action["params"].get("position")
            boxes = (action.get("metadata") or {}).get("bboxes") or []
            x, y, w, h = boxes[0]["rel_bbox"] if boxes else (0, 0, 0, 0)
            text = action["params"].get("content") or action["params"].get("text") or ""
            point = (position["x"], position["y"]) if position else None
            yield Reference(action["type"], point, (x, y, x + w, y + h) if boxes else None, text)


def screenagent(folder: Path) -> Iterator[Reference]:
    for file in sorted(folder.glob("*_translate.json")):
        turn = json.loads(file.read_text())
        found = re.search(r"```json(.*?)```", turn.get("LLM_response_editer") or "", re.DOTALL)
        try:
            actions = json.loads(found[1]) if found else []
        except ValueError:
            actions = []  # a person's correction with a typing error in it
        for action in actions if isinstance(actions, list) else [actions]:
            yield from screenagent_action(action, turn["video_width"], turn["video_height"])


def screenagent_action(action: dict[str, Any], width: int, height: int) -> Iterator[Reference]:
    if action["action_type"] == "MouseAction" and action["mouse_action_type"] != "move":
        place = action.get("mouse_position")
        kind = action["mouse_action_type"].replace("scroll_down", "scroll").replace("scroll_up", "scroll")
        kind = "right_click" if kind == "click" and action.get("mouse_button") == "right" else kind
        yield Reference(kind, (place["width"] / width, place["height"] / height) if place else None)
    elif action["action_type"] == "KeyboardAction":
        text = action.get("keyboard_text", "")
        yield Reference("write" if text else "press", text=text)


def miniwob(file: Path) -> Iterator[Reference]:
    """Clicks that a button press preceded (the browser adds others, on labels), and what was typed between them."""
    with gzip.open(file) as packed:
        states = json.loads(packed.read())["states"]
    typed, pressed = "", False
    for state in states:
        action = state["action"] or {}
        if action.get("timing") != 1:
            continue
        kind = action["type"]
        typed = typed[:-1] if kind == "keydown" and action["keyCode"] == 8 else typed
        if kind == "keypress" and action.get("charCode", 0) >= 32:
            typed += chr(action["charCode"])
        leaves = kind == "mousedown" or (kind == "keydown" and action["keyCode"] in (9, 13))
        if leaves and typed:
            yield Reference("write", text=typed)
        typed, pressed = ("" if leaves else typed), pressed or kind == "mousedown"
        if kind == "click" and pressed:
            yield Reference("click", (action["x"] / 160, action["y"] / 210))
            pressed = False
    if typed:
        yield Reference("write", text=typed)


CALLS = {"goto": "navigate", "click": "click", "dblclick": "double_click", "fill": "write", "type": "write"}


def playwright(file: Path) -> Iterator[Reference]:
    with zipfile.ZipFile(file) as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".trace")):
            for line in archive.read(name).decode().splitlines():
                record = json.loads(line)
                kind = CALLS.get(record.get("method", "")) if record.get("type") in ("before", "action") else None
                if kind and record.get("class") in ("Frame", "Page", "Locator", "ElementHandle"):
                    yield Reference(kind, text=str(record["params"].get("url", record["params"].get("value", ""))))


READERS = {
    "agentnet_raw": agentnet_raw,
    "agentnet": agentnet,
    "agentnetbench": agentnetbench,
    "screenagent": screenagent,
    "miniwob": miniwob,
    "playwright": playwright,
}


def agrees(action: dict[str, Any], reference: Reference, size: tuple[float, float]) -> bool:
    verb, kind = action["verb"], reference.kind
    if verb != kind and not (verb in ("press", "hotkey") and kind in ("press", "hotkey", "key")):
        return False
    if reference.text and reference.text.strip().lower() not in str(action.get("text", "")).lower():
        return False
    if reference.point is None or "point" not in action:
        return reference.point is None or kind in ("scroll",)
    x, y = action["point"][0] / size[0], action["point"][1] / size[1]
    if reference.box and reference.box[0] <= x <= reference.box[2] and reference.box[1] <= y <= reference.box[3]:
        return True
    return math.dist((x, y), reference.point) <= NEAR * math.sqrt(2)


def found(actions: list[dict[str, Any]], truth: list[Reference], size: tuple[float, float]) -> int:
    """Longest common subsequence under `agrees`: what was found, in order."""
    if not any(r.kind in ("double_click", "triple_click") for r in truth):  # truth that counts every single click
        actions = [
            {**a, "verb": "click"} if a["verb"] in TIMES else a for a in actions for _ in range(TIMES.get(a["verb"], 1))
        ]
    table = [[0] * (len(truth) + 1) for _ in range(len(actions) + 1)]
    for i, action in enumerate(actions):
        for j, reference in enumerate(truth):
            same = table[i][j] + 1 if agrees(action, reference, size) else 0
            table[i + 1][j + 1] = max(same, table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def main(folder: Path) -> None:
    sources = [str(source) for source in discover([folder])]
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    rejected: list[str] = []
    with tempfile.TemporaryDirectory() as out:
        config = RunConfig(intent=INTENT, domain="gui", task="action_sequence")
        for news in run(prepare(config), sources, Path(out), workers=2):
            if news.outcome is None:
                continue
            if not news.outcome.samples:
                rejected.append(f"{Path(news.source).name}: {news.outcome.rejected[0]['reason']}")
            for sample in news.outcome.samples:
                row = totals[sample["stream"]["format"]]
                actions = sample["answer"]["actions"]
                truth = list(READERS[sample["stream"]["format"]](Path(news.source)))
                size = screen(sample)
                fields = sum(
                    1 for i, a in enumerate(actions) for k in a if f"/answer/actions/{i}/{k}" in sample["evidence"]
                )
                values = [row[0] + 1, row[1] + found(actions, truth, size), row[2] + len(truth), row[3] + len(actions)]
                totals[sample["stream"]["format"]] = [*values, row[4] + sum(len(a) for a in actions) - fields]
    print(f"{'source':16}{'samples':>8}{'found':>12}{'share':>8}{'actions':>9}{'fields without evidence':>25}")
    for name, (samples, hits, total, actions, bare) in sorted(totals.items()):
        share = hits / total if total else float("nan")
        print(f"{name:16}{samples:8}{f'{hits}/{total}':>12}{share:8.3f}{actions:9}{bare:25}")
    for line in rejected:
        print(f"rejected: {line}")


def screen(sample: dict[str, Any]) -> tuple[float, float]:
    return tuple(sample["stream"]["size"])


if __name__ == "__main__":
    default = Path(__file__).parents[2] / "shared" / "data" / "gui"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
