"""Which deeds of a recording can be requested, and what people call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataclaw.types import Json
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena_deeds import Fact
from dataclaw_worlds.aigc.phrasing import fill_names
from dataclaw_worlds.words import words

MOST = 5.0
"""Longest segment [s]."""
LEAST, SAMPLED = 0.85, 64
"""Shortest segment [s], and the least number of pictures that are sampled from a recording."""
_WORDS = words("aigc/arena_requests.toml")


@dataclass(frozen=True, slots=True)
class DeedMeaning:
    """A deed, or two in a row, with clauses that mean it and no other.

    Attributes:
        key: what the clauses describe it by, machine-readable: "verb:walk".
        deed: its number, or the number of the first of two.
        en: the clauses in English.
        zh: the clauses in Chinese.
        last: number of the second of two deeds, -1 for one deed.
        which: which time it is that such a deed happens, in English and Chinese; "" if it happens once.
    """

    key: str
    deed: int
    en: tuple[str, ...]
    zh: tuple[str, ...]
    last: int = -1
    which: tuple[str, str] = ("", "")

    @property
    def end(self) -> int:
        """Number of the last deed."""
        return max(self.deed, self.last)


class RecordingTruth:
    """A recording's truth, as far as its captions and its log show it.

    Args:
        facts: facts of the scene.
    """

    def __init__(self, facts: Mapping[str, Json]) -> None:
        self.deeds: Sequence[Fact] = facts["deeds"]
        self.lines: Sequence[Fact] = facts["told"]
        self._log = bool(facts["keys"])
        # the sampled pictures may begin this late and end this early in a deed
        self.least = LEAST + 2 * float(facts["duration"]) / SAMPLED

    def captions(self, deed: int) -> list[Fact]:
        """The captions of a deed, wrong ones included."""
        return [line for line in self.lines if line["deed"] == deed]

    def keys(self, deed: int) -> list[Fact]:
        """Lines of the log that overlap a deed, the longest first."""
        t0, t1 = float(self.deeds[deed]["t0"]), float(self.deeds[deed]["t1"])
        inside = [e for e in self.lines if e["keys"] and min(t1, float(e["t1"])) - max(t0, float(e["t0"])) > 0.3]
        return sorted(inside, key=lambda e: float(e["t0"]) - float(e["t1"]))

    def is_proved(self, deed: int) -> bool:
        """Whether a caption or the log says rightly what is done in a deed."""
        verb = self.deeds[deed]["verb"]
        return any(not c["wrong"] for c in self.captions(deed)) or (
            self._log and (bool(self.keys(deed)) or verb == "wait")
        )

    def is_named(self, deed: int) -> bool:
        """Whether a correct caption of the deed's take names its thing."""
        take = self.deeds[deed]["take"]
        return any(e["named"] and self.deeds[int(e["deed"])]["take"] == take for e in self.lines if int(e["deed"]) >= 0)

    def continues(self, deed: int) -> bool:
        """Whether the next deed follows in the same take, and no picture between the two is damaged."""
        if deed + 1 >= len(self.deeds):
            return False
        here, after = self.deeds[deed], self.deeds[deed + 1]
        whole = here["clear"][1] == here["t1"] and after["clear"][0] == after["t0"]
        return here["take"] == after["take"] and whole

    def fits_segment(self, first: int, last: int) -> bool:
        """Whether one segment can hold all of two deeds."""
        if not self.continues(first) or not (self.is_usable(first) and self.is_usable(last)):
            return False
        return float(self.deeds[last]["clear"][1]) - float(self.deeds[first]["clear"][0]) <= MOST

    def is_usable(self, deed: int) -> bool:
        """Whether a sample can be cut from a deed: the view moves, a line proves it, and enough of it is undamaged."""
        fact = self.deeds[deed]
        long = float(fact["clear"][1]) - float(fact["clear"][0]) >= self.least
        return long and self.is_proved(deed) and fact["verb"] != "wait" and fact["outcome"] != "blocked"


def find_meanings(record: RecordingTruth) -> list[DeedMeaning]:
    """All deeds that can be requested, some in several ways."""
    found = [*_by_verb(record), *_by_thing(record), *_by_outcome(record), *_by_pair(record)]
    return [meaning for meaning in found if record.is_proved(meaning.deed) and record.is_proved(meaning.end)]


def _by_pair(record: RecordingTruth) -> Iterator[DeedMeaning]:
    """Two deeds in a row in one take, by what is done in them; only pairs that occur once."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for number in range(len(record.deeds) - 1):
        pairs.setdefault((_verb_of(record.deeds[number]), _verb_of(record.deeds[number + 1])), []).append(number)
    for (first, second), numbers in pairs.items():
        number = numbers[0]
        if len(numbers) > 1 or first == second or not record.continues(number):
            continue
        verbs = zip(deeds.CAPTION_VERBS[first], deeds.CAPTION_VERBS[second], strict=False)
        en = tuple(f"the player {a} and then {b}" for a, b in verbs)
        zh = (
            f"玩家先{_describe_verb_zh(first)}再{_describe_verb_zh(second)}",
            f"玩家{_describe_verb_zh(first)},接着{_describe_verb_zh(second)}",
        )
        yield DeedMeaning(f"pair:{first}:{second}", number, en, zh, number + 1)


def _verb_of(fact: Fact) -> str:
    return "walk" if fact["verb"] == "take" else str(fact["verb"])


def _describe_verb_zh(verb: str) -> str:
    return deeds.describe_zh({"verb": verb, "thing": "", "zh": "", "before": 0, "after": 0, "outcome": ""})


def _by_verb(record: RecordingTruth) -> Iterator[DeedMeaning]:
    """Deeds by what is done, counted if that happens several times."""
    ordinals, last = _WORDS["which"]["ordinals"], _WORDS["which"]["last"]
    groups: dict[str, list[int]] = {}
    for number, fact in enumerate(record.deeds):
        groups.setdefault(_verb_of(fact), []).append(number)
    for verb, numbers in groups.items():
        en = tuple(f"the player {does}" for does in deeds.CAPTION_VERBS[verb])
        zh = (f"玩家{_describe_verb_zh(verb)}",)
        if len(numbers) == 1:
            yield DeedMeaning(f"verb:{verb}", numbers[0], en, zh)
        elif all(map(record.is_proved, numbers)):
            for at, number in enumerate(numbers):
                which = last if at == len(numbers) - 1 else ordinals[at] if at < len(ordinals) else None
                if which:
                    yield DeedMeaning(
                        f"verb:{verb}:{at}",
                        number,
                        tuple(f"{e} {which[0]}" for e in en),
                        tuple(z.replace("玩家", f"玩家{which[1]}") for z in zh),
                        which=which,
                    )


def _by_thing(record: RecordingTruth) -> Iterator[DeedMeaning]:
    """Deeds by what happens to the thing before the player."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, fact in enumerate(record.deeds):
        how = deeds.appearance(fact)
        if how:
            groups.setdefault((str(fact["thing"]), how), []).append(number)
        if how and fact["verb"] == "shoot":
            groups.setdefault((str(fact["thing"]), "shot"), []).append(number)
        if how and fact["verb"] == "back":
            groups.setdefault((str(fact["thing"]), "left"), []).append(number)
    for (thing, how), numbers in groups.items():
        if len(numbers) > 1 or not record.is_named(numbers[0]):
            continue
        zh = str(record.deeds[numbers[0]]["zh"])
        if how in _WORDS["becomes"]:
            names = fill_names(_WORDS["becomes"][how], the=f"the {thing}", zh=zh)
            yield DeedMeaning(f"thing:{how}", numbers[0], *names)


def _by_outcome(record: RecordingTruth) -> Iterator[DeedMeaning]:
    groups: dict[str, list[int]] = {}
    for number, fact in enumerate(record.deeds):
        groups.setdefault(str(fact["outcome"]), []).append(number)
    for outcome, ways in _WORDS["outcome"].items():
        if len(groups.get(outcome, [])) == 1:
            yield DeedMeaning(f"outcome:{outcome}", groups[outcome][0], ways.phrases("en"), ways.phrases("zh"))


def liveliest(record: RecordingTruth, numbers: Sequence[int]) -> int:
    """The deed in which most happens: a kill, then a fight, a find, a new thing in view, a thing that comes nearer."""

    def worth(number: int) -> tuple[float, float]:
        fact = record.deeds[number]
        how, verb = deeds.appearance(fact) if record.is_named(number) else "", fact["verb"]
        value = {"killed": 6.0, "taken": 4.0}.get(str(fact["outcome"]), 0.0)
        value = max(value, 5.0 if verb == "shoot" else 0.0, {"comes": 3.0, "nearer": 2.0, "goes": 1.0}.get(how, 0.0))
        return value, float(fact["clear"][1]) - float(fact["clear"][0])

    return max(numbers, key=worth)
