"""What can be wanted of a cut: groups of its events by meaning, and how people call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.types import Json
from dataclaw_worlds.aigc.cuts_words import STRANDS

Fact: TypeAlias = Mapping[str, Json]
MOST = 14
"""Most events of a group that is asked for by meaning."""
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
ZH_NUMBERS = {1: "一", 2: "两", 3: "三", 4: "四", 5: "五", 6: "六"}


def _words(line: str) -> tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    name, en, zh = line.split("|")
    return name, (tuple(en.split(";")), tuple(zh.split(";")))


_SAID = """
interview|the talking heads;the shots in which somebody talks to the camera;the interviews|人物访谈
b-roll|the b-roll;the detail shots in which nobody talks;the inserts|没有人说话的细节镜头
drone|what was filmed from the air;the aerials|从空中拍的画面
wide|the establishing shots;the wide views of places|交代环境的大全景
archive|the old material from the archive;the library footage|旧资料画面
time lapse|the shots in which time is sped up on purpose while filming;the lapses|延时摄影
reaction|the shots in which somebody listens;the listening shots|听者的反应
title|the title;the card with the programme's name|片名
lower third|the name supers;the captions that say who is speaking|介绍人物姓名的字幕条
credits|the end credits|片尾名单
music|the music;the pieces of music under the picture|音乐
voice-over|the narration;what the narrator says|解说
sound|the sound that was recorded with the interviews|采访的同期录音
"""
SAID = dict(map(_words, _SAID.strip().splitlines()))
_ABOUT = """
client|the notes that come from the client;what the client wants changed|客户的意见
grade|the notes for the colourist;the markers about colour|给调色师的备注
sound|the notes for the sound mix;the markers about audio problems|关于声音的备注
rights|the notes about rights and licences;the markers on unclear permissions|关于版权的备注
chapter|the chapter markers;where the chapters begin|章节标记
"""
ABOUT = dict(map(_words, _ABOUT.strip().splitlines()))


@dataclass(frozen=True, slots=True)
class Group:
    """Events that are wanted.

    Attributes:
        key: what they have in common, machine-readable: "strand:drone".
        events: their numbers, in order.
        en: how people call them.
        zh: the same in Chinese.
        why: what shows that these are meant, a sentence; "" where their names do.
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
class Cut:
    """A cut's events, and those of them that are clips of its main track."""

    events: Sequence[Fact]
    shots: Sequence[Fact]


def groups(facts: Mapping[str, Json]) -> list[Group]:
    """Every group that can be asked for, none empty, none larger than `MOST`, none the whole cut."""
    events: Sequence[Fact] = facts["events"]
    shots = [e for e in events if e["kind"] == "clip" and e["main"]]
    makers: tuple[Callable[[Cut], Iterator[Group]], ...] = (
        _strands,
        _people,
        _roles,
        _cameras,
        _places,
        _landmarks,
        _lengths,
        _speeds,
        _takes,
        _notes,
        _joins,
        _ranked,
        _crossed,
    )
    found = [group for maker in makers for group in maker(Cut(events, shots))]
    right = {int(e["event"]) for e in events if not e["wrong"]}
    return [g for g in found if right.intersection(g.events) and len(g.events) <= min(MOST, len(events) - 1)]


def pick(events: Sequence[Fact], test: Callable[[Fact], Json]) -> tuple[int, ...]:
    """Numbers of the events that pass."""
    return tuple(int(e["event"]) for e in events if test(e))


def _strands(cut: Cut) -> Iterator[Group]:
    for strand, (en, zh) in SAID.items():
        there = pick(cut.events, lambda e, s=strand: e["kind"] == "clip" and e["strand"] == s and e["enabled"])
        known = STRANDS[strand]
        yield Group(
            f"strand:{strand}", there, (f"the {known.many if len(there) > 1 else known.one}", *en), (known.zh, *zh)
        )


def _people(cut: Cut) -> Iterator[Group]:
    for who in dict.fromkeys(str(e["who"]) for e in cut.shots if e["who"]):
        there = pick(cut.shots, lambda e, w=who: e["who"] == w)
        last = who.split()[-1]
        yield Group(
            f"who:{who}",
            there,
            (f"the shots with {who}", f"the shots {last} is in", f"all shots of {who}"),
            (f"{who}出现的镜头", f"所有{last}的镜头"),
        )


def _roles(cut: Cut) -> Iterator[Group]:
    for super_ in {e["who"]: e for e in cut.events if e["strand"] == "lower third"}.values():
        role, who = str(super_["role"]), str(super_["who"])
        there = pick(cut.shots, lambda e, w=who: e["who"] == w)
        yield Group(
            f"role:{role}",
            there,
            (f"the shots with the {role}", f"the {role}'s shots", f"all we see of the {role}"),
            (f"{role}的镜头", f"{role}出现的画面"),
            f"A name super presents {who} as the {role}",
            f"人名条说明{who}是{role}",
            (int(super_["event"]),),
        )


def _cameras(cut: Cut) -> Iterator[Group]:
    for letter in "ABC":
        there = pick(cut.shots, lambda e, c=letter: e["camera"] == c)
        yield Group(
            f"camera:{letter}",
            there,
            (f"the shots from camera {letter}", f"what the {letter} camera shot", f"the {letter}-cam material"),
            (f"{letter}机位的镜头", f"用{letter}机拍的素材"),
        )


def _places(cut: Cut) -> Iterator[Group]:
    for place in dict.fromkeys(str(e["place"]) for e in cut.shots if e["place"]):
        there = pick(cut.shots, lambda e, p=place: e["place"] == p)
        yield Group(
            f"place:{place}",
            there,
            (f"the shots of the {place}", f"what we see of the {place}", f"the {place} material"),
            (f"{place}的镜头", f"在{place}拍的画面"),
        )


def _landmarks(cut: Cut) -> Iterator[Group]:
    """What lies before or after a shot that can be named."""
    named: list[tuple[str, str, Fact]] = []
    named += [("the title card", "片名", e) for e in cut.shots if e["strand"] == "title"]
    for who in dict.fromkeys(str(e["who"]) for e in cut.shots if e["strand"] == "interview"):
        mine = [e for e in cut.shots if e["who"] == who and e["strand"] == "interview"]
        named += [(f"the first interview shot of {who}", f"{who}第一次接受采访", mine[0])]
        named += [(f"the last interview shot of {who}", f"{who}最后一次接受采访", mine[-1])]
    for en, zh, mark in named:
        number = int(mark["event"])
        name = str(mark["name"]).replace('"', "'")
        why = f'{en[0].upper()}{en[1:]} is "{name}"'
        after = pick(cut.shots, lambda e, m=mark: e["t0"] >= m["t1"] - 1e-3)
        before = pick(cut.shots, lambda e, m=mark: e["t1"] <= m["t0"] + 1e-3)
        yield Group(
            f"after:e{number}",
            after,
            (f"the shots after {en}", f"the shots that follow {en}"),
            (f"{zh}之后的镜头",),
            why,
            f'{zh}是"{name}"',
            (number,),
        )
        yield Group(
            f"before:e{number}",
            before,
            (f"the shots before {en}", f"the shots that lead up to {en}"),
            (f"{zh}之前的镜头",),
            why,
            f'{zh}是"{name}"',
            (number,),
        )


def _length(e: Fact) -> float:
    return float(e["t1"]) - float(e["t0"])


def _lengths(cut: Cut) -> Iterator[Group]:
    for n in (1, 2, 3, 4, 5, 6):
        unit = "second" if n == 1 else "seconds"
        clear = [e for e in cut.shots if abs(_length(e) - n) > 0.021]
        short, long = pick(clear, lambda e, k=n: _length(e) < k), pick(clear, lambda e, k=n: _length(e) > k)
        if len(clear) < len(cut.shots):
            continue
        yield Group(
            f"shorter:{n}",
            short,
            (f"the shots shorter than {NUMBERS[n]} {unit}", f"the shots under {n} {unit}"),
            (f"短于{ZH_NUMBERS[n]}秒的镜头",),
        )
        yield Group(
            f"longer:{n}",
            long,
            (f"the shots longer than {NUMBERS[n]} {unit}", f"the shots over {n} {unit}"),
            (f"长于{ZH_NUMBERS[n]}秒的镜头",),
        )


def _speeds(cut: Cut) -> Iterator[Group]:
    yield Group(
        "speed:slow",
        pick(cut.shots, lambda e: 0 < float(e["speed"]) < 1),
        ("the shots in slow motion", "what runs slower than it was shot"),
        ("慢动作镜头",),
    )
    yield Group(
        "speed:back",
        pick(cut.shots, lambda e: float(e["speed"]) < 0),
        ("the shots that run backwards", "what is played in reverse"),
        ("倒放的镜头",),
    )
    yield Group(
        "speed:any",
        pick(cut.shots, lambda e: e["speed"] != 1),
        ("the shots whose speed was changed", "everything that does not run at normal speed"),
        ("变速的镜头",),
    )
    yield Group(
        "off",
        pick(cut.events, lambda e: e["kind"] == "clip" and not e["enabled"]),
        ("the takes that are switched off", "the alternative takes that the cut does not show"),
        ("被关闭的备选镜头",),
    )


def _takes(cut: Cut) -> Iterator[Group]:
    for scene in sorted({int(e["scene"]) for e in cut.shots if e["scene"]}):
        there = pick(cut.shots, lambda e, s=scene: e["scene"] == s)
        yield Group(f"scene:{scene}", there, (f"the shots of scene {scene}", f"scene {scene}"), (f"第{scene}场的镜头",))


def _notes(cut: Cut) -> Iterator[Group]:
    for about, (en, zh) in ABOUT.items():
        yield Group(
            f"note:{about}", pick(cut.events, lambda e, a=about: e["kind"] == "marker" and e["strand"] == a), en, zh
        )


def _joins(cut: Cut) -> Iterator[Group]:
    for kind, zh in (("dissolve", "叠化转场"), ("wipe", "划像转场")):
        there = pick(cut.events, lambda e, k=kind: e["kind"] == "transition" and e["strand"] == k)
        yield Group(f"join:{kind}", there, (f"the {kind}s", f"the places where one shot {kind}s into the next"), (zh,))


def _ranked(cut: Cut) -> Iterator[Group]:
    """The longest, the shortest, the first and the last of something."""
    for n in (2, 3, 4):
        by_length = sorted(cut.shots, key=_length)
        if len(cut.shots) > n and _length(by_length[-n]) - _length(by_length[-n - 1]) > 0.05:
            there = tuple(sorted(int(e["event"]) for e in by_length[-n:]))
            yield Group(f"longest:{n}", there, (f"the {NUMBERS[n]} longest shots",), (f"最长的{ZH_NUMBERS[n]}个镜头",))
        if len(cut.shots) > n and _length(by_length[n]) - _length(by_length[n - 1]) > 0.05:
            there = tuple(sorted(int(e["event"]) for e in by_length[:n]))
            yield Group(
                f"shortest:{n}", there, (f"the {NUMBERS[n]} shortest shots",), (f"最短的{ZH_NUMBERS[n]}个镜头",)
            )
    for strand in ("interview", "b-roll", "drone", "reaction"):
        there = pick(cut.shots, lambda e, s=strand: e["strand"] == s)
        known = STRANDS[strand]
        for n in (1, 2, 3):
            if len(there) > n:
                several = f"{NUMBERS[n]} {known.many}" if n > 1 else known.one
                yield Group(
                    f"last:{strand}:{n}", there[-n:], (f"the last {several}",), (f"最后{ZH_NUMBERS[n]}个{known.zh}",)
                )
                yield Group(
                    f"first:{strand}:{n}", there[:n], (f"the first {several}",), (f"最前面{ZH_NUMBERS[n]}个{known.zh}",)
                )


def _crossed(cut: Cut) -> Iterator[Group]:
    """Two conditions at once."""
    for strand in ("interview", "b-roll", "drone", "wide"):
        mine = [e for e in cut.shots if e["strand"] == strand]
        known = STRANDS[strand]
        for letter in "ABC":
            there = pick(mine, lambda e, c=letter: e["camera"] == c)
            yield Group(
                f"strand:{strand}&camera:{letter}",
                there,
                (f"the {known.many} from camera {letter}", f"the {known.many} that the {letter} camera shot"),
                (f"{letter}机位的{known.zh}",),
            )
        for n in (2, 3, 4):
            if all(abs(_length(e) - n) > 0.021 for e in mine):
                yield Group(
                    f"strand:{strand}&longer:{n}",
                    pick(mine, lambda e, k=n: _length(e) > k),
                    (f"the {known.many} longer than {NUMBERS[n]} seconds",),
                    (f"长于{ZH_NUMBERS[n]}秒的{known.zh}",),
                )
    for who in dict.fromkeys(str(e["who"]) for e in cut.shots if e["who"]):
        for letter in "ABC":
            there = pick(cut.shots, lambda e, w=who, c=letter: e["who"] == w and e["camera"] == c)
            yield Group(
                f"who:{who}&camera:{letter}",
                there,
                (f"the shots of {who} from camera {letter}",),
                (f"{letter}机位拍{who}的镜头",),
            )
        there = pick(cut.shots, lambda e, w=who: e["strand"] == "interview" and e["who"] != w)
        yield Group(
            f"not:{who}",
            there,
            (f"the interview shots with anybody but {who}", f"the interviews without {who}"),
            (f"除{who}以外的采访",),
        )
