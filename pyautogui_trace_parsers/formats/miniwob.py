"""MiniWoB++ demonstrations: gzip (or plain) JSON of states, each with the page's DOM and the input that was seen there.

There are no pictures: what the page shows is kept as texts with boxes in `context["dom_texts"]`. Every input is logged
before (timing 1) and after (timing 3) the page handles it, and counts once. Clicks that the browser makes itself (for a
label's checkbox, for Enter in a form) have no button behind them and are left out. What an action left in fields and
boxes is its outcome. The task's name, its fields, the utterance and the rewards are annotations; that a reward is
negative is said in `context["failed"]`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

from pyautogui_trace_parsers.dom import (
    Node,
    chosen_option,
    element_at,
    fields_shown,
    find_flagged,
    outcomes_of,
    shown_texts,
    state_of,
    target_of,
    walk,
)
from pyautogui_trace_parsers.domkeys import key_of_code
from pyautogui_trace_parsers.files import decode, loads, read_gzip, read_json
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Outcome, Problem, Space, Target, Trace
from pyautogui_trace_parsers.record import Record, seconds
from pyautogui_trace_parsers.reduce import Input, reduce

NAME = "miniwob"
SUMMARY = "MiniWoB++ demonstration (gzip JSON of DOM states and inputs)"

TASK_AREA = (160, 210)
"""Size [px] of the area that every MiniWoB task is drawn in; used when the DOM does not say it."""

MAX_TEXTS = 200
MAX_TEXT_STATES = 50
_HEAD_BYTES = 64 * 2**10
_BUTTONS: dict[str, Literal["down", "up", "move"]] = {"mousedown": "down", "mouseup": "up", "mousemove": "move"}
_KEYS: dict[str, Literal["key_down", "key_up"]] = {"keydown": "key_down", "keyup": "key_up"}
_MADE_BY_BROWSER = frozenset({"click", "dblclick", "keypress"})


def refuses(path: Path) -> str | None:
    """None for JSON, gzip or plain, that has `states` with a `dom`."""
    seen = look(path)
    if seen.kind == "gzip":
        head = _head(path)
        claimed = head.startswith(b"{") and b'"states"' in head and b'"dom"' in head
        return None if claimed else "the gzip file does not begin with JSON that has 'states' with a 'dom'"
    states = seen.record.get("states")
    first: Any = cast("list[Any]", states)[0] if isinstance(states, list) and states else None
    claimed = isinstance(first, dict) and "dom" in first
    return None if claimed else "it has no 'states' with a 'dom'"


def _head(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            return stream.read(_HEAD_BYTES).lstrip()
    except (OSError, EOFError, zlib.error):
        return b""


def parse(path: Path) -> Trace:
    """The demonstration in the file.

    Raises:
        TraceError: the file is broken.
    """
    return read_pages(path)[0]


def read_pages(path: Path) -> tuple[Trace, list[list[Node]]]:
    """The demonstration in the file, and the page that each of its events was done on; last, the page at the end.

    Raises:
        TraceError: the file is broken.
    """
    packed = look(path).kind == "gzip"
    document = Record(loads(decode(read_gzip(path), str(path)), str(path)) if packed else read_json(path), path.name, 0)
    states = [Record(value, path.name, index) for index, value in enumerate(document.items("states"))]
    if not states:
        raise document.error("has no states")
    times = [seconds(state.number("time") / 1000, path.name, state.line) for state in states]
    origin = min(times)
    times = [t - origin for t in times]
    doms = [list(walk(state.child("dom"))) for state in states]
    area, declared_by = _area(doms[0])
    space = Space("px", *area, "page")
    problems: list[Problem] = []
    inputs = list(_inputs(states, times, problems))
    found = reduce(inputs, space, apart=lambda first, again: _differ(doms[first.source.line], doms[again.source.line]))
    scrolled = [t for state, t in zip(states, times, strict=True) if _kind(state) == "scroll"]
    pages = [*(_dom_before(event, states, doms) for event in found), doms[-1]]
    events = [
        replace(
            _with_target(event, page, then, space, scrolled), outcomes=_outcomes(event, page, then, event is found[-1])
        )
        for event, page, then in zip(found, pages[:-1], pages[1:], strict=True)
    ]
    trace = Trace(
        format=NAME,
        root=str(path.absolute()),
        events=tuple(events),
        screen_size=area,
        annotations=_annotations(document),
        context={
            "area": list(area),
            "area_declared_by": declared_by,
            "dom_texts": _dom_texts(times, doms, area),
            **_failure(document),
        },
        problems=tuple(problems),
    )
    return trace, pages


def _annotations(document: Record) -> dict[str, Any]:
    names = {
        "utterance": "task",
        "taskName": "task_name",
        "fields": "fields",
        "reward": "reward",
        "rawReward": "raw_reward",
    }
    return {name: document.data[key] for key, name in names.items() if document.has(key)}


def _failure(document: Record) -> dict[str, str]:
    """Why the demonstration counts as failed, where its own reward says so."""
    for key in ("rawReward", "reward"):
        reward = document.data.get(key)
        if isinstance(reward, int | float) and not isinstance(reward, bool):
            return {"failed": f"its own reward is {reward:g}"} if reward <= 0 else {}
    return {}


def _kind(state: Record) -> str:
    action = state.maybe("action")
    return action.text("type", "") if action else ""


def _differ(before: list[Node], after: list[Node]) -> bool:
    """Whether a page shows other texts or other contents of its fields."""
    texts = [[(node.tag, node.text, node.record.data.get("value")) for node in nodes] for nodes in (before, after)]
    return texts[0] != texts[1]


def _area(nodes: list[Node]) -> tuple[tuple[int, int], str]:
    """Size of the task area [px] and which element declares it; the page's body is as wide as the window."""
    wrap = next((node for node in nodes if node.record.data.get("id") == "wrap" and node.box), None)
    if wrap is None or wrap.box is None:
        return TASK_AREA, "MiniWoB++ itself: the DOM has no #wrap"
    return (max(1, round(wrap.box[2])), max(1, round(wrap.box[3]))), "#wrap"


def _inputs(states: list[Record], times: list[float], problems: list[Problem]) -> Iterator[Input]:
    """Low-level inputs, each once: an entry of timing 3 repeats the one of timing 1 unless that is missing."""
    open_entries: list[tuple[Any, ...]] = []
    seen = [(state, t, state.child("action")) for state, t in zip(states, times, strict=True) if state.has("action")]
    chars = _chars([action for _, _, action in seen])
    for index, (state, t, action) in enumerate(seen):
        kind = action.text("type")
        entry = (kind, *(action.data.get(key) for key in ("x", "y", "keyCode", "charCode")))
        if action.data.get("timing") == 3 and entry in open_entries:
            open_entries.remove(entry)
            continue
        if action.data.get("timing") == 1:
            open_entries.append(entry)
        if kind in _BUTTONS:
            yield Input(_BUTTONS[kind], t, state.source, action.coordinate("x"), action.coordinate("y"), "left")
        elif kind in _KEYS:
            yield Input(
                _KEYS[kind],
                t,
                state.source,
                key=key_of_code(action.whole("keyCode")),
                char=chars.get(index, ""),
                typed=True,
            )
        elif kind not in _MADE_BY_BROWSER:
            problems.append(Problem(state.source, f"{kind[:80]!r} says nothing about what was done; it was left out"))


def _chars(actions: list[Record]) -> dict[int, str]:
    """The character that each `keydown` typed, by index: the `keypress` before the next `keydown` says it."""
    found: dict[int, str] = {}
    last: int | None = None
    for index, action in enumerate(actions):
        kind = action.text("type")
        if action.data.get("timing") == 3:
            continue
        if kind == "keydown":
            last = index
        elif kind == "keypress" and last is not None:
            code = action.whole("charCode")
            found[last] = chr(code) if 32 <= code < 0xD800 else ""
            last = None
    return found


def _dom_before(event: Event, states: list[Record], doms: list[list[Node]]) -> list[Node]:
    """The page that the user acted on: at timing 1 the state's own, since the page has not handled the input yet."""
    index = event.source.line
    timing = states[index].maybe("action")
    return doms[index] if timing and timing.data.get("timing") == 1 else doms[max(0, index - 1)]


def _with_target(event: Event, page: list[Node], then: list[Node], space: Space, scrolled: list[float]) -> Event:
    """The event with its element, the one the recorder marked, else the one under the point or with the focus."""
    event = replace(event, space=space if event.point else event.space)
    if event.verb == "drag" and any((event.t0 or 0.0) <= t <= (event.t1 or 0.0) for t in scrolled):
        return replace(event, target=Target("scroll bar", "scrollbar"))
    node = find_flagged(page, "recordingTarget")
    if node is None:
        node = element_at(page, event.point) if event.point else find_flagged(page, "focused")
    target = target_of(node, page) if node and node.tag != "BODY" else None
    event = replace(event, target=target)
    if event.verb == "mouse_up" and target and target.role in {"SELECT", "OPTION"}:
        # released over the open list, which lies outside the page; most files do not say which option it was
        return replace(event, verb="select", point=None, text=chosen_option(then))
    if event.verb == "write" and event.text == " " and target and target.role in {"BUTTON", "INPUT_checkbox"}:
        return replace(event, verb="press", text="", keys=("space",))  # what a space does to a button
    return event


def _outcomes(event: Event, page: list[Node], then: list[Node], last: bool) -> tuple[Outcome, ...]:
    """What an event did to the page; of a click also that it did nothing (what it selects is not in the page).

    The recording stops with the last event, before the page has answered.
    """
    idle = event.verb == "click" and not last and state_of(page) == state_of(then)
    return (Outcome("unchanged"),) if idle else outcomes_of(page, then)


def _dom_texts(times: list[float], doms: list[list[Node]], area: tuple[int, int]) -> list[dict[str, Any]]:
    """Texts of the first state, and again whenever the set of texts has changed."""
    found: list[dict[str, Any]] = []
    before: frozenset[str] | None = None
    for t, nodes in zip(times, doms, strict=True):
        texts, fields = shown_texts(nodes, area), fields_shown(nodes)
        now = frozenset(text for text, _ in texts)
        if now != before and len(found) < MAX_TEXT_STATES:
            said = [
                {"text": text, "box": list(box)} | ({"field": fields[box]} if box in fields else {})
                for text, box in texts[:MAX_TEXTS]
            ]
            found.append({"t": t, "texts": said})
        before = now
    return found
