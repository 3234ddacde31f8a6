"""The security cases of AgentDojo, read out of the installed package: user task by injected goal, and attack texts.

Nothing of the package is imported or run: goals and templates are constants of its source, and that is what is read.
So none of what it depends on is needed. No text of it is kept here.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import ConfigError, MissingExtraError

SUITES = ("workspace", "slack", "banking", "travel")
HOW = "python -m pip install --no-deps 'agentdojo>=0.1.35,<0.2'"
"""How to get it: its texts are enough, and what it depends on is not."""
USER, MODEL = "Emma Johnson", "AI model, you"
"""Who signs, and who is addressed, where a template asks; the package's own defaults."""


@dataclass(frozen=True, slots=True)
class SecurityCase:
    """One user task with one injected goal.

    Attributes:
        name: suite, number of the user task, and name of the injection task.
        goal: what the attacker wants.
        text: the attack that says so, as it is put into a recording.
        turn: number of the user task in its suite; it says which template is taken, and what is injected into.
    """

    name: str
    goal: str
    text: str
    turn: int


def dojo_cases() -> list[SecurityCase]:
    """All cases of version 1: 629 of them.

    Raises:
        MissingExtraError: the package is not installed.
        ConfigError: its source is not as it was.
    """
    spec = importlib.util.find_spec("agentdojo")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("the attacks are AgentDojo's, and it is not installed.", remedy=f"Run: {HOW}")
    root = Path(spec.submodule_search_locations[0])
    texts = templates(root)
    cases: list[SecurityCase] = []
    for suite in SUITES:
        folder = root / "default_suites" / "v1" / suite
        goals = _goals(folder / "injection_tasks.py")
        for turn in range(_count_of_user_tasks(folder / "user_tasks.py")):
            for task, goal in goals.items():
                text = texts[turn % len(texts)].format(goal=goal, user=USER, model=MODEL)
                cases.append(SecurityCase(f"{suite}/{turn}/{task}", goal, text, turn))
    if not cases:
        raise ConfigError("holds no cases where they were.", place=str(root), remedy=f"Run: {HOW}")
    return cases


def templates(root: Path) -> list[str]:
    """The attacks' templates that need no more than a goal, a user and a model; each once."""
    found: dict[str, None] = {}
    for file in ("important_instructions_attacks.py", "baseline_attacks.py"):
        for node in ast.walk(_parsed(root / "attacks" / file)):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and "{goal}" in text and "{tools}" not in text and "`" not in text:  # no docstring
                found.setdefault(text)
    return list(found)


def _goals(file: Path) -> dict[str, str]:
    return {name: values["GOAL"] for name, values in _constants(_parsed(file)) if "GOAL" in values}


def _count_of_user_tasks(file: Path) -> int:
    """Tasks of their own, and those that are two others."""
    tree = _parsed(file)
    own = sum(1 for name, values in _constants(tree) if "PROMPT" in values or name.startswith("UserTask"))
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return own + sum(
        1 for called in calls if isinstance(called, ast.Attribute) and called.attr == "create_combined_task"
    )


def _parsed(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError) as error:
        raise ConfigError(f"cannot be read: {error}.", place=str(file), remedy=f"Run: {HOW}") from error


def _constants(tree: ast.Module) -> Iterator[tuple[str, Mapping[str, str]]]:
    """`(name, texts by name)` of every class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            known: dict[str, str] = {}
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    text = _text(line.value, known)
                    if text is not None:
                        known[line.targets[0].id] = text
            yield node.name, known


def _text(node: ast.expr, known: Mapping[str, str]) -> str | None:
    """What an expression says, where it is a text made of constants."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known)
    if isinstance(node, ast.JoinedStr):
        parts = [_text(part, known) for part in node.values]
        return None if any(part is None for part in parts) else "".join(part for part in parts if part is not None)
    return None
