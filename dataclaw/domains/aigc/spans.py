"""Which part of a recording is meant, asked of a chooser; and what is known of a part beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc.film import Film, Stretch
from dataclaw.domains.aigc.wording import camera_course, quote
from dataclaw.planning import Asking, decline, keep
from dataclaw.types import Anchor, Span

OFFERED = 200
"""Most events and stretches of motion that a chooser is offered."""


class ToldOfFilm:
    """What is said to be shown in a recording; as it stands, by its captions.

    Attributes:
        asked: what happens in the part that is asked for, a clause: "the player turns left"; "" where nobody says.
        style: what a prompt begins with: "First-person view of a game: ".
        sure: whether it is known, and not only said, what is shown.
    """

    asked = ""
    style = ""
    sure = False

    def shows(self, film: Film, t0: float, t1: float) -> tuple[str, Sequence[Anchor]]:
        """What a span [s] shows, and what proves it: a quotation, a clause where that is sure, or ""."""
        caption = film.caption_of(t0, t1)
        return (quote(str(caption.attrs.get("text") or caption.content), 200), [caption]) if caption else ("", [])

    def evidence(self, events: Mapping[str, Anchor], t0: float, t1: float) -> list[tuple[str, Sequence[Anchor]]]:
        """Sentences about what proves that a span [s] shows this, each with the events that it is about."""
        del events, t0, t1
        return []

    def course(self, motions: Sequence[Anchor], language: str) -> str:
        """What the camera does in stretches of motion, a clause; "" where that is not sure."""
        return camera_course(motions, language)


def choose_span(
    film: Film, point: str, own: Span, least: float, inside: Stretch | None = None
) -> Asking[tuple[Span, Stretch | None]]:
    """Ask the chooser which part of a recording is meant, by the events and the motion that lie in it.

    Args:
        film: the recording.
        point: name of the choice point.
        own: the span [s] that the rules take.
        least: shortest part [s].
        inside: where it must lie; None for any stretch of the recording.

    Returns:
        The longest part of what is kept that lies in one stretch, and the stretch; `own` and None where rules choose.

    Raises:
        PolicyError: no such part is long enough.
    """
    low, high = (inside.t0, inside.t1) if inside else film.window
    there = [a for a in (*film.events.values(), *film.motions) if _overlap((low, high), a) > 0.5 * (a.t1 - a.t0)]
    options = sorted(there, key=lambda a: (a.t0, a.t1))[:OFFERED]
    if not options:
        return own, None
    outside = {a.id: "not_asked" for a in options if _overlap(own, a) < 0.5 * (a.t1 - a.t0)}
    left, by = yield from keep(point, options, outside, "not_asked")
    if by == "rules":
        return own, None
    kept = [a for a in options if a.id not in left]
    low, high = min((a.t0 for a in kept), default=0.0), max((a.t1 for a in kept), default=0.0)
    stretches = [inside] if inside else film.stretches(least, sharp=False)
    parts = [(max(low, s.t0), min(high, s.t1), s) for s in stretches]
    t0, t1, stretch = max(parts, key=lambda part: (part[1] - part[0], -part[0]), default=(0.0, 0.0, None))
    if t1 - t0 < least:
        raise decline(f"no {least:g} s of what is asked for lie in one shot without damaged pictures", "Ask for more.")
    return (t0, t1), stretch


def _overlap(span: Span, anchor: Anchor) -> float:
    return min(span[1], anchor.t1) - max(span[0], anchor.t0)
