"""`python -m endurance.crash`: something goes wrong at every operation that changes files, and the command runs again.

The command runs whole once. Then, for each of its operations, it runs into a fault there, and is run again without
one. What there is at the end must be what the whole run gave: nothing lost, nothing twice. A command that a fault
stops says so in a line, never by a traceback.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endurance.boundaries import FAULTS, Boundaries, operations

HERE = Path(__file__).parents[1]
CONTENT_OF_TIMES = frozenset({"seconds", "made_at", "when", "started", "took", "at", "elapsed"})
"""Keys of what differs between two runs of the same."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A command that is put to the test.

    Attributes:
        name: what it is called in the table.
        args: its arguments, `{out}` for the folder that it writes and `{inputs}` for that of its streams.
        tables: files below the folder that hold what it gives, as globs.
    """

    name: str
    args: Sequence[str]
    tables: Sequence[str]


INTENT = "Extract the ordered UI actions with coordinates"
SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("run", ["run", "-d", "gui", "-i", INTENT, "{inputs}", "-o", "{out}"],
                ["samples.jsonl", "rejected.jsonl", "artifacts.jsonl", "media/**/*"]),
        Subject("run-2", ["run", "-d", "gui", "-i", INTENT, "{inputs}", "-o", "{out}", "--workers", "2"],
                ["samples.jsonl", "rejected.jsonl", "artifacts.jsonl", "media/**/*"]),
        Subject("corpus", ["corpus", "build", "-d", "education", "--world", "talk", "--streams", "1", "--asks", "2",
                           "-o", "{out}"], ["export/*.jsonl"]),
        Subject("bench", ["bench", "build", "-d", "aigc", "--world", "cuts", "--count", "2", "--requests", "1",
                          "--out", "{out}"], ["*.jsonl", "manifest.json"]),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crash:
    """What came of a fault.

    Attributes:
        number: at which operation.
        operation: what it was.
        fault: what went wrong.
        problem: what is wrong with what came of it, "" for nothing.
    """

    number: int
    operation: str
    fault: str
    problem: str


def make_inputs(folder: Path) -> Path:
    """Two small traces of three clicks each, without pictures."""
    folder.mkdir(parents=True)
    for number in range(2):
        steps = [
            {"index": at, "image": "", "value": {"code": f"pyautogui.click(x=0.{number + 3}{at}, y=0.5)",
             "action": "Click", "observation": "A page", "thought": "Go on"}} for at in range(3)
        ]  # fmt: skip
        told = {"task_id": f"t{number}", "instruction": "Choose the three marks", "traj": steps}
        (folder / f"trace{number}.jsonl").write_text(json.dumps(told) + "\n")
    return folder


def content(subject: Subject, out: Path) -> dict[str, Any]:
    """What the command gave, by file, without times; lines in an order of their own."""
    found: dict[str, Any] = {}
    for pattern in subject.tables:
        for file in sorted(path for path in out.glob(pattern) if path.is_file()):
            name = str(file.relative_to(out))
            if file.suffix == ".jsonl":
                found[name] = sorted(json.dumps(_timeless(json.loads(line)), sort_keys=True)
                                     for line in file.read_text(encoding="utf-8").splitlines())  # fmt: skip
            elif file.suffix == ".json":
                found[name] = _timeless(json.loads(file.read_text(encoding="utf-8")))
            else:
                found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _timeless(v) for key, v in value.items() if key not in CONTENT_OF_TIMES}
    return [_timeless(v) for v in value] if isinstance(value, list) else value


def crashes(
    subject: Subject, faults: Sequence[str], work: Path, *, every: int = 1, told: Callable[[str], None] = print
) -> Iterator[Crash]:
    """Try every fault at every operation of a command, or at each `every`-th one.

    Raises:
        RuntimeError: the command does not run without a fault.
    """
    inputs = make_inputs(work / "inputs")
    whole, journal = work / "whole", work / "whole.journal"
    code, said = _run(subject, inputs, whole, Boundaries(whole, journal))
    if code:
        raise RuntimeError(f"{subject.name} does not run without a fault: {said}")
    wanted, counted = content(subject, whole), operations(journal)
    told(f"{subject.name}: {len(counted)} operations, {len(wanted)} files")
    for fault in faults:
        for number in range(0, len(counted), every):
            yield _crash(subject, inputs, work, number, fault, wanted)


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
    return Crash(number, operation, fault, problem)


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
    chosen = parser.parse_args()
    wrong = 0
    for name in chosen.subjects:
        with tempfile.TemporaryDirectory(prefix="crash-") as folder:
            work, start, tried = Path(folder), time.monotonic(), dict.fromkeys(FAULTS, 0)
            os.environ["DATACLAW_CACHE"] = str(work / "cache")
            warm(SUBJECTS[name], work)
            for crash in crashes(SUBJECTS[name], chosen.fault or list(FAULTS), work, every=chosen.every):
                tried[crash.fault] += 1
                if crash.problem:
                    wrong += 1
                    print(f"  {crash.fault} at {crash.number} ({crash.operation}): {crash.problem}", flush=True)
            counts = ", ".join(f"{fault} {count}" for fault, count in tried.items() if count)
            print(f"{name}: {counts}; {wrong} wrong; {time.monotonic() - start:.0f} s", flush=True)
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
