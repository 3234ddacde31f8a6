"""Has a draft the right form, and is what it states borne out by what it cites? "Every field points at the stream".

How an anchor supports a value, by kind: what `x-support` in a schema may ask for.

Kinds, each 0..1 for one value and one cited anchor:
    point: `[x, y]` inside the anchor's box or at its point; exp(-distance / 1 % of the frame's diagonal) outside.
    box: intersection over union with the anchor's box.
    text: likeness with what an event wrote or with its target's name; of anchors read off the screen, their content
        is the text or holds it. An empty text is borne out by an event that wrote nothing.
    target: the anchor's target, its content if it is not an event.
    window: the anchor's window or, of a window, its name.
    first_window: the same, and only the first anchor that is cited counts.
    time: a time [s] in the anchor's span (0.05 s to either side are free); exp(-distance / 1 s) outside.
    frame: the anchor's frame, or one whose time lies in its span; exp(-frames off / 2) otherwise.
    verb: the event's verb.
    keys: the event's keys, in any order ("ctrl+c" counts as two).
An array of frames, times, texts or points is supported as much as its items are on average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from dataclaw.errors import UsageError
from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.places import Citation, places_of
from dataclaw.rewards.similarity import (
    alike,
    as_numbers,
    decay,
    is_number,
    overlap,
    pixel_scale,
    plain,
    point_distance,
    quotation_score,
    region_of,
)
from dataclaw.schema import parse_json, problems
from dataclaw.schema.walk import subschemas
from dataclaw.types import Anchor, Finding, Json

NAME = "evidence"


@rule("json")
def json_object(case: Case) -> Score:
    """1 when the text is one JSON object (a code fence around it is taken off), else 0."""
    if isinstance(case.draft, dict):
        return Score(1.0)
    message = "is JSON, but not an object"
    try:
        parse_json(case.text)
    except UsageError as error:
        message = str(error)
    return score_of(0.0, [Finding("", message, "json", 0.0)])


@rule("schema")
def schema_valid(case: Case) -> Score:
    """1 when the draft fits the schema narrowed to the stream, else 0; every misfit is named.

    An error in one field costs as much as one in all: what does not validate cannot be used.
    """
    found = problems(case.draft, case.schema)
    return score_of(0.0 if found else 1.0, [Finding(place, message, "schema", 0.0) for place, message in found])


@rule(NAME)
def evidence(case: Case) -> Score:
    """Share of the draft's citations that exist and of its stated values that a cited anchor supports.

    Mean over every `cite` (share of its entries that are seen anchors, named once; 0 when it is empty or missing) and
    every value with `x-support` (its best support by an anchor of the nearest `cite`, see `support`), and no more than
    the mean over the values of any one field that stands in three places or more: a field that is wrong as often as not
    is not made good by the others. Values that are null state nothing. Does not apply to a schema without `cite`.

    Source: cross-checking against anchors at inference, and the anchor terms of the paper's earlier draft.
    """
    places = places_of(case)
    scores: list[float] = []
    fields: dict[str, list[float]] = {}
    findings: list[Finding] = []
    for citation in places.citations:
        score = _citation(citation, case.anchors, findings)
        scores.append(score)
    for place, value, score, kind, anchor in supports_of(case):
        scores.append(score)
        fields.setdefault(place.rpartition("/")[2], []).append(score)
        if score < 1.0:
            why = explain(value, kind, anchor) if anchor else "nothing that was seen is cited for it"
            findings.append(Finding(place, why, NAME, score))
    if not scores:
        return _score_without_citations(case)
    means = [sum(some) / len(some) for some in (scores, *fields.values()) if some is scores or len(some) >= OFTEN]
    return score_of(min(means), findings)


def supports_of(case: Case) -> list[tuple[str, Json, float, str, Anchor | None]]:
    """`(pointer, value, *best(...))` of every value of a draft with `x-support`; found once, shared by the rules."""
    if "supports" not in case.memo:
        case.memo["supports"] = [
            (place, value, *best(value, support, citation.anchors, case))
            for place, value, _, support, citation in places_of(case).values
            if support and value is not None and citation is not None
        ]
    return cast("list[tuple[str, Json, float, str, Anchor | None]]", case.memo["supports"])


def _citation(citation: Citation, anchors: Mapping[str, Anchor], findings: list[Finding]) -> float:
    ids = cast("list[Json]", citation.raw) if isinstance(citation.raw, list) else []
    if not ids:
        findings.append(Finding(f"{citation.pointer}/cite", "cites nothing", NAME, 0.0))
        return 0.0
    score = len(citation.anchors) / len(ids)
    if score < 1.0:
        wrong = [str(i)[:24] for i in ids if not (isinstance(i, str) and i in anchors)]
        message = f"not seen: {', '.join(wrong[:6])}" if wrong else f"cites twice: {', '.join(_twice(ids)[:6])}"
        findings.append(Finding(f"{citation.pointer}/cite", message, NAME, score))
    return score


def _twice(ids: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(ids).items() if count > 1]


def _score_without_citations(case: Case) -> Score:
    """A draft in which nothing cites: out of scope when its schema has no `cite`, without evidence when it has."""
    if not any("cite" in node.get("properties", {}) for _, node in subschemas(case.schema)):
        return NOT_APPLICABLE
    return score_of(0.0, [Finding("", "cites nothing at all", NAME, 0.0)])


FIRST = "first_"
OFTEN = 3
"""A field that stands in so many places is judged by itself, too."""
TIME_FREE = 0.05
TIME_TAU = 1.0
FRAME_TAU = 2.0

Support = Callable[[Json, Anchor, Case], float]


def best(value: Json, kinds: Sequence[str], anchors: Sequence[Anchor], case: Case) -> tuple[float, str, Anchor | None]:
    """The strongest support of a value: `(score, kind, anchor)`; anchor None when nothing was cited.

    A kind with `first_` before it asks the first anchor alone: a page changes with each step, and a neighbour's may be
    another.
    """
    top: tuple[float, str, Anchor | None] = (0.0, kinds[0], None)
    for kind in kinds:
        judge = KINDS[kind]
        for anchor in anchors[:1] if kind.startswith(FIRST) else anchors:
            score = judge(value, anchor, case)
            if score >= 1.0:
                return 1.0, kind, anchor
            if score > top[0] or top[2] is None:
                top = (score, kind, anchor)
    return top


def explain(value: Json, kind: str, anchor: Anchor) -> str:
    """Why an anchor does not fully support a value, with the numbers."""
    name = anchor.id or anchor.kind
    if kind == "point" and (point := as_numbers(value, 2)) is not None:
        gap = point_distance((point[0], point[1]), anchor)
        if gap is None:
            return f"{_show(value)} is a place, but anchor {name} has none"
        return f"({point[0]:g}, {point[1]:g}) is {gap:.0f} px outside anchor {region_of(anchor)}"
    if kind == "box" and (box := as_numbers(value, 4)) is not None and anchor.box is not None:
        shared = overlap((box[0], box[1], box[2], box[3]), anchor.box)
        return f"box {_show(value)} has IoU {shared:.2f} with anchor {region_of(anchor)}"
    span = f"span {anchor.t0:.2f}-{anchor.t1:.2f} s"
    if kind == "time":
        far = f", off by {_gap(value, anchor):.2f} s, at most {TIME_FREE:g} s" if is_number(value) else ""
        return f"{_show(value)} s is outside anchor {name}'s {span}{far}"
    if kind == "frame":
        return f"frame {_show(value)} is neither anchor {name}'s frame {anchor.frame} nor in its {span}"
    return f"{_show(value)} does not match the {kind} of anchor {name} ({_show(_fact(kind, anchor))})"


def _fact(kind: str, anchor: Anchor) -> Json:
    kind = kind.removeprefix(FIRST)
    return anchor.attrs[kind] if anchor.attrs.get(kind) else anchor.content


def _show(value: Json) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _each(judge: Support) -> Support:
    """The same support for an array: the mean over its items, 0 when it is empty."""

    def judge_items(value: Json, anchor: Anchor, case: Case) -> float:
        if not isinstance(value, list):
            return judge(value, anchor, case)
        items = cast("list[Json]", value)
        return sum(judge(item, anchor, case) for item in items) / len(items) if items else 0.0

    return judge_items


def _point(value: Json, anchor: Anchor, case: Case) -> float:
    if not isinstance(value, list) or len(pair := cast("list[Json]", value)) != 2:
        return 0.0
    x, y = pair
    gap = point_distance((x, y), anchor) if is_number(x) and is_number(y) else None
    return 0.0 if gap is None else decay(gap, pixel_scale(case.frame_size)) if gap else 1.0


_ITEMS = _each(_point)


def _points(value: Json, anchor: Anchor, case: Case) -> float:
    point = _point(value, anchor, case)
    return _ITEMS(value, anchor, case) if point == 0.0 else point


def _box(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    box = as_numbers(value, 4)
    return overlap((box[0], box[1], box[2], box[3]), anchor.box) if box is not None and anchor.box is not None else 0.0


def _text(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    if not isinstance(value, str):
        return 0.0
    if not value.strip():
        return float(not _words(anchor.attrs.get("text")))
    if anchor.kind != "event":
        return quotation_score(value, anchor.content)
    return max(alike(value, _words(anchor.attrs.get("text"))), alike(value, _words(anchor.attrs.get("target"))))


def _target(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    source = _words(anchor.attrs.get("target")) or ("" if anchor.kind == "event" else anchor.content)
    return quotation_score(value, source) if isinstance(value, str) and value.strip() and source else 0.0


def _window(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    source = _words(anchor.attrs.get("window")) or _words(anchor.attrs.get("name"))
    source = source or (anchor.content if anchor.kind == "window" else "")
    return quotation_score(value, source) if isinstance(value, str) and value.strip() and source else 0.0


def _time(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    if not is_number(value):
        return 0.0
    gap = _gap(value, anchor)
    return 1.0 if gap <= TIME_FREE else decay(gap - TIME_FREE, TIME_TAU)


def _gap(value: float, anchor: Anchor) -> float:
    """How far a time lies outside an anchor's span [s]."""
    return max(anchor.t0 - value, value - anchor.t1, 0.0)


def _frame(value: Json, anchor: Anchor, case: Case) -> float:
    if not is_number(value) or not isinstance(value, int):
        return 0.0
    if value == anchor.frame:
        return 1.0
    if not anchor.part and 0 <= value < len(case.frame_times) and anchor.t0 <= case.frame_times[value] <= anchor.t1:
        return 1.0
    return decay(abs(value - anchor.frame), FRAME_TAU) if anchor.frame is not None and abs(value) < 1e9 else 0.0


def _verb(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    verb = anchor.attrs.get("verb")
    return float(isinstance(value, str) and isinstance(verb, str) and plain(value) == plain(verb))


def _keys(value: Json, anchor: Anchor, case: Case) -> float:
    del case
    pressed = _key_names(anchor.attrs.get("keys"))
    return float(bool(pressed) and _key_names(value) == pressed)


def _key_names(value: Json) -> list[str]:
    items = cast(
        "Sequence[Json]", [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    )
    keys = [str(item).casefold() for item in items]
    return sorted(name for key in keys for name in (key.split("+") if len(key) > 1 else [key]))


def _words(value: Json) -> str:
    return value if isinstance(value, str) else ""


KINDS: dict[str, Support] = {
    "point": _points,
    "box": _box,
    "text": _each(_text),
    "target": _each(_target),
    "window": _each(_window),
    "first_window": _each(_window),
    "time": _each(_time),
    "frame": _each(_frame),
    "verb": _verb,
    "keys": _keys,
}
