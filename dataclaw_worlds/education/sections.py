"""Sections of teaching material: each is a picture with what is taught while it is up, as paragraphs that cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.planning import CITES, statement
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import Transcript
from dataclaw_worlds.education.thoughts import put

PICTURE = "<image_recall>"
TOGETHER = 3
"""Sentences of a paragraph."""


@dataclass(frozen=True, slots=True)
class TeachingSection:
    """A slide with what is taught while it is up.

    Attributes:
        topic: number of the topic.
        half: 0 for the first slide of a topic, 1 for the second.
        slide: the slide as it was found.
        heading: its heading, "" where it has none that names anything.
        named: cues that the heading is taken from; empty where it stands on the slide.
        sentences: `(text, cues)`.
        late: whether the next section begins while the slide is still up.
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
        """The frame to show: the slide's last one, or the middle one where the next section begins while it is up."""
        first, last = cast("list[int]", self.slide.attrs["frames"])
        return (first + last) // 2 if self.late else last

    def begins(self, transcript: Transcript) -> float:
        """When the first of what it cites begins [s]."""
        times = [transcript.cues[c].t0 for _, cites in self.sentences for c in cites]
        return min([self.slide.t0, *times, *(transcript.cues[c].t0 for c in self.named)])

    def ends(self, transcript: Transcript) -> float:
        """When the last of what it cites begins [s]."""
        return max(transcript.cues[c].t0 for _, cites in self.sentences for c in cites)


def merge_late(sections: Sequence[TeachingSection], transcript: Transcript) -> list[TeachingSection]:
    """The sections in order; a section that begins before the last one has ended is merged into it."""
    kept: list[TeachingSection] = []
    for section in sections:
        before = kept[-1] if kept else None
        if before is not None and section.begins(transcript) < before.ends(transcript):
            kept[-1] = replace(before, sentences=(*before.sentences, *section.sentences))
            continue
        if before is not None and section.begins(transcript) <= before.slide.t1:
            kept[-1] = replace(before, late=True)
        kept.append(section)
    return kept


def paragraphs(section: TeachingSection) -> list[dict[str, Json]]:
    """Heading and picture, then what is taught, a few sentences at a time."""
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
    start = statement(f"{opening}\n\n{first[0]}", [section.slide.id, *section.named, *first[1]])
    return [start, *(statement(text, cites) for text, cites in rest)]


def section_thought(brief: ExpertBrief, section: TeachingSection) -> tuple[float, dict[str, Json]]:
    """Why the slide is kept, and when it is up [s]."""
    slide = section.slide
    what = section.heading or "more of the same topic"
    text = put(brief, "shown", at=f"{slide.t0:.1f} s", to=f"{slide.t1:.1f} s", what=what)
    return slide.t0, statement(text, [slide.id])
