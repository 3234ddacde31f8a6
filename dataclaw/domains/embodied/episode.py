"""What a plan knows of a trajectory or a recording: its segments, its instruction, its frames.

Everything comes through tools. Where there are numbers, segments are those of `segment_motion`; where there are only
pictures, those of `track_motion`, which name no phase: a grasp cannot be told from pixels alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.embodied.intents import TrajectoryIntent, parse_intent
from dataclaw.planning import Asking, ask, decline, keep, pages
from dataclaw.types import Anchor, Brief, Json, Observation, Span

ACTIVE_PHASES = frozenset({"approach", "grasp", "lift", "transport", "release", "retreat", "move"})
"""Phases that are subtasks of their own; standing still and adjusting belong to the one before."""
HARDLY = 0.01
"""Nothing is done in a segment whose hand goes less far in metres."""
MOST_RECORDED = 3600
"""Most recorded frames of a clip that shows a whole episode: two minutes at 30 per second."""
SLOW = 0.35
"""Mean speed of a slow segment, as a share of the fast speed."""


_CAMERA: Mapping[str, str] = {
    "static": "the camera stands still",
    "forward": "the camera goes forward or zooms in",
    "backward": "the camera goes backward or zooms out",
    "lost": "the picture changes too quickly to follow",
}
"""What a camera does; the other ways it moves are worded as the tool names them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of motion, as a tool measured it.

    Attributes:
        anchor: the anchor that shows it.
        first: first sampled frame, None without pictures.
        last: last sampled frame.
        phase: approach, grasp, ..., "" where pictures alone are known.
        gripper: "open", "closed", "opens", "closes" or "".
        stall: whether it stands still.
        slow: whether it is slow beside the rest.
        oscillation: whether it goes back and forth.
        text: what moves, in words and units, without the phase.
    """

    anchor: Anchor
    first: int | None
    last: int | None
    phase: str
    gripper: str
    stall: bool
    slow: bool
    oscillation: bool
    text: str

    @property
    def id(self) -> str:
        """How it is cited."""
        return self.anchor.id

    @property
    def holds(self) -> str:
        """Whether its closed hand holds something: "yes", "no", "unsure", or "" where nothing tells."""
        return str(self.anchor.attrs.get("holds", ""))

    @property
    def grasps(self) -> bool:
        """Whether its hand has closed, and nothing says that it has closed on nothing, or makes that doubtful."""
        return self.phase == "grasp" and self.finished and self.holds in ("yes", "")

    @property
    def finished(self) -> bool:
        """Whether its gripper has come to rest before the recording ends."""
        return bool(self.anchor.attrs.get("finished", True))

    @property
    def rests(self) -> bool:
        """Whether neither it nor a gripper moves."""
        return self.stall and self.gripper not in ("opens", "closes")

    @property
    def gap(self) -> bool:
        """Whether nothing of it is recorded."""
        return bool(self.anchor.attrs.get("gap"))

    @property
    def span(self) -> Span:
        """From when to when [s]."""
        return self.anchor.t0, self.anchor.t1


@dataclass(frozen=True, slots=True)
class ObservedEpisode:
    """A stream as a plan sees it.

    Attributes:
        brief: what the plan was told.
        intent: what the intent asks for.
        segments: stretches of motion, in order.
        instructions: events that tell the robot what to do, in order.
        frames: `(index, time [s])` of the sampled frames.
        numbers: whether segments come from recorded numbers.
        without: why they do not, "" when they do.
        robot: whether it is known to be a robot's hand or arm that moves.
        series: name of the series they come from, "" for pictures.
        columns: columns of that series which were segmented, then those of the gripper.
    """

    brief: Brief
    intent: TrajectoryIntent
    segments: Sequence[Segment]
    instructions: Sequence[Anchor]
    frames: Sequence[tuple[int, float]]
    numbers: bool
    robot: bool = False
    series: str = ""
    columns: Sequence[str] = ()
    without: str = ""

    def time(self, frame: int) -> float:
        """Time of a frame [s]."""
        return dict(self.frames)[frame]

    def between(self, t0: float, t1: float) -> list[int]:
        """Sampled frames with `t0 <= time <= t1`."""
        return [i for i, t in self.frames if t0 - 1e-6 <= t <= t1 + 1e-6]

    def inside(self, t0: float, t1: float) -> list[Segment]:
        """Segments that share time with a span."""
        return [s for s in self.segments if min(s.span[1], t1) - max(s.span[0], t0) > 1e-6]

    def select_segments(self) -> Asking[tuple[list[Segment], dict[str, str]]]:
        """Segments that the intent wants, and why the others are left out, by id.

        Raises:
            PolicyError: it wants none of them.
        """
        dropped = {s.id: why for s in self.segments if (why := self.intent.refuses(s.phase, *s.span))}
        options = [s.anchor for s in self.segments]
        dropped, _ = yield from keep("embodied.segments", options, dropped, "minor")
        kept = [s for s in self.segments if s.id not in dropped]
        if not kept:
            there = ", ".join(dict.fromkeys(s.phase for s in self.segments if s.phase)) or "motion without phases"
            low, high = self.segments[0].span[0], self.segments[-1].span[1]
            raise decline(
                "nothing in this stream is what the intent asks for",
                f"Ask for what is measured here: {there}, between {low:.1f} and {high:.1f}.",
            )
        return kept, dropped

    def instruction(self, t: float) -> Anchor | None:
        """The instruction in force at a time."""
        begun = [e for e in self.instructions if e.t0 <= t + 1e-6]
        return begun[-1] if begun else (self.instructions[0] if self.instructions else None)


def survey(brief: Brief) -> Asking[ObservedEpisode]:
    """Look at a stream: its segments, its instructions, its frames.

    Raises:
        PolicyError: nothing moves that could be measured; the message is the tool's.
    """
    yield from ask("overview")
    told = yield from pages("list_events")
    instructions = [e for e in told if e.attrs.get("verb") == "instruction" and e.attrs.get("text")]
    intent = parse_intent(brief.intent, brief.window)
    if brief.kind == "trajectory":
        seen = yield from ask("segment_motion")
        if seen.ok:
            return _episode_of(brief, intent, instructions, seen, "")
        why = _first(seen.note)
        seen = yield from ask("track_motion")
        if not seen.ok:
            raise decline(f"no motion of a robot or a camera is recorded: {why}", _READS)
    else:
        why = "a plain recording has no recorded states or actions"
        seen = yield from ask("track_motion")
        if not seen.ok:
            raise decline(_first(seen.note), "Give a recording with a clock, or a trajectory.")
    return _episode_of(brief, intent, instructions, seen, why)


def check_numbers(episode: ObservedEpisode) -> None:
    """See that recorded numbers say what is done.

    Raises:
        PolicyError: there are none, or they say neither where a hand is nor what a gripper does, and there are no
            pictures beside them.
    """
    if not episode.numbers:
        raise decline(f"what is done cannot be told from pictures alone: {episode.without}", "Choose describe_subtask.")
    check_substance(episode)


def check_substance(episode: ObservedEpisode) -> None:
    """See that there is more to tell than that joints turn.

    Raises:
        PolicyError: joint values are all there is.
    """
    tells = any(s.gripper or not s.phase or s.anchor.attrs["direction"] for s in episode.segments)
    if not tells and not episode.frames:
        raise decline(
            "the stream has joint values alone: no position of a hand, no gripper and no picture say what is done",
            "Put the robot's URDF or MuJoCo model beside the data, or give the pictures.",
        )


_READS = "Trajectories need a position or joint states; recordings need pictures."


def _first(note: str) -> str:
    return note.split(". ")[0].rstrip(".")


def _episode_of(
    brief: Brief, intent: TrajectoryIntent, instructions: Sequence[Anchor], seen: Observation, without: str
) -> ObservedEpisode:
    make = _segment_of_pictures if without else _segment_of_numbers
    frames = [(int(i), float(t)) for i, t in cast("Sequence[Sequence[float]]", seen.data.get("frames", ()))]
    return ObservedEpisode(
        brief,
        intent,
        [make(a) for a in seen.anchors],
        instructions,
        frames,
        not without,
        bool(seen.data.get("robot")),
        str(seen.data.get("series", "")),
        [str(c) for key in ("columns", "gripper_columns") for c in cast("Sequence[Json]", seen.data.get(key, ()))],
        without,
    )


def _segment_of_numbers(anchor: Anchor) -> Segment:
    attrs = anchor.attrs
    phase = str(attrs["phase"])
    return Segment(
        anchor,
        attrs["first_frame"],
        attrs["last_frame"],
        phase,
        str(attrs["gripper"]),
        stall=bool(attrs["stall"]),
        slow=bool(attrs["stall"]) or float(attrs["speed"]) < SLOW,
        oscillation=bool(attrs["oscillation"]),
        text=anchor.content.removeprefix(f"{phase}: "),
    )


def _segment_of_pictures(anchor: Anchor) -> Segment:
    """A span of motion in pictures, or of a pose without numbers for segments."""
    attrs = anchor.attrs
    subject = str(attrs.get("subject", ""))
    return Segment(
        anchor,
        attrs.get("first_frame"),
        attrs.get("last_frame"),
        "",
        "",
        stall=subject == "still",
        slow=subject in ("still", "slow"),
        oscillation=bool(attrs.get("oscillation")),
        text=picture_motion_text(anchor),
    )


def picture_motion_text(anchor: Anchor) -> str:
    """A span of motion in pictures, in words; that of a pose as the tool words it."""
    if "subject" not in anchor.attrs:
        return anchor.content
    camera = str(anchor.attrs["camera"])
    if camera == "lost":
        return _CAMERA[camera]
    moves = _CAMERA.get(camera, f"the camera {camera.replace(' ', 's ', 1)}")
    return f"{moves} and {_subject(anchor)}"


def _subject(anchor: Anchor) -> str:
    attrs = anchor.attrs
    if attrs["subject"] == "still":
        return "nothing moves in front of it"
    slowly = " slowly" if attrs["subject"] == "slow" else ""
    where = " back and forth" if attrs["oscillation"] else f" {attrs['subject_direction']}".rstrip()
    return f"something in front of it moves{slowly}{where}"


def primary_subtasks(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Neighbouring segments as subtasks; standing still and adjusting join the subtask before.

    A subtask is of one phase, and something that the stream records moves along in all of it or in none.

    Without phases (pictures alone) every span that is active is a subtask, with the still and slow ones after it.
    """
    groups: list[list[Segment]] = []
    for segment in segments:
        starts = is_active(segment)
        same = bool(groups) and bool(segment.phase) and _doing(groups[-1]) == _doing([segment])
        if not groups or (starts and not same and moves(groups[-1])):
            groups.append([segment])
        else:
            groups[-1].append(segment)
    return groups


def moves(group: Sequence[Segment]) -> bool:
    """Whether something is done in it: more than standing still and adjusting."""
    return any(is_active(s) for s in group)


def is_active(segment: Segment) -> bool:
    """Whether something is done in a segment: a hand opens or closes, or goes somewhere."""
    if not segment.phase:
        return not segment.slow
    if segment.phase not in ACTIVE_PHASES:
        return False
    return segment.gripper in ("opens", "closes") or segment.anchor.attrs["unit"] != "m" or way(segment) >= HARDLY


def _doing(group: Sequence[Segment]) -> tuple[str, bool]:
    """The phase of a group, and whether something is taken along in it."""
    first = next((s for s in group if is_active(s)), group[0])
    return first.phase, bool(first.anchor.attrs.get("object"))


def main_of(group: Sequence[Segment]) -> Segment:
    """The segment of a subtask that says what it is: the active one that goes furthest."""
    active = [s for s in group if is_active(s)] or list(group)
    return max(active, key=lambda s: (way(s), -s.span[0]))


def way(segment: Segment) -> float:
    """How much moved in a segment: length of its way, or energy over its time."""
    attrs = segment.anchor.attrs
    if "path" in attrs:
        return float(attrs["path"])
    if attrs.get("camera") == "lost":
        return 0.0
    return float(attrs.get("energy") or 0.0) * (segment.span[1] - segment.span[0])


def whole_clip(episode: ObservedEpisode, segments: Sequence[Segment]) -> Asking[dict[str, Json]]:
    """`input_video` over segments, nothing where there are no pictures, or too many of them for one clip."""
    frames = episode.between(segments[0].span[0], segments[-1].span[1])
    if len(frames) < 2:
        return {}
    seen = yield from ask("cut_clip", start=frames[0], end=frames[-1])
    if not seen.anchors or int(seen.anchors[0].attrs["recorded"]) > MOST_RECORDED:
        return {}
    return {"input_video": {"cite": [seen.anchors[0].id], "start": frames[0], "end": frames[-1]}}
