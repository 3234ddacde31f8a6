"""What a draft asks and answers, as texts: its questions, the parts of its answer, and the words that tell something.

A word tells something when it is neither common talk nor one of the generic words of `texts.toml`, which fit any stream
of a kind: "the subject on the right moves" tells nothing about which stream this is. Words of the stream stand between
quotation marks: who copies an order from a screen into a field that nobody expects it in presents it as his own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, cast

from wordfreq import zipf_frequency

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.places import places_of
from dataclaw.rewards.prose import texts_of, without_quotations
from dataclaw.schema import citations, fields_of, join, select
from dataclaw.schema.draft import CITE
from dataclaw.types import Anchor, Finding, Json
from dataclaw.words import words_beside

MEDIA = frozenset({"input_video", "input_image", "output_video", "output_image"})
ASIDE = frozenset({"question", "cot", "left_out", "signals", "observed"}) | MEDIA
"""Keys of a draft that are not its answer."""
NAMES = frozenset({"target", "window", "name", "text"})
"""Keys whose values are names or words of the stream where they are short."""
WORDED = frozenset({"event", "text", "speech", "slide"})
"""Kinds of anchors that hold words of the stream; the others are worded by a tool."""
COMMON = 5.4
"""Words at least this frequent (Zipf scale of wordfreq, 0..8) are talk: "make", "first", "right"."""
_WORDS = words_beside(__file__)
GENERIC = _WORDS.sets["generic"]
CONTROLS = _WORDS.sets["controls"]
PRAISE = _WORDS.sets["praise"]
NOTHING = _WORDS.patterns["nothing"]
"""Words by which a text says itself that nothing is there or happens."""
POINTING = {name: _WORDS.patterns[name] for name in ("at_a_picture", "at_a_source")}
"""Words by which a question points at something beside it."""
REST = _WORDS.patterns["rest"]
"""Words that say how much is left out for length."""
RECALL = _WORDS.patterns["recall"]
"""Questions for a fact that a label gives."""
NUMBERED = re.compile(r"\s*\d{1,3}[.)]\s")
"""The beginning of a numbered line."""
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
CJK = re.compile(f"[{_CJK}]")
"""A character of Chinese, Japanese or Korean."""
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W\d_{_CJK}]+(?:['’-][^\W\d_{_CJK}]+)*")
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|「([^」]+)」')
_PLACEHOLDER = re.compile(r"<(?:video_gen|image_recall)>")
_SENTENCE = re.compile(r'" |“|«|「|[.!?。]$|<')
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")

RUN = 8
"""So many words in a row are borrowed; fewer are often the plain way to say it."""
_WORD = re.compile(r"[^\W_]+(?:[@.'’:/-]+[^\W_]+)*")
_VOWEL = re.compile(r"[^\Wbcdfghj-np-tvwxz]")
_ADDRESS = re.compile(r"[@/]\w|\.[^\W\d]|[^\W\d]\.\w|\.\d+\.\d|\d{6,}")  # of a web page, a file, a host: "5.0" is none
_HELD = ("text", "target", "window", "details")
"""Details of an event that are the stream's own words; the others are words of its reader."""


class Part(NamedTuple):
    """A part of an answer.

    Attributes:
        pointer: where it stands in the draft.
        text: its texts, one a line.
        anchors: the seen anchors that it cites.
    """

    pointer: str
    text: str
    anchors: tuple[Anchor, ...]


def answer_parts(case: Case) -> list[Part]:
    """The parts of the draft's answer: the items of its lists, the sentences of a single text, and what stands alone.

    Where the question has as many numbered lines as the answer has parts, each part begins with its line.
    """
    if "parts" not in case.memo:
        body = fields_of(case.draft)
        answer = body.get("answer")
        lines = [line for line in case.question.splitlines() if NUMBERED.match(line)]
        if isinstance(answer, str) or (set(fields_of(answer)) <= {CITE, "text"} and fields_of(answer)):
            anchors = _anchors(answer, case.anchors)
            text = answer if isinstance(answer, str) else str(fields_of(answer).get("text"))
            case.memo["parts"] = [Part("/answer", s, anchors) for s in _END.split(text) if s.strip()]
        else:
            kept = {"answer": answer} if answer is not None else {k: v for k, v in body.items() if k not in ASIDE}
            parts = [part for part in _parts(kept, "", case.anchors) if part.text]
            if len(lines) == len(parts) > 1:
                parts = [part._replace(text=f"{line} {part.text}") for line, part in zip(lines, parts, strict=True)]
            case.memo["parts"] = parts
    return cast("list[Part]", case.memo["parts"])


def inner_questions(case: Case) -> list[tuple[str, Mapping[str, Json]]]:
    """`(JSON pointer, object)` of every question with its answer inside the draft's answer."""
    return list(_asking(case.draft, ""))


def tokens(text: str) -> list[str]:
    """The words of a text, case folded; in scripts without blanks, its pairs of characters."""
    found: list[str] = []
    for word in _TOKEN.findall(text.replace("’", "'")):
        if CJK.match(word):
            found += [a + b for a, b in pairwise(word)] or [word]
        else:
            found.append(word.casefold())
    return found


def fold_quotes(text: str) -> str:
    """A text whose quotation marks are apostrophes, as drafts quote what was typed: `print('x')`."""
    return text.replace('"', "'")


def telling(text: str) -> list[str]:
    """What in a text tells something: what stands in quotation marks in it, then the stems of its other words."""
    bare = _PLACEHOLDER.sub(" ", text)
    quoted = [said.casefold() for groups in _QUOTED.findall(bare) for said in groups if said.casefold() not in GENERIC]
    return [said for said in quoted if said] + [
        stem(word) for word in tokens(_QUOTED.sub(" ", bare)) if is_telling(word)
    ]


@lru_cache(maxsize=65536)
def is_telling(word: str) -> bool:
    """Whether a case-folded word is neither talk nor generic."""
    if word in GENERIC or stem(word) in GENERIC or len(word) < 2:
        return False
    return bool(CJK.match(word)) or zipf_frequency(word, "en", wordlist="small") < COMMON


@lru_cache(maxsize=65536)
def frequency(word: str) -> float:
    """How frequent a word is in English (Zipf scale, 0 for unknown); pairs of characters count as 0."""
    if CJK.match(word):
        return 0.0
    # the large list says the same of what the small one has, and takes 0.1 s to load
    return zipf_frequency(word, "en", wordlist="small") or zipf_frequency(word, "en", wordlist="large")


def stem(word: str) -> str:
    """A word without the endings of English plurals and verb forms."""
    for ending, least in (("ing", 3), ("ies", 3), ("es", 4), ("ed", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            if ending == "ing" and not _VOWEL.search(word[:-3]):
                return word  # "string"
            bare = word[: -len(ending)] + ("y" if ending == "ies" else "")
            return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] and ending in {"ing", "ed"} else bare.rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def _anchors(value: Json, known: Mapping[str, Anchor]) -> tuple[Anchor, ...]:
    """The seen anchors that are cited at and below a value, each once."""
    return tuple(known[name] for name in citations(value) if name in known)


def _parts(value: Json, pointer: str, known: Mapping[str, Anchor]) -> Iterator[Part]:
    """A list gives a part an item; an object one of its own texts, and the parts of the lists in it."""
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            lists = [inner for _, inner in sorted(fields_of(item).items()) if _holds_objects(inner)]
            yield Part(f"{pointer}/{at}", "\n".join(_texts(item, lists)), _anchors(item, known))
            for inner in lists:
                yield from _parts(inner, f"{pointer}/{at}", known)
        return
    fields = fields_of(value)
    for key, inner in sorted(fields.items()):
        if isinstance(inner, list):
            yield from _parts(inner, join(pointer, key), known)
        elif isinstance(inner, dict):
            yield Part(join(pointer, key), "\n".join(_texts(inner, ())), _anchors(inner, known))
        elif isinstance(inner, str) and " " in inner:
            yield Part(join(pointer, key), inner, ())


def _holds_objects(value: Json) -> bool:
    return isinstance(value, list) and any("text" in fields_of(item) for item in cast("list[Json]", value))


def _texts(value: Json, but: Sequence[Json]) -> Iterator[str]:
    """Every text at and below a value but citations, code and the lists in `but`; names stand in quotation marks."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in cast("list[Json]", value):
            yield from _texts(item, but)
    elif isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        names = NAMES if fields.keys() - {CITE, "text"} else NAMES - {"text"}  # a text that stands alone is no name
        for key, item in sorted(fields.items()):  # what a draft is worth does not hang on the order of its keys
            if key not in (CITE, "code") and not any(item is other for other in but):
                named = key in names and isinstance(item, str) and 0 < len(item) <= 40 and not _SENTENCE.search(item)
                yield from [f'"{fold_quotes(item)}"'] if named else _texts(item, but)


def _asking(value: Json, pointer: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from _asking(item, f"{pointer}/{at}")
    elif isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        if pointer and isinstance(fields.get("question"), str) and "answer" in fields:
            yield pointer, fields
        for key, item in fields.items():
            if key not in ("cot", "left_out"):
                yield from _asking(item, join(pointer, key))


@rule("own_words")
def own_words(case: Case, *, told: str | Sequence[str] = ()) -> Score:
    """Share of the draft's texts in which words of the stream stand between quotation marks.

    Words of the stream are eight in a row, an address or a long number that an event, a text, speech or a slide says,
    whatever is cited; what the intent says, too, is free. Fields that are copied by their schema are passed over.

    Args:
        case: the draft.
        told: patterns of texts that tell in the words of the stream.
    """
    free = {place for path in patterns(told) for place, _ in select(case.draft, path)}
    texts = [text for text in texts_of(case) if text[1].strip() and text[0] not in free]
    copied = {place for place, *_ in places_of(case).values}
    findings: list[Finding] = []
    for place, text, _ in texts:
        run = next(borrowed_runs(text, case), "")
        if run and not copied & {place, place.rpartition("/")[0]}:
            findings.append(Finding(place, f'"{run[:60]}" are words of the stream: quote them', "own_words", 0.0))
    return score_of(1.0 - len(findings) / len(texts), findings) if texts else NOT_APPLICABLE


def borrowed_runs(text: str, case: Case) -> Iterator[str]:
    """Each run of the stream's words that a text does not quote."""
    runs = _runs_of(without_quotations(text))
    if runs:
        said, asked = _said_in(case), _runs_of(case.intent)
        yield from (run for run in runs if run in said and run not in asked)


def runs_of_others(text: str, anchors: Sequence[Anchor], case: Case) -> Iterator[str]:
    """Each run of the stream's words that a text does not quote, with a word that nothing cited beside it has."""
    runs = list(borrowed_runs(text, case))
    said = (words for anchor in (anchors if runs else ()) for words in _own_texts(anchor))
    there = {stem(word) for words in said for word in _words_in(words)}
    yield from (run for run in runs if any(is_telling(w) and stem(w) not in there for w in _words_in(run)))


def _said_in(case: Case) -> frozenset[str]:
    if "said" not in case.memo:
        worded = (anchor for anchor in case.anchors.values() if anchor.kind in WORDED)
        case.memo["said"] = _all_runs(tuple(text for anchor in worded for text in _own_texts(anchor)))
    return cast("frozenset[str]", case.memo["said"])


def _own_texts(anchor: Anchor) -> Iterator[str]:
    """What the stream itself says there."""
    if anchor.kind != "event":
        yield anchor.content
    for key in _HELD:
        yield from _strings(anchor.attrs.get(key))


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        inner = cast("Mapping[str, Json]", value).values() if isinstance(value, Mapping) else cast("list[Json]", value)
        for item in inner:
            yield from _strings(item)


@lru_cache(maxsize=32)
def _all_runs(texts: tuple[str, ...]) -> frozenset[str]:
    """The runs of all texts; the drafts of a rollout are judged by the same."""
    return frozenset(run for text in texts for run in _runs_of(text))


@lru_cache(maxsize=16384)
def _runs_of(text: str) -> tuple[str, ...]:
    """Each eight words in a row of a text; each address and long number alone."""
    words = _words_in(text)
    alone = [word for word in words if _ADDRESS.search(word)]
    return (*alone, *(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)))


def _words_in(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
