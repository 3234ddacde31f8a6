"""What a test asserts in a Playwright trace, as outcomes of the action before it.

The browser's log has the element and the expectation of each assertion; a test runner's log alone has the matcher and,
at best, the expected value. Assertions about values of the program, which no page shows, are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pyautogui_trace_parsers.model import Event, Outcome
from pyautogui_trace_parsers.playwright_log import Log, LoggedCall
from pyautogui_trace_parsers.record import Record, clip
from pyautogui_trace_parsers.selectors import read_element, read_selector

_EXPRESSION = re.compile(r"^to\.(?:be|have|contain|match)\.([\w.]+)$")
_MATCHER = re.compile(r"^(?:expect\.)?(?:(?P<not>not)\.)?to(?:Be|Have|Contain|Match)(?P<what>[A-Z]\w*)$")
_PAGE_WORDS = frozenset({
    "visible", "hidden", "attached", "checked", "disabled", "enabled", "editable", "empty", "focused", "text", "value",
    "values", "title", "url", "count", "attribute", "class", "css", "id", "role", "accessible_name", "in_viewport",
})  # fmt: skip
"""What assertions about a page speak of; `toBe`, `toEqual` and the like compare values that no page shows."""


def with_checks(events: Sequence[Event], logs: Sequence[Log], origin: float) -> list[Event]:
    """The events, each with what the test then asserted and found to hold."""
    found = sorted(_checks(logs), key=lambda pair: pair[0])
    result = list(events)
    for t, outcome in found:
        at = max((k for k, event in enumerate(result) if (event.t0 or 0.0) <= t - origin), default=None)
        if at is not None and outcome not in result[at].outcomes:
            result[at] = replace(result[at], outcomes=(*result[at].outcomes, outcome))
    return result


def failed_check(logs: Sequence[Log]) -> str:
    """The first line of the first assertion that failed, "" when none did."""
    calls = (call for log in logs for call in log.calls if call.error and _name(call))
    message = next((call.error for call in calls), "")
    return f"its check failed: {clip(message.splitlines()[0])[:200]}" if message.strip() else ""


def _checks(logs: Sequence[Log]) -> Iterator[tuple[float, Outcome]]:
    """Time and outcome of every assertion that held; a runner's only where the browser's log has none."""
    seen = [(log.is_runner, call) for log in logs for call in log.calls if _name(call) and not call.error]
    detailed = any(not runner for runner, _ in seen)
    for runner, call in seen:
        if not (runner and detailed) and (outcome := _outcome(call)) is not None:
            yield call.t0, outcome


def _name(call: LoggedCall) -> str:
    """The matcher of an assertion as it is written, "" for other calls."""
    if call.method == "expect" or call.api_name.startswith("expect."):
        return call.params.text("expression", "") or call.api_name.removeprefix("expect.") or "expect"
    return ""


def _outcome(call: LoggedCall) -> Outcome | None:
    name = _name(call)
    matched = _EXPRESSION.match(name)
    written = _MATCHER.match(name)
    what = matched[1] if matched else written["what"] if written else ""
    what = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", what).replace(".", "_").lower()
    if what.removesuffix("_array") not in _PAGE_WORDS:
        return None
    denied = call.params.data.get("isNot") in (True, "true") or (written is not None and bool(written["not"]))
    said, found = read_selector(call.params.text("selector", "")), read_element(call.resolved)
    return Outcome("expected", said.name or found.name, _expected(call.params), ("not " if denied else "") + what)


def _expected(params: Record) -> str:
    """The expected text, number or address, "" for assertions without one."""
    texts = (
        [entry.data.get("string") for entry in params.children("expectedText")] if params.has("expectedText") else []
    )
    said = ", ".join(text for text in texts if isinstance(text, str))
    for key in ("expectedNumber", "expected", "expectedValue"):
        value = params.data.get(key)
        if not said and isinstance(value, str | int | float) and not isinstance(value, bool):
            said = str(value)
    return clip(said)
