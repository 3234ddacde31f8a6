"""What an intent asks of a lesson: how many, about what, which stretch of it, in which language.

Deterministic word work in English, with the commonest Spanish and Chinese words, shared by the plans (which choose) and
the rule `education.asked` (which checks). What is not understood restricts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.education.words import STOP, stems, tokens, word_set
from dataclaw.types import Span

MOST = 20
"""Most questions, chapters or sections of one sample."""

# fmt: off
_COUNTS = {
    "a single": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "a dozen": 12, "fifteen": 15, "twenty": 20,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "diez": 10,
}
_LANGUAGES = {
    "english": "en", "inglés": "en", "英文": "en", "英语": "en", "spanish": "es", "español": "es", "castellano": "es",
    "西班牙语": "es", "chinese": "zh", "mandarin": "zh", "中文": "zh", "french": "fr", "français": "fr",
    "german": "de", "portuguese": "pt",
}
_GENERAL = word_set("""
        lesson lessons lecture lectures video videos course courses slide slides transcript transcripts talk
        material recording class subtitles captions content contents topic topics concept concepts board
        question questions whole entire main important key ideas idea points students student learners learner
        model training data subject stuff everything chapter chapters part parts section sections file clip
        said taught shown here explained covered lección clase curso transcripción vídeo video tema temas
        conceptos first last second seconds minute minutes beginning end start
    """)
# fmt: on
_ITEMS = (
    r"(?:(?!(?:per|for|from|of|on|about|in|with)\b)\w+[- ]){0,3}?"
    r"(?:questions?|q&as?|q\s*&\s*a|pairs?|quiz(?:zes)?|flash ?cards?|exercises?|chapters?|sections?|parts?|items?|"
    r"points?|steps?|pictures?|images?|slides?|headings?|preguntas?|capítulos?|secciones)"
)
_NUMBERS = "|".join(word for word in _COUNTS if not "一" <= word <= "鿿")
_COUNT = re.compile(rf"(?<![\w.:])(?P<n>\d{{1,3}}|{_NUMBERS})\s+{_ITEMS}\b(?! (?:per|for each|for every|in each)\b)")
_COUNT_ZH = re.compile(r"(?P<n>\d{1,3}|[两二三四五六七八九十]|一(?=道|章|个(?:问题|章节|题)))\s*(?:个|道|条|张|章|段)")
"""Numbers of questions or chapters; "一个讲义", a handout, and "一段视频", a recording, number nothing."""
_ABOUT = re.compile(
    r"\b(?:(?:all |only |just )?about|regarding|concerning|covering|dealing with|related to|relating to|sobre|"
    r"acerca de|(?:questions?|quiz|lesson|parts?|sections?|stretch|summary|pairs?|notes|material|exercises?) on|"
    r"stuck (?:at|on|with|in)|(?:only|just) (?:what|where|the part where) .{0,24}?(?:says?|said|explains?|explained|"
    r"covers?|talks? about))\s+(?P<x>[^,.;:?!()]+)|关于\s*(?P<y>[^,.;:，。；的]+)"
)
_ENDS = re.compile(
    r"\b(?:from|in|of|for|with|using|based|that|which|and (?:make|write|give|add)|so that|as|between|during|after|"
    r"before|until|to|at)\b.*$"
)
_QUOTED = re.compile(r"[\"“”'‘«「]([^\"“”‘’«»「」]{3,60})[\"“”’»」']")
_LANGUAGE = re.compile(
    rf"\b(?:in|en|into) (?P<a>{'|'.join(_LANGUAGES)})\b|\b(?P<b>{'|'.join(_LANGUAGES)}) (?:transcript|subtitles?|"
    rf"captions?|track|version|only)|(?:用|只要)\s*(?P<c>中文|英文|英语|西班牙语)"
)
_UNIT = r"(?:s|sec|secs|seconds?|min|mins|minutes?|segundos?|minutos?|秒|分钟)"
_CLOCK = rf"(?:\d+:\d\d(?::\d\d)?(?:\.\d+)?|\d+(?:\.\d+)?\s*{_UNIT})"
_AMOUNT = rf"(?P<n>\d+(?:\.\d+)?|one|two|three|five|ten|half a|a)\s*(?P<u>{_UNIT})"
_FIRST = re.compile(rf"(?:\b(?:first|opening|initial|primer[oa]?s?)|前)\s*{_AMOUNT}")
_LAST = re.compile(rf"(?:\b(?:last|final|closing|últim[oa]s?)|最后)\s*{_AMOUNT}")
_BETWEEN = re.compile(
    rf"(?:between|from|entre|minutes?)\s+(?P<a>{_CLOCK}|\d+)\s*(?:and|to|until|till|-|–|y|a)\s*(?P<b>{_CLOCK})"
)
_MINUTES = re.compile(r"\b(minute|second|minuto|segundo)s? (\d+)\s*(?:and|to|until|-|–|y|a)\s*(\d+)(?![\d:.])")
_HALF = re.compile(r"\b(?P<first>first|1st) half\b|(?P<first_zh>前半)|\b(?:second|last|2nd) half\b|后半")
_AFTER = re.compile(rf"\b(?:after|since|from|starting at)\s+(?P<a>{_CLOCK})")
_BEFORE = re.compile(rf"\b(?:before|until|up to|till)\s+(?P<a>{_CLOCK})")


@dataclass(frozen=True, slots=True)
class LessonIntent:
    """What an intent keeps of a lesson.

    Attributes:
        count: how many questions, chapters or sections; 0 when it does not say.
        topic: words that it is to be about, empty for everything.
        span: `(from, to)` [s].
        language: code of the language it asks for, "" for any.
        name: the topic as the intent writes it, "" when it names none.
    """

    count: int = 0
    topic: tuple[str, ...] = ()
    span: Span = (float("-inf"), float("inf"))
    language: str = ""
    name: str = ""

    def within(self, t0: float) -> bool:
        """Whether what begins at a time [s] is asked for."""
        return self.span[0] - 1e-6 <= t0 < self.span[1]

    def concerns(self, text: str, language: str) -> bool:
        """Whether a text is about the topic; about no topic is everything."""
        if not self.topic:
            return True
        there = set(stems(text, language)) | set(tokens(text))
        wanted = [set(stems(word, language)) or set(tokens(word)) for word in self.topic]
        return all(stem & there for stem in wanted)

    def renames(self, text: str) -> bool:
        """Whether a short name of the topic stands in a text with its letters turned round: angle KML is angle LMK."""
        there = {"".join(sorted(token)) for token in tokens(text)}
        return any("".join(sorted(word)) in there for word in self.topic if 2 <= len(word) <= 4)


def parse_intent(intent: str, window: Span) -> LessonIntent:
    """What an intent asks for.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    topic = _topic(text)
    return LessonIntent(_count(text), topic, _span(text, window), _language(text), _name(intent, topic))


def _count(text: str) -> int:
    match = _COUNT.search(text) or _COUNT_ZH.search(text)
    if match is None:
        return 0
    said = match["n"]
    return max(1, min(MOST, int(said) if said.isdecimal() else _COUNTS[said]))


def _topic(text: str) -> tuple[str, ...]:
    """Words that name what it is to be about: those in quotation marks, or after "about"."""
    named = _QUOTED.findall(text)
    if not named:
        named = [_ENDS.sub("", match["x"] or match["y"] or "") for match in _ABOUT.finditer(text)]
    words = [word for span in named for word in tokens(span)]
    common = STOP["en"] | STOP["es"] | _GENERAL | set(_LANGUAGES)
    return tuple(dict.fromkeys(w for w in words if w not in common and not w.isdecimal()))[:6]


def _name(intent: str, topic: Sequence[str]) -> str:
    """The stretch of the intent from the topic's first word to its last."""
    if not topic:
        return ""
    first, last = re.escape(topic[0]), re.escape(topic[-1])
    many = re.search(rf"(?<!\w){first}\b.*?(?<!\w){last}(?!\w)", intent, re.IGNORECASE)
    one = re.search(rf"(?<!\w){first}(?!\w)", intent, re.IGNORECASE)
    found = many if len(topic) > 1 else one
    return found[0] if found else " ".join(topic)


def _language(text: str) -> str:
    match = _LANGUAGE.search(text)
    return _LANGUAGES[match["a"] or match["b"] or match["c"]] if match else ""


def _span(text: str, window: Span) -> Span:
    text = _MINUTES.sub(r"from \2 \1s to \3 \1s", text)
    if match := _BETWEEN.search(text):
        b = _seconds(match["b"])
        a = match["a"]
        unit = re.search(_UNIT, match["b"])  # "minutes 3 to 5", "from 3 to 5 minutes": one unit for both
        clocked = ":" in a or re.search(_UNIT, a) or unit is None
        return (_seconds(a) if clocked else _seconds(f"{a} {unit[0] if unit else 's'}"), b)
    if match := _FIRST.search(text):
        return window[0], window[0] + _length(match)
    if match := _LAST.search(text):
        return window[1] - _length(match), float("inf")
    if match := _HALF.search(text):
        middle = (window[0] + window[1]) / 2
        return (window[0], middle) if match["first"] or match["first_zh"] else (middle, float("inf"))
    after, before = _AFTER.search(text), _BEFORE.search(text)
    return (_seconds(after["a"]) if after else float("-inf"), _seconds(before["a"]) if before else float("inf"))


def _length(match: re.Match[str]) -> float:
    amount = {"half a": 0.5, "a": 1.0}.get(match["n"]) or float(_COUNTS.get(match["n"], 0) or match["n"])
    return amount * _scale(match["u"])


def _seconds(said: str) -> float:
    if ":" in said:
        total = 0.0
        for part in said.split(":"):
            total = total * 60 + float(part)
        return total
    number = re.match(r"[\d.]+", said)
    return float(number[0]) * _scale(said[number.end() :].strip()) if number else 0.0


def _scale(unit: str) -> float:
    return 60.0 if unit.startswith(("m", "分")) else 1.0
