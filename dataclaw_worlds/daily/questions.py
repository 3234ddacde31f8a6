"""What the experts of questions share: choosing questions that cover what was requested, and writing the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.question_rules import MOSTLY
from dataclaw.domains.daily.questions import gives_away, moment
from dataclaw.planning import Asking, ask, decline, pages, statement
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import (
    TruthRow,
    chores_truth_of,
    group_reasons,
    reasons_left_out,
    rows_for,
)
from dataclaw_worlds.daily.expert_view import ExpertView, Maker, Question
from dataclaw_worlds.daily.grounds import ground_of
from dataclaw_worlds.daily.tutorial import names_for, tie_to_words
from dataclaw_worlds.words import enumeration

USUAL, MOST = 5, 12
"""Number of questions where the intent does not say, and the largest number."""
_ASIDE = {"mistake": "irrelevant", "duplicate": "irrelevant", "heading": "", "detail": ""}
_FRAME = frozenset({"the", "person", "is", "are", "they", "keeps", "keep", "place", "part"})


def list_asked_events(brief: ExpertBrief) -> Asking[dict[str, Anchor]]:
    """Look at the overview, then list the events of the span that the request names, or all, by id."""
    _ = yield from ask("overview")
    low, high = cast("list[float] | None", brief.request.meaning.get("span")) or [None, None]
    return {anchor.id: anchor for anchor in (yield from pages("list_events", t0=low, t1=high))}


def look_around(brief: ExpertBrief) -> Asking[ExpertView]:
    """What an expert of `chores` knows after it has looked at the overview and the events."""
    truth, seen = chores_truth_of(brief.scene), (yield from list_asked_events(brief))
    return ExpertView(brief, truth, [row for row in rows_for(truth, brief.request.meaning) if row.id in seen], seen)


def choose_questions(view: ExpertView, makers: Mapping[str, Maker], kinds: Sequence[str]) -> list[Question]:
    """As many questions as requested, their kinds in turn, spread evenly over the events.

    Raises:
        PolicyError: no event answers such a question.
    """
    found = pick_questions(view, makers, kinds)
    if not found:
        raise decline("no event answers such a question", "Ask for other questions.")
    return found


def pick_questions(view: ExpertView, makers: Mapping[str, Maker], kinds: Sequence[str]) -> list[Question]:
    """As `choose_questions`; [] where there is none."""
    meaning = view.brief.request.meaning
    wanted = min(cast("int | None", meaning.get("count") or meaning.get("most")) or USUAL, MOST)
    about = cast("list[str] | None", meaning.get("about"))
    rows = [row for row in view.kept if row.role == "step" and (about is None or row.id in about)]
    made = {kind: {row.id: q for row in rows if (q := makers[kind](row, view)) and is_sound(q)} for kind in kinds}
    found: list[Question] = []
    taken: set[str] = set()
    turn = [kind for kind in kinds if made[kind]]
    for slot in range(3 * wanted):
        if len(found) >= wanted or not turn:
            break
        kind = turn[slot % len(turn)]
        place = len(found) * (len(rows) - 1) / max(wanted - 1, 1)
        fitting = [q for q in made[kind].values() if not taken & set(q.ids) and not _repeats(q, found)]
        if not fitting:
            continue
        best = min(fitting, key=lambda q: abs(_place(q, rows) - place))
        found.append(best)
        taken |= set(best.ids)
    return sorted(found, key=lambda q: (q.t0, q.t1))


def _place(question: Question, rows: Sequence[TruthRow]) -> int:
    return next((k for k, row in enumerate(rows) if row.id == question.ids[0]), 0)


def _repeats(question: Question, found: Sequence[Question]) -> bool:
    again = any(question.text == q.text or question.answer == q.answer for q in found)
    return again or any(gives_away(a.text, b.answer) for q in found for a, b in ((question, q), (q, question)))


def is_sound(question: Question) -> bool:
    """Whether the narrations prove the answer: they hold most of its words, and each shares a word with it."""
    told = [stems(f"{row.text}".replace("-", " ")) - SMALL for row in question.rows]
    both = stems(f"{question.text} {question.answer}")
    if any(not both & words for words in told):
        return False
    if question.kind == "next" and _likeness(question.answer, told[1]) <= _likeness(question.text, told[1]):
        return False
    if question.kind in {"order", "first", "count", "localise", "state_change", "frame_order"}:
        return True
    words = [stems(w) for w in _letters(question.answer) if w not in SMALL | _FRAME]
    known = frozenset(stem for one in told for stem in one)
    share = sum(bool(word & known) for word in words) / len(words) if words else 0.0
    return share >= MOSTLY + 0.01 and not gives_away(question.text, question.answer)


def are_distinct(said_: Sequence[str], rows: Sequence[TruthRow]) -> bool:
    """Whether each text is more like its own narration than like any other."""
    contents = [stems(row.text.replace("-", " ").replace(":", " ")) - SMALL for row in rows]
    for at, text in enumerate(said_):
        scores = [_likeness(text, content) for content in contents]
        if any(score >= scores[at] for k, score in enumerate(scores) if k != at):
            return False
    return True


def _likeness(text: str, content: frozenset[str]) -> float:
    words = stems(text)
    return len(words & content) / max(1, len((words | content) - SMALL))


def _letters(text: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in text.casefold()).split()


def write_draft(view: ExpertView, questions: Sequence[Question]) -> Asking[dict[str, Json]]:
    """The draft of the questions."""
    several = len(questions) > 1
    pictures = [anchor for q in questions for anchor in q.shown]
    draft: dict[str, Json] = {"cot": _thoughts(view, questions)}
    if view.brief.brief.frames and not pictures:  # beside pictures to sort it would give their order away
        low, high = view.parsed_intent.span
        t0, t1 = max(low, min(q.t0 for q in questions)), min(high, max(q.t1 for q in questions))
        seen = yield from ask("sample_frames", count=3, t0=t0, t1=t1)
        inside = [a for a in seen.anchors if t0 <= a.t0 <= t1] if seen.ok else []
        if len(inside) > 1:
            first, last = inside[0], inside[-1]
            draft["input_video"] = {"cite": [first.id, last.id], "start": first.frame, "end": last.frame}
    if pictures:
        draft["input_image"] = [{"cite": [a.id], "frame": a.frame} for a in pictures]
    draft["items"] = [_item(q, pictures, view) for q in questions]
    lines = [f"{k}. {q.text}" if several else q.text for k, q in enumerate(questions, 1)]
    names = [row.id for q in questions for row in q.named]
    draft["question"] = statement("\n".join(lines), [*(q.ids[0] for q in questions), *names])
    draft["answer"] = [
        statement(f"{k}. {q.answer}" if several else q.answer, _ends(q.ids) if q.shown else q.ids)
        for k, q in enumerate(questions, 1)
    ]
    names = [row.id for q in questions for row in q.rows]
    dropped = reasons_left_out(view.truth, [*names, *(r.id for r in view.kept)], view.brief.brief.intent,
                               view.window, view.seen)  # fmt: skip
    entries = cast(
        "list[dict[str, Json]]", group_reasons({k: v for k, v in dropped.items() if _ASIDE.get(v, v)}, _ASIDE)
    )
    draft["left_out"] = list(entries)
    return draft


def _ends(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([ids[0], ids[-1]]))


def _item(question: Question, pictures: Sequence[Anchor], view: ExpertView) -> dict[str, Json]:
    low, high = view.window
    cites = question.ids if len(question.ids) <= 1 + len(question.order) else _ends(question.ids)
    item: dict[str, Json] = {
        "cite": cites if not question.shown else _ends(question.ids),
        "kind": question.kind,
        "t0": min(max(round(question.t0, 2), low), high),
        "t1": min(max(round(question.t1, 2), low), high),
    }
    if question.order:
        item["order"] = list(question.order)
    if question.shown:
        item["pictures"] = [1 + pictures.index(anchor) for anchor in question.shown]
    return item


def _thoughts(view: ExpertView, questions: Sequence[Question]) -> list[Json]:
    """Thoughts about what the questions rest on, and which events belong to the topic without naming it; by time."""
    rule = view.parsed_intent
    rows = sorted({row.id: row for q in questions for row in q.rows}.values(), key=lambda row: row.t0)
    untold = [row for row in rows if rule.topics and not rule.topics & stems(row.text)]
    thoughts = tie_to_words(untold, rule.topics, names_for(view.truth, view.brief.request.meaning)) if untold else []
    thoughts += [found for q in questions if (found := ground_of(q, view)) is not None]
    return [thought for _, thought in sorted(thoughts[:10], key=lambda pair: pair[0])]


def times_of(rows: Sequence[TruthRow]) -> str:
    """Times in a row: "0:12, 0:40 and 1:02"."""
    return enumeration([moment(row.t0, row.t1) for row in rows])
