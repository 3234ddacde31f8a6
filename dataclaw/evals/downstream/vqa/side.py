"""The side of questions about motion: scenes of worlds in, rows out; the test split is the frozen set of triplets."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dataclaw.choosing import ChoicePoint
from dataclaw.errors import StreamError, count_of
from dataclaw.evals.downstream.config import Annotator, SmallRecipe
from dataclaw.evals.downstream.rows import HeldRow, LearnedRow, Told
from dataclaw.evals.downstream.vqa.items import MOMENTS, text_prompt, triplets_of_stream
from dataclaw.evals.downstream.vqa.lessons import AskedPair, logged_questions, random_questions
from dataclaw.evals.downstream.vqa.points import motion_point, right_option
from dataclaw.evals.downstream.vqa.test_set import PinnedTriplets, find_triplets
from dataclaw.motion import MotionQuestion, PoseMoment, moment_of, question_of
from dataclaw.run.api import iter_tailor
from dataclaw.streams import open_stream
from dataclaw.tools.read_poses import moments_of
from dataclaw.types import Json
from dataclaw.worlds import find_world
from dataclaw.worlds.base import EASIEST, HARDEST, Scene, SceneSpec
from dataclaw.worlds.maker import Failure, Maker

SCENES = 16
"""Scenes of each world that may be learnt."""
SETS = "ABCDEFGHIJ"
"""The agent is asked for so many sets, each of one triplet a scene."""
EACH = 30
"""Triplets of a scene that the truth makes."""
LOTS = 17
"""Seed of what is drawn by lot."""
_Lesson = tuple[Scene, list[AskedPair], int, float]
"""A scene, what is asked about it, and the tokens and seconds that this took; no seconds where nothing is kept."""


@dataclass(slots=True)
class VqaSide:
    """Makes scenes and asks about them.

    Attributes:
        task: the declaration; its intent has a place for the name of a set.
        pinned: the frozen set that is the test split; its worlds are learnt of.
        folder: where scenes are made; those that are there are used.
        limit: most scenes of a world, of the frozen set as well; None for all.
    """

    task: SmallRecipe
    pinned: PinnedTriplets
    folder: Path
    limit: int | None = None
    _made: list[Scene] = field(default_factory=list[Scene])

    def pool(self) -> list[Path]:
        """Streams that may be learnt: scenes of the frozen set's worlds from the other half of their vocabularies.

        Raises:
            StreamError: a scene cannot be made.
            MissingExtraError: a world's engine is not installed.
        """
        return [Path(scene.path) for scene in self._scenes()]

    def tests(self) -> list[HeldRow]:
        """Three rows of each triplet of the frozen set; it is built where it is not there yet.

        Raises:
            StreamError, ConfigError, MissingExtraError: it cannot be built.
        """
        pinned = self.pinned
        if self.limit is not None:
            pinned = replace(pinned, seeds=min(self.limit, pinned.seeds), sha256="")
        found: list[HeldRow] = []
        for number, item in enumerate(find_triplets(pinned, self.folder)):
            at = {pose.t: pose for pose in item.poses}
            for question in item.triplet.questions:
                point, exact = self._texts_of(question, at[question.first], at[question.second])
                judge = _judge(question)
                found.append(HeldRow(item.scene, f"{item.scene}#{number}", point, judge, question.aspect, exact))
        return found

    def tell(self, annotator: Annotator, out: Path, told: Callable[[str], None]) -> Told:
        """What an annotator makes of the scenes.

        Args:
            annotator: who tells.
            out: folder for what it needs to keep.
            told: is called with news.
        """
        start, tokens, spent, rows = time.monotonic(), 0, 0.0, list[LearnedRow]()
        made = self._tailor_all(annotator, out, told) if annotator.kind == "tailored" else self._plain(annotator.kind)
        for scene, pairs, used, seconds in made:
            tokens += used
            spent += seconds  # of scenes that were told before a stop, too
            name = Path(scene.path).name
            for question, first, second in pairs:
                point, exact = self._texts_of(question, first, second)
                rows.append(LearnedRow(f"{name}#{len(rows)}", name, point, right_option(question), exact))
        count = len(self._scenes())
        refused = count - len({row.stream for row in rows})
        return Told(rows, count, refused, spent or time.monotonic() - start, tokens)

    def _texts_of(self, question: MotionQuestion, first: PoseMoment, second: PoseMoment) -> tuple[ChoicePoint, str]:
        """What the base model reads, and the same with all figures."""
        return motion_point(self.task.task, question, first, second), text_prompt(question, "it", (first, second))

    def _tailor_all(self, annotator: Annotator, out: Path, told: Callable[[str], None]) -> Iterator[_Lesson]:
        """The agent is asked for a triplet of each scene, set by set, of each world's scenes in its domain."""
        options: dict[str, Json] = {"task": self.task.task, "choose": annotator.choose}
        options |= {"model": annotator.model} if annotator.model else {}
        for world in self.pinned.worlds:
            scenes = {scene.path: scene for scene in self._scenes() if scene.spec.world == world}
            for name in SETS:
                told(f"{world}, set {name}: {count_of(len(scenes), 'stream')}")
                intent, folder = self.task.intent.format(set=name), out / f"{world}-{name}"
                for outcome in iter_tailor(
                    list(scenes), intent, out=folder, domain=find_world(world).domain, **options
                ):
                    pairs = [pair for sample in outcome.samples for pair in _pairs_of(sample)]
                    yield scenes[outcome.source], pairs, outcome.usage.read + outcome.usage.written, outcome.seconds

    def _plain(self, kind: str) -> Iterator[_Lesson]:
        for scene in self._scenes():
            stream, dice = open_stream(scene.path), random.Random(f"{LOTS}:{scene.spec.name}")
            if kind == "truth":
                items = triplets_of_stream(stream, EACH, self.task.task)
                yield scene, [pair for item in items for pair in _pairs(item.triplet.questions, item.poses)], 0, 0.0
            else:
                poses = moments_of(stream, (0.0, stream.duration), MOMENTS)
                asked = logged_questions if kind == "raw" else random_questions
                yield scene, list(asked(poses, dice)), 0, 0.0

    def _scenes(self) -> Sequence[Scene]:
        """The scenes that may be learnt, of every difficulty in turn."""
        if not self._made:
            seeds = range(SCENES if self.limit is None else self.limit)
            with Maker(self.folder / "scenes") as maker:
                self._made += [
                    _scene(maker, SceneSpec(world, seed, EASIEST + seed % HARDEST))
                    for world in self.pinned.worlds
                    for seed in seeds
                ]
        return self._made


def _scene(maker: Maker, spec: SceneSpec) -> Scene:
    scene = maker.make(spec)
    if isinstance(scene, Failure):
        raise StreamError(f"cannot be made: {scene.reason}", place=spec.name, remedy=scene.remedy or "Try again.")
    return scene


def _judge(question: MotionQuestion) -> Callable[[str], Mapping[str, float]]:
    return lambda option: {"right": float(option == right_option(question))}


def _pairs(questions: Sequence[MotionQuestion], poses: Sequence[PoseMoment]) -> list[AskedPair]:
    at = {pose.t: pose for pose in poses}
    return [(question, at[question.first], at[question.second]) for question in questions]


def _pairs_of(sample: Mapping[str, Any]) -> list[AskedPair]:
    """The questions of a sample of `motion_triplets`, with the poses that it cites."""
    poses = [moment_of(anchor["attrs"]) for anchor in sample["anchors"].values() if anchor["kind"] == "pose"]
    return _pairs([question_of(row) for row in sample["data"]["questions"]], poses)
