"""Android in the Wild: one record per step, touch and lift points as fractions, exported to a JSON list or JSONL.

The field names are those of the published TFRecord features (`results/yx_touch`, `image/ui_annotations_text`, ...),
with or without the `results/` and `image/` prefixes. Every pair of points is y before x. TFRecord files themselves and
the encoded pictures inside them are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.elements import Box, box_of, contains, only, tidy
from pyautogui_trace_parsers.files import is_file_inside
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import UNIT, Event, Problem, Screen, Scroll, Target, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, coordinate, records

NAME = "aitw"
SUMMARY = "Android in the Wild: steps with touch and lift points as fractions (JSON list or JSONL)"

TAP_DISTANCE = 0.04
"""Largest distance [fraction of the screen] between touch and lift that is a tap, not a swipe: the value that the
Android in the Wild paper (Rawles et al. 2023) and its action matching use."""

# Android's Back and Home have the codes of a keyboard's "AC Back" and "AC Home", which pyautogui calls browser keys
_ACTIONS = {3: "type", 4: "gesture", 5: "browserback", 6: "browserhome", 7: "enter", 10: "success", 11: "failure"}
_CODES = {
    "type": 3,
    "dual_point": 4,
    "dual-point gesture": 4,
    "press_back": 5,
    "go_back": 5,
    "press_home": 6,
    "go_home": 6,
    "press_enter": 7,
    "enter": 7,
    "status_task_complete": 10,
    "task_complete": 10,
    "status_task_impossible": 11,
    "task_impossible": 11,
}


def refuses(path: Path) -> str | None:
    """None for steps that have `yx_touch` and `yx_lift`."""
    record = look(path).record
    if any(key in record for key in ("results/yx_touch", "yx_touch")):
        return None
    return "its first record has no 'results/yx_touch'"


def parse(path: Path) -> Trace:
    """The one episode in the file.

    Raises:
        TraceError: the file is broken or holds several episodes.
    """
    return only(parse_many(path), path)


def parse_many(path: Path) -> Iterator[Trace]:
    """Every episode, in the order in which they begin; its steps are put in the order of `step_id`.

    Raises:
        TraceError: the file is broken.
    """
    episodes: dict[str, list[Record]] = {}
    for record in records(path):
        episodes.setdefault(_identifier(record), []).append(record)
    for episode_id, steps in episodes.items():
        yield _episode(path, episode_id, sorted(steps, key=_order))


def _identifier(step: Record) -> str:
    value = step.data.get("episode_id", "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise step.error("'episode_id' is neither a text nor a number")
    return str(value)[:200]


def _order(step: Record) -> int:
    return step.whole("step_id") if step.has("step_id") else 0


def _key(step: Record, group: str, name: str) -> str:
    return f"{group}/{name}" if f"{group}/{name}" in step.data else name


def _episode(path: Path, episode_id: str, steps: list[Record]) -> Trace:
    screens: list[Screen] = []
    problems: list[Problem] = []
    events: list[Event] = []
    for step in steps:
        screen = _screen(path.parent, step, problems)
        if screen is not None:
            screens.append(screen)
        events.append(_event(step, len(screens) - 1 if screen else None))
    first = steps[0]
    context = {"platform": "android"}
    context |= {key: first.text(key) for key in ("device_type", "current_activity") if first.has(key)}
    return Trace(
        format=NAME,
        root=str(path.absolute()),
        trace_id=episode_id,
        events=tuple(events),
        screens=tuple(screens),
        screen_size=_size(steps[0]),
        annotations={"task": first.text("goal_info")} if first.has("goal_info") else {},
        context=context,
        problems=tuple(problems),
    )


def _size(step: Record) -> tuple[int, int] | None:
    keys = [_key(step, "image", side) for side in ("width", "height")]
    if not all(step.has(key) for key in keys):
        return None
    width, height = (step.whole(key) for key in keys)
    return (width, height) if min(width, height) > 0 else None


def _screen(folder: Path, step: Record, problems: list[Problem]) -> Screen | None:
    if not step.has("image_path"):
        return None
    name = step.text("image_path")
    if is_file_inside(folder, name):
        return Screen(name.replace("\\", "/"))
    problems.append(Problem(step.source, f"picture {name[:200]!r} is not in the folder; the step has no screen"))
    return None


def _event(step: Record, screen: int | None) -> Event:
    action = _action(step)
    if action == "gesture":
        return _gesture(step, screen)
    verbs: dict[str, tuple[Verb, str, tuple[str, ...]]] = {
        "type": ("write", step.text(_key(step, "results", "type_action"), ""), ()),
        "success": ("terminate", action, ()),
        "failure": ("terminate", action, ()),
    }
    verb, text, keys = verbs.get(action, ("press", "", (action,)))
    raw = clip(str(step.data[_key(step, "results", "action_type")]))
    return Event(verb, None, None, step.source, "index", text=text, keys=keys, screen=screen, raw=raw)


def _action(step: Record) -> str:
    key = _key(step, "results", "action_type")
    value = step.data.get(key)
    code = _CODES.get(value.lower()) if isinstance(value, str) else step.whole(key)
    if code not in _ACTIONS:
        raise step.error(f"{key!r} is {str(value)[:80]!r}, not an action of this format")
    return _ACTIONS[code]


def _gesture(step: Record, screen: int | None) -> Event:
    touch, lift = (_xy(step, name) for name in ("yx_touch", "yx_lift"))
    tap = math.dist(touch, lift) <= TAP_DISTANCE
    return Event(
        "click" if tap else "scroll",
        None,
        None,
        step.source,
        "index",
        point=touch,
        space=UNIT,
        # the page follows the finger: a lift above the touch shows what is further down
        scroll=None if tap else Scroll(touch[0] - lift[0], touch[1] - lift[1], "fraction"),
        target=_target(step, touch) if tap else None,
        screen=screen,
        raw=f"touch x={touch[0]} y={touch[1]}, lift x={lift[0]} y={lift[1]}",
    )


def _xy(step: Record, name: str) -> tuple[float, float]:
    y, x = step.point(_key(step, "results", name))
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise step.error(f"{name!r} is outside 0..1")
    return x, y


def _target(step: Record, point: tuple[float, float]) -> Target | None:
    """The smallest annotated element under the point."""
    names, roles = (step.texts(_key(step, "image", f"ui_annotations_{part}")) for part in ("text", "ui_types"))
    boxes = _boxes(step)
    if not len(names) == len(roles) == len(boxes):
        raise step.error("the lists 'ui_annotations_*' differ in length")
    hits = [(_area(box), i, box) for i, box in enumerate(boxes) if box and contains(box, point)]
    if not hits:
        return None
    _, index, box = min(hits)
    return Target(tidy(names[index]), tidy(roles[index]), box)


def _boxes(step: Record) -> list[Box | None]:
    """Boxes from `y, x, height, width`, flat or one list per element."""
    values = step.items(_key(step, "image", "ui_annotations_positions"))
    lists = (cast("list[Any]", value) if isinstance(value, list) else [value] for value in values)
    flat = (number for numbers in lists for number in numbers)
    numbers = [coordinate(value, step.file, step.line, "ui_annotations_positions") for value in flat]
    if len(numbers) % 4:
        raise step.error("'ui_annotations_positions' does not hold four numbers an element")
    return [box_of(x, y, w, h) for y, x, h, w in zip(*[iter(numbers)] * 4, strict=True)]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
