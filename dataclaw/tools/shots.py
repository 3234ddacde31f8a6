"""Where one shot of a film ends and the next begins, decided while the frames pass by.

A hard cut is one frame that differs from the last far more than the frames around it do from theirs; a fast camera
makes many such frames in a row and a flash goes back, so neither is a cut; nor is one after which the shot goes on as
it was before, as after pictures that a decoder damaged. A fade is a span whose middle is the mean of its ends while its
ends are different pictures: mixing does that, moving does not. Only the last seconds are held, so memory is flat in the
length. What is shown is not looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.pictures import Pixels

SIZE = (160, 90)
"""Frames are compared at this size [px]."""
THUMB = (32, 18)
"""Size at which mixing is tested [px]: details that move a little are averaged away."""
AROUND = 6
"""Frames to either side of a frame that say how much the picture changes anyway."""
FLOOR, FACTOR = 0.3, 3.0
"""A cut differs by at least this much (0..1), and by so many times the median of the frames around."""
RETURNS = 0.5
"""When the picture after a jump resembles that before it to this share of the jump, it was a flash."""
FADES = (0.4, 0.6, 0.8, 1.2, 1.6)
"""Lengths of fades that are looked for [s]."""
MIX, APART = 0.25, 0.09
"""The middle of a fade is off the mean of its ends by at most this share of their difference; ends differ by at least
this much (mean of 0..1)."""
ONE_PLACE = 0.85
"""Pictures that correlate more than this at some offset show one place, only moved or lit otherwise. Measured on the
sample clips: 0.96 to 1.0 across the jerks of a hand-held camera, at most 0.83 for two different scenes."""
REMEMBERED, EVERY = 8.0, 0.25
"""For how long a shot is remembered, and how often a frame of it is kept [s]."""
LIKE = 0.3
"""Distance of colours (0..1) up to which one place shows the same shot. Measured: 0.21 across a damaged second."""
GREY = (80, 45)
"""Size at which offsets are tried [px]."""
LONGER = 0.125
"""Of two fades that overlap the one that is nearer to mixing is given; a second more makes up for so much of MIX."""
FLAT = 0.03
"""Standard deviation (0..1) of lightness below which a picture is plain: black, white or one colour."""


@dataclass(frozen=True, slots=True)
class ShotChange:
    """A change from one shot to the next.

    Attributes:
        t0: where it begins [s]; of a hard cut, the first frame of the new shot.
        t1: first frame that is all new shot [s]; equal to `t0` for a hard cut.
        gradual: whether it is a fade.
        score: 0..1, how strong: the difference of the frames of a cut, of the ends of a fade.
    """

    t0: float
    t1: float
    gradual: bool
    score: float


@dataclass(slots=True, eq=False)
class ShotLook:
    """What is kept of a frame: histogram of hue, saturation and value, edges, edges made wide, two small pictures."""

    time: float
    colours: NDArray[np.float32]
    edges: NDArray[np.bool_]
    near_edges: NDArray[np.bool_]
    grey: NDArray[np.float32]
    tiny: NDArray[np.float32]
    step: float = 0.0


def shot_changes(frames: Iterable[tuple[float, Pixels]], shot: Iterable[ShotLook] = ()) -> Iterator[ShotChange]:
    """Changes of shot, in the order in which they are sure; a fade may come a moment after a cut that follows it.

    Args:
        frames: `(time [s], picture (height, width, 3) RGB)` in order of time.
        shot: what is remembered of the shot that the first of them belongs to.
    """
    cuts, fades = _Cuts(shot), _Fades()
    for time, picture in frames:
        look = shot_look(time, picture)
        yield from cuts.push(look)
        for fade in fades.push(look, cuts.last):
            cuts.begin_shot()
            yield fade
    yield from cuts.finish()
    yield from fades.finish()


def difference(a: ShotLook, b: ShotLook) -> float:
    """How different two frames are, 0..1: mean of the histograms' distance and of the share of edges unmatched."""
    colours = 0.5 * float(np.abs(a.colours - b.colours).sum())
    return (colours + _edges_lost(a, b)) / 2


def _edges_lost(a: ShotLook, b: ShotLook) -> float:
    """Zabih, Miller and Mai's edge change ratio with a reach of two pixels; 0 where neither picture has edges.

    They take the larger of the edges that went and those that came. The smaller is taken here: a camera that jerks only
    loses edges, a new shot also brings some, and a plain picture is told by its colours.
    """
    gone = _share(a.edges & ~b.near_edges, a.edges)
    come = _share(b.edges & ~a.near_edges, b.edges)
    return min(gone, come)


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    # a picture with a handful of edges must not count as changed when one of them flickers
    return float(part.sum()) / max(float(whole.sum()), 0.01 * whole.size)


class _Cuts:
    """Hard cuts, each sure `AROUND` frames later.

    Attributes:
        last: time of the last cut found [s].
    """

    def __init__(self, shot: Iterable[ShotLook] = ()) -> None:
        self.last = float("-inf")
        self._looks: deque[ShotLook] = deque(maxlen=2 * AROUND + 1)
        self._shot: deque[ShotLook] = deque(shot, maxlen=round(REMEMBERED / EVERY))

    def begin_shot(self) -> None:
        """Forget the shot up to now: another one has begun."""
        self._shot.clear()

    def push(self, look: ShotLook) -> Iterator[ShotChange]:
        look.step = difference(self._looks[-1], look) if self._looks else 0.0
        self._looks.append(look)
        if len(self._looks) > AROUND + 1:
            yield from self._judge(len(self._looks) - 1 - AROUND)

    def finish(self) -> Iterator[ShotChange]:
        """Judge the frames at the end, and those at the start of a recording shorter than that."""
        for at in range(max(1, len(self._looks) - AROUND), len(self._looks)):
            yield from self._judge(at)

    def _judge(self, at: int) -> Iterator[ShotChange]:
        looks = list(self._looks)
        here = looks[at]
        if not self._shot or looks[at - 1].time - self._shot[-1].time >= EVERY:
            self._shot.append(looks[at - 1])
        around = [look.step for k, look in enumerate(looks) if k not in (0, at)]
        usual = median(around) if around else 0.0
        if here.step < max(FLOOR, FACTOR * usual) or _outdone(looks, at) or _flash(looks, at):
            return
        if one_place(looks[at - 1].grey, here.grey) or any(same_shot(look, here) for look in self._shot):
            return
        self.last = here.time
        self.begin_shot()
        yield ShotChange(here.time, here.time, gradual=False, score=round(here.step, 3))


def same_shot(a: ShotLook, b: ShotLook, like: float = LIKE, place: float = ONE_PLACE) -> bool:
    """Whether two frames show one place in much the same colours.

    Args:
        a: one of them.
        b: the other.
        like: distance of their colours up to which these are the same (0..1).
        place: correlation above which they show one place.
    """
    alike = 0.5 * float(np.abs(a.colours - b.colours).sum()) < like
    return alike and max(_correlation(a.grey, b.grey), _correlation(b.grey, a.grey)) > place


def _outdone(looks: Sequence[ShotLook], at: int) -> bool:
    """Whether a neighbour jumps more: of two jumps in a row the larger one is the cut."""
    beside = [looks[k].step for k in (at - 1, at + 1) if 0 < k < len(looks)]
    return any(step > looks[at].step for step in beside)


def _flash(looks: Sequence[ShotLook], at: int) -> bool:
    """Whether a jump goes back within three frames, or itself goes back to what was three frames before."""
    here = looks[at].step
    before = looks[at - 1]
    after = looks[at + 1 : at + 4]
    back = any(difference(before, look) < RETURNS * here for look in after)
    earlier = looks[max(0, at - 4) : at - 1]
    returned = any(difference(look, looks[at]) < RETURNS * here for look in earlier)
    return back or (returned and before.step > RETURNS * here)


class _Fades:
    """Fades; of those that overlap the best is given, when one that does not overlap comes or the film ends."""

    def __init__(self) -> None:
        self._looks: deque[ShotLook] = deque()
        self._best: tuple[float, ShotChange] | None = None

    def push(self, look: ShotLook, cut: float) -> Iterator[ShotChange]:
        self._looks.append(look)
        while self._looks[-1].time - self._looks[0].time > FADES[-1] + 0.2:
            self._looks.popleft()
        for length in FADES:
            found = self._find_fade(length, cut)
            if found and self._best and found[1].t0 > self._best[1].t1:
                yield from self.finish()
            if found and (self._best is None or found[0] < self._best[0]):
                self._best = found

    def finish(self) -> Iterator[ShotChange]:
        """The fade that is held back."""
        if self._best:
            yield self._best[1]
        self._best = None

    def _find_fade(self, length: float, cut: float) -> tuple[float, ShotChange] | None:
        """`(how far off mixing, less for long ones; fade)` of the span of this length that ends with the last frame."""
        last = self._looks[-1]
        span = [look for look in self._looks if look.time >= last.time - length - 1e-6]
        first = span[0]
        if len(span) < 7 or last.time - first.time < 0.8 * length or first.time < cut:
            return None
        apart = float(np.abs(first.tiny - last.tiny).mean())
        if apart < APART or one_place(first.grey, last.grey):
            return None
        off = max(_off(span, share) / apart for share in (0.25, 0.5, 0.75))
        fade = ShotChange(first.time, last.time, gradual=True, score=round(min(1.0, apart), 3))
        return (off - LONGER * length, fade) if off <= MIX else None


def _off(span: Sequence[ShotLook], share: float) -> float:
    """Mean distance of an inner frame to the best mix of the ends."""
    a, b = span[0].tiny, span[-1].tiny
    inner = span[round(share * (len(span) - 1))].tiny
    way = b - a
    part = float(((inner - a) * way).sum() / max(1e-9, float((way * way).sum())))
    if not 0.5 * share <= part <= 1 - 0.5 * (1 - share):
        return 1.0
    return float(np.abs(inner - (a + part * way)).mean())


def one_place(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether the middle of one picture is found somewhere in the other; two plain pictures are one place too."""
    plain = [float(picture.std()) < FLAT for picture in (a, b)]
    if any(plain):
        return all(plain)
    return max(_correlation(a, b), _correlation(b, a)) > ONE_PLACE


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Best correlation of the middle of `a` with any place of `b`, -1..1."""
    rows, columns = a.shape
    middle = np.ascontiguousarray(a[rows // 5 : rows - rows // 5, columns // 5 : columns - columns // 5])
    if float(middle.std()) < FLAT:
        return -1.0
    return float(np.asarray(cv2.matchTemplate(b, middle, cv2.TM_CCOEFF_NORMED)).max())


def shot_look(time: float, picture: Pixels) -> ShotLook:
    """What is kept of a picture `(height, width, 3)` RGB that is shown at a time [s]."""
    little = _resize(picture, SIZE)
    hsv = cv2.cvtColor(little, cv2.COLOR_RGB2HSV)
    counts = np.asarray(cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 8], [0, 180, 0, 256, 0, 256]), dtype=np.float32)
    grey = cv2.cvtColor(little, cv2.COLOR_RGB2GRAY)
    edges = np.asarray(cv2.Canny(grey, 60, 160)) > 0
    near = np.asarray(cv2.dilate(edges.astype(np.uint8), np.ones((5, 5), np.uint8))) > 0
    soft = cv2.GaussianBlur(_resize(np.asarray(grey), GREY), (0, 0), 1.5)
    return ShotLook(time, counts.ravel() / counts.sum(), edges, near, _unit(soft), _unit(_resize(little, THUMB)))


def _resize(picture: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _unit(picture: NDArray[Any] | cv2.typing.MatLike) -> NDArray[np.float32]:
    """Levels of 256 as 0..1."""
    return np.asarray(picture, dtype=np.float32) * np.float32(1 / 255)
