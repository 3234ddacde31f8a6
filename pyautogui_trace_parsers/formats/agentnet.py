"""AgentNet / OpenCUA trajectories: JSONL, one task a line, each step a picture and pyautogui code in fractions 0..1.

The picture shows the screen before the step. Thoughts, corrections and scores are annotations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.elements import only
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import UNIT, Event, Problem, Trace, replace_screen
from pyautogui_trace_parsers.record import Record, records

NAME = "agentnet"
SUMMARY = "AgentNet / OpenCUA trajectories: JSONL with task_id, instruction and traj of pyautogui code in 0..1"

_TASK_LABELS = (
    "task_completed",
    "alignment_score",
    "efficiency_score",
    "task_difficulty",
    "natural_language_task",
    "actual_task",
    "reason",
)
_STEP_LABELS = ("observation", "thought", "action", "reflection", "last_step_correct", "last_step_redundant")


def refuses(path: Path) -> str | None:
    """See `formats`."""
    record = look(path).record
    return None if isinstance(record.get("traj"), list) and "task_id" in record else "no task_id with a traj list"


def parse(path: Path) -> Trace:
    """The one task in the file.

    Raises:
        TraceError: the file is broken or holds several tasks.
    """
    return only(parse_many(path), path)


def parse_many(path: Path) -> Iterator[Trace]:
    """Every task, in order.

    Raises:
        TraceError: the file is broken; tasks before the break have been yielded.
    """
    for task in records(path):
        yield _task(path, task)


def _task(path: Path, task: Record) -> Trace:
    reader = CodeReader(UNIT, path.name)
    album = Album(path.parent)
    events: list[Event] = []
    problems: list[Problem] = []
    labels: list[dict[str, Any]] = []
    for step in task.children("traj"):
        value = step.child("value")
        made, refused = reader.read_step(value.text("code"), step.line)
        screen = album.add(step.text("image"), step.source) if step.has("image") else None
        events += replace_screen(made, screen)
        problems += refused + [problem for event in made if (problem := outside_unit(event))]
        labels.append({key: value.data[key] for key in _STEP_LABELS if key in value.data})
    context = {"failed": "its annotators say that the task was not completed"} if _not_completed(task) else {}
    annotations = {key: task.data[key] for key in _TASK_LABELS if key in task.data}
    if any(labels):
        annotations["steps"] = labels
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=task.text("task_id"),
        screens=tuple(album.screens),
        annotations={"task": task.text("instruction", ""), **annotations},
        context=context,
        problems=tuple(problems + album.problems),
    )


def _not_completed(task: Record) -> bool:
    return task.data.get("task_completed") is False


def outside_unit(event: Event) -> Problem | None:
    """The problem of a point that is not in 0..1, although the format says that all are."""
    values = [value for point in (event.point, event.end_point) if point for value in point]
    if all(0 <= value <= 1 for value in values):
        return None
    return Problem(event.source, f"{event.verb} at {values} is not in 0..1; kept as written")
