"""What a world is: a generator of streams by seed, with their truth, what can be asked of them, and who answers it.

folder/
  <name>.mp4, <name>/, ...   what `open_stream` takes; named after the lot, never after what is in it
  truth.json                 stream, sources and facts
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from dataclaw.choosing import Chooser
from dataclaw.errors import StreamError
from dataclaw.files import write_atomic
from dataclaw.planning import Asking
from dataclaw.strict import load_json
from dataclaw.types import Brief, Json

T = TypeVar("T")
Split: TypeAlias = Literal["train", "held"]
"""Which half of every vocabulary a lot draws from: "train" for corpora, "held" for benchmarks."""
EASIEST, HARDEST = 1, 5
TRUTH = "truth.json"
HELD_SHARE = 0.2
"""Share of every pool that only held-out lots may use."""


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What one stream of a world is drawn from; equal lots give equal streams.

    Attributes:
        world: name of the world.
        seed: any whole number from 0.
        difficulty: 1 (short, clean) to 5 (long, noisy, with distractors).
        split: which half of the pools is drawn from.
    """

    world: str
    seed: int
    difficulty: int = 2
    split: Split = "train"

    def __post_init__(self) -> None:
        if self.seed < 0 or not EASIEST <= self.difficulty <= HARDEST:
            raise ValueError(f"not a lot: {self}; need seed >= 0 and difficulty {EASIEST} to {HARDEST}")

    @property
    def name(self) -> str:
        """`desk-train-3-000017`; names the lot's folder and, alone, its stream."""
        return f"{self.world}-{self.split}-{self.difficulty}-{self.seed:06d}"

    def rng(self, *purpose: str) -> random.Random:
        """A generator of its own for each purpose, so that one more draw here changes nothing there."""
        return random.Random(":".join((self.name, *purpose)))

    def pool(self, items: Sequence[T], key: str) -> list[T]:
        """The items that this lot's split may use; an item is held out by its own hash, whatever its neighbours are.

        Args:
            items: a vocabulary: names, layouts, templates, objects. At least one item of each split must be in it.
            key: what it is a vocabulary of ("application", "object", "template"); the key of `Scene.sources`.

        Raises:
            ValueError: nothing is left; add items.
        """
        found = [item for item in items if is_held(f"{key}:{item}") == (self.split == "held")]
        if not found:
            raise ValueError(f"pool {key!r} has none of its {len(items)} items in split {self.split!r}; add some")
        return found


def is_held(name: str) -> bool:
    """Whether something of this name is kept for benchmarks."""
    return hashlib.sha256(name.encode()).digest()[0] < HELD_SHARE * 256


@dataclass(frozen=True, slots=True)
class Scene:
    """A stream that a world made, with its truth.

    Attributes:
        spec: what it was drawn from.
        folder: where it lies.
        stream: name of the stream's file or folder in `folder` ("#3" behind it where a file holds several).
        sources: what it is made of, by kind of source: `{"application": [...], "object": [...], "template": [...]}`.
            No source of a kind may be in both a corpus and a benchmark.
        facts: the truth, as the world says it; plain JSON.
    """

    spec: SceneSpec
    folder: Path
    stream: str
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def path(self) -> str:
        """What `open_stream` takes."""
        return str(self.folder / self.stream)

    def write(self) -> None:
        """Write `truth.json`; a folder that has one is complete."""
        spec = {
            "world": self.spec.world,
            "seed": self.spec.seed,
            "difficulty": self.spec.difficulty,
            "split": self.spec.split,
        }
        data = {"lot": spec, "stream": self.stream, "sources": self.sources, "facts": self.facts}
        write_atomic(self.folder / TRUTH, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True))


def load_scene(folder: Path) -> Scene:
    """The scene in a folder.

    Raises:
        StreamError: there is none, or its truth is damaged.
    """
    try:
        data = load_json((folder / TRUTH).read_text(encoding="utf-8"))
        return Scene(SceneSpec(**data["lot"]), folder, data["stream"], data["sources"], data["facts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StreamError(f"no scene of a world: {error}.", place=str(folder / TRUTH), remedy="Make it anew.") from None


@dataclass(frozen=True, slots=True)
class Request:
    """Something a user may ask of a scene.

    Attributes:
        task: name of the domain's task.
        intent: the user's words.
        wish: what they mean, machine-readable, as the world's experts read it; known because the words were made from
            it.
        style: how it is said: "template" (of domain.toml), "paraphrase", "typo", "fuzzy".
        language: "en" or "zh".
        template: what the words were made from, a source like any other: no template may be in both a corpus and a
            benchmark.
    """

    task: str
    intent: str
    meaning: Mapping[str, Json] = field(default_factory=dict[str, Json])
    style: Literal["template", "paraphrase", "typo", "fuzzy"] = "template"
    language: Literal["en", "zh"] = "en"
    template: str = ""


@dataclass(frozen=True, slots=True)
class ExpertBrief:
    """What an expert is told: all that a plan is told, and the truth."""

    brief: Brief
    scene: Scene
    request: Request


Expert: TypeAlias = Callable[[ExpertBrief], Asking[None]]
"""A plan that knows the truth. It calls the task's tools, cites what they gave, and hands in the reference draft; it
never cites what it has not seen, and raises `planning.decline` where the truth leaves no trace in the stream."""


@dataclass(frozen=True)
class World:
    """A simulated source.

    Attributes:
        name: its name, unique.
        domain: the domain it serves.
        summary: one sentence: what is simulated, by which engine.
        make: `(lot, folder) -> Scene`: writes the stream's files below the (existing, empty) folder. Deterministic: no
            clock, no global random state. Raises MissingExtraError where an engine is not there.
        asks: `(scene, count) -> asks`: at most `count` different things to ask of it, tasks in turn; deterministic, by
            `scene.lot.rng("asks")`, templates drawn from `scene.lot.pool(..., "template")`.
        experts: who answers each task: a plan that knows the truth, best the task's own with the truth's words.
        chooser: `(scene, request) -> chooser`: who decides at the choice points of these plans; rules where left out.
        seconds: longest that one stream may take to make [s].
        turn: where worlds take turns (corpora, benchmarks), the lower comes first, then the name decides.
    """

    name: str
    domain: str
    summary: str
    make: Callable[[SceneSpec, Path], Scene]
    requests: Callable[[Scene, int], Sequence[Request]]
    experts: Mapping[str, Expert]
    chooser: Callable[[Scene, Request], Chooser] | None = None
    seconds: float = 120.0
    turn: int = 100
