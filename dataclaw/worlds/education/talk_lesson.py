"""Expert of `interleaved_lesson` on lectures: the slides of the subject, each with what is taught while it is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.words import tokens
from dataclaw.planning import CITES, Asking, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import Order
from dataclaw.worlds.education.deck import WEAK
from dataclaw.worlds.education.evidence import Heard, Transcript, Truth, listen, truths
from dataclaw.worlds.education.scope import Scope, aside, in_order, scope_of, talk_cites
from dataclaw.worlds.education.script import capital
from dataclaw.worlds.education.talk_summary import title_of

PICTURE = "<image_recall>"
BEFORE = 0.3
"""What was up so long before the next slide is what the slide's frame shows [s]."""
TOGETHER = 3
"""Sentences of a paragraph."""
_WEAK = tuple(" ".join(tokens(name.partition("{")[0])) for name in WEAK)


@dataclass(frozen=True, slots=True)
class Section:
    """A slide with what is taught while it is up.

    Attributes:
        topic: number of the topic.
        half: 0 for the first slide of a topic, 1 for the second.
        slide: the slide as it was found.
        heading: its heading, "" where it has none that names anything.
        named: cues that the heading is taken from; empty where it stands on the slide.
        sentences: `(text, cues)`.
        late: whether the next section is told already while the slide is up.
    """

    topic: int
    half: int
    slide: Anchor
    heading: str
    named: tuple[str, ...]
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    late: bool = False

    @property
    def frame(self) -> int:
        """The frame to show: the slide's last one, or one in its middle where it stays up while the next is told."""
        first, last = cast("list[int]", self.slide.attrs["frames"])
        return (first + last) // 2 if self.late else last

    def begins(self, transcript: Transcript) -> float:
        """When the first of what it cites begins [s]."""
        times = [transcript.cues[c].t0 for _, cites in self.sentences for c in cites]
        return min([self.slide.t0, *times, *(transcript.cues[c].t0 for c in self.named)])

    def ends(self, transcript: Transcript) -> float:
        """When the last of what it cites begins [s]."""
        return max(transcript.cues[c].t0 for _, cites in self.sentences for c in cites)


def write_lesson(order: Order) -> Asking[None]:
    """The lesson that was asked for."""
    if not order.brief.frames:
        raise decline("it has no pictures", "Ask for a lecture_summary.")
    transcript = yield from listen(order)
    slides = yield from pages("find_slides")
    scope = scope_of(order, transcript)
    sections = _orderly([s for s in _sections(order, transcript, slides, scope) if s.sentences], transcript)
    if not sections:
        raise decline("no slide about what is asked for was found", "Ask for another part.")
    answer = [paragraph for section in sections for paragraph in _paragraphs(section)]
    openers = {h.topic: h for h in transcript.of("opener")}
    names = [str(t["title"]) for t in truths(order, "topics")]
    shown = list(dict.fromkeys(s.topic for s in sections))[:4]
    asking = [transcript.saying(names[k], openers[k]) for k in shown]
    used = {c for item in answer for c in item["cite"]}
    dropped = [a.id for a in slides if a.id not in used and _use(order, a)["use"] in {"digression", "notice"}]
    others = [h.cites[0] for h in openers.values() if h.topic not in scope.topics]
    yield from submit({
        "cot": in_order([*(_thought(s) for s in sections[:5]), *aside(transcript, scope.until, scope.topics)]),
        "title": title_of(order, transcript, scope),
        "question": said(f"Please teach me {_listed([names[k] for k in shown])}, with the slides.",
                         [c for cites in asking for c in cites]),
        "answer": answer,
        "output_image": [{"cite": [s.slide.id], "frame": s.frame} for s in sections],
        "left_out": left_out(
            used,
            other_time=others if scope.timed else (),
            talk=[*talk_cites(transcript, scope.until), *dropped],
            other_topic=others if scope.narrowed else (),
        ),
    })  # fmt: skip


def _sections(order: Order, transcript: Transcript, slides: Sequence[Anchor], scope: Scope) -> list[Section]:
    found: list[Section] = []
    uses = [(_use(order, slide), slide) for slide in slides]
    for topic in scope.topics:
        mine = {half: slide for use, slide in reversed(uses) if use["topic"] == topic for half in [int(use["half"])]}
        texts = _texts(transcript, scope, topic, exam=bool(order.ask.wish.get("exam")))
        turn = mine[1].t0 - 1.0 if 1 in mine else float("inf")
        for half in sorted(mine):
            chosen = [(t, c) for t, c, at in texts if (at >= turn) == bool(half) or len(mine) == 1]
            opener = next(h for h in transcript.of("opener") if h.topic == topic)
            heading, named = _heading(order, transcript, opener, mine[half])
            if half and 0 in mine and named:  # the topic has its name already
                heading, named = "", ()
            found.append(Section(topic, half, mine[half], heading, named, tuple(chosen)))
    return found


def _orderly(sections: Sequence[Section], transcript: Transcript) -> list[Section]:
    """The sections in order; what is told while its slide is not up yet, or no more, goes with the slide before."""
    kept: list[Section] = []
    for section in sections:
        before = kept[-1] if kept else None
        if before is not None and section.begins(transcript) < before.ends(transcript):
            kept[-1] = replace(before, sentences=(*before.sentences, *section.sentences))
            continue
        if before is not None and section.begins(transcript) <= before.slide.t1:
            kept[-1] = replace(before, late=True)
        kept.append(section)
    return kept


def _texts(transcript: Transcript, scope: Scope, topic: int, *, exam: bool) -> list[tuple[str, tuple[str, ...], float]]:
    """What is taught of a topic: its facts and its example (not for the exam), with their cues and times [s]."""
    texts = [(t.text, t.cites, t.heard.t0) for t in scope.of(topic)]
    if texts and not exam:
        texts += [(str(h.truth["text"]), h.cites, h.t0) for h in transcript.of("example", topic)
                  if all(transcript.cues[c].t0 < scope.until for c in h.cites)]  # fmt: skip
    return sorted(texts, key=lambda text: text[2])


def _use(order: Order, slide: Anchor) -> Truth:
    """What is known of a slide: the one that its last frame shows."""
    at = max(slide.t0, slide.t1 - BEFORE)
    return next((s for s in truths(order, "slides") if s["t0"] <= at < s["t1"]), truths(order, "slides")[-1])


def _heading(order: Order, transcript: Transcript, opener: Heard, slide: Anchor) -> tuple[str, tuple[str, ...]]:
    """The slide's own heading where it names something and was read rightly, else what the lecturer says."""
    shown = str(_use(order, slide)["title"])
    weak = " ".join(tokens(shown)).rstrip(" 0123456789") in _WEAK
    if not weak and _stands(shown, slide):
        return shown, ()
    title = str(truths(order, "topics")[opener.topic]["title"])
    return capital(title), tuple(transcript.holding(title, opener))


def _stands(text: str, slide: Anchor) -> bool:
    return bool(text) and tokens(str(slide.attrs.get("title") or "")) == tokens(text)


def _paragraphs(section: Section) -> list[dict[str, Json]]:
    opening = f"## {section.heading}\n\n{PICTURE}" if section.heading else PICTURE
    groups: list[list[tuple[str, tuple[str, ...]]]] = []
    for text, cites in section.sentences:
        last = groups[-1] if groups else []
        room = CITES - (1 + len(section.named) if len(groups) <= 1 else 0)
        if last and len(last) < TOGETHER and len({c for _, cs in [*last, (text, cites)] for c in cs}) <= room:
            last.append((text, cites))
        else:
            groups.append([(text, cites)])
    told = [(" ".join(text for text, _ in group), [c for _, cites in group for c in cites]) for group in groups]
    first, *rest = told
    start = said(f"{opening}\n\n{first[0]}", [section.slide.id, *section.named, *first[1]])
    return [start, *(said(text, cites) for text, cites in rest)]


def _thought(section: Section) -> tuple[float, dict[str, Json]]:
    slide = section.slide
    what = section.heading or "more of the same topic"
    text = f"The slide from {slide.t0:.1f} s to {slide.t1:.1f} s belongs to the subject: {what}."
    return slide.t0, said(text, [slide.id])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
