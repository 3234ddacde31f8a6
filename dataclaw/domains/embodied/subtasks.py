"""The understanding branch: what the robot is doing, what it does next, and how the whole is taught step by step.

Subtasks are neighbouring segments of one phase; keyframes are twenty evenly spread frames of the episode (paper, robot
data, understanding branch).
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.embodied.episode import (
    HARDLY,
    ObservedEpisode,
    Segment,
    check_numbers,
    check_substance,
    main_of,
    moves,
    primary_subtasks,
    way,
    whole_clip,
)
from dataclaw.domains.embodied.goals import ToldOfEpisode
from dataclaw.domains.embodied.wording import Wording, observe
from dataclaw.planning import Asking, decline, keep, pick, shorten, statement, submit
from dataclaw.types import Anchor, Brief, Json

KEYFRAMES = 20
STEPS = 12
"""Most steps of a tutorial."""


def describe(brief: Brief, told: ToldOfEpisode | None = None) -> Asking[None]:
    """Plan of `describe_subtask`: the subtask at the moment asked for, otherwise the most telling one."""
    episode, words = yield from observe(brief, told)
    check_substance(episode)
    kept, dropped = yield from episode.select_segments()
    groups = yield from divide(kept, [[segment] for segment in kept])
    at = yield from pick_subtask("embodied.described", groups, _current(episode, groups))
    group, main = groups[at], main_of(groups[at])
    instruction = episode.instruction(group[0].span[0])
    cited = [] if instruction is None else [instruction.id]
    span, ends = (group[0].span[0], group[-1].span[1]), list(dict.fromkeys([group[0].id, group[-1].id]))
    draft: dict[str, Json] = {"cot": _before(words, groups[:at], group, instruction)}
    start, end = group[0].first, group[-1].last
    if start is not None and end is not None and start < end:
        draft["input_video"] = {"cite": ends, "start": start, "end": end}
    elif start is not None:
        draft["input_image"] = [{"cite": ends, "frame": start}]
    draft["subtask"] = subtask_fields(group)
    question = words.phrase("what_happens", words.task(instruction), words.span(*span))
    draft["question"] = statement(question, [*cited, *ends])
    draft["answer"] = statement(words.sentence(main), [main.id])
    draft["left_out"] = left_out(dropped)
    yield from submit(draft)


def divide(kept: Sequence[Segment], own: Sequence[Sequence[Segment]]) -> Asking[list[list[Segment]]]:
    """Ask where subtasks begin; `own` are those of the rules, which are all of the segments in their order."""
    begins = {group[0].id for group in own}
    inside = {s.id: "goes_on" for s in kept if s.id not in begins}
    inside, _ = yield from keep("embodied.subtasks", [s.anchor for s in kept], inside, "goes_on")
    groups: list[list[Segment]] = []
    for segment in kept:
        if groups and segment.id in inside:
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return groups


def pick_subtask(point: str, groups: Sequence[Sequence[Segment]], own: int) -> Asking[int]:
    """Ask which one of some subtasks is wanted; `own` is that of the rules."""
    mains = [main_of(group).anchor for group in groups]
    name, _ = yield from pick(point, mains, mains[own].id)
    return [main.id for main in mains].index(name)


def keep_subtasks(
    groups: Sequence[list[Segment]], own: Sequence[list[Segment]], most: int
) -> Asking[tuple[list[list[Segment]], str]]:
    """Ask which subtasks are told, at most so many; `own` are those of the rules. Gives them and who chose."""
    refused = {main_of(group).id: "minor" for group in groups if group not in own}
    refused, by = yield from keep("embodied.steps", [main_of(g).anchor for g in groups], refused, "minor")
    return longest([group for group in groups if main_of(group).id not in refused], most), by


def longest(groups: Sequence[list[Segment]], most: int) -> list[list[Segment]]:
    """The longest ones, at most so many, in their order."""
    chosen = sorted(groups, key=lambda g: g[0].span[0] - g[-1].span[1])[:most]
    return [group for group in groups if group in chosen]


def _current(episode: ObservedEpisode, groups: Sequence[Sequence[Segment]]) -> int:
    """The subtask at the moment asked for; otherwise a grasp, or the one in which most moves."""
    at, order = episode.intent.at, range(len(groups))
    if at is not None:
        return min(order, key=lambda k: max(groups[k][0].span[0] - at, at - groups[k][-1].span[1], 0.0))
    grasps = (k for k in order if any(s.grasps for s in groups[k]))
    return next(grasps, max(order, key=lambda k: way(main_of(groups[k]))))


def _before(
    words: Wording, earlier: Sequence[Sequence[Segment]], group: Sequence[Segment], instruction: Anchor | None
) -> list[Json]:
    main, span = main_of(group), (group[0].span[0], group[-1].span[1])
    before = [main_of(other) for other in earlier[-1:]]
    now = words.phrase("now", words.span(*span), words.clause(main))
    return [
        *words.task_thought(instruction, span[0]),
        *(statement(words.phrase("before", words.clause(s)), [s.id], 480) for s in before),
        statement(now, [main.id, group[0].id, group[-1].id], 480),
    ]


def predict(brief: Brief, told: ToldOfEpisode | None = None) -> Asking[None]:
    """Plan of `predict_next_primary_subtask`: keyframes of the observed part, and the subtask that really follows."""
    episode, words = yield from observe(brief, told)
    check_numbers(episode)
    kept, dropped = yield from episode.select_segments()
    groups = yield from divide(kept, primary_subtasks(kept))
    if len(groups) < 2:
        raise decline("it is one subtask from beginning to end, so nothing comes next", "Choose describe_subtask.")
    low, high = episode.intent.span
    seen = (low + high) / 2 if episode.intent.given is None else episode.intent.given
    own = min(range(1, len(groups)), key=lambda k: (abs(groups[k][0].span[0] - seen), k))
    turn = 1 + (yield from pick_subtask("embodied.next", groups[1:], own - 1))
    observed, group = [s for g in groups[:turn] for s in g], groups[turn]
    following = main_of(group)
    instruction = episode.instruction(observed[0].span[0])
    cited = [] if instruction is None else [instruction.id]
    past = [main_of(g) for g in groups[:turn]]
    cot = words.task_thought(instruction, observed[0].span[0])
    cot += [statement(words.phrase("seen_so_far", words.clause(s)), [s.id], 480) for s in past[-6:]]
    draft: dict[str, Json] = {"cot": cot}
    keyframes = _keyframes(episode, observed[-1].span[1], group[0])
    if keyframes:
        draft["input_image"] = [{"cite": [_over(observed, episode.time(i)).id], "frame": i} for i in keyframes]
    draft["observed"] = [subtask_fields(g) for g in groups[:turn][-STEPS:]]
    draft["next"] = subtask_fields(group)
    shown = _shown_so_far(words, past[-2:], bool(keyframes))
    question = f"{words.task(instruction)}{shown}{words.phrase('ask_next')}"
    draft["question"] = statement(question, [*cited, *(segment.id for segment in past[-2:])], 400)
    draft["answer"] = statement(words.following(following), [following.id])
    later = {s.id: "after_the_answer" for g in groups[turn + 1 :] for s in g}
    early = {s.id: "minor" for g in groups[:turn][:-STEPS] for s in g}
    draft["left_out"] = left_out({**dropped, **early, **later})
    yield from submit(draft)


def _shown_so_far(words: Wording, past: Sequence[Segment], pictures: bool) -> str:
    """What a question shows of what was done: keyframes, or where there are none its latest subtasks in words."""
    if pictures:
        return words.phrase("keyframes")
    return words.phrase("so_far", words.phrase("so_far_then").join(words.clause(s) for s in past))


def _keyframes(episode: ObservedEpisode, until: float, following: Segment) -> list[int]:
    """Those of twenty evenly spread frames that lie before the next subtask begins."""
    if not episode.frames:
        return []
    count = min(KEYFRAMES, len(episode.frames))
    spread = dict.fromkeys(
        episode.frames[round(k * (len(episode.frames) - 1) / max(1, count - 1))][0] for k in range(count)
    )
    seen = [i for i in spread if episode.time(i) <= until and (following.first is None or i < following.first)]
    return seen or [episode.frames[0][0]]


def _over(segments: Sequence[Segment], t: float) -> Segment:
    """The segment at a time; the nearest one where none is."""
    return min(segments, key=lambda s: (max(s.span[0] - t, t - s.span[1], 0.0), s.span[0]))


def teach(brief: Brief, told: ToldOfEpisode | None = None) -> Asking[None]:
    """Plan of `interleaved_tutorial`: a step and a picture for each subtask that is carried through."""
    episode, words = yield from observe(brief, told)
    check_numbers(episode)
    if not episode.frames:
        raise decline("a tutorial with pictures needs pictures, and this stream has none", "Choose action_trajectory.")
    kept, dropped = yield from episode.select_segments()
    if not words.told.part:
        raise decline(
            "the recording ends before anything is grasped, so it shows no more of its task than the way there",
            "Choose describe_subtask or action_trajectory.",
        )
    groups = yield from divide(kept, primary_subtasks(kept))
    done = [g for g in groups if moves(g) and main_of(g).finished]
    most = min(episode.intent.count or STEPS, STEPS)
    chosen, by = yield from keep_subtasks(groups, longest(done, most), most)
    if not chosen or (len(done) < 2 and by == "rules" and not episode.intent.only):
        raise decline("it is one subtask from beginning to end, so there are no steps", "Choose describe_subtask.")
    dropped |= {s.id: "minor" for s in kept if not any(s in g for g in chosen)}
    instruction = episode.instruction(chosen[0][0].span[0])
    steps, ended = [main_of(g) for g in chosen], words.told.part == "part"
    cited = [steps[0].id] if instruction is None else [instruction.id]
    first = statement(words.phrase("first_subtask", words.clause(steps[0])), [steps[0].id], 480)
    ask_how = words.phrase("ask_part") if ended else words.phrase("ask_how", words.scope)
    clip = yield from whole_clip(episode, [s for g in chosen for s in g])
    yield from submit(
        {
            "cot": [*words.task_thought(instruction, steps[0].span[0]), first],
            **clip,
            "steps": [subtask_fields(g) for g in chosen],
            "output_image": [{"cite": [s.id], "frame": _telling(s)} for s in steps],
            "question": statement(f"{words.task(instruction)}{ask_how}", cited),
            "answer": _instructions(words, steps, ended=ended),
            "left_out": left_out(dropped),
        }
    )


def _instructions(words: Wording, steps: Sequence[Segment], *, ended: bool) -> list[Json]:
    """The steps as requests; the last one says so where the recording ends before the task is done."""
    texts = [f"{number}. {words.imperative(step)}" for number, step in enumerate(steps, 1)]
    if ended:
        texts[-1] += words.phrase("ends_here")
    return [statement(f"{text} <image_recall>", [step.id]) for text, step in zip(texts, steps, strict=True)]


def _telling(segment: Segment) -> int:
    """The frame that shows what a step comes to: its last one."""
    return segment.last if segment.last is not None else 0


def subtask_fields(group: Sequence[Segment]) -> dict[str, Json]:
    """Several segments as one subtask: what its main one measured, from the first one's beginning to the last's end."""
    main = main_of(group)
    if len(group) == 1:
        return _segment_fields(main)
    found = _segment_fields(main)
    ids = [main.id, *(s.id for s in (group[0], group[-1]) if s is not main)]
    ends: dict[str, Json] = {"cite": list(dict.fromkeys(ids))}
    if group[0].first is not None and group[-1].last is not None:
        ends |= {"start": group[0].first, "end": group[-1].last}
    ends |= {"t0": round(group[0].span[0], 3), "t1": round(group[-1].span[1], 3)}
    alone = all(s.rests and float(s.anchor.attrs["moved"]) < HARDLY for s in group if s is not main)
    return {k: v for k, v in (found | ends).items() if alone or k not in ("moved", "unit")}


def _segment_fields(segment: Segment) -> dict[str, Json]:
    """A segment as the schemas have it; what a source does not give is left out."""
    attrs = segment.anchor.attrs
    found: dict[str, Json] = {"cite": [segment.id]}
    if segment.first is not None and segment.last is not None:
        found |= {"start": segment.first, "end": segment.last}
    found |= {"t0": round(segment.span[0], 3), "t1": round(segment.span[1], 3)}
    if segment.phase:
        found["phase"] = segment.phase
    if segment.gripper:
        found["gripper"] = segment.gripper
    if segment.phase:
        found |= {"moved": attrs["moved"], "unit": attrs["unit"] or "unknown"}
    direction = attrs.get("direction") or attrs.get("subject_direction")
    if direction and not segment.oscillation and attrs.get("camera") != "lost":
        found["direction"] = direction
    found["stall"] = segment.stall
    found["what"] = shorten(segment.text, 200)
    return found


def left_out(dropped: dict[str, str]) -> list[Json]:
    """Segments left out, by reason."""
    reasons = dict.fromkeys(dropped.values())
    return [{"cite": [i for i, why in dropped.items() if why == reason], "reason": reason} for reason in reasons]
