"""Average precision of hands in contact, as public hand-object detection defines it; and hands that MediaPipe finds.

The definition is that of Shan et al. 2020 (100DOH) and its evaluation code. A hand is found when its box overlaps that
of a true hand by more than half, and agrees with it in what the row of the table asks for.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from dataclaw.errors import MissingExtraError
from dataclaw.types import Box

if TYPE_CHECKING:
    from dataclaw.evals.downstream.video.features import Pixels
    from dataclaw.evals.downstream.video.frechet import Matrix

Side = Literal["left", "right"]
ContactState = Literal["none", "self", "other_person", "portable", "stationary"]
Detail = Literal["side", "state", "object"]
CRITERIA: Mapping[str, tuple[Detail, ...]] = MappingProxyType(
    {
        "hand": (),
        "hand+side": ("side",),
        "hand+state": ("state",),
        "hand+object": ("object",),
        "hand+state+object": ("state", "object"),
        "all": ("side", "state", "object"),
    }
)
"""What a found hand must agree in. The published table has all but "hand+state+object"."""
OVERLAP = 0.5
"""Intersection over union that boxes must exceed."""


@dataclass(frozen=True, slots=True)
class SeenHand:
    """A hand in a picture, true or found.

    Attributes:
        picture: name of the picture.
        box: of the hand [px], both corners inside it.
        side: whose hand it is: the person's left or right.
        state: what it touches, None where nobody says.
        object: box of what it touches [px], None where it touches nothing or nobody says.
        score: 0..1, how sure a detector is; true hands have 1.
        difficult: of a true hand: to be found or not, as one likes.
    """

    picture: str
    box: Box
    side: Side
    state: ContactState | None = None
    object: Box | None = None
    score: float = 1.0
    difficult: bool = False


def contact_ap(
    truth: Sequence[SeenHand],
    found: Sequence[SeenHand],
    *,
    known: Collection[Detail] = ("side", "state", "object"),
    points: Literal[11] | None = 11,
) -> dict[str, float | None]:
    """Average precision by criterion, 0..1; None where it is not defined: no true hand, or the detector cannot know.

    Found hands are taken by falling score. Each goes to the true hand of its picture that it overlaps most. It is right
    where the overlap exceeds 0.5, that hand was not found before, and both agree in what the criterion asks for.

    Args:
        truth: all hands of the annotated pictures.
        found: what a detector found in these pictures, and in no others.
        known: what the detector says of a hand. A criterion that asks for more is None, and never scored by chance.
        points: 11 for the mean precision at 11 recalls (VOC 2007, what the published code runs); None for the area
            under the curve (VOC 2010).
    """
    return {
        name: average_precision(truth, found, asks, points) if set(asks) <= set(known) else None
        for name, asks in CRITERIA.items()
    }


def average_precision(
    truth: Sequence[SeenHand], found: Sequence[SeenHand], asks: Sequence[Detail], points: Literal[11] | None = 11
) -> float | None:
    """Of one criterion; None without a true hand that is not difficult. Arguments are those of `contact_ap`."""
    count = sum(not hand.difficult for hand in truth)
    if not count:
        return None
    by_picture: dict[str, list[int]] = {}
    for index, hand in enumerate(truth):
        by_picture.setdefault(hand.picture, []).append(index)
    taken: set[int] = set()
    right: list[bool] = []
    for hand in sorted(found, key=lambda one: -one.score):
        near = max(by_picture.get(hand.picture, []), key=lambda at: _overlap(truth[at].box, hand.box, 1), default=None)
        if near is None or _overlap(truth[near].box, hand.box, 1) <= OVERLAP:
            right.append(False)
        elif not truth[near].difficult:
            right.append(near not in taken and all(_agree(truth[near], hand, detail) for detail in asks))
            if right[-1]:
                taken.add(near)
    hits = np.cumsum(right)
    return _area(hits / count, hits / np.arange(1, len(hits) + 1), points)


def _agree(true: SeenHand, hand: SeenHand, detail: Detail) -> bool:
    if detail != "object":
        return getattr(true, detail) == getattr(hand, detail)
    if true.object is None or hand.object is None:
        return true.object is hand.object
    return _overlap(true.object, hand.object, 0) > OVERLAP


def _overlap(first: Box, second: Box, pixel: int) -> float:
    """Intersection over union; `pixel` is added to sides: the published code counts 1 for hands and 0 for objects."""
    width = min(first[2], second[2]) - max(first[0], second[0]) + pixel
    height = min(first[3], second[3]) - max(first[1], second[1]) + pixel
    shared = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0] + pixel) * (box[3] - box[1] + pixel) for box in (first, second)]
    return shared / (sum(areas) - shared) if shared else 0.0


def _area(recall: Matrix, precision: Matrix, points: Literal[11] | None) -> float:
    """Under the highest precision at each recall or beyond."""
    if not len(recall):
        return 0.0
    if points:
        asked = np.arange(points) / (points - 1)
        return float(np.mean([precision[recall >= at].max(initial=0.0) for at in asked]))
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * envelope).sum())


class MediapipeHands:
    """Hands and their sides, by the networks that come inside mediapipe 0.10.14; nothing is downloaded.

    It gives no contact state and no object. So it answers for "hand" and "hand+side" alone: pass its `known` on. Its
    box is that of 21 joints, made wider by a tenth, since joints lie inside the hand. Its score is how sure the side
    is; mediapipe tells none of the hand itself.

    Args:
        least: 0..1, how sure the palm must be.
        most: hands that are looked for in a picture.

    Raises:
        MissingExtraError: mediapipe is not installed, or another release without the networks.
    """

    known: tuple[Detail, ...] = ("side",)
    name = "mediapipe 0.10.14 hands"
    wider = 0.1

    def __init__(self, least: float = 0.3, most: int = 4) -> None:
        try:
            solutions: Any = getattr(import_module("mediapipe"), "solutions", None)
        except ImportError:
            raise _without_mediapipe("is not installed") from None
        if solutions is None:
            raise _without_mediapipe("has no hands in this release")
        self._hands: Any = solutions.hands.Hands(
            static_image_mode=True, max_num_hands=most, min_detection_confidence=least
        )

    def __call__(self, picture: Pixels, name: str = "") -> list[SeenHand]:
        """Hands of a picture `(height, width, 3)` RGB; `name` is that of the picture."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "SymbolDatabase.GetPrototype", UserWarning)  # of its own protobuf
            told: Any = self._hands.process(np.ascontiguousarray(picture))
        height, width = picture.shape[:2]
        found: list[SeenHand] = []
        for joints, sides in _pairs(told.multi_hand_landmarks, told.multi_handedness):
            places = np.array([(float(point.x) * width, float(point.y) * height) for point in joints.landmark])
            side = sides.classification[0]
            # it takes every picture for a mirrored one, and so says the other side
            whose: Side = "right" if side.label == "Left" else "left"
            found.append(SeenHand(name, _box_of(places, width, height, self.wider), whose, score=float(side.score)))
        return found

    def close(self) -> None:
        """Let the networks go."""
        self._hands.close()


def _pairs(first: Iterable[Any] | None, second: Iterable[Any] | None) -> Iterable[tuple[Any, Any]]:
    return zip(first or (), second or (), strict=True)


def _box_of(places: Matrix, width: int, height: int, wider: float) -> Box:
    (x0, y0), (x1, y1) = places.min(0), places.max(0)
    more = wider * max(x1 - x0, y1 - y0)
    sides = max(0, x0 - more), max(0, y0 - more), min(width - 1, x1 + more), min(height - 1, y1 + more)
    return cast("Box", tuple(map(float, sides)))


def _without_mediapipe(why: str) -> MissingExtraError:
    remedy = "Run: pip install 'dataclaw-tailor[hands]' (Python 3.11 or 3.12)"
    return MissingExtraError(f"hands are found with mediapipe, which {why}.", remedy=remedy)
