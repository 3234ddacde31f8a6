"""What an intent asks of a recording of daily life: which span, which topics, how many, how fine, which questions.

Deterministic word work, in English and the commonest Chinese words, shared by the plans (which choose) and the rule
`daily.scope` (which checks). Topics are the words of "only the onion", "about the dough", "without the washing"; they
are compared with what was told, stem by stem. What is not understood restricts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dataclaw.domains.daily.verbs import base_of, singular, word_set

Detail = Literal["coarse", "plain", "fine"]

KINDS: Mapping[str, str] = {
    "action": r"\bactivit|\bactions?\b|\bdoing\b|what (?!for\b)(?:\w+ ){0,3}do(?:es)?\b|做什么|在干什么|动作|行为",
    "next": r"\bnext\b|afterwards|what follows|what happens after|接下来|之后",
    "why": r"\bwhy\b|\bwhat for\b|\breasoning question|\breasons?\b|\bpurpose|\bintent(?:ion)?s?\b|\bgoals?\b"
    r"|为什么|目的|原因",
    "object": r"with what|what with|\btools?\b|\bobjects?\b|\butensils?\b|\bingredients?\b|用什么|工具|物品|物体",
    "place": r"\bwhere\b|\bplaces?\b|\blocations?\b|在哪|哪里|地点",
    "count": r"how (?:often|many times|frequently)|\bfrequen|\brepetition|几次|多少次|次数",
    "localise": r"\bwhen\b|\blocali[sz]|time ?spans?\b|timestamps?|\bmoments?\b|start and end|\bground(?:ed|ing)\b"
    r"|什么时候|何时|定位|时间段|起止",
    "order": r"\border(?:ing|ed)?\b|came? first|\bfirst or|\bsequen|before or after|\bchronolog|\bshuffl|\bsort"
    r"|顺序|先后|排序",
    "state_change": r"\bstates?\b|what (?:has )?change[sd]?|\bchanges?\b|\bdifferen|before and after|状态|变化",
}
"""Kinds of questions, and what asks for them."""

_FINE = re.compile(
    r"\bdetail|\bevery (?:single )?(?:step|action|move)|\ball (?:the )?(?:steps|actions)|sub-?steps?|fine.grained"
    r"|\bexact(?:ly)?\b|\beverything\b|详细|每一步|每个动作|所有步骤"
)
_COARSE = re.compile(
    r"\bshort\b|\bbrief|\boverview\b|\bmain\b|\bkey (?:steps|stages)|\bsummar|\bhigh.level|\bcompact\b|\bcoarse"
    r"|\bat a glance|简短|简要|概括|主要"
)
_WITHOUT_PICTURES = re.compile(
    r"\b(?:without|no) (?:any )?(?:screenshots?|images?|pictures?|frames?)\b|\btext.only\b|不要图"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}|\bin (?:chinese|mandarin)\b")
_ENGLISH = re.compile(r"\bin english\b|用英文|用英语|英文的?(?:问|回答|步骤)")
_ONLY = re.compile(
    r"(?:\b(?:only|just|solely|nothing but|limited to|restricted to|focus(?:ed|ing)? on|about|concerning|regarding"
    r"|quiz me on)\b"
    r"|只保留|只要|只关心|只|仅|关于)\s*(?P<span>[^,.;:?!，。；：？！]*)"
)
_OF_ITSELF = re.compile(
    r"\b(?:this|these|the|my|that|a|an|daily|everyday) (?:[\w-]+ ){0,2}?"
    r"(?:videos?|clips?|recordings?|footage|streams?|films?|narrations?|captions?|activit(?:y|ies))\b"
)
"""Words that name the recording and not what in it is asked for."""
_WHEN = re.compile(r"\bwhen (?:does|do|did|is|are|was|were) (?:the |a )?(?P<span>[^,.;:?!]{2,60}?) "
                   r"(?:happen|occur|start|begin|end|finish|take place)")  # fmt: skip
_NOT = re.compile(
    r"(?:\b(?:except(?: for)?|excluding|exclude|without|but not|not|ignore|ignoring|skip|skipping|leave out|omit"
    r"|no(?! more| less))\b"
    r"|除了|不要|不包括|排除|去掉)\s*(?P<span>[^,.;:?!，。；：？！]*)"
)
_NUMBER_WORDS = {
    "one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
_COUNT = re.compile(
    r"\b(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a single)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:questions?|steps?|pairs?|q&as?|qas?|items?|stages?)\b(?!\s+(?:by|at)\b)"
)
_COUNT_ZH = re.compile(r"(?P<n>\d{1,3}|[两二三四五六七八九十]|一(?=道|个(?:问题|步骤|题)))\s*(?:个|道|条|组|步)")
"""Numbers of questions or steps; "一个教程", a tutorial, and "一步一步", step by step, number nothing."""
SMALL = word_set("the a an of to in on and with from into it them your their own using")
"""Words that say nothing about what is done, and to what."""
# fmt: off
_STOP = word_set("""
    the a an and or to of in on for with what that this is are was were who how why when where which do does did
    done it its from by at as be being been my me i you your their his her they them there than then so if into
    out up all any each every some more most steps step action actions activity activities question questions qa
    answer answers video videos clip clips recording recordings footage stream film part parts section sections
    important essential relevant main key necessary needed useful interesting person people someone somebody one
    two three happens happen happened happening things thing stuff only just make made making making data
    training dataset samples sample train model robot agent tutorial guide instructions instruction how-to
    recipe order ordering sequence time times timing moment moments before after first last next second seconds
    minute minutes min sec narration narrations caption captions text english chinese screen route path way walk
    navigation navigate state states change changes goal goals reason reasons object objects tool tools often
    many frames frame pictures picture images image events event temporal causal context contextual daily life
    everyday procedural procedure temporally vln localisation localization grounding between during while shown
    put puts placed used uses use using kept goes gets seen see start end beginning whole entire everything detail
    details matter matters 没有 的 视频 步骤 问题 部分 生成 关于
""")
# fmt: on
_UNIT = r"(?:seconds?|secs?|s|minutes?|mins?|min|m|秒钟?|分钟?|hours?|h|小时)"
_CLOCK = rf"(?P<{{0}}>\d+(?::\d\d){{{{1,2}}}}(?:\.\d+)?|\d+(?:\.\d+)?\s*{_UNIT}(?![a-z]))"
_AMOUNT = rf"(?P<n>\d+(?:\.\d+)?|half a|one|two|three|five|ten|[一两三五十])?\s*(?P<u>{_UNIT})(?![a-z])"
_FIRST = re.compile(rf"(?:first|opening|initial|前)\s*{_AMOUNT}")
_LAST = re.compile(rf"(?:last|final|最后)\s*{_AMOUNT}")
_BETWEEN = re.compile(
    rf"(?:between|from|从)?\s*{_CLOCK.format('a')}\s*(?:and|to|until|till|-|–|到|至)\s*{_CLOCK.format('b')}"
)
_BARE_BETWEEN = re.compile(
    rf"(?:between|from)\s+(?P<a>\d+(?:\.\d+)?)\s+(?:and|to)\s+(?P<b>\d+(?:\.\d+)?\s*{_UNIT})(?![a-z])"
)
_AFTER = re.compile(rf"(?:\b(?:after|since|from)\s+|从\s*){_CLOCK.format('a')}")
_BEFORE = re.compile(rf"\b(?:before|until|up to)\s+{_CLOCK.format('b')}")


@dataclass(frozen=True, slots=True)
class ActivityIntent:
    """What an intent asks for.

    Attributes:
        span: `(from, to)` [s] of the stream to keep.
        topics: stems of which one must be told, empty for any.
        without: stems of which none may be told.
        count: how many questions or steps, None when not said.
        detail: how fine steps are to be.
        kinds: kinds of questions asked for, in the order of `KINDS`; empty for any.
        chinese: the answer is wanted in Chinese.
        pictures: frames are wanted.
    """

    span: tuple[float, float] = (float("-inf"), float("inf"))
    topics: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    count: int | None = None
    detail: Detail = "plain"
    kinds: tuple[str, ...] = ()
    chinese: bool = False
    pictures: bool = True

    @property
    def has_span(self) -> bool:
        """Whether a span of time was asked for."""
        return self.span != (float("-inf"), float("inf"))

    def refuses(self, text: str, t0: float, t1: float) -> bool:
        """Whether what was told lies outside what is asked for: by its middle in time, or by its words."""
        if not self.span[0] <= (t0 + t1) / 2 <= self.span[1]:
            return True
        words = stems(text)
        return bool((self.topics and not self.topics & words) or self.without & words)


def parse_intent(intent: str, window: tuple[float, float]) -> ActivityIntent:
    """What an intent asks for.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    plain = _WITHOUT_PICTURES.sub(" ", text)
    without = _topics(match["span"] for match in _NOT.finditer(plain))
    positive = _NOT.sub(" ", plain)
    only = _topics(match["span"] for pattern in (_ONLY, _WHEN) for match in pattern.finditer(positive))
    fine, coarse = bool(_FINE.search(text)), bool(_COARSE.search(text))
    return ActivityIntent(
        span=_span(text, window),
        topics=frozenset(only),
        without=frozenset(without - only),
        count=_count(text),
        detail="fine" if fine and not coarse else "coarse" if coarse and not fine else "plain",
        kinds=_kinds(positive, " ".join(match["span"] for match in _NOT.finditer(plain))),
        chinese=bool(_CHINESE.search(text)) and not _ENGLISH.search(text),
        pictures=not _WITHOUT_PICTURES.search(text),
    )


def stems(text: str) -> frozenset[str]:
    """Stems of the words of a text: base forms of verbs, singulars of the others; Chinese runs whole."""
    words = re.findall(r"[a-z][a-z'-]*|[\u4e00-\u9fff]+", text.lower())
    return frozenset(stem for word in words for stem in _stems(word))


def _stems(word: str) -> set[str]:
    found = {word, singular(word)}
    return found | ({base} if (base := base_of(word)) else set())


def _topics(spans: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for span in spans:
        for word in re.findall(r"[a-z][a-z'-]+", _OF_ITSELF.sub(" ", _without_times(span))):
            if word not in _STOP and not any(re.search(asks, word) for asks in KINDS.values()):
                found |= {min(_stems(word), key=len)}
    return found


def _without_times(text: str) -> str:
    for pattern in (_BETWEEN, _BARE_BETWEEN, _FIRST, _LAST, _AFTER, _BEFORE):
        text = pattern.sub(" ", text)
    return text


def _kinds(asked: str, refused: str) -> tuple[str, ...]:
    """Kinds that are asked for; where none is, all but those refused by name, and () where none is refused either."""
    named = tuple(kind for kind, words in KINDS.items() if re.search(words, asked))
    without = {kind for kind, words in KINDS.items() if re.search(words, refused)}
    return named or (tuple(kind for kind in KINDS if kind not in without) if without else ())


def _count(text: str) -> int | None:
    match = _COUNT.search(_without_times(text)) or _COUNT_ZH.search(_without_times(text))
    if match is None:
        return None
    said = match["n"].removeprefix("a ")
    return max(1, int(said) if said.isdecimal() else _NUMBER_WORDS[said])


def _span(text: str, window: tuple[float, float]) -> tuple[float, float]:
    for pattern in (_BETWEEN, _BARE_BETWEEN):
        if match := pattern.search(text):
            unit = re.sub(r"[\d.:\s]", "", match["b"])
            return _seconds(match["a"] if ":" in match["a"] else f"{match['a']}{unit}"), _seconds(match["b"])
    if match := _FIRST.search(text):
        return float("-inf"), window[0] + _length(match)
    if match := _LAST.search(text):
        return window[1] - _length(match), float("inf")
    after, before = _AFTER.search(text), _BEFORE.search(text)
    return (_seconds(after["a"]) if after else float("-inf")), (_seconds(before["b"]) if before else float("inf"))


def _length(match: re.Match[str]) -> float:
    said = match["n"] or "one"
    amount = 0.5 if said == "half a" else float(_NUMBER_WORDS[said]) if said in _NUMBER_WORDS else float(said)
    return amount * _scale(match["u"])


def _seconds(said: str) -> float:
    if ":" in said:
        parts: Sequence[str] = said.split(":")
        return sum(float(part) * 60.0**k for k, part in enumerate(reversed(parts)))
    number = re.match(r"[\d.]+", said)
    unit = re.sub(r"[\d.\s]", "", said)
    return (float(number[0]) if number else 0.0) * _scale(unit)


def _scale(unit: str) -> float:
    return 3600.0 if unit.startswith(("h", "小")) else 60.0 if unit.startswith(("m", "分")) else 1.0
