"""Does the learned chooser make better samples than the rules, task by task, on scenes that no training has seen?

Scenes come from the held-out halves of the worlds. Of every request the expert's draft is the reference; the task's own
plan is run with the rules and with the learned chooser, and both drafts are scored as on the benchmark. Differences are
paired; intervals come from 2,000 means over streams drawn with replacement. Declared intents are left to the rules in
use and are not counted.

Run: python benchmarks/choosing.py [FOLDER] [--scenes N] [--ship]
    FOLDER     of the chooser (default: the one that ships)
    --scenes   held-out scenes of each world (default 20)
    --ship     write what was measured on the card, by which a task is decided where the interval is above 0
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.choosing import BY_RULES
from dataclaw.choosing.card import ChooserGain, read_card
from dataclaw.choosing.learned import WEIGHTS, Learned, load_learned
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import score_all
from dataclaw.evals.rollouts import cited_draft, setting_of
from dataclaw.evals.stats import estimate
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import SceneSpec, find_world
from dataclaw.worlds.experts import answer, begin, expert_of
from dataclaw.worlds.maker import Failure, Maker

WORLDS = ("desk", "cuts", "darkroom", "chores", "bench", "pieces", "arena", "house", "board", "talk")
FIRST = 9000
"""Seed of the first scene."""
ASKS = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """One request: total and sequence by the rules and by the learned chooser, and whether drafts were accepted."""

    task: str
    stream: str
    style: str
    totals: tuple[float, float]
    courses: tuple[float, float]
    accepted: tuple[bool, bool]


def pairs(learned: Learned, scenes: int, worlds: Sequence[str]) -> Iterator[Pair]:
    """Every request of the held-out scenes whose expert found an answer, and whose plan asks the chooser."""
    similarity = find_similarity("minilm")
    with tempfile.TemporaryDirectory() as folder, Maker(Path(folder)) as maker:
        for name in worlds:
            world = find_world(name)
            domain = load_domain(world.domain)
            for seed in range(FIRST, FIRST + scenes):
                scene = maker.make(SceneSpec(name, seed, 1 + seed % 5, "held"))
                if isinstance(scene, Failure):
                    raise SystemExit(scene.reason)
                stream, cache = open_stream(scene.path), Cache()
                for request in world.requests(scene, ASKS):
                    if request.style == "template":
                        continue
                    reference, _ = answer(domain, stream, request, cache, expert_of(world, scene, request))
                    best = steps.best(reference)
                    if best is None or not best.verdict.passed:
                        continue
                    items, accepted, asked = [], list[bool](), False
                    task = domain.task(request.task)
                    for chooser in (BY_RULES, learned):
                        session = Session(stream, task, cache, chooser=chooser)
                        (state,) = run_batch([(begin(stream, task, request), session)], Planner())
                        asked = asked or any(t.action and t.action.tool == "choose" for t in state.turns)
                        items.append((cited_draft(state), cited_draft(reference), setting_of(state, session)))
                        done = steps.best(state)
                        accepted.append(bool(done and done.verdict.passed))
                    if asked:
                        scores = score_all(items, similarity)
                        yield Pair(f"{domain.name}.{request.task}", stream.id, request.style,
                                   (scores[0].total, scores[1].total),
                                   (scores[0].sequence or 0.0, scores[1].sequence or 0.0),
                                   (accepted[0], accepted[1]))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=WEIGHTS)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--world", action="append", choices=WORLDS, help="only these; all if left out")
    parser.add_argument("--ship", action="store_true", help="write the measurements on the card, beside what is there")
    args = parser.parse_args()
    by_task: dict[str, list[Pair]] = defaultdict(list)
    for count, pair in enumerate(pairs(load_learned(args.folder), args.scenes, args.world or WORLDS), 1):
        by_task[pair.task].append(pair)
        print(f"\r{count} requests", end="", file=sys.stderr)
    names = ["task", "requests", "total by rules", "learned", "difference", "95 %", "sequence by rules", "learned",
             "accepted by rules", "learned"]  # fmt: skip
    print(f"\n| {' | '.join(names)} |\n{'| --- ' * len(names)}|")
    measured: dict[str, ChooserGain] = {}
    everything = [pair for found in by_task.values() for pair in found]
    for task, found in [*sorted(by_task.items()), ("all", everything)]:
        mean = [
            sum(values) / len(found)
            for values in zip(*((*p.totals, *p.courses, *p.accepted) for p in found), strict=True)
        ]
        gain = estimate([p.totals[1] - p.totals[0] for p in found], [p.stream for p in found])
        low, high = (gain.low, gain.high) if gain else (0.0, 0.0)
        cells = [task, f"{len(found)}", f"{mean[0]:.3f}", f"{mean[1]:.3f}", f"{mean[1] - mean[0]:+.3f}",
                 f"{low:+.3f} to {high:+.3f}", *(f"{value:.3f}" for value in mean[2:])]  # fmt: skip
        print(f"| {' | '.join(cells)} |")
        if task != "all":
            measured[task] = ChooserGain(requests=len(found), rules=round(mean[0], 4), learned=round(mean[1], 4),
                                         low=round(low, 4), high=round(high, 4))  # fmt: skip
    if args.ship:
        card = read_card(args.folder)
        card.model_copy(update={"tasks": {**card.tasks, **measured}}).write(args.folder)


if __name__ == "__main__":
    main()
