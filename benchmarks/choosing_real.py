"""Is the learned chooser more than its worlds? Real recordings with human truth, none of which trained it.

Topics: of an EPIC-KITCHENS video, the narrations whose nouns (a column that the plan does not see) include the one that
the intent names. Essential steps: of an Ego4D Goal-Step video, the steps that its annotators call essential, with that
label hidden, where the intent names the goal. Names: of a timeline, a graph or a history, the operations that have the
name which the intent says. Compared are the rules' choice and the learned one, by F1, paired; intervals come from 2,000
means over videos drawn with replacement.

Run: python benchmarks/choosing_real.py [FOLDER] [--data DATA] [--ship]
"""

from __future__ import annotations

import argparse
import ast
import csv
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import BY_RULES, ChoicePoint, point_of
from dataclaw.choosing.card import SourceGain, read_card
from dataclaw.choosing.learned import WEIGHTS, Learned, load_learned
from dataclaw.domain import Task
from dataclaw.errors import DataClawError
from dataclaw.evals.stats import estimate
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.streams.sources import discover
from dataclaw.tools.cache import Cache
from dataclaw.train.choice_grpo import first_choice
from dataclaw.types import Anchor, Intent, Stream

VIDEOS = 40
WAYS = (
    "ask 4 questions, only about the {}",
    "questions about nothing but the {}",
    "everything that is done with the {}",
)
ONLY = ("only the {}", "just {} and nothing else", "I want nothing but the {} of this")
NAMES = 8
"""Most names of a file that are asked for."""
FAULTS = ("make training data of this robot", "make a sample of a fault and how to recover from it")
WHOLE = ("I need all the actions of this recording in a list", "write down what the person does, from start to end",
         "把这个录屏里的所有操作都列出来")  # fmt: skip
RECORDINGS = ("screenagent/*", "agentnet*", "playwright_traces/*")
Found = tuple[str, str, str, float, float]
"""`(source, task, video, F1 of the rules, F1 of the learned chooser)`."""


def point_in(stream: Stream, task: Task, intent: Intent, cache: Cache) -> ChoicePoint | None:
    """The first choice point that the task's plan comes to, None where it comes to none."""
    state = State("choice", task.domain, task.name, intent, (0.0, stream.duration), budget=task.budget)
    asking = first_choice(state, Session(stream, task, cache))
    return point_of(asking.pending.args, asking.anchors, task.name, intent) if asking and asking.pending else None


def topics(table: Path, learned: Learned) -> Iterator[Found]:
    """Narrations by their nouns."""
    nouns: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for noun in ast.literal_eval(row["all_nouns"]):
                nouns[row["video_id"]][noun.replace(":", " ")].add(row["narration"])
    task, cache = load_domain("daily").task("contextual_qa"), Cache()
    for source in list(discover([table]))[::4][:VIDEOS]:
        stream = open_stream(source)
        mine, count = nouns[stream.name], Counter(event.text for event in stream.events)
        named = [n for n, texts in sorted(mine.items()) if 2 <= sum(count[t] for t in texts) <= len(stream.events) // 2]
        for at, noun in enumerate(random.Random(stream.name).sample(named, min(3, len(named)))):
            point = point_in(stream, task, Intent(WAYS[at % len(WAYS)].format(noun)), cache)
            if point is not None:
                wanted = {o.id for o in point.options if str(o.attrs.get("text")) in mine[noun]}
                yield ("EPIC narrations by noun", "daily.contextual_qa", stream.name, *_f1s(point, wanted, learned))


def essentials(table: Path, learned: Learned) -> Iterator[Found]:
    """Steps that annotators call essential, with their label hidden."""
    task, cache = load_domain("daily").task("procedural_tutorial"), Cache()
    for source in list(discover([table]))[:VIDEOS]:
        stream = open_stream(source)
        goal = str(stream.meta.get("goal") or stream.annotations.get("goal") or "what is made here")
        point = point_in(
            stream, task, Intent(f"the steps that one really needs for {goal.lower()}, nothing else"), cache
        )
        if point is None:
            continue
        labels = {o.id: str((o.attrs.get("details") or {}).get("relevant") or "") for o in point.options}
        wanted = {name for name, label in labels.items() if label == "essential"}
        if 0 < len(wanted) < len(labels):
            hidden = replace(point, options=[_without_label(o) for o in point.options])
            yield (
                "Goal-Step essential steps",
                "daily.procedural_tutorial",
                stream.name,
                *_f1s(hidden, wanted, learned),
            )


def demonstrations(folder: Path, learned: Learned) -> Iterator[Found]:
    """MiniWoB demonstrations, of which every action serves the request that the intent names."""
    domain, cache = load_domain("gui"), Cache()
    files = [path for family in sorted(folder.iterdir()) if family.is_dir() for path in sorted(family.glob("*.gz"))[:2]]
    for task in ("action_sequence", "how_to", "navigation_sft", "test_steps"):
        for path in files:
            try:
                request = str(json.loads(gzip.decompress(path.read_bytes()))["utterance"])
                stream = open_stream(str(path))
            except (DataClawError, ValueError, KeyError):
                continue  # some of the files are damaged
            point = point_in(stream, domain.task(task), Intent(f"the steps for this wish: {request}"), cache)
            if point is not None:
                everything = {option.id for option in point.options}
                found = _f1s(point, everything, learned)
                yield (f"MiniWoB demonstrations, {task}", f"gui.{task}", path.name, *found)


def recordings(folder: Path, learned: Learned) -> Iterator[Found]:
    """GUI recordings of people, whole, asked for in words of one's own."""
    domain, cache = load_domain("gui"), Cache()
    for path in (path for pattern in RECORDINGS for path in sorted(folder.glob(pattern))):
        try:
            stream = open_stream(str(path))
        except DataClawError:
            continue
        for way in WHOLE:
            point = point_in(stream, domain.task("action_sequence"), Intent(way), cache)
            if point is not None:
                found = _f1s(point, {option.id for option in point.options}, learned)
                yield ("GUI recordings, everything asked for", "gui.action_sequence", path.name, *found)


def names(folder: Path, task: str, learned: Learned) -> Iterator[Found]:
    """Operations of edited files by their own names."""
    domain, cache = load_domain("aigc"), Cache()
    for source in discover([folder]):
        stream = open_stream(source)
        count = Counter(event.text for event in stream.events if event.text)
        for at, name in enumerate(sorted(n for n, many in count.items() if 2 * many <= len(stream.events))[:NAMES]):
            point = point_in(stream, domain.task(task), Intent(ONLY[at % len(ONLY)].format(name)), cache)
            wanted = {o.id for o in point.options if o.attrs.get("text") == name} if point else set[str]()
            if point and wanted:
                yield f"{folder.name}, by name", f"aigc.{task}", stream.name, *_f1s(point, wanted, learned)


def fault(folder: Path, learned: Learned) -> Iterator[Found]:
    """The paper's own fault case: whether its family is found."""
    task, stream = load_domain("embodied").task("fault_recovery"), open_stream(next(iter(discover([folder]))))
    for intent in FAULTS:
        found: list[float] = []
        for chooser in (BY_RULES, learned):
            state = State("fault", task.domain, task.name, Intent(intent), (0.0, stream.duration), budget=task.budget)
            (done,) = run_batch([(state, Session(stream, task, Cache(), chooser=chooser))], Planner())
            best = steps.best(done)
            found.append(float(best is not None and '"hesitation_loop"' in json.dumps(best.draft)))
        yield "the paper's fault case, by family", f"embodied.{task.name}", stream.name, found[0], found[1]


def _without_label(option: Anchor) -> Anchor:
    details = {k: v for k, v in (option.attrs.get("details") or {}).items() if k != "relevant"}
    return replace(option, attrs={**option.attrs, "details": details})


def _f1s(point: ChoicePoint, wanted: set[str], learned: Learned) -> tuple[float, float]:
    def f1(kept: set[str]) -> float:
        return 2 * len(kept & wanted) / max(1, len(kept) + len(wanted))

    return f1(set(point.kept)), f1(set(learned.choose(point).kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=WEIGHTS)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1].parent / "shared/data")
    parser.add_argument(
        "--ship", action="store_true", help="write it on the card; a task that is surely worse stays with the rules"
    )
    args = parser.parse_args()
    learned, daily = load_learned(args.folder), args.data / "daily"
    gui = args.data / "gui"
    found = [
        *topics(daily / "epic_kitchens_100/EPIC_100_validation.csv", learned),
        *essentials(daily / "ego4d_goalstep/goalstep_valid.json", learned),
        *demonstrations(gui / "miniwob_families", learned),
        *recordings(gui, learned),
        *names(args.data / "aigc/otio_timelines", "edit_plan", learned),
        *names(args.data / "aigc/edl_cmx3600", "edit_plan", learned),
        *names(args.data / "aigc/comfyui_workflows", "edit_instruction", learned),
        *names(args.data / "aigc/darktable_history", "edit_instruction", learned),
        *fault(args.data / "paper_cases/embodied_recovery", learned),
    ]
    print("| source | points | streams | F1 of the rules | learned | difference | 95 % |\n" + "| --- " * 7 + "|")
    measured: dict[str, dict[str, float | str]] = {}
    for source, task in dict.fromkeys(one[:2] for one in found):
        rows = [one[2:] for one in found if one[0] == source]
        rules, own = (sum(row[side] for row in rows) / len(rows) for side in (1, 2))
        gain = estimate([row[2] - row[1] for row in rows], [row[0] for row in rows])
        low, high, streams = (gain.low, gain.high, gain.streams) if gain else (0.0, 0.0, 0)
        measured[source] = {"task": task, "points": len(rows), "rules": round(rules, 4), "learned": round(own, 4),
                            "low": round(low, 4), "high": round(high, 4)}  # fmt: skip
        print(f"| {source} | {len(rows)} | {streams} | {rules:.3f} | {own:.3f} | {own - rules:+.3f} "
              f"| {low:+.3f} to {high:+.3f} |")  # fmt: skip
    if args.ship:
        real = {name: SourceGain.model_validate(row) for name, row in measured.items()}
        read_card(args.folder).model_copy(update={"real": real}).write(args.folder)


if __name__ == "__main__":
    main()
