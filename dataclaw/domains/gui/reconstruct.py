"""Plan of `long_horizon_reconstruction`: which fragments belong to one task, and in which order.

Belonging is judged by what fragments share (what is searched for, words, applications, the size of the screen, the time
of day); order by clocks on the screen and by how far the task has come. That one clip ends as another begins is often
made by the cutting: it decides only between fragments that nothing else puts in order. Every link of the chain says
what it rests on, or that nothing on the fragment tells its place. Not covered: knowing what a task ought to look like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.arrange import Pairs, best_order, together
from dataclaw.domains.gui.carrying import Handover, handovers, is_ahead, strangers
from dataclaw.domains.gui.drafts import CITES, CitedText
from dataclaw.domains.gui.fragments import EDGE, Fragment, shown_by, state_of
from dataclaw.domains.gui.intents import applications
from dataclaw.domains.gui.language import LANGUAGES, join_texts, language_of, say
from dataclaw.domains.gui.recording import Asking, Step
from dataclaw.domains.gui.screens import tidy_line
from dataclaw.planning import arrange, capitalise, decapitalise, decline, option, shorten
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

OPTION_WORDS = 60
"""Most words that a chooser sees of a fragment."""

HANDED = 2.0
"""How much it weighs that one fragment writes what another one brought."""

LOOK, NEXT = 0.5, 0.8
"""Most that likeness of an end and a beginning weighs beside everything else, and how like a title must be to count."""


class FragmentWords:
    """What is said of fragments and of their task; this class reads it off them."""

    def state(self, fragment: Fragment) -> CitedText:
        """What is done in a fragment, or else what it shows."""
        said = state_of(fragment)
        return said if said[0] else shown_by(fragment)

    def why(self, fragment: Fragment) -> str:
        """Why a fragment comes where it does, a clause; "" where it must be concluded."""
        del fragment
        return ""

    def task(self, order: Sequence[Fragment]) -> str:
        """The whole task as a request, "" where nothing tells it."""
        return _task(order)


@dataclass(frozen=True, slots=True)
class FragmentOrder:
    """Fragments in the order of their task.

    Attributes:
        fragments: those that belong to it.
        others: those that do not.
        handed: what is handed on, by the labels of who brings it and who writes it.
        links: how the end of one looks like the beginning of another.
        by: who chose the order.
    """

    fragments: Sequence[Fragment]
    others: Sequence[Fragment]
    handed: Mapping[tuple[str, str], Handover]
    links: Sequence[Anchor]
    by: str


def reconstruct(brief: Brief, words: FragmentWords) -> Asking[dict[str, Json]]:
    """The draft of `long_horizon_reconstruction`.

    Raises:
        PolicyError: nothing on the fragments tells what is done in them, or none of them is wanted.
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
    handed = handovers(fragments)
    pairs = _pairs(fragments, links, handed)
    kept = together(pairs)
    kept -= strangers(fragments, kept, handed)
    own = [fragments[at].label for at in best_order(sorted(kept), pairs)]
    order, by = yield from arrange("gui.fragments", [_option(fragment) for fragment in fragments], own)
    known = {fragment.label: fragment for fragment in fragments}
    chosen = [known[label] for label in order]
    others = [fragment for fragment in fragments if fragment not in chosen]
    named_pairs = {(fragments[i].label, fragments[j].label): what for (i, j), what in handed.items()}
    return _draft(FragmentOrder(chosen, others, named_pairs, links, by), words)


def _option(fragment: Fragment) -> Anchor:
    """A fragment as a chooser sees it: its titles, names and typed texts, or lines, as they come."""
    facts = [text for step in fragment.steps for text in (step.page, step.name, step.text)]
    texts = dict.fromkeys(text for text in (*facts, *(line.content for line in fragment.lines())) if text)
    clock, stage = fragment.clock(), fragment.stage()
    said: dict[str, Json] = {"application": ", ".join(sorted(fragment.applications()))}
    said |= {"clock": clock[0]} if clock else {}
    said |= {"size": list(fragment.size)} if fragment.size else {}
    said |= {"stage": round(stage[0], 3)} if stage else {}
    content = " ".join("; ".join(texts).split()[:OPTION_WORDS])
    return option(fragment.label, content, [fact.id for fact in fragment.facts()[:CITES]], **said)


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


def _pairs(fragments: Sequence[Fragment], links: Sequence[Anchor], handed: Mapping[tuple[int, int], Handover]) -> Pairs:
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
                if any(pair in handed and handed[pair].sure for pair in ((i, j), (j, i))):
                    bond[i, j] = bond[j, i] = max(1.0, bond[i, j])
                before[i, j] = _before(a, b) + HANDED * (((i, j) in handed) - ((j, i) in handed))
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
    return is_ahead(a, b) + (stage_b[0] - stage_a[0] if stage_a and stage_b else 0.0)


def _draft(order: FragmentOrder, words: FragmentWords) -> dict[str, Json]:
    task = words.task(order.fragments) if order.fragments else ""
    if not task:
        raise decline("nothing on the fragments tells what is done in them",
                      "Give recordings with events, or with text that can be read.")  # fmt: skip
    return {
        "cot": [_link(at, order, words) for at in range(len(order.fragments))],
        "ordered_fragment_labels": [f.label for f in order.fragments],
        "original_task": task,
        "left_out": [_left_out_entry(f) for f in order.others],
    }


def _link(at: int, order: FragmentOrder, words: FragmentWords) -> dict[str, Json]:
    fragment = order.fragments[at]
    language = fragment.language
    said, cites = words.state(fragment)
    why, more = (words.why(fragment), list[str]())
    if not why:
        why, more = _why_here(at, order)
    text = say(language, "frag_link" if why else "frag_state", label=fragment.label,
               state=said or say(language, "frag_silent"), why=why)  # fmt: skip
    own = cites or [fact.id for fact in fragment.facts()[:1]]
    found = list(dict.fromkeys([*own[: CITES - 1], *more]))[:CITES]
    return {"cite": found, "text": shorten(text, 240), "fragment": fragment.label}


def _why_here(at: int, order: FragmentOrder) -> tuple[str, list[str]]:
    """Why a fragment comes at its place, and what says so; "" where nothing says why it was put there."""
    fragment, before = order.fragments[at], order.fragments[at - 1] if at else None
    language, here = fragment.language, fragment.clock()
    if before is None:
        said = say(language, "frag_first_clock", clock=_time(here[0])) if here else say(language, "frag_first")
        return said, [here[1].id] if here else []
    there = before.clock()
    if here and there and here[0] > there[0]:
        said = say(language, "frag_clock", clock=_time(here[0]), earlier=_time(there[0]), label=before.label)
        return said, [here[1].id, there[1].id]
    for earlier in reversed(order.fragments[:at]):
        if (brought := order.handed.get((earlier.label, fragment.label))) is not None:
            proof = [brought.brought.id] if earlier is before else []
            said = say(language, "frag_handed", text=wording.quote(brought.text), label=earlier.label)
            return said, [brought.written.id, *proof]
    later, earlier = fragment.stage(), before.stage()
    if later and earlier and later[0] > earlier[0]:
        said = say(language, "frag_later", text=wording.quote(later[1], 40), label=before.label)
        return said, [later[2].id, earlier[2].id]
    look = next((a for a in order.links if (a.attrs["from"], a.attrs["to"]) == (before.label, fragment.label)), None)
    if look is not None and look.confidence >= NEXT:
        return say(language, "frag_continues", label=before.label), [look.id]
    return say(language, "frag_given") if order.by == "rules" else "", []


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
