"""A world without an engine: subtitles of short lessons made of sentences that define things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dataclaw.domains.education.plans import PLANS
from dataclaw.planning import Asking, decline
from dataclaw.worlds import ExpertBrief, Request, Scene, SceneSpec, World

THINGS = [f"{a}{b}" for a in ("bor", "cal", "dor", "fel", "gra", "hol") for b in ("ite", "ase", "ium", "ogen", "ane")]
KINDS = [
    f"{a} {b}" for a in ("white", "red", "heavy", "light", "rare") for b in ("metal", "salt", "rock", "gas", "acid")
]
USES = ["making glass", "curing leather", "cleaning water", "heating houses", "feeding plants", "dyeing cloth"]
ASKING = ["{n} questions", "{n} questions with answers", "{n} quiz questions", "{n} questions for revision"]
SUMMING = ["a summary", "the main points", "an overview with times", "a table of contents", "an outline", "chapters"]
OPENINGS = ["", "please: ", "I need ", "give me ", "make me ", "could I have ", "write ", "hand me "]
WORDS = {
    "concept_qa": [f"{opening}{words}" for opening in OPENINGS for words in ASKING],
    "lecture_summary": [f"{opening}{words}" for opening in OPENINGS for words in SUMMING],
}
MEANT = {"concept_qa": "make {n} quiz questions from this lesson", "lecture_summary": "summarise this lecture"}


def make(spec: SceneSpec, folder: Path) -> Scene:
    rng = spec.rng("scene")
    things = rng.sample(spec.pool(THINGS, "thing"), 3 + (spec.difficulty if spec.split == "train" else 0))
    cues: list[str] = []
    for thing in things:
        kind, use = rng.choice(spec.pool(KINDS, "kind")), rng.choice(USES)
        cues += [f"{thing.title()} is a {kind} that is found in old mountains.", f"People need {thing} for {use}."]
    text = "".join(f"{i + 1}\n{_time(4 * i)} --> {_time(4 * i + 3)}\n{cue}\n\n" for i, cue in enumerate(cues))
    (folder / f"{spec.name}.srt").write_text(text, encoding="utf-8")
    return Scene(spec, folder, f"{spec.name}.srt", {"thing": sorted(things)}, {"things": things})


def asks(scene: Scene, count: int) -> Sequence[Request]:
    rng = scene.spec.rng("asks")
    found: list[Request] = []
    for at in range(count):
        task = list(WORDS)[at % len(WORDS)]
        template = rng.choice(scene.spec.pool(WORDS[task], "template"))
        number = str(rng.choice([2, 3]))
        meant = MEANT[task].format(n=number)
        found.append(Request(task, template.format(n=number), {"meant": meant}, "paraphrase", "en", template))
    return found


def expert(order: ExpertBrief) -> Asking[None]:
    if "never" in order.request.intent:
        raise decline("nobody asks this", "Ask something else.")
    yield from PLANS[order.request.task](replace(order.brief, intent=order.request.meaning["meant"]))


def _time(seconds: int) -> str:
    return f"00:{seconds // 60:02d}:{seconds % 60:02d},000"


WORLD = World("tiny", "education", "Subtitles of lessons about minerals.", make, asks, dict.fromkeys(WORDS, expert))
