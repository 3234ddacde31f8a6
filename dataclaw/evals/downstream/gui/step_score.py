"""How right a predicted step of a GUI agent is: the public AgentNetBench score, and the same without its defects.

Both merge text and Enter, compare actions place by place, take a click for right inside a reference's box or nearly at
its point, a text by its edits, and the best of all references. The public scorer (OpenCUA, `evaluation/agentnetbench`)
has four known defects, which `PUBLIC` keeps, so that its numbers compare with published ones: a scroll scores 1
whatever its direction, actions beyond the reference's are ignored, keys count as a set, and a middle click scores 0.
A fifth, that it writes into the reference, changes no score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from rapidfuzz.distance import Levenshtein

from dataclaw.errors import ConfigError

NEAR = 0.01 * math.sqrt(2.0)
"""A click no farther from the reference's point is right (shares of the screen)."""
FADES = 120.0
"""How fast the score of a click falls beyond that."""
LIKE = 0.8
"""A text that is so alike is right."""
BREAK = 0.9
"""What a text is worth that is sent where the reference is not, or the other way round."""
CLICKS = frozenset({"click", "doubleclick", "rightclick", "tripleclick", "moveto", "dragto"})
MIDDLE = "middleclick"
TEXTS = frozenset({"write", "select"})
"""Kinds that are compared by their text; `select` (an option of a list) is ours."""
KEYS = frozenset({"press", "hotkey"})
ENTER = frozenset({"enter", "return"})
DONE = "terminate"
UnitBox: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height, in shares of the screen."""


@dataclass(frozen=True, slots=True)
class StepAction:
    """One action of an agent, or of the reference.

    Attributes:
        kind: as AgentNetBench spells it, in lower case: click, write, press, hotkey, scroll, terminate, ...
        point: x and y in shares of the screen, where it has a place.
        text: what is written or chosen; the status of `terminate`.
        keys: names of keys, in order.
        amount: of a scroll; up is positive.
        boxes: where a click is right as well; of references.
    """

    kind: str
    point: tuple[float, float] | None = None
    text: str = ""
    keys: tuple[str, ...] = ()
    amount: float = 0.0
    boxes: tuple[UnitBox, ...] = ()


@dataclass(frozen=True, slots=True)
class StepScorer:
    """A way to score.

    Attributes:
        defects: keep the public scorer's.
    """

    defects: bool = False

    def score(self, predicted: Sequence[StepAction], references: Sequence[Sequence[StepAction]]) -> float:
        """The score of a step, 0..1: the best over its references (the human's actions and their alternatives).

        Args:
            predicted: what the agent does at the step, in order.
            references: what is right, each a sequence of actions, one at least.
        """
        return max(self._against(_with_breaks(predicted), _with_breaks(reference)) for reference in references)

    def _against(self, predicted: Sequence[StepAction], reference: Sequence[StepAction]) -> float:
        if not predicted or not reference:
            return 0.0
        extra = 1.0 if self.defects else min(1.0, len(reference) / len(predicted))
        if reference[0].kind == DONE:
            return extra * (predicted[0].kind == DONE and predicted[0].text == reference[0].text)
        if predicted[0].kind not in {one.kind for one in reference}:
            return 0.0
        scores: dict[str, list[float]] = {}
        for at, right in enumerate(reference):
            done = predicted[at] if at < len(predicted) else None
            same = done is not None and done.kind == right.kind
            scores.setdefault(right.kind, []).append(self._alike(cast("StepAction", done), right) if same else 0.0)
        means = [sum(some) / len(some) for some in scores.values()]
        return extra * sum(means) / len(means)

    def _alike(self, done: StepAction, right: StepAction) -> float:
        if right.kind in CLICKS or (right.kind == MIDDLE and not self.defects):
            return _place(done, right)
        if right.kind in TEXTS:
            return _text(done.text, right.text, self.defects)
        if right.kind in KEYS:
            return float(_keys(done, self.defects) == _keys(right, self.defects))
        if right.kind == "scroll":
            return float(self.defects or (done.amount > 0) == (right.amount > 0))
        return 0.0


PUBLIC, CLEAN = StepScorer(defects=True), StepScorer()


def _with_breaks(actions: Sequence[StepAction]) -> list[StepAction]:
    """Enter after a text is a line break at its end."""
    found: list[StepAction] = []
    for action in actions:
        before = found[-1] if found else None
        sends = action.kind in KEYS and len(action.keys) == 1 and action.keys[0].lower() in ENTER
        if before and before.kind == "write" and sends and not before.text.endswith("\n"):
            found[-1] = replace(before, text=f"{before.text}\n")
        else:
            found.append(action)
    return found


def _place(done: StepAction, right: StepAction) -> float:
    if done.point is None or right.point is None:
        return 0.0
    x, y = done.point
    if any(left <= x <= left + width and top <= y <= top + height for left, top, width, height in right.boxes):
        return 1.0
    apart = math.dist(done.point, right.point)
    return 1.0 if apart <= NEAR else math.exp(-FADES * (apart - NEAR))


def _text(done: str, right: str, defects: bool) -> float:
    """Likeness of two texts, letter case aside; the public scorer strips the line break before it looks for it."""
    said, asked = done.lower().strip(), right.lower().strip()
    alike = Levenshtein.normalized_similarity(said, asked)
    if not defects and done.endswith("\n") != right.endswith("\n"):
        alike *= BREAK
    return 1.0 if alike >= LIKE else alike / LIKE


def _keys(action: StepAction, defects: bool) -> object:
    names = [name.lower() for name in action.keys]
    if defects:
        return frozenset(names)
    return (frozenset(names[:-1]), names[-1:]) if action.kind == "hotkey" else names


def read_reference(said: Mapping[str, Any], place: str) -> StepAction:
    """An action as AgentNetBench's files hold it: type, params, metadata with boxes.

    Raises:
        ConfigError: it is none.
    """
    try:
        params: dict[str, Any] = dict(said.get("params") or {})
        extra: dict[str, Any] = dict(said.get("metadata") or {})
        boxes = cast("list[dict[str, Any]]", extra.get("bboxes") or [])
        at: Any = params.get("position")
        amount = params.get("amount", params.get("pixels"))
        return StepAction(
            kind=str(said["type"]).lower(),
            point=(float(at["x"]), float(at["y"])) if at else None,
            text=str(params.get("content") or params.get("text") or params.get("status") or ""),
            keys=_names(params.get("keys")),
            amount=0.0 if amount is None else float(amount),
            boxes=tuple(_box(box["rel_bbox"]) for box in boxes),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"no action of AgentNetBench: {type(error).__name__} {error}."
        raise ConfigError(problem, place=place, remedy="It has type, params and metadata.") from None


def _names(said: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", said))) if isinstance(said, list) else (str(said),) if said else ()


def _box(sides: Sequence[float]) -> UnitBox:
    left, top, width, height = map(float, sides)
    return left, top, width, height
