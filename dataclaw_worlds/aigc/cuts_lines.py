"""One line about each operation of a cut, as a person who watched it would say it; in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from dataclaw.domains.aigc.wording import quote
from dataclaw.types import Anchor, Json
from dataclaw_worlds.aigc.cuts_wishes import NUMBERS
from dataclaw_worlds.aigc.cuts_words import STRANDS

Fact = Mapping[str, Json]
NAME = 48
"""Longest name that a thought quotes [characters]."""


class Lines:
    """Knows what every event of a cut is.

    Args:
        facts: the truth of each event, by the event's id.
        language: "en" or "zh".
    """

    def __init__(self, facts: Mapping[str, Fact], language: Literal["en", "zh"]) -> None:
        self._facts = facts
        self.zh = language == "zh"
        self._by_name = {str(f["name"]): f for f in facts.values() if f["kind"] == "clip" and f["strand"] != "sound"}

    def line(self, event: Anchor) -> str:
        """What an operation is."""
        fact = self._facts[event.id]
        if fact["kind"] == "marker":
            return self._marker(event, fact)
        if fact["kind"] == "transition":
            return self._transition(event, fact)
        length = event.t1 - event.t0
        if fact["kind"] == "gap":
            return (
                f"{event.t0:.2f}秒:空白{length:.2f}秒。"
                if self.zh
                else f"{event.t0:.2f} s: nothing for {length:.2f} s."
            )
        what = self._zh_shot(fact) if self.zh else self._shot(fact)
        more = "".join(f",{word}" if self.zh else f", {word}" for word in self._conditions(fact))
        return (
            f"{event.t0:.2f}秒:{what},{length:.2f}秒{more}。"
            if self.zh
            else f"{event.t0:.2f} s: {what}, {length:.2f} s{more}."
        )

    def _shot(self, fact: Fact) -> str:
        strand, who, of = str(fact["strand"]), str(fact["who"]), str(fact["what"] or fact["place"])
        base = {
            "interview": f"interview with {who}",
            "reaction": f"{who} listening",
            "b-roll": f"cutaway of {of}",
            "drone": f"drone shot of the {of}",
            "wide": f"wide shot of the {of}",
            "archive": f"archive material of {of}",
            "time lapse": f"time lapse of the {of}",
            "title": "title card",
            "credits": "end credits",
            "lower third": f"name super for {who}, {fact['role']}",
            "music": f"music, {of}",
            "voice-over": f"voice-over, {of}",
            "sound": f"sync sound of the interview with {who}",
        }.get(strand, STRANDS[strand].one)
        details = [f"camera {fact['camera']}"] if fact["camera"] else []
        details += [f"take {fact['take']}"] if fact["take"] and fact["camera"] else []
        return f"{base} ({', '.join(details)})" if details else base

    def _zh_shot(self, fact: Fact) -> str:
        strand, who, of = str(fact["strand"]), str(fact["who"]), str(fact["what"] or fact["place"])
        base = {
            "interview": f"采访{who}",
            "reaction": f"{who}在听",
            "b-roll": f"{of}的空镜",
            "drone": f"{of}的航拍",
            "wide": f"{of}的全景",
            "archive": f"{of}的资料画面",
            "time lapse": f"{of}的延时画面",
            "title": "片名",
            "credits": "片尾字幕",
            "lower third": f"{who}的人名条",
            "music": f"配乐({of})",
            "voice-over": f"旁白({of})",
            "sound": f"采访{who}的同期声",
        }.get(strand, STRANDS[strand].zh)
        return f"{base}({fact['camera']}机位)" if fact["camera"] else base

    def _conditions(self, fact: Fact) -> list[str]:
        speed = float(fact["speed"])
        said: list[str] = []
        if speed < 0:
            said.append("倒放" if self.zh else "backwards")
        elif speed != 1:
            slow = speed < 1
            word = ("慢放" if slow else "快放") if self.zh else ("slow motion" if slow else "fast motion")
            said.append(f"{word}{speed:.0%}" if self.zh else f"{word} at {speed:.0%} speed")
        if not fact["enabled"]:
            said.append("已关闭" if self.zh else "switched off")
        return said

    def _transition(self, event: Anchor, fact: Fact) -> str:
        kind, length = str(fact["strand"]), event.t1 - event.t0
        sides = [self._by_name.get(str(fact[key])) for key in ("who", "what")]
        if self.zh:
            words = [self._zh_shot(side) if side else "" for side in sides]
            return (
                f"{event.t0:.2f}秒:从{words[0]}{'叠化' if kind == 'dissolve' else '划像'}到{words[1]},{length:.2f}秒。"
            )
        words = [self._shot(side) if side else "nothing" for side in sides]
        return f"{event.t0:.2f} s: {kind} from the {words[0]} to the {words[1]}, {length:.2f} s."

    def _marker(self, event: Anchor, fact: Fact) -> str:
        about, words = str(fact["strand"]), quote(str(fact["name"]))
        if self.zh:
            name = {
                "client": "客户备注",
                "grade": "调色备注",
                "sound": "声音备注",
                "rights": "版权备注",
                "chapter": "章节",
            }[about]
            return f"{event.t0:.2f}秒:{name}{words}。"
        name = {
            "client": "the client's note",
            "grade": "a note for the grade",
            "sound": "a note for the sound mix",
            "rights": "a note on rights",
            "chapter": "a chapter begins,",
        }[about]
        return f"{event.t0:.2f} s: {name} {words}."


def listed_names(events: Sequence[Anchor], total: int, zh: bool) -> str:
    """`"INT Mara 01", "DRN quay" and 4 more`: what events are called, each name once, in a sentence.

    Args:
        events: those that are named.
        total: how many there are in all.
        zh: whether the sentence is Chinese.
    """
    names = list(dict.fromkeys(quote(str(e.attrs.get("text") or e.attrs.get("verb")), NAME) for e in events))
    said = "、".join(names) if zh else ", ".join(names)
    if total <= len(events):
        return said
    more = total - len(events)
    return f"{said}等" if zh else f"{said} and {NUMBERS.get(more, 'several')} more"
