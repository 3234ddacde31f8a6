"""Libraries of models, imported where they are needed."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from dataclaw.errors import MissingExtraError


def library(name: str) -> Any:
    """A library of the extra `train`.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0]:
            raise  # it is there, and something of its own is missing
        raise MissingExtraError(
            f"models of transformers need {error.name}.", remedy="Run: pip install 'dataclaw-tailor[train]'"
        ) from None


@contextmanager
def quietly() -> Generator[None]:
    """Without the progress bars of transformers."""
    logging: Any = library("transformers.utils.logging")
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@contextmanager
def without_peft_warning() -> Generator[None]:
    """By peft 0.21, which asks transformers 5.24 by a deprecated name; nothing that a user could change."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield
