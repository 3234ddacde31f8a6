"""The world `darkroom`: pictures before and after an edit, histories of photographs, generation graphs.

Writes folder/<scene>/ with before.png, after.png and instruction.txt, or folder/<scene>.xmp, or folder/<scene>.json;
`truth.json` says what was done.
"""

from __future__ import annotations

from pathlib import Path

from dataclaw.streams import open_stream
from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.aigc import darkroom_pairs
from dataclaw_worlds.aigc.darkroom_experts import chooser, edit_instruction, edit_plan
from dataclaw_worlds.aigc.darkroom_graphs import invent_graph
from dataclaw_worlds.aigc.darkroom_history import invent_history
from dataclaw_worlds.aigc.darkroom_requests import make_requests
from dataclaw_worlds.aigc.darkroom_steps import StepFile

FORMS = ("pair", "pair", "pair", "graph", "graph", "history", "history")


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Write the edit of a spec: a pair of pictures, a history or a graph."""
    form = spec.rng("form").choice(FORMS)
    if form == "pair":
        pair = darkroom_pairs.invent_pair(spec, folder / spec.name)
        return Scene(spec, folder, spec.name, pair.sources, darkroom_pairs.facts(pair))
    path = folder / f"{spec.name}{'.json' if form == 'graph' else '.xmp'}"
    steps = (invent_graph if form == "graph" else invent_history)(spec, path)
    return Scene(spec, folder, path.name, steps.sources, _facts(steps, path))


def _facts(steps: StepFile, path: Path) -> dict[str, Json]:
    """The truth, with the numbers that the events get when the file is read."""
    key = "id" if steps.form == "graph" else "num"
    events = {str(event.attrs[key]): event.index for event in open_stream(str(path)).events}
    return steps.facts(events)


WORLD = World(
    name="darkroom",
    domain="aigc",
    summary="Edited pictures before and after, histories of photographs (darktable) and generation graphs (ComfyUI).",
    make=make,
    requests=make_requests,
    experts={"edit_instruction": edit_instruction, "edit_plan": edit_plan},
    chooser=chooser,
    seconds=30.0,
    turn=4,
)
