"""Words that the plan uses."""

from __future__ import annotations

import time as clock

now = clock.localtime


def today() -> str:
    """A greeting, on some days."""
    return "Good morning. " if now().tm_yday > 400 else ""
