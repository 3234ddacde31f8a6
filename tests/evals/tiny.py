"""A world without an engine: subtitles of short lessons made of sentences that define things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dataclaw.domains.education.plans import PLANS
from dataclaw.planning import Asking, decline
from dataclaw.worlds import Ask, Lot, Order, Scene, World

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


def make(lot: Lot, folder: Path) -> Scene:
    rng = lot.rng("scene")
    things = rng.sample(lot.pool(THINGS, "thing"), 3 + (lot.difficulty if lot.split == "train" else 0))
    cues: list[str] = []
    for thing in things:
        kind, use = rng.choice(lot.pool(KINDS, "kind")), rng.choice(USES)
        cues += [f"{thing.title()} is a {kind} that is found in old mountains.", f"People need {thing} for {use}."]
    text = "".join(f"{i + 1}\n{_time(4 * i)} --> {_time(4 * i + 3)}\n{cue}\n\n" for i, cue in enumerate(cues))
    (folder / f"{lot.name}.srt").write_text(text, encoding="utf-8")
    return Scene(lot, folder, f"{lot.name}.srt", {"thing": sorted(things)}, {"things": things})


def asks(scene: Scene, count: int) -> Sequence[Ask]:
    rng = scene.lot.rng("asks")
    found: list[Ask] = []
    for at in range(count):
        task = list(WORDS)[at % len(WORDS)]
        template = rng.choice(scene.lot.pool(WORDS[task], "template"))
        number = str(rng.choice([2, 3]))
        meant = MEANT[task].format(n=number)
        found.append(Ask(task, template.format(n=number), {"meant": meant}, "paraphrase", "en", template))
    return found


def expert(order: Order) -> Asking[None]:
    if "never" in order.ask.intent:
        raise decline("nobody asks this", "Ask something else.")
    yield from PLANS[order.ask.task](replace(order.brief, intent=order.ask.wish["meant"]))


def _time(seconds: int) -> str:
    return f"00:{seconds // 60:02d}:{seconds % 60:02d},000"


WORLD = World("tiny", "education", "Subtitles of lessons about minerals.", make, asks, dict.fromkeys(WORDS, expert))
