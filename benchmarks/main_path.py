"""Which files of ours one `dataclaw run` passes through: entered files in order, who handed over to them, and what.

A file counts as entered when one of its functions runs; what runs while a module is imported does not count. Domains
that are loaded are counted, too. Run: python benchmarks/main_path.py [PATH] [--all]; without --all only the first file
of each room is printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from io import StringIO
from pathlib import Path
from types import FrameType

import dataclaw

ROOT = Path(dataclaw.__file__).resolve().parents[1]
PACKAGES = ("dataclaw", "dataclaw_worlds", "pyautogui_trace_parsers")
EXAMPLE = ROOT / "examples" / "traces" / "shop_and_mail"
INTENT = "Extract the ordered UI actions with coordinates"


@dataclass
class Walk:
    """What ran.

    Attributes:
        entered: by file, in the order entered: the function that ran first, and the file and function it came from.
        loads: how often each domain was loaded.
    """

    entered: dict[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    loads: Counter[str] = field(default_factory=Counter[str])

    def look(self, frame: FrameType, event: str, arg: object) -> None:
        """A profile function."""
        code = frame.f_code
        if event != "call" or code.co_name.startswith("<") or not code.co_flags & CO_OPTIMIZED:
            return  # the body of a module or of a class runs when it is imported
        file = ours(code.co_filename)
        if file is None or not file.endswith(".py"):
            return
        if code.co_name == "load_plugin":
            self.loads[frame.f_locals["plugin"].name] += 1
        if file not in self.entered and not importing(frame):
            self.entered[file] = (code.co_name, caller(frame, file))


def ours(name: str) -> str | None:
    """Path of a file of ours from the root of the repository; None for others'."""
    path = Path(name)
    if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in PACKAGES:
        return None
    return path.relative_to(ROOT).as_posix()


def importing(frame: FrameType) -> bool:
    """Whether a module is being imported further up."""
    above = frame.f_back
    while above is not None:
        if above.f_code.co_name == "<module>" and above.f_globals.get("__name__") != "__main__":
            return True
        above = above.f_back
    return False


def caller(frame: FrameType, file: str) -> str:
    """The nearest function of another file of ours that led here, as `file:function`."""
    above = frame.f_back
    while above is not None:
        name = ours(above.f_code.co_filename)
        if name not in (None, file) and not above.f_code.co_name.startswith("<"):
            return f"{name}:{above.f_code.co_name}"
        above = above.f_back
    return ""


def walk(path: str, domain: str | None) -> Walk:
    """Run the command in this process and watch it."""
    from dataclaw.cli import app

    seen = Walk()
    with tempfile.TemporaryDirectory() as out, redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        words = ["run", "--intent", INTENT, path, "--out", out, *(["--domain", domain] if domain else [])]
        threading.setprofile(seen.look)
        sys.setprofile(seen.look)
        try:
            app(words, standalone_mode=False)
        except SystemExit:
            pass
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type]
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", default=str(EXAMPLE))
    parser.add_argument("--domain", default=None, help="name the domain; by default all are loaded")
    parser.add_argument("--all", action="store_true", help="every file, not only the first of each room")
    asked = parser.parse_args()
    seen = walk(asked.path, asked.domain)
    rooms: set[str] = set()
    for number, (file, (function, origin)) in enumerate(seen.entered.items(), 1):
        room = "/".join(file.split("/")[:2])
        if asked.all or room not in rooms:
            print(f"{number:4} {file}:{function}" + (f"  from {origin}" if origin else ""))
        rooms.add(room)
    loads = ", ".join(f"{name} {count}" for name, count in sorted(seen.loads.items()))
    print(f"{len(seen.entered)} files entered in {len(rooms)} rooms; domains loaded: {loads}")


if __name__ == "__main__":
    main()
