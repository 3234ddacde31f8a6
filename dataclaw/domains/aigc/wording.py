"""Measurements in words: motion, places in the picture, looks. They say nothing that no anchor gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.planning import capitalise, join_words
from dataclaw.types import Anchor, Box, Json

CAMERA = {
    "static": "the camera holds still",
    "forward": "the camera moves forward",
    "backward": "the camera moves back",
    "roll left": "the camera rolls to the left",
    "roll right": "the camera rolls to the right",
    "lost": "the view changes too fast for the camera to be followed",
}
LARGE = 0.5
"""Share of the picture from which a subject's box fills most of it."""
MOSTLY = "over most of the picture"
HELD = 0.01
"""A camera that pans or tilts by less holds still [picture widths, heights]."""


def motion(anchor: Anchor, size: tuple[int, int]) -> str:
    """A motion anchor as a sentence; `size` is the frame's `(width, height)` [px]."""
    return f"{capitalise(camera(anchor))}; {subject(anchor, size)}."


def motions(anchors: Sequence[Anchor], size: tuple[int, int]) -> list[str]:
    """Motion as sentences, in order of time; what the camera keeps doing is said once."""
    sentences: list[str] = []
    before = None
    for anchor in anchors:
        camera_now, subject_now = camera(anchor), subject(anchor, size)
        if before is None:
            sentences.append(motion(anchor, size))
        elif camera_now != before[0]:
            sentences.append(f"Then {camera_now}; {subject_now}.")
        elif subject_now != before[1]:
            sentences.append(f"Then {subject_now}.")
        before = camera_now, subject_now
    return sentences


def camera_of(attrs: Mapping[str, Json]) -> str:
    """What the camera does by name; "static" where it panned or tilted by less than `HELD` all in all."""
    does = str(attrs.get("camera"))
    measure = attrs.get(does.partition(" ")[0])
    return "static" if isinstance(measure, int | float) and abs(measure) < HELD else does


def camera(anchor: Anchor) -> str:
    """What the camera does, with how far it went."""
    does = camera_of(anchor.attrs)
    verb, _, way = does.partition(" ")
    if verb in ("pan", "tilt"):
        measure = abs(float(anchor.attrs[verb]))
        unit = "picture widths" if verb == "pan" else "picture heights"
        where = f"to the {way}" if verb == "pan" else way
        return f"the camera {verb}s {where} by {measure:.2f} {unit}"
    return CAMERA[does]


def subject(anchor: Anchor, size: tuple[int, int]) -> str:
    """What the subject does, and where."""
    lively = str(anchor.attrs["subject"])
    if lively == "still":
        return "nothing in the picture moves by itself"
    where = place(box_of(anchor), size)
    who = "the subject, which fills most of the picture," if where == MOSTLY else f"the subject {where}"
    return f"{who} moves {way_of(anchor)}"


def way_of(anchor: Anchor) -> str:
    """How a subject moves: "slowly up and left", "back and forth", "in place"; "" where nothing moves."""
    lively = str(anchor.attrs["subject"])
    if lively == "still":
        return ""
    way = "back and forth" if anchor.attrs["oscillation"] else str(anchor.attrs["subject_direction"]) or "in place"
    return f"slowly {way}" if lively == "slow" else way


def box_of(anchor: Anchor) -> Box | None:
    """The subject's box [px]."""
    box = cast("Sequence[Json] | None", anchor.attrs.get("subject_box"))
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None


def place(box: Box | None, size: tuple[int, int]) -> str:
    """Where a box lies in a picture of `size`, by its middle: "in the upper left", "in the middle"."""
    if box is None:
        return "somewhere in the picture"
    x, y = (box[0] + box[2]) / 2 / size[0], (box[1] + box[3]) / 2 / size[1]
    if (box[2] - box[0]) * (box[3] - box[1]) > LARGE * size[0] * size[1]:
        return MOSTLY
    across = "left" if x < 0.38 else "right" if x > 0.62 else ""
    down = "upper" if y < 0.38 else "lower" if y > 0.62 else ""
    if across and down:
        return f"in the {down} {across}"
    if not across and not down:
        return "in the middle"
    return f"on the {across}" if across else f"in the {down} part"


def looks(anchor: Anchor) -> str:
    """How a picture looks: "dark, of low contrast, mostly brown and black"."""
    attrs = anchor.attrs
    names = [str(colour["name"]) for colour in cast("list[dict[str, Json]]", attrs["colours"])]
    tone = f", mostly {join_words(names)}" if names else ""
    return f"{attrs['light']}, of {attrs['contrast_word']}{tone}"


def quote(text: str, limit: int = 400) -> str:
    """Given words in quotation marks, cut where they are too long; quotation marks of their own become single."""
    plain = " ".join(text.replace('"', "'").split())
    return f'"{plain if len(plain) <= limit else plain[: limit - 1].rpartition(" ")[0] or plain[: limit - 1]}"'
