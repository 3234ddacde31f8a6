"""How long people wait for DataClaw: commands as they are typed, in processes of their own.

    python benchmarks/waiting.py [--minutes 30] [--streams 500] [--clicks 60] [--only NAME ...]

Each row gives the wall-clock time, the time to the first output, the CPU time of the process and its children, and the
largest memory of one of them. Rows that are compared with each other run in turn, in every round, and the fastest round
counts. Films are drawn by `shots.py`. Set `PYTHONDONTWRITEBYTECODE=` for what users have: compiled modules.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import shots

ROOT = Path(__file__).parents[1]
TRACE = ROOT / "examples" / "traces" / "shop_and_mail"
INTENT = "Extract the ordered UI actions with coordinates"
OCR = """
import time
from dataclaw.streams import open_stream
from dataclaw.tools import builtin
from dataclaw.tools.base import ToolContext
stream = open_stream({path!r})
context = ToolContext(stream, (0.0, stream.duration))
builtin()["read_text"](context, {{"frame": 0, "box": [0, 0, 64, 32]}})
events = [e.index for e in stream.events if e.point][:15]
start = time.process_time()
result = builtin()["read_text"](context, {{"events": events}})
print(len(events), "screens,", len(result.anchors), "lines,", round(time.process_time() - start, 2), "s CPU of reading")
"""

LOOP = "held = {}\nfor number in range(12_000_000): held[number % 5000] = str(number)"


@dataclass(frozen=True)
class Wait:
    """What a command took.

    Attributes:
        wall: until it ended [s].
        first: until it said anything [s].
        cpu: of the process and of those that it waited for [s].
        memory: largest resident memory of one of them [MiB].
        said: what it printed last.
    """

    wall: float
    first: float
    cpu: float
    memory: float
    said: str


def wait_for(command: Sequence[str], cache: Path) -> Wait:
    """Run a command and wait for it."""
    start = time.perf_counter()
    environment = {**os.environ, "DATACLAW_CACHE": str(cache)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=environment
    )  # fmt: skip
    assert process.stdout is not None
    heard: list[bytes] = []
    first: list[float] = []

    def listen(pipe: int) -> None:
        while part := os.read(pipe, 65536):
            first.append(time.perf_counter() - start)
            heard.append(part)

    ear = threading.Thread(target=listen, args=(process.stdout.fileno(),))
    ear.start()
    _, _, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    ear.join(5)
    said = b"".join(heard).decode(errors="replace").strip().splitlines()
    return Wait(
        wall,
        first[0] if first else wall,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        said[-1] if said else "",
    )


def dataclaw(*words: str) -> list[str]:
    return [sys.executable, "-m", "dataclaw", *words]


def fragments(folder: Path) -> Path:
    """The example's recording in nine files, shuffled."""
    with av.open(str(TRACE / "screen.mp4")) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    length = len(pictures) // 9
    folder.mkdir()
    for name, part in zip("abcdefghi", (8, 6, 0, 5, 2, 7, 1, 3, 4), strict=True):
        own = pictures[part * length : (part + 1) * length]
        shots.save(folder / f"fragment_{name}.mp4", own, (own[0].shape[1], own[0].shape[0]))
    return folder


def film(path: Path, minutes: int) -> Path:
    """360p30 with shots of 5 to 30 s."""
    dice, left = np.random.default_rng(3), minutes * 60 * shots.RATE

    def pictures(left: int) -> Iterator[shots.Pixels]:
        while left > 0:
            count = min(left, int(dice.integers(150, 900)))
            left -= count
            yield from shots.scene(dice, count, (640, 360))

    shots.save(path, pictures(left), (640, 360))
    return path


def traces(folder: Path, count: int, clicks: int) -> Path:
    """Traces of so many clicks each, no two alike, without pictures."""
    folder.mkdir()
    for number in range(count):
        codes = [f"pyautogui.click(x={0.1 + number / 9000:.6f}, y={(at + 1) / 1000})" for at in range(clicks)]
        steps = [
            {"index": at, "image": "", "value": {
                "code": code, "action": "Click", "observation": "A page", "thought": "Go on"
            }} for at, code in enumerate(codes)
        ]  # fmt: skip
        told = {"task_id": f"t{number}", "instruction": "Choose the marks", "traj": steps}
        (folder / f"{number:05}.jsonl").write_text(json.dumps(told) + "\n")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help="length of the 360p film")
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--clicks", type=int, default=60, help="actions of each of the streams")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="of nothing, run, text, fragments, film, streams")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows: dict[str, Callable[[Path, int, int, int], None]] = {
            "nothing": lambda at, *_: compare({
                "dataclaw /nope": dataclaw("/nope"),
                "dataclaw run /nope": dataclaw("run", "-i", INTENT, "/nope"),
            }, at, asked.rounds),
            "run": lambda at, *_: compare({
                "run --domain gui, warm": dataclaw("run", "-d", "gui", "-i", INTENT, str(TRACE), "-o", str(at / "a")),
                "run, warm": dataclaw("run", "-i", INTENT, str(TRACE), "-o", str(at / "b")),
            }, at, asked.rounds, warm=True),
            "text": lambda at, *_: compare({
                "text of 15 screens": [sys.executable, "-c", OCR.format(path=str(TRACE))],
            }, at, 1),
            "fragments": lambda at, *_: compare({"nine fragments, cold": dataclaw(
                "run", "-d", "gui", "-i", "put these shuffled fragments in order",
                str(fragments(at / "f")), "-o", str(at / "fo"),
            )}, at, 1),
            "film": lambda at, *_: compare({f"{asked.minutes} min of 360p": dataclaw(
                "run", "-d", "daily", "-t", "temporal_qa", "-i", "questions about when and in which order",
                str(film(at / "film.mp4", asked.minutes)), "-o", str(at / "t"),
            )}, at, 1),
            "streams": lambda at, *_: many(traces(at / "s", asked.streams, asked.clicks), at, asked.rounds),
        }  # fmt: skip
        print(f"{'':34}{'wall':>9}{'first':>8}{'CPU':>9}{'memory':>11}")
        for row, measure in rows.items():
            if not asked.only or row in asked.only:
                measure(folder, asked.minutes, asked.streams, asked.rounds)


def compare(commands: dict[str, list[str]], folder: Path, rounds: int, *, warm: bool = False) -> dict[str, Wait]:
    """Run every command once a round, in turn; print and give the fastest of each."""
    best: dict[str, Wait] = {}
    for number in range(rounds + warm):
        for name, command in commands.items():
            for out in (folder / word for word in ("a", "b", "o1", "o2", "or")):
                subprocess.run(["rm", "-rf", str(out)], check=True)
            took = wait_for(command, folder / "cache")
            if number >= warm and (name not in best or took.wall < best[name].wall):
                best[name] = took
    for name, took in best.items():
        print(
            f"{name:34}{took.wall:7.2f} s{took.first:6.2f} s{took.cpu:7.2f} s{took.memory:7.0f} MiB  {took.said[:60]}",
            flush=True,
        )
    return best


def many(folder: Path, at: Path, rounds: int) -> None:
    """One worker, two, and two of Ray on the same streams; rates beside one worker's."""
    words = ["run", "-d", "gui", "-i", "list every action", "--no-report", str(folder)]
    found = compare(
        {
            "1 worker": dataclaw(*words, "-o", str(at / "o1")),
            "2 workers": dataclaw(*words, "-o", str(at / "o2"), "--workers", "2"),
            "2 workers of Ray": dataclaw(*words, "-o", str(at / "or"), "--workers", "2", "--engine", "ray"),
        },
        at,
        rounds,
    )
    one = found["1 worker"].wall
    rates = [f"{name} {one / took.wall:.2f} x" for name, took in found.items()]
    print(", ".join([*rates, f"the machine itself {gain_of_two():.2f} x"]))


def gain_of_two() -> float:
    """How much more two programs do at once than one alone: all that two workers can gain; cores are seldom two."""
    fastest = [float("inf"), float("inf")]
    for _ in range(3):
        for more in range(2):
            start = time.perf_counter()
            running = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(1 + more)]
            for process in running:
                process.wait()
            fastest[more] = min(fastest[more], time.perf_counter() - start)
    return 2 * fastest[0] / fastest[1]


if __name__ == "__main__":
    main()
