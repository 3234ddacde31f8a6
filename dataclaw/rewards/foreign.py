"""Does a text bring in what nothing that is cited has: a name, an address, a number, quoted words, a whole sentence?

Words of common talk may be chosen freely; what says *which* one may not. Each text of the draft is read, wherever it
stands and whatever it is called, so that no field needs a rule of its own against made-up facts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import cast

from rapidfuzz import fuzz, process
from wordfreq import zipf_frequency

from dataclaw.rewards.asking import language_of
from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.evidence import FIRST, explain, supports_of
from dataclaw.rewards.prose import LEFT_OUT, holds, numbers_of, quotations, texts_of, words_of
from dataclaw.rewards.similarity import is_number
from dataclaw.rewards.texts import CJK, WORDED, is_telling, runs_of_others, stem, tokens
from dataclaw.schema import citations, select
from dataclaw.schema.walk import Derived, subschemas
from dataclaw.types import Anchor, Finding, Json, Span
from dataclaw.words import words_beside

COPIED, HALF = frozenset({"text", "target", "window", "verb", "keys"}), 0.5
"""Kinds of support by words, and the least likeness of a copy."""
FULL = 8
"""So many anchors are as many as there is room for: what is said beside them may be cited elsewhere."""
COUNTS = 10
"""Whole numbers up to this one count or order things, and need no source."""
TELLING = 5
"""A sentence with so many telling words, none of which is known, is foreign as a whole."""
SPELT = 84.0
"""Least likeness (rapidfuzz, 0..100) of two spellings of a name: inflected, or misread by a letter."""
SHORT = 24
"""A quotation may be misread as a whole up to this length; of a longer one each word has to be known [characters]."""
RARE, UNUSUAL, TALK = 2.0, 3.5, 5.8
"""Below these frequencies (Zipf scale) a capital tells a name: beginning a sentence, in a title, and elsewhere."""
_WORDS = words_beside(__file__)
_PLAIN = _WORDS.sets["capitals"]
_UNITS: Mapping[str, float] = _WORDS.tables["units"]
_ADDRESS = _WORDS.patterns["address"]
_NUMBER = _WORDS.patterns["number"]
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»|「[^」]*」')
_HAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CAPITAL = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)+|[^\W\d_{_HAN}]+(?:['’.-][^\W\d_{_HAN}]+)*")
_OPENING = re.compile(r"(?:^|[.!?:;>。！？：；\n]|^\s*\W+)[\s\W]*$")
_APPENDED = re.compile(r"[.!?][\"”»]?\s+(?=(?:[^\W\d_]+\s?){1,2}$)")
_JOINED = re.compile(rf"(?<!<)(?<![^\W{_HAN}])[^\W_{_HAN}]+(?:_[^\W_{_HAN}]+)+(?![^\W{_HAN}]|>)")
_LAST_NAMES = re.compile(r"(?:^|[.!?][\"”»]?\s)((?:[^\W\d_a-z][^\W\d_]*(?:\s|$)){1,4})$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLOCK = re.compile(r"\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?")
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


@rule("nothing_foreign")
def nothing_foreign(case: Case, *, code: str | Sequence[str] = ()) -> Score:
    """Share of the draft's texts in which every name, address, number and quotation stands in something that is cited.

    Known is what anchors cited anywhere in the draft say (for a text that nothing is cited for, all that was seen),
    what the intent and the task's declaration say, and the labels. A name may be inflected or misread by a letter. A
    number may be a count up to 10 or up to the items of the draft, a moment of the window on the clock, a cited value
    rounded or in another unit, a place in shares of the frame, or the time between two that are cited. In texts that
    cite words of the stream, a whole sentence of five telling words, none of which is known, is foreign as well. What
    is left out bears out nothing. Words that are copied (a name, a key: `x-support`) are foreign where what is cited
    beside them has others, whatever is said elsewhere, and so is a run of the stream's words (eight, an address, a long
    number; see `own_words`) or a name behind the last sentence that is said only elsewhere. Names are told by their
    capitals, so that a text in a script without them is judged by the rest.

    Args:
        case: the draft.
        code: patterns of texts that are code, whose numbers and names another rule compares with what was done.
    """
    texts = [text for text in texts_of(case) if text[1].strip()]
    programs = {place for path in patterns(code) for place, _ in select(case.draft, path)}
    findings = [
        Finding(place, explain(value, kind, anchor) if anchor else "cites nothing", "nothing_foreign", 0.0)
        for place, value, score, kind, anchor in supports_of(case)
        if score < HALF and kind.removeprefix(FIRST) in COPIED
    ]
    for place, text, anchors in texts:
        known = known_of(case, seen=not anchors)
        if what := foreign_in(text, known, anchors, code=place in programs):
            findings.append(Finding(place, f"{what} stands in nothing that is cited", "nothing_foreign", 0.0))
            continue
        beside = anchors if len(anchors) < FULL else known.anchors
        if anchors and (said := next(runs_of_others(text, beside, case), "") or _foreign_ending(text, beside, case)):
            message = f'"{said[:60]}" stands in nothing that is cited beside it'
            findings.append(Finding(place, message, "nothing_foreign", 0.0))
    return score_of(max(0.0, 1.0 - len(findings) / len(texts)), findings) if texts else NOT_APPLICABLE


def foreign_in(text: str, known: Known, anchors: tuple[Anchor, ...] = (), *, code: bool = False) -> str:
    """The first thing in a text that is not known, as it is shown; "" where there is none.

    Args:
        text: the text.
        known: what it may speak of.
        anchors: what is cited beside it.
        code: whether it is a program, of which only quotations and addresses are read.
    """
    if text.casefold() in known.text:
        return ""
    whole = text.count('"') % 2 == 0 and "…" not in text  # else a quotation was cut off: its words are read like others
    for said in quotations(text) if whole else ():
        if not known.has_quotation(said):
            return f'"{said[:60]}"'
    bare = _QUOTED.sub(" q ", text) if whole else text
    for address in (found[0].rstrip(".,;:!?)") for found in _ADDRESS.finditer(bare)):
        if not known.has(re.sub(r"^(?:https?://)?(?:www\.)?", "", address)):
            return f"the address {address[:60]}"
    if code:
        return ""
    bare = _ADDRESS.sub(" q ", bare)
    return next(_foreign_numbers(bare, known), "") or _foreign_name(bare, known) or _sentence(bare, known, anchors)


def _foreign_numbers(text: str, known: Known) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        start, end = _token(text, found)
        if not known.has(text[start:end]) and not known.has_number(found["n"], found["unit"] or ""):
            yield f"the number {found['n']}"


def _token(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Where the run of characters around a number begins and ends: `QX-4471`."""
    start, end = found.span()
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _foreign_name(text: str, known: Known) -> str:
    if made := next((word for word in _JOINED.findall(text) if not known.has(word)), ""):
        return f"the name {made[:60]}"
    capitals = [found for found in _CAPITAL.finditer(text) if found[0][0].isupper() or "·" in found[0]]
    unknown = [found for found in capitals if not known.has_name(found[0])]
    if not unknown:
        return ""
    names, words = {found[0] for found in capitals}, {found[0] for found in _CAPITAL.finditer(text)}
    long = {word for word in words if len(word) > 3}
    titled = len(names) > 2 and 2 * len(names) > len(long)
    if (
        " q " not in f" {text} "
        and long
        and long <= {found[0] for found in unknown}
        and any(_frequency(word, known) < TALK for word in long)
    ):
        return f"the name {text.strip()[:60]}"  # all of it has capitals and nothing is known: "Riverside View Hotel"
    appended = _APPENDED.search(text)  # a word or two behind the last sentence begin none
    for found in unknown:
        opens = bool(_OPENING.search(text[: found.start()])) and not (appended and found.start() >= appended.end())
        least = RARE if opens else UNUSUAL if titled or found[0].isupper() or known.language == "de" else TALK
        if "·" in found[0] or _frequency(found[0], known) < least:
            return f"the name {found[0][:60]}"
    return ""


def _foreign_ending(text: str, anchors: Sequence[Anchor], case: Case) -> str:
    """The names behind the last sentence of a text, where one stands in none of the anchors and is not asked for."""
    found = _LAST_NAMES.search(text)
    if found is None or not all(name[0].isupper() for name in found[1].split()):
        return ""
    names = [
        name
        for name in found[1].casefold().split()
        if name not in _PLAIN and name not in case.vocabulary and is_telling(name)
    ]
    said = [*(word for anchor in anchors for word in words_of(anchor)), *_wishes(case)] if names else []
    there = frozenset[str]().union(*map(_stems_of, said))
    return found[1] if any(stem(name) not in there for name in names) else ""


def _frequency(word: str, known: Known) -> float:
    return zipf_frequency(word.casefold(), known.language)


def _sentence(text: str, known: Known, anchors: tuple[Anchor, ...]) -> str:
    if CJK.search(text) or not all(anchor.kind in WORDED for anchor in anchors):
        return ""
    for sentence in _SENTENCE.split(text):
        said = {stem(word) for word in tokens(sentence) if is_telling(word)}
        if len(said) >= TELLING and " q " not in f" {sentence} " and not said & known.stems:
            return f'the sentence "{sentence.strip()[:60]}"'
    return ""


@dataclass(frozen=True)
class Known:
    """What a draft may speak of.

    Attributes:
        sources: texts of what is cited and of what was asked.
        numbers: what is cited and stated, in order.
        times: times of what is cited, in order [s].
        count: how many things there are to count.
        anchors: what is cited.
        window: `(t0, t1)` [s] that the draft is about.
        said: the draft's own texts, by which its language is told.
        vocabulary: words of the task's declaration.
    """

    sources: tuple[str, ...]
    numbers: tuple[float, ...]
    times: tuple[float, ...]
    count: int
    anchors: tuple[Anchor, ...]
    window: Span
    said: str
    vocabulary: frozenset[str]
    _known_words: dict[str, bool] = field(default_factory=dict[str, bool])

    @cached_property
    def text(self) -> str:
        """Everything that is known, case folded."""
        return "\n".join((*self.sources, " ".join(sorted(self.vocabulary)))).casefold().replace('"', "'")

    @cached_property
    def language(self) -> str:
        """Code of the draft's language, "en" where it is not told or has no capitals."""
        code = language_of(self.said)
        return code if code not in ("", "zh", "ja") else "en"

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words that are known, by their stems."""
        return self.vocabulary.union(*map(_stems_of, self.sources))

    @cached_property
    def _squeezed(self) -> str:
        return _squeeze(self.text)

    def has(self, words: str) -> bool:
        """Whether words stand in something known; blanks and letter case do not count."""
        return bool(bare := _squeeze(words).strip(".,;:!?()[]'")) and bare in self._squeezed

    def has_quotation(self, said: str) -> bool:
        """Whether quoted words stand in something known, or each of them does, or an anchor nearly says them."""
        if self.has(said):
            return True
        if not all(self.has(figure) for figure in re.findall(r"\d+", said)):
            return False
        if all(self.has_word(word) for word in tokens(said)):
            return True
        return (len(said) <= SHORT or self._is_cjk(said)) and holds(said, self.anchors)

    def _is_cjk(self, said: str) -> bool:
        """Whether words are in a script without blanks, and so is something that is cited."""
        return bool(CJK.search(said)) and any(CJK.search(anchor.content) for anchor in self.anchors)

    def has_name(self, name: str) -> bool:
        """Whether each word of a name is known in some form, or is no name: a key, a single letter."""
        return all(self.has_word(word) for word in re.split(r"[.·-]", name.casefold().replace("’", "'")) if word)

    def has_word(self, word: str) -> bool:
        """Whether a case-folded word is known in some form."""
        if word not in self._known_words:
            self._known_words[word] = self._has_word(word)
        return self._known_words[word]

    def _has_word(self, word: str) -> bool:
        bare = word.removesuffix("'s").rstrip("'")
        if len(bare) < 2 or bare in _PLAIN or bare in self.stems or stem(bare) in self.stems:
            return True
        if len(bare) < 4:
            return False
        return bare in self._squeezed or bool(
            process.extractOne(bare, self.stems, scorer=fuzz.ratio, score_cutoff=SPELT)
        )

    def has_number(self, figure: str, unit: str) -> bool:
        """Whether a figure counts something, rounds a number that is known, or is the time between two of them."""
        value, step = _value(figure)
        if value is None:
            parts = re.split(r"[,:]", figure)
            return all(self.has_number(part, "") for part in (parts if len(parts) > 1 else figure.split(".")))
        if value <= max(COUNTS, self.count) and value == int(value):
            return True
        if ":" in figure and self.window[0] <= value <= self.window[1]:
            return True  # a moment of the stream
        scales = {1.0, _UNITS.get(unit.casefold(), 1.0)}
        return any(
            self._is_near(value * scale, step * scale / 2) or self._is_between(value * scale, step * scale / 2)
            for scale in scales
        )

    def _is_near(self, value: float, off: float) -> bool:
        at = bisect_left(self.numbers, value - off - 1e-9 * max(1.0, value))
        return at < len(self.numbers) and self.numbers[at] <= value + off + 1e-9 * max(1.0, value)

    def _is_between(self, value: float, off: float) -> bool:
        """Whether two times lie so far apart."""
        last = 0
        for first in self.times:
            while last < len(self.times) and self.times[last] - first < value - off - 1e-9:
                last += 1
            if last < len(self.times) and self.times[last] - first <= value + off + 1e-9:
                return True
        return False


def known_of(case: Case, *, seen: bool = False) -> Known:
    """What a case's draft may speak of; found once for all its texts.

    Args:
        case: the draft.
        seen: of everything that was seen, and not only of what the draft cites.
    """
    name = "seen and known" if seen else "known"
    if name not in case.memo:
        ids = (
            list(case.anchors)
            if seen
            else [name for name in citations(_without_left_out(case.draft)) if name in case.anchors]
        )
        case.memo[name] = _gather_known(case, tuple(case.anchors[name] for name in ids))
    return cast("Known", case.memo[name])


def _without_left_out(draft: Json) -> Json:
    """A draft without what it leaves out: what is cited there bears out nothing."""
    if not isinstance(draft, dict):
        return draft
    return {key: value for key, value in cast("dict[str, Json]", draft).items() if key != LEFT_OUT}


def _gather_known(case: Case, anchors: tuple[Anchor, ...]) -> Known:
    asked = _wishes(case)
    keys = [key for anchor in anchors for key in _keys(anchor.attrs)]
    words = [word for anchor in anchors for word in words_of(anchor)]
    numbers = {abs(n) for anchor in anchors for n in numbers_of(anchor)} | {abs(n) for n in _stated_numbers(case.draft)}
    numbers |= {share for anchor in anchors for share in _shares(anchor, case.frame_size)}
    numbers |= {*case.window, float(len(case.events)), float(len(case.frame_times))}
    numbers |= {n for text in (*asked, *keys) for n in _figures(text)}
    return Known(
        sources=(*asked, *(anchor.id for anchor in anchors), *words, *keys),
        numbers=tuple(sorted(numbers)),
        times=tuple(sorted({t for anchor in anchors for t in (anchor.t0, anchor.t1)} | set(case.window))),
        count=max(_longest(case.draft), len(citations(case.draft))),
        anchors=anchors,
        window=case.window,
        said=" ".join(text for _, text, _ in texts_of(case)),
        vocabulary=case.vocabulary,
    )


def _wishes(case: Case) -> tuple[str, ...]:
    return (case.intent, *case.labels, *_options(case.shape))


def _shares(anchor: Anchor, size: tuple[int, int] | None) -> Iterator[float]:
    """Where an anchor is, in shares of the frame's sides: "58 % across"."""
    for place in (anchor.box, anchor.point):
        if place and size:
            yield from (value / size[at % 2] for at, value in enumerate(place))


def _keys(value: Json) -> Iterator[str]:
    """The names of an anchor's details, also inside them: the times of a curve, the inputs of a node."""
    if isinstance(value, Mapping | list | tuple):
        entries = cast("Mapping[str, Json]", value)
        yield from map(str, entries if isinstance(value, Mapping) else ())
        for item in cast("Iterable[Json]", entries.values() if isinstance(value, Mapping) else value):
            yield from _keys(item)


def _stated_numbers(value: Json) -> Iterator[float]:
    """The numbers that a draft states in fields of their own, which have rules of their own."""
    if is_number(value):
        yield float(value)
    for item in _items(value):
        yield from _stated_numbers(item)


def _longest(value: Json) -> int:
    """How many items the longest list of a draft has."""
    items = _items(value)
    return max([len(items), *map(_longest, items)])


def _items(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(cast("dict[str, Json]", value).values())
    return cast("list[Json]", value) if isinstance(value, list) else []


def _figures(text: str) -> Iterator[float]:
    return (value for found in _NUMBER.finditer(text) if (value := _value(found["n"])[0]) is not None)


def _value(figure: str) -> tuple[float | None, float]:
    """The value of a figure or of a clock time, and the step of its last digit; None for a version or a date."""
    if ":" in figure:
        if not _CLOCK.fullmatch(figure):
            return None, 1.0
        parts = enumerate(reversed(figure.split(":")))
        return sum(float(part) * 60.0**at for at, part in parts), 2.0  # rounded, or cut off
    plain = figure.replace(",", "" if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", figure) else ".")
    if plain.count(".") > 1:
        return None, 1.0
    return float(plain), 10.0 ** -len(plain.partition(".")[2])


@lru_cache(maxsize=65536)
def _stems_of(text: str) -> frozenset[str]:
    """The words of a text and of the names in it, as they are and by their stems."""
    words = {*tokens(text), *tokens(_JOINT.sub(" ", text))}
    return frozenset(words | {stem(word) for word in words})


@lru_cache(maxsize=65536)
def _squeeze(text: str) -> str:
    return "".join(text.casefold().replace('"', "'").split())


def _named_values(schema: Mapping[str, Json]) -> tuple[str, ...]:
    nodes = [node for _, node in subschemas(dict(schema))]
    options = [option for node in nodes for option in (*node.get("enum", ()), node.get("const"))]
    return tuple(option for option in options if isinstance(option, str))


_options = Derived(_named_values)
"""The values that a schema names: what may be chosen is not made up."""
