"""Questions with their answers, and the draft that holds them; shared by `contextual_qa` and `temporal_qa`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dataclaw.domains.daily.intents import stems
from dataclaw.domains.daily.question_rules import proof_problem
from dataclaw.domains.daily.reading import gives_away
from dataclaw.domains.daily.recording import (
    CitedNarration,
    NarratedRecording,
    clock,
    frames_inside,
    left_out_entries,
    span_fields,
    span_of,
    ties_to_topic,
)
from dataclaw.domains.daily.wording import clean, sentence
from dataclaw.planning import Asking, decline, keep, option, statement, submit
from dataclaw.rewards.asking import LOOKED
from dataclaw.rewards.base import AT_ONCE
from dataclaw.schema import citations
from dataclaw.types import Anchor, Json
from dataclaw.words import words_beside

TABLES = words_beside(__file__).tables
"""The tables of `questions.toml`."""
OPEN = frozenset({"order", "first", "frame_order"})
"""Kinds whose questions name what is to be chosen from."""
THOUGHTS, MOST_THOUGHTS = 7, 10
"""Most facts that the reasoning states, and most thoughts with what ties them to the topic."""
OFFERED = 40
"""Most questions that a chooser is offered."""
PAIR = 2
"""Narrations that an answer may cite though it tells but one of them."""
USUAL, MOST = 5, 12
"""How many questions are asked when the intent does not say, and at most."""
WORDS = 300
"""A longer recording gives a question for each so many words of its narrations."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        kind: what it asks for, as the task's schema names it.
        text: the question.
        answer: the answer.
        cites: ids that prove the answer, at most 8.
        t0: start of what it is about [s].
        t1: end of it [s].
        order: labels in the right order, where an order is asked for.
        shown: pictures it is about, in the order shown.
        behind: further ids that prove the answer: the step around what it is about, the goal.
        apart: whether it may stand beside another question about the same narration.
        tells: ids of the narrations that its answer gives away.
        worth: 2 where several narrations have to be put together, 1 where one has to be found among the others, 0
            where the question only words a narration anew, -1 where only a chooser that knows what is meant asks it.
    """

    kind: str
    text: str
    answer: str
    cites: tuple[str, ...]
    t0: float
    t1: float
    order: tuple[str, ...] = ()
    shown: tuple[Anchor, ...] = ()
    behind: tuple[str, ...] = ()
    apart: bool = False
    tells: tuple[str, ...] = ()
    worth: int = 1


def phrase_question(
    phrase: str,
    about: Sequence[CitedNarration | Anchor],
    chinese: bool = False,
    end: float | None = None,
    /,
    **values: str,
) -> Question:
    """A question and its answer as `questions.toml` words them.

    Args:
        phrase: its key there; the kind of the question is what stands before a dash.
        about: what proves the answer, in order of time; the first of them fills the slots of a doing.
        chinese: put it in Chinese.
        end: end of what it is about [s]; by default that of the last of `about`.
        values: what the other slots stand for.
    """
    first, t1 = about[0], about[-1].t1 if end is None else end
    slots = {"start": seconds(first.t0), "end": seconds(t1)}
    if isinstance(first, CitedNarration):
        slots["who"] = "这个人" if chinese and first.who == "the person" else first.who
        doing = first.clause
        slots |= {"bare": doing.phrase("bare"), "gerund": doing.phrase("gerund"), "report": doing.phrase("report")}
        slots["quote"] = quote(first)
    text, answer = (words.format(**slots | values) for words in TABLES["zh" if chinese else "en"][phrase])
    cites = tuple(one.id for one in about)
    kind = phrase.partition("-")[0]
    return Question(kind, text, answer if chinese else sentence(answer), cites, first.t0, t1)


def seconds(t: float) -> str:
    """A time to hundredths of a second, without needless zeros but one: 12.0, 3.25."""
    text = f"{t:.2f}"
    return text[:-1] if text.endswith("0") else text


def ask_which(
    candidates: Sequence[Question], recording: NarratedRecording, anchors: Mapping[str, Anchor], cites: int | None
) -> Asking[list[Question]]:
    """The questions that are asked: choice point `daily.questions`, over those that what they cite proves.

    Where nobody but the rules chooses, see `choose_questions`. Of what a chooser keeps, a question that gives another
    one away is not asked beside it.

    Args:
        candidates: the questions to choose from.
        recording: the recording; its intent says how many are asked.
        anchors: what they may cite, by id.
        cites: see `choose_questions`.
    """
    options, named, own = offer_questions(candidates, recording, anchors, cites)
    if not options:
        return []
    refused, by = yield from keep(
        "daily.questions", options, {name: "not_asked" for name in named if name not in own}, "not_asked"
    )
    if by == "rules":
        return [named[name] for name in own]
    kept = list[Question]()
    for question in (q for name, q in named.items() if name not in refused):
        if len(kept) < (recording.intent.count or MOST) and _fits(question, kept, cites):
            kept.append(question)
    return kept


def offer_questions(
    candidates: Sequence[Question], recording: NarratedRecording, anchors: Mapping[str, Anchor], cites: int | None
) -> tuple[list[Anchor], dict[str, Question], list[str]]:
    """The options of `daily.questions`, the questions by their ids, and the ids of those that the rules ask."""
    sound = [q for q in candidates if _is_sound(q, anchors)]
    own = choose_questions([q for q in sound if q.worth >= 0], question_count(recording), cites)
    asked = stems(recording.asked)
    near = sorted(sound, key=lambda q: (q not in own, -len(asked & stems(f"{q.text} {q.answer}"))))
    shortlist = sorted(near[:OFFERED], key=lambda q: (q.t0, q.t1))
    named = {f"q{k}": q for k, q in enumerate(shortlist, 1)}
    options = [
        option(name, f"{shown.text} {shown.answer}", q.cites, family=q.kind, t0=q.t0, t1=q.t1, worth=q.worth)
        for name, q in named.items()
        for shown in _numbered_pictures([q])[0]
    ]
    return options, named, [next(name for name, q in named.items() if q == one) for one in own]


def _is_sound(question: Question, anchors: Mapping[str, Anchor]) -> bool:
    if question.kind not in OPEN and gives_away(question.text, question.answer):
        return False
    known = [anchors[name] for name in dict.fromkeys((*_item_cites(question), *_proof(question))) if name in anchors]
    return question.kind in OPEN or not proof_problem(question.kind, question.text, question.answer, known)


def _fits(question: Question, kept: Sequence[Question], cites: int | None) -> bool:
    room = cites is None or sum(len(q.cites) + len(q.behind) for q in (*kept, question)) <= cites
    return room and not any(_alike(question, other) for other in kept)


def choose_questions(candidates: Sequence[Question], wanted: int, cites: int | None = None) -> list[Question]:
    """Choose questions of as many kinds as possible, the worthiest first, far apart in time; in order of time.

    Questions without worth are chosen only where no others are left.

    Args:
        candidates: the questions to choose from.
        wanted: most questions.
        cites: most ids that they may cite in all: questions that quote what they ask of cite all of it.
    """
    picked: list[Question] = []
    for some in ([q for q in candidates if q.worth], [q for q in candidates if not q.worth]):
        _pick(picked, some, wanted, cites)
    return sorted(picked, key=lambda q: (q.t0, q.t1))


def _pick(picked: list[Question], candidates: Sequence[Question], wanted: int, cites: int | None) -> None:
    """Add candidates to those picked, kind by kind, until there are as many as wanted or none is left that fits."""
    kinds: dict[str, list[Question]] = {}
    for question in candidates:
        kinds.setdefault(question.kind, []).append(question)
    while len(picked) < wanted and any(kinds.values()):
        for kind in kinds:
            room = None if cites is None else cites - sum(len(p.cites) + len(p.behind) for p in picked)
            fresh = [q for q in kinds[kind] if not any(_alike(q, p) for p in picked)]
            fresh = [q for q in fresh if room is None or len(q.cites) + len(q.behind) <= room]
            kinds[kind] = fresh
            if fresh and len(picked) < wanted:
                best = max(fresh, key=lambda q: (q.worth, min((abs(q.t0 - p.t0) for p in picked), default=0.0), -q.t0))
                picked.append(best)
                fresh.remove(best)


def _alike(a: Question, b: Question) -> bool:
    """Whether one question gives the other's answer away, or asks for the same fact again."""
    if a.text == b.text or a.answer == b.answer:
        return True
    shared = set(a.cites) & set(b.cites)
    if shared and not (a.apart and b.apart) and _same_fact(a, b, shared):
        return True
    return any(one.kind not in OPEN and gives_away(other.text, one.answer) for one, other in ((a, b), (b, a)))


def _same_fact(a: Question, b: Question, shared: set[str]) -> bool:
    """Whether what two questions both cite is told by one of them, asked for in one way, or put in order twice."""
    return bool(shared & {*a.tells, *b.tells}) or a.kind == b.kind or (len(shared) > 1 and {a.kind, b.kind} <= OPEN)


def question_count(recording: NarratedRecording) -> int:
    """The number of questions that the intent asks for, else what the length gives; at most `MOST`."""
    words = sum(len(one.text.split()) for one in recording.in_scope())
    return min(recording.intent.count or max(USUAL, words // WORDS), MOST)


def draft_of(
    recording: NarratedRecording, questions: Sequence[Question], thoughts: Sequence[Json]
) -> Asking[dict[str, Json]]:
    """The draft: reasoning, media, items, questions and answers.

    Where pictures are to be put in order, they are what is shown: the recording would give their order away.
    """
    questions, pictures = _numbered_pictures(questions)
    draft: dict[str, Json] = {"cot": list(thoughts)}
    if recording.pictures and not pictures and (video := (yield from _video(recording))):
        draft["input_video"] = video
    if pictures:
        draft["input_image"] = [{"cite": [a.id], "frame": a.frame} for a in pictures]
    several = len(questions) > 1
    lines = [f"{k}. {q.text}" if several else q.text for k, q in enumerate(questions, 1)]
    whole = recording.intent.chinese  # what is quoted has to be cited
    cites = [c for q in questions for c in ((*q.cites, *q.behind) if whole else _named_cites(q))]
    draft["items"] = [_item(q, pictures, recording) for q in questions]
    draft["question"] = statement("\n".join(lines), cites)
    draft["answer"] = [
        statement(f"{k}. {q.answer}" if several else q.answer, _proof(q)) for k, q in enumerate(questions, 1)
    ]
    draft["left_out"] = left_out(recording)
    return draft


def hand_in(recording: NarratedRecording, questions: Sequence[Question], anchors: Mapping[str, Anchor]) -> Asking[None]:
    """Write the draft and hand it in.

    Raises:
        PolicyError: fewer questions were found than are asked for, though much is told after them (`obeys_request`).
    """
    draft = yield from draft_of(recording, questions, thoughts_of(questions, recording, anchors))
    missing = (recording.intent.count or 0) - len(questions)
    if missing > 0:
        ends = {one.id: one.t1 for one in recording.narrations}
        last = max((ends[name] for name in citations(draft) if name in ends), default=-math.inf)
        later = [one for one in recording.narrations if one.t0 > last + AT_ONCE]
        if len(later) > (1 - LOOKED) * len(ends) and len({one.anchor.content for one in later}) > missing:
            raise decline(
                f"{len(questions)} of the {recording.intent.count} questions asked for have an answer, and much is"
                " told after them",
                "Ask for fewer questions, for other ones, or for the span that they are about.",
            )
    yield from submit(draft)


def _item(question: Question, pictures: Sequence[Anchor], recording: NarratedRecording) -> dict[str, Json]:
    item: dict[str, Json] = {
        "cite": list(_item_cites(question)),
        "kind": question.kind,
        **span_fields(question.t0, question.t1, recording),
    }
    if question.order:
        item["order"] = list(question.order)
    if question.shown:
        item["pictures"] = [1 + pictures.index(anchor) for anchor in question.shown]
    return item


def _proof(question: Question) -> Sequence[str]:
    """What its answer cites: what it tells, where the question names what lies before and after."""
    if question.shown:
        return _ends(question)
    told = question.tells if len(question.cites) > PAIR and question.tells else question.cites
    return (*told, *question.behind)


def _named_cites(question: Question) -> list[str]:
    """What the question cites: what it puts in order, else two of what it names, which is not what its answer tells."""
    if question.shown:
        return [*question.cites[:PAIR], *question.behind]
    around = [c for c in question.cites if c not in question.tells] if len(question.cites) > PAIR else []
    return list(around or question.cites)[: max(PAIR, len(question.order))]


def _item_cites(question: Question) -> Sequence[str]:
    """What its item cites: all of a few, else what shows the span."""
    return question.cites if len(question.cites) <= 1 + max(PAIR, len(question.order)) else _ends(question)


def _ends(question: Question) -> list[str]:
    """The first and the last of what is cited, which show the span."""
    return list(dict.fromkeys([question.cites[0], question.cites[-1]]))


def _numbered_pictures(questions: Sequence[Question]) -> tuple[list[Question], list[Anchor]]:
    """Texts with the numbers of their pictures put in (`{0}`, `{1}`, ...), and all pictures in the order shown."""
    pictures: list[Anchor] = []
    done: list[Question] = []
    for question in questions:
        first = len(pictures) + 1
        pictures += question.shown
        numbers = [f"P{first + k}" for k in range(len(question.shown))]
        if not numbers:
            done.append(question)
            continue
        order = tuple(numbers[int(k)] for k in question.order)
        text, answer = (_fill_numbers(words, numbers) for words in (question.text, question.answer))
        done.append(replace(question, text=text, answer=answer, order=order))
    return done, pictures


def _fill_numbers(text: str, numbers: Sequence[str]) -> str:
    for k, number in enumerate(numbers):
        text = text.replace(f"{{{k}}}", number)
    return text.replace("{all}", f"{numbers[0]} to {numbers[-1]}").replace("{所有}", f"{numbers[0]} 到 {numbers[-1]}")


def _video(recording: NarratedRecording) -> Asking[dict[str, Json] | None]:
    """The span asked for, or the recording from the window's start on: times in questions are those of this clip."""
    inside = yield from frames_inside(*span_of(recording))
    if len(inside) < 2:
        return None
    first, last = inside[0], inside[-1]
    return {"cite": [first.id, last.id], "start": first.frame, "end": last.frame}


def left_out(recording: NarratedRecording) -> list[Json]:
    """What the intent does not ask about, and what does not serve the goal."""
    aside = {one.id: "irrelevant" for one in recording.narrations if not one.relevant}
    return left_out_entries(aside | dict(recording.dropped))


def at(one: CitedNarration) -> str:
    """The time of a narration in a phrase: "at 0:12", "between 0:12 and 0:45"."""
    return between(one.t0, one.t1)


def between(t0: float, t1: float) -> str:
    """A span [s] in a phrase, in times that lie inside it; less than two seconds are a moment."""
    if t1 - t0 < 2:
        return f"at {moment(t0, t1)}"
    return f"between {clock(math.ceil(t0 - 1e-6))} and {clock(t1)}"


def moment(t0: float, t1: float) -> str:
    """A time inside a span as people read it: its first whole second, else its middle with a fraction: 0:03.85."""
    whole = math.ceil(t0 - 1e-6)
    if whole <= t1 + 1e-6:
        return clock(whole)
    hundredths = round(50 * (t0 + t1))
    return f"{clock(hundredths // 100)}.{hundredths % 100:02d}"


def quote(one: CitedNarration) -> str:
    """The words of a narration in quotation marks."""
    return f"“{clean(one.text).replace('“', '').replace('”', '')}”"


def alone(one: CitedNarration, narrations: Iterable[CitedNarration]) -> bool:
    """Whether no other narration covers much of the same time, apart from the step around it and its parts."""
    length = max(one.t1 - one.t0, 0.1)
    for other in narrations:
        related = other.id in {one.id, one.parent} or other.parent == one.id
        shared = min(one.t1, other.t1) - max(one.t0, other.t0)
        if not related and shared > 0.3 * length:
            return False
    return True


def thoughts_of(
    questions: Sequence[Question], recording: NarratedRecording, anchors: Mapping[str, Anchor]
) -> list[Json]:
    """The first facts that questions cite, in order of time, and what belongs to the topic without naming it."""
    told = {one.id: one for one in recording.narrations}
    cited = [told[c] for c in dict.fromkeys(c for q in questions for c in (*q.cites, *q.behind)) if c in told]
    found: dict[str, tuple[float, Json]] = {}
    for question in questions:
        for name in (*question.cites[:2], *question.behind):
            if name in anchors and name not in found and len(found) < THOUGHTS:
                anchor = anchors[name]
                text = str(anchor.attrs.get("text") or anchor.content)
                narrated = anchor.kind == "event"
                what = f'"{clean(text)[:160]}"' if narrated else text[:160]
                said = statement(f"{clock(anchor.t0)} to {clock(anchor.t1)}: {what}", [name])
                found[name] = anchor.t0, said
    thoughts = [*ties_to_topic(cited, recording), *found.values()][:MOST_THOUGHTS]
    return [said for _, said in sorted(thoughts, key=lambda thought: thought[0])]
