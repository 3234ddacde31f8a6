"""`python -m endurance.fuzz`: damaged files, by the million; each is read, or refused with a typed error.

Targets (`endurance.targets`) are readers with seeds of their own. A mutant is made again from the number that it has,
so that what was read need not be kept; what was neither read nor refused is kept in its smallest form. Everything lies
in a folder (`--state`), and the command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dataclaw.files import write_atomic
from endurance.reader import FuzzFinding, ReadCounts, Reader
from endurance.smaller import keep_finding
from endurance.target import FuzzTarget, seeds_of
from endurance.targets import TARGETS

TURN = 30.0
"""How long a reader reads before another one takes its place, and what it did is written down [s]."""
MOST = 20_000
"""Most mutants of a turn."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A target whose mutants are being read, until which number."""

    target: FuzzTarget
    reader: Reader
    work: Path


class FuzzState:
    """What was read so far, in a folder.

    Args:
        folder: `state.json`, `seeds/<target>/` and `findings/<target>/`; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "state.json"
        said: dict[str, Any] = json.loads(self.file.read_text()) if self.file.is_file() else {}
        self.counts = {name: ReadCounts(**one) for name, one in said.get("counts", {}).items()}
        self.found: dict[str, dict[str, list[int]]] = said.get("found", {})

    def counts_of(self, target: FuzzTarget) -> ReadCounts:
        """What came of a target's mutants."""
        return self.counts.setdefault(target.name, ReadCounts())

    def seeds(self, target: FuzzTarget) -> Path:
        """Folder with the seeds of a target."""
        return self.folder / "seeds" / target.name

    def add(self, target: FuzzTarget, counts: ReadCounts, found: Sequence[FuzzFinding]) -> list[FuzzFinding]:
        """Write down what a reader did; the findings that are of a new kind."""
        self.counts_of(target).add(counts)
        known = self.found.setdefault(target.name, {})
        new = [one for one in found if kind_of(one) not in known]
        for one in found:
            known.setdefault(kind_of(one), []).append(one.number)
        self.write()
        return list({kind_of(one): one for one in reversed(new)}.values())

    def write(self) -> None:
        """Write it down."""
        counts = {name: asdict(one) for name, one in self.counts.items()}
        write_atomic(self.file, json.dumps({"counts": counts, "found": self.found}, indent=1))


def kind_of(finding: FuzzFinding) -> str:
    """The same for findings of one kind: the error and its place."""
    error, _, rest = finding.what.partition(":")
    place = rest.rpartition("(")[2].rstrip(")")
    return f"{error} ({place})" if place else error


def make_seeds(targets: Sequence[FuzzTarget], state: FuzzState) -> None:
    """Make the seeds that are missing, each in a process of its own, and read each once.

    Raises:
        RuntimeError: seeds cannot be made, or one is not read.
    """
    for target in targets:
        folder = state.seeds(target)
        if folder.is_dir():
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        child = os.fork()
        if child == 0:
            code = 1
            try:
                target.make(part)
                for root in sorted(part.iterdir()):
                    target.read(root)
                code = 0 if seeds_of(target, part) else 3
            except BaseException:  # noqa: BLE001 - the process that forked this one must not go on here
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stderr.flush()
                os._exit(code)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            shutil.rmtree(part)
            raise RuntimeError(f"the seeds of {target.name} cannot be made or read.")
        part.rename(folder)


def plan_of(targets: Sequence[FuzzTarget], executions: int) -> dict[str, int]:
    """How many mutants each target gets, by name: its share of all."""
    whole = sum(target.share for target in targets)
    return {target.name: max(1, round(executions * target.share / whole)) for target in targets}


def fuzz(
    targets: Sequence[FuzzTarget],
    state: FuzzState,
    plan: Mapping[str, int],
    *,
    workers: int = 1,
    seconds: float = float("inf"),
    turn: float = TURN,
) -> Iterator[tuple[FuzzTarget, FuzzFinding, Path]]:
    """Read mutants until each target has had its number; each new kind of finding, and where it is kept.

    Args:
        targets: what reads them.
        state: what was read before.
        plan: how many mutants each gets in all.
        workers: processes.
        seconds: begin nothing new after so long [s].
        turn: how long a reader reads [s].
    """  # fmt: skip
    make_seeds(targets, state)
    end = time.monotonic() + seconds
    turns: list[_Turn] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_fast()) as folder:
        free = [Path(folder) / str(number) for number in range(workers)]
        try:
            while True:
                while free and time.monotonic() < end and (target := _next(targets, state, plan, turns)):
                    turns.append(_begin(target, state, plan, free.pop(), min(turn, end - time.monotonic())))
                if not turns:
                    return
                time.sleep(0.02)
                for one in [*turns]:
                    ended = one.reader.poll()
                    if ended is None:
                        continue
                    turns.remove(one)
                    free.append(one.work)
                    for finding in state.add(one.target, *ended):
                        yield one.target, finding, keep_finding(one.target, finding, state.folder)
        finally:
            for one in turns:
                one.reader.stop()


def _next(
    targets: Sequence[FuzzTarget], state: FuzzState, plan: Mapping[str, int], turns: Sequence[_Turn]
) -> FuzzTarget | None:
    """The target that is behind most, and is not being read."""
    waiting = [target for target in targets if target.name not in {turn.target.name for turn in turns}]
    behind = min(waiting, key=lambda one: state.counts_of(one).next / plan[one.name], default=None)
    return behind if behind and state.counts_of(behind).next < plan[behind.name] else None


def _begin(target: FuzzTarget, state: FuzzState, plan: Mapping[str, int], work: Path, seconds: float) -> _Turn:
    first = state.counts_of(target).next
    count = min(MOST, plan[target.name] - first)
    reader = Reader(target, state.seeds(target), first, count, seconds, work)
    reader.start()
    return _Turn(target, reader, work)


def _fast() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made there


def table(targets: Sequence[FuzzTarget], state: FuzzState) -> str:
    """What was read, a line for each target, and all of them."""
    rows = [("target", "executions", "/CPU s", "read", "refused", "findings", "worst s", "worst MiB")]
    whole = ReadCounts()
    for target in targets:
        counts = state.counts_of(target)
        whole.add(counts)
        rows.append(_row(target.name, counts, len(state.found.get(target.name, {}))))
    rows.append(_row("all", whole, sum(len(one) for one in state.found.values())))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "| " + " | ".join(f"{cell:<{width}}" if not at else f"{cell:>{width}}"
                          for at, (cell, width) in enumerate(zip(row, widths, strict=True))) + " |"
        for row in rows
    )  # fmt: skip


def _row(name: str, counts: ReadCounts, found: int) -> tuple[str, ...]:
    rate = counts.executions / counts.seconds if counts.seconds else 0.0
    return (name, f"{counts.executions:,}", f"{rate:,.0f}", f"{counts.read:,}", f"{counts.refused:,}", str(found),
            f"{counts.worst_seconds:.2f}", f"{counts.worst_bytes / 2**20:,.0f}")  # fmt: skip


def main() -> None:
    """Run it and print what was found; the exit code says whether anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="beginnings of the names of targets; all")
    parser.add_argument("--executions", type=int, default=1_000_000, help="mutants of all targets together")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin nothing new after so long")
    parser.add_argument("--workers", type=int, default=1, help="processes that read")
    parser.add_argument("--state", type=Path, help="folder to keep what was done in, and to go on from")
    parser.add_argument("--turn", type=float, default=TURN, help="how long a process reads [s]")
    parser.add_argument("--list", action="store_true", help="print the names of targets")
    chosen = parser.parse_args()
    targets = [target for target in TARGETS if not chosen.targets or target.name.startswith(tuple(chosen.targets))]
    if chosen.list or not targets:
        print("\n".join(target.name for target in TARGETS))
        raise SystemExit(not targets)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="fuzz-state-") as passing:
        state = FuzzState(chosen.state or Path(passing))
        plan = plan_of(targets, chosen.executions)
        start = time.monotonic()
        made = fuzz(targets, state, plan, workers=chosen.workers, seconds=chosen.seconds, turn=chosen.turn)
        for target, finding, place in made:
            print(f"{target.name} #{finding.number}: {finding.what}\n  {place if chosen.state else ''}", flush=True)
        print(table(targets, state))
        wrong = sum(len(state.found.get(target.name, {})) for target in targets)
        done = sum(state.counts_of(target).executions for target in targets)
        print(f"{done:,} executions, now {time.monotonic() - start:.0f} s: {wrong} wrong")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
