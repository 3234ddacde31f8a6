"""Do the samples of the GUI domain say what was done, and at each step only what was seen by then?

Three things that need no judgement: how many actions with a pointer name what they went to (a name off the recording
or the screen, or a text that it stands beside; "an unlabelled spot" is none), how many steps quote in their observation
or thought a text that is first seen after them (must be none), and how much of the task's own words (never shown to the
planner) stands in the goal where they name values. Fragments are compared with the order in which they were published,
and with the order in which a trace was cut. Which actions agree with the recorded ones is in `agreement.py`.

Run: python benchmarks/agreement_gui.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, Sample, row_of, samples_of, table
from dataclaw import tailor

SOURCES = ("screenagent/*", "agentnet_pyautogui_settings", "agentnetbench_*", "agentnet_raw_*", "playwright_traces/*")
INTENTS = {
    "action_sequence": "everything",
    "navigation_sft": "training steps for a GUI agent with thoughts and code",
    "test_steps": "test steps for an agent",
}
A_FAMILY = 4
"""Demonstrations taken of each MiniWoB family."""
LATE = 0.05
"""A text seen this much after a step is seen later [s]."""
VALUES = re.compile(r'"([^"]+)"|(\d\d/\d\d/\d{4})|^Select (.+?) (?:and click|from the list|with)')
"""What MiniWoB's requests say to enter or to choose: quoted texts, dates, a list of names."""


def rows(data: Path) -> Iterator[Row]:
    """Every GUI source with the tasks that follow a trace, the MiniWoB families, and the fragments."""
    gui = data / "gui"
    for pattern in SOURCES:
        paths = sorted(gui.glob(pattern))
        for task, intent in INTENTS.items():
            outcomes = tailor([str(path) for path in paths], intent, domain="gui", task=task)
            samples = samples_of(outcomes)
            truth, agreement = MEASURES[task](samples) if samples else ("", "")
            yield row_of(f"gui/{pattern}", f"gui.{task}", outcomes, truth, agreement)
    families = [path for folder in sorted((gui / "miniwob_families").iterdir()) for path in _some(folder)]
    outcomes = tailor(
        [str(path) for path in families], INTENTS["action_sequence"], domain="gui", task="action_sequence"
    )
    samples = samples_of(outcomes)
    agreement = f"{values_said(samples)}; {targets_named(samples)[1]}"
    truth = "values in the request, which the planner is not shown"
    yield row_of("gui/miniwob_families", "gui.action_sequence", outcomes, truth, agreement)
    yield _published(data / "paper_cases/gui_shopping")


def _some(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.iterdir() if path.name.endswith(".json.gz"))
    return paths[:: max(1, len(paths) // A_FAMILY)][:A_FAMILY]


def targets_named(samples: Sequence[Sample]) -> tuple[str, str]:
    """Actions with a pointer whose target is a name or stands beside one."""
    pointed = [
        a for s in samples for a in s["answer"]["actions"] if "point" in a and a["verb"] not in {"scroll", "move"}
    ]
    named = [a for a in pointed if not a.get("target", "an unlabelled").startswith("an unlabelled")]
    return "the screen before the action", f"{len(named)} of {len(pointed)} targets named"


def hindsight(samples: Sequence[Sample]) -> tuple[str, str]:
    """Steps that quote what is first seen after them."""
    late = steps = 0
    for sample in samples:
        for at, step in enumerate(sample["answer"]["steps"]):
            steps += 1
            late += _quotes_later(sample, at, step)
    return "times at which texts were read", f"{late} of {steps} steps quote what is seen only later"


def _quotes_later(sample: Sample, at: int, step: dict[str, Any]) -> bool:
    ids = sample["evidence"].get(f"/answer/steps/{at}/action", ())
    cited = [sample["anchors"][name] for name in ids if name in sample["anchors"]]
    now = next((a["t0"] for a in cited if a["kind"] == "event"), None)
    if now is None:
        return False
    for said in re.findall(r'"([^"]{2,})"', f"{step['observation']} {step['thought']}"):
        times = [a["t0"] for a in sample["anchors"].values() if _holds(a, said)]
        if times and min(times) > now + LATE:
            return True
    return False


def _holds(anchor: dict[str, Any], said: str) -> bool:
    texts = [anchor["content"], *(str(anchor.get("attrs", {}).get(key) or "") for key in ("text", "target", "window"))]
    wanted = said.casefold().replace(" ", "")  # two words are easily read as one
    return any(wanted in text.casefold().replace(" ", "") for text in texts)


def expectations(samples: Sequence[Sample]) -> tuple[str, str]:
    """Test steps that say what is to be seen, and how many of them name something."""
    steps = [step for sample in samples for step in sample["answer"]["steps"]]
    told = [step["expected"] for step in steps if step.get("expected")]
    quoting = sum('"' in said for said in told)
    return "", f"{len(told)} of {len(steps)} steps have an expected result, {quoting} of them quote what is seen"


MEASURES = {"action_sequence": targets_named, "navigation_sft": hindsight, "test_steps": expectations}


def values_said(samples: Sequence[Sample]) -> str:
    """Texts, dates and names of the request that stand in the goal."""
    said = wanted = 0
    for sample in samples:
        request = json.loads(gzip.decompress(Path(sample["stream"]["path"]).read_bytes()))["utterance"]
        found = [
            value for groups in VALUES.findall(request) for group in groups for value in group.split(", ") if value
        ]
        goal = sample["answer"]["goal"]["text"].casefold()
        said, wanted = said + sum(value.casefold() in goal for value in found), wanted + len(found)
    return f"{said} of {wanted} such values in the goal"


def _published(folder: Path) -> Row:
    """The order of the published case."""
    case = json.loads((folder / "case.json").read_text())["reference"]
    task = "long_horizon_reconstruction"
    outcomes = tailor(str(folder), "order these fragments into one long task", domain="gui", task=task)
    samples = samples_of(outcomes)
    if not samples:
        return row_of("paper_cases/gui_shopping", f"gui.{task}", outcomes, "case.json", "")
    order, truth = samples[0]["answer"]["ordered_fragment_labels"], case["ordered_fragment_labels"]
    pairs = [(a, b) for a, b in combinations(truth, 2) if a in order and b in order]
    right = sum(order.index(a) < order.index(b) for a, b in pairs)
    wanted = set(re.findall(r"\w+", case["original_task"].casefold()))
    there = wanted & set(re.findall(r"\w+", samples[0]["answer"]["original_task"].casefold()))
    agreement = f"{right} of {len(pairs)} pairs in order, the same fragments kept: {set(order) == set(truth)}"
    agreement += f"; {len(there)} of {len(wanted)} words of the published task"
    return row_of("paper_cases/gui_shopping", f"gui.{task}", outcomes, "case.json", agreement)


if __name__ == "__main__":
    sample_data = Path(__file__).resolve().parents[2] / "shared/data"
    print(table(rows(Path(sys.argv[1]) if len(sys.argv) > 1 else sample_data)))
