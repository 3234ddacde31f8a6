"""Final Cut Pro 7 XML, which Premiere and others still export: read by OpenTimelineIO's adapter, once it is harmless.

The file is looked at first without the adapter, which would expand entities, and which lays clips that overlap end to
end without a word; what the adapter makes of it is walked through like any other OTIO document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element, ParseError

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.edits.otio import read_timeline
from dataclaw.streams.edits.otio_values import Node, schema
from dataclaw.streams.edits.timeline import first_sentences, timeline_stream
from dataclaw.streams.files import bytes_of, head_of, text_in, while_unchanged, xml_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.values import object_of, objects_of
from dataclaw.types import Stream

MAX_DEPTH = 400
MAX_ELEMENTS = 2_000_000
_MOST_RATE = 100_000
_REMEDY = "Export the sequence again, or correct that value."


def claims(path: Path) -> bool:
    """Whether it is named .xml and begins like one."""
    return b"<xmeml" in head_of(path, 2**16, ".xml")


def _document(path: Path) -> Element:
    return xml_of(bytes_of(path), path, doctype=True, depth=MAX_DEPTH)


def _sequences(root: Element) -> list[Element]:
    """Sequences at the top, or in a project's bins; those nested in another are part of it."""
    return root.findall("./sequence") or root.findall(".//children/sequence")


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    read = _read(path)
    if isinstance(read, StreamError):
        raise read.with_traceback(None)
    found, overlaps = read
    if index >= len(found):
        raise StreamError("its sequences cannot be distinguished.", place=path, remedy="Export one sequence a file.")
    cut = read_timeline(found[index], path)
    problems = [*cut.problems, *overlaps]
    name = path.name if len(found) == 1 else f"{path.name}#{index}"
    return timeline_stream(replace(cut, problems=problems), path, name, ("fcp7", index, sampling))


@while_unchanged(1)  # each sequence of the file asks for it
def _read(path: Path) -> tuple[Sequence[Node], list[str]] | StreamError:
    """The sequences of a file as OTIO documents, and what overlaps in it; or why it is refused."""
    try:
        root = _document(path)
        _check(root, path)
        document = _read_with_adapter(path)
    except StreamError as error:
        return error
    found = [child for child in objects_of(document.get("children")) if schema(child) == "Timeline"] or [document]
    return found, first_sentences(list(_overlaps(root)))


def _check(root: Element, path: Path) -> None:
    """Refuse what the adapter would stumble over or not notice.

    Raises:
        StreamError: no sequence, or an unusable rate.
    """
    if not _sequences(root):
        raise StreamError("holds no sequence.", place=path, remedy="Export a sequence, not only its clips.")
    if _expanded_size(root, path) > MAX_ELEMENTS:
        raise StreamError(f"grows beyond {MAX_ELEMENTS:,} elements where it names others.", place=path, remedy=_REMEDY)
    for base in root.iter("timebase"):
        rate = _whole(base)
        if rate is None or not 0 < rate <= _MOST_RATE:
            said = (base.text or "")[:40]
            raise StreamError(f"has a timebase of {said!r} frames/s.", place=path, remedy=_REMEDY)


def _expanded_size(root: Element, path: Path) -> int:
    """Number of elements once each that only names another (`<file id="f1"/>`) stands for all of that one.

    Raises:
        StreamError: one holds itself.
    """
    whole = {(e.tag, e.get("id")): e for e in root.iter() if e.get("id") and len(e)}
    sizes: dict[tuple[str, str | None], int] = {}

    def size(element: Element, above: frozenset[tuple[str, str | None]]) -> int:
        total = 0
        for inner in element.iter():
            total += 1
            key = (inner.tag, inner.get("id"))
            if len(inner) or key not in whole:
                continue
            if len(above) > MAX_DEPTH:
                raise StreamError(f"names others more than {MAX_DEPTH} deep.", place=path, remedy=_REMEDY)
            if key in above:
                raise StreamError(f"its {inner.tag} {key[1]!r} holds itself.", place=path, remedy=_REMEDY)
            if key not in sizes:
                sizes[key] = size(whole[key], above | {key})
            total += sizes[key]
        return total

    return size(root, frozenset())


def _read_with_adapter(path: Path) -> Node:
    try:
        from opentimelineio import adapters, exceptions
    except ImportError:
        raise MissingExtraError(
            "reading Final Cut XML needs OpenTimelineIO.", remedy="pip install 'dataclaw-tailor[aigc]'"
        ) from None
    theirs = cast("type[Exception]", exceptions.OTIOError)  # raised in C++, unknown to the type checker
    unusable = (theirs, ParseError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
    try:
        timeline = adapters.read_from_string(text_in(path), "fcp_xml")
        return object_of(json.loads(adapters.write_to_string(timeline, "otio_json")))
    except RecursionError:
        raise StreamError("its sequences hold one another without end.", place=path, remedy=_REMEDY) from None
    except unusable as error:
        raise StreamError(f"cannot be understood: {error!r}."[:400], place=path, remedy=_REMEDY) from None


def _overlaps(root: Element) -> Iterator[str]:
    """One sentence for each clip that begins before the one before it on its track ends."""
    for track in root.iter("track"):
        for before, clip in pairwise(track.findall("clipitem")):
            end, start = _whole(before.find("end")), _whole(clip.find("start"))
            if end is not None and start is not None and 0 <= start < end:
                names = " and ".join(repr((c.findtext("name") or "")[:60]) for c in (before, clip))
                yield f"Clips {names} overlap on one track by {end - start} frames; they are laid end to end."


def _whole(element: Element | None) -> int | None:
    try:
        return int(element.text or "") if element is not None else None
    except ValueError:
        return None


FCP7 = Loader("fcp7", "timeline", claims, _open, count_of(lambda path: _sequences(_document(path))))
