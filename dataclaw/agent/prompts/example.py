"""An example of a draft for a task's prompt: the first gold answer of the domain's fixtures, shortened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from dataclaw.agent.steps import SUBMIT, action_text
from dataclaw.domain import Task
from dataclaw.schema import citations
from dataclaw.strict import load_json
from dataclaw.tools.view import plain
from dataclaw.types import Action, Json

ITEMS = 2
"""Entries of a list of objects that an example shows; boxes, orders and the like stay whole."""
LONGEST = 4000
"""Longest line of fixtures that an example is taken from [characters, a hundredfold]."""


def example_of(task: Task) -> str:
    """A shortened draft of another recording, with the events that it cites; "" where the domain has none."""
    return _example(task.fixtures, task.name) if task.fixtures else ""


@cache
def _example(file: Path, task: str) -> str:
    row = _first_row(file, task)
    if row is None:
        return ""
    draft = _shorten(row["gold"])
    events = cast("list[Mapping[str, Json]]", cast("Mapping[str, Json]", row["stream"]).get("events") or [])
    cited = [name for name in citations(draft) if name[0] == "e" and name[1:].isdigit() and int(name[1:]) < len(events)]
    facts = "\n".join(f"{name}|{_event(events[int(name[1:])])}" for name in dict.fromkeys(cited))
    shown = f"\nFacts it cites:\n{facts}" if facts else ""
    action = action_text(Action(SUBMIT, {"draft": draft}))
    intent = plain(str(row.get("intent", "")), 300)
    return f"\nAn example, of another recording and shortened\nRequest: {intent}{shown}\n{action}\n"


def _first_row(file: Path, task: str) -> Mapping[str, Json] | None:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = load_json(line) if len(line) < 100 * LONGEST and line.strip() else None
            if isinstance(row, dict) and row.get("task") == task and isinstance(row.get("gold"), dict):
                return cast("Mapping[str, Json]", row)
    return None


def _shorten(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: item if key == "cite" else _shorten(item) for key, item in cast("dict[str, Json]", value).items()}
    items: list[Json] = cast("list[Json]", value) if isinstance(value, list) else []
    if items and isinstance(items[0], dict):
        return [_shorten(item) for item in items[:ITEMS]]
    return cast("Json", value)


def _event(event: Mapping[str, Json]) -> str:
    told = (str(event.get(key) or "") for key in ("kind", "target", "text", "window"))
    return plain(f"{event.get('t0', 0)}|{' '.join(filter(None, told))}")
