"""Expert of `lecture_summary` at the board: one chapter an exercise, with its hard step and its result."""

from __future__ import annotations

from dataclaw.domains.education.intents import parse_intent
from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import CITES, Asking, decline, said, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, listen, said_at, truths
from dataclaw_worlds.education.scope import aside_thoughts, in_order, talk_cites
from dataclaw_worlds.education.script import capital
from dataclaw_worlds.education.thoughts import put


def summarise(brief: ExpertBrief) -> Asking[None]:
    """The summary that was asked for."""
    transcript = yield from listen(brief)
    kept, until = exercises_of(brief, transcript)
    tasks = {h.topic: h for h in transcript.of("task")}
    kinds = [str(problem["kind"]) for problem in truths(brief, "problems")]
    chapters = [_chapter(brief, transcript, tasks[k], kinds[k], until) for k in kept]
    read = parse_intent(brief.request.intent, brief.brief.window)
    others = [tasks[k].cites[0] for k in tasks if k not in kept]
    used = {c for chapter in chapters for c in chapter["cite"]}
    used |= {c for chapter in chapters for s in chapter["sentences"] for c in s["cite"]}
    cuts = [(tasks[k].t0, said(put(brief, "begins", at=said_at(tasks[k]), what=kinds[k]), tasks[k].cites))
            for k in kept]  # fmt: skip
    yield from submit({
        "cot": in_order([*cuts, *aside_thoughts(brief, transcript, until, kept)]),
        "title": exercises_title(transcript, [tasks[k] for k in kept], [kinds[k] for k in kept]),
        "chapters": chapters,
        "left_out": left_out(used, other_time=others if read.span[1] < float("inf") else (),
                             other_topic=others if read.topic else (), talk=talk_cites(transcript, until)),
    })  # fmt: skip


def exercises_of(brief: ExpertBrief, transcript: Transcript) -> tuple[list[int], float]:
    """Numbers of the exercises that are asked for, and before which time [s].

    Raises:
        PolicyError: none of them was understood.
    """
    asked = brief.request.meaning.get("problems")
    until = float(brief.request.meaning.get("until") or float("inf"))
    tasks = {h.topic: h for h in transcript.of("task")}
    kept = [k for k in tasks if asked is None or k in asked]
    kept = [k for k in kept if all(transcript.cues[c].t0 < until for c in tasks[k].cites)]
    if not kept:
        raise decline("none of the exercises that are asked for was understood", "Ask for another part.")
    return kept, until


def exercises_title(transcript: Transcript, tasks: list[HeardSentence], kinds: list[str]) -> dict[str, Json]:
    """The exercises by name, as many as a title bears."""
    names: list[str] = []
    cites: list[str] = []
    for task, kind in list(zip(tasks, kinds, strict=True))[:3]:
        names.append(capital(bare(kind)))
        cites += transcript.holding(bare(kind), task)
    return said("; ".join(names), cites)


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
    told = [h for h in told if all(transcript.cues[c].t0 < until for c in h.cites)]
    sentences: list[Json] = [said(str(h.truth["text"]), h.cites) for h in told]
    return {"cite": cites, "start": round(task.t0, 3), "title": capital(title), "sentences": sentences}
