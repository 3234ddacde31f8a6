"""Keys of web pages: what the legacy `keyCode` numbers of browsers are called in pyautogui.

The numbers are those of a US keyboard, as in the table of the UI Events specification (W3C, legacy key attributes).
"""

from __future__ import annotations

_NAMES = {
    8: "backspace",
    9: "tab",
    12: "clear",
    13: "enter",
    16: "shift",
    17: "ctrl",
    18: "alt",
    19: "pause",
    20: "capslock",
    27: "esc",
    32: "space",
    33: "pageup",
    34: "pagedown",
    35: "end",
    36: "home",
    37: "left",
    38: "up",
    39: "right",
    40: "down",
    44: "printscreen",
    45: "insert",
    46: "delete",
    91: "win",
    92: "win",
    93: "win",
    106: "*",
    107: "+",
    109: "-",
    110: ".",
    111: "/",
    144: "numlock",
    145: "scrolllock",
    186: ";",
    187: "=",
    188: ",",
    189: "-",
    190: ".",
    191: "/",
    192: "`",
    219: "[",
    220: "\\",
    221: "]",
    222: "'",
    224: "win",
}


def key_of_code(code: int) -> str:
    """The key's name, e.g. 65 -> `a`, 97 -> `1` (number block), 13 -> `enter`; `keycode-7` for a code without a key."""
    if 48 <= code <= 57 or 65 <= code <= 90:
        return chr(code).lower()
    if 96 <= code <= 105:
        return str(code - 96)
    if 112 <= code <= 135:
        return f"f{code - 111}"
    return _NAMES.get(code, f"keycode-{code}")
