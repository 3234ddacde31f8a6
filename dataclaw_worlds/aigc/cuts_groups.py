"""What can be requested of a cut: groups of its events by meaning, and what people call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.planning import capitalise
from dataclaw.types import Json
from dataclaw_worlds.aigc.cuts_story import STRANDS
from dataclaw_worlds.aigc.phrasing import NUMBERS, NUMBERS_ZH, fill_names
from dataclaw_worlds.words import words

Fact: TypeAlias = Mapping[str, Json]
MOST = 14
"""Most events of a group that is requested by meaning."""
CLEAR = 0.021
"""Least difference between a shot's length and a limit on it, so that the two are not equal in frames [s]."""
_WORDS = words("aigc/cuts_requests.toml")


@dataclass(frozen=True, slots=True)
class ClipGroup:
    """Events of a cut that have something in common.

    Attributes:
        key: what they have in common, machine-readable: "strand:drone".
        events: their numbers, in order.
        en: what people call them.
        zh: the same in Chinese.
        why: a sentence that shows why these are meant; "" if their names show it.
        why_zh: the same in Chinese.
        proof: events that show it.
    """

    key: str
    events: tuple[int, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]
    why: str = ""
    why_zh: str = ""
    proof: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CutEvents:
    """A cut's events, and those of them that are clips of its main track."""

    events: Sequence[Fact]
    shots: Sequence[Fact]

    @property
    def people(self) -> list[str]:
        """Names of all people in the shots, in the order in which they first appear."""
        return list(dict.fromkeys(str(e["who"]) for e in self.shots if e["who"]))


def find_groups(facts: Mapping[str, Json]) -> list[ClipGroup]:
    """Every group that can be requested: not empty, not larger than `MOST`, and not the whole cut."""
    events: Sequence[Fact] = facts["events"]
    shots = [e for e in events if e["kind"] == "clip" and e["main"]]
    makers: tuple[Callable[[CutEvents], Iterator[ClipGroup]], ...] = (
        _strands,
        _people,
        _roles,
        _cameras,
        _places,
        _landmarks,
        _lengths,
        _speeds,
        _scenes,
        _notes,
        _transitions,
        _extremes,
        _two_conditions,
    )
    found = [group for maker in makers for group in maker(CutEvents(events, shots))]
    right = {int(e["event"]) for e in events if not e["wrong"]}
    return [g for g in found if right.intersection(g.events) and len(g.events) <= min(MOST, len(events) - 1)]


def pick(events: Sequence[Fact], test: Callable[[Fact], Json]) -> tuple[int, ...]:
    """Numbers of the events that pass a test."""
    return tuple(int(e["event"]) for e in events if test(e))


def _group(kind: str, key: str, events: tuple[int, ...], proof: int = -1, /, **values: object) -> ClipGroup:
    """A group in the words of its kind; those of proven groups say why as well."""
    ways = _WORDS["groups"][kind]
    en, zh = fill_names(ways, **values)
    if proof < 0:
        return ClipGroup(key, events, en, zh)
    why, why_zh = (text.format(**values) for text in ways.phrases("why"))
    return ClipGroup(key, events, en, zh, why, why_zh, (proof,))


def _strands(cut: CutEvents) -> Iterator[ClipGroup]:
    for strand, ways in _WORDS["strands"].items():
        there = pick(cut.events, lambda e, s=strand: e["kind"] == "clip" and e["strand"] == s and e["enabled"])
        known = STRANDS[strand]
        name = f"the {known.many if len(there) > 1 else known.one}"
        yield ClipGroup(f"strand:{strand}", there, (name, *ways["en"]), (known.zh, *ways["zh"]))


def _people(cut: CutEvents) -> Iterator[ClipGroup]:
    for who in cut.people:
        yield _group(
            "who", f"who:{who}", pick(cut.shots, lambda e, w=who: e["who"] == w), who=who, last=who.split()[-1]
        )


def _roles(cut: CutEvents) -> Iterator[ClipGroup]:
    for title in {e["who"]: e for e in cut.events if e["strand"] == "lower third"}.values():
        role, who = str(title["role"]), str(title["who"])
        there = pick(cut.shots, lambda e, w=who: e["who"] == w)
        yield _group("role", f"role:{role}", there, int(title["event"]), role=role, who=who)


def _cameras(cut: CutEvents) -> Iterator[ClipGroup]:
    for letter in "ABC":
        there = pick(cut.shots, lambda e, c=letter: e["camera"] == c)
        yield _group("camera", f"camera:{letter}", there, letter=letter)


def _places(cut: CutEvents) -> Iterator[ClipGroup]:
    for place in dict.fromkeys(str(e["place"]) for e in cut.shots if e["place"]):
        yield _group("place", f"place:{place}", pick(cut.shots, lambda e, p=place: e["place"] == p), place=place)


def _landmarks(cut: CutEvents) -> Iterator[ClipGroup]:
    """What lies before or after a shot that has a name of its own."""
    marks: list[tuple[str, str, Fact]] = []
    marks += [("the title card", "片名", e) for e in cut.shots if e["strand"] == "title"]
    for who in dict.fromkeys(str(e["who"]) for e in cut.shots if e["strand"] == "interview"):
        mine = [e for e in cut.shots if e["who"] == who and e["strand"] == "interview"]
        marks += [(f"the first interview shot of {who}", f"{who}第一次接受采访", mine[0])]
        marks += [(f"the last interview shot of {who}", f"{who}最后一次接受采访", mine[-1])]
    for en, zh, mark in marks:
        number = int(mark["event"])
        values = {"en": en, "En": capitalise(en), "zh": zh, "name": str(mark["name"]).replace('"', "'")}
        after = pick(cut.shots, lambda e, m=mark: e["t0"] >= m["t1"] - 1e-3)
        before = pick(cut.shots, lambda e, m=mark: e["t1"] <= m["t0"] + 1e-3)
        yield _group("after", f"after:e{number}", after, number, **values)
        yield _group("before", f"before:e{number}", before, number, **values)


def _length(e: Fact) -> float:
    return float(e["t1"]) - float(e["t0"])


def _lengths(cut: CutEvents) -> Iterator[ClipGroup]:
    for n in (1, 2, 3, 4, 5, 6):
        if any(abs(_length(e) - n) <= CLEAR for e in cut.shots):
            continue
        values = {"n": n, "number": NUMBERS[n], "number_zh": NUMBERS_ZH[n], "unit": "second" if n == 1 else "seconds"}
        yield _group("shorter", f"shorter:{n}", pick(cut.shots, lambda e, k=n: _length(e) < k), **values)
        yield _group("longer", f"longer:{n}", pick(cut.shots, lambda e, k=n: _length(e) > k), **values)


def _speeds(cut: CutEvents) -> Iterator[ClipGroup]:
    yield _group("slow", "speed:slow", pick(cut.shots, lambda e: 0 < float(e["speed"]) < 1))
    yield _group("back", "speed:back", pick(cut.shots, lambda e: float(e["speed"]) < 0))
    yield _group("changed", "speed:any", pick(cut.shots, lambda e: e["speed"] != 1))
    yield _group("off", "off", pick(cut.events, lambda e: e["kind"] == "clip" and not e["enabled"]))


def _scenes(cut: CutEvents) -> Iterator[ClipGroup]:
    for scene in sorted({int(e["scene"]) for e in cut.shots if e["scene"]}):
        yield _group("scene", f"scene:{scene}", pick(cut.shots, lambda e, s=scene: e["scene"] == s), scene=scene)


def _notes(cut: CutEvents) -> Iterator[ClipGroup]:
    for about, ways in _WORDS["notes"].items():
        there = pick(cut.events, lambda e, a=about: e["kind"] == "marker" and e["strand"] == a)
        yield ClipGroup(f"note:{about}", there, ways["en"], ways["zh"])


def _transitions(cut: CutEvents) -> Iterator[ClipGroup]:
    for kind in ("dissolve", "wipe"):
        there = pick(cut.events, lambda e, k=kind: e["kind"] == "transition" and e["strand"] == k)
        yield _group(kind, f"join:{kind}", there)


def _extremes(cut: CutEvents) -> Iterator[ClipGroup]:
    """The longest, the shortest, the first and the last of something."""
    by_length = sorted(cut.shots, key=_length)
    for n in (2, 3, 4):
        values = {"number": NUMBERS[n], "number_zh": NUMBERS_ZH[n]}
        if len(cut.shots) > n and _length(by_length[-n]) - _length(by_length[-n - 1]) > 0.05:
            there = tuple(sorted(int(e["event"]) for e in by_length[-n:]))
            yield _group("longest", f"longest:{n}", there, **values)
        if len(cut.shots) > n and _length(by_length[n]) - _length(by_length[n - 1]) > 0.05:
            there = tuple(sorted(int(e["event"]) for e in by_length[:n]))
            yield _group("shortest", f"shortest:{n}", there, **values)
    for strand in ("interview", "b-roll", "drone", "reaction"):
        there = pick(cut.shots, lambda e, s=strand: e["strand"] == s)
        known = STRANDS[strand]
        for n in (1, 2, 3):
            if len(there) > n:
                several = f"{NUMBERS[n]} {known.many}" if n > 1 else known.one
                values = {"several": several, "number_zh": NUMBERS_ZH[n], "zh": known.zh}
                yield _group("last", f"last:{strand}:{n}", there[-n:], **values)
                yield _group("first", f"first:{strand}:{n}", there[:n], **values)


def _two_conditions(cut: CutEvents) -> Iterator[ClipGroup]:
    for strand in ("interview", "b-roll", "drone", "wide"):
        mine = [e for e in cut.shots if e["strand"] == strand]
        known = STRANDS[strand]
        for letter in "ABC":
            there = pick(mine, lambda e, c=letter: e["camera"] == c)
            values = {"many": known.many, "zh": known.zh, "letter": letter}
            yield _group("strand_camera", f"strand:{strand}&camera:{letter}", there, **values)
        for n in (2, 3, 4):
            if all(abs(_length(e) - n) > CLEAR for e in mine):
                there = pick(mine, lambda e, k=n: _length(e) > k)
                values = {"many": known.many, "zh": known.zh, "number": NUMBERS[n], "number_zh": NUMBERS_ZH[n]}
                yield _group("strand_longer", f"strand:{strand}&longer:{n}", there, **values)
    for who in cut.people:
        for letter in "ABC":
            there = pick(cut.shots, lambda e, w=who, c=letter: e["who"] == w and e["camera"] == c)
            yield _group("who_camera", f"who:{who}&camera:{letter}", there, who=who, letter=letter)
        there = pick(cut.shots, lambda e, w=who: e["strand"] == "interview" and e["who"] != w)
        yield _group("not_who", f"not:{who}", there, who=who)
