"""Which world serves an intent, and which of its scenes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.plugins import load_domain
from dataclaw.worlds import Scene, SceneSpec, World, find_world, worlds_of
from dataclaw.worlds.explore import Lead, explore, leads
from dataclaw.worlds.maker import Failure, Maker


class Shelf(Maker):
    """Scenes without files: the n-th is made of the n-th thing."""

    def __init__(self, things: Sequence[str]) -> None:
        super().__init__(Path())
        self.things = things
        self.made = 0

    def make(self, spec: SceneSpec, seconds: float | None = None) -> Scene | Failure:
        self.made += 1
        thing = self.things[spec.seed]
        return Scene(spec, Path(spec.name), spec.name, {"thing": [thing]}) if thing else Failure(spec, "it broke.")


def lead(world: World) -> Lead:
    return Lead(world, "edit_plan", 1.0)


@pytest.mark.parametrize(
    ("domain", "intent", "world"),
    [
        ("aigc", "the edit decision list of an interview, with in and out points", "cuts"),
        ("daily", "step by step instructions how the room is cleaned", "chores"),
        ("daily", "how do I get from the bathroom to the kitchen, as navigation actions", "house"),
        ("education", "a student is stuck at a step of the solution", "board"),
        ("gui", "put the shuffled fragments back in order", "pieces"),
        ("gui", "navigation steps with thought and pyautogui code", "desk"),
    ],
)
def test_the_world_that_serves_an_intent_comes_first(domain: str, intent: str, world: str):
    assert leads(load_domain(domain), intent)[0].world.name == world


def test_every_task_of_every_domain_has_a_world_and_an_expert():
    for name in ("gui", "embodied", "aigc", "daily", "education"):
        served = {task for world in worlds_of(name) for task in world.experts}
        assert served == set(load_domain(name).tasks)


def test_scenes_whose_things_the_intent_names_are_kept():
    shelf = Shelf(["wooden chair", "green bottle", "blue kettle", "kettle lid", "lamp", "rug"])
    kept = list(explore(lead(find_world("cuts")), "clean the kettle", 2, shelf, difficulty=2, seed=0))
    assert [scene.sources["thing"] for scene in kept if isinstance(scene, Scene)] == [["blue kettle"], ["kettle lid"]]


def test_it_stops_when_enough_are_named_or_enough_were_made():
    shelf = Shelf(["lamp", "", "rug", "chair", "bottle", "stool"])
    kept = list(explore(lead(find_world("cuts")), "whatever it is", 2, shelf, difficulty=2, seed=0))
    assert [type(scene) for scene in kept] == [Failure, Scene, Scene]
    assert shelf.made == 6
    shelf = Shelf(["lamp", "lamp", "rug", "chair", "bottle", "stool"])
    list(explore(lead(find_world("cuts")), "a lamp", 2, shelf, difficulty=2, seed=0))
    assert shelf.made == 2


def test_a_domain_without_worlds_is_told():
    dashcam = Path(__file__).parents[2] / "examples" / "domain_dashcam" / "domain_dashcam"
    with pytest.raises(UsageError, match="domain dashcam has no world"):
        leads(load_domain(str(dashcam)), "what does the car do next")
