"""Playwright trace archives of every version from 1 to 10, written by the library or by the test runner.

Calls that do what a user does become events; what a test asserts is an outcome of the event before it, and one that
failed is said in `context["failed"]`. Queries, routing and set-up are counted in `context["other_calls"]`. Coordinates
are CSS pixels of the viewport. The DOM snapshots, the network log and the sources inside the archive are not read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from pyautogui_trace_parsers.files import open_archive
from pyautogui_trace_parsers.keys import canonical_key
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Screen, Scroll, Source, Space, Target, Trace, Verb
from pyautogui_trace_parsers.playwright_checks import failed_check, with_checks
from pyautogui_trace_parsers.playwright_log import Log, LoggedCall, Visit, read_logs
from pyautogui_trace_parsers.record import Record, clip, coordinate
from pyautogui_trace_parsers.reduce import Input, reduce
from pyautogui_trace_parsers.selectors import read_element, read_selector

NAME = "playwright"
SUMMARY = "Playwright trace archive (trace.zip of the library or of the test runner)"

_NOTHING_DONE = "no call in the trace does what a user does; there are no events"

_VERBS: dict[str, Verb] = {
    "click": "click",
    "dblclick": "double_click",
    "tap": "click",
    "check": "click",
    "uncheck": "click",
    "setChecked": "click",
    "mouseClick": "click",
    "mouseDblclick": "double_click",
    "touchscreenTap": "click",
    "hover": "move",
    "dragAndDrop": "drag",
    "dragTo": "drag",
    "fill": "write",
    "type": "write",
    "pressSequentially": "write",
    "keyboardType": "write",
    "keyboardInsertText": "write",
    "press": "press",
    "keyboardPress": "press",
    "mouseWheel": "scroll",
    "selectOption": "select",
    "goto": "navigate",
    "waitForTimeout": "wait",
    "setInputFiles": "other",
    "goBack": "other",
    "goForward": "other",
    "reload": "other",
}
_PAGE_CALLS = frozenset({"goto", "goBack", "goForward", "reload", "waitForTimeout"})
_LOW_LEVEL: dict[str, Literal["move", "down", "up", "key_down", "key_up"]] = {
    "mouseMove": "move",
    "mouseDown": "down",
    "mouseUp": "up",
    "keyboardDown": "key_down",
    "keyboardUp": "key_up",
}
_DEVICES = ("mouse", "keyboard", "touchscreen")
_OWNERS = frozenset({"frame", "page", "elementhandle", "locator", "framelocator", *_DEVICES})


def refuses(path: Path) -> str | None:
    """None for a zip archive that holds a `.trace` member."""
    seen = look(path)
    if seen.kind != "zip":
        return "it is not a zip archive"
    if seen.error:
        return f"the archive cannot be used: {seen.error}"
    return None if any(name.endswith(".trace") for name in seen.names) else "no member's name ends in .trace"


def parse(path: Path) -> Trace:
    """The trace in the archive; several browser contexts are put on one time line.

    Raises:
        TraceError: the archive or one of its logs is broken.
    """
    with open_archive(path) as archive:
        logs = read_logs(archive)
        members = frozenset(archive.names)
    used = [log for log in logs if not log.is_runner] or logs
    if not used:
        raise Record({}, path.name, 0).error("holds no '.trace' member")
    origin = min((t for log in used for t in log.times()), default=0.0)
    problems: list[Problem] = []
    screens = _screens(path.name, used, members, origin, problems)
    events = [e for log in used for e in _events(log, origin, screens, problems)]
    events.sort(key=lambda event: event.t0 or 0.0)
    events = with_checks(events, logs, origin)
    if not events:
        problems.append(Problem(Source(used[0].file, 0), _NOTHING_DONE))
    why = failed_check(logs)
    titles = [log.options.text("title", "") for log in logs if log.options]
    return Trace(
        format=NAME,
        root=str(path.absolute()),
        events=tuple(events),
        screens=tuple(screens),
        windows=_windows(used, origin),
        screen_size=next((log.viewport for log in used if log.viewport), None),
        annotations={"title": title} if (title := next(filter(None, titles), "")) else {},
        context=_context(used) | {"other_calls": _other_calls(logs, used)} | ({"failed": why} if why else {}),
        problems=tuple(problems),
    )


def _screens(
    archive: str, logs: list[Log], members: frozenset[str], origin: float, problems: list[Problem]
) -> list[Screen]:
    """The pictures that are really in the archive, in time order."""
    screens: list[Screen] = []
    for log in logs:
        gone = [frame for frame in log.frames if frame.member not in members]
        if gone:
            message = f"{len(gone)} of {len(log.frames)} pictures are not in the archive; they were left out"
            problems.append(Problem(gone[0].source, message))
        there = (frame for frame in log.frames if frame.member in members)
        screens.extend(Screen(f"{archive}!{f.member}", f.t - origin, f.width, f.height) for f in there)
    return sorted(screens, key=lambda screen: screen.t or 0.0)


def _windows(logs: list[Log], origin: float) -> tuple[Event, ...]:
    """Which address was in front from when on; an address that comes again without a change is not repeated."""
    shown: list[Visit] = []
    for visit in sorted((visit for log in logs for visit in log.visits), key=lambda visit: visit.t):
        if not shown or (visit.page, visit.url) != (shown[-1].page, shown[-1].url):
            shown.append(visit)
    return tuple(Event("window", v.t - origin, v.t - origin, v.source, text=clip(v.url)) for v in shown)


def _context(logs: list[Log]) -> dict[str, Any]:
    options = [log.options for log in logs if log.options]
    names = {"browserName": "browser", "platform": "platform", "sdkLanguage": "language"}
    found = {name: text for o in reversed(options) for key, name in names.items() if (text := o.text(key, ""))}
    viewport = next((log.viewport for log in logs if log.viewport), None)
    return found | ({"viewport": list(viewport)} if viewport else {})


def _other_calls(logs: list[Log], used: list[Log]) -> dict[str, int]:
    """How often each call was made that no user sees; of a runner's log beside a browser's, the assertions only."""
    counts: Counter[str] = Counter()
    for log in logs:
        names = [call.api_name or f"{call.class_name}.{call.method}" for call in log.calls if not _is_action(call)]
        counts.update(name for name in names if log in used or name.startswith("expect"))
    return dict(sorted(counts.items()))


def _method(call: LoggedCall) -> str:
    """The protocol's name of the method; a test runner's log has only the user's ("mouse.click" for "mouseClick")."""
    owner, method = call.class_name, call.method
    if owner.lower() not in _OWNERS:
        owner, _, method = call.api_name.partition(".")
    if owner.lower() not in _OWNERS:
        return ""
    return owner + method[:1].upper() + method[1:] if owner in _DEVICES else method


def _is_action(call: LoggedCall) -> bool:
    method = _method(call)
    return method in _VERBS or method in _LOW_LEVEL


def _events(log: Log, origin: float, screens: list[Screen], problems: list[Problem]) -> Iterator[Event]:
    space = Space("px", *(log.viewport or (None, None)), "window")
    times = [screen.t or 0.0 for screen in screens]
    actions = [call for call in log.calls if _is_action(call)]
    for call in actions:
        if call.error:
            message = f"{_method(call)} failed: {clip(call.error)[:300]}"
            problems.append(Problem(call.record.source, message))
    for low_level, group in groupby(actions, key=lambda call: _method(call) in _LOW_LEVEL):
        calls = list(group)
        events = reduce(_inputs(calls, origin), space) if low_level else [_event(c, origin, space) for c in calls]
        for event in events:
            before = bisect_right(times, event.t0 or 0.0) - 1
            yield replace(event, screen=before if before >= 0 else None)


def _inputs(calls: Iterable[LoggedCall], origin: float) -> Iterator[Input]:
    place: tuple[float, float] | tuple[None, None] = (None, None)
    for call in calls:
        kind = _LOW_LEVEL[_method(call)]
        place = _place(call) or place
        key = call.params.text("key", "") if kind in {"key_down", "key_up"} else ""
        button = call.params.text("button", "left") if kind in {"down", "up"} else ""
        x, y = (None, None) if key else place
        char = key if len(key) == 1 else ""
        yield Input(kind, call.t0 - origin, call.record.source, x, y, button, key=key, char=char)


def _event(call: LoggedCall, origin: float, space: Space) -> Event:
    method = _method(call)
    point = _place(call)
    target = _target(call)
    verb = _verb(method, call)
    return Event(
        verb,
        call.t0 - origin,
        call.t1 - origin,
        call.record.source,
        point=point,
        end_point=call.points[-1] if verb == "drag" and len(call.points) > 1 else None,
        box=target.box if target and not point else None,
        space=space,
        text=_text(method, call.params) if verb != "other" else "",
        keys=_keys(call.params.text("key", "")) if verb in {"press", "hotkey"} else (),
        scroll=_scroll(call.params) if verb == "scroll" else None,
        target=target,
        raw=_raw(call),
    )


def _verb(method: str, call: LoggedCall) -> Verb:
    if call.error and not call.performed and method not in _PAGE_CALLS:
        return "other"  # the element was never found, so nothing was done
    verb = _VERBS[method]
    if verb == "press" and len(_keys(call.params.text("key", ""))) > 1:
        return "hotkey"
    if method in {"click", "mouseClick"}:
        return _click(call.params)
    return verb


def _click(params: Record) -> Verb:
    buttons: dict[str, Verb] = {"right": "right_click", "middle": "middle_click"}
    counts: dict[float, Verb] = {2: "double_click", 3: "triple_click"}
    return buttons.get(params.text("button", ""), counts.get(_number(params, "clickCount") or 1, "click"))


def _number(params: Record, key: str) -> float | None:
    """A test runner's log writes the numbers of its arguments as texts."""
    value = params.data.get(key)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return None if value is None else coordinate(value, params.file, params.line, repr(key))


def _place(call: LoggedCall) -> tuple[float, float] | None:
    if call.points:
        return call.points[0]
    x, y = (_number(call.params, key) for key in ("x", "y"))
    return None if x is None or y is None else (x, y)


def _text(method: str, params: Record) -> str:
    if method == "selectOption":
        options = [option.data for option in params.children("options")]
        chosen = (o.get(key) for o in options for key in ("valueOrLabel", "label", "value", "index") if key in o)
        return clip(", ".join(str(choice) for choice in chosen))
    keys = {"goto": "url", "fill": "value"}
    return params.text(keys.get(method, "text"), "")


def _keys(combination: str) -> tuple[str, ...]:
    """`Control+Shift+T` -> `("ctrl", "shift", "t")`; the last plus of `Control++` is the key itself."""
    names = combination.removesuffix("+").split("+") if len(combination) > 1 else [combination]
    names = [*names[:-1], "+"] if combination.endswith("++") else names
    return tuple("ctrl" if name == "ControlOrMeta" else canonical_key(name) for name in names if name)


def _scroll(params: Record) -> Scroll:
    return Scroll(_number(params, "deltaX") or 0.0, _number(params, "deltaY") or 0.0, "px")


def _target(call: LoggedCall) -> Target | None:
    selector = call.params.text("selector", "") or call.params.text("source", "")
    box = call.boxes[0] if call.boxes else None
    if not selector and not call.resolved:
        return None
    said, found = read_selector(selector), read_element(call.resolved)
    return Target(said.name or found.name, said.role or found.role, box, said.selector)


def _raw(call: LoggedCall) -> str:
    name = call.api_name or f"{call.class_name}.{call.method}"
    return clip(f"{name} {call.params.data}" + (f" failed: {call.error}" if call.error else ""))
