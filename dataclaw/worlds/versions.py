"""Versions of what makes pictures and files here: two machines that share them make the same streams."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess

PACKAGES = ("av", "matplotlib", "metaworld", "miniworld", "mujoco", "numpy", "opencv-python-headless", "pillow",
            "playwright", "pyglet", "vizdoom")  # fmt: skip
"""Distributions that draw, simulate or encode."""
LIMIT = 20.0
"""How long a program may take to say its version [s]."""


def engine_versions() -> dict[str, str]:
    """Version of each engine that is installed, the browser among them."""
    found = {name: version for name in PACKAGES if (version := _package(name))}
    return found | ({"chromium": browser} if (browser := _browser()) else {})


def _package(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _browser() -> str:
    program = shutil.which("chromium")
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=LIMIT, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else ""
