"""The loaders that come with DataClaw, and which loader takes a path."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.loader import Loader


def builtin() -> tuple[Loader, ...]:
    """The loaders that come with DataClaw."""
    # Imported here so that `import dataclaw` does not load what they need.
    from dataclaw.streams import edits, lessons, narrations, trajectory

    return (*trajectory.LOADERS, *edits.LOADERS, *lessons.LOADERS, *narrations.LOADERS)


def claimant(path: Path, loaders: Iterable[Loader]) -> Loader | None:
    """The loader that takes a path, or None.

    Raises:
        StreamError: two of them claim it.
    """
    found = [loader for loader in loaders if loader.claims(path)]
    if len(found) > 1:
        names = " and ".join(loader.name for loader in found)
        raise StreamError(f"{names} both claim it.", place=str(path), remedy="Leave out the files of one of them.")
    return found[0] if found else None
