"""The world `darkroom`: pictures before and after an edit, histories of photographs, generation graphs.

folder/<lot>/before.png, after.png, instruction.txt | <lot>.xmp | <lot>.json, and what was done in `truth.json`.
"""

from __future__ import annotations

from pathlib import Path

from dataclaw.streams import open_stream
from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.aigc import darkroom_graphs, darkroom_history, darkroom_pairs
from dataclaw_worlds.aigc.darkroom_asks import asks_of
from dataclaw_worlds.aigc.darkroom_experts import edit_instruction, edit_plan
from dataclaw_worlds.aigc.darkroom_group import Story

FORMS = ("pair", "pair", "pair", "graph", "graph", "history", "history")


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Write the edit of a lot: a pair of pictures, a history or a graph."""
    form = spec.rng("form").choice(FORMS)
    if form == "pair":
        pair = darkroom_pairs.invented(spec, folder / spec.name)
        return Scene(spec, folder, spec.name, pair.sources, darkroom_pairs.facts(pair))
    path = folder / f"{spec.name}{'.json' if form == 'graph' else '.xmp'}"
    story = (darkroom_graphs if form == "graph" else darkroom_history).invented(spec, path)
    return Scene(spec, folder, path.name, story.sources, _facts(story, path))


def _facts(story: Story, path: Path) -> dict[str, Json]:
    """The truth, with the numbers that the events have when the file is read."""
    key = "id" if story.form == "graph" else "num"
    events = {str(event.attrs[key]): event.index for event in open_stream(str(path)).events}
    return story.facts(events)


WORLD = World(
    name="darkroom",
    domain="aigc",
    summary="Edited pictures before and after, histories of photographs (darktable) and generation graphs (ComfyUI).",
    make=make,
    requests=asks_of,
    experts={"edit_instruction": edit_instruction, "edit_plan": edit_plan},
    seconds=30.0,
    turn=4,
)
