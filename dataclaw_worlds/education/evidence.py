"""What an expert finds with the tools, matched with the truth: sentences of the transcript and their purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from dataclaw.domains.education.lessons import text_of
from dataclaw.domains.education.sentences import CitedCue, sentences_of
from dataclaw.domains.education.words import tokens
from dataclaw.planning import Asking, ask, pages
from dataclaw.types import Anchor
from dataclaw.worlds.base import ExpertBrief

Truth: TypeAlias = Mapping[str, Any]
"""An entry of a scene's facts."""


@dataclass(frozen=True, slots=True)
class HeardSentence:
    """A sentence that was found in the transcript.

    Attributes:
        truth: what the scene's facts say about it.
        cites: ids of the cues it runs through.
        t0: start of the first of these cues [s].
    """

    truth: Truth
    cites: tuple[str, ...]
    t0: float

    @property
    def role(self) -> str:
        """What it is for."""
        return str(self.truth["role"])

    @property
    def topic(self) -> int:
        """Number of its topic, -1 for none."""
        return int(self.truth["topic"])

    @property
    def fact(self) -> int:
        """Number of its fact, -1 for none."""
        return int(self.truth["fact"])


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript with the truth about it.

    Attributes:
        cues: the anchors of the cues by id.
        heard: sentences that were found, in order.
    """

    cues: Mapping[str, Anchor]
    heard: tuple[HeardSentence, ...]

    def of(self, role: str, topic: int | None = None) -> list[HeardSentence]:
        """The sentences of a role, of one topic or of all."""
        return [h for h in self.heard if h.role == role and topic in (None, h.topic)]

    def begins_before(self, cites: Iterable[str], until: float) -> bool:
        """Whether all of the cues begin before a time [s]."""
        return all(self.cues[cite].t0 < until for cite in cites)

    def holding(self, text: str, heard: HeardSentence) -> list[str]:
        """The fewest cues of a sentence that hold a stretch of it word for word; none where they do not."""
        cites = list(heard.cites)
        wanted = tokens(text)
        if not self._hold(cites, wanted):
            return []
        while len(cites) > 1 and self._hold(cites[1:], wanted):
            cites = cites[1:]
        while len(cites) > 1 and self._hold(cites[:-1], wanted):
            cites = cites[:-1]
        return cites

    def saying(self, text: str, heard: HeardSentence) -> list[str]:
        """Of the cues that hold a stretch, those with three words of it in a row."""
        wanted = tokens(text)
        runs = [wanted[at : at + 3] for at in range(max(1, len(wanted) - 2))]
        return [c for c in self.holding(text, heard) if any(self._hold([c], run) for run in runs)]

    def _hold(self, cites: Sequence[str], wanted: Sequence[str]) -> bool:
        said = [token for cite in cites for token in tokens(text_of(self.cues[cite]))]
        return f" {' '.join(wanted)} " in f" {' '.join(said)} "


def listen(brief: ExpertBrief) -> Asking[Transcript]:
    """Read the transcript."""
    found = yield from pages("read_transcript")
    cues = [CitedCue(a.id, text_of(a), a.t0, a.t1) for a in found]
    told = sentences_of(cues)
    heard: list[HeardSentence] = []
    at = 0
    for line in truths(brief, "said"):
        wanted = tokens(str(line["text"]))
        hit = next((k for k in range(at, len(told)) if tokens(told[k].text) == wanted), None)
        if hit is not None:
            heard.append(HeardSentence(line, told[hit].cites, told[hit].t0))
            at = hit + 1
    return Transcript({a.id: a for a in found}, tuple(heard))


def look_over() -> Asking[Mapping[str, int]]:
    """Numbers of events by kind, from the overview."""
    seen = yield from ask("overview")
    return cast("Mapping[str, int]", seen.data.get("by_kind", {}))


def truths(brief: ExpertBrief, key: str) -> list[Truth]:
    """A list of the scene's facts."""
    return cast("list[Truth]", brief.scene.facts.get(key) or [])


def said_at(heard: HeardSentence) -> str:
    """When it is said, in words."""
    return f"{heard.t0:.1f} s"
