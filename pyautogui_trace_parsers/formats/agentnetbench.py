"""AgentNetBench: one JSON file a task, each step a picture, the human's pyautogui code (0..1) and accepted answers.

The accepted answers (boxes, alternatives, milestones) and the inner monologue are annotations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.files import read_json
from pyautogui_trace_parsers.formats.agentnet import outside_unit
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import UNIT, Event, Problem, Trace, replace_screen
from pyautogui_trace_parsers.record import Record

NAME = "agentnetbench"
SUMMARY = "AgentNetBench task: JSON with steps of pyautogui code in 0..1, accepted answers and milestones"

_STEP_LABELS = ("step_num", "milestone", "inner_monologue", "ground_truth_actions", "alternative_options")


def refuses(path: Path) -> str | None:
    """See `formats`."""
    claimed = {"action", "ground_truth_actions"} <= look(path).first("steps").keys()
    return None if claimed else "no steps with action and ground_truth_actions"


def parse(path: Path) -> Trace:
    """The task in the file.

    Raises:
        TraceError: the file is broken.
    """
    task = Record(read_json(path), path.name, 0)
    reader = CodeReader(UNIT, path.name)
    album = Album(path.parent)
    events: list[Event] = []
    problems: list[Problem] = []
    labels: list[dict[str, Any]] = []
    for index, value in enumerate(task.items("steps")):
        step = Record(value, path.name, index)
        made, refused = reader.read_step(step.text("action"), index)
        screen = album.add(step.text("image"), step.source) if step.has("image") else None
        events += replace_screen(made, screen)
        problems += refused + [problem for event in made if (problem := outside_unit(event))]
        labels.append({key: step.data[key] for key in _STEP_LABELS if key in step.data})
    task_text = task.text("user_task_description", "") or task.text("high_level_task_description", "")
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=task.text("task_id", ""),
        screens=tuple(album.screens),
        annotations={
            "task": task_text,
            "high_level_task": task.text("high_level_task_description", ""),
            "steps": labels,
        },
        problems=tuple(problems + album.problems),
    )
