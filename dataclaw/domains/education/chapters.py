"""Where a lesson turns to another subject, as people mark chapters.

Every place where a sentence begins is weighed by what falls together there: who speaks, a new slide, a silence, words
that turn ("Let's move on to"), a question of the lecturer, a dip in the likeness of what is said before and after
(TextTiling, Hearst 1997), and words that are said from here on and were not before. The best division is found by
dynamic programming: the weights of its places, less what its chapters differ from the usual length.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, pstdev

from dataclaw.domains.education.ranking import Weights, similar
from dataclaw.domains.education.words import TALK, rarity, stem, telling, tokens
from dataclaw.words import words_beside

AROUND = 45.0
"""Speech compared on either side of a place [s]."""

TYPICAL = 120.0
"""Length for which one chapter can be expected at least in every two [s]."""

MOST, SHORTEST = 20, 8.0
"""Most chapters, and the least length of one [s]."""

PLACES = 120
"""Most places that are considered, those of most weight."""

PER_ROOT = 2.1
"""Usual number of chapters over the square root of the length in minutes: 5 in 6 minutes, 9 in 20, 16 in an hour."""

NEAR = 4.0
"""A slide that starts so near a sentence belongs to it [s]."""

TURN = 10.0
"""Median length of the turns of speakers from which each is a chapter [s]: an interview film, no conversation."""

COST, LEAST = 0.5, 1.1
"""Weight of the squared logarithm of a length over the usual one, and what a place must weigh beside it."""

VOICE, SLIDE, INSIDE = 1.5, 2.0, -0.2
"""Weight of another speaker, of a new slide, and of a sentence that begins inside a cue."""

SAID, CLOSED, OPENED, RESETS, ASKED, GOES_ON, TALKS = 2.0, 0.9, 1.0, 0.5, 0.7, -0.9, 0.7
"""Weight of words that turn, that close, that open, that take a breath, of a question, of words that go on, and of the
end of the greeting or the beginning of the thanks."""

END = 0.15
"""Share of a lesson in which its greeting ends, and in which its thanks begin."""

PAUSE, DIP, FRESH = 1.0, 0.45, 0.45
"""Weight of a silence over the usual ones, of a standard deviation of the dip, and of that of new words."""

_PATTERNS = words_beside(__file__).patterns
_ANNOUNCES = [pattern for name, pattern in _PATTERNS.items() if name.startswith("announces")]


@dataclass(frozen=True, slots=True)
class SpeechUnit:
    """An undivided piece of speech: a sentence, or a few cues without sentence marks.

    Attributes:
        text: its words.
        t0: start [s].
        t1: end [s].
        fresh: whether it begins a cue.
        speaker: who begins to speak with it, "" for the one before.
    """

    text: str
    t0: float
    t1: float
    fresh: bool = True
    speaker: str = ""


def turns(units: Sequence[SpeechUnit], language: str, slides: Sequence[float], count: int = 0) -> list[int]:
    """Indices of the units that begin a chapter; the first is always among them.

    Args:
        units: the lesson in order.
        language: of what is said.
        slides: starts of the slides [s].
        count: how many chapters are wanted, 0 for as many as the lesson bears.
    """
    if not units:
        return []
    voices = [] if count else _voices(units)
    return voices or _divide(units, place_weights(units, language, slides), count)


def usual_length(length: float) -> float:
    """The usual length of a chapter in a lesson of a length [s]."""
    return max(25.0, length / max(1.0, PER_ROOT * math.sqrt(length / 60)))


def _voices(units: Sequence[SpeechUnit]) -> list[int]:
    """The turns of the speakers where each speaks for long; else nothing."""
    changes = [0, *_changes(units)]
    lengths = [b - a for a, b in pairwise([*(units[at].t0 for at in changes), units[-1].t1])]
    starts = [0]
    for at in changes:
        if units[at].t0 - units[starts[-1]].t0 >= SHORTEST:
            starts.append(at)
    return starts if 3 <= len(starts) <= MOST and median(lengths) >= TURN else []


def _changes(units: Sequence[SpeechUnit]) -> list[int]:
    """Where somebody else begins to speak."""
    found: list[int] = []
    speaker = ""
    for at, unit in enumerate(units):
        if speaker and unit.speaker not in {"", speaker}:
            found.append(at)
        speaker = unit.speaker or speaker
    return found


def _divide(units: Sequence[SpeechUnit], weights: dict[int, float], count: int) -> list[int]:
    """The places whose weights are highest for the lengths that they leave, `count - 1` of them where it is given."""
    likely = sorted(weights, key=lambda at: (-weights[at], at))[:PLACES]
    places = [0, *sorted(likely), len(units)]
    times = [*(units[at].t0 for at in places[:-1]), units[-1].t1]
    usual = (times[-1] - times[0]) / count if count else usual_length(times[-1] - times[0])
    most = min(count or MOST, len(places) - 1)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}, *({} for _ in range(most))]
    for number in range(1, most + 1):
        for end in range(number, len(places)):
            gain = weights.get(places[end], 0.0) - (0.0 if count else LEAST)
            options = [
                (value + gain - _strain(times[end] - times[begin], usual), begin)
                for begin, (value, _) in best[number - 1].items()
                if begin < end
            ]
            if options:
                best[number][end] = max(options)
    last = len(places) - 1
    numbers = [n for n in range(1, most + 1) if last in best[n]]
    number = max(numbers) if count else max(numbers, key=lambda n: best[n][last][0])
    starts: list[int] = []
    end = last
    for n in range(number, 0, -1):
        end = best[n][end][1]
        starts.append(places[end])
    return sorted(starts)


def _strain(length: float, usual: float) -> float:
    """What a chapter of a length costs beside the usual one [s]."""
    short = 4.0 if length < min(SHORTEST, usual / 3) else 0.0
    return short + COST * math.log(max(length, 1.0) / usual) ** 2


def place_weights(units: Sequence[SpeechUnit], language: str, slides: Sequence[float]) -> dict[int, float]:
    """How much each place looks like a turn, by index; a unit in the cue of the one before it is no place."""
    bags = [_topic_words(unit.text, language) for unit in units]
    dips, fresh = _standard(_dips(units, bags)), _standard(_new_words(units, bags))
    gaps = [max(0.0, b.t0 - a.t1) for a, b in pairwise(units)]
    middle = median(gaps) if gaps else 0.0
    usual = max(0.4, sorted(gaps)[int(0.9 * len(gaps))] - middle) if gaps else 1.0
    changes = _changes(units)
    long = {a for a, b in pairwise([*changes, len(units)]) if units[b - 1].t1 - units[a].t0 >= TURN}
    talk = [bool(TALK.search(unit.text)) for unit in units]
    found: dict[int, float] = {}
    for at in range(1, len(units)):
        unit, before = units[at], units[at - 1]
        if unit.t0 <= before.t0:
            continue
        slide = any(abs(unit.t0 - t) <= NEAR for t in slides)
        weight = VOICE * (at in long) + SLIDE * slide
        weight += PAUSE * min(2.0, max(0.0, gaps[at - 1] - middle) / usual) + INSIDE * (not unit.fresh)
        weight += TALKS * _edge(units, at, talk)
        weight += DIP * dips[at] + FRESH * fresh[at] + _words_weight(unit.text, before.text)
        found[at] = weight
    return found


def _edge(units: Sequence[SpeechUnit], at: int, talk: Sequence[bool]) -> bool:
    """Whether the greeting and the plan end here, or the thanks begin."""
    share = (units[at].t0 - units[0].t0) / max(1.0, units[-1].t1 - units[0].t0)
    begins = share > 1 - END and talk[at] and not any(talk[max(0, at - 3) : at])
    ends = share < END and talk[at - 1] and not any(talk[at : at + 3])
    return begins or ends


def _words_weight(text: str, before: str) -> float:
    """What the first words of a sentence, and the sentence before it, say about a turn."""
    closed = CLOSED * bool(_PATTERNS["closes"].match(before))
    if any(pattern.match(text) for pattern in _ANNOUNCES) or _PATTERNS["turns_to"].search(text):
        return SAID + closed
    weight = closed + OPENED * bool(_PATTERNS["opens"].match(text)) + RESETS * bool(_PATTERNS["resets"].match(text))
    weight += ASKED * (text.rstrip().endswith(("?", "？")) and not before.rstrip().endswith(("?", "？")))
    return weight + GOES_ON * bool(_PATTERNS["goes_on"].match(text))


def _topic_words(text: str, language: str) -> Weights:
    """Stems of the words of a text that carry a subject, the rarer in the language the heavier."""
    found: dict[str, float] = {}
    for word in tokens(text):
        if telling(word, language) and (len(word) > 2 or language == "zh"):
            found[stem(word)] = found.get(stem(word), 0.0) + rarity(word, language)
    return found


def _dips(units: Sequence[SpeechUnit], bags: Sequence[Weights]) -> list[float]:
    """Depth of the dip of likeness at each place (Hearst's depth score)."""
    like = [0.0]
    for at in range(1, len(units)):
        now = units[at].t0
        left = [bag for unit, bag in zip(units[:at], bags, strict=False) if unit.t1 > now - AROUND]
        right = [bag for unit, bag in zip(units[at:], bags[at:], strict=True) if unit.t0 < now + AROUND]
        like.append(similar(_block(left), _block(right)))
    return [0.0, *(_depth(like[1:], at) for at in range(len(like) - 1))]


def _new_words(units: Sequence[SpeechUnit], bags: Sequence[Weights]) -> list[float]:
    """Weight of the words said again later that begin within the next stretch, less of those that end just before."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, bag in enumerate(bags):
        for word in bag:
            first.setdefault(word, at)
            last[word] = at
    again = [word for word in first if last[word] > first[word]]
    found: list[float] = []
    for unit in units:
        now, half = unit.t0, AROUND / 2
        begun = sum(now <= units[first[word]].t0 < now + half for word in again)
        ended = sum(now - half <= units[last[word]].t0 < now for word in again)
        crossing = sum(units[first[word]].t0 < now <= units[last[word]].t0 for word in again)
        found.append((begun + ended) / (1 + begun + ended + crossing))
    return found


def _standard(values: Sequence[float]) -> list[float]:
    """Values as standard deviations over their mean, at most 2.5 either way."""
    spread = pstdev(values) if len(values) > 1 else 0.0
    middle = sum(values) / max(1, len(values))
    return [max(-2.5, min(2.5, (value - middle) / spread)) if spread else 0.0 for value in values]


def _block(bags: Sequence[Weights]) -> Weights:
    total: dict[str, float] = {}
    for bag in bags:
        for word, weight in bag.items():
            total[word] = total.get(word, 0.0) + weight
    return total


def _depth(like: Sequence[float], at: int) -> float:
    """How far the likeness dips below the peaks to its left and right."""
    left = right = like[at]
    for value in reversed(like[:at]):
        if value < left:
            break
        left = value
    for value in like[at + 1 :]:
        if value < right:
            break
        right = value
    return (left - like[at]) + (right - like[at])
