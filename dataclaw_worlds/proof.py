"""Does a world work? Its experts' drafts must be accepted, and the planner must stay below them.

    python -m dataclaw_worlds.proof desk --seeds 0-9 --difficulty 1,3,5 --split held --show

Scenes are kept in the cache folder, by the source code of the world's package, so that a world that changed is made
anew. Tool results are not kept, unless `--warm`, so that the seconds are those of a first run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

from dataclaw.domain import Domain
from dataclaw.errors import DataClawError, PolicyError, UsageError
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, Scores, score_all
from dataclaw.evals.rollouts import RolloutSummary, cited_draft, rollout_summary, setting_of, source_hash
from dataclaw.plugins import load_domain
from dataclaw.streams.load import open_stream
from dataclaw.tools.cache import Cache, default_folder
from dataclaw.types import Action, Brief, Observation, Plan, Stream
from dataclaw.worlds import Request, Scene, SceneSpec, World, entries, find_world
from dataclaw.worlds.base import Split
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Failure, Maker


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One ask: the expert's run, the planner's, and the planner's scores against the expert."""

    spec: str
    ask: Request
    expert: RolloutSummary
    planner: RolloutSummary | None = None
    scores: Scores | None = None


@dataclass(frozen=True, slots=True)
class ProofConfig:
    """What is to be proved."""

    world: World
    seeds: tuple[int, ...]
    difficulties: tuple[int, ...]
    split: Split
    asks: int
    task: str
    planner: bool
    warm: bool

    def specs(self) -> Iterator[SceneSpec]:
        """The lots, easiest first."""
        for difficulty in self.difficulties:
            for seed in self.seeds:
                yield SceneSpec(self.world.name, seed, difficulty, self.split)


def scenes_folder(name: str) -> Path:
    """Where the scenes of a world are kept."""
    return default_folder() / "worlds" / f"{name}-{source_hash(name)}"


def prove(
    order: ProofConfig,
) -> Iterator[tuple[SceneSpec, Scene | Failure, float, list[tuple[ProofRow, CitedDraft, CitedDraft, DraftSetting]]]]:
    """Every lot with its scene (or why there is none), the seconds it took, and its asks answered."""
    domain = load_domain(order.world.domain)
    with tempfile.TemporaryDirectory() as folder, Maker(scenes_folder(order.world.name)) as maker:
        cache = Cache() if order.warm else Cache(Path(folder) / "tools.sqlite")
        for spec in order.specs():
            start = time.perf_counter()
            scene = maker.make(spec)
            seconds = time.perf_counter() - start
            yield (
                spec,
                scene,
                seconds,
                [] if isinstance(scene, Failure) else _answer_requests(order, domain, scene, cache),
            )


def _answer_requests(
    order: ProofConfig, domain: Domain, scene: Scene, cache: Cache
) -> list[tuple[ProofRow, CitedDraft, CitedDraft, DraftSetting]]:
    stream = open_stream(scene.path, loaders=domain.loaders)
    wanted = order.asks * (len(order.world.experts) if order.task else 1)
    asks = [ask for ask in order.world.requests(scene, wanted) if order.task in ("", ask.task)][: order.asks]
    return [_row(order, domain, stream, scene, ask, cache) for ask in asks]


def _row(
    order: ProofConfig, domain: Domain, stream: Stream, scene: Scene, ask: Request, cache: Cache
) -> tuple[ProofRow, CitedDraft, CitedDraft, DraftSetting]:
    start = time.perf_counter()
    known = expert_of(order.world, scene, ask)
    state, session = answer(domain, stream, ask, cache, replace(known, plan=_telling(known.plan)))
    expert = rollout_summary(state, time.perf_counter() - start)
    other, planner = None, None
    if order.planner:
        start = time.perf_counter()
        other, _ = answer(domain, stream, ask, cache)
        planner = rollout_summary(other, time.perf_counter() - start)
    setting = setting_of(state, session)
    return ProofRow(scene.spec.name, ask, expert, planner), cited_draft(other), cited_draft(state), setting


def _telling(plan: Plan) -> Plan:
    """The plan, printing where it failed: an expert's crash is a bug to find, not only a rollout that ended."""

    def loud(brief: Brief) -> Generator[Action, Observation, None]:
        try:
            yield from plan(brief)
        except PolicyError:
            raise
        except Exception:
            traceback.print_exc()
            raise

    return loud


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    args = _parser().parse_args(argv)
    try:
        return _go(args)
    except DataClawError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1


def _go(args: argparse.Namespace) -> int:
    similarity = find_similarity(args.similarity)
    world = find_world(args.world)
    asks = args.asks or 2 * len(world.experts)
    order = ProofConfig(world, args.seeds, args.difficulty, args.split, asks, args.task, args.planner, args.warm)
    rows: list[ProofRow] = []
    failures: list[Failure] = []
    for spec, scene, seconds, found in prove(order):
        scored = score_all([item[1:] for item in found if item[0].expert.accepted], similarity) if order.planner else []
        waiting = iter(scored)
        for row, *_ in found:
            judged = next(waiting) if order.planner and row.expert.accepted else None
            rows.append(ProofRow(row.spec, row.ask, row.expert, row.planner, judged))
            if args.show:
                _show(rows[-1])
        if isinstance(scene, Failure):
            failures.append(scene)
        made = f"FAILED {scene.reason} {scene.remedy}" if isinstance(scene, Failure) else f"{len(found)} asks"
        print(f"{spec.name}: {made}, made or found in {seconds:.1f} s", flush=True)
    print(_table(rows, similarity.name))
    if args.out:
        _write(args.out, rows, similarity.name)
    return 1 if failures or not all(row.expert.accepted for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dataclaw_worlds.proof", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("world", help="name of a world: " + ", ".join(entries()))
    add("--seeds", type=_numbers, default=(0, 1, 2), help="seeds: 0-9 or 0,3,7 (0-2)")
    add("--difficulty", type=_numbers, default=(2,), help="difficulties: 1,3,5 or 1-5 (2)")
    add("--split", choices=("train", "held"), default="train", help="half of the pools (train)")
    add("--asks", type=int, default=0, help="asks a scene (two a task)")
    add("--task", default="", help="only this task")
    add("--similarity", default="minilm", help="how texts are compared: minilm or fuzzy (minilm)")
    add("--show", action="store_true", help="print every ask with both drafts")
    add("--out", type=Path, help="folder for rows.jsonl and summary.json")
    add("--planner", action=argparse.BooleanOptionalAction, default=True, help="run the planner too")
    add("--warm", action="store_true", help="keep tool results; seconds then say little")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        found += range(int(first), int(last if dash else first) + 1)
    return tuple(found)


def _table(rows: Sequence[ProofRow], similarity: str) -> str:
    head = ["task", "asks", "expert ok %", "calls", "wrote", "read", "s/ask"]
    head += ["| planner in %", "ok %", "gate", "field", "sem", "seq", "TOTAL", "calls"]
    lines = [head] + [_line(name, [r for r in rows if r.ask.task == name]) for name in _tasks(rows)]
    if len(lines) > 2:
        lines.append(_line("ALL", rows))
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    reasons = Counter((row.ask.task, "expert", row.expert.why[:300]) for row in rows if row.expert.why)
    reasons += Counter(
        (row.ask.task, "planner", row.planner.why[:200]) for row in rows if row.planner and row.planner.why
    )
    why = [f"{count} x {task}, {who}: {reason}" for (task, who, reason), count in sorted(reasons.items())]
    return "\n".join(["", *text, f"similarity: {similarity}; tokens = characters / 4; a planner's missing draft = 0",
                      *(["", "refused:", *why] if why else [])])  # fmt: skip


def _tasks(rows: Sequence[ProofRow]) -> list[str]:
    return list(dict.fromkeys(row.ask.task for row in rows))


def _line(name: str, rows: Sequence[ProofRow]) -> list[str]:
    experts = [row.expert for row in rows]
    line = [name, str(len(rows)), _percent([run.accepted for run in experts]), _mean([run.calls for run in experts])]
    line += [_mean([run.wrote for run in experts], 0), _mean([run.read for run in experts], 0)]
    line.append(_mean([run.seconds for run in experts], 2))
    planners = [row.planner for row in rows if row.planner]
    scores = [row.scores for row in rows if row.scores]
    line += [f"| {_percent([run.draft is not None for run in planners])}", _percent([run.accepted for run in planners])]
    for key in ("gate", "field", "semantic", "sequence", "total"):
        known = [value for value in (getattr(one, key) for one in scores) if value is not None]
        line.append(_mean([100 * value for value in known]))
    return [*line, _mean([run.calls for run in planners])]


def _percent(flags: Sequence[bool]) -> str:
    return f"{100 * sum(flags) / len(flags):.0f}" if flags else "-"


def _mean(values: Sequence[float], digits: int = 1) -> str:
    return f"{sum(values) / len(values):.{digits}f}" if values else "-"


def _show(row: ProofRow) -> None:
    ask = row.ask
    print(f"\n=== {row.spec} {ask.task} [{ask.style}, {ask.language}] template {ask.template!r}")
    print(f"intent: {ask.intent}\nwish: {json.dumps(ask.meaning, ensure_ascii=False)}")
    for who, run in (("expert", row.expert), ("planner", row.planner)):
        if run:
            state = "accepted" if run.accepted else f"REFUSED {run.why}"
            print(f"--- {who}: {state}; {run.calls} calls, {run.seconds:.2f} s")
            print(json.dumps(run.draft, ensure_ascii=False, indent=1) if run.draft is not None else "(no draft)")
    if row.scores:
        said = asdict(row.scores)
        print("--- scores: " + ", ".join(f"{k} {_format_scores(v)}" for k, v in said.items()))


def _format_scores(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} {_format_scores(v)}" for k, v in cast("dict[str, object]", value).items()) + "}"
    return f"{100 * value:.1f}" if isinstance(value, float) else str(value)


def _write(folder: Path, rows: Sequence[ProofRow], similarity: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in rows]
    (folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "summary.txt").write_text(_table(rows, similarity) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
