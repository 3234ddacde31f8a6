"""Who puts shuffled fragments back in order? Planner and untrained embedded model, on the same puzzles.

Puzzles: the paper's published shopping case (when the sample data lie beside the checkout) and pieces cut from the
example and sample traces, with one distractor from another trace each. Exact = all labels right and in order; set = the
right labels in any order; tau = Kendall's tau of the labels found, 0 when fewer than two are right.

Run: python benchmarks/order.py [--model planner|embedded] [--limit N]
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy import make_policy
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.plugins import load_domain
from dataclaw.rewards.fragments import kendall
from dataclaw.streams import cut_fragments, discover, open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Intent, Stream

TASK = "long_horizon_reconstruction"
INTENT = "These are my interaction fragments. Put them back in order and say which task they were."
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
SAMPLES = (
    "agentnet_raw_windows_settings",
    "agentnet_pyautogui_settings",
    "agentnetbench_s_a96285eb665bef92",
    "screenagent",
)
PARTS = (3, 4)
SEEDS = 3
MODEL_STEPS = 4
"""Decisions that the embedded model gets: its fourth can only be a draft."""


def traces() -> list[Stream]:
    places = [ROOT / "examples" / "traces", *(SHARED / "gui" / name for name in SAMPLES)]
    roots = [root for place in places if place.exists() for root in discover([place])]
    streams = [open_stream(root) for root in roots]
    return [s for s in streams if s.frames and len(s.events) >= 6]


def puzzles() -> Iterator[Stream]:
    case = SHARED / "paper_cases" / "gui_shopping"
    if case.exists():
        yield open_stream(case)
    known = traces()
    for seed in range(SEEDS):
        for parts in PARTS:
            for i, stream in enumerate(known):
                strangers = [s for s in known if s.annotations.get("task") != stream.annotations.get("task")]
                other = random.Random(seed * 100 + i).choice(strangers)
                if len(stream.events) >= 2 * parts:
                    yield cut_fragments(stream, parts=parts, distractors=[other], seed=seed)


def chance(parts: int, distractors: int = 1) -> float:
    """Probability that a guess is exact when the number of true fragments is known."""
    return 1 / (math.comb(parts + distractors, parts) * math.factorial(parts))


def solve(stream: Stream, policy: Any, cache: Cache) -> list[str] | None:
    task = load_domain("gui").task(TASK)
    budget = task.budget
    if policy.name != "planner":
        budget = budget.model_copy(update={"steps": MODEL_STEPS, "repairs": 0, "seconds": 3600.0})
    session = Session(stream, task, cache)
    start = State("order", "gui", TASK, Intent(INTENT), (0.0, stream.duration), budget)
    draft = steps.best(run_batch([(start, session)], policy)[0])
    found = draft.draft.get("ordered_fragment_labels") if draft and isinstance(draft.draft, dict) else None
    return found if isinstance(found, list) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="planner")
    parser.add_argument("--limit", type=int, default=1000)
    options = parser.parse_args()
    policy, cache = make_policy(options.model), Cache()
    rows: dict[str, list[tuple[bool, bool, float, float]]] = {}
    for stream in list(puzzles())[: options.limit]:
        truth = list(stream.annotations["ordered_fragment_labels"])
        found = solve(stream, policy, cache) or []
        right = [label for label in found if label in truth]
        tau = kendall(right, [label for label in truth if label in right]) if len(right) > 1 else 0.0
        kind = (
            "paper case" if stream.format == "paper_case" else f"{len(truth)} parts + {len(stream.parts) - len(truth)}"
        )
        score = (
            found == truth,
            sorted(found) == sorted(truth),
            tau,
            chance(len(truth), len(stream.parts) - len(truth)),
        )
        rows.setdefault(kind, []).append(score)
        print(f"  {stream.name[:60]:60} truth {''.join(truth)} found {''.join(map(str, found))}", flush=True)
    print(f"{policy.name}\n{'puzzles':16}{'n':>4}{'exact':>8}{'chance':>8}{'set':>8}{'tau':>8}")
    rows["all"] = [score for scores in rows.values() for score in scores]
    for kind, scores in rows.items():
        exact, same, tau, luck = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        print(f"{kind:16}{len(scores):4}{exact:8.2f}{luck:8.2f}{same:8.2f}{tau:8.2f}")


if __name__ == "__main__":
    main()
