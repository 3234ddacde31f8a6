"""Expert of `temporal_qa`: when, in which order, what came first, how a state changed, about what was requested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import seconds
from dataclaw.planning import Asking, ask, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import TruthRow
from dataclaw_worlds.daily.expert_view import ExpertView, Maker, Question
from dataclaw_worlds.daily.forms import clock, gerund_of, is_several, object_of, sentence, third_person_of
from dataclaw_worlds.daily.questions import are_distinct, choose_questions, look_around, write_draft
from dataclaw_worlds.daily.script import STEP
from dataclaw_worlds.words import enumeration, words

KINDS = ("localise", "order", "first", "state_change")
"""The kinds in turn, where the intent names none."""
GROUPS: Mapping[str, Sequence[str]] = {
    "localise": ("localise",),
    "order": ("order", "first"),
    "state_change": ("state_change",),
    "frame_order": ("frame_order",),
}
STATES = words("daily/temporal.toml").table("states")
"""What a thing is before and after, by what is done to it."""
TURNED = (2, 0, 1)
"""The order in which three options are shown: the last one first."""
_SORT = words("daily/temporal.toml").phrases("sort")


def question_time(brief: ExpertBrief) -> Asking[None]:
    """Expert of `temporal_qa`."""
    view = yield from look_around(brief)
    if kinds_of(brief.request.meaning) == ["frame_order"]:
        yield from submit((yield from write_draft(view, [(yield from shuffled_pictures(view))])))
        return
    yield from submit((yield from write_draft(view, choose_questions(view, MAKERS, kinds_of(brief.request.meaning)))))


def kinds_of(meaning: Mapping[str, Json]) -> list[str]:
    """The kinds of questions that a request asks for."""
    groups = cast("Sequence[str]", meaning.get("kinds") or ())
    if meaning.get("most"):
        return list(groups)
    return [kind for group in groups for kind in GROUPS[group]] or list(KINDS)


def _once(row: TruthRow, view: ExpertView) -> bool:
    return sum(r.order == row.order for r in view.truth.rows) == 1


def when(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask from when to when it is done."""
    if not _once(row, view) or row.t1 > view.window[1] or row.t1 - row.t0 < 0.3:
        return None
    text = view.phrase(row, "localise", order=row.order, does=third_person_of(row.order))
    answer = view.phrase(row, "span_answer", start=seconds(row.t0), end=seconds(row.t1))
    return Question("localise", text, answer, (row,))


def _following(row: TruthRow, view: ExpertView, count: int, step: int) -> list[TruthRow]:
    """Events from a row on, `count` of them, each narrated once and one after the other."""
    rows = [r for r in view.kept if r.role == STEP and _once(r, view)]
    if row not in rows:
        return []
    found = [row]
    step = 1 if view.brief.request.meaning.get("ids") else step
    for other in rows[rows.index(row) + 1 :]:
        apart = rows.index(other) - rows.index(found[-1]) >= step
        if len(found) < count and apart and other.t0 >= found[-1].t1 - 0.3 and _different(other, found):
            found.append(other)
    return found if len(found) == count else []


def _different(row: TruthRow, others: Sequence[TruthRow]) -> bool:
    words = set(row.text.lower().split())
    return all(len(words & set(o.text.lower().split())) < 0.6 * min(len(words), len(o.text.split())) for o in others)


def in_order(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask for the order of three actions."""
    rows = _following(row, view, 3, 2)
    if not rows or view.chinese or not are_distinct([gerund_of(one.order) for one in rows], rows):
        return None
    shown = [rows[k] for k in TURNED]
    order = tuple("ABC"[shown.index(one)] for one in rows)
    options = "; ".join(f"{'ABC'[k]}: {gerund_of(one.order)}" for k, one in enumerate(shown))
    text = view.phrase(row, "order", options=options)
    answer = f"{', '.join(order)}: first {', then '.join(gerund_of(one.order) for one in rows)}."
    return Question("order", text, answer, tuple(rows), order)


def came_first(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask which of two came first, the later one named first."""
    rows = _following(row, view, 2, 3)
    if not rows or not are_distinct([gerund_of(one.order) for one in rows], rows):
        return None
    one, other = rows
    if view.chinese:
        text, answer = view.phrase(row, "first", a=one.order, b=other.order), f"{one.order}。"
    else:
        a, b = gerund_of(one.order), gerund_of(other.order)
        text, answer = view.phrase(row, "first", a=a, b=b), sentence(a)
    return Question("first", text, answer, (one, other))


def state(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask how the thing that is handled changes."""
    words = row.order.split()
    states = STATES.get(" ".join(words[:2])) or STATES.get(words[0])
    name = object_of(row.order)
    if states is None or not name or name.startswith("some") or view.chinese:
        return None
    are, they = ("are", "they are") if is_several(name) else ("is", "it is")
    text = view.phrase(row, "state_change", thing=name, does=third_person_of(row.order))
    answer = f"Before, {name} {are} {states[0]}; at {clock(row.t1)} {they} {states[1]}."
    return Question("state_change", text, answer, (row,))


def shuffled_pictures(view: ExpertView) -> Asking[Question]:
    """Ask for the order of shuffled pictures of what was requested."""
    span = cast("list[float] | None", view.brief.request.meaning.get("span"))
    rows = view.kept
    limits = span or ([rows[0].t0, rows[-1].t1] if view.brief.request.meaning.get("procedures") is not None else None)
    rng = view.brief.scene.spec.rng("shuffled", view.brief.request.intent)
    seen = yield from ask(
        "sample_frames", count=rng.choice([3, 4, 4, 5]), **({"t0": limits[0], "t1": limits[1]} if limits else {})
    )
    frames: list[Anchor] = sorted(seen.anchors, key=lambda a: a.t0)
    shown = list(frames)
    while shown == frames and len(frames) > 1:
        rng.shuffle(shown)
    order = tuple(f"P{1 + shown.index(frame)}" for frame in frames)
    scene, named = _scene(view)
    last = len(frames)
    if view.chinese:
        text, answer = f"图 P1 到 P{last} 被打乱了顺序{scene}。按时间先后排列它们。", f"{', '.join(order)}。"
    else:
        text = f"Pictures P1 to P{last}{scene}, are shuffled. {rng.choice(_SORT)}"
        answer = f"{', '.join(order)}."
    return Question("frame_order", text, answer, (), order, tuple(shown), named)


def _scene(view: ExpertView) -> tuple[str, tuple[TruthRow, ...]]:
    """What the pictures show, in words, and the events that say so."""
    span = cast("list[float] | None", view.brief.request.meaning.get("span"))
    rows = [r for r in view.kept if r.role == STEP and (span is None or span[0] <= r.middle <= span[1])]
    rooms = [r for r in rows if r.place == "room"]
    ends = list({r.id: r for r in (rooms or rows)}.values())
    ends = list({r.id: r for r in (ends[0], ends[len(ends) // 2], ends[-1])}.values()) if ends else []
    orders = [r.order for r in ends]
    if rooms:
        way = enumeration([f"the {order}" for order in orders])
        return (f"(依次经过 {'、'.join(orders)})" if view.chinese else f", from a walk through {way}"), tuple(ends)
    if not ends:
        return ("" if view.chinese else ", of one recording"), ()
    work = enumeration([gerund_of(order) for order in orders])
    return (f"({'、'.join(orders)})" if view.chinese else f", of somebody {work}"), tuple(ends)


MAKERS: Mapping[str, Maker] = {"localise": when, "order": in_order, "first": came_first, "state_change": state}
"""The maker of each kind of question."""
