"""What a plugin's code does to the world outside while it runs, as the interpreter itself reports it.

Reading the code (`static_reading`) sees what is written; this sees what is done, by whatever way. A hook cannot be
taken out again, so it is set once and looks only while a part of a plugin runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType

from dataclaw.kit.progress import CheckStep, current

WRITES = "writes to the disk"
NETWORK = "opens a network connection"
PROCESS = "starts a process"
_EVENTS = {
    WRITES: "os.chmod os.chown os.link os.mkdir os.remove os.rename os.rmdir os.symlink os.truncate os.utime "
    "shutil.copyfile shutil.move shutil.rmtree sqlite3.connect tempfile.mkdtemp tempfile.mkstemp",
    NETWORK: "socket.__new__ socket.bind socket.connect socket.getaddrinfo socket.gethostbyname socket.sendto",
    PROCESS: "os.exec os.fork os.forkpty os.posix_spawn os.spawn os.startfile os.system subprocess.Popen",
}
_DEEDS = {event: deed for deed, events in _EVENTS.items() for event in events.split()}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_PARTS = frozenset({"rule", "tool", "plan"})
_OURS = Path(__file__).parents[1]
_BASE = (str(_OURS / "kit"), str(_OURS / "plugins"))


class Audit:
    """Deeds of the plugin in one folder.

    Attributes:
        found: each deed once: which step did what, to what.
    """

    def __init__(self, root: Path) -> None:
        self.found: dict[tuple[CheckStep, str], str] = {}
        self._root = str(root) + os.sep
        self._busy = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if event != "open" and event not in _DEEDS:
            return
        step = current()
        if step.kind not in _PARTS or self._busy:
            return
        self._busy = True
        try:
            deed = _DEEDS.get(event) or (WRITES if _is_writing(args) else "")
            if deed and self._is_plugins(sys._getframe(1)):  # pyright: ignore[reportPrivateUsage]
                place = CheckStep(step.what, step.kind, step.file, step.line, step.task)
                self.found.setdefault((place, deed), f"{event} {str(args[0])[:80] if args else ''}".strip())
        finally:
            self._busy = False

    def _is_plugins(self, frame: FrameType | None) -> bool:
        """Whether the plugin does it, and not a function of ours that it calls, or an import."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith("<frozen importlib"):
                return False
            if file.startswith((self._root, *_BASE)):
                return True
            if file.startswith(str(_OURS)):
                return False
            frame = frame.f_back
        return True


def _is_writing(args: tuple[object, ...]) -> bool:
    mode, flags = (*args[1:3], None, None)[:2]
    return bool(set(mode) & set("wax+")) if isinstance(mode, str) else isinstance(flags, int) and bool(flags & _WRITING)
