"""Is prose borne out by what it cites, in quotations and figures; is each thing said once, and cited only where needed?

Prose is every text with a blank in it; it cites what the nearest object around it cites. What a sentence means is not
judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, cast

from rapidfuzz import fuzz

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.evidence import best
from dataclaw.rewards.places import Citation, places_of
from dataclaw.rewards.similarity import plain
from dataclaw.schema import cited_ids, evidence_of, join, select
from dataclaw.schema.draft import CITE
from dataclaw.types import Anchor, Finding, Json

ALIKE = 88
"""Least likeness (rapidfuzz, 0..100) of a quotation and what it quotes: OCR misreads a letter now and then."""
SHORTEST = 2
"""Fewest characters that make a quotation."""
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|「([^」]+)」')
_FIGURE = re.compile(r"(?<![\w.,:#-])-?\d+(?:[.,]\d+)*(?![\w:]|[.,]\d)")
_MARKER = re.compile(r"<(?:video_gen|image_recall)>|^\s*\d{1,3}[.)]\s", re.MULTILINE)
"""Placeholders of media and the numbers of a list, which count nothing in the stream."""
Prose: TypeAlias = tuple[str, str, tuple[Anchor, ...]]
"""`(pointer, text, anchors cited for it)`."""


@rule("quotes")
def quotes(case: Case) -> Score:
    """Share of the quotations in prose that stand in what is cited for it, in one anchor or across several in a row.

    Quoted is what stands between quotation marks of any kind; letter case and white space do not count, and a misread
    letter is forgiven. What a text quotes again counts once. Does not apply to a draft that quotes nothing.
    """
    findings: list[Finding] = []
    count = 0
    for place, text, anchors in prose(case):
        for said in dict.fromkeys(quotations(text)):
            count += 1
            if not holds(said, anchors):
                message = f'"{said[:60]}" is quoted, but nothing cited here says it ({_ids(anchors)})'
                findings.append(Finding(place, message, "quotes", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("figures")
def figures(case: Case) -> Score:
    """Share of the figures in prose that a cited anchor gives: in its words, its details, its times or their length.

    A figure may be rounded: 0.3 is borne out by 0.28. The number of ids cited counts as given, and numbers of list
    items and clock times (`2:05`) are passed over. What a text says again counts once. Does not apply to prose without
    figures.
    """
    findings: list[Finding] = []
    count = 0
    for place, text, anchors in prose(case):
        given = [number for anchor in anchors for number in numbers_of(anchor)] + [float(len(anchors))]
        for figure in dict.fromkeys(_FIGURE.findall(without_quotations(text))):
            count += 1
            if not _rounds_to(figure, given):
                message = f"{figure} stands in no anchor cited here ({_ids(anchors)})"
                findings.append(Finding(place, message, "figures", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def _ids(anchors: Sequence[Anchor]) -> str:
    return ", ".join(anchor.id for anchor in anchors[:6]) or "none"


def prose(case: Case) -> list[Prose]:
    """Every prose text of the draft but `left_out`'s, with what is cited for it."""
    if "prose" not in case.memo:
        told = [entry for entry in texts_of(case) if " " in entry[1].strip()]
        case.memo["prose"] = [entry for entry in told if not entry[0].startswith(f"/{LEFT_OUT}/")]
    return cast("list[Prose]", case.memo["prose"])


def texts_of(case: Case) -> list[Prose]:
    """Every text of the draft but ids of anchors, with what is cited for it."""
    if "texts" not in case.memo:
        case.memo["texts"] = list(_walk(case.draft, "", (), case.anchors))
    return cast("list[Prose]", case.memo["texts"])


def quotations(text: str) -> list[str]:
    """What stands in quotation marks."""
    found = ("".join(groups).strip() for groups in _QUOTED.findall(text))
    return [said for said in found if len(said) >= SHORTEST]


def holds(said: str, anchors: Sequence[Anchor]) -> bool:
    """Whether one of the anchors, or several one after the other, say the words."""
    wanted = _plain(said)
    texts = [_plain(" ".join(words_of(anchor))) for anchor in anchors]
    row = " ".join(_plain(str(a.attrs.get("text") or a.content)) for a in sorted(anchors, key=lambda a: a.t0))
    return any(_within(wanted, text) for text in (*texts, row))


def _within(wanted: str, text: str) -> bool:
    if wanted.replace(" ", "") in text.replace(" ", ""):  # two words are easily read as one
        return True
    return len(wanted) > 3 and len(text) >= len(wanted) and fuzz.partial_ratio(wanted, text) >= ALIKE


def _walk(value: Json, place: str, cited: tuple[Anchor, ...], known: Mapping[str, Anchor]) -> Iterator[Prose]:
    if isinstance(value, str):
        yield place, value, cited
    elif isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from _walk(item, f"{place}/{at}", cited, known)
    elif isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if isinstance(entries.get(CITE), list):
            cited = tuple(known[name] for name in cited_ids(entries) if name in known)
        for key, item in entries.items():
            if key != CITE:
                yield from _walk(item, join(place, key), cited, known)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace('"', "'").split())


def words_of(anchor: Anchor) -> Iterator[str]:
    """Every text of an anchor."""
    yield anchor.content
    yield from (item for item in _leaves(anchor.attrs) if isinstance(item, str))


def _leaves(value: Json) -> Iterator[Json]:
    if isinstance(value, Mapping):
        for item in cast("Mapping[str, Json]", value).values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Json]", value):
            yield from _leaves(item)
    else:
        yield value


def numbers_of(anchor: Anchor) -> Iterator[float]:
    """Every number of an anchor: its times, its place, and those in its details and words."""
    yield from (anchor.t0, anchor.t1, anchor.t1 - anchor.t0)
    if anchor.frame is not None:
        yield float(anchor.frame)
    yield from (v for point in (anchor.box, anchor.point) if point for v in point)
    for item in _leaves(anchor.attrs):
        if isinstance(item, int | float) and not isinstance(item, bool):
            yield float(item)
        elif isinstance(item, str):
            yield from _read(item)
    yield from _read(anchor.content)


def _read(text: str) -> Iterator[float]:
    return (float(v.replace(",", "")) for v in re.findall(r"-?\d+(?:,\d{3})*(?:\.\d+)?", text)[:64])


def _rounds_to(figure: str, given: Iterable[float]) -> bool:
    """Whether a number rounds to the figure at the figure's own precision; the sign is told by words."""
    plain = (
        figure.replace(",", "")
        if "." in figure or re.fullmatch(r"-?\d{1,3}(,\d{3})+", figure)
        else figure.replace(",", ".")
    )
    try:
        value = abs(float(plain))
    except ValueError:  # 1.2.3 is a version, not a figure
        return True
    step = 10.0 ** -len(plain.partition(".")[2])
    return any(abs(abs(number) - value) <= step / 2 + 1e-9 * max(1.0, value) for number in given)


def without_quotations(text: str) -> str:
    """A text without what stands in quotation marks in it, placeholders of media, and numbers of list items."""
    return _QUOTED.sub(" ", _MARKER.sub(" ", text))


@rule("speaks_of_cited")
def speaks_of_cited(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Share of texts that speak of what is cited for them: by its id, its kind, a word, a number or a quotation of it.

    Words are compared by their first five letters, so that "moved" speaks of what "moves". For reasoning and other
    texts that stand beside the answer, of which no rule of the answer asks anything. A text in another script than what
    it cites is passed over where it quotes nothing.

    Args:
        case: the draft.
        paths: patterns of the texts.
    """
    wanted = {place for path in patterns(paths) for place, _ in select(case.draft, path)}
    findings: list[Finding] = []
    count = 0
    for place, text, anchors in texts_of(case):
        other_script = bool(CJK.search(text)) and not any(CJK.search(anchor.content) for anchor in anchors)
        if place in wanted and text.strip() and (not other_script or quotations(text)):
            count += 1
            if not any(_speaks_of(text, anchor) for anchor in anchors):
                message = f'"{text[:60]}" says nothing of what it cites'
                findings.append(Finding(place, message, "speaks_of_cited", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def _speaks_of(text: str, anchor: Anchor) -> bool:
    there = " ".join((anchor.id, anchor.kind, *words_of(anchor)))
    if {word[:5] for word in words(text)} & {word[:5] for word in words(there)}:
        return True
    return any(holds(said, [anchor]) for said in quotations(text)) or any(
        _rounds_to(figure, numbers_of(anchor)) for figure in _FIGURE.findall(without_quotations(text))
    )


LEFT_OUT = "left_out"
SUPPORTED = 0.8
"""An anchor that bears out a value by at least this much is needed for it."""
FEW = 2
"""Above so many anchors, a word that all of them have tells none of them."""
SENTENCE = 24
"""Shortest sentence that is not to be repeated [characters]."""
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[a-z0-9\u00c0-\u024f]{4,}|\d+(?:\.\d+)?|[\u3040-\u30ff\u4e00-\u9fff]{2}")
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")


def bearing_ids(case: Case) -> Iterator[tuple[str, list[str]]]:
    """`(JSON pointer, anchor ids)` of every field that a draft cites for: what bears it out of what is cited beside it.

    A value is borne out by the anchors that support it (`x-support`, by 0.8 or more), a text by those that say what it
    quotes, and of which it says the id, or a word or number that not all of them share. Where none is told from the
    others, all stand.
    """
    stated = {place: support for place, _, _, support, _ in places_of(case).values if support}
    for place, ids in evidence_of(case.draft):
        anchors = [case.anchors[name] for name in ids if name in case.anchors]
        value = next((value for _, value in select(case.draft, place)), None)
        bearing: list[str] = []
        if len(anchors) > 1 and place in stated:
            bearing = [a.id for a in anchors if best(value, stated[place], [a], case)[0] >= SUPPORTED]
        elif len(anchors) > 1 and isinstance(value, str):
            said = mentioned_ids(anchors, value)
            quoted = quotations(value)
            bearing = [a.id for a in anchors if a.id in said or any(holds(words, [a]) for words in quoted)]
        yield place, bearing or ids


@rule("distinct")
def distinct(case: Case) -> Score:
    """Share of items in lists, and of sentences in texts, that do not repeat an earlier one of the same list or text.

    Items are the objects of any list of the draft, equal when they hold the same but for letter case and white space;
    sentences of fewer than 24 characters may recur. Does not apply to a draft without lists and sentences.
    """
    count = 0
    findings: list[Finding] = []
    for place, items in _sequences(case.draft, ""):
        first: dict[str, int] = {}
        for index, item in enumerate(items):
            count += 1
            if first.setdefault(item, index) != index:
                findings.append(Finding(place, f"number {index} repeats number {first[item]}", "distinct", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("sparing")
def sparing(case: Case, *, free: int = 2) -> Score:
    """Mean over citations of the share of anchors that what is said beside them needs; `free` of them are let pass.

    Needed is one anchor for each value beside it (`x-support`, borne out by 0.8 or more) and every anchor of which the
    text beside it says the id, or a number or word of four letters that not all anchors cited there share. `left_out`
    may cite at will. Does not apply where nothing is cited.

    Args:
        case: the draft.
        free: anchors of each citation that need no such tie: a context, a neighbour.
    """
    places = places_of(case)
    texts: dict[str, str] = {}
    for pointer, text, _ in prose(case):
        owner = _owner(pointer, places.citations)
        texts[owner] = f"{texts.get(owner, '')} {text}"
    scores: list[float] = []
    findings: list[Finding] = []
    for citation in places.citations:
        if not citation.anchors or citation.pointer.startswith(f"/{LEFT_OUT}/"):
            continue
        needed = _needed_ids(citation, case, texts.get(citation.pointer, ""))
        idle = [anchor.id for anchor in citation.anchors if anchor.id not in needed]
        score = 1.0 - max(0, len(idle) - free) / len(citation.anchors)
        scores.append(score)
        if score < 1.0:
            message = f"{len(idle)} of {len(citation.anchors)} cited anchors prove nothing here: {', '.join(idle[:8])}"
            findings.append(Finding(f"{citation.pointer}/cite", message, "sparing", score))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _sequences(value: Json, place: str) -> Iterator[tuple[str, list[str]]]:
    """`(pointer, what is compared)` of every list of objects and of every text of two sentences or more."""
    if isinstance(value, str):
        sentences = [plain(said) for said in _END.split(value) if len(said) >= SENTENCE]
        if len(sentences) > 1:
            yield place, sentences
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Json]", value).items():
            yield from _sequences(item, join(place, key))
    elif isinstance(value, list):
        items = cast("list[Json]", value)
        objects: list[Json] = [cast("Json", item) for item in items if isinstance(item, dict)]
        if objects:
            yield place, [plain(json.dumps(item, sort_keys=True)) for item in objects]
        for index, item in enumerate(items):
            yield from _sequences(item, f"{place}/{index}")


def _owner(pointer: str, citations: Sequence[Citation]) -> str:
    """The innermost citing object around a place."""
    around = [c.pointer for c in citations if pointer.startswith(f"{c.pointer}/")]
    return max(around, key=len, default="")


def _needed_ids(citation: Citation, case: Case, text: str) -> set[str]:
    """Ids of a citation's anchors that something beside it needs: one for each value, all that the text speaks of."""
    needed = mentioned_ids(citation.anchors, text)
    for _, value, _, support, owner in places_of(case).values:
        if owner is not citation or not support or value is None:
            continue
        bearing = [a.id for a in citation.anchors if best(value, support, [a], case)[0] >= SUPPORTED]
        if bearing and not needed.intersection(bearing):
            needed.add(bearing[0])
    return needed


def mentioned_ids(anchors: Sequence[Anchor], text: str) -> set[str]:
    """Ids of the anchors that a text speaks of: by id, or by a word or number that not all of them share."""
    if not text:
        return set()
    said, ids = words(text), set(re.findall(r"[\w.]+", text))
    content = {anchor.id: words(_content(anchor)) for anchor in anchors}
    shared: frozenset[str] = frozenset()
    if len(content) > FEW:
        shared = shared.union(*content.values()).intersection(*content.values())
    return {name for name, there in content.items() if name in ids or said & (there - shared)}


def _content(anchor: Anchor) -> str:
    details = [str(value) for value in anchor.attrs.values() if isinstance(value, str | int | float)]
    return " ".join([anchor.content, *details])


@lru_cache(maxsize=4096)
def words(text: str) -> frozenset[str]:
    """Words of four letters or more, numbers, and pairs of characters in scripts without spaces."""
    return frozenset(_WORD.findall(text.casefold()))
