"""`python -m endurance.soak`: an hour of `dataclaw serve` under mixed load on loopback.

Clients start jobs, cancel them, send what is none, follow and leave, read half of an answer, ask as clients of OpenAI
do, and delete. Meanwhile the server's memory, descriptors and threads are sampled; whether they grow is told by a line
through their last two thirds. At the end every job that was accepted must have come to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import numpy as np

from endurance.footprints import Footprint, Trend, footprint, tree, trend
from endurance.load import ENDS, Load

HERE = Path(__file__).parents[1]
LEAST = {"memory": 2.0, "descriptors": 2.0, "threads": 2.0, "helper": 2.0}
"""By how much each must rise within the time that is looked at to count as growth [MiB, or how many]."""
GRACE = 10.0
"""How long processes that the server began may live on when it has ended [s]."""
DRAIN = 900.0
"""How long the jobs that are left may take at the end [s]."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it.

    Attributes:
        minutes: how long the load lasted [min].
        states: jobs at the end, by state.
        latency: requests and their p50, p95 and p99 by kind [s].
        trends: of memory, descriptors, threads and the helper's memory.
        course: what was sampled.
        wrong: what went wrong.
    """

    minutes: float
    states: Mapping[str, int]
    latency: Mapping[str, tuple[int, float, float, float]]
    trends: Mapping[str, Trend]
    course: Sequence[Footprint]
    wrong: Sequence[str]

    @property
    def growing(self) -> list[str]:
        """What grows."""
        return [name for name, course in self.trends.items() if course.grows]


@contextmanager
def _server(work: Path) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    command = [sys.executable, "-m", "dataclaw", "serve", "--port", "0", "--home", str(work / "home"), "--jobs", "2"]
    command += ["--root", str(HERE / "examples"), "--max-upload", "3", "--queue", "20"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "DATACLAW_CACHE": str(work / "cache"),
        "PYTHONUNBUFFERED": "1",
    }
    with (work / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    try:
        assert server.stdout is not None
        told = server.stdout.readline()
        address = next((word for word in told.split() if word.startswith("http://")), "")
        if not address:
            raise RuntimeError(f"the server does not start: {told} {(work / 'server.log').read_text()[-500:]}")
        yield server, address.removesuffix("/openapi.json")
    finally:
        server.kill()
        server.communicate()


def soak(work: Path, minutes: float, *, clients: int = 4, every: float = 2.0, seed: int = 0) -> Soaked:
    """Put a server under load.

    Args:
        work: an empty folder.
        minutes: for how long [min].
        clients: how many ask at once.
        every: seconds between samples [s].
        seed: of what they do.
    """
    with _server(work) as (server, url):
        load = Load(url, seed)
        threads = [Thread(target=load.work, args=(number,), daemon=True) for number in range(clients)]
        for thread in threads:
            thread.start()
        start, course = time.monotonic(), list[Footprint]()
        while (at := time.monotonic() - start) < minutes * 60 and server.poll() is None:
            course.append(footprint(server.pid, at))
            time.sleep(every)
        load.over.set()
        for thread in threads:
            thread.join(DRAIN)
        states = _drain(load) if server.poll() is None else Counter({"lost with the server": len(load.accepted)})
        wrong = [*load.wrong, *_end(server)]
    said = (work / "server.log").read_text(encoding="utf-8", errors="replace")
    wrong += [f"the server's log: {line}" for line in said.splitlines() if line.strip()][:20]
    latency = {kind: (len(took), *(float(np.percentile(took, at)) for at in (50, 95, 99)))
               for kind, took in sorted(load.seconds.items())}  # fmt: skip
    times = [one.at for one in course]
    trends = {name: trend(times, [getattr(one, name) for one in course], least) for name, least in LEAST.items()}
    return Soaked(minutes, dict(states), latency, trends, course, wrong)


def _drain(load: Load) -> Counter[str]:
    """Wait for every job, look what became of it, and delete all; how many there were, by state."""
    with httpx.Client(base_url=load.url, timeout=60) as client:
        deadline = time.monotonic() + DRAIN
        jobs: list[dict[str, Any]] = _all_jobs(client)
        while any(job["state"] not in ENDS for job in jobs) and time.monotonic() < deadline:
            time.sleep(1.0)
            jobs = _all_jobs(client)
        load.wrong += [f"job {job['id']} is still {job['state']}" for job in jobs if job["state"] not in ENDS]
        load.wrong += [f"job {job['id']} failed: {job['problem']}" for job in jobs if job["state"] == "failed"]
        lost = {*load.accepted} - {str(job["id"]) for job in jobs}
        load.wrong += [f"job {name} was accepted and is nowhere" for name in sorted(lost)]
        for job in jobs:
            if client.delete(f"/v1/jobs/{job['id']}").status_code not in {204, 409}:
                load.wrong.append(f"job {job['id']} cannot be deleted")
    return Counter(str(job["state"]) for job in jobs)


def _all_jobs(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := client.get(
        "/v1/jobs", params={"limit": 1000, **({"before": found[-1]["id"]} if found else {})}
    ).json():
        found += page
    return found


def _end(server: subprocess.Popen[str]) -> list[str]:
    """End the server as a person would; what is wrong with how it went."""
    if server.poll() is not None:
        return [f"the server ended by itself with {server.returncode}"]
    before = {child: _command(child) for child in tree(server.pid)}
    server.send_signal(signal.SIGTERM)
    try:
        code = server.wait(60)
    except subprocess.TimeoutExpired:
        return ["the server does not end within 60 s of SIGTERM"]
    deadline = time.monotonic() + GRACE
    while (left := [f"{child} {what}" for child, what in before.items() if what and _command(child) == what]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.2)
    return [*([f"the server ended with {code}"] if code else []), *([f"left behind: {left}"] if left else [])]


def _command(pid: int) -> str:
    """What a process runs, "" where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return ""


def report(soaked: Soaked) -> str:
    """What came of it, as two tables and what went wrong."""
    lines = [f"{'request':26} {'count':>6} {'p50':>8} {'p95':>8} {'p99':>8}"]
    lines += [f"{kind:26} {count:6} {p50 * 1000:6.0f} ms {p95 * 1000:5.0f} ms {p99 * 1000:5.0f} ms"
              for kind, (count, p50, p95, p99) in soaked.latency.items()]  # fmt: skip
    lines += ["", f"{'takes':12} {'first':>8} {'mean':>8} {'last':>8} {'an hour':>9}  95 %"]
    for name, one in soaked.trends.items():
        first, last = (getattr(soaked.course[at], name) for at in (0, -1))
        lines.append(f"{name:12} {first:8.1f} {one.mean:8.1f} {last:8.1f} {one.slope:+9.1f}  [{one.low:+.1f}, "
                     f"{one.high:+.1f}] {'GROWS' if one.grows else 'does not grow'}")  # fmt: skip
    jobs = ", ".join(f"{number} {state}" for state, number in sorted(soaked.states.items()))
    lines += ["", f"jobs: {jobs}; {len(soaked.wrong)} wrong in {soaked.minutes:g} minutes", *soaked.wrong[:20]]
    return "\n".join(lines)


def main() -> None:
    """Run it and print tables; the exit code says whether anything was wrong or grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the load lasts")
    parser.add_argument("--clients", type=int, default=4, help="how many ask at once")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between samples")
    parser.add_argument("--seed", type=int, default=0, help="of what they do")
    parser.add_argument("--json", type=Path, help="a file for all of it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soaked = soak(Path(folder), chosen.minutes, clients=chosen.clients, every=chosen.every, seed=chosen.seed)
    print(report(soaked), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(soaked), indent=1) + "\n", encoding="utf-8")
    raise SystemExit(bool(soaked.wrong or soaked.growing))


if __name__ == "__main__":
    main()
