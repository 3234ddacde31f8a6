"""Scoring what any agent predicted on AgentNetBench's tasks, by both scorers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.downstream.gui.step_score import CLEAN, PUBLIC, StepAction, read_reference
from dataclaw.strict import load_json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads, read_text

LARGEST = 64 * 2**20
"""Largest file that is read [bytes]."""


@dataclass(frozen=True, slots=True)
class Navigation:
    """How well an agent navigates.

    Attributes:
        strict: share of steps that are wholly right (SSR).
        soft: mean score of the steps.
        tasks: share of tasks with every step right (TSR).
        steps: how many steps.
        episodes: how many tasks.
        missing: steps without a prediction, which score 0.
    """

    strict: float
    soft: float
    tasks: float
    steps: int
    episodes: int
    missing: int


def score_predictions(bench: Path, predictions: Path) -> dict[str, Navigation]:
    """SSR and TSR of predictions, by the scorer without defects ("clean") and the public one ("public").

    Args:
        bench: a task of AgentNetBench, or a folder of them.
        predictions: JSONL, a line a step: `task_id`, `step_num`, and `actions` as the bench writes its own
            (`type`, `params`).

    Raises:
        UsageError: there are no tasks.
        ConfigError: a file is none, or a line is damaged.
    """
    predicted = dict(_predictions(predictions))
    files = sorted(bench.glob("**/*.json")) if bench.is_dir() else [bench]
    scores: dict[str, dict[str, list[float]]] = {"clean": {}, "public": {}}
    missing = 0
    for file in files:
        task = _json(file)
        name = str(task.get("task_id", file.stem))
        for step in cast("list[dict[str, Any]]", task.get("steps") or []):
            options = [step["ground_truth_actions"], *step.get("alternative_options", ())]
            references = [[read_reference(one, str(file)) for one in option] for option in options]
            done = predicted.get((name, int(step["step_num"])))
            missing += done is None
            for scorer, way in (("clean", CLEAN), ("public", PUBLIC)):
                scores[scorer].setdefault(name, []).append(way.score(done or [], references))
    if not scores["clean"]:
        raise UsageError(f"no task of AgentNetBench in {bench}.", remedy="Name its folder, or one of its JSON files.")
    return {name: _navigation(some, missing) for name, some in scores.items()}


def _navigation(scores: Mapping[str, Sequence[float]], missing: int) -> Navigation:
    steps = [score for some in scores.values() for score in some]
    whole = [all(score >= 1.0 for score in some) for some in scores.values()]
    strict = sum(score >= 1.0 for score in steps) / len(steps)
    return Navigation(strict, sum(steps) / len(steps), sum(whole) / len(whole), len(steps), len(whole), missing)


def _predictions(file: Path) -> Iterator[tuple[tuple[str, int], list[StepAction]]]:
    for number, line in enumerate(_text(file).splitlines(), 1):
        place = f"{file}:{number}"
        try:
            row = load_json(line)
            actions = [read_reference(action, place) for action in row["actions"]]
            yield (str(row["task_id"]), int(row["step_num"])), actions
        except (ValueError, KeyError, TypeError) as error:
            remedy = "A line has task_id, step_num and actions."
            raise ConfigError(f"no prediction: {type(error).__name__} {error}.", place=place, remedy=remedy) from None


def _json(file: Path) -> dict[str, Any]:
    try:
        said: Any = loads(_text(file), str(file))
    except TraceError as error:
        raise ConfigError(f"no JSON: {error.reason}.", place=str(file), remedy="Leave it out.") from None
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _text(file: Path) -> str:
    try:
        return read_text(file, LARGEST)
    except TraceError as error:
        raise ConfigError(f"cannot be read: {error.reason}.", place=str(file), remedy="Check the path.") from None
