"""Key names: every recorder and toolkit has its own; here they become pyautogui's, in lower case.

Left and right variants of a modifier become one name. What a key types is not decided here.
"""

from __future__ import annotations

MODIFIERS: frozenset[str] = frozenset({"ctrl", "alt", "altgr", "shift", "win", "command", "option", "fn"})

_ALIASES = {
    # modifiers: pynput, X11 keysyms, DOM, Windows
    "control": "ctrl",
    "menu": "apps",
    "alternate": "alt",
    "altgraph": "altgr",
    "iso_level3_shift": "altgr",
    "opt": "option",
    "cmd": "command",
    "super": "win",
    "meta": "win",
    "windows": "win",
    # named keys
    "return": "enter",
    "kp_enter": "enter",
    "numpadenter": "enter",
    "escape": "esc",
    "del": "delete",
    "ins": "insert",
    "bksp": "backspace",
    "back": "backspace",
    "pgup": "pageup",
    "page_up": "pageup",
    "prior": "pageup",
    "pgdn": "pagedown",
    "page_down": "pagedown",
    "next": "pagedown",
    "arrowup": "up",
    "arrowdown": "down",
    "arrowleft": "left",
    "arrowright": "right",
    "caps_lock": "capslock",
    "num_lock": "numlock",
    "scroll_lock": "scrolllock",
    "print_screen": "printscreen",
    "prtsc": "printscreen",
    "print": "printscreen",
    "spacebar": "space",
    "media_volume_up": "volumeup",
    "media_volume_down": "volumedown",
    "media_volume_mute": "volumemute",
    "media_play_pause": "playpause",
    "media_next": "nexttrack",
    "media_previous": "prevtrack",
    # characters that have a key of their own
    " ": "space",
    "\n": "enter",
    "\r": "enter",
    "\t": "tab",
    "\b": "backspace",
    "\x1b": "esc",
    "\x7f": "delete",
}

_SIDED = ("ctrl", "control", "alt", "shift", "win", "super", "meta", "cmd", "command", "option")
for _name in _SIDED:
    for _side in ("_l", "_r", "left", "right", "_left", "_right", "l", "r"):
        _ALIASES[_name + _side] = _ALIASES.get(_name, _name)
_ALIASES["alt_gr"] = _ALIASES["altgr"] = "altgr"


def canonical_key(name: str) -> str:
    """The lower-case name that pyautogui gives a key: `Return` -> `enter`, `Key.ctrl_l` -> `ctrl`, `A` -> `a`.

    A name that is not known comes back in lower case, so applying this twice changes nothing.
    """
    if len(name) > 1:
        name = name.strip()
    lower = name.lower()
    lower = lower.removeprefix("key.") if len(lower) > 4 else lower
    return _ALIASES.get(lower, lower)


def printable(char: str) -> bool:
    """Whether a key's character is typed text: one visible character or a space."""
    return len(char) == 1 and (char.isprintable() or char == " ")
