"""What the experts of both kinds of questions share: choosing spread over what was asked for, and the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.daily.intents import SMALL, parse_intent, stems
from dataclaw.domains.daily.question_rules import MOSTLY
from dataclaw.domains.daily.questions import gives_away, moment
from dataclaw.planning import CITES, Asking, ask, decline, pages, said
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.forms import in_a_row
from dataclaw_worlds.daily.grounds import grounds
from dataclaw_worlds.daily.truth import Row, Truth, asked, grouped, reasons, truth_of
from dataclaw_worlds.daily.tutorial import named, tying

USUAL, MOST = 5, 12
"""How many questions where the intent does not say, and at most."""
_ASIDE = {"mistake": "irrelevant", "duplicate": "irrelevant", "heading": "", "detail": ""}
_FRAME = frozenset({"the", "person", "is", "are", "they", "keeps", "keep", "place", "part"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer.

    Attributes:
        kind: as the schema names it.
        text: the question.
        answer: the answer.
        rows: what proves it, the one it is about first; at most 8.
        order: labels in the right order.
        shown: pictures in the order shown.
        named: what the question names beside what it asks for.
    """

    kind: str
    text: str
    answer: str
    rows: tuple[Row, ...]
    order: tuple[str, ...] = ()
    shown: tuple[Anchor, ...] = ()
    named: tuple[Row, ...] = ()

    @property
    def t0(self) -> float:
        """Start [s]."""
        return min([*(row.t0 for row in self.rows), *(a.t0 for a in self.shown)])

    @property
    def t1(self) -> float:
        """End [s]."""
        return max([*(row.t1 for row in self.rows), *(a.t0 for a in self.shown)])

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [a.id for a in sorted(self.shown, key=lambda a: a.t0)] or [row.id for row in self.rows]


Maker = Callable[[Row, "Looked"], "Asked | None"]
"""A question of one kind about a row, where the row has one."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What an expert knows: the truth, what of it is asked for, and the events seen."""

    order: ExpertBrief
    truth: Truth
    kept: Sequence[Row]
    seen: Mapping[str, Anchor | None]

    @property
    def chinese(self) -> bool:
        """Whether the answer is wanted in Chinese."""
        return self.order.request.language == "zh"

    def choice(self, row: Row, forms: Sequence[str]) -> str:
        """One of several ways to say something about a row, always the same for the same ask."""
        return self.order.scene.spec.rng("form", self.order.request.intent, row.id).choice(forms)

    def who(self, row: Row) -> str:
        """Who does it."""
        return self.truth.who(row.person)


def looked(order: ExpertBrief) -> Asking[Looked]:
    """Look at the stream: overview, and the events of the span asked for."""
    truth = truth_of(order.scene)
    _ = yield from ask("overview")
    span = cast("list[float] | None", order.request.meaning.get("span"))
    low, high = span or [None, None]
    seen = {anchor.id: anchor for anchor in (yield from pages("list_events", t0=low, t1=high))}
    return Looked(order, truth, [row for row in asked(truth, order.request.meaning) if row.id in seen], seen)


def chosen(look: Looked, makers: Mapping[str, Maker], kinds: Sequence[str]) -> list[Asked]:
    """As many questions as asked for, their kinds in turn, spread evenly over what was asked for.

    Raises:
        PolicyError: there is none.
    """
    found = picked(look, makers, kinds)
    if not found:
        raise decline("nothing that is told here answers such a question", "Ask for other questions.")
    return found


def picked(look: Looked, makers: Mapping[str, Maker], kinds: Sequence[str]) -> list[Asked]:
    """As `chosen`; [] where there is none."""
    wish = look.order.request.meaning
    wanted = min(cast("int | None", wish.get("count") or wish.get("most")) or USUAL, MOST)
    about = cast("list[str] | None", wish.get("about"))
    rows = [row for row in look.kept if row.role == "step" and (about is None or row.id in about)]
    made = {kind: {row.id: q for row in rows if (q := makers[kind](row, look)) and sound(q)} for kind in kinds}
    found: list[Asked] = []
    taken: set[str] = set()
    turn = [kind for kind in kinds if made[kind]]
    for slot in range(3 * wanted):
        if len(found) >= wanted or not turn:
            break
        kind = turn[slot % len(turn)]
        place = len(found) * (len(rows) - 1) / max(wanted - 1, 1)
        fitting = [q for q in made[kind].values() if not taken & set(q.ids) and not _alike(q, found)]
        if not fitting:
            continue
        best = min(fitting, key=lambda q: abs(_place(q, rows) - place))
        found.append(best)
        taken |= set(best.ids)
    return sorted(found, key=lambda q: (q.t0, q.t1))


def _place(question: Asked, rows: Sequence[Row]) -> int:
    return next((k for k, row in enumerate(rows) if row.id == question.ids[0]), 0)


def _alike(question: Asked, found: Sequence[Asked]) -> bool:
    again = any(question.text == q.text or question.answer == q.answer for q in found)
    return again or any(gives_away(a.text, b.answer) for q in found for a, b in ((question, q), (q, question)))


def sound(question: Asked) -> bool:
    """Whether what is told proves the answer: most of its words, and a word with each narration."""
    told = [stems(f"{row.text}".replace("-", " ")) - SMALL for row in question.rows]
    both = stems(f"{question.text} {question.answer}")
    if any(not both & words for words in told):
        return False
    if question.kind == "next" and _likeness(question.answer, told[1]) <= _likeness(question.text, told[1]):
        return False
    if question.kind in {"order", "first", "count", "localise", "state_change", "frame_order"}:
        return True
    words = [stems(w) for w in _plain(question.answer) if w not in SMALL | _FRAME]
    known = frozenset(stem for one in told for stem in one)
    share = sum(bool(word & known) for word in words) / len(words) if words else 0.0
    return share >= MOSTLY + 0.01 and not gives_away(question.text, question.answer)


def told_apart(said_: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether each of the texts is most like what its own row tells, and less like every other."""
    contents = [stems(row.text.replace("-", " ").replace(":", " ")) - SMALL for row in rows]
    for at, text in enumerate(said_):
        scores = [_likeness(text, content) for content in contents]
        if any(score >= scores[at] for k, score in enumerate(scores) if k != at):
            return False
    return True


def _likeness(text: str, content: frozenset[str]) -> float:
    words = stems(text)
    return len(words & content) / max(1, len((words | content) - SMALL))


def _plain(text: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in text.casefold()).split()


def drafted(look: Looked, questions: Sequence[Asked]) -> Asking[dict[str, Json]]:
    """The draft of the questions."""
    several = len(questions) > 1
    pictures = [anchor for q in questions for anchor in q.shown]
    draft: dict[str, Json] = {"cot": _thoughts(look, questions)}
    if look.order.brief.frames and not pictures:  # beside pictures to sort it would give their order away
        low, high = parse_intent(look.order.brief.intent, look.order.brief.window).span
        t0, t1 = max(low, min(q.t0 for q in questions)), min(high, max(q.t1 for q in questions))
        seen = yield from ask("sample_frames", count=3, t0=t0, t1=t1)
        inside = [a for a in seen.anchors if t0 <= a.t0 <= t1] if seen.ok else []
        if len(inside) > 1:
            first, last = inside[0], inside[-1]
            draft["input_video"] = {"cite": [first.id, last.id], "start": first.frame, "end": last.frame}
    if pictures:
        draft["input_image"] = [{"cite": [a.id], "frame": a.frame} for a in pictures]
    draft["items"] = [_item(q, pictures, look) for q in questions]
    lines = [f"{k}. {q.text}" if several else q.text for k, q in enumerate(questions, 1)]
    names = [row.id for q in questions for row in q.named]
    draft["question"] = said("\n".join(lines), list(dict.fromkeys([*(q.ids[0] for q in questions), *names]))[:CITES])
    draft["answer"] = [
        said(f"{k}. {q.answer}" if several else q.answer, _ends(q.ids) if q.shown else q.ids)
        for k, q in enumerate(questions, 1)
    ]
    names = [row.id for q in questions for row in q.rows]
    dropped = reasons(look.truth, [*names, *(r.id for r in look.kept)], look.order.brief.intent,
                      look.order.brief.window, look.seen)  # fmt: skip
    entries = cast("list[dict[str, Json]]", grouped({k: v for k, v in dropped.items() if _ASIDE.get(v, v)}, _ASIDE))
    draft["left_out"] = list(entries)
    return draft


def _ends(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([ids[0], ids[-1]]))


def _item(question: Asked, pictures: Sequence[Anchor], look: Looked) -> dict[str, Json]:
    low, high = look.order.brief.window
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


def _thoughts(look: Looked, questions: Sequence[Asked]) -> list[Json]:
    """What the questions rest on, in order of time; what of it belongs to the words asked for without saying them."""
    rule = parse_intent(look.order.brief.intent, look.order.brief.window)
    rows = sorted({row.id: row for q in questions for row in q.rows}.values(), key=lambda row: row.t0)
    untold = [row for row in rows if rule.topics and not rule.topics & stems(row.text)]
    thoughts = tying(untold, rule.topics, named(look.truth, look.order.request.meaning)) if untold else []
    thoughts += [found for q in questions if (found := grounds(q, look)) is not None]
    return [thought for _, thought in sorted(thoughts[:10], key=lambda pair: pair[0])]


def listed(rows: Sequence[Row]) -> str:
    """Times in a row: "0:12, 0:40 and 1:02"."""
    return in_a_row([moment(row.t0, row.t1) for row in rows])
