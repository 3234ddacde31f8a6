"""The world `cuts`: invented programmes as the timelines that editing programs export.

Writes folder/<scene>.otio, .edl or .xml; `truth.json` says what each event of it is.
"""

from __future__ import annotations

from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.types import Event, Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.aigc import cuts_files
from dataclaw_worlds.aigc.cuts_experts import chooser, edit_plan
from dataclaw_worlds.aigc.cuts_requests import make_requests
from dataclaw_worlds.aigc.cuts_story import THEMES, Programme, TimelineElement, invent_programme


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Write the cut of a spec.

    Raises:
        StreamError: a loader reads an event that was not invented.
    """
    programme = invent_programme(spec)
    path = folder / f"{spec.name}{cuts_files.SUFFIX[programme.form]}"
    cuts_files.write_cut(programme, path)
    stream = open_stream(str(path))
    facts: dict[str, Json] = {
        "title": programme.title,
        "theme": programme.theme,
        "form": programme.form,
        "rate": programme.rate,
        "roles": programme.roles,
        "naming": programme.naming,
        "tags": programme.tags,
        "events": [_fact(event, _origin(event, programme), programme) for event in stream.events],
    }
    layout = f"{programme.form}|{programme.naming}"
    theme = next(line for line in THEMES if line.startswith(f"{programme.theme}|"))
    names = [part for person in programme.roles.values() for part in person.split()]
    sources = {"theme": [theme], "layout": [layout], "first name": names[::2], "last name": names[1::2]}
    return Scene(spec, folder, path.name, sources, facts)


def _origin(event: Event, programme: Programme) -> TimelineElement:
    """The element that was written as an event."""
    first = min(e.start for e in programme.elements)
    start = event.t0 * programme.rate + first
    alike = [e for e in programme.elements if e.kind == event.kind and abs(e.start - start) <= 1.0]
    alike = [e for e in alike if e.kind != "clip" or e.name == event.text] or alike
    kind = "V" if event.attrs.get("track_kind") == "video" else "A"
    alike = [e for e in alike if e.track.startswith(kind)] or alike
    exact = [e for e in alike if e.track == event.attrs.get("track")] or alike
    if event.kind == "gap" and not exact:
        return TimelineElement("gap", str(event.attrs.get("track")), round(start), round(start), "")
    if not exact:
        raise StreamError(
            f"The {event.kind} {event.text!r} at {event.t0:.2f} s was read but not invented.",
            remedy="Fix `cuts_files`.",
        )
    return exact[0]


def _fact(event: Event, element: TimelineElement, programme: Programme) -> dict[str, Json]:
    speed = event.attrs.get("speed", 1.0)
    role = next((role for role, who in programme.roles.items() if who == element.who), "")
    return {
        "event": event.index,
        "kind": event.kind,
        "track": str(event.attrs.get("track", "")),
        "main": element.track == "V1",
        "t0": round(event.t0, 4),
        "t1": round(event.t1, 4),
        "name": event.text,
        "strand": element.strand,
        "who": element.who,
        "role": role if element.kind == "clip" else "",
        "place": element.place,
        "what": element.what,
        "camera": element.camera if "{cam}" in programme.naming else "",
        "scene": element.scene if "{scene}" in programme.naming else 0,
        "take": element.take if "{take}" in programme.naming else 0,
        "speed": float(speed) if isinstance(speed, int | float) else 1.0,
        "enabled": event.attrs.get("enabled") is not False,
        "wrong": element.wrong != 0,
    }


WORLD = World(
    name="cuts",
    domain="aigc",
    summary="Invented programmes as timelines (OTIO, CMX 3600, Final Cut 7 XML), with who and what is in each shot.",
    make=make,
    requests=make_requests,
    experts={"edit_plan": edit_plan},
    chooser=chooser,
    seconds=30.0,
    turn=5,
)
