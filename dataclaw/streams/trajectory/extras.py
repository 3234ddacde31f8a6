"""The readers of robot formats, which are optional to install."""

from __future__ import annotations

import importlib
from typing import Any

from dataclaw.errors import MissingExtraError


def reader(module: str) -> Any:
    """A module of an optional library, untyped.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(
            f"robot recordings of this format need {module.partition('.')[0]}.",
            remedy="Run: pip install 'dataclaw-tailor[embodied]'",
        ) from None
