"""darktable's history of a photograph: the XMP file beside it lists every operation in the order it was added.

What counts for the picture is the order in which the pixel pipe runs them: where the file says it, events have that.
Parameters are the bytes of a C structure, as hex or as `gz` and two digits before base64 of zlib. The structures that
`darktable.toml` names are those of darktable's modules at the version given; of others the bytes are handed on as hex.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from dataclaw.errors import StreamError
from dataclaw.streams.edits.stills import frames_of
from dataclaw.streams.files import bytes_of, head_of, is_beside, names_in, xml_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader
from dataclaw.streams.pictures import PICTURE_SUFFIXES
from dataclaw.streams.values import MOST
from dataclaw.types import Event, Json, Stream

MAX_STEPS = 2_000
MAX_PARAMS = 2**20
"""Most bytes of one operation's parameters, unpacked."""

_SHOWN = 256
"""Most bytes that an event's `params` shows as hex."""

_NAMESPACE = "{http://darktable.sf.net/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MASKS = {2: "drawn mask", 4: "parametric mask", 8: "raster mask"}
"""Bits of the first number of `blendop_params` (develop/blend.h, dt_develop_mask_mode_t)."""


class ModuleFacts(NamedTuple):
    """What darktable itself knows of its modules.

    Attributes:
        structures: layout (as `struct` has it) and names of parameters by `operation/version`.
        orders: operations in the order in which the pixel pipe runs them, by version of that order.
        meanings: words for the values of a parameter, by `operation/parameter`.
    """

    structures: Mapping[str, Sequence[str]]
    orders: Mapping[str, Sequence[str]]
    meanings: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=1)
def module_facts() -> ModuleFacts:
    """The facts in the file beside this one."""
    found = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    orders = {version: text.split() for version, text in found["orders"].items()}
    return ModuleFacts(found["structures"], orders, found["meanings"])


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """An operation of a history.

    Attributes:
        num: its number.
        operation: name of its module.
        label: what tells instances of one module apart.
        priority: number of the instance, as the order of the pipe has it.
        enabled: whether it is switched on.
        version: version of the module's parameters.
        params: the parameters' bytes, b"" when they cannot be unpacked.
        region: "whole picture", or the kind of mask it is limited to.
    """

    num: int
    operation: str
    label: str
    priority: str
    enabled: bool
    version: int
    params: bytes
    region: str


def claims(path: Path) -> bool:
    """Whether it is named .xmp and speaks of darktable."""
    return b"http://darktable.sf.net/" in head_of(path, 2**16, ".xmp")


def _open(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - one history a file
    root = xml_of(bytes_of(path), path, doctype=True)
    problems: list[str] = []
    steps = _history(root, path, problems)
    end = _history_end(root, len(steps))
    stream = Stream(
        id=content_id([path, *_beside(path)[:1]], "darktable", salt_of(sampling)),
        kind="edit",
        name=path.name,
        path=str(path.absolute()),
        format="darktable",
        duration=float(len(steps)),
        clock="index",
        events=tuple(_events(pipe_order(root, steps), end, problems)),
        meta={"source": _attribute(root, "DerivedFrom")[:200], "history_end": end, "windows": []},
        problems=tuple(problems),
    )
    return _with_picture(stream, path, float(len(steps)))


def _history(root: Element, path: Path, problems: list[str]) -> list[HistoryStep]:
    """The steps in the order of their numbers.

    Raises:
        StreamError: no history, or an endless one.
    """
    rows = [row for history in root.iter(f"{_NAMESPACE}history") for row in history.iter(f"{_RDF}li")]
    if not rows:
        raise StreamError(
            "holds no history of operations.", place=path, remedy="Edit the picture in darktable, or leave it out."
        )
    if len(rows) > MAX_STEPS:
        raise StreamError(
            f"holds {len(rows):,} operations; up to {MAX_STEPS:,} are read.", place=path, remedy="Compress it."
        )
    steps = [_step(row, position, problems) for position, row in enumerate(rows)]
    if len({step.num for step in steps}) < len(steps):
        problems.append("Several operations have one number; they keep the order of the file.")
    return sorted(steps, key=lambda step: step.num)


def _step(row: Element, position: int, problems: list[str]) -> HistoryStep:
    num = _whole(_value(row, "num"), position)
    operation = _value(row, "operation")[:80]
    if not operation:
        problems.append(f"Operation {num} has no name.")
    params, why = unpack(_value(row, "params"))
    blend, _ = unpack(_value(row, "blendop_params"))
    if why:
        problems.append(f"The parameters of operation {num} ({operation}) cannot be read: {why}.")
    priority = _value(row, "multi_priority")[:20]
    label = _value(row, "multi_name")[:80] or priority
    version = _whole(_value(row, "modversion"), 0)
    return HistoryStep(num, operation, label, priority, _value(row, "enabled") == "1", version, params, _region(blend))


def unpack(text: str) -> tuple[bytes, str]:
    """The bytes of parameters, and why there are none."""
    try:
        if text.startswith("gz"):
            machine = zlib.decompressobj()
            data = machine.decompress(base64.b64decode(text[4:], validate=True), MAX_PARAMS + 1)
        else:
            data = bytes.fromhex(text)
    except (binascii.Error, ValueError, zlib.error) as error:
        return b"", str(error).rstrip(".")
    return (data, "") if len(data) <= MAX_PARAMS else (b"", f"more than {MAX_PARAMS:,} bytes")


def _region(blend: bytes) -> str:
    if len(blend) < 4:
        return "whole picture"
    (mode,) = struct.unpack_from("<I", blend)
    return " and ".join(name for bit, name in _MASKS.items() if mode & bit) or "whole picture"


def parameter_values(step: HistoryStep) -> dict[str, Json]:
    """The parameters by name where the structure is known and has this length; None for a number beyond sense.

    NaN is how darktable itself writes a parameter that is not set, and is no parameter.
    """
    known = module_facts()
    layout, *names = known.structures.get(f"{step.operation}/{step.version}", ("",))
    if not layout or struct.calcsize(layout) != len(step.params):
        return {}
    found: dict[str, Json] = {}
    for name, value in zip(names, struct.unpack(layout, step.params), strict=True):
        words = known.meanings.get(f"{step.operation}/{name}", {}).get(str(value))
        if name and not math.isnan(value):
            usable = value if isinstance(value, int) else round(value, 6) if abs(value) <= MOST else None
            found[name] = words or usable
    return found


def pipe_order(root: Element, steps: list[HistoryStep]) -> list[HistoryStep]:
    """The steps in the order in which the pixel pipe runs them; as they were added where the file does not say.

    A list of its own names each instance, `exposure,0,exposure,1`; otherwise a number names one of darktable's orders.
    Modules that the order does not know stay at the end.
    """
    own = _attribute(root, "iop_order_list").split(",")
    order = list(zip(own[::2], own[1::2], strict=False))
    if not order:
        order = [(name, "") for name in module_facts().orders.get(_attribute(root, "iop_order_version"), ())]
    places = {entry: place for place, entry in reversed(list(enumerate(order)))}
    last = len(order)
    return sorted(
        steps,
        key=lambda step: places.get((step.operation, step.priority), places.get((step.operation, ""), last)),
    )


def _events(steps: list[HistoryStep], end: int, problems: list[str]) -> list[Event]:
    past = sorted((step for step in steps if step.num < end), key=lambda step: step.num)
    last = {(step.operation, step.label): step for step in past}
    found: list[Event] = []
    for k, step in enumerate(steps):
        attrs: dict[str, Json] = {
            "num": step.num,
            "enabled": step.enabled,
            "params": step.params[:_SHOWN].hex(),
            "params_bytes": len(step.params),
            "in_force": step.enabled and last.get((step.operation, step.label)) is step,
            "region": step.region,
            "version": step.version,
            "label": step.label,
        }
        named = parameter_values(step)
        values = {name: value for name, value in named.items() if value is not None}
        if len(values) < len(named):
            lost = ", ".join(name for name in named if name not in values)
            problems.append(f"Step {step.num} {step.operation!r} has no usable number for {lost}; left out.")
        attrs |= {"values": values} if values else {}
        found.append(
            Event(k, "operation", float(k), float(k), text=step.operation, place=f"num {step.num}", attrs=attrs)
        )
    return found


def _history_end(root: Element, count: int) -> int:
    """How many steps are in force; all of them where the file does not say."""
    return min(max(_whole(_attribute(root, "history_end"), count), 0), count)


def _attribute(root: Element, name: str) -> str:
    """The first attribute or element of that name, whatever its namespace."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.rpartition("}")[2] == name:
                return value
        if element.tag.rpartition("}")[2] == name and element.text:
            return element.text.strip()
    return ""


def _value(row: Element, name: str) -> str:
    return (row.get(f"{_NAMESPACE}{name}") or row.findtext(f"{_NAMESPACE}{name}") or "").strip()


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


def _beside(path: Path) -> list[Path]:
    """The finished picture: the one named like the history, or the only one in the folder."""
    names = [n for n in names_in(path.parent) if Path(n).suffix.lower() in PICTURE_SUFFIXES]
    stem = path.stem.partition(".")[0]
    alike = [n for n in names if Path(n).stem == stem]
    only = alike if len(alike) == 1 else names if len(names) == 1 else []
    return [path.parent / n for n in only if is_beside(path.parent / n)]


def _with_picture(stream: Stream, path: Path, end: float) -> Stream:
    pictures = _beside(path)
    if not pictures:
        said = "No finished picture lies beside it, or it is not clear which: only the operations tell."
        return replace(stream, problems=(*stream.problems, said))
    try:
        frames, meta = frames_of({"after": pictures[0]}, [end])
    except StreamError as error:
        return replace(stream, problems=(*stream.problems, f"The finished picture cannot be shown: {error}"))
    return replace(stream, frames=frames, meta={**stream.meta, **meta})


DARKTABLE = Loader("darktable", "edit", claims, _open)
