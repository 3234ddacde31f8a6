"""Which deeds of a recording can be asked for, and how people call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataclaw.types import Json
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena_deeds import Fact

MOST = 5.0
"""Longest segment [s]."""
LEAST, SAMPLED = 0.85, 64
"""Shortest segment [s], and how many pictures of a recording are sampled at least."""
ORDER = {0: ("for the first time", "第一次"), 1: ("for the second time", "第二次"), 2: ("for the third time", "第三次")}
LAST = ("for the last time", "最后一次")


@dataclass(frozen=True, slots=True)
class Call:
    """A deed with words that mean it and no other.

    Attributes:
        key: what it is called by, machine-readable.
        deed: its number, or that of the first of two.
        en: clauses that mean it.
        zh: the same in Chinese.
        last: number of the second of two deeds, otherwise -1.
        which: which time it is that such a thing happens, in English and Chinese; "" where it happens once.
    """

    key: str
    deed: int
    en: tuple[str, ...]
    zh: tuple[str, ...]
    last: int = -1
    which: tuple[str, str] = ("", "")

    @property
    def end(self) -> int:
        """Number of the last deed that is meant."""
        return max(self.deed, self.last)


class Record:
    """A recording's truth, as far as its captions and its log tell it.

    Args:
        facts: facts of the scene.
    """

    def __init__(self, facts: Mapping[str, Json]) -> None:
        self.deeds: Sequence[Fact] = facts["deeds"]
        self.told: Sequence[Fact] = facts["told"]
        self._log = bool(facts["keys"])
        # the pictures that are sampled may begin and end so much inside a deed
        self.least = LEAST + 2 * float(facts["duration"]) / SAMPLED

    def captions(self, deed: int) -> list[Fact]:
        """Captions of a deed, wrong ones too."""
        return [line for line in self.told if line["deed"] == deed]

    def keys(self, deed: int) -> list[Fact]:
        """Lines of the log that lie for the most part in a deed, the longest first."""
        t0, t1 = float(self.deeds[deed]["t0"]), float(self.deeds[deed]["t1"])
        inside = [e for e in self.told if e["keys"] and min(t1, float(e["t1"])) - max(t0, float(e["t0"])) > 0.3]
        return sorted(inside, key=lambda e: float(e["t0"]) - float(e["t1"]))

    def proved(self, deed: int) -> bool:
        """Whether anything right is told of a deed."""
        verb = self.deeds[deed]["verb"]
        return any(not c["wrong"] for c in self.captions(deed)) or (
            self._log and (bool(self.keys(deed)) or verb == "wait")
        )

    def named(self, deed: int) -> bool:
        """Whether a right caption of the deed's take names its thing."""
        take = self.deeds[deed]["take"]
        return any(e["named"] and self.deeds[int(e["deed"])]["take"] == take for e in self.told if int(e["deed"]) >= 0)

    def joined(self, deed: int) -> bool:
        """Whether the next deed follows at once in the same take, and nothing damaged the change."""
        if deed + 1 >= len(self.deeds):
            return False
        here, after = self.deeds[deed], self.deeds[deed + 1]
        whole = here["clear"][1] == here["t1"] and after["clear"][0] == after["t0"]
        return here["take"] == after["take"] and whole

    def spanned(self, first: int, last: int) -> bool:
        """Whether a segment can be cut that holds all of two deeds."""
        if not self.joined(first) or not (self.usable(first) and self.usable(last)):
            return False
        return float(self.deeds[last]["clear"][1]) - float(self.deeds[first]["clear"][0]) <= MOST

    def usable(self, deed: int) -> bool:
        """Whether a sample can be cut from a deed: it moves, it is told, and enough of it is undamaged."""
        fact = self.deeds[deed]
        long = float(fact["clear"][1]) - float(fact["clear"][0]) >= self.least
        return long and self.proved(deed) and fact["verb"] != "wait" and fact["outcome"] != "blocked"


def calls(record: Record) -> list[Call]:
    """All deeds that can be called, each perhaps in several ways."""
    found = [*_by_verb(record), *_by_thing(record), *_by_outcome(record), *_by_pair(record)]
    return [call for call in found if record.proved(call.deed) and record.proved(call.end)]


def _by_pair(record: Record) -> Iterator[Call]:
    """Two deeds that follow each other in one take, by what is done in them; only what happens once like that."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for number in range(len(record.deeds) - 1):
        pairs.setdefault((_done(record.deeds[number]), _done(record.deeds[number + 1])), []).append(number)
    for (first, second), numbers in pairs.items():
        number = numbers[0]
        if len(numbers) > 1 or first == second or not record.joined(number):
            continue
        words = zip(deeds.CAPTION_VERBS[first], deeds.CAPTION_VERBS[second], strict=False)
        en = tuple(f"the player {a} and then {b}" for a, b in words)
        zh = (f"玩家先{_plain_zh(first)}再{_plain_zh(second)}", f"玩家{_plain_zh(first)},接着{_plain_zh(second)}")
        yield Call(f"pair:{first}:{second}", number, en, zh, number + 1)


def _done(fact: Fact) -> str:
    return "walk" if fact["verb"] == "take" else str(fact["verb"])


def _plain_zh(verb: str) -> str:
    return deeds.deed_zh({"verb": verb, "thing": "", "zh": "", "before": 0, "after": 0, "outcome": ""})


def _by_verb(record: Record) -> Iterator[Call]:
    """Deeds by what is done, counted where that happens several times."""
    groups: dict[str, list[int]] = {}
    for number, fact in enumerate(record.deeds):
        groups.setdefault(_done(fact), []).append(number)
    for verb, numbers in groups.items():
        en = tuple(f"the player {words}" for words in deeds.CAPTION_VERBS[verb])
        zh = (f"玩家{_plain_zh(verb)}",)
        if len(numbers) == 1:
            yield Call(f"verb:{verb}", numbers[0], en, zh)
        elif all(map(record.proved, numbers)):
            for at, number in enumerate(numbers):
                words = LAST if at == len(numbers) - 1 else ORDER.get(at)
                if words:
                    yield Call(
                        f"verb:{verb}:{at}",
                        number,
                        tuple(f"{e} {words[0]}" for e in en),
                        tuple(z.replace("玩家", f"玩家{words[1]}") for z in zh),
                        which=words,
                    )


def _by_thing(record: Record) -> Iterator[Call]:
    """Deeds by what becomes of the thing before the player."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, fact in enumerate(record.deeds):
        how = deeds.seen(fact)
        if how:
            groups.setdefault((str(fact["thing"]), how), []).append(number)
        if how and fact["verb"] == "shoot":
            groups.setdefault((str(fact["thing"]), "shot"), []).append(number)
        if how and fact["verb"] == "back":
            groups.setdefault((str(fact["thing"]), "left"), []).append(number)
    for (thing, how), numbers in groups.items():
        if len(numbers) > 1 or not record.named(numbers[0]):
            continue
        zh = str(record.deeds[numbers[0]]["zh"])
        the = f"the {thing}"
        said = {
            "comes": ((f"{the} comes into view", f"{the} appears", f"we get to see {the}"), (f"{zh}出现", f"看到{zh}")),
            "goes": ((f"{the} disappears from view", f"we lose sight of {the}"), (f"{zh}从画面里消失",)),
            "nearer": ((f"{the} comes nearer", f"the distance to {the} shrinks"), (f"离{zh}越来越近",)),
            "shot": ((f"{the} is shot at", f"the player fires at {the}"), (f"向{zh}开火",)),
            "left": ((f"the player retreats from {the}", f"the player gets away from {the}"), (f"玩家躲开{zh}",)),
        }.get(how)
        if said:
            yield Call(f"thing:{how}", numbers[0], *said)


def _by_outcome(record: Record) -> Iterator[Call]:
    groups: dict[str, list[int]] = {}
    for number, fact in enumerate(record.deeds):
        groups.setdefault(str(fact["outcome"]), []).append(number)
    said = {
        "killed": (("an enemy is killed", "the fight is won", "something falls dead"), ("敌人被打倒", "战斗结束")),
        "taken": (("something is picked up", "the player collects something"), ("捡到了东西", "玩家拾取物品")),
    }
    for outcome, (en, zh) in said.items():
        if len(groups.get(outcome, [])) == 1:
            yield Call(f"outcome:{outcome}", groups[outcome][0], en, zh)


def liveliest(record: Record, numbers: Sequence[int]) -> int:
    """The deed in which most happens: a kill, a fight, a find, something new in view, something that comes nearer."""

    def worth(number: int) -> tuple[float, float]:
        fact = record.deeds[number]
        how, verb = deeds.seen(fact) if record.named(number) else "", fact["verb"]
        value = {"killed": 6.0, "taken": 4.0}.get(str(fact["outcome"]), 0.0)
        value = max(value, 5.0 if verb == "shoot" else 0.0, {"comes": 3.0, "nearer": 2.0, "goes": 1.0}.get(how, 0.0))
        return value, float(fact["clear"][1]) - float(fact["clear"][0])

    return max(numbers, key=worth)
