"""The frozen test set: triplets about held-out scenes of two worlds, pinned by the hash of the file.

The file is not shipped. It is built anew from its seeds and compared, so that a number means the same anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

from dataclaw.errors import ConfigError, StreamError
from dataclaw.evals.downstream.vqa.items import TripletItem, item_of, triplets_of_stream
from dataclaw.files import write_atomic
from dataclaw.motion import derive, triplet_problems
from dataclaw.streams import open_stream
from dataclaw.strict import load_json
from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw.worlds.maker import Failure, Maker

MOST_SHARE = 0.6
"""No answer and no place among the options may be right more often, of those in one form."""


@dataclass(frozen=True, slots=True)
class PinnedTriplets:
    """What a frozen test set is.

    Attributes:
        name: what it is called in results.
        worlds: names of the worlds.
        seeds: how many seeds of each, from 0 on.
        difficulties: difficulties, in turn.
        each: triplets of a scene.
        sha256: hash of the file, "" for one that is not frozen yet.
    """

    name: str
    worlds: tuple[str, ...]
    seeds: int
    difficulties: tuple[int, ...]
    each: int
    sha256: str = ""

    @property
    def count(self) -> int:
        """How many triplets it has."""
        return len(self.worlds) * self.seeds * self.each

    def specs(self) -> Iterator[SceneSpec]:
        """Its scenes, all of them held out."""
        for world in self.worlds:
            for seed in range(self.seeds):
                yield SceneSpec(world, seed, self.difficulties[seed % len(self.difficulties)], "held")


def pinned_triplets(name: str = "motion-1") -> PinnedTriplets:
    """The frozen test set of that name.

    Raises:
        ConfigError: there is none.
    """
    file = files("dataclaw.evals.downstream.vqa") / "pinned" / f"{name}.json"
    if not file.is_file():
        raise ConfigError(f"no frozen triplets are called {name!r}.", remedy="Use motion-1.")
    data = load_json(file.read_bytes())
    return PinnedTriplets(
        data["name"], tuple(data["worlds"]), data["seeds"], tuple(data["difficulties"]), data["each"], data["sha256"]
    )


def build_triplets(pinned: PinnedTriplets, folder: Path) -> Path:
    """Build the test set below a folder, its scenes beside it; what is there already is used.

    Returns:
        The file, a triplet a line.

    Raises:
        StreamError: a scene cannot be made, or moves too little.
        ConfigError: what was built is not what is pinned.
        MissingExtraError: a world's engine is not installed.
    """
    rows: list[str] = []
    with Maker(folder / "scenes") as maker:
        for spec in pinned.specs():
            scene = maker.make(spec)
            if isinstance(scene, Failure):
                raise StreamError(
                    f"cannot be made: {scene.reason}", place=spec.name, remedy=scene.remedy or "Try again."
                )
            items = triplets_of_stream(open_stream(scene.path), pinned.each, pinned.name)
            if len(items) < pinned.each:
                raise StreamError(f"gives {len(items)} triplets, not {pinned.each}.", place=spec.name,
                                  remedy="Pin another seed.")  # fmt: skip
            rows += [json.dumps(item.data(), sort_keys=True) for item in items]
    text = "\n".join(rows) + "\n"
    found = hashlib.sha256(text.encode()).hexdigest()
    if pinned.sha256 and found != pinned.sha256:
        raise ConfigError(
            f"what was built is not {pinned.name}: its hash begins with {found[:12]}, not {pinned.sha256[:12]}.",
            remedy="Install the engines of the worlds in the versions that pyproject.toml names, and build anew.",
        )
    file = folder / f"{pinned.name}.jsonl"
    write_atomic(file, text)
    return file


def find_triplets(pinned: PinnedTriplets, folder: Path) -> list[TripletItem]:
    """The triplets of a test set that lies below a folder; it is built where it is not there, or not the pinned one.

    Raises:
        StreamError, ConfigError, MissingExtraError: as `build_triplets`.
    """
    file = folder / f"{pinned.name}.jsonl"
    known = file.is_file() and pinned.sha256 in ("", hashlib.sha256(file.read_bytes()).hexdigest())
    return read_triplets(file if known else build_triplets(pinned, folder))


def read_triplets(file: Path) -> list[TripletItem]:
    """The triplets of a file.

    Raises:
        StreamError: a line is no triplet.
    """
    found: list[TripletItem] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(item_of(cast("Mapping[str, Json]", load_json(line))))
        except (ValueError, AttributeError) as error:
            raise StreamError(
                f"no triplet: {error}.", place=f"{file}:{number}", remedy="Build the file anew."
            ) from None
    return found


def set_problems(items: Sequence[TripletItem]) -> list[str]:
    """What is wrong with a set of triplets, in words: forms, answers that poses do not give, a lean to one answer."""
    found = [f"{item.scene}: {problem}" for item in items for problem in triplet_problems(item.triplet)]
    for item in items:
        said = tuple(question.answer for question in item.triplet.questions)
        if (given := derive(item.triplet, item.poses)) != said:
            found.append(f"{item.scene}: the poses give {given}, not {said}")
    for name, answers in _answers(items).items():
        answer, count = answers.most_common(1)[0]
        if count > MOST_SHARE * answers.total():
            found.append(f"{name}: {answer!r} is right in {count} of {answers.total()}")
    return found


def _answers(items: Sequence[TripletItem]) -> dict[str, Counter[str]]:
    """How often each answer, or letter, is right: over all, and of each form of each aspect."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        for question in item.triplet.questions:
            kind = f"{question.aspect} as {question.form}"
            for name, answer in (
                ("all", question.target()),
                (kind, question.target()),
                (f"{kind}, words", question.answer),
            ):
                found.setdefault(name, Counter())[answer] += 1
    return found
