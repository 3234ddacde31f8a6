"""Processes that read mutants: each is forked for a while, has 10 s and 1 GiB a mutant, and may die.

What a reader has done stands in memory that it shares with the process that started it, so that a death tells at which
mutant it came, and nothing is written for a mutant that was read or refused.
"""

from __future__ import annotations

import gc
import json
import logging
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from endurance.mutants import mutant
from endurance.target import FuzzSeed, FuzzTarget, seed_of, seeds_of

SECONDS, MEMORY = 10.0, 2**30
"""What a mutant may take [s of a processor, bytes beyond what the reader began with]."""
SILENT = 90.0
"""After so long at one mutant a reader is stopped from outside: it waits, or does not come back to Python [s]."""
FENCE = 4 * MEMORY
"""Addresses that a reader may have beyond what it began with [bytes]; some are reserved and never used."""
_SHARED = struct.Struct("qqqqdd")


class TooLongError(BaseException):
    """A mutant took longer than it may."""


@dataclass(frozen=True, slots=True)
class FuzzFinding:
    """A mutant that was neither read nor refused.

    Attributes:
        number: which mutant of its target.
        what: what happened.
    """

    number: int
    what: str


@dataclass(slots=True)
class ReadCounts:
    """What came of mutants.

    Attributes:
        next: number of the mutant that comes next.
        executions: how many were given to the reader.
        read: how many of them it read.
        refused: how many it refused with a typed error.
        worst_seconds: longest time for one [s].
        worst_bytes: most memory beyond what the reader began with [bytes].
        seconds: what all took of a processor, imports included [s].
    """

    next: int = 0
    executions: int = 0
    read: int = 0
    refused: int = 0
    worst_seconds: float = 0.0
    worst_bytes: float = 0.0
    seconds: float = 0.0

    def add(self, other: ReadCounts) -> None:
        """Count what another reader did behind these."""
        self.next = other.next
        self.executions += other.executions
        self.read += other.read
        self.refused += other.refused
        self.seconds += other.seconds
        self.worst_seconds = max(self.worst_seconds, other.worst_seconds)
        self.worst_bytes = max(self.worst_bytes, other.worst_bytes)


@dataclass(slots=True)
class Reader:
    """A process that reads mutants of one target.

    Attributes:
        target: what reads them.
        seeds: folder with the seeds.
        first: number of the first mutant.
        count: most mutants.
        seconds: begin no mutant after so long [s].
        work: a folder of its own, on a fast disk.
    """

    target: FuzzTarget
    seeds: Path
    first: int
    count: int
    seconds: float
    work: Path
    _pid: int = 0
    _shared: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, _SHARED.size))
    _heard: tuple[int, float] = (-1, 0.0)

    def start(self) -> None:
        """Fork it."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self._shared[:] = _SHARED.pack(self.first, 0, 0, 0, 0.0, 0.0)
        self._pid = os.fork()
        if self._pid == 0:
            self._be()

    def poll(self) -> tuple[ReadCounts, list[FuzzFinding]] | None:
        """What it did, once it has ended; None while it runs. A reader that is silent for too long is killed."""
        pid, status, used = os.wait4(self._pid, os.WNOHANG)
        if pid == 0:
            number = _SHARED.unpack(self._shared)[1]
            if number != self._heard[0]:
                self._heard = (number, time.monotonic())
            elif time.monotonic() - self._heard[1] > SILENT:
                os.kill(self._pid, signal.SIGKILL)
            return None
        told = _SHARED.unpack(self._shared)
        counts = ReadCounts(*told, seconds=used.ru_utime + used.ru_stime)
        file = self.work / "findings"
        found = [FuzzFinding(**json.loads(line)) for line in file.read_text().splitlines()] if file.is_file() else []
        if code := os.waitstatus_to_exitcode(status):
            found.append(FuzzFinding(counts.next, f"the reader died: {code}"))
            counts.next += 1
            counts.executions += 1
        return counts, found

    def stop(self) -> None:
        """Kill it; what it did does not count."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _be(self) -> None:
        """In the child: read mutants, and end."""
        code = 1
        try:
            _be_quiet(self.work / "said")
            self._read_all()
            code = 0
        except BaseException:  # noqa: BLE001 - told as a death, and what is said of it is kept
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _read_all(self) -> None:
        copy = self.work / "seeds"
        shutil.copytree(self.seeds, copy)
        seeds = seeds_of(self.target, copy)
        whole = {seed.file: seed.file.read_bytes() for seed in seeds}
        for root in {seed.root for seed in seeds}:
            self.target.read(root)  # imports what it needs, which counts for no mutant
        gc.freeze()
        executions = read = refused = 0
        worst, held, base = 0.0, 0, _resident()
        before = seeds[0]
        end = time.monotonic() + self.seconds
        with (self.work / "findings").open("a", encoding="utf-8") as findings:
            for number in range(self.first, self.first + self.count):
                seed = seed_of(seeds, number)
                if seed is not before:
                    before.file.write_bytes(whole[before.file])
                    before = seed
                told = (executions, read, refused, worst, float(held))
                self._shared[:] = _SHARED.pack(number, *told)
                begin = time.monotonic()
                if begin > end:
                    return
                seed.file.write_bytes(damage(self.target, whole[seed.file], number))
                os.utime(seed.file, (number, number))  # readers know a changed file by its time, and clocks are coarse
                what = problem(self.target, seed)
                worst = max(worst, time.monotonic() - begin)
                executions += 1
                read += what == ""
                refused += what == "refused"
                if executions % 16 == 0 or what not in ("", "refused"):
                    now = max(held, _most_resident() - base)
                    if now > MEMORY >= held:
                        what = f"takes {now / 2**20:.0f} MiB (one of the last 16)"
                    held = now
                if what not in ("", "refused"):
                    findings.write(json.dumps({"number": number, "what": what}) + "\n")
                    findings.flush()
                if held > MEMORY:  # from here on nobody could tell what another one takes
                    number += 1
                    break
            else:
                number = self.first + self.count
            self._shared[:] = _SHARED.pack(number, executions, read, refused, worst, float(held))


def damage(target: FuzzTarget, data: bytes, number: int) -> bytes:
    """The mutant of that number."""
    return mutant(data, random.Random(f"{target.name}:{number}"))


def problem(target: FuzzTarget, seed: FuzzSeed) -> str:
    """What is wrong with how a mutant is read: "" for nothing, "refused" for a typed error."""
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        target.read(seed.root)
    except target.refuses:
        return "refused"
    except TooLongError:
        return f"takes longer than {SECONDS:g} s"
    except BaseException as error:  # noqa: BLE001 - an untyped error is what is looked for
        return f"{type(error).__name__}: {str(error)[:200]} ({_place(error)})"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def _place(error: BaseException) -> str:
    """Where our code was last, and where the error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/endurance/" not in frame.filename and "site-packages" not in frame.filename]
    named = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours[-1:], frames[-1])]
    return ", ".join(dict.fromkeys(named))


def _ring(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TooLongError


def _be_quiet(said: Path) -> None:
    logging.disable(logging.CRITICAL)
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    most = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") + FENCE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _most_resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
