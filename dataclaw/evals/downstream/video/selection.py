"""Do the windows that a run chose differ from random ones of the same recordings and the same length?

Each chosen window is compared with random ones of its own recording, so that a lively recording favours neither side.
Recordings are what is drawn again for the intervals, since windows of one recording are alike.

Shots and damage are found by the tools that the planner of `aigc` avoids them with, so these two rows say that it did
what it meant to. Motion, hands, consistency and smoothness are measured by what the planner does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np

from dataclaw.errors import UsageError
from dataclaw.evals.downstream.video.consistency import (
    flow_speed,
    motion_smoothness,
    narrow_picture,
    subject_consistency,
)
from dataclaw.evals.downstream.video.contact import SeenHand
from dataclaw.evals.downstream.video.features import Pixels
from dataclaw.evals.stats import Estimate, PairedTest, estimate, paired_test
from dataclaw.export.read import read_samples
from dataclaw.streams import open_stream
from dataclaw.streams.frames import footage, rate_of
from dataclaw.tools import ToolContext, builtin
from dataclaw.types import Frames, Span, Stream

TASK = "video_generation_segment"
SAID = ("caption", "instruction", "narration")
"""Kinds of events that say in words what is shown."""
LOOKS = 6
"""Most sampled pictures of a window in which hands are looked for, evenly over it."""
ROOM = 0.1
"""A recording must be longer than the window by this share of it, or there is no choice."""
Hands = Callable[[Pixels], Sequence[SeenHand]]


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """A window that a run chose.

    Attributes:
        sample: id of the sample.
        stream: id of its recording.
        path: where that was opened.
        span: `(t0, t1)` [s] of its clip.
    """

    sample: str
    stream: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class WindowMeasures:
    """What is measured of one window.

    Attributes:
        motion: `flow_speed`, in picture diagonals a second [1/s].
        contact: share of up to six pictures in which a hand is found, 0..1; None without a detector.
        shot_purity: share of the window that its longest shot has, 0..1.
        clean: share of the window without damaged pictures, 0..1.
        caption: share of the window for which the caption holds that covers most of it, 0..1; None without captions.
        consistency: `subject_consistency`, 0..1.
        smoothness: `motion_smoothness`, 0..1.
    """

    motion: float
    contact: float | None
    shot_purity: float
    clean: float
    caption: float | None
    consistency: float
    smoothness: float


@dataclass(frozen=True, slots=True)
class MeasuredDifference:
    """One measure of chosen windows beside random ones.

    Attributes:
        chosen: mean of the chosen windows.
        random: mean of the random ones; those of one chosen window count as one.
        above: share of the random windows that the chosen one exceeds, ties as half; 0.5 by chance. It does not depend
            on the measure's scale, so a recording with large numbers does not outweigh the others.
        test: chosen minus random, with its interval.
    """

    chosen: Estimate
    random: Estimate
    above: Estimate
    test: PairedTest


@dataclass(frozen=True, slots=True)
class SelectionComparison:
    """Chosen windows beside random ones.

    Attributes:
        differences: by measure; without those that no window has.
        without_room: samples whose window fills its recording, so that none could be drawn beside it.
    """

    differences: Mapping[str, MeasuredDifference]
    without_room: Sequence[str]

    def table(self) -> Iterator[str]:
        """Lines of Markdown: means, the difference and the share above, each with its 95 % interval."""
        yield "| measure | chosen | random | chosen - random | p | chosen above random | windows | recordings |"
        yield "|---|---|---|---|---|---|---|---|"
        for name, row in self.differences.items():
            means = [_with_interval(one) for one in (row.chosen, row.random, row.test.difference)]
            more = [f"{row.test.p:.3f}", _with_interval(row.above), str(row.chosen.n), str(row.chosen.streams)]
            yield f"| {name} | {' | '.join([*means, *more])} |"


def chosen_windows(runs: Sequence[Path]) -> list[ChosenWindow]:
    """The clips of a run's samples of the task `video_generation_segment`.

    Raises:
        UsageError: a folder is no finished run, or none has such a sample.
    """
    found = [
        ChosenWindow(sample.id, sample.stream.id or "", sample.stream.path, media.clips[0].span)
        for _, sample, media in read_samples(runs)
        if sample.task == TASK and media.clips
    ]
    if not found:
        remedy = 'Make some: dataclaw run --domain aigc --intent "find a segment for video generation" ...'
        raise UsageError(f"no sample of the task {TASK} is there.", place=", ".join(map(str, runs)), remedy=remedy)
    return found


def compare_selections(
    chosen: Sequence[ChosenWindow], *, hands: Hands | None = None, draws: int = 10, seed: int = 0
) -> SelectionComparison:
    """Measure chosen windows and `draws` random ones of equal length beside each.

    Args:
        chosen: windows, whose recordings are still where they were.
        hands: finds the hands of a picture (`MediapipeHands`); None leaves `contact` out.
        draws: random windows for each chosen one.
        seed: of the draws; equal seeds give equal windows.

    Raises:
        UsageError: a recording is another one now, has no pictures, or no window has room.
        StreamError: it cannot be read.
    """
    pairs: list[tuple[str, WindowMeasures, list[WindowMeasures]]] = []
    without_room: list[str] = []
    for number, window in enumerate(chosen):
        gauge = Gauge(_open(window), hands)
        spans = draw_spans(gauge.stream.duration, window.span, draws, np.random.default_rng([seed, number]))
        if spans:
            pairs.append((window.stream, gauge.measure(window.span), [gauge.measure(span) for span in spans]))
        else:
            without_room.append(window.sample)
    if not pairs:
        raise UsageError(
            "every window fills its recording.", remedy="Ask for shorter clips, or give longer recordings."
        )
    rows = {one.name: difference_of(one.name, pairs) for one in fields(WindowMeasures)}
    return SelectionComparison({name: row for name, row in rows.items() if row}, without_room)


def draw_spans(duration: float, span: Span, count: int, rng: np.random.Generator) -> list[Span]:
    """Random spans [s] of a recording, as long as one of it, evenly over where they fit; none without room."""
    length = span[1] - span[0]
    if duration - length < ROOM * length:
        return []
    return [(float(start), float(start) + length) for start in rng.uniform(0, duration - length, count)]


class Gauge:
    """Measures windows of one recording; its shots and its damage are found once."""

    def __init__(self, stream: Stream, hands: Hands | None = None) -> None:
        self.stream = stream
        self._hands = hands
        self._shots = [(t0, t1) for t0, t1 in _ask(stream, "find_cuts")]
        self._clean = [(t0, t1) for what, t0, t1 in _ask(stream, "check_quality") if what == "clean"]
        self._captions = [(event.t0, event.t1) for event in stream.events if event.kind in SAID]

    def measure(self, span: Span) -> WindowMeasures:
        """The measures of a span [s].

        Raises:
            UsageError: it has fewer than three pictures.
            StreamError: it cannot be read.
        """
        shown = [(time, narrow_picture(picture)) for time, picture in footage(_frames(self.stream), *span)]
        if not shown:
            remedy = "Ask for longer clips."
            raise UsageError(f"no picture lies from {span[0]:.2f} to {span[1]:.2f} s.", remedy=remedy)
        clip = np.stack([picture for _, picture in shown])
        return WindowMeasures(
            motion=flow_speed(clip, rate_of([time for time, _ in shown])),
            contact=self._contact(span),
            shot_purity=max((_share(shot, span) for shot in self._shots), default=0.0),
            clean=min(1.0, sum(_share(part, span) for part in self._clean)),
            caption=max((_share(caption, span) for caption in self._captions), default=None),
            consistency=subject_consistency(clip),
            smoothness=motion_smoothness(clip),
        )

    def _contact(self, span: Span) -> float | None:
        if self._hands is None:
            return None
        frames = _frames(self.stream)
        times = np.asarray(frames.times)
        looked = sorted({int(np.abs(times - time).argmin()) for time in np.linspace(*span, LOOKS)})
        return float(np.mean([bool(self._hands(picture)) for picture in frames.read(looked)]))


def _share(part: Span, span: Span) -> float:
    """How much of a span another one covers."""
    return max(0.0, min(part[1], span[1]) - max(part[0], span[0])) / (span[1] - span[0])


def difference_of(
    name: str, pairs: Sequence[tuple[str, WindowMeasures, list[WindowMeasures]]]
) -> MeasuredDifference | None:
    """One measure over all windows that have it: recording, chosen window and random ones; None where none has."""
    rows = [
        (stream, cast("float", getattr(own, name)), [cast("float", getattr(one, name)) for one in drawn])
        for stream, own, drawn in pairs
        if getattr(own, name) is not None
    ]
    if not rows:
        return None
    streams, chosen = [stream for stream, _, _ in rows], [own for _, own, _ in rows]
    random = [float(np.mean(drawn)) for _, _, drawn in rows]
    above = [float(np.mean([(own > one) + 0.5 * (own == one) for one in drawn])) for _, own, drawn in rows]
    found = *(estimate(values, streams) for values in (chosen, random, above)), paired_test(random, chosen, streams)
    return MeasuredDifference(*cast("tuple[Estimate, Estimate, Estimate, PairedTest]", found))


def _ask(stream: Stream, tool: str) -> list[list[Any]]:
    """The spans that a tool tells of a whole recording."""
    told = builtin()[tool](ToolContext(stream, (0.0, stream.duration)), {})
    return cast("list[list[Any]]", told.data["spans"])


def _open(window: ChosenWindow) -> Stream:
    stream = open_stream(window.path)
    if stream.id != window.stream:
        remedy = "Run dataclaw run again over what is there now."
        raise UsageError(f"it is not the recording of sample {window.sample}.", place=window.path, remedy=remedy)
    _frames(stream)
    return stream


def _frames(stream: Stream) -> Frames:
    if stream.frames is None:
        raise UsageError("the recording has no pictures.", place=stream.path, remedy="Give a video.")
    return stream.frames


def _with_interval(one: Estimate) -> str:
    return f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})"
