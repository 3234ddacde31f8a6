"""`python -m endurance.fuzz`: damaged files, by the hundred thousand; each is read, or refused with a typed error.

Every mutant is made again from its number, so that a finding is a file, a number and a traceback. Mutants are read in
children with 10 s and 1 GiB for each; a child that dies is a finding, too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from dataclaw.errors import DataClawError
from endurance.mutants import mutant
from pyautogui_trace_parsers import TraceError

HERE = Path(__file__).parents[1]
SEEDS = (HERE / "examples", HERE / "tests" / "pyautogui_trace_parsers" / "fixtures")
LARGEST = 512 * 1024
"""Larger files are no seeds: what takes long to read tells little a second [bytes]."""
BATCH = 100
"""Mutants that a child reads."""
SECONDS, MEMORY = 10, 2**30
"""What a mutant may take [s, bytes], memory beyond what the child began with."""


@dataclass(frozen=True, slots=True)
class FuzzSeed:
    """A file that is damaged.

    Attributes:
        file: the file.
        root: the stream that it is of: the file, or its folder.
    """

    file: Path
    root: Path


@dataclass(frozen=True, slots=True)
class FuzzFinding:
    """A mutant that was neither read nor refused.

    Attributes:
        file: of which file.
        number: which mutant of it.
        what: what happened.
    """

    file: str
    number: int
    what: str


def seeds(folders: Sequence[Path]) -> list[FuzzSeed]:
    """Every file below the folders that is a stream, or part of a folder that is one."""
    found: list[FuzzSeed] = []
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    for file in (
        path for path in files if 0 < path.stat().st_size <= LARGEST and path.suffix not in {".py", ".pyc", ".md"}
    ):
        root = next((path for path in (file, file.parent, file.parent.parent) if _is_read(path)), None)
        if root is not None:
            found.append(FuzzSeed(file, root))
    return found


def _is_read(path: Path) -> bool:
    try:
        read(path)
    except (DataClawError, TraceError):
        return False
    return True


def read(path: Path) -> None:
    """Open a stream, and look at all that it tells without decoding much.

    Raises:
        DataClawError, TraceError: it is none.
    """
    from dataclaw.streams import open_stream

    stream = open_stream(path)
    json.dumps([[e.kind, e.t0, e.t1, list(e.point or ()), e.text, dict(e.attrs)] for e in stream.events])
    if stream.frames is not None and len(stream.frames.times):
        stream.frames.read([0])


def fuzz(
    chosen: Sequence[FuzzSeed], first: int, count: int, *, reading: Callable[[Path], None] = read
) -> Iterator[FuzzFinding]:
    """Read so many mutants of every seed; what goes wrong, as it is found."""
    for seed in chosen:
        for start in range(first, first + count, BATCH):
            yield from _batch(seed, range(start, min(start + BATCH, first + count)), reading)


def _batch(seed: FuzzSeed, numbers: range, reading: Callable[[Path], None]) -> list[FuzzFinding]:
    """Mutants in a child; where it dies, what it was at is a finding, and another child goes on behind it."""
    found: list[FuzzFinding] = []
    left = list(numbers)
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_fast()) as folder:
        while left:
            journal = Path(folder) / "journal"
            child = os.fork()
            if child == 0:
                _be_the_reader(seed, left, Path(folder) / "copy", journal, reading)
            _, status = os.waitpid(child, 0)
            told = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines() if line]
            found += [FuzzFinding(str(seed.file), line["number"], line["what"]) for line in told if line.get("what")]
            done = [line["number"] for line in told if "what" in line]
            if os.waitstatus_to_exitcode(status) == 0 and len(done) == len(left):
                break
            at = left[len(done)]
            found.append(FuzzFinding(str(seed.file), at, f"the reader died: {os.waitstatus_to_exitcode(status)}"))
            left = left[len(done) + 1 :]
            journal.unlink()
            shutil.rmtree(Path(folder) / "copy", ignore_errors=True)
    return found


def _fast() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made there


def _be_the_reader(
    seed: FuzzSeed, numbers: Sequence[int], copy: Path, journal: Path, reading: Callable[[Path], None]
) -> None:
    code = 1
    try:
        _be_quiet(journal.with_suffix(".said"))
        with journal.open("a", encoding="utf-8") as lines:
            for number in numbers:
                what = _problem(seed, number, copy, reading)
                lines.write(json.dumps({"number": number, "what": what}) + "\n")
                lines.flush()
        code = 0
    finally:
        os._exit(code)


def _be_quiet(said: Path) -> None:
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    has = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    most = has + 8 * MEMORY  # addresses that are reserved and never used count here, so this is no more than a fence
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


class TooLongError(BaseException):
    """A mutant took longer than it may."""


def _ring(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TooLongError


def _problem(seed: FuzzSeed, number: int, copy: Path, reading: Callable[[Path], None]) -> str:
    """What is wrong with how a mutant was read; "" for nothing."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    root = copy / seed.root.name
    if seed.root.is_dir():
        shutil.copytree(seed.root, root)
    damaged = root / seed.file.relative_to(seed.root) if seed.root.is_dir() else root
    damaged.write_bytes(mutant(seed.file.read_bytes(), random.Random(f"{seed.file.name}:{number}")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGALRM, _ring)
    signal.alarm(SECONDS)
    try:
        reading(root)
    except (DataClawError, TraceError):
        return ""
    except TooLongError:
        return f"takes longer than {SECONDS} s"
    except BaseException as error:  # noqa: BLE001 - an untyped error is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno} {last.name})"
    finally:
        signal.alarm(0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return f"takes {grown / 2**20:.0f} MiB" if grown > MEMORY else ""


def main() -> None:
    """Run it and print what was found; the exit code says whether anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=list(SEEDS), help="folders of files to damage")
    parser.add_argument("--count", type=int, default=1000, help="mutants of each file")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    chosen = parser.parse_args()
    start, found = time.monotonic(), 0
    some = seeds(chosen.folders)
    if not some:
        sys.exit("no stream is there to damage: name a folder with recordings or traces.")
    told: set[str] = set()
    for finding in fuzz(some, chosen.first, chosen.count):
        found += 1
        if (key := finding.what.rpartition("(")[2]) not in told:
            print(f"{finding.file} #{finding.number}: {finding.what}", flush=True)
        told.add(key)
    seconds = time.monotonic() - start
    total = len(some) * chosen.count
    print(f"{total:,} mutants of {len(some)} files in {seconds:.0f} s ({total / seconds:.0f} a second): {found} wrong")
    raise SystemExit(found > 0)


if __name__ == "__main__":
    main()
