"""`python -m endurance.crash`: something goes wrong at every operation that changes files, and the command runs again.

The command runs whole once. Then, for each of its operations, it runs into a fault there, and is run again without
one. What there is at the end must be what the whole run gave: nothing lost, nothing twice. A command that a fault
stops says so in a line, never by a traceback.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from endurance.boundaries import FAULTS, Boundaries, operations
from endurance.subjects import SUBJECTS, Subject, content, make_inputs

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Crash:
    """What came of a fault.

    Attributes:
        subject: of which command.
        number: at which operation.
        operation: what it was.
        fault: what went wrong.
        problem: what is wrong with what came of it, "" for nothing.
    """

    subject: str
    number: int
    operation: str
    fault: str
    problem: str


class CrashLog:
    """What was tried, a line for each, in a file that several processes add to.

    Args:
        file: the file; what it holds already is not tried again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[Crash]:
        """All that was tried."""
        lines = self.file.read_text().splitlines() if self.file.is_file() else []
        return [Crash(**json.loads(line)) for line in lines]

    def add(self, crash: Crash) -> None:
        """Write one down."""
        with self.file.open("a") as file:
            file.write(json.dumps(asdict(crash)) + "\n")


def try_crashes(
    subject: Subject,
    faults: Sequence[str],
    work: Path,
    log: CrashLog,
    *,
    every: int = 1,
    jobs: int = 1,
    told: Callable[[str], None] = print,
) -> None:
    """Try every fault at every operation of a command, or at each `every`-th one, but those that were tried before.

    Args:
        subject: the command.
        faults: which ones.
        work: an empty folder.
        log: what was tried.
        every: each so manieth operation.
        jobs: processes that try.
        told: what is said meanwhile.

    Raises:
        RuntimeError: the command does not run without a fault, or a process that tried ended early.
    """  # fmt: skip
    inputs = make_inputs(work / "inputs")
    whole, journal = work / "whole", work / "whole.journal"
    code, said = _run(subject, inputs, whole, Boundaries(whole, journal))
    if code:
        raise RuntimeError(f"{subject.name} does not run without a fault: {said}")
    wanted, counted = content(subject, whole), operations(journal)
    told(f"{subject.name}: {len(counted)} operations, {len(wanted)} files")
    done = {(one.fault, one.number) for one in log.read() if one.subject == subject.name}
    all_ = [(fault, number) for fault in faults for number in range(0, len(counted), every)]
    left = [one for one in all_ if one not in done]
    children = [_fork_job(subject, inputs, work / str(job), left[job::jobs], wanted, log) for job in range(jobs)]
    ends = [os.waitpid(child, 0)[1] for child in children]
    if any(ends):
        raise RuntimeError(f"a process that tried {subject.name} ended early; begin again with the same --state.")


def _fork_job(
    subject: Subject, inputs: Path, work: Path, left: Sequence[tuple[str, int]], wanted: Mapping[str, Any],
    log: CrashLog,
) -> int:  # fmt: skip
    """A process that tries some of them; its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work.mkdir()
            for fault, number in left:
                log.add(_crash(subject, inputs, work, number, fault, wanted))
            code = 0
        except BaseException:  # noqa: BLE001 - the process that forked this one must not go on here
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)
    return child


def _crash(subject: Subject, inputs: Path, work: Path, number: int, fault: str, wanted: Mapping[str, Any]) -> Crash:
    out, journal = work / "out", work / "out.journal"
    shutil.rmtree(out, ignore_errors=True)
    journal.unlink(missing_ok=True)
    code, said = _run(subject, inputs, out, Boundaries(out, journal, number, fault))
    counted = operations(journal)
    operation = counted[number] if number < len(counted) else "not reached"
    problem = "" if "Traceback" not in said else f"a traceback: {said[-300:]}"
    again, told = _run(subject, inputs, out, Boundaries(out, work / "again.journal"))
    if again:
        problem = problem or f"the second run ended with {again}: {told[-300:]}"
    elif content(subject, out) != wanted:
        problem = problem or f"not what a whole run gives: {_difference(content(subject, out), wanted)}"
    elif left := [str(file.relative_to(out)) for file in out.rglob("*.tmp")]:
        problem = problem or f"left behind: {left[:3]}"
    del code
    return Crash(subject.name, number, operation, fault, problem)


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    names = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    return ", ".join(f"{name} ({_size(found.get(name))} for {_size(wanted.get(name))})" for name in names[:3])


def _size(value: Any) -> str:
    return "nothing" if value is None else f"{len(value)} lines" if isinstance(value, list) else "other content"


def _run(subject: Subject, inputs: Path, out: Path, boundaries: Boundaries) -> tuple[int, str]:
    """Run the command in a process of its own group; its exit code (-9 when it was killed) and what it said."""
    args = [arg.format(out=out, inputs=inputs) for arg in subject.args]
    heard = boundaries.journal.with_suffix(".said")
    child = os.fork()
    if child == 0:
        _be_the_command(args, boundaries, heard)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), heard.read_text(encoding="utf-8", errors="replace")


def _be_the_command(args: Sequence[str], boundaries: Boundaries, heard: Path) -> None:
    """In the child: become the command, and end."""
    code = 70
    try:
        os.setsid()
        said = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(said, stream)
        environment = {"ENDURANCE_UNDER": str(boundaries.under), "ENDURANCE_JOURNAL": str(boundaries.journal),
                       "ENDURANCE_AT": str(boundaries.at), "ENDURANCE_FAULT": boundaries.fault,
                       "PYTHONPATH": os.pathsep.join([str(HERE / "endurance" / "children"), str(HERE)])}  # fmt: skip
        os.environ.update(environment)
        boundaries.arm()
        sys.argv = ["dataclaw", *args]
        from dataclaw.cli import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - what no command catches is a finding
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def warm(subject: Subject, work: Path) -> None:
    """Import all that the command imports, so that each child begins with it."""
    listed = work / "modules"
    inputs = make_inputs(work / "warm-inputs")
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(work / "warm.said", os.O_WRONLY | os.O_CREAT), 1)
            os.dup2(1, 2)
            sys.argv = ["dataclaw", *(arg.format(out=work / "warm", inputs=inputs) for arg in subject.args)]
            from dataclaw.cli import main

            main()
        except SystemExit:
            listed.write_text("\n".join(name for name in sys.modules if not name.startswith("__")))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    for name in listed.read_text().split() if listed.is_file() else ():
        try:
            importlib.import_module(name)
        except ImportError:  # made by other modules as they went
            continue


def main() -> None:
    """Run it and print a table; the exit code says whether anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS), help=f"of {', '.join(SUBJECTS)}; all")
    parser.add_argument("--fault", action="append", choices=list(FAULTS), help="all where left out")
    parser.add_argument("--every", type=int, default=1, help="each so manieth operation")
    parser.add_argument("--jobs", type=int, default=1, help="processes that try")
    parser.add_argument("--state", type=Path, help="file to write down what was tried in, and to go on from")
    chosen = parser.parse_args()
    wrong = 0
    for name in chosen.subjects:
        if missing := SUBJECTS[name].missing:
            print(f"{name}: left out, since {missing} is not installed", flush=True)
            continue
        with tempfile.TemporaryDirectory(prefix="crash-", dir=_fast()) as folder:
            work, start = Path(folder), time.monotonic()
            log = CrashLog(chosen.state or work / "crashes.jsonl")
            os.environ |= {"DATACLAW_CACHE": str(work / "cache"), "OMP_NUM_THREADS": "1"}
            warm(SUBJECTS[name], work)
            try_crashes(SUBJECTS[name], chosen.fault or list(FAULTS), work, log, every=chosen.every, jobs=chosen.jobs)
            tried = [one for one in log.read() if one.subject == name]
            for one in tried:
                if one.problem:
                    wrong += 1
                    print(f"  {one.fault} at {one.number} ({one.operation}): {one.problem}", flush=True)
            counts = ", ".join(f"{fault} {sum(one.fault == fault for one in tried)}" for fault in FAULTS)
            print(f"{name}: {counts}; {wrong} wrong; {time.monotonic() - start:.0f} s", flush=True)
    raise SystemExit(wrong > 0)


def _fast() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made there


if __name__ == "__main__":
    main()
