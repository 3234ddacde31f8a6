"""An orchard: lists of what was picked, of which somebody asks for one fruit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.choosing import ChoicePoint, Chooser, Chosen
from dataclaw.planning import Asking
from dataclaw.worlds import ExpertBrief, Request, Scene, SceneSpec, World

from .plans import list_picked  # noqa: TID252 - a folder has no name of its own to import by

FRUIT = [
    f"{a}{b}"
    for a in ("pel", "quin", "mar", "dam", "sor", "tan", "ugl", "yuz")
    for b in ("o", "ine", "ello", "ula", "eri")
]
ROWS = ("the north row", "the south row", "the old trees", "the wall")
ASKED = [
    f"{a} {b}"
    for a in ("only", "just", "please list", "show me", "which lines are about", "find", "tell me of", "nothing but")
    for b in ("the {fruit}", "every {fruit}", "{fruit}", "{fruit} lines", "picked {fruit}")
]


def make(spec: SceneSpec, folder: Path) -> Scene:
    """A list of three or four fruits in turn."""
    rng = spec.rng("scene")
    fruit = rng.sample(spec.pool(FRUIT, "fruit"), 3 + spec.difficulty % 2)
    lines = [*fruit, *(rng.choice(fruit) for _ in range(4 + 2 * spec.difficulty))]
    rng.shuffle(lines)
    rows = [f"{7 * at + 2}|{name} from {rng.choice(ROWS)}, basket {at + 1}\n" for at, name in enumerate(lines)]
    (folder / f"{spec.name}.picked").write_text("#picked\n" + "".join(rows), encoding="utf-8")
    return Scene(spec, folder, f"{spec.name}.picked", {"fruit": sorted(set(fruit))}, {"lines": lines})


def requests(scene: Scene, count: int) -> Sequence[Request]:
    """Requests for one fruit each."""
    rng = scene.spec.rng("asks")
    fruit = list(dict.fromkeys(scene.facts["lines"]))
    found: list[Request] = []
    for at in range(min(count, len(fruit))):
        template = rng.choice(scene.spec.pool(ASKED, "template"))
        words = template.format(fruit=fruit[at])
        found.append(Request("list_picked", words, {"fruit": fruit[at]}, "paraphrase", "en", template))
    return found


class Truth:
    """Keeps the lines of the fruit that was asked for."""

    def __init__(self, fruit: str) -> None:
        self.fruit = fruit

    def choose(self, point: ChoicePoint) -> Chosen:
        """The lines that begin with it."""
        kept = [o.id for o in point.options if str(o.attrs["text"]).startswith(f"{self.fruit} ")]
        return Chosen(kept, "truth")


def chooser(scene: Scene, request: Request) -> Chooser:
    """Who knows."""
    del scene
    return Truth(str(request.meaning["fruit"]))


def expert(told: ExpertBrief) -> Asking[None]:
    """The task's own plan."""
    yield from list_picked(told.brief)


WORLD = World("orchard", "harvest", "Picking lists of an orchard.", make, requests, {"list_picked": expert}, chooser)
