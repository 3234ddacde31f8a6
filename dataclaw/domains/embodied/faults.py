"""Fault synthesis and recovery: a range in which something goes wrong, and the real continuation that mends it.

The faulty clip is made by holding one frame of the observation range (paper, robot data, fault branch): anchor
positions lie at 35, 50 and 65 % of the episode; the observation range ends there and the future range follows it. The
family is named by what the motion at that place measures, the advice by what the recovery shows; where nothing fits, or
nothing moves in the recovery, there is no sample. A grasp is called unstable only where its hand has closed on nothing.
A chooser may take other places as well, wherever the motion measures as a fault of a family may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.embodied.episode import ObservedEpisode, Segment, moves
from dataclaw.domains.embodied.goals import ToldOfEpisode
from dataclaw.domains.embodied.intents import FAMILIES
from dataclaw.domains.embodied.wording import Wording, observe
from dataclaw.planning import Asking, ask, decapitalise, decline, keep, option, statement, submit
from dataclaw.types import Anchor, Brief, Json, Span

POSITIONS = (0.50, 0.35, 0.65)
"""Anchor positions as shares of the episode; of those that fit, the middle one is taken first."""
RANGE = 2.0
"""Length of the observation and of the future range [s]: 60 recorded frames at 30 per second."""
SHARE = 0.45
"""In a shorter episode each range takes at most this share of it."""
OBSERVED, FUTURE = 8, 4
"""Fewest sampled frames of the two ranges: so many a policy is shown (paper)."""
SURE = 0.3
"""Least confidence of motion that a fault is read off."""
HESITATING = 0.15
"""A hesitation fills at least this share of the observation range."""
FILLED = 0.4
"""A standstill or an approach that a fault is made of fills this share of the observation range."""
ASTRAY = 1.3
"""A hand that hesitates goes so many times as far as it gets."""
STILL = 0.5
"""A range that stands still for more than this share of it shows neither an approach nor a hesitation."""
MOVING = 0.5
"""Something moves in at least this share of a recovery."""
HELD = {"approach_stall": 1.5, "hesitation_loop": 1.0, "unstable_grasp": 0.8, "early_stagnation": 2.0}
"""How long the frame is held [s]."""
_SAYS_ROBOT = re.compile(r"robot|manipulat|gripper|\barms?\b|机器人|机械", re.IGNORECASE)
JUST = 0.5
"""A gripper that is held when it has just closed is shown at most so long after that [s]."""
REACHED = 0.05
"""A motion is told with its figures when at most so much of its time is not shown [s]."""
AHEAD = 1.5
"""Where only a chooser takes a place, the future range is so many times as long."""
RECALL = 0.3
"""The recalled frame lies at least so long before the held one [s]."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a fault can be made.

    Attributes:
        family: family of the fault.
        observed: sampled frames of the observation range.
        future: sampled frames of the future range.
        now: the segment that the family is read off.
        freeze: frame that is held.
        recall: frame of the last good state before it.
    """

    family: str
    observed: Sequence[int]
    future: Sequence[int]
    now: Segment
    freeze: int
    recall: int

    @property
    def key(self) -> str:
        """What it is called among the options."""
        return f"{self.family} {self.now.id}"

    def option(self, episode: ObservedEpisode) -> Anchor:
        """It as an option of a chooser; `after` is when its future begins."""
        now, attrs = self.now, self.now.anchor.attrs
        told = {key: attrs[key] for key in ("phase", "gripper", "stall", "direction") if key in attrs}
        told["after"] = episode.time(self.future[0])
        text = f"{self.family.replace('_', ' ')} from {now.span[0]:.1f} to {now.span[1]:.1f} s: {now.anchor.content}"
        return option(self.key, text, [now.id], family=self.family, t0=now.span[0], t1=now.span[1], **told)


def synthesise_fault(brief: Brief, told: ToldOfEpisode | None = None) -> Asking[None]:
    """Plan of `fault_recovery`."""
    episode, words = yield from observe(brief, told)
    chosen = yield from _choose(episode)
    start, end = chosen.observed[0], chosen.observed[-1]
    faulty = yield from _frozen_clip(episode, chosen, start, end)
    ahead = yield from _clip(chosen.future[0], chosen.future[-1])
    begin = _moving_again(episode, chosen.future)
    recovery = yield from _clip(begin, chosen.future[-1])
    yield from submit(_draft(episode, words, chosen, (faulty, ahead, recovery), begin))


def _choose(episode: ObservedEpisode) -> Asking[Candidate]:
    """The candidate to take: of the family that the intent names, otherwise the first.

    Raises:
        PolicyError: the stream has no pictures, is too short, or shows no such fault; the message says what it shows.
    """
    if not episode.frames:
        raise decline("a fault is shown in pictures, and this stream has none", "Choose action_trajectory.")
    low, high = episode.intent.span
    ranges = [r for share in POSITIONS if (r := _ranges(episode, low + share * (high - low))) is not None]
    if not ranges:
        raise decline(
            f"too short for a fault and its recovery: {len(episode.between(low, high))} frames, and it takes "
            f"{OBSERVED} observed and {FUTURE} future ones",
            "Give a longer episode, or ask for a longer span.",
        )
    asked = episode.intent.family
    found = [c for observed, future in ranges for c in _candidates(episode, observed, future)]
    wanted = [c for c in found if not asked or c.family == asked]
    others = [c for segment in episode.inside(low, high) for c in _candidates_at(episode, segment)]
    there = {c.key: c for c in reversed([*wanted, *others]) if not asked or c.family == asked}
    options = sorted(there.values(), key=lambda c: (c.now.span, FAMILIES.index(c.family)))
    if options:
        refused = {c.key: "minor" for c in options if c not in wanted[:1]}
        refused, by = yield from keep("embodied.faults", [c.option(episode) for c in options], refused, "minor")
        kept = [c for c in options if c.key not in refused]
        if kept:
            return kept[0]
        if by != "rules":
            raise decline("none of the faults that this episode may show is wanted", "Ask for another one.")
    shown = ", ".join(dict.fromkeys(c.family for c in found)) or "nothing"
    raise decline(
        f"nothing at 35, 50 or 65 % of the episode measures as {asked.replace('_', ' ') or 'any of the families'}; "
        f"what fits there: {shown}",
        "Ask for one of those, or give another episode.",
    )


def _ranges(episode: ObservedEpisode, anchor: float) -> tuple[list[int], list[int]] | None:
    """The sampled frames of the observation range, which ends at the anchor, and of the future range after it."""
    low, high = episode.intent.span
    length = _length(episode)
    observed = episode.between(max(low, anchor - length), anchor)
    future = [i for i in episode.between(anchor, min(high, anchor + length)) if not observed or i > observed[-1]]
    return (observed, future) if len(observed) >= OBSERVED and len(future) >= FUTURE else None


def _length(episode: ObservedEpisode) -> float:
    low, high = episode.intent.span
    return min(RANGE if episode.brief.clock == "seconds" else 60.0, SHARE * (high - low))


def _candidates(episode: ObservedEpisode, observed: Sequence[int], future: Sequence[int]) -> list[Candidate]:
    """What can go wrong in a range, the most telling first."""
    t0, t1 = episode.time(observed[0]), episode.time(observed[-1])
    inside = episode.inside(t0, t1)
    made: list[Candidate] = []
    for family in ("unstable_grasp", "hesitation_loop", "early_stagnation", "approach_stall"):
        segment = _shows(episode, family, inside, t0, t1)
        freeze = None if segment is None else _freeze(episode, family, segment, observed)
        if segment is None or freeze is None:
            continue
        until = _last_shown(episode, family, segment, observed, freeze)
        seen, ahead = _ranges_until(episode, observed, future, until)
        made += _candidate(episode, family, segment, freeze, seen, ahead)
    return made


def _candidates_at(episode: ObservedEpisode, segment: Segment) -> list[Candidate]:
    """What may go wrong in a segment, wherever it lies: its families, with the next motion as the recovery."""
    (low, high), length = episode.intent.span, _length(episode)
    observed = episode.between(max(low, segment.span[1] - length), segment.span[1])
    made: list[Candidate] = []
    for family in FAMILIES if observed else ():
        freeze = _freeze(episode, family, segment, observed) if _may_be(episode, family, segment) else None
        if freeze is None:
            continue
        until = _last_shown(episode, family, segment, observed, freeze)
        end = episode.time(until)
        moving = (s for s in episode.segments if not s.rests and not s.oscillation and s.span[1] > end + REACHED)
        begin = max(end, next((s.span[0] for s in moving), end))
        ahead = [i for i in episode.between(begin, min(high, begin + AHEAD * length)) if i > until]
        made += _candidate(episode, family, segment, freeze, episode.between(max(low, end - length), end), ahead)
    return made


def _candidate(
    episode: ObservedEpisode, family: str, now: Segment, freeze: int, seen: Sequence[int], ahead: Sequence[int]
) -> list[Candidate]:
    """A candidate, where there is room for it and something moves in its recovery."""
    if len(seen) < OBSERVED or len(ahead) < FUTURE or not _recovers(episode, ahead):
        return []
    inside = episode.inside(episode.time(seen[0]), episode.time(seen[-1]))
    return [Candidate(family, seen, ahead, now, freeze, _recall(episode, inside, seen, freeze))]


def _may_be(episode: ObservedEpisode, family: str, segment: Segment) -> bool:
    """Whether a segment measures as the rule `embodied.family` demands of a family."""
    if family == "early_stagnation":
        return segment.rests and _nothing_before(episode, segment)
    if family == "unstable_grasp":
        again = any(s.gripper == "closes" and s.span[0] >= segment.span[1] for s in episode.segments)
        return segment.gripper == "closes" and again
    if family == "hesitation_loop":
        return _reaches(segment) and (segment.oscillation or (segment.slow and not segment.stall))
    return _reaches(segment) and not segment.slow


def _last_shown(episode: ObservedEpisode, family: str, now: Segment, observed: Sequence[int], freeze: int) -> int:
    """Where what is observed ends: with the held frame, or with the hesitation."""
    if family != "hesitation_loop":
        return freeze
    return [i for i in observed if episode.time(i) <= now.span[1] + 1e-6][-1]


def _ranges_until(
    episode: ObservedEpisode, observed: Sequence[int], future: Sequence[int], until: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Both ranges moved so that what is observed ends at a frame, and the future goes on from there."""
    if until == observed[-1]:
        return observed, future
    length, end = episode.time(future[-1]) - episode.time(future[0]), episode.time(until)
    begin = max(episode.time(observed[0]), end - (episode.time(observed[-1]) - episode.time(observed[0])))
    ahead = [i for i in episode.between(end, min(episode.intent.span[1], end + length)) if i > until]
    return episode.between(begin, end), ahead


def _shows(episode: ObservedEpisode, family: str, inside: Sequence[Segment], t0: float, t1: float) -> Segment | None:
    """The segment of a range `t0` to `t1` [s] that a family can be read off, the latest one, or None."""
    if family == "unstable_grasp":
        missed = [s for s in inside if s.gripper == "closes" and s.holds == "no" and sum(s.span) / 2 <= t1]
        return missed[-1] if missed and _grasps_again(episode, missed[-1]) else None
    still = sum(min(s.span[1], t1) - max(s.span[0], t0) for s in inside if s.rests)
    if family in ("approach_stall", "hesitation_loop") and still > STILL * (t1 - t0):
        return None
    for segment in reversed(inside):
        filled = (min(segment.span[1], t1) - max(segment.span[0], t0)) / (t1 - t0)
        hesitates = _reaches(segment) and (segment.oscillation or _slow(segment))
        if family == "hesitation_loop" and hesitates and filled >= HESITATING:
            return segment
        if filled < FILLED:
            continue
        if family == "early_stagnation" and segment.rests and _nothing_before(episode, segment):
            return segment
        if family == "approach_stall" and _reaches(segment) and not segment.slow and _arrives(episode, segment):
            return segment
    return None


def _grasps_again(episode: ObservedEpisode, missed: Segment) -> bool:
    return any(s.grasps for s in episode.segments if s.span[0] >= missed.span[1] - 1e-6)


def _arrives(episode: ObservedEpisode, segment: Segment) -> bool:
    """Whether what a segment approaches is reached later; without a gripper that is not known, and it counts."""
    if not any(s.gripper for s in episode.segments):
        return True
    return any(s.phase == "grasp" for s in episode.segments if s.span[0] >= segment.span[1] - 1e-6)


def _recovers(episode: ObservedEpisode, ahead: Sequence[int]) -> bool:
    """Whether something moves in at least half of a future range."""
    t0, t1 = episode.time(ahead[0]), episode.time(ahead[-1])
    moving = (min(s.span[1], t1) - max(s.span[0], t0) for s in episode.inside(t0, t1) if not s.rests)
    return sum(moving) >= MOVING * (t1 - t0)


def _reaches(segment: Segment) -> bool:
    return segment.phase in ("approach", "adjust", "move", "") and segment.anchor.confidence >= SURE


def _slow(segment: Segment) -> bool:
    """Whether a segment is slow without standing still; where numbers say its way, it must be no straight one."""
    attrs = segment.anchor.attrs
    return (
        segment.slow and not segment.stall and float(attrs.get("path", 1.0)) >= ASTRAY * float(attrs.get("moved", 0.0))
    )


def _nothing_before(episode: ObservedEpisode, segment: Segment) -> bool:
    return all(s.rests for s in episode.segments if s.span[0] < segment.span[0])


def _freeze(episode: ObservedEpisode, family: str, now: Segment, observed: Sequence[int]) -> int | None:
    """The frame to hold: the last one of a motion or a standstill, the middle of a hesitation.

    Of a grasp the first one that shows the gripper as closed as the grasp makes it; None when none comes soon.
    """
    if family == "unstable_grasp":
        just = JUST if episode.brief.clock == "seconds" else 1.0
        return next(iter(episode.between(now.span[1], min(now.span[1] + just, episode.intent.span[1]))), None)
    if family != "hesitation_loop":
        return [i for i in observed if episode.time(i) <= now.span[1] + 1e-6][-1]
    low, high = max(now.span[0], episode.time(observed[0])), min(now.span[1], episode.time(observed[-1]))
    return min(observed, key=lambda i: (abs(episode.time(i) - (low + high) / 2), i))


def _recall(episode: ObservedEpisode, inside: Sequence[Segment], observed: Sequence[int], freeze: int) -> int:
    """The last frame before the held one at which the motion was neither slow nor still; else the first frame."""
    limit = episode.time(freeze) - (RECALL if episode.brief.clock == "seconds" else 1.0)
    good = [i for i in observed if episode.time(i) <= limit
            and any(not s.slow and s.span[0] <= episode.time(i) <= s.span[1] for s in inside)]  # fmt: skip
    return good[-1] if good else observed[0]


def _moving_again(episode: ObservedEpisode, future: Sequence[int]) -> int:
    """The first frame of the future range at which it moves; its first one where too few would be left."""
    still = [s for s in episode.inside(episode.time(future[0]), episode.time(future[-1])) if s.rests]
    moving = [i for i in future if not any(s.span[0] <= episode.time(i) < s.span[1] for s in still)]
    return moving[0] if moving and future[-1] - moving[0] >= FUTURE - 1 else future[0]


def _clip(start: int, end: int, **freeze: int) -> Asking[Anchor]:
    seen = yield from ask("cut_clip", start=start, end=end, **freeze)
    if not seen.anchors:
        raise decline(f"no clip can be cut: {seen.note}", "Give a stream with pictures.")
    return seen.anchors[0]


def _frozen_clip(episode: ObservedEpisode, chosen: Candidate, start: int, end: int) -> Asking[Anchor]:
    """The faulty clip, its frame shown again as often as its family takes."""
    plain = yield from _clip(start, end)
    rate = float(plain.attrs["rate"]) if episode.brief.clock == "seconds" else 10.0
    count = max(1, round(HELD[chosen.family] * rate))
    return (yield from _clip(start, end, freeze_frame=chosen.freeze, freeze_repeat_count=count))


def _draft(
    episode: ObservedEpisode, words: Wording, chosen: Candidate, clips: tuple[Anchor, Anchor, Anchor], begin: int
) -> dict[str, Json]:
    faulty, ahead, recovery = clips
    instruction = episode.instruction(episode.time(chosen.freeze))
    cited = [] if instruction is None else [instruction.id]
    mends = _mending(episode, recovery)
    return {
        "cot": _reasons(episode, words, chosen, faulty, instruction),
        "family": {"cite": [chosen.now.id, faulty.id], "name": chosen.family},
        "input_video": {
            "cite": [faulty.id],
            "start": chosen.observed[0],
            "end": chosen.observed[-1],
            "freeze_frame": chosen.freeze,
            "freeze_repeat_count": faulty.attrs["freeze_repeat_count"],
        },
        "future": {"cite": [ahead.id], "start": chosen.future[0], "end": chosen.future[-1]},
        "output_video": {"cite": [recovery.id], "start": begin, "end": chosen.future[-1]},
        "output_image": [{"cite": [faulty.id], "frame": chosen.recall}],
        "question": statement(words.phrase("situation", words.task(instruction)), [*cited, faulty.id]),
        "answer": statement(
            _answer(episode, words, chosen, mends), [chosen.now.id, *(s.id for s in mends), recovery.id, *cited]
        ),
    }


def _mending(episode: ObservedEpisode, recovery: Anchor) -> list[Segment]:
    """What is done in a recovery: its segments that move, the first few, neighbours of one kind once."""
    least = 0.15 * (recovery.t1 - recovery.t0)
    moving = [s for s in episode.inside(recovery.t0, recovery.t1) if s.phase and moves([s])
              and min(s.span[1], recovery.t1) - max(s.span[0], recovery.t0) >= least]  # fmt: skip
    return [s for k, s in enumerate(moving) if not k or s.phase != moving[k - 1].phase][:3]


def _reasons(
    episode: ObservedEpisode, words: Wording, chosen: Candidate, faulty: Anchor, instruction: Anchor | None
) -> list[Json]:
    """What the faulty clip shows, and nothing that comes after it."""
    shown = (episode.time(chosen.observed[0]), episode.time(chosen.observed[-1]))
    seen = episode.inside(*shown)[-4:]
    clauses = dict.fromkeys(_segment_clause(words, segment, shown) for segment in seen)
    observed = words.phrase("observed", words.phrase("then").join(clauses))
    return [
        *words.task_thought(instruction, shown[0]),
        statement(observed, [faulty.id, *(s.id for s in seen)], 480),
        statement(words.phrase("held", chosen.freeze, faulty.attrs["freeze_repeat_count"]), [faulty.id]),
    ]


def _segment_clause(words: Wording, segment: Segment, shown: Span) -> str:
    """A segment as a clip shows it: with its figures when all of it is on show, else that it is under way."""
    whole = shown[0] - REACHED <= segment.span[0] and segment.span[1] <= shown[1] + REACHED
    return words.clause(segment) if whole else words.unfinished_clause(segment)


def _answer(episode: ObservedEpisode, words: Wording, chosen: Candidate, mends: Sequence[Segment]) -> str:
    """What is wrong, and what to do about it, as the recovery does it.

    It is a robot's fault where states were recorded or the intent says so; pictures alone do not show whose it is.
    """
    robot = episode.numbers or _SAYS_ROBOT.search(episode.brief.intent)
    wrong, remedy = words.fault(chosen.family, chosen.now)
    stop, join = words.stop, words.phrase("and_then")
    steps = join.join(decapitalise(words.request(s)) for s in mends)
    then = words.phrase("remedy", steps) if steps else ""
    return words.phrase("recovery", words.phrase("robot" if robot else "subject"), wrong + stop, remedy, then, stop)
