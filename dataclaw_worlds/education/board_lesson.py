"""Expert of `interleaved_lesson` at the board: each exercise with its full board, and what is done in it and why."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.education.leftovers import left_out
from dataclaw.planning import Asking, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.board_summary import bare, exercises_of, exercises_title
from dataclaw_worlds.education.evidence import Transcript, listen, truths
from dataclaw_worlds.education.scope import aside_thoughts, in_order, talk_cites
from dataclaw_worlds.education.sections import TeachingSection, merge_late, paragraphs, section_thought
from dataclaw_worlds.education.thoughts import put
from dataclaw_worlds.words import enumeration, upper_first


def write_lesson(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested lesson."""
    transcript = yield from listen(brief)
    boards = yield from pages("find_slides")
    scope = exercises_of(brief, transcript)
    found = [section for k in scope.numbers if (section := _section(brief, transcript, boards, k, scope.until))]
    sections = merge_late(found, transcript)
    if not sections:
        raise decline("find_slides found no full board of the requested exercises", "Ask for another part.")
    shown = [section.topic for section in sections]
    tasks = [scope.tasks[k] for k in shown]
    kinds = [str(truths(brief, "problems")[k]["kind"]) for k in shown]
    answer = [paragraph for section in sections for paragraph in paragraphs(section)]
    used = {c for item in answer for c in item["cite"]}
    names = [(kind, transcript.saying(kind, task)) for task, kind in zip(tasks, kinds, strict=True)]
    yield from submit({
        "cot": in_order([*(section_thought(brief, section) for section in sections),
                         *aside_thoughts(brief, transcript, scope.until, shown)]),
        "title": exercises_title(transcript, tasks, kinds),
        "question": _question(brief, sections, names),
        "answer": answer,
        "output_image": [{"cite": [s.slide.id], "frame": s.frame} for s in sections],
        "left_out": left_out(used, other_time=scope.other_time, talk=talk_cites(transcript, scope.until),
                             other_topic=scope.other_topic),
    })  # fmt: skip


def _question(
    brief: ExpertBrief, sections: Sequence[TeachingSection], names: Sequence[tuple[str, Sequence[str]]]
) -> Json:
    """What a learner asks: about the exercises whose names stand in a cue, else about the first sentence."""
    told = [(kind, cites) for kind, cites in names if cites]
    if not told:
        text, cites = sections[0].sentences[0]
        return statement(f"Please explain this to me: {text}", cites)
    key = "teach_exercise" if len(told) == 1 else "teach_exercises"
    text = put(brief, key, what=enumeration([kind for kind, _ in told]))
    return statement(text, [cite for _, cites in told for cite in cites])


def _section(
    brief: ExpertBrief, transcript: Transcript, boards: Sequence[Anchor], number: int, until: float
) -> TeachingSection | None:
    """An exercise with the board that shows its last line; None where there is no such board."""
    marks = [m for m in truths(brief, "marks") if m["problem"] == number and m["deed"] == "write" and not m["wrong"]]
    last = max((float(m["t"]) for m in marks), default=-1.0)
    board = next((b for b in boards if b.t0 <= last < b.t1), None)
    task = next(h for h in transcript.of("task") if h.topic == number)
    told = sorted([*transcript.of("move", number), *transcript.of("end", number)], key=lambda h: h.t0)
    told = [h for h in told if transcript.begins_before(h.cites, until)]
    title = bare(str(truths(brief, "problems")[number]["kind"]))
    if board is None or board.t0 >= until or not told:
        return None
    sentences = tuple((str(h.truth["text"]), h.cites) for h in told)
    return TeachingSection(number, 0, board, upper_first(title), tuple(transcript.holding(title, task)), sentences)
