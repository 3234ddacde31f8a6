"""Steps as pyautogui code, the way AgentNet writes it: x and y as fractions of the screen, four digits."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.gui.recording import Step
from dataclaw.types import Point

_CALLS = {
    "click": "pyautogui.click", "double_click": "pyautogui.doubleClick", "right_click": "pyautogui.rightClick",
    "middle_click": "pyautogui.middleClick", "triple_click": "computer.tripleClick", "move": "pyautogui.moveTo",
    "mouse_down": "pyautogui.mouseDown", "mouse_up": "pyautogui.mouseUp", "select": "pyautogui.click",
}  # fmt: skip
PIXELS_A_CLICK = 100.0
"""Pixels that one click of a wheel moves a page, for sources that log pixels."""


def code_of(step: Step, size: tuple[int, int] | None) -> str | None:
    """Pyautogui code of one step; None when it has none (a window title, an action the parsers have no verb for).

    Args:
        step: the step.
        size: `(width, height)` [px] of the space its points are in.
    """
    if step.verb in _CALLS or step.verb in {"scroll", "drag", "long_press"}:
        return _pointer_call(step, size)
    match step.verb:
        case "write":
            return f"pyautogui.write(message={step.text!r})" if step.text else None
        case "press":
            return _press(step.keys)
        case "hotkey":
            return f"pyautogui.hotkey({list(step.keys)!r})" if step.keys else None
        case "key_down" | "key_up":
            name = "keyDown" if step.verb == "key_down" else "keyUp"
            return "\n".join(f"pyautogui.{name}({key!r})" for key in step.keys) or None
        case "navigate":
            go = f"pyautogui.write(message={step.text!r})\npyautogui.press(keys='enter')"
            return f"pyautogui.hotkey(['ctrl', 'l'])\n{go}" if step.text else None
        case "wait":
            return "computer.wait()"
        case "terminate":
            return f"computer.terminate(status={step.text!r})" if step.text else None
        case _:
            return None


def _press(keys: Sequence[str]) -> str | None:
    if not keys:
        return None
    if len(set(keys)) == 1:
        times = f", presses={len(keys)}" if len(keys) > 1 else ""
        return f"pyautogui.press(keys={keys[0]!r}{times})"
    return f"pyautogui.press(keys={list(keys)!r})"


def _pointer_call(step: Step, size: tuple[int, int] | None) -> str | None:
    if step.verb == "scroll":
        return _scroll(step, size)
    if step.point is None or size is None:
        return None
    at = _at(step.point, size)
    if step.verb == "drag":
        if step.end_point is None:
            return None
        return f"pyautogui.moveTo({at})\npyautogui.dragTo({_at(step.end_point, size)}, button='left')"
    if step.verb == "long_press":
        return f"pyautogui.mouseDown({at})\npyautogui.mouseUp({at})"
    return f"{_CALLS[step.verb]}({at})"


def _scroll(step: Step, size: tuple[int, int] | None) -> str | None:
    if step.scroll is None:
        return None
    length = PIXELS_A_CLICK if " px" in step.event.content.split(" (")[0] else 1.0
    dx, dy = (_clicks(v / length) for v in step.scroll)
    at = f", {_at(step.point, size)}" if step.point is not None and size is not None else ""
    calls = [f"pyautogui.scroll({-dy}{at})"] if dy or not dx else []
    calls += [f"pyautogui.hscroll({dx}{at})"] if dx else []
    return "\n".join(calls)


def _clicks(amount: float) -> int:
    """Whole wheel clicks, at least one when there was any movement."""
    whole = round(amount)
    return whole or (0 if amount == 0 else (1 if amount > 0 else -1))


def _at(point: Point, size: tuple[int, int]) -> str:
    return f"x={unit(point[0], size[0]):.4f}, y={unit(point[1], size[1]):.4f}"


def unit(value: float, length: int) -> float:
    """A coordinate as a fraction 0..1 of a side; what lies outside the screen is put on its edge."""
    return min(1.0, max(0.0, value / length))
