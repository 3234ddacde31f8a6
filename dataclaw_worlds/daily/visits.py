"""Expert of `temporal_qa` for walks: when a room was entered or a thing was seen, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import seconds
from dataclaw.planning import Asking, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import ChoresTruth, ProcedureFact, TruthRow
from dataclaw_worlds.daily.expert_view import FORMS, ExpertView, Maker, Question
from dataclaw_worlds.daily.questions import are_distinct, choose_questions, list_asked_events, write_draft
from dataclaw_worlds.daily.script import REMARK, STEP
from dataclaw_worlds.daily.temporal import TURNED, shuffled_pictures
from dataclaw_worlds.daily.walk_truth import PlaceEvent, WalkTruth, walk_truth_of

KINDS = ("localise", "first", "order")
"""The kinds in turn, where the intent names none."""
WALK = ProcedureFact("walk through the house", "walk", "walk", (), 0, ())


def question_rooms(brief: ExpertBrief) -> Asking[None]:
    """Expert of `temporal_qa`."""
    view = view_of_walk(brief, walk_truth_of(brief.scene), (yield from list_asked_events(brief)))
    if brief.request.meaning.get("kinds") == ["frame_order"]:
        yield from submit((yield from write_draft(view, [(yield from shuffled_pictures(view))])))
        return
    yield from submit((yield from write_draft(view, choose_questions(view, MAKERS, kinds_of(brief.request.meaning)))))


def view_of_walk(brief: ExpertBrief, walk: WalkTruth, seen: Mapping[str, Anchor | None]) -> ExpertView:
    """A walk as the drafts of questions see it: rooms and things as narrated actions."""
    rows = tuple(_row(walk, place) for place in walk.places if place.id in seen)
    truth = ChoresTruth("house", "", walk.end, (), (WALK,), rows)
    return ExpertView(brief, truth, [row for row in rows if row.role == STEP and _is_wanted(row, brief)], seen)


def kinds_of(meaning: Mapping[str, Json]) -> list[str]:
    """The kinds of questions that a request asks for."""
    kinds = cast("Sequence[str]", meaning.get("kinds") or KINDS)
    found = [k for kind in kinds for k in (("order", "first") if kind == "order" else (kind,)) if k in MAKERS]
    return list(dict.fromkeys(found))


def _row(truth: WalkTruth, place: PlaceEvent) -> TruthRow:
    """An event as a row of narrations."""
    name = place.name or truth.names[place.room]
    short = place.kind == "room" and place.t1 - place.t0 < 0.8
    role = STEP if place.right and not short else REMARK
    return TruthRow(place.id, place.t0, place.t1, place.text, 0, 0, 0, role, name, -1, "", None, 0, place.kind)


def _is_wanted(row: TruthRow, brief: ExpertBrief) -> bool:
    span = cast("list[float] | None", brief.request.meaning.get("span"))
    between = cast("list[float] | None", brief.request.meaning.get("between"))
    only, names = brief.request.meaning.get("only"), cast("list[str] | None", brief.request.meaning.get("names"))
    inside = all(low <= row.middle <= high for low, high in (limits for limits in (span, between) if limits))
    return inside and (only is None or row.place == only) and (names is None or row.order in names)


def _once(row: TruthRow, view: ExpertView) -> bool:
    return sum(r.order == row.order and r.role == STEP for r in view.truth.rows) == 1


def when(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask when the walk is in a room, or when a thing is seen."""
    if not _once(row, view):
        return None
    start, end = seconds(row.t0), seconds(row.t1)
    if row.place != "room":
        text = view.phrase(row, "sight", name=row.order)
        return Question("localise", text, view.phrase(row, "time_answer", start=start), (row,))
    text = view.phrase(row, "stay", name=row.order)
    beside, named = _around(row, view)
    return Question(
        "localise", beside + text, view.phrase(row, "span_answer", start=start, end=end), (row,), named=named
    )


def _around(row: TruthRow, view: ExpertView) -> tuple[str, tuple[TruthRow, ...]]:
    """A sentence about the rooms before and after and their events, where the request names one room."""
    if not view.brief.request.meaning.get("names"):
        return "", ()
    rooms = [r for r in view.truth.rows if r.place == "room" and r.role == STEP]
    at = rooms.index(row)
    before, after = rooms[max(0, at - 1)], rooms[min(len(rooms) - 1, at + 1)]
    if row.order in {before.order, after.order}:
        return "", ()
    return view.phrase(before, "around", before=before.order, after=after.order), (before, after)


def _later(row: TruthRow, view: ExpertView, count: int) -> list[TruthRow]:
    """Rooms or things from a row on, `count` of them, each reported once, without words in common."""
    rows = [r for r in view.kept if r.place == row.place and _once(r, view)]
    if row not in rows:
        return []
    found = [row]
    for other in rows[rows.index(row) + 1 :]:
        apart = all(not set(other.order.split()) & set(r.order.split()) for r in found)
        if len(found) < count and apart and other.t0 > found[-1].t1:
            found.append(other)
    return found if len(found) == count and are_distinct([one.order for one in found], found) else []


def came_first(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask which of two comes first, the later one named first."""
    rows = _later(row, view, 2)
    if not rows:
        return None
    one, other = rows
    text = view.phrase(row, "first_seen", verb=_verb(row, view), a=one.order, b=other.order)
    return Question("first", text, f"{one.order}。" if view.chinese else f"The {one.order}.", (one, other))


def _verb(row: TruthRow, view: ExpertView) -> str:
    """What a walk does with a room ("entered") or a thing ("seen")."""
    return str(FORMS["verbs_zh" if view.chinese else "verbs"][row.place])


def in_order(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask for the order of three rooms or things."""
    rows = _later(row, view, 3)
    if not rows:
        return None
    shown = [rows[k] for k in TURNED]
    order = tuple("ABC"[shown.index(one)] for one in rows)
    if view.chinese:
        options = ";".join(f"{'ABC'[k]}: {one.order}" for k, one in enumerate(shown))
        answer = f"{', '.join(order)}。"
    else:
        options = "; ".join(f"{'ABC'[k]}: the {one.order}" for k, one in enumerate(shown))
        answer = f"{', '.join(order)}: first the {', then the '.join(one.order for one in rows)}."
    text = view.phrase(row, "order_seen", verb=_verb(row, view), options=options)
    return Question("order", text, answer, tuple(rows), order)


MAKERS: Mapping[str, Maker] = {"localise": when, "first": came_first, "order": in_order}
"""The maker of each kind of question."""
