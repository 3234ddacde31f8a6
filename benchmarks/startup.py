"""How long a user waits before anything happens: `import dataclaw` (goal 300 ms) and `dataclaw --help` (goal 500 ms).

The floor is a bare interpreter, measured in the same run. Run: python benchmarks/startup.py
"""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 9


def best(*command: str) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    floor = best(sys.executable, "-c", "pass")
    rows = (
        ("python -c pass", floor, None),
        ("import dataclaw", best(sys.executable, "-c", "import dataclaw"), 300),
        ("dataclaw --help", best(sys.executable, "-m", "dataclaw.cli", "--help"), 500),
    )
    print(f"{'':20}{'ms':>8}{'x floor':>9}  goal")
    for name, cost, goal in rows:
        verdict = "" if goal is None else f"{goal} ms {'held' if cost <= goal else 'missed'}"
        print(f"{name:20}{cost:8.0f}{cost / floor:9.1f}  {verdict}")


if __name__ == "__main__":
    main()
