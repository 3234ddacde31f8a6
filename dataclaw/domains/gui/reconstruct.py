"""Plan of `long_horizon_reconstruction`: which fragments belong to one task, and in which order.

Belonging is judged by what fragments share (words, applications, look of their ends, size of the screen, time of day);
order by clocks on the screen, ends that look like starts, and what comes early or late in any task (searching before
ordering). Every link of the chain cites what it was read from. Not covered: knowing what a task ought to look like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.arrange import Pairs, arrange, together
from dataclaw.domains.gui.drafts import CITES
from dataclaw.domains.gui.goals import goal
from dataclaw.domains.gui.intents import applications
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step
from dataclaw.planning import decapitalise
from dataclaw.types import Action, Anchor, Brief, Json

SURE_CLOCK = 0.5
"""Least confidence of a text in the strips where clocks are."""

READINGS = 20
"""Most frames that are read over all fragments."""

ENOUGH_WORDS = 6
"""With so many different words in its events a fragment needs no reading but of its clock."""

STAGES = (
    r"home screen|inbox|sign in|log ?in|welcome|start menu|play store",
    r"search|find|results",
    r"details|product|options?|colour|color|size|quantity|compare|description",
    r"add to (?:cart|basket|bag)|cart|basket",
    r"checkout|address|payment|shipping method|card number",
    r"placed|thank you|confirmed|sent|saved|success|receipt|order number",
)
"""What is early and what is late in most tasks, in order."""

_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})(?::\d{2})?\b")
_EDGE = 0.07
_TELLING = re.compile(
    r"\b(?:search|add to|buy|checkout|order|send|save|reply|book|pay|compare|cart|sign in|settings|message)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is known of one fragment.

    Attributes:
        label: its label.
        size: `(width, height)` [px] of its frames, or None.
        frames: number of its frames.
        steps: its events.
        texts: texts read off its frames, in order of time.
        windows: window anchors.
    """

    label: str
    size: tuple[int, int] | None = None
    frames: int = 0
    steps: tuple[Step, ...] = ()
    texts: tuple[Anchor, ...] = ()
    windows: tuple[Anchor, ...] = ()
    application: Mapping[str, str] = field(default_factory=dict[str, str])

    def facts(self) -> list[Anchor]:
        """Everything citable, in order of time."""
        events = [s.event for s in self.steps]
        return sorted([*events, *self.texts, *self.windows], key=lambda a: a.t0)

    def words(self) -> set[str]:
        """The words of its events, windows and texts that may tell what it is about."""
        said = " ".join([*(_event_words(s) for s in self.steps), *(a.content for a in (*self.texts, *self.windows))])
        return set(re.findall(r"[^\W\d_]{3,}", said.lower()))

    def applications(self) -> set[str]:
        """Applications that come to the front in it."""
        return {self.application[s.page] for s in self.steps if s.page in self.application}

    def clock(self) -> tuple[int, Anchor] | None:
        """Time of day on its first screen that shows one [minutes], and the text that says so."""
        for text in self.texts:
            found = _CLOCK.search(text.content)
            if found and self._at_edge(text) and int(found[1]) < 24 and int(found[2]) < 60:
                return int(found[1]) * 60 + int(found[2]), text
        return None

    def stage(self) -> tuple[float, Anchor] | None:
        """How late in a task it looks, 0..1, and the fact that says so most."""
        hits = [(at, a) for a in self.facts() for at, words in enumerate(STAGES) if re.search(words, _says(a).lower())]
        if not hits:
            return None
        mean = sum(at for at, _ in hits) / len(hits) / (len(STAGES) - 1)
        return mean, max(hits, key=lambda hit: hit[0])[1]

    def _at_edge(self, text: Anchor) -> bool:
        if self.size is None or text.box is None:
            return False
        return text.box[3] < _EDGE * self.size[1] or text.box[1] > (1 - _EDGE) * self.size[1]


def reconstruct(brief: Brief) -> Asking[dict[str, Json]]:
    """The draft of `long_horizon_reconstruction`."""
    overview = yield Action("overview", {})
    compared = yield Action("compare_parts", {})
    links = [a for a in compared.anchors if a.kind == "link"] if compared.ok else []
    fragments: list[Fragment] = []
    for label in brief.labels:
        about = cast("Mapping[str, Json]", overview.data.get("parts", {}).get(label, {}))
        windows = tuple(a for a in overview.anchors if a.kind == "window" and a.part == label)
        fragments.append((yield from _look(label, about, windows, len(brief.labels))))
    fragments = _with_applications(fragments)
    pairs = _pairs(fragments, links)
    kept = together(pairs)
    order = arrange([f for f in range(len(fragments)) if f in kept], pairs)
    return _draft([fragments[at] for at in order], [f for at, f in enumerate(fragments) if at not in kept], links)


def _look(label: str, about: Mapping[str, Json], windows: tuple[Anchor, ...], count: int) -> Asking[Fragment]:
    size = cast("Sequence[int] | None", about.get("size"))
    frames = int(about.get("frames") or 0)
    join_texts = (yield Action("list_events", {"part": label})) if about.get("events") else None
    events = [a for a in join_texts.anchors if a.kind == "event"] if join_texts is not None and join_texts.ok else []
    steps = tuple(Step(e, str(e.attrs.get("window") or ""), text=str(e.attrs.get("text") or "")) for e in events)
    found = Fragment(label, (int(size[0]), int(size[1])) if size else None, frames, steps, (), windows)
    if frames == 0:
        return found
    texts = yield from _edges(label, found.size)
    if len(found.words()) < ENOUGH_WORDS:
        texts += yield from _screens(label, frames, count)
    return replace(found, texts=texts)


def _edges(label: str, size: tuple[int, int] | None) -> Asking[tuple[Anchor, ...]]:
    """The strips of the first frame where clocks are: at the top, on a desktop also at the bottom."""
    if size is None:
        return ()
    width, height = size
    strips = [(0, 0, width, round(height * _EDGE))]
    strips += [(0, round(height * (1 - _EDGE)), width, height)] if width > height else []
    texts: list[Anchor] = []
    for strip in strips:
        seen = yield Action("read_text", {"frame": 0, "box": list(strip), "part": label})
        texts += [a for a in seen.anchors if a.confidence >= SURE_CLOCK] if seen.ok else ()
    return tuple(texts)


def _screens(label: str, frames: int, count: int) -> Asking[tuple[Anchor, ...]]:
    """A few whole frames; never the very last, which often shows what comes after the fragment."""
    inner = max(1, min(3, READINGS // max(1, count)))
    chosen = sorted({0, *(((frames - 1) * k) // inner for k in range(1, inner))})
    texts: list[Anchor] = []
    for frame in chosen:
        seen = yield Action("read_text", {"frame": frame, "region": "full", "part": label})
        texts += [a for a in seen.anchors if a.confidence >= 0.6] if seen.ok else ()
    return tuple(texts)


def _with_applications(fragments: Sequence[Fragment]) -> list[Fragment]:
    named = applications(list(dict.fromkeys(s.page for f in fragments for s in f.steps if s.page)))
    return [replace(f, application=named) for f in fragments]


def _pairs(fragments: Sequence[Fragment], links: Sequence[Anchor]) -> Pairs:
    place = {f.label: at for at, f in enumerate(fragments)}
    look = {(place[str(a.attrs["from"])], place[str(a.attrs["to"])]): a.confidence for a in links}
    holders: dict[str, int] = {}
    for fragment in fragments:
        for word in fragment.words():
            holders[word] = holders.get(word, 0) + 1
    telling = {w for w, n in holders.items() if 1 < n < len(fragments) or len(fragments) < 3}
    bond: dict[tuple[int, int], float] = {}
    before: dict[tuple[int, int], float] = {}
    for i, a in enumerate(fragments):
        for j, b in enumerate(fragments):
            if i < j:
                bond[i, j] = bond[j, i] = _bond(a, b, telling, max(look.get((i, j), 0), look.get((j, i), 0)))
                before[i, j] = _before(a, b)
                before[j, i] = -before[i, j]
    return Pairs(len(fragments), bond, look, before)


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
    return shared + 0.4 * bool(a.applications() & b.applications()) + 0.4 * max(0.0, look - 0.5) / 0.5 + near


def _before(a: Fragment, b: Fragment) -> float:
    """What speaks for a fragment coming before another, -1..1 for stages, -5..5 for clocks."""
    clock_a, clock_b = a.clock(), b.clock()
    if clock_a and clock_b and clock_a[0] != clock_b[0]:
        return 5.0 if clock_a[0] < clock_b[0] else -5.0
    stage_a, stage_b = a.stage(), b.stage()
    return stage_b[0] - stage_a[0] if stage_a and stage_b else 0.0


def _draft(order: Sequence[Fragment], others: Sequence[Fragment], links: Sequence[Anchor]) -> dict[str, Json]:
    chain = [_link(f, order[at - 1] if at else None, at, links) for at, f in enumerate(order)]
    return {
        "cot": chain,
        "ordered_fragment_labels": [f.label for f in order],
        "original_task": _task(order)[:400],
        "left_out": [_left_out_entry(f) for f in others],
    }


def _link(fragment: Fragment, before: Fragment | None, at: int, links: Sequence[Anchor]) -> dict[str, Json]:
    phrase, cites = _state(fragment)
    why = "it opens the task" if before is None else f"it comes {_ordinal(at)}"
    if before is not None and (found := _why_after(before, fragment, links)):
        why, cite = found
        cites = [*cites, *cite]
    return {"cite": list(dict.fromkeys(cites))[:CITES], "text": f"{phrase}; {why}."[:240], "fragment": fragment.label}


def _why_after(before: Fragment, fragment: Fragment, links: Sequence[Anchor]) -> tuple[str, list[str]] | None:
    here, there = fragment.clock(), before.clock()
    if here and there and here[0] > there[0]:
        said = f"{here[0] // 60}:{here[0] % 60:02d}"
        return f"its clock says {said}, later than in {before.label}", [here[1].id]
    look = next((a for a in links if (a.attrs["from"], a.attrs["to"]) == (before.label, fragment.label)), None)
    if look is not None and look.confidence >= 0.8:
        return f"it starts where {before.label} ends", [look.id]
    later, earlier = fragment.stage(), before.stage()
    if later and earlier and later[0] > earlier[0]:
        return f"{wording.quote(_says(later[1]), 40)} comes later in a task than what {before.label} shows", [
            later[1].id
        ]
    return None


def _state(fragment: Fragment) -> tuple[str, list[str]]:
    """What a fragment shows, and what says so."""
    if fragment.steps:
        text, cites = goal(fragment.steps, _recording(fragment), 130)
        return f"{fragment.label}: {text}", cites
    line = _telling(fragment)
    if line is not None:
        return f"{fragment.label} shows {wording.quote(line.content, 60)}", [line.id]
    facts = fragment.facts()
    return f"{fragment.label} says little", [facts[0].id] if facts else []


def _telling(fragment: Fragment) -> Anchor | None:
    """The text that tells most about what is done in a fragment without events."""
    lines = [a for a in fragment.texts if 4 <= len(a.content) <= 80 and not _CLOCK.fullmatch(a.content.strip())]
    active = [a for a in lines if _TELLING.search(a.content)]
    return max(active or lines, key=lambda a: (min(len(a.content), 40), a.confidence), default=None)


def _task(order: Sequence[Fragment]) -> str:
    """The whole task: what each fragment does, and what most of them are about."""
    if all(f.steps for f in order):
        limit = max(60, 380 // max(1, len(order)) - 8)
        phrases = [goal(f.steps, _recording(f), limit)[0] for f in order]
        return "; then ".join([phrases[0], *(decapitalise(p) for p in phrases[1:])])
    topic = _topic(order)
    done = [wording.quote(line.content, 40) for f in order if (line := _telling(f)) is not None]
    steps = ", then ".join(dict.fromkeys(done))
    return f"Look for {wording.quote(topic, 60)}: {steps}." if topic else f"Go through {steps}."


def _topic(order: Sequence[Fragment]) -> str:
    """The longest run of words that two or more fragments share, "" when there is none of two words."""
    runs: dict[str, set[str]] = {}
    for fragment in order:
        for text in fragment.texts:
            words = re.findall(r"[\w'-]+", text.content)
            for start in range(len(words)):
                for end in range(start + 2, min(len(words), start + 6) + 1):
                    runs.setdefault(" ".join(words[start:end]), set()).add(fragment.label)
    shared = [run for run, labels in runs.items() if len(labels) > 1]
    return max(shared, key=lambda r: (len(runs[r]), len(r.split()), len(r)), default="")


def _left_out_entry(fragment: Fragment) -> dict[str, Json]:
    facts = fragment.facts()
    line = _telling(fragment)
    cites = [line.id] if line is not None else []
    cites += [a.id for a in facts[:4]]
    return {"cite": list(dict.fromkeys(cites)), "fragment": fragment.label, "reason": "other_task"}


def _recording(fragment: Fragment) -> GuiRecording:
    return GuiRecording(fragment.steps, fragment.windows, fragment.size, application=fragment.application)


def _event_words(step: Step) -> str:
    return f"{step.page} {step.name} {step.text}"


def _says(anchor: Anchor) -> str:
    if anchor.kind == "event":
        return " ".join(str(anchor.attrs.get(key) or "") for key in ("target", "text", "window"))
    return anchor.content


def _ordinal(at: int) -> str:
    return ("first", "second", "third", "fourth", "fifth", "sixth")[at] if at < 6 else f"as number {at + 1}"
