"""Libraries of models, imported where they are needed."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from dataclaw.errors import MissingExtraError


def library(name: str, *, extra: str = "train", user: str = "models of transformers") -> Any:
    """A library of an extra, imported now.

    Args:
        name: the module.
        extra: the extra of this package that installs it.
        user: what needs it, for the message.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0]:
            raise  # it is there, and something of its own is missing
        raise MissingExtraError(
            f"{user} cannot be used because {error.name} is not installed.",
            remedy=f"Run: pip install 'dataclaw-tailor[{extra}]'",
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
