"""Expert of `procedural_tutorial`: the steps of what was requested, without mistakes and all the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.daily.intents import parse_intent, stems
from dataclaw.planning import CITES, Asking, ask, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import (
    HEADING,
    ChoresTruth,
    TruthRow,
    chores_truth_of,
    group_reasons,
    reasons_left_out,
    rows_for,
)
from dataclaw_worlds.daily.forms import clock, gerund_of, object_of, sentence, with_pronouns
from dataclaw_worlds.daily.script import AGAIN, STEP
from dataclaw_worlds.words import enumeration

SHOW = ("Show a picture with each step.", "Please add a picture to every step.", "A picture of each step, please.")
TEXT = 370
"""Longest text of a step [characters]."""
ROWS = CITES - 1
"""Most narrations of a step: one id is its picture's."""


@dataclass(frozen=True, slots=True)
class TutorialStep:
    """A step: its narrations in order, and a frame inside it."""

    rows: tuple[TruthRow, ...]
    frame: Anchor | None = None

    @property
    def t0(self) -> float:
        """Start [s]."""
        return min(row.t0 for row in self.rows)

    @property
    def t1(self) -> float:
        """End [s]."""
        return max(row.t1 for row in self.rows)


def teach(brief: ExpertBrief) -> Asking[None]:
    """Expert of `procedural_tutorial`."""
    truth, meaning = chores_truth_of(brief.scene), brief.request.meaning
    kept = rows_for(truth, meaning)
    steps = steps_of(kept, meaning)
    if len(steps) < 2:
        raise decline("the request covers fewer than two steps of this recording", "Ask for more of it.")
    _ = yield from ask("overview")
    goal = (yield from ask("told_goal")) if truth.goal else None
    seen = {anchor.id: anchor for anchor in (yield from pages("list_events"))}
    missing = [row.id for step in steps for row in step.rows if row.id not in seen]
    if missing:
        raise decline(f"the window does not show {', '.join(missing[:4])}", "Widen the window.")
    if brief.brief.frames and meaning.get("pictures", True):
        steps = yield from _with_frames(steps)
    names = [row.id for step in steps for row in step.rows]
    dropped = reasons_left_out(truth, names, brief.brief.intent, brief.brief.window, seen)
    dropped |= {row.id: "detail" for row in kept if row.id in dropped and row.role == STEP}
    goals = [anchor.id for anchor in goal.anchors] if goal else []
    yield from submit(_draft(brief, truth, steps, dropped, goals))


def steps_of(kept: Sequence[TruthRow], meaning: Mapping[str, Json]) -> list[TutorialStep]:
    """The steps: one for each step of a procedure, one for each action in fine detail, or as many as requested."""
    fine = meaning.get("detail") == "fine" or meaning.get("part") is not None
    rows = [row for row in kept if row.role == STEP or (fine and row.role == AGAIN)]
    rows = rows if meaning.get("detail") == "fine" else [row for row in rows if row.role == STEP]
    if fine or len({(row.procedure, row.part) for row in rows}) < 2:
        return [TutorialStep((row,)) for row in rows]
    groups: dict[tuple[int, int], list[TruthRow]] = {}
    for row in rows:
        groups.setdefault((row.procedure, row.part), []).append(row)
    made = sorted(groups.values(), key=lambda group: group[0].t0)
    most = cast("int | None", meaning.get("count")) or 60
    while len(made) > max(2, most):
        at = min(range(len(made) - 1), key=lambda k: len(made[k]) + len(made[k + 1]))
        made[at : at + 2] = [sorted([*made[at], *made[at + 1]], key=lambda row: row.t0)]
    return [TutorialStep(_fitting(group)) for group in made]


def _fitting(rows: Sequence[TruthRow]) -> tuple[TruthRow, ...]:
    """As many as a step can cite and name; the last action of each part stays longest."""
    left = list(rows)
    while len(left) > ROWS or len(_words(left, purposes=False)) > TEXT:
        parts = [(row.procedure, row.part) for row in left]
        most = max(parts, key=parts.count)
        left.remove(next(row for row in left if (row.procedure, row.part) == most))
    return tuple(left)


def _words(rows: Sequence[TruthRow], *, purposes: bool) -> str:
    said_ = with_pronouns([row.order for row in rows])
    if purposes:
        said_ = [f"{text} {row.purpose}" if row.purpose else text for text, row in zip(said_, rows, strict=True)]
    return sentence(enumeration(said_))


def _with_frames(steps: Sequence[TutorialStep]) -> Asking[list[TutorialStep]]:
    """Each step with a frame from its longest action, where there is one."""
    shown: list[TutorialStep] = []
    for step in steps:
        main = max(step.rows, key=lambda row: row.t1 - row.t0)
        seen = yield from ask("sample_frames", count=1, t0=main.t0, t1=main.t1)
        inside = [a for a in seen.anchors if main.t0 <= a.t0 <= main.t1] if seen.ok else []
        shown.append(TutorialStep(step.rows, inside[0] if inside else None))
    return shown


def _draft(
    brief: ExpertBrief,
    truth: ChoresTruth,
    steps: Sequence[TutorialStep],
    dropped: Mapping[str, str],
    goals: Sequence[str],
) -> dict[str, Json]:
    title = _title(truth, brief.request.meaning, steps)
    ends = list(dict.fromkeys([*goals, steps[0].rows[0].id, steps[-1].rows[-1].id]))
    draft: dict[str, Json] = {
        "cot": _thoughts(brief, truth, steps, dropped),
        "title": statement(title, ends, 140),
        "steps": [{"cite": _edges(step), "t0": step.t0, "t1": step.t1} for step in steps],
    }
    images: list[Json] = [{"cite": [s.frame.id, s.rows[0].id], "frame": s.frame.frame} for s in steps if s.frame]
    if images:
        draft["output_image"] = images
    draft["question"] = statement(_question(brief, title, steps, bool(images)), ends, 400)
    draft["answer"] = [_answer(k, step) for k, step in enumerate(steps, 1)]
    draft["left_out"] = group_reasons(dropped)
    return draft


def _edges(step: TutorialStep) -> list[str]:
    last = max(step.rows, key=lambda row: row.t1)
    return list(dict.fromkeys([min(step.rows, key=lambda row: row.t0).id, last.id]))


def _answer(number: int, step: TutorialStep) -> dict[str, Json]:
    text = _words(step.rows, purposes=True)
    text = text if len(text) <= TEXT else _words(step.rows, purposes=False)
    picture = [step.frame.id] if step.frame else []
    mark = " <image_recall>" if step.frame else ""
    return {"cite": [*(row.id for row in step.rows), *picture], "text": f"{number}. {text}{mark}"}


def _title(truth: ChoresTruth, meaning: Mapping[str, Json], steps: Sequence[TutorialStep]) -> str:
    part = cast("list[int] | None", meaning.get("part"))
    if part is not None:
        return f"How to {truth.procedures[part[0]].parts[part[1]]}"
    name = cast("str | None", meaning.get("object"))
    if name is not None:
        return f"How to work with the {name}, step by step"
    done = list(dict.fromkeys(row.procedure for step in steps for row in step.rows))
    goals = [truth.procedures[k].goal for k in sorted(done)]
    return f"How to {enumeration(goals)}"


def _question(brief: ExpertBrief, title: str, steps: Sequence[TutorialStep], pictures: bool) -> str:
    meaning = brief.request.meaning
    count, span = meaning.get("count"), cast("list[float] | None", meaning.get("span"))
    if brief.request.language == "zh":
        limits = f"只讲 {clock(span[0])} 到 {clock(span[1])} 之间做的事。" if span else ""
        return f"请一步一步地教我:{title.removeprefix('How to ')}。{limits}{'每一步配一张图。' if pictures else ''}"
    number = f" in {count} steps" if count else ""
    limits = f" Only what is done from {clock(span[0])} to {clock(span[1])} counts." if span else ""
    if meaning.get("between") is not None:
        first, last = steps[0].rows[0], max((row for step in steps for row in step.rows), key=lambda row: row.t0)
        limits = f" Begin with {gerund_of(first.order)} and end with {gerund_of(last.order)}."
    show = f" {SHOW[len(title) % len(SHOW)]}" if pictures else ""
    detail = " Tell me every single step." if meaning.get("detail") == "fine" else ""
    return f"{title.replace('How to', 'How do I', 1)}{number}?{detail}{limits}{show}"


def _thoughts(
    brief: ExpertBrief, truth: ChoresTruth, steps: Sequence[TutorialStep], dropped: Mapping[str, str]
) -> list[Json]:
    """Thoughts about what belongs to the request and what does not, in order of time."""
    rule = parse_intent(brief.brief.intent, brief.brief.window).narrow_to(row.text for row in truth.rows)
    rows = [row for step in steps for row in step.rows]
    untold = [row for row in rows if rule.topics and not rule.topics & stems(row.text)]
    thoughts = (
        tie_to_words(untold, rule.topics, names_for(truth, brief.request.meaning))
        if untold
        else [_goal_thought(truth, brief.request.meaning, rows)]
    )
    left: dict[str, list[TruthRow]] = {}
    for row in truth.rows:
        if row.id in dropped and row.role != HEADING:
            left.setdefault(_why(row, truth, dropped[row.id], rows), []).append(row)
    for why, found in left.items():
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        quotes = [_quote(row) for row in found[:3]]
        text = f"{', '.join(quotes)}{more}: {why}." if more else f"{enumeration(quotes)}: {why}."
        thoughts.append((found[0].t0, statement(text, [row.id for row in found[:3]], 300)))
    for row in [row for row in rows if row.heard][:2]:
        assert row.heard is not None
        thoughts.append((row.t0, statement(f'"{row.heard[0]}" was misheard for {row.heard[1]}.', [row.id])))
    return [thought for _, thought in sorted(thoughts[:10], key=lambda pair: pair[0])]


def _goal_thought(
    truth: ChoresTruth, meaning: Mapping[str, Json], rows: Sequence[TruthRow]
) -> tuple[float, dict[str, Json]]:
    """The thought about what is requested, and where it begins and ends."""
    part, name = cast("list[int] | None", meaning.get("part")), cast("str | None", meaning.get("object"))
    goals = [truth.procedures[k].goal for k in sorted({row.procedure for row in rows})]
    what = f"The goal is to {enumeration(goals)}"
    if part is not None:
        what = f"The step asked for is to {truth.procedures[part[0]].parts[part[1]]}"
    elif name is not None:
        what = f"The {name} is what is asked about"
    if meaning.get("between") is not None:
        what = f"{what}, of which a stretch is asked for"
    first, last = rows[0], rows[-1]
    return first.t0, statement(f"{what}: from {_quote(first)} to {_quote(last)}.", [first.id, last.id], 300)


def _why(row: TruthRow, truth: ChoresTruth, reason: str, kept: Sequence[TruthRow]) -> str:
    """Why a narration is left out, in words."""
    if row.disturbs:
        return "serves no goal"
    if row.wrong:
        return "a mistake, put right at once"
    if reason == "duplicate":
        return "told or done already"
    if reason == "detail":
        return "a detail of a step"
    if row.procedure not in {one.procedure for one in kept}:
        return f"done to {truth.procedures[row.procedure].goal}"
    return "not the part asked for"


def _quote(row: TruthRow) -> str:
    return f'"{first_words(row.text.strip(), 60)}"'


def first_words(text: str, limit: int) -> str:
    """The text, cut after the last word that fits into `limit` characters."""
    return text if len(text) <= limit else text[:limit].rpartition(" ")[0]


def tie_to_words(
    rows: Sequence[TruthRow], topics: frozenset[str], names: Sequence[str]
) -> list[tuple[float, dict[str, Json]]]:
    """Thoughts that narrations belong to the topic though they do not name it, several narrations each."""
    word = next((one for one in names if topics & stems(one)), max(topics, key=lambda topic: (len(topic), topic)))
    found: list[tuple[float, dict[str, Json]]] = []
    for start in range(0, len(rows), CITES):
        some = rows[start : start + CITES]
        texts = [
            gerund_of(f"{row.order.split()[0]} {name}" if (name := object_of(row.order)) else row.order) for row in some
        ]
        belongs = "belongs" if len(some) == 1 else "belong"
        text = sentence(f"to the {word} {belongs} {enumeration(texts)}")
        found.append((some[0].t0, statement(text, [row.id for row in some], 300)))
    return found[:6]


def names_for(truth: ChoresTruth, meaning: Mapping[str, Json]) -> list[str]:
    """Names for what is requested: those of procedures, of a step, of a thing."""
    part, name = cast("list[int] | None", meaning.get("part")), cast("str | None", meaning.get("object"))
    if name is not None:
        return [name]
    if part is not None:
        return [truth.procedures[part[0]].parts[part[1]]]
    goals = [truth.procedures[k] for k in cast("list[int]", meaning.get("procedures") or [])]
    return [word for goal in goals for word in (goal.short, *goal.others, gerund_of(goal.goal))]
