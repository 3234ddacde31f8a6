"""pyautogui code, read as data: calls with literal arguments, and nothing else.

The text goes through `ast` only; it is never compiled or run. A call that is not one of pyautogui's (or OpenCUA's
`computer.*`), any other statement, and any argument that is not a literal is refused with its line.
What the calls mean is in `codeactions`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import without_half_pairs

MAX_CODE = 2_000_000
MAX_ITEMS = 1_000
_IMPORTS = {"pyautogui", "time"}

_POINT = ("x", "y")
_TAIL = ("tween", "logScreenshot", "_pause")
# parameters of pyautogui 0.9.54, in order; `computer.*` is OpenCUA's tool of the same shape
SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "click": (*_POINT, "clicks", "interval", "button", "duration", *_TAIL),
    "leftClick": (*_POINT, "interval", "duration", *_TAIL),
    "rightClick": (*_POINT, "interval", "duration", *_TAIL),
    "middleClick": (*_POINT, "interval", "duration", *_TAIL),
    "doubleClick": (*_POINT, "interval", "button", "duration", *_TAIL),
    "tripleClick": (*_POINT, "interval", "button", "duration", *_TAIL),
    "moveTo": (*_POINT, "duration", *_TAIL),
    "moveRel": ("xOffset", "yOffset", "duration", *_TAIL),
    "dragTo": (*_POINT, "duration", "tween", "button", "logScreenshot", "_pause", "mouseDownUp"),
    "dragRel": ("xOffset", "yOffset", "duration", "tween", "button", "logScreenshot", "_pause", "mouseDownUp"),
    "mouseDown": (*_POINT, "button", "duration", *_TAIL),
    "mouseUp": (*_POINT, "button", "duration", *_TAIL),
    "scroll": ("clicks", *_POINT, "logScreenshot", "_pause"),
    "hscroll": ("clicks", *_POINT, "logScreenshot", "_pause"),
    "write": ("message", "interval", "logScreenshot", "_pause"),
    "press": ("keys", "presses", "interval", "logScreenshot", "_pause"),
    "hotkey": ("keys", "interval", "logScreenshot", "_pause"),
    "keyDown": ("key", "logScreenshot", "_pause"),
    "keyUp": ("key", "logScreenshot", "_pause"),
    "sleep": ("seconds",),
    "wait": ("seconds",),
    "terminate": ("status",),
}
_SYNONYMS = {
    "typewrite": "write",
    "vscroll": "scroll",
    "move": "moveRel",
    "drag": "dragRel",
    "double_click": "doubleClick",
    "triple_click": "tripleClick",
    "right_click": "rightClick",
    "middle_click": "middleClick",
}
_KEYWORDS = {("sleep", "secs"): "seconds", ("wait", "time"): "seconds", ("terminate", "message"): "status"}
_NAMES = {
    "pyautogui": SIGNATURES.keys() - {"wait", "terminate"},
    "computer": SIGNATURES.keys() - {"sleep"},
    "time": {"sleep"},
}


class Call(NamedTuple):
    """One call as written.

    Attributes:
        name: function name in pyautogui's spelling (`click`, `doubleClick`, ...), `wait` or `terminate`.
        arguments: the arguments given, by parameter name; values are literals (numbers, texts, lists of them, None).
        line: line in the code, from 1.
        text: the source text of the call.
    """

    name: str
    arguments: Mapping[str, Any]
    line: int
    text: str


def read_calls(code: str, path: str = "", line: int | None = None) -> list[Call]:
    """Every call in a block of code, in order. `import pyautogui` and `import time` are passed over.

    Args:
        code: Python text of one or more lines.
        path: the trace file, for errors.
        line: the line or record of the file that holds the code; None when the code is the file itself, then errors
            name the line of the code.

    Raises:
        BrokenTrace: not Python, or anything but literal calls.
    """
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(code, path, line)
    return reader.calls()


class _Reader:
    def __init__(self, code: str, path: str, line: int | None) -> None:
        self.path = path
        self.line = line
        self.tree = self._tree(code)
        self.lines = code.encode().split(b"\n")

    def _tree(self, code: str) -> ast.Module:
        if len(code) > MAX_CODE:
            raise self.refuse(f"code of {len(code):,} characters, the limit is {MAX_CODE:,}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a trace's invalid escapes are no concern of the caller's
                return ast.parse(code)
        except SyntaxError as error:
            raise self.refuse(f"is not Python: {error.msg}", error.lineno) from error
        except (ValueError, MemoryError, RecursionError) as error:
            raise self.refuse(f"is not Python that can be read: {error or type(error).__name__}") from error

    def refuse(self, reason: str, code_line: int | None = None) -> BrokenTrace:
        if self.line is None:
            return BrokenTrace(reason, path=self.path, line=code_line)
        place = f"code line {code_line}: " if code_line and code_line > 1 else ""
        return BrokenTrace(place + reason, path=self.path, line=self.line)

    def calls(self) -> list[Call]:
        found: list[Call] = []
        for statement in self.tree.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                found.append(self.call(statement.value))
            elif not self._harmless(statement):
                raise self.refuse(f"{_kind(statement)} is not a pyautogui call", statement.lineno)
        return found

    @staticmethod
    def _harmless(statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Import):
            return all(alias.name in _IMPORTS and alias.asname is None for alias in statement.names)
        # a text on its own is a comment: UI-TARS writes its thought so
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return isinstance(statement.value.value, str)
        return False

    def call(self, node: ast.Call) -> Call:
        name = self.name(node.func)
        arguments = self.arguments(name, node)
        return Call(name, arguments, node.lineno, self._segment(node))

    def name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = node.value.id, _SYNONYMS.get(node.attr, node.attr)
            if name in _NAMES.get(module, ()):
                return name
            raise self.refuse(f"{module[:60]}.{node.attr[:60]} is not a call that a trace can hold", node.lineno)
        raise self.refuse(f"a call of {_kind(node)} is not a pyautogui call", node.lineno)

    def arguments(self, name: str, node: ast.Call) -> dict[str, Any]:
        parameters = SIGNATURES[name]
        values: list[Any] = [self.literal(argument) for argument in node.args]
        first = cast("list[Any]", values[0]) if values and isinstance(values[0], list) else None
        if name == "hotkey" and values and first is None:
            values = [values]
        if first is not None and len(first) == 2 and parameters[:2] == _POINT:
            values[:1] = first  # pyautogui takes a point as its first argument too
        if len(values) > len(parameters):
            raise self.refuse(f"{name} takes {len(parameters)} arguments, not {len(values)}", node.lineno)
        arguments = dict(zip(parameters, values, strict=False))
        for keyword in node.keywords:
            key = _KEYWORDS.get((name, keyword.arg or ""), keyword.arg or "**")
            if key not in parameters or key in arguments:
                raise self.refuse(f"{name} has no use for the argument {key[:60]!r}", node.lineno)
            arguments[key] = None if key == "tween" else self.literal(keyword.value)
        return arguments

    def literal(self, node: ast.expr) -> Any:
        """A number, text, None, or a flat list of those."""
        if isinstance(node, ast.List | ast.Tuple):
            if len(node.elts) > MAX_ITEMS:
                raise self.refuse(f"a list of {len(node.elts):,} items, the limit is {MAX_ITEMS:,}", node.lineno)
            return [self._scalar(item) for item in node.elts]
        return self._scalar(node)

    def _scalar(self, node: ast.expr) -> Any:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            value = node.operand.value if isinstance(node.operand, ast.Constant) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str | int | float)):
            return without_half_pairs(node.value)
        raise self.refuse(f"{_kind(node)} is not a literal", node.lineno)

    def _segment(self, node: ast.Call) -> str:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self.lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()


def _kind(node: ast.AST) -> str:
    """What a syntax node is, in words: `ListComp` -> `a list comp`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()
    return ("an " if words[0] in "aeiou" else "a ") + words
