"""What must hold before a recording begins; each refusal says what to do."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dataclaw.errors import DataClawError, MissingExtraError, UsageError
from dataclaw.files import is_vacant

_WAYLAND = DataClawError(
    "this is a Wayland session, in which a program sees neither the screen nor the keys of others.",
    remedy='Choose an "Xorg" or "X11" session when you log in, or record programs inside Xvfb.',
)


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        UsageError: it does, or it is a file.
    """
    if (out / "events.jsonl").is_file() and (out / "metadata.json").is_file():
        remedy = f"Name another folder, or read it: dataclaw run --domain gui --intent ... {out}"
        raise UsageError("holds a recording, which can be read even where it was cut short.", place=out, remedy=remedy)
    if out.is_file() or not is_vacant(out):
        held = "is a file." if out.is_file() else "is not empty."
        raise UsageError(held, place=out, remedy="Name a new folder, or an empty one.")


def check_system() -> None:
    """Make sure that the screen can be seen and the input heard.

    Raises:
        MissingExtraError: the extra `record` is not installed.
        DataClawError: there is no display, it is Wayland's, or this program may not use it.
    """
    if missing := [name for name in ("mss", "pynput") if find_spec(name) is None]:
        said = f"{' and '.join(missing)} not installed."
        raise MissingExtraError(said, remedy="Run: pip install 'dataclaw-tailor[record]'")
    if sys.platform == "linux":
        _check_x11(os.environ.get("DISPLAY", ""))
    elif sys.platform == "darwin" and not import_module("pynput.keyboard").Listener.IS_TRUSTED:
        raise DataClawError(
            "this terminal may not hear mouse and keyboard.",
            remedy="Allow Accessibility and Screen Recording in System Settings > Privacy & Security; start it again.",
        )


def _check_x11(name: str) -> None:
    if not name:
        if os.environ.get("WAYLAND_DISPLAY"):
            raise _WAYLAND
        remedy = "Start it in a terminal of the desktop that is to be recorded, or set DISPLAY, to :0 for example."
        raise DataClawError("there is no display: DISPLAY is not set.", remedy=remedy)
    errors: Any = import_module("Xlib.error")
    try:
        display: Any = import_module("Xlib.display").Display()
    except (errors.DisplayError, errors.XauthError, OSError) as error:
        remedy = "Record as the user who is logged in there, and see that an X server runs under that name."
        said = f"the display {name!r} cannot be used: {' '.join(str(error).split())}."
        raise DataClawError(said, remedy=remedy) from None
    try:
        if display.query_extension("XWAYLAND") is not None or _has_wayland_outputs(display):
            raise _WAYLAND
        if display.query_extension("RECORD") is None:
            remedy = 'Give it: Load "record" in the section Module of xorg.conf.'
            raise DataClawError(f"the display {name!r} lacks the extension RECORD, which tells input.", remedy=remedy)
    finally:
        display.close()


def _has_wayland_outputs(display: Any) -> bool:
    """Whether it is an Xwayland from before 23.1, which only the names of its outputs tell."""
    if display.query_extension("RANDR") is None:
        return False
    resources = display.screen().root.xrandr_get_screen_resources()
    infos = (display.xrandr_get_output_info(output, resources.config_timestamp) for output in resources.outputs)
    return any(str(info.name).startswith("XWAYLAND") for info in infos)
