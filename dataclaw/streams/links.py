"""Links in a stranger's folder: one that leads out of it is not followed, wherever it is laid.

A folder that a loader takes as a whole is searched once for such links; a file that is looked for beside another one is
asked for alone. What a file names in words is the business of `inside`.
"""

from __future__ import annotations

import os
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import while_unchanged


def stays(path: Path, root: Path) -> bool:
    """Whether a path leads nowhere else than into the folder, links followed. Links in a circle lead nowhere."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def is_beside(file: Path) -> bool:
    """Whether a regular file is there, and lies in its folder itself."""
    return file.is_file() and stays(file, file.parent)


def check_links(folder: Path) -> None:
    """Refuse a folder with a link that leads out of it.

    Raises:
        StreamError: there is one; the message names it.
    """
    found = _leading_out(folder)
    if found:
        raise StreamError(f"holds a link that leads out of it, {found[:200]!r}.", place=str(folder),
                          remedy="Copy the folder with its links resolved (cp -rL), or take the link out.")  # fmt: skip


@while_unchanged(64)  # every episode of a dataset asks for it
def _leading_out(folder: Path) -> str:
    """The first such link, from the folder; hidden ones are not looked at, for nobody reads them."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *sorted(files)):
            path = Path(place, name)
            if path.is_symlink() and not name.startswith(".") and not stays(path, folder):
                return str(path.relative_to(folder))
    return ""
