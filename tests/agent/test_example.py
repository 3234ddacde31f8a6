"""The example of a draft in a task's prompt: of another recording, shortened, and of the task's own form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from dataclaw.agent.prompts.example import ITEMS, example_of
from dataclaw.domain import Task
from dataclaw.plugins import load_domain
from dataclaw.schema import citations

DOMAINS = ("aigc", "daily", "education", "embodied", "gui")


TASKS = [task for name in DOMAINS for task in load_domain(name).tasks.values()]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.domain}.{task.name}")
def test_an_example_has_the_form_of_its_task_but_for_how_many_there_are(task: Task) -> None:
    told = example_of(task)
    draft = json.loads(told.strip().split("\n")[-1])["args"]["draft"]
    broken = [error for error in Draft202012Validator(task.schema).iter_errors(draft) if error.validator != "minItems"]
    assert [error.message for error in broken] == []
    shown = {line.split("|")[0] for line in told.split("\n") if "|" in line}
    cited = {name for name in citations(draft) if name[0] == "e" and name[1:].isdigit()}
    assert cited <= shown
    assert all(len(value) <= ITEMS for value in lists_of_objects(draft))


def lists_of_objects(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from lists_of_objects(item)
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        if any(isinstance(item, dict) for item in items):
            yield items
        for item in items:
            yield from lists_of_objects(item)
