"""The next action as a choice: every element to click, every words of the task to write, a few keys, and the end.

A screen and a task become a `ChoicePoint` for the small base network; what it chooses becomes an action again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dataclaw.choosing import ChoicePoint
from dataclaw.evals.downstream.gui.demonstrations import SUCCESS, Element, smallest_at, unit_point
from dataclaw.evals.downstream.gui.step_score import CLEAN, CLICKS, DONE, KEYS, TEXTS, StepAction
from dataclaw.planning import OPTION
from dataclaw.types import Anchor, Json

POINT, TASK = "downstream.gui", "next_action"
LONGEST = 4
"""Most words of the task that are written together, quotations aside."""
MOST_TEXTS = 120
BEFORE = 4
"""So many words before a text say what it is for."""
PRESSED = ("enter", "tab", "backspace")
"""Keys that may be pressed."""
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')
_WORD = re.compile(r"[^\s\"“”]+")
_EDGE = ".,;:!?()"


@dataclass(frozen=True, slots=True)
class Situation:
    """What an agent is asked: a screen, the task, what it did before.

    Attributes:
        task: the task in words.
        elements: what is on the screen.
        size: width and height of the screen [px].
        past: what was done before, the last at the end, as `(action, element)`.
    """

    task: str
    elements: Sequence[Element]
    size: tuple[int, int]
    past: Sequence[tuple[StepAction, Element | None]] = ()


@dataclass(frozen=True, slots=True)
class Moves:
    """The choice of a scene's next action.

    Attributes:
        point: what the network is asked.
        actions: what each option does, by id.
        elements: what each option clicks, by id.
    """

    point: ChoicePoint
    actions: Mapping[str, StepAction]
    elements: Mapping[str, Element] = field(default_factory=dict[str, Element])

    def fitting(self, done: StepAction) -> str:
        """The option that does the same as an action; "" for none."""
        if done.kind in CLICKS and done.point is not None:
            return self._click(done)
        scores = {name: CLEAN.score([action], [[done]]) for name, action in self.actions.items()}
        best = max(scores, key=lambda name: scores[name], default="")
        return best if best and scores[best] >= 1.0 else ""

    def _click(self, done: StepAction) -> str:
        """The smallest element under the point, or the one whose box the action names."""
        assert done.point is not None
        inside = [name for name, action in self.actions.items()
                  if action.kind == done.kind and any(_holds(box, done.point) for box in action.boxes)]  # fmt: skip
        named = [name for name in inside if set(self.actions[name].boxes) & set(done.boxes)]
        return min(named or inside, key=lambda name: self.actions[name].boxes[0][2] * self.actions[name].boxes[0][3],
                   default="")  # fmt: skip


def moves_of(scene: Situation) -> Moves:
    """Every action that may come next."""
    actions: dict[str, StepAction] = {}
    elements: dict[str, Element] = {}
    anchors: list[Anchor] = []

    def add(action: StepAction, content: str, **attrs: Json) -> str:
        name = f"o{len(actions)}"
        actions[name] = action
        at = float(len(anchors))
        anchors.append(Anchor(name, OPTION, content, at, at, attrs={"verb": action.kind, **attrs}))
        return name

    for element in scene.elements:
        left, top, right, bottom = element.box
        box = (left / scene.size[0], top / scene.size[1], (right - left) / scene.size[0],
               (bottom - top) / scene.size[1])  # fmt: skip
        centre = unit_point(((left + right) / 2, (top + bottom) / 2), scene.size)
        click = StepAction("click", centre, boxes=(box,))
        elements[add(click, element.name, target=element.name, role=f"<{element.role}>", label=_mark(element, scene),
                     window=f"holds {element.value}" if element.value else "<empty>")] = element  # fmt: skip
    field_name = _field(scene)
    for text, before in _texts(scene.task):
        if field_name is not None:
            add(StepAction("write", text=text), text, target=f"into {field_name}", window=f"after {before}")
    for text, before in _texts(scene.task) if _has_list(scene) else ():
        add(StepAction("select", text=text), text, target="<list>", window=f"after {before}")
    for key in PRESSED:
        add(StepAction("press", keys=(key,)), f"<{key}>", target=f"in {field_name or '<nothing>'}", label=_last(scene))
    add(SUCCESS, "<end>", target=f"<done{min(len(scene.past), 9)}>", label=_last(scene))
    options = tuple(anchors)
    return Moves(ChoicePoint(POINT, TASK, scene.task, options, (), "one"), actions, elements)


def _mark(element: Element, scene: Situation) -> str:
    """Whether an element was acted on before: "<last>" by the last action, "<before>" by an earlier one."""
    for at, (_, other) in enumerate(reversed(scene.past)):
        if other and (other.name, other.role) == (element.name, element.role):
            return "<last>" if at == 0 else "<before>"
    return "<fresh>"


def _last(scene: Situation) -> str:
    """What the last action was, in words."""
    if not scene.past:
        return "<nothing> <yet>"
    action, element = scene.past[-1]
    return f"<after> <{action.kind}> {element.name if element else action.text} {' '.join(action.keys)}"


def _field(scene: Situation) -> str | None:
    """Name of the field that has the keyboard: the one clicked last, if no key left it; None where none has."""
    for action, element in reversed(scene.past):
        if action.kind in KEYS and "tab" in action.keys:
            return ""
        if element is not None:
            return element.name if element.role.startswith(("INPUT", "TEXTAREA", "textarea")) else None
    return None


def _has_list(scene: Situation) -> bool:
    return any(element.role.startswith("SELECT") for element in scene.elements)


def _texts(task: str) -> Iterator[tuple[str, str]]:
    """`(words of the task, the words before them)`: what stands in quotation marks, then every run of a few words."""
    seen: set[str] = set()
    for found in _QUOTED.finditer(task):
        text = found[1] or found[2]
        if text not in seen:
            seen.add(text)
            yield text, " ".join(_WORD.findall(task[: found.start()])[-BEFORE:])
    words = list(_WORD.finditer(_QUOTED.sub(lambda found: " " * len(found[0]), task)))
    for length in range(1, LONGEST + 1):
        for at in range(len(words) - length + 1):
            text = task[words[at].start() : words[at + length - 1].end()].strip(_EDGE)
            if text and text not in seen and len(seen) < MOST_TEXTS:
                seen.add(text)
                yield text, " ".join(word[0] for word in words[max(0, at - BEFORE) : at])


def _holds(box: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    left, top, width, height = box
    return left <= point[0] <= left + width and top <= point[1] <= top + height


def element_of(action: StepAction, scene: Situation) -> Element | None:
    """The element that an action clicks, or that has the keyboard where it types."""
    if action.point is None:
        return scene.past[-1][1] if scene.past and action.kind in TEXTS | KEYS else None
    width, height = scene.size
    if action.boxes:
        left, top, wide, high = action.boxes[0]
        box = (left * width, top * height, (left + wide) * width, (top + high) * height)
        near = [e for e in scene.elements if max(abs(a - b) for a, b in zip(e.box, box, strict=True)) < 0.5]
        if near:
            return near[0]
    box = smallest_at((action.point[0] * width, action.point[1] * height), scene.elements)
    return next((element for element in scene.elements if element.box == box), None)


__all__ = ["DONE", "Moves", "Situation", "element_of", "moves_of"]
