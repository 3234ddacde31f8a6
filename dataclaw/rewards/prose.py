"""Is what prose quotes and counts borne out by what it cites? Words in quotation marks, and figures.

Prose is every text with a blank in it; it cites what the nearest object around it cites. What a sentence means is not
judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from rapidfuzz import fuzz

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.schema import cited_ids, join
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
    letter is forgiven. Does not apply to a draft that quotes nothing.
    """
    findings: list[Finding] = []
    count = 0
    for place, text, anchors in prose(case):
        for said in quotations(text):
            count += 1
            if not holds(said, anchors):
                message = f'"{said[:60]}" is quoted, but nothing cited here says it'
                findings.append(Finding(place, message, "quotes", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("figures")
def figures(case: Case) -> Score:
    """Share of the figures in prose that a cited anchor gives: in its words, its details, its times or their length.

    A figure may be rounded: 0.3 is borne out by 0.28. The number of ids cited counts as given, and numbers of list
    items and clock times (`2:05`) are passed over. Does not apply to prose without figures.
    """
    findings: list[Finding] = []
    count = 0
    for place, text, anchors in prose(case):
        given = [number for anchor in anchors for number in _numbers_of(anchor)] + [float(len(anchors))]
        for figure in _FIGURE.findall(without_quotations(text)):
            count += 1
            if not _rounds_to(figure, given):
                message = f"{figure} stands in no anchor cited here"
                findings.append(Finding(place, message, "figures", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def prose(case: Case) -> list[Prose]:
    """Every prose text of the draft but `left_out`'s, with what is cited for it."""
    if "prose" not in case.memo:
        case.memo["prose"] = list(_walk(case.draft, "", (), case.anchors))
    return cast("list[Prose]", case.memo["prose"])


def quotations(text: str) -> list[str]:
    """What stands in quotation marks."""
    found = ("".join(groups).strip() for groups in _QUOTED.findall(text))
    return [said for said in found if len(said) >= SHORTEST]


def holds(said: str, anchors: Sequence[Anchor]) -> bool:
    """Whether one of the anchors, or several one after the other, say the words."""
    wanted = _plain(said)
    texts = [_plain(" ".join(_words_of(anchor))) for anchor in anchors]
    row = " ".join(_plain(str(a.attrs.get("text") or a.content)) for a in sorted(anchors, key=lambda a: a.t0))
    return any(_within(wanted, text) for text in (*texts, row))


def _within(wanted: str, text: str) -> bool:
    if wanted.replace(" ", "") in text.replace(" ", ""):  # two words are easily read as one
        return True
    return len(wanted) > 3 and len(text) >= len(wanted) and fuzz.partial_ratio(wanted, text) >= ALIKE


def _walk(value: Json, place: str, cited: tuple[Anchor, ...], known: Mapping[str, Anchor]) -> Iterator[Prose]:
    if isinstance(value, str):
        if " " in value.strip():
            yield place, value, cited
    elif isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from _walk(item, f"{place}/{at}", cited, known)
    elif isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if isinstance(entries.get(CITE), list):
            cited = tuple(known[name] for name in cited_ids(entries) if name in known)
        for key, item in entries.items():
            if key != CITE and not (key == "left_out" and not place):
                yield from _walk(item, join(place, key), cited, known)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace('"', "'").split())


def _words_of(anchor: Anchor) -> Iterator[str]:
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


def _numbers_of(anchor: Anchor) -> Iterator[float]:
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
