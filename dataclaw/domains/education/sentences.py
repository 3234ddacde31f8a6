"""Sentences out of subtitle cues: joined across cue borders, each with its cues.

Subtitles are cut by width, not by sense, and a quotation has to cite every cue that it runs through. Transcripts
without sentence marks (automatic captions) give no sentences.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dataclaw.domains.education.words import FILLERS, plain, tokens
from dataclaw.planning import CITES, capitalise
from dataclaw.words import words_beside

MARKED = 1 / 45
"""Least sentence marks per word of a punctuated transcript; spoken sentences are 10 to 30 words long."""

_PATTERNS = words_beside(__file__).patterns
_LOOSE = str.maketrans("[]♪", "   ")  # of a stage direction cut by a cue's border
_LEADS = {code: _PATTERNS[f"leads_{code}"] for code in ("en", "es")}


@dataclass(frozen=True, slots=True)
class CitedCue:
    """A subtitle cue.

    Attributes:
        id: how it is cited.
        text: what is said, with its stage directions.
        t0: start [s].
        t1: end [s].
        speaker: who begins to speak with it, "" where nobody is named.
    """

    id: str
    text: str
    t0: float
    t1: float
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it was said.

    Attributes:
        text: its words, without stage directions and the name of the speaker.
        cites: ids of the cues it runs through, in order.
        t0: start of its first cue [s].
        t1: end of its last cue [s].
        fresh: whether it begins its first cue.
        head: number of its words in the first cue.
        speaker: who begins to speak with it, "" for the one before.
    """

    text: str
    cites: tuple[str, ...]
    t0: float
    t1: float
    fresh: bool = True
    head: int = 0
    speaker: str = ""

    @property
    def question(self) -> bool:
        """Whether it asks."""
        return self.text.rstrip("\"'”’)").endswith(("?", "？"))

    @property
    def length(self) -> int:
        """Words."""
        return len(tokens(self.text))


def has_sentence_marks(cues: Sequence[CitedCue]) -> bool:
    """Whether a transcript has enough sentence marks to give sentences."""
    words = sum(len(tokens(cue.text)) for cue in cues)
    marks = sum(len(_PATTERNS["mark"].findall(cue.text)) for cue in cues)
    return words > 0 and marks / words >= MARKED


def sentences_of(cues: Sequence[CitedCue]) -> list[Sentence]:
    """The sentences of a punctuated transcript, in order, without those over more cues than can be cited."""
    found: list[Sentence] = []
    for stretch in _stretches(cues):
        starts: list[int] = []
        text = ""
        for cue in stretch:
            starts.append(len(text))
            text += f"{_speech(cue.text)} "
        begin = 0
        for end in _ends(text):  # text without a mark at its end was cut off, or is no sentence
            found += _sentence(text, begin, end, stretch, starts)
            begin = end
    return [s for s in found if len(s.cites) <= CITES]


def without_lead(sentence: Sentence, language: str) -> Sentence:
    """A sentence without the words that only lead into it ("So", "And now,"), with a capital letter."""
    lead = _LEADS.get(language)
    text = lead.sub("", sentence.text) if lead else sentence.text
    first = text.split(maxsplit=1)[0] if text else ""
    text = capitalise(text) if first == first.lower() else text
    passed = 0 < sentence.head <= sentence.length - len(tokens(text)) and len(sentence.cites) > 1
    return replace(sentence, text=text, cites=sentence.cites[1:] if passed else sentence.cites, head=0)


def clean(sentence: Sentence) -> bool:
    """Whether a sentence can be shown: no hesitation, no word twice in a row, brackets and quotes in pairs."""
    text = sentence.text
    whole = text.count("(") == text.count(")") and text.count('"') % 2 == 0 and text[0] not in "-–"
    return (
        whole
        and not _PATTERNS["twice"].search(text)
        and not _PATTERNS["stray"].search(text)
        and not FILLERS & set(tokens(text))
    )


def pieces(text: str) -> list[str]:
    """The pieces of a text between the ends of its sentences and at "…"."""
    found: list[str] = []
    begin = 0
    padded = f"{text} "
    for end in [*_ends(padded), len(padded)]:
        found += [piece for part in padded[begin:end].split("…") if (piece := part.strip())]
        begin = end
    return found


def _stretches(cues: Sequence[CitedCue]) -> list[list[CitedCue]]:
    """Runs of cues; a new speaker or a cue without words begins a new one. A repeated cue is kept once."""
    runs: list[list[CitedCue]] = [[]]
    last = ""
    for cue in cues:
        text = plain(cue.text)
        if not text or cue.speaker or _PATTERNS["speaker"].match(text):
            runs.append([])
        if text and text != last:
            runs[-1].append(cue)
        last = text
    return [run for run in runs if run]


def _speech(text: str) -> str:
    return _PATTERNS["speaker"].sub("", plain(text)).translate(_LOOSE)


def _ends(text: str) -> list[int]:
    """Where sentences end: behind a mark, unless the next word begins with a small letter."""
    ends: list[int] = []
    for match in _PATTERNS["end"].finditer(text):
        rest = text[match.end() :].split(maxsplit=1)
        word = rest[0] if rest else ""
        begins = word != word.lower() or word == word.upper() or match[0][0] in "。？！"  # edX.org begins one too
        if begins and not (match[0] == "." and word and _PATTERNS["abbreviation"].search(text[: match.end()])):
            ends.append(match.end())
    return ends


def _sentence(text: str, begin: int, end: int, cues: Sequence[CitedCue], starts: Sequence[int]) -> list[Sentence]:
    begin += len(text[begin:end]) - len(text[begin:end].lstrip())
    said = text[begin:end].strip()
    if not tokens(said):
        return []
    first, last = bisect_right(starts, begin) - 1, bisect_right(starts, begin + len(said) - 1) - 1
    through = cues[first : last + 1]
    head = len(tokens(text[begin : starts[first + 1]])) if last > first else 0
    fresh = begin == starts[first]
    speaker = through[0].speaker if fresh else ""
    return [Sentence(said, tuple(c.id for c in through), through[0].t0, through[-1].t1, fresh, head, speaker)]
