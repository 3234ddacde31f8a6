"""The reference of `temporal_qa`: when, in which order, what came first, how a state changed; of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import seconds
from dataclaw.planning import Asking, ask, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.forms import clock, does, doing, in_a_row, is_several, sentence, thing
from dataclaw_worlds.daily.questions import Asked, Looked, Maker, chosen, drafted, looked, told_apart
from dataclaw_worlds.daily.script import STEP
from dataclaw_worlds.daily.truth import Row

KINDS = ("localise", "order", "first", "state_change")
"""Kinds in the order in which they take turns where the intent names none."""
GROUPS: Mapping[str, Sequence[str]] = {
    "localise": ("localise",),
    "order": ("order", "first"),
    "state_change": ("state_change",),
    "frame_order": ("frame_order",),
}
STATES: Mapping[str, tuple[str, str]] = {
    "peel": ("unpeeled", "peeled"),
    "wash": ("unwashed", "washed"),
    "cut": ("whole", "cut up"),
    "slice": ("whole", "sliced"),
    "dice": ("whole", "diced"),
    "chop": ("whole", "chopped"),
    "melt": ("solid", "melted"),
    "dry": ("wet", "dry"),
    "fold": ("unfolded", "folded"),
    "iron": ("creased", "ironed"),
    "unfold": ("folded", "unfolded"),
    "turn on": ("off", "on"),
    "switch on": ("off", "on"),
    "unplug": ("plugged in", "unplugged"),
    "switch off": ("on", "off"),
    "close": ("open", "closed"),
    "open": ("closed", "open"),
    "paint": ("unpainted", "painted"),
    "wrap": ("unwrapped", "wrapped"),
    "empty": ("full", "empty"),
    "fill": ("empty", "full"),
    "grease": ("bare", "greased"),
    "soak": ("dry", "soaked"),
    "drain": ("in the water", "drained"),
    "grate": ("in one piece", "grated"),
    "crush": ("whole", "crushed"),
    "polish": ("dull", "shiny"),
    "sharpen": ("blunt", "sharp"),
    "water": ("dry", "watered"),
    "tie": ("loose", "tied"),
    "light": ("unlit", "lit"),
    "zip up": ("open", "zipped up"),
    "sort": ("mixed up", "sorted"),
    "plug in": ("unplugged", "plugged in"),
    "bake": ("raw", "baked"),
    "roast": ("raw", "roasted"),
    "fry": ("raw", "fried"),
    "rinse": ("unrinsed", "rinsed"),
    "knead": ("loose", "kneaded"),
    "cover": ("uncovered", "covered"),
    "tighten": ("loose", "tight"),
    "loosen": ("tight", "loose"),
    "shred": ("whole", "shredded"),
    "dust": ("dusty", "clean"),
}
"""What a thing is before and after, by what is done to it."""
TURNED = (2, 0, 1)
"""Order in which three options are shown: the last of them first."""
_SORT = ("Put them in the order in which they were taken.", "Sort them by time.", "Which one is first, which next?",
         "Bring them back into the order of time.", "In which order were they taken?")  # fmt: skip


def question_time(order: ExpertBrief) -> Asking[None]:
    """Expert of `temporal_qa`."""
    look = yield from looked(order)
    if kinds_of(order.request.meaning) == ["frame_order"]:
        yield from submit((yield from drafted(look, [(yield from shuffled_pictures(look))])))
        return
    yield from submit((yield from drafted(look, chosen(look, MAKERS, kinds_of(order.request.meaning)))))


def kinds_of(wish: Mapping[str, Json]) -> list[str]:
    """Kinds of questions that a wish asks for."""
    groups = cast("Sequence[str]", wish.get("kinds") or ())
    if wish.get("most"):
        return list(groups)
    return [kind for group in groups for kind in GROUPS[group]] or list(KINDS)


def _zh(row: Row, look: Looked) -> str:
    name = look.who(row)
    return "这个人" if name == "the person" else name


def _once(row: Row, look: Looked) -> bool:
    return sum(r.order == row.order for r in look.truth.rows) == 1


def when(row: Row, look: Looked) -> Asked | None:
    """From when to when it is done."""
    if not _once(row, look) or row.t1 > look.order.brief.window[1] or row.t1 - row.t0 < 0.3:
        return None
    forms = ("When does {w} {d}?", "From when to when does {w} {d}?", "During which seconds does {w} {d}?",
             "Find the time at which {w} {ds}.", "When does it happen that {w} {ds}?")  # fmt: skip
    text = look.choice(row, forms).format(w=look.who(row), d=row.order, ds=does(row.order))
    answer = f"From {seconds(row.t0)} s to {seconds(row.t1)} s."
    if look.chinese:
        text, answer = f"{_zh(row, look)} {row.order} 是什么时候?", f"从 {seconds(row.t0)} 秒到 {seconds(row.t1)} 秒。"
    return Asked("localise", text, answer, (row,))


def _following(row: Row, look: Looked, count: int, step: int) -> list[Row]:
    """So many of what is asked for, from a row on, told once each and one after the other."""
    rows = [r for r in look.kept if r.role == STEP and _once(r, look)]
    if row not in rows:
        return []
    found = [row]
    step = 1 if look.order.request.meaning.get("ids") else step
    for other in rows[rows.index(row) + 1 :]:
        apart = rows.index(other) - rows.index(found[-1]) >= step
        if len(found) < count and apart and other.t0 >= found[-1].t1 - 0.3 and _different(other, found):
            found.append(other)
    return found if len(found) == count else []


def _different(row: Row, others: Sequence[Row]) -> bool:
    words = set(row.text.lower().split())
    return all(len(words & set(o.text.lower().split())) < 0.6 * min(len(words), len(o.text.split())) for o in others)


def in_order(row: Row, look: Looked) -> Asked | None:
    """Three doings to be put in order."""
    rows = _following(row, look, 3, 2)
    if not rows or look.chinese or not told_apart([doing(one.order) for one in rows], rows):
        return None
    shown = [rows[k] for k in TURNED]
    order = tuple("ABC"[shown.index(one)] for one in rows)
    options = "; ".join(f"{'ABC'[k]}: {doing(one.order)}" for k, one in enumerate(shown))
    forms = ("In which order are these done? {}.", "Put these in the order in which they are done. {}.",
             "Sort these by time. {}.", "What is the right order of these? {}.")  # fmt: skip
    text = look.choice(row, forms).format(options)
    answer = f"{', '.join(order)}: first {', then '.join(doing(one.order) for one in rows)}."
    return Asked("order", text, answer, tuple(rows), order)


def came_first(row: Row, look: Looked) -> Asked | None:
    """Which of two came first; the later one is named first."""
    rows = _following(row, look, 2, 3)
    if not rows or not told_apart([doing(one.order) for one in rows], rows):
        return None
    one, other = rows
    if look.chinese:
        return Asked("first", f"哪一个先发生:{other.order} 还是 {one.order}?", f"{one.order}。", (one, other))
    forms = ("Which comes first, {b} or {a}?", "What is done sooner: {b} or {a}?", "Of {b} and {a}, which is earlier?")
    text = look.choice(row, forms).format(a=doing(one.order), b=doing(other.order))
    return Asked("first", text, sentence(doing(one.order)), (one, other))


def state(row: Row, look: Looked) -> Asked | None:
    """How what is handled changes."""
    words = row.order.split()
    states = STATES.get(" ".join(words[:2])) or STATES.get(words[0])
    name = thing(row.order)
    if states is None or not name or name.startswith("some") or look.chinese:
        return None
    are, they = ("are", "they are") if is_several(name) else ("is", "it is")
    forms = ("What changes about {n} when {w} {d}?", "How does {n} change when {w} {d}?",
             "Before and after: what becomes of {n} as {w} {d}?")  # fmt: skip
    text = look.choice(row, forms).format(n=name, w=look.who(row), d=does(row.order))
    answer = f"Before, {name} {are} {states[0]}; at {clock(row.t1)} {they} {states[1]}."
    return Asked("state_change", text, answer, (row,))


def shuffled_pictures(look: Looked) -> Asking[Asked]:
    """Pictures of what was asked for, shuffled."""
    span = cast("list[float] | None", look.order.request.meaning.get("span"))
    rows = look.kept
    limits = span or ([rows[0].t0, rows[-1].t1] if look.order.request.meaning.get("procedures") is not None else None)
    rng = look.order.scene.spec.rng("shuffled", look.order.request.intent)
    seen = yield from ask(
        "sample_frames", count=rng.choice([3, 4, 4, 5]), **({"t0": limits[0], "t1": limits[1]} if limits else {})
    )
    frames: list[Anchor] = sorted(seen.anchors, key=lambda a: a.t0)
    shown = list(frames)
    while shown == frames and len(frames) > 1:
        rng.shuffle(shown)
    order = tuple(f"P{1 + shown.index(frame)}" for frame in frames)
    scene, named = _scene(look)
    last = len(frames)
    if look.chinese:
        text, answer = f"图 P1 到 P{last} 被打乱了顺序{scene}。按时间先后排列它们。", f"{', '.join(order)}。"
    else:
        text = f"Pictures P1 to P{last}{scene}, are shuffled. {rng.choice(_SORT)}"
        answer = f"{', '.join(order)}."
    return Asked("frame_order", text, answer, (), order, tuple(shown), named)


def _scene(look: Looked) -> tuple[str, tuple[Row, ...]]:
    """What the pictures are from, in words, and what tells that."""
    span = cast("list[float] | None", look.order.request.meaning.get("span"))
    rows = [r for r in look.kept if r.role == STEP and (span is None or span[0] <= r.middle <= span[1])]
    rooms = [r for r in rows if r.place == "room"]
    ends = list({r.id: r for r in (rooms or rows)}.values())
    ends = list({r.id: r for r in (ends[0], ends[len(ends) // 2], ends[-1])}.values()) if ends else []
    if rooms:
        said_ = [f"the {r.order}" for r in ends]
        zh = f"(依次经过 {'、'.join(r.order for r in ends)})"
        return (zh if look.chinese else f", from a walk through {in_a_row(said_)}"), tuple(ends)
    zh = f"({'、'.join(r.order for r in ends)})" if ends else ""
    said_ = [doing(r.order) for r in ends]
    return (zh if look.chinese else f", of somebody {in_a_row(said_)}" if ends else ", of one recording"), tuple(ends)


MAKERS: Mapping[str, Maker] = {"localise": when, "order": in_order, "first": came_first, "state_change": state}
"""Who makes a question of each kind."""
