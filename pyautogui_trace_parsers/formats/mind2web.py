"""Mind2Web: tasks on real web pages, each action with its operation and the elements it went to (JSON or JSONL).

Rectangles are pixels of the whole rendered page, whose size the file does not say. The page's HTML and the pictures of
the raw dump are not read; the candidates that are wrong answers (`neg_candidates`) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.elements import Box, box_of, element_name, only, tidy
from pyautogui_trace_parsers.files import loads
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Space, Target, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, coordinate, records

NAME = "mind2web"
SUMMARY = "Mind2Web: web tasks with operations and page elements (JSON list, one task, or JSONL)"

PAGE = Space("px", origin="page")

_VERBS: dict[str, Verb] = {
    "CLICK": "click",
    "TYPE": "write",
    "SELECT": "select",
    "HOVER": "move",
    "ENTER": "press",
}
_REPRESENTATION = re.compile(r"\s*\[(?P<role>[^\]]{0,80})\]\s*(?P<name>.*?)\s*->\s*[A-Z]+(?::.*)?", re.DOTALL)


def refuses(path: Path) -> str | None:
    """None for tasks that have `confirmed_task` and `actions`."""
    record = look(path).record
    if "confirmed_task" in record and isinstance(record.get("actions"), list):
        return None
    return "its first record has no 'confirmed_task' with 'actions'"


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
    for record in records(path):
        yield _task(path, record)


def _task(path: Path, record: Record) -> Trace:
    problems: list[Problem] = []
    actions = record.children("actions")
    representations = record.texts("action_reprs")
    if representations and len(representations) != len(actions):
        problems.append(Problem(record.source, f"{len(representations)} 'action_reprs' for {len(actions)} actions"))
    pairs = zip_longest(actions, representations[: len(actions)], fillvalue="")
    context = {key: record.text(key) for key in ("website", "domain", "subdomain") if record.has(key)}
    return Trace(
        format=NAME,
        root=str(path.absolute()),
        trace_id=record.text("annotation_id", ""),
        events=tuple(_event(cast("Record", action), text, problems) for action, text in pairs),
        annotations={"task": record.text("confirmed_task")},
        context=context,
        problems=tuple(problems),
    )


def _event(action: Record, representation: str, problems: list[Problem]) -> Event:
    operation = action.child("operation")
    name = operation.text("original_op", "") or operation.text("op")
    verb = _VERBS.get(name.upper(), "other")
    target = _target(action, representation)
    if target is None:
        uid = action.text("action_uid", "")
        problems.append(Problem(action.source, f"action {uid[:80]!r} has no element; it was kept without one"))
    return Event(
        verb,
        None,
        None,
        action.source,
        "index",
        box=target.box if target else None,
        space=PAGE,
        text=operation.text("value", "") if verb in {"write", "select"} else "",
        keys=("enter",) if verb == "press" else (),
        target=target,
        raw=clip(representation or str(operation.data)),
    )


def _target(action: Record, representation: str) -> Target | None:
    """The element the annotator acted on; the name and role are those of `action_reprs` when it says them."""
    candidates = [_object(action, value) for value in action.items("pos_candidates")]
    if not candidates:
        return None
    candidate = next((c for c in candidates if c.data.get("is_original_target") is True), candidates[0])
    attributes = _object(candidate, candidate.data.get("attributes", {}))
    said = _REPRESENTATION.fullmatch(representation)
    name = tidy(said["name"]) if said else ""
    role = tidy(said["role"]) if said else ""
    node = attributes.data.get("backend_node_id", candidate.data.get("backend_node_id"))
    return Target(
        name or element_name(attributes.data),
        role or candidate.text("tag", ""),
        _box(attributes),
        f'[backend_node_id="{node}"]' if isinstance(node, str | int) else "",
    )


def _object(record: Record, value: Any) -> Record:
    """Candidates and their attributes are objects, or texts that hold one."""
    if isinstance(value, str):
        value = loads(value, record.file, record.line)
    return Record(value, record.file, record.line)


def _box(attributes: Record) -> Box | None:
    """From `bounding_box_rect`, a text "x,y,width,height"; "-1,-1,-1,-1" is an element that is not shown."""
    text = attributes.text("bounding_box_rect", "")
    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise attributes.error(f"'bounding_box_rect' is {text[:80]!r}, not four numbers") from error
    if len(numbers) != 4:
        raise attributes.error(f"'bounding_box_rect' has {len(numbers)} numbers, not 4")
    x, y, width, height = (coordinate(n, attributes.file, attributes.line, "bounding_box_rect") for n in numbers)
    return box_of(x, y, width, height)
