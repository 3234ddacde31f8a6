"""What moves and how: the camera and the subject of a recording, or the pose of a robot or a camera.

Recordings up to `DENSE` frames are followed at about ten pictures a second; longer ones from sampled frame to sampled
frame, which loses quick motion: the note says so, and a narrower span is followed closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dataclaw.errors import StreamError, ToolError
from dataclaw.streams.frames import footage, rate_of
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.boxes import scale_box
from dataclaw.tools.kinematics import frame_times, roles_of
from dataclaw.tools.picture_motion import Move, moves
from dataclaw.tools.pose_motion import pose_spans
from dataclaw.tools.scope import Scope, look
from dataclaw.tools.spans import principal, reversals, spells
from dataclaw.types import Anchor, Box, Footage, Json

DENSE = 2400
"""Most recorded frames that are followed closely: decoding is what costs."""
PICTURES = 10.0
"""Pictures a second that are compared."""
SHORTEST = 0.6
"""Shortest span [s]."""
SPANS = 40
MOST_TICKS = 4096
"""Most steps of the time line on which spans are distinguished."""
RATES = {"pan": 0.06, "tilt": 0.06, "zoom": 0.1, "roll": 0.15}
"""From how fast on the camera moves: widths, heights, growth and radians a second."""
WORDS = {
    "pan": ("pan right", "pan left"), "tilt": ("tilt up", "tilt down"), "zoom": ("forward", "backward"),
    "roll": ("roll left", "roll right"),
}  # fmt: skip
STILL, SLOW = 0.004, 0.35
"""Share of cells below which the subject rests; share of its usual motion below which it is slow."""
DRIFT = 0.03
"""Least shift of the subject that has a direction, and least turn that counts as a reversal [picture widths]."""
BACK_AND_FORTH = 0.5
"""A course that ends within this share of its length from where it began has gone back and forth."""


@tool("track_motion", version=5)
def track_motion(
    context: ToolContext,
    *,
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Track motion: what the camera does, how much and where the subject moves by itself, or how a pose moves.

    Anchors of kind "motion" cover the window in order. `attrs` of pictures: `camera` ("static", "pan right", "pan
    left", "tilt up", "tilt down", "forward", "backward", "roll left", "roll right", "lost" where nothing could be
    followed), `pan` and `tilt` [picture widths and heights, the view to the right and up], `zoom` (growth), `roll_deg`,
    `subject` ("active", "slow", "still"), `subject_box` [px], `subject_share`, `subject_direction`, `oscillation`,
    `energy` (0..1), `first_frame`, `last_frame`; `turn_deg` and `moved_m` are null, pictures do not tell. Of poses:
    `camera` ("static", "turn", "move", "turn and move"), `turn_deg`, `moved_m` (in the source's unit), `axis`,
    `direction`, `energy` (speed over the fastest).
    """
    scope = look(context, part, t0, t1)
    if scope.stream.clock == "index":
        raise ToolError("without a clock there is no speed.", remedy="Use detect_changes or compare_images.")
    if scope.stream.frames is not None and len(scope.indices) > 1:
        return _of_pictures(scope)
    if roles_of(scope.stream, "position") or roles_of(scope.stream, "rotation"):
        return pose_spans(scope, SPANS)
    raise ToolError("there are neither pictures nor poses to track.", remedy="Use inspect_state or list_events.")


@dataclass(frozen=True, slots=True)
class Motion:
    """A span in which the motion stays of one kind.

    Attributes:
        camera: what the camera does.
        subject: "active", "slow" or "still".
        moves: the moves between its pictures, at least one.
    """

    camera: str
    subject: str
    moves: Sequence[Move]

    def total(self, name: str) -> float:
        """Sum of one measure over the span."""
        return float(sum(getattr(m, name) for m in self.moves))

    def mean(self, name: str) -> float:
        """Mean of one measure over the span, by time."""
        spans = [m.t1 - m.t0 for m in self.moves]
        return float(np.average([getattr(m, name) for m in self.moves], weights=spans))


def _of_pictures(scope: Scope) -> ToolResult:
    found, close = follow_motion(scope)
    if not found:
        raise ToolError("fewer than two pictures lie there.", remedy="Widen t0, t1.")
    motions = motions_of(found)
    anchors = tuple(_anchor(scope, motion) for motion in motions)
    note = f"{len(anchors)} spans of motion over {found[-1].t1 - found[0].t0:.1f} s."
    if not close:
        gap = np.median([m.t1 - m.t0 for m in found])
        note += f" Followed from frame to frame only, {gap:.1f} s apart: narrow t0, t1 for quick motion."
    energy = [[round(m.t1, 3), round(m.energy, 3)] for m in _thin(found)]
    return ToolResult(note, anchors, data={"energy": energy, "frames": frame_times(scope)})


def follow_motion(scope: Scope) -> tuple[list[Move], bool]:
    """The moves of a scope's pictures in order, and whether they were followed closely.

    Raises:
        ToolError: a picture cannot be decoded.
    """
    frames, window = scope.frames, scope.window
    times = [float(frames.times[i]) for i in scope.indices]
    window = (max(window[0], times[0]), min(window[1], times[-1]))
    rate = frames.rate if isinstance(frames, Footage) else rate_of(frames.times)
    close = (window[1] - window[0]) * rate <= DENSE
    try:
        if close:
            every = max(1, round(rate / PICTURES))
            return list(moves(footage(frames, *window), every)), True
        return list(moves((float(frames.times[i]), frames.read([i])[0]) for i in scope.indices)), False
    except StreamError as error:
        raise ToolError(f"pictures cannot be read: {error}", remedy="Choose another span.") from error


def motions_of(found: Sequence[Move]) -> list[Motion]:
    """Cut moves into spans of one camera motion and one liveliness of the subject."""
    camera, subject = _camera(found), _subject(found)
    spans = np.array([m.t1 - m.t0 for m in found])
    tick = max(float(spans.min()), float(spans.sum()) / MOST_TICKS)
    owner = [k for k, span in enumerate(spans) for _ in range(max(1, round(float(span) / tick)))]
    cut = spells([(camera[k], subject[k]) for k in owner], max(1, round(SHORTEST / tick)), SPANS)
    parts = [(owner[s.first], owner[s.end - 1] + 1) for s in cut]
    return [Motion(_usual(camera[a:b]), _usual(subject[a:b]), found[a:b]) for a, b in parts]


def _usual(states: Sequence[str]) -> str:
    return max(dict.fromkeys(states), key=states.count)


def _camera(found: Sequence[Move]) -> list[str]:
    spans = np.array([m.t1 - m.t0 for m in found])
    rates = {name: _steady(np.array([getattr(m, name) for m in found]) / spans) for name in RATES}
    lost = _steady(np.array([float(m.lost) for m in found])) > 0.5
    states: list[str] = []
    for at in range(len(found)):
        most = max(RATES, key=lambda name: abs(rates[name][at]) / RATES[name])
        rate = float(rates[most][at])
        moving = abs(rate) > RATES[most]
        states.append("lost" if lost[at] else WORDS[most][0 if rate > 0 else 1] if moving else "static")
    return states


def _subject(found: Sequence[Move]) -> list[str]:
    shares = _steady(np.array([m.share for m in found]))
    usual = float(np.percentile(shares, 90))
    return ["still" if s < STILL else "slow" if s < SLOW * usual else "active" for s in shares]


def _steady(values: NDArray[np.float64], width: int = 5) -> NDArray[np.float64]:
    """Median over the neighbourhood, so that one trembling picture makes no span."""
    padded = np.pad(values, width // 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)


def _anchor(scope: Scope, motion: Motion) -> Anchor:
    t0, t1 = motion.moves[0].t0, motion.moves[-1].t1
    inside = scope.frames_between(t0, t1)
    before = [i for i in scope.indices if scope.time(i) <= t0 + 1e-6]
    first = inside[0] if inside else before[-1]
    box = _subject_box(motion, scope.frames.size) if motion.subject != "still" else None
    direction = way_in_picture(motion.moves) if box else ""
    attrs: dict[str, Json] = {
        "camera": motion.camera,
        "pan": round(motion.total("pan"), 3),
        "tilt": round(motion.total("tilt"), 3),
        "zoom": round(float(np.prod([1.0 + m.zoom for m in motion.moves])) - 1.0, 3),
        "roll_deg": round(float(np.degrees(motion.total("roll"))), 1),
        "turn_deg": None,
        "moved_m": None,
        "subject": motion.subject,
        "subject_box": None if box is None else list(box),
        "subject_share": round(motion.mean("share"), 3),
        "subject_direction": direction,
        "oscillation": oscillates(motion),
        "energy": round(motion.mean("energy"), 2),
        "first_frame": first,
        "last_frame": inside[-1] if inside else first,
    }
    trust = round(motion.mean("trust"), 2)
    return scope.anchor(
        "motion", _content(attrs), (t0, t1), "track_motion", frame=first, box=box, confidence=trust, attrs=attrs
    )


def _content(attrs: dict[str, Json]) -> str:
    camera = str(attrs["camera"])
    if camera.startswith("pan"):
        camera += f" {abs(attrs['pan']):.2f} picture widths"
    elif camera.startswith("tilt"):
        camera += f" {abs(attrs['tilt']):.2f} picture heights"
    subject = str(attrs["subject"])
    if attrs["oscillation"]:
        subject += ", back and forth"
    elif attrs["subject_direction"]:
        subject += f", {attrs['subject_direction']}"
    return f"camera {camera}; subject {subject}; energy {attrs['energy']:.2f}"


def _subject_box(motion: Motion, size: tuple[int, int]) -> Box | None:
    boxes = [m.box for m in motion.moves if m.box is not None]
    if not boxes:
        return None
    return scale_box(np.median(np.array(boxes), axis=0).tolist(), size)


def _course(moves: Sequence[Move]) -> NDArray[np.float64]:
    """`(moves + 1, 2)` where the subject has drifted to, in picture widths, from where the moves began."""
    return np.vstack([[0.0, 0.0], np.cumsum([m.drift for m in moves], axis=0)])


def way_in_picture(moves: Sequence[Move]) -> str:
    """Where in the picture the subject went: "up", "down and left", ...; "" when nowhere in particular."""
    if not moves:
        return ""
    right, down = _course(moves)[-1]
    most = max(abs(right), abs(down))
    if most < DRIFT:
        return ""
    words = [(down, "down", "up"), (right, "right", "left")]
    return " and ".join(ahead if v > 0 else back for v, ahead, back in words if abs(v) >= 0.4 * most)


def oscillates(motion: Motion) -> bool:
    """Whether the subject turned round at least twice and came back near to where it began."""
    course = principal(_course(motion.moves))
    path = float(np.abs(np.diff(course)).sum())
    return reversals(course, DRIFT) >= 2 and abs(float(course[-1] - course[0])) <= BACK_AND_FORTH * path


def _thin(found: Sequence[Move], most: int = 120) -> Sequence[Move]:
    """Evenly chosen moves, at most `most`."""
    return found[:: max(1, -(-len(found) // most))]
