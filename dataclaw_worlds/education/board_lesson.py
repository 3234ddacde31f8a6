"""Expert of `interleaved_lesson` at the board: each exercise with its full board, and what is done in it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.education.intents import parse_intent
from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import Asking, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.board_summary import bare, exercises_of, exercises_title
from dataclaw_worlds.education.evidence import Transcript, listen, truths
from dataclaw_worlds.education.scope import aside_thoughts, in_order, talk_cites
from dataclaw_worlds.education.script import capital
from dataclaw_worlds.education.sections import TeachingSection, listed, merge_late, paragraphs, section_thought
from dataclaw_worlds.education.thoughts import put


def write_lesson(brief: ExpertBrief) -> Asking[None]:
    """The lesson that was asked for."""
    transcript = yield from listen(brief)
    boards = yield from pages("find_slides")
    kept, until = exercises_of(brief, transcript)
    found = [section for k in kept if (section := _section(brief, transcript, boards, k, until))]
    sections = merge_late(found, transcript)
    if not sections:
        raise decline("no full board of what is asked for was found", "Ask for another part.")
    tasks = {h.topic: h for h in transcript.of("task")}
    kinds = [str(problem["kind"]) for problem in truths(brief, "problems")]
    shown = [section.topic for section in sections]
    answer = [paragraph for section in sections for paragraph in paragraphs(section)]
    used = {c for item in answer for c in item["cite"]}
    read = parse_intent(brief.request.intent, brief.brief.window)
    others = [tasks[k].cites[0] for k in tasks if k not in kept]
    yield from submit({
        "cot": in_order([*(section_thought(brief, section) for section in sections),
                         *aside_thoughts(brief, transcript, until, shown)]),
        "title": exercises_title(transcript, [tasks[k] for k in shown], [kinds[k] for k in shown]),
        "question": _question(brief, sections, {k: (kinds[k], transcript.saying(kinds[k], tasks[k])) for k in shown}),
        "answer": answer,
        "output_image": [{"cite": [s.slide.id], "frame": s.frame} for s in sections],
        "left_out": _left_out(transcript, used, others, until, (read.span[1] < float("inf"), bool(read.topic))),
    })  # fmt: skip


def _question(
    brief: ExpertBrief, sections: Sequence[TeachingSection], named_: Mapping[int, tuple[str, Sequence[str]]]
) -> Json:
    """What a learner asks for: the exercises whose names stand in a cue, else what the first one begins with."""
    told = [(kind, cites) for kind, cites in named_.values() if cites]
    if not told:
        text, cites = sections[0].sentences[0]
        return said(f"Please explain this to me: {text}", cites)
    key = "teach_exercise" if len(told) == 1 else "teach_exercises"
    text = put(brief, key, what=listed([kind for kind, _ in told]))
    return said(text, [cite for _, cites in told for cite in cites])


def _left_out(
    transcript: Transcript, used: set[str], others: Sequence[str], until: float, named_: tuple[bool, bool]
) -> list[Json]:
    timed, narrowed = named_
    return left_out(
        used,
        other_time=others if timed else (),
        talk=talk_cites(transcript, until),
        other_topic=others if narrowed else (),
    )


def _section(
    brief: ExpertBrief, transcript: Transcript, boards: Sequence[Anchor], number: int, until: float
) -> TeachingSection | None:
    """An exercise with the board that shows its last line; None where there is no such board."""
    marks = [m for m in truths(brief, "marks") if m["problem"] == number and m["deed"] == "write" and not m["wrong"]]
    last = max((float(m["t"]) for m in marks), default=-1.0)
    board = next((b for b in boards if b.t0 <= last < b.t1), None)
    task = next(h for h in transcript.of("task") if h.topic == number)
    told = sorted([*transcript.of("move", number), *transcript.of("end", number)], key=lambda h: h.t0)
    told = [h for h in told if all(transcript.cues[c].t0 < until for c in h.cites)]
    title = bare(str(truths(brief, "problems")[number]["kind"]))
    if board is None or board.t0 >= until or not told:
        return None
    sentences = tuple((str(h.truth["text"]), h.cites) for h in told)
    return TeachingSection(number, 0, board, capital(title), tuple(transcript.holding(title, task)), sentences)
