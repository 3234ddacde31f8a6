"""Plan of `long_horizon_reconstruction`: which fragments belong to one task, and in which order.

Belonging is judged by what fragments share (what is searched for, words, applications, the size of the screen, the time
of day); order by clocks on the screen and by how far the task has come. That one clip ends as another begins is often
made by the cutting: it decides only between fragments that nothing else puts in order. Every link of the chain says
what it rests on, or that nothing on the fragment tells its place. Not covered: knowing what a task ought to look like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.arrange import Pairs, arrange, together
from dataclaw.domains.gui.drafts import CITES
from dataclaw.domains.gui.fragments import EDGE, Fragment, shown_by, state_of
from dataclaw.domains.gui.intents import applications
from dataclaw.domains.gui.language import LANGUAGES, join_texts, language_of, say
from dataclaw.domains.gui.recording import Asking, Step
from dataclaw.domains.gui.screens import tidy_line
from dataclaw.planning import capitalise, decapitalise, decline, shorten
from dataclaw.types import Action, Anchor, Brief, Json

SURE_CLOCK, SURE_LINE = 0.5, 0.6
"""Least confidence of a text in the strips where clocks are, and of a line of a screen."""

READINGS = 28
"""Most screens that are read over all fragments."""

SIDE = 1440
"""Screens are read at this longest side [px]: text on phones is large."""

SEEN = 0.88
"""Of a high screen this upper share is read: below are the bars of the phone."""

ENOUGH_WORDS = 6
"""With so many different words in its events a fragment needs no reading but of its clock."""

LOOK, NEXT = 0.5, 0.8
"""Most that likeness of an end and a beginning weighs beside everything else, and how like a title must be to count."""


def reconstruct(brief: Brief) -> Asking[dict[str, Json]]:
    """The draft of `long_horizon_reconstruction`.

    Raises:
        PolicyError: nothing on the fragments tells what is done in them.
    """
    overview = yield Action("overview", {})
    compared = yield Action("compare_parts", {})
    links = [a for a in compared.anchors if a.kind == "link"] if compared.ok else []
    asked = language_of(brief.intent)
    language = asked if asked in LANGUAGES else "en"
    fragments: list[Fragment] = []
    for label in brief.labels:
        about = cast("Mapping[str, Json]", overview.data.get("parts", {}).get(label, {}))
        windows = tuple(a for a in overview.anchors if a.kind == "window" and a.part == label)
        fragments.append(
            (yield from _look(Fragment(label, windows=windows, language=language), about, len(brief.labels)))
        )
    named = applications(list(dict.fromkeys(s.page for f in fragments for s in f.steps if s.page)))
    fragments = [replace(fragment, application=named) for fragment in fragments]
    pairs = _pairs(fragments, links)
    kept = together(pairs)
    order = arrange([f for f in range(len(fragments)) if f in kept], pairs)
    others = [f for at, f in enumerate(fragments) if at not in kept]
    return _draft([fragments[at] for at in order], others, links)


def _look(fragment: Fragment, about: Mapping[str, Json], count: int) -> Asking[Fragment]:
    size = cast("Sequence[int] | None", about.get("size"))
    frames = int(about.get("frames") or 0)
    listed = (yield Action("list_events", {"part": fragment.label})) if about.get("events") else None
    events = [a for a in listed.anchors if a.kind == "event"] if listed is not None and listed.ok else []
    steps = tuple(Step(e, str(e.attrs.get("window") or ""), text=str(e.attrs.get("text") or "")) for e in events)
    steps = tuple(replace(step, language=fragment.language) for step in steps)
    found = replace(fragment, steps=steps, size=(int(size[0]), int(size[1])) if size else None)
    if not frames or found.size is None:
        return found
    clocks = yield from _read_edges(found)
    screens: tuple[tuple[Anchor, ...], ...] = ()
    if len(found.words()) < ENOUGH_WORDS:
        screens = yield from _read_screens(found, frames, count)
    return replace(found, clocks=clocks, screens=screens)


def _read_edges(fragment: Fragment) -> Asking[tuple[Anchor, ...]]:
    """The strips of the first frame where clocks are: at the top, on a desktop also at the bottom."""
    width, height = fragment.size or (1, 1)
    strips = [(0, 0, width, round(height * EDGE))]
    strips += [(0, round(height * (1 - EDGE)), width, height)] if width > height else []
    texts: list[Anchor] = []
    for strip in strips:
        seen = yield Action("read_text", {"frame": 0, "box": list(strip), "part": fragment.label, "side": SIDE})
        texts += [a for a in seen.anchors if a.confidence >= SURE_CLOCK] if seen.ok else ()
    return tuple(texts)


def _read_screens(fragment: Fragment, frames: int, count: int) -> Asking[tuple[tuple[Anchor, ...], ...]]:
    """Three screens, of many fragments fewer: early, later, and near the end.

    Never the first, which shows what other clips of the same telephone show as well, nor the very last, which often
    shows what comes after the fragment.
    """
    wanted = [max(0, frames - 2), frames // 3, 2 * frames // 3]
    chosen = sorted(set(wanted[: max(1, min(3, READINGS // count))]))
    width, height = fragment.size or (1, 1)
    box = [0, 0, width, round(height * SEEN)] if height > width else [0, 0, width, height]
    screens: list[tuple[Anchor, ...]] = []
    for frame in chosen:
        seen = yield Action("read_text", {"frame": frame, "box": box, "part": fragment.label, "side": SIDE})
        if seen.ok:
            screens.append(tuple(tidy_line(a) for a in seen.anchors if a.confidence >= SURE_LINE))
    return tuple(screens)


def _pairs(fragments: Sequence[Fragment], links: Sequence[Anchor]) -> Pairs:
    place = {f.label: at for at, f in enumerate(fragments)}
    visual = {
        (place[str(a.attrs["from"])], place[str(a.attrs["to"])]): float(a.attrs.get("visual") or 0.0) for a in links
    }
    sure = {(place[str(a.attrs["from"])], place[str(a.attrs["to"])]): a.confidence for a in links}
    logged = all(fragment.steps for fragment in fragments)  # a log is cut where one event follows the other
    look = sure if logged else {pair: LOOK * _margin(visual, pair) for pair in visual}
    holders = Counter(word for fragment in fragments for word in fragment.words())
    telling = {w for w, n in holders.items() if 1 < n < len(fragments) or len(fragments) < 3}
    bond: dict[tuple[int, int], float] = {}
    before: dict[tuple[int, int], float] = {}
    for i, a in enumerate(fragments):
        for j, b in enumerate(fragments):
            if i < j:
                bond[i, j] = bond[j, i] = _bond(a, b, telling, max(visual.get((i, j), 0), visual.get((j, i), 0)))
                before[i, j] = _before(a, b)
                before[j, i] = -before[i, j]
    return Pairs(len(fragments), bond, look, before)


def _margin(visual: Mapping[tuple[int, int], float], pair: tuple[int, int]) -> float:
    """How much liker the end of one is to the beginning of the other than to any other beginning, or any other end."""
    others = [v for p, v in visual.items() if p != pair and (p[0] == pair[0] or p[1] == pair[1])]
    return max(0.0, visual[pair] - max(others, default=0.0))


def _bond(a: Fragment, b: Fragment, telling: set[str], look: float) -> float:
    """How much speaks for two fragments being of one task; about 1 when they plainly are."""
    if a.size is not None and b.size is not None and a.size != b.size:
        return 0.0
    clocks = [c[0] for f in (a, b) if (c := f.clock())]
    if len(clocks) == 2 and abs(clocks[0] - clocks[1]) > 45:
        return 0.0
    left, right = a.words() & telling, b.words() & telling
    shared = len(left & right) / max(1, min(len(left), len(right)))
    near = 0.3 if len(clocks) == 2 and abs(clocks[0] - clocks[1]) <= 5 else 0.0
    searched = [found[0] for f in (a, b) if (found := f.search())]
    same = 0.6 if len(searched) == 2 and fuzz.partial_ratio(*(s.casefold() for s in searched)) >= 90 else 0.0
    return shared + same + 0.4 * bool(a.applications() & b.applications()) + 0.4 * max(0.0, look - 0.5) / 0.5 + near


def _before(a: Fragment, b: Fragment) -> float:
    """What speaks for a fragment coming before another, -1..1 for stages, -5..5 for clocks."""
    clock_a, clock_b = a.clock(), b.clock()
    if clock_a and clock_b and clock_a[0] != clock_b[0]:
        return 5.0 if clock_a[0] < clock_b[0] else -5.0
    stage_a, stage_b = a.stage(), b.stage()
    return stage_b[0] - stage_a[0] if stage_a and stage_b else 0.0


def _draft(order: Sequence[Fragment], others: Sequence[Fragment], links: Sequence[Anchor]) -> dict[str, Json]:
    task = _task(order)
    if not task:
        raise decline("nothing on the fragments tells what is done in them",
                      "Give recordings with events, or with text that can be read.")  # fmt: skip
    return {
        "cot": [_link(f, order[at - 1] if at else None, links) for at, f in enumerate(order)],
        "ordered_fragment_labels": [f.label for f in order],
        "original_task": task,
        "left_out": [_left_out_entry(f) for f in others],
    }


def _link(fragment: Fragment, before: Fragment | None, links: Sequence[Anchor]) -> dict[str, Json]:
    language = fragment.language
    said, cites = state_of(fragment)
    if not said:
        said, cites = shown_by(fragment)
    said = said or say(language, "frag_silent")
    why, more = _why_here(fragment, before, links)
    text = say(language, "frag_link", label=fragment.label, state=said, why=why)
    cites = [*cites[: CITES - 2], *more, *(a.id for a in fragment.facts()[:1])]
    return {"cite": list(dict.fromkeys(cites))[:CITES], "text": shorten(text, 240), "fragment": fragment.label}


def _why_here(fragment: Fragment, before: Fragment | None, links: Sequence[Anchor]) -> tuple[str, list[str]]:
    """Why a fragment comes at its place, and what says so; that nothing does where nothing does."""
    language, here = fragment.language, fragment.clock()
    if before is None:
        said = say(language, "frag_first_clock", clock=_time(here[0])) if here else say(language, "frag_first")
        return said, [here[1].id] if here else []
    there = before.clock()
    if here and there and here[0] > there[0]:
        said = say(language, "frag_clock", clock=_time(here[0]), earlier=_time(there[0]), label=before.label)
        return said, [here[1].id, there[1].id]
    later, earlier = fragment.stage(), before.stage()
    if later and earlier and later[0] > earlier[0]:
        text = wording.quote(later[1].content if later[1].kind != "event" else str(later[1].attrs.get("target")), 40)
        return say(language, "frag_later", text=text, label=before.label), [later[1].id, earlier[1].id]
    look = next((a for a in links if (a.attrs["from"], a.attrs["to"]) == (before.label, fragment.label)), None)
    if look is not None and look.confidence >= NEXT:
        return say(language, "frag_continues", label=before.label), [look.id]
    return say(language, "frag_given"), []


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _task(order: Sequence[Fragment]) -> str:
    """The whole task out of what is done in its fragments; the same search in several places is told once."""
    language = order[0].language
    phrases: list[str] = []
    places: dict[str, list[str]] = {}
    for fragment in order:
        found, place = fragment.search(), fragment.named_application()
        said = state_of(fragment)[0]
        if not fragment.steps and found is not None and fragment.confirmation() is None and place is not None:
            known = next((q for q in places if fuzz.partial_ratio(q.casefold(), found[0].casefold()) >= 90), found[0])
            if known not in places:
                phrases.append(known)
            elif sum(map(str.isupper, found[0])) > sum(map(str.isupper, known)):  # as it stands in what was found
                places[found[0]], phrases[phrases.index(known)], known = places.pop(known), found[0], found[0]
            places.setdefault(known, []).append(place[0])
        elif said:
            phrases.append(said)
    told = [_search_phrase(phrase, places[phrase], language) if phrase in places else phrase for phrase in phrases]
    if not told:
        return ""
    limit = max(60, 380 // len(told) - 8)
    parts = [shorten(part, limit) for part in told]
    text = parts[0]
    for part in parts[1:]:
        text = say(language, "goal_then", first=text, rest=decapitalise(part))
    return shorten(capitalise(text), 400)


def _search_phrase(query: str, places: Sequence[str], language: str) -> str:
    names = join_texts(language, list(dict.fromkeys(places)))
    return say(language, "frag_search_on", text=wording.quote(query, 60), application=names)


def _left_out_entry(fragment: Fragment) -> dict[str, Json]:
    cites = [*shown_by(fragment)[1], *(a.id for a in fragment.facts()[:4])]
    return {"cite": list(dict.fromkeys(cites)), "fragment": fragment.label, "reason": "other_task"}
