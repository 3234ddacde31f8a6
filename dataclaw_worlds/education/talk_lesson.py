"""Expert of `interleaved_lesson` on lectures: the slides of the subject, each with what is taught while it is up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.words import tokens
from dataclaw.planning import Asking, decline, pages, statement, submit
from dataclaw.types import Anchor
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, Truth, listen, truths
from dataclaw_worlds.education.scope import RequestScope, aside_thoughts, in_order, scope_of, talk_cites
from dataclaw_worlds.education.script import WORDS
from dataclaw_worlds.education.sections import TeachingSection, merge_late, paragraphs, section_thought
from dataclaw_worlds.education.talk_summary import title_of
from dataclaw_worlds.education.thoughts import put
from dataclaw_worlds.words import enumeration, upper_first

AFTER = 0.2
"""A frame shows the slide that is up this long after its time: about the middle of its stretch of the video [s]."""
_WEAK = tuple(" ".join(tokens(name.partition("{")[0])) for name in WORDS.phrases("weak"))


def write_lesson(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested lesson."""
    if not brief.brief.frames:
        raise decline("the recording has no pictures", "Ask for a lecture_summary.")
    transcript = yield from listen(brief)
    slides = yield from pages("find_slides")
    scope = scope_of(brief, transcript)
    sections = merge_late([s for s in _sections(brief, transcript, slides, scope) if s.sentences], transcript)
    if not sections:
        raise decline("find_slides found no slide about the requested part", "Ask for another part.")
    answer = [paragraph for section in sections for paragraph in paragraphs(section)]
    openers = {h.topic: h for h in transcript.of("opener")}
    names = [str(t["title"]) for t in truths(brief, "topics")]
    shown = list(dict.fromkeys(s.topic for s in sections))[:4]
    asking = [transcript.saying(names[k], openers[k]) for k in shown]
    used = {c for item in answer for c in item["cite"]}
    dropped = [a.id for a in slides if a.id not in used and _use(brief, a)["use"] in {"digression", "notice"}]
    others = [h.cites[0] for h in openers.values() if h.topic not in scope.topics]
    yield from submit({
        "cot": in_order([
            *(section_thought(brief, s) for s in sections[:5]),
            *aside_thoughts(brief, transcript, scope.until, scope.topics),
        ]),
        "title": title_of(brief, transcript, scope),
        "question": statement(put(brief, "teach_topics", what=enumeration([names[k] for k in shown])),
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


def _sections(
    brief: ExpertBrief, transcript: Transcript, slides: Sequence[Anchor], scope: RequestScope
) -> list[TeachingSection]:
    found: list[TeachingSection] = []
    uses = [(_use(brief, slide), slide) for slide in slides]
    for topic in scope.topics:
        mine = {half: slide for use, slide in reversed(uses) if use["topic"] == topic for half in [int(use["half"])]}
        texts = _texts(transcript, scope, topic, exam=bool(brief.request.meaning.get("exam")))
        turn = mine[1].t0 - 1.0 if 1 in mine else float("inf")
        for half in sorted(mine):
            chosen = [(t, c) for t, c, at in texts if (at >= turn) == bool(half) or len(mine) == 1]
            opener = next(h for h in transcript.of("opener") if h.topic == topic)
            heading, named = _heading(brief, transcript, opener, mine[half])
            if half and 0 in mine and named:  # the topic has its name already
                heading, named = "", ()
            found.append(TeachingSection(topic, half, mine[half], heading, named, tuple(chosen)))
    return found


def _texts(
    transcript: Transcript, scope: RequestScope, topic: int, *, exam: bool
) -> list[tuple[str, tuple[str, ...], float]]:
    """What is taught about a topic: its facts and its example (not for the exam), with their cues and times [s]."""
    texts = [(t.text, t.cites, t.heard.t0) for t in scope.of(topic)]
    if texts and not exam:
        texts += [(str(h.truth["text"]), h.cites, h.t0) for h in transcript.of("example", topic)
                  if transcript.begins_before(h.cites, scope.until)]  # fmt: skip
    return sorted(texts, key=lambda text: text[2])


def _use(brief: ExpertBrief, slide: Anchor) -> Truth:
    """The truth about a slide: the one that its last frame shows."""
    first, last = cast("list[int]", slide.attrs["frames"])
    at = slide.t1 - (slide.t1 - slide.t0) / (last - first + 1) + AFTER
    return next((s for s in truths(brief, "slides") if s["t0"] <= at < s["t1"]), truths(brief, "slides")[-1])


def _heading(
    brief: ExpertBrief, transcript: Transcript, opener: HeardSentence, slide: Anchor
) -> tuple[str, tuple[str, ...]]:
    """The slide's heading where it names something and was read rightly, else the topic as it is announced."""
    shown = str(_use(brief, slide)["title"])
    weak = " ".join(tokens(shown)).rstrip(" 0123456789") in _WEAK
    if not weak and _stands(shown, slide):
        return shown, ()
    title = str(truths(brief, "topics")[opener.topic]["title"])
    return upper_first(title), tuple(transcript.holding(title, opener))


def _stands(text: str, slide: Anchor) -> bool:
    return bool(text) and tokens(str(slide.attrs.get("title") or "")) == tokens(text)
