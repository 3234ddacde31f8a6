"""Measurements in words: motion and places in the picture. They say nothing that no anchor gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.planning import capitalise, shorten
from dataclaw.types import Anchor, Box, Json

CAMERA = {
    "static": "hold still",
    "forward": "move forward",
    "backward": "move back",
    "roll left": "roll to the left",
    "roll right": "roll to the right",
}
CAMERA_ZH = {
    "static": "镜头静止",
    "forward": "镜头前移",
    "backward": "镜头后移",
    "pan left": "镜头左摇",
    "pan right": "镜头右摇",
    "tilt up": "镜头上摇",
    "tilt down": "镜头下摇",
    "roll left": "镜头向左旋转",
    "roll right": "镜头向右旋转",
}
LOST = "the camera cannot be followed"
SURE = 0.5
"""Least confidence of motion from which it is said what the camera does, and not what it seems to do."""
LINE = 580
"""Longest line of an answer [characters]."""
LARGE = 0.5
"""Share of the picture from which a subject's box fills most of it."""
MOSTLY = "over most of the picture"
HELD = 0.01
"""A camera that pans or tilts by less holds still [picture widths, heights]."""


def motion(anchor: Anchor, size: tuple[int, int]) -> str:
    """A motion anchor as a sentence; `size` is the frame's `(width, height)` [px]."""
    return f"{capitalise('; '.join(filter(None, [camera(anchor), subject(anchor, size)])))}."


def camera_course(anchors: Sequence[Anchor], language: str = "en") -> str:
    """What the camera does in stretches of motion that follow each other, as a clause; what goes on is said once.

    Stretches in which it could not be followed for sure are passed over; "" where there are no others.
    """
    sure = [a for a in anchors if a.confidence >= SURE and camera_of(a.attrs) != "lost"]
    if language == "zh":
        return ",再".join(dict.fromkeys(CAMERA_ZH[camera_of(anchor.attrs)] for anchor in sure))
    found = [camera(anchor) for anchor in sure]
    said = [text for text, before in zip(found, ["", *found], strict=False) if text != before]
    rest = [text.removeprefix("the camera ") for text in said[1:]]
    return ", then ".join([*said[:1], *rest])


def camera_of(attrs: Mapping[str, Json]) -> str:
    """What the camera does by name; "static" where it panned or tilted by less than `HELD` all in all."""
    does = str(attrs.get("camera"))
    measure = attrs.get(does.partition(" ")[0])
    return "static" if isinstance(measure, int | float) and abs(measure) < HELD else does


def camera(anchor: Anchor) -> str:
    """What the camera does, with how far it went; what it seems to do where that is not sure."""
    does = camera_of(anchor.attrs)
    if does == "lost":
        return LOST
    verb, _, way = does.partition(" ")
    said = CAMERA.get(does, "")
    if verb in ("pan", "tilt"):
        unit = "picture widths" if verb == "pan" else "picture heights"
        said = f"{verb} {'to the ' if verb == 'pan' else ''}{way} by {abs(float(anchor.attrs[verb])):.2f} {unit}"
    if anchor.confidence < SURE:
        return f"the camera seems to {said}"
    first, _, rest = said.partition(" ")
    return f"the camera {first}s {rest}"


def subject(anchor: Anchor, size: tuple[int, int]) -> str:
    """Where most of what moves by itself is, and which way it goes; "" where nothing does.

    What it is no measurement knows: it has no name here.
    """
    if str(anchor.attrs["subject"]) == "still":
        return ""
    where = place(box_of(anchor), size)
    held = "fills most of the picture" if where == MOSTLY else f"is {where}"
    way = way_of(anchor)
    return f"what moves {held}" + (f" and goes {way}" if way else "")


def way_of(anchor: Anchor) -> str:
    """Which way the subject moves: "slowly up and left", "back and forth"; "" where it goes no way in particular."""
    lively = str(anchor.attrs["subject"])
    way = "back and forth" if anchor.attrs["oscillation"] else str(anchor.attrs["subject_direction"])
    if lively == "still" or not way:
        return ""
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


def quote(text: str, limit: int = 400) -> str:
    """Given words in quotation marks, cut where they are too long; quotation marks of their own become single."""
    plain = " ".join(text.replace('"', "'").split())
    return f'"{plain if len(plain) <= limit else plain[: limit - 1].rpartition(" ")[0] or plain[: limit - 1]}"'


def lines_of(text: str, limit: int = LINE) -> list[str]:
    """A sentence as lines of at most so many characters; a quotation that goes on in the next line is closed before."""
    lines: list[str] = []
    opened = ""
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and len(longer) < limit:
            lines[-1] = longer
        elif lines:
            opened = '"' if lines[-1].count('"') % 2 else ""
            lines[-1] += opened
            lines.append(f"It goes on: {opened}{word}")
        else:
            lines.append(word)
    return [shorten(line, limit + 1) for line in lines]
