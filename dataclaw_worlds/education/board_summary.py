"""Expert of `lecture_summary` at the board: one chapter an exercise, with its hard step and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw.domains.education.intents import parse_intent
from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import CITES, Asking, decline, statement, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, listen, said_at, truths
from dataclaw_worlds.education.scope import aside_thoughts, in_order, talk_cites
from dataclaw_worlds.education.thoughts import put
from dataclaw_worlds.words import upper_first


@dataclass(frozen=True, slots=True)
class ExerciseScope:
    """The part of a lesson at the board that a request is about.

    Attributes:
        tasks: the sentence that announces each exercise of the lesson, by its number.
        numbers: numbers of the requested exercises.
        until: the time before which they have to begin [s].
        other_time: cues of other exercises, where the intent names a stretch of time.
        other_topic: cues of other exercises, where the intent names a topic.
    """

    tasks: Mapping[int, HeardSentence]
    numbers: tuple[int, ...]
    until: float
    other_time: tuple[str, ...]
    other_topic: tuple[str, ...]


def exercises_of(brief: ExpertBrief, transcript: Transcript) -> ExerciseScope:
    """The exercises that the request is about.

    Raises:
        PolicyError: the transcript announces none of them.
    """
    wanted = brief.request.meaning.get("problems")
    until = float(brief.request.meaning.get("until") or float("inf"))
    tasks = {h.topic: h for h in transcript.of("task")}
    kept = [k for k in tasks if wanted is None or k in wanted]
    kept = tuple(k for k in kept if transcript.begins_before(tasks[k].cites, until))
    if not kept:
        raise decline("the transcript announces none of the requested exercises", "Ask for another part.")
    read = parse_intent(brief.request.intent, brief.brief.window)
    others = tuple(tasks[k].cites[0] for k in tasks if k not in kept)
    return ExerciseScope(
        tasks, kept, until, others if read.span[1] < float("inf") else (), others if read.topic else ()
    )


def summarise(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested summary."""
    transcript = yield from listen(brief)
    scope = exercises_of(brief, transcript)
    tasks = [scope.tasks[k] for k in scope.numbers]
    kinds = [str(truths(brief, "problems")[k]["kind"]) for k in scope.numbers]
    chapters = [_chapter(brief, transcript, task, kind, scope.until) for task, kind in zip(tasks, kinds, strict=True)]
    used = {c for chapter in chapters for c in chapter["cite"]}
    used |= {c for chapter in chapters for s in chapter["sentences"] for c in s["cite"]}
    cuts = [(task.t0, statement(put(brief, "begins", at=said_at(task), what=kind), task.cites))
            for task, kind in zip(tasks, kinds, strict=True)]  # fmt: skip
    yield from submit({
        "cot": in_order([*cuts, *aside_thoughts(brief, transcript, scope.until, scope.numbers)]),
        "title": exercises_title(transcript, tasks, kinds),
        "chapters": chapters,
        "left_out": left_out(used, other_time=scope.other_time, other_topic=scope.other_topic,
                             talk=talk_cites(transcript, scope.until)),
    })  # fmt: skip


def exercises_title(transcript: Transcript, tasks: list[HeardSentence], kinds: list[str]) -> dict[str, Json]:
    """The first three exercises by name."""
    names: list[str] = []
    cites: list[str] = []
    for task, kind in list(zip(tasks, kinds, strict=True))[:3]:
        names.append(upper_first(bare(kind)))
        cites += transcript.holding(bare(kind), task)
    return statement("; ".join(names), cites)


def bare(kind: str) -> str:
    """A kind of exercise without its article."""
    article, _, rest = kind.partition(" ")
    return rest if article in {"a", "an", "the"} else kind


def _chapter(
    brief: ExpertBrief, transcript: Transcript, task: HeardSentence, kind: str, until: float
) -> dict[str, Json]:
    title = bare(kind)
    cites = list(dict.fromkeys([task.cites[0], *transcript.holding(title, task)]))[:CITES]
    problem = truths(brief, "problems")[task.topic]
    stuck = max(0, int(problem["stuck"]))
    moves = [h for h in transcript.of("move", task.topic) if h.fact == stuck]
    told = [*moves, *transcript.of("end", task.topic)]
    told = [h for h in told if transcript.begins_before(h.cites, until)]
    sentences: list[Json] = [statement(str(h.truth["text"]), h.cites) for h in told]
    return {"cite": cites, "start": round(task.t0, 3), "title": upper_first(title), "sentences": sentences}
