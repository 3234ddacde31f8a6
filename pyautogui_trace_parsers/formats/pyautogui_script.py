"""A plain pyautogui script: literal calls, one after another, in screen pixels.

Two comment lines of this package's own writer may say more: `# space: unit` or `# space: px 1920x1080`, and
`# task: ...`. Without them the pixels belong to a screen of unknown size.
"""

from __future__ import annotations

import re
from pathlib import Path

from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import read_text
from pyautogui_trace_parsers.formats.agentnet import outside_unit
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import UNIT, Trace, pixels

NAME = "pyautogui_script"
SUMMARY = "Python script of literal pyautogui calls"

_CALL = re.compile(r"^[ \t]*(?:pyautogui|computer)\.\w+\(|^[ \t]*import pyautogui\b", re.MULTILINE)
_BEGINNING = re.compile(r"import |from |pyautogui\.|computer\.|time\.|['\"]")
_SPACE = re.compile(r"^# space: (?:(unit)|px(?: (\d{1,5})x(\d{1,5}))?)[ \t]*$", re.MULTILINE)
_TASK = re.compile(r"^# task: (.*)$", re.MULTILINE)


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    if seen.kind != "text":
        return f"{seen.kind}, not a script"
    lines = (line for line in seen.head.split("\n") if line.strip() and not line.startswith("#"))
    claimed = _BEGINNING.match(next(lines, "")) and _CALL.search(seen.head)
    return None if claimed else "not Python with a pyautogui call or import"


def parse(path: Path) -> Trace:
    """The script's calls in order; they have no clock.

    Raises:
        BrokenTrace: anything but literal pyautogui calls, with its line.
        TraceError: unreadable.
    """
    code = read_text(path)
    found, task = _SPACE.search(code), _TASK.search(code)
    size = (int(found[2]), int(found[3])) if found and found[2] else None
    if size and not all(size):
        raise BrokenTrace("declares a screen without width or height", path=path.name)
    unit = bool(found and found[1])
    events = CodeReader(UNIT if unit else pixels(size), path.name).read(code)
    problems = [problem for event in events if unit and (problem := outside_unit(event))]
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=path.stem,
        screen_size=size,
        annotations={"task": task[1].strip()} if task else {},
        problems=tuple(problems),
    )
