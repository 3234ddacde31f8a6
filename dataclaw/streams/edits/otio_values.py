"""The small values of an OTIO document: times, ranges, names, media and effects, each checked as it is read.

Objects are known by the name of their schema; its version is not looked at, because what is read here has meant the
same in every version (`Clip.1` has `media_reference` where `Clip.2` has `media_references`; a colour was a name before
it was an object). The library refuses documents written by a newer one, which real exports are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, TypeGuard, cast
from urllib.parse import unquote

from dataclaw.streams.values import MOST, object_of, objects_of, text_of
from dataclaw.types import Json

Node: TypeAlias = Mapping[str, Json]
"""An object of the document."""

_ALIASES = {"Sequence": "Track", "Filler": "Gap", "SerializeableCollection": "SerializableCollection"}
_EFFECT_PARAMETERS = 12
_LARGE = 1e300  # whole numbers of JSON can be larger than any float
_FAR = 1e10  # [s]; times of day and of the epoch are far below
_FAST = 1e4
_RATES = (1e-3, 1e5)  # [1/s]


class BadTimeError(ValueError):
    """A time that means nothing: no number, or a rate of zero or less."""


class Range(NamedTuple):
    """A span of a source.

    Attributes:
        start: where it begins [s].
        length: how long it is [s], negative in damaged documents.
        rate: its frames per second [1/s].
    """

    start: float
    length: float
    rate: float


def schema(value: Node) -> str:
    """Name of its schema without the version: "Clip"."""
    name = str(value.get("OTIO_SCHEMA", "")).partition(".")[0]
    return _ALIASES.get(name, name)


def text(value: Json, limit: int = 500) -> str:
    """A text of the document, cut to so many characters; "" for none."""
    return text_of(value, limit)


def time_of(value: Json) -> tuple[float, float]:
    """`(seconds, rate)` of a RationalTime.

    Raises:
        BadTimeError: it is no time, or further off than any recording.
    """
    fields = object_of(value)
    count, rate = fields.get("value"), fields.get("rate")
    if not _is_number(count) or not _is_number(rate):
        raise BadTimeError("its time is no number")
    if not _RATES[0] <= rate <= _RATES[1]:
        raise BadTimeError(f"its rate is {rate:g} frames a second")
    seconds = count / rate
    if not abs(seconds) <= _FAR:
        raise BadTimeError(f"its time is {seconds:.3g} s")
    return seconds, float(rate)


def range_of(value: Json) -> Range | None:
    """A TimeRange, or None where there is none.

    Raises:
        BadTimeError: a time in it means nothing.
    """
    fields = object_of(value)
    if not fields:
        return None
    start, rate = time_of(fields.get("start_time"))
    length, length_rate = time_of(fields.get("duration"))
    return Range(start, length, length_rate if length_rate > 1 else rate)


def extent(item: Node) -> Range | None:
    """What a clip or gap uses of its source: its own range, otherwise all there is of its media.

    Raises:
        BadTimeError: a time in it means nothing.
    """
    return range_of(item.get("source_range")) or range_of(media_of(item).get("available_range"))


def media_of(clip: Node) -> Node:
    """The media reference in use."""
    many = object_of(clip.get("media_references"))
    active = text(clip.get("active_media_reference_key")) or "DEFAULT_MEDIA"
    return object_of(many.get(active)) or object_of(clip.get("media_reference"))


def media_facts(clip: Node) -> dict[str, Json]:
    """`media` (base name of the file, "" when missing) and `media_kind` (external, sequence, generator, missing)."""
    media = media_of(clip)
    kinds = {"ExternalReference": "external", "ImageSequenceReference": "sequence", "GeneratorReference": "generator"}
    name = base_name(text(media.get("target_url"), 4000))
    if schema(media) == "ImageSequenceReference":
        name = f"{text(media.get('name_prefix'), 200)}#{text(media.get('name_suffix'), 50)}"
    if schema(media) == "GeneratorReference":
        name = text(media.get("generator_kind"), 200)
    return {"media": name, "media_kind": kinds.get(schema(media), "missing")}


def base_name(address: str) -> str:
    """The file's name at the end of a path or URL."""
    return unquote(address).replace("\\", "/").rstrip("/").rpartition("/")[2][:300]


def speed_of(item: Node) -> float:
    """How many seconds of source pass in one second of the cut: 1 as shot, 0 a freeze frame, negative backwards.

    Raises:
        BadTimeError: faster than anything is played.
    """
    speed = 1.0
    for effect in objects_of(item.get("effects")):
        if schema(effect) == "FreezeFrame":
            speed = 0.0
        elif _is_number(scalar := effect.get("time_scalar")) and schema(effect) == "LinearTimeWarp":
            speed *= float(scalar)
        elif text(_final_cut(effect).get("effectid")) == "timeremap":
            speed *= _percent(_parameters(effect).get("speed"))
    if not abs(speed) <= _FAST:
        raise BadTimeError(f"its speed is {speed:.3g}")
    return speed


def is_enabled(item: Node) -> bool:
    """Whether an item is switched on; Final Cut's own word for it stands in what its adapter could not place."""
    return item.get("enabled") is not False and text(_final_cut(item).get("enabled")).upper() != "FALSE"


def _final_cut(item: Node) -> Node:
    return object_of(object_of(item.get("metadata")).get("fcp_xml"))


def _parameters(effect: Node) -> dict[str, Json]:
    """Values of a Final Cut effect by the name of the parameter."""
    given = _final_cut(effect).get("parameter")
    rows = objects_of(given) or [object_of(given)]
    return {name: _short(row.get("value")) for row in rows if (name := text(row.get("parameterid"), 60))}


def _percent(value: Json) -> float:
    try:
        share = float(value) / 100
    except (TypeError, ValueError):
        return 1.0
    return share if math.isfinite(share) else 1.0


def effects_of(item: Node) -> list[dict[str, Json]]:
    """Effects in force besides speed: `{name, parameters}`.

    DaVinci Resolve lists all of its effects for every clip; those switched off or left as they come are left out.
    """
    found = [_effect(effect) for effect in objects_of(item.get("effects"))]
    return [effect for effect in found if effect]


def _effect(effect: Node) -> dict[str, Json]:
    if schema(effect) in ("LinearTimeWarp", "FreezeFrame"):
        return {}
    resolve = object_of(object_of(effect.get("metadata")).get("Resolve_OTIO"))
    if resolve:
        parameters = {k: v for p in objects_of(resolve.get("Parameters")) for k, v in _parameter(p).items()}
        if not resolve.get("Enabled") or not parameters:
            return {}
        kept = dict(list(parameters.items())[:_EFFECT_PARAMETERS])
        return {"name": text(resolve.get("Effect Name"), 100), "parameters": kept}
    if text(_final_cut(effect).get("effectid")) == "timeremap":
        return {}
    name = text(effect.get("effect_name"), 100) or text(effect.get("name"), 100) or schema(effect)
    kept = {k: v for k, v in list(_parameters(effect).items())[:_EFFECT_PARAMETERS] if v is not None}
    return {"name": name, "parameters": kept}


def _parameter(fields: Node) -> dict[str, Json]:
    """A parameter of DaVinci Resolve: its value, or those of its key frames by frame number."""
    name = text(fields.get("Parameter ID"), 60)
    frames = object_of(fields.get("Key Frames"))
    keyed: dict[str, Json] = {f"at {k}": _short(object_of(v).get("Value")) for k, v in list(frames.items())[:6]}
    plain = fields.get("Parameter Value")
    value: Json = keyed or (_short(plain) if plain != fields.get("Default Parameter Value") else None)
    return {name: value} if name and value is not None else {}


def _short(value: Json) -> Json:
    if isinstance(value, list):
        return [_short(v) for v in cast("list[Json]", value)[:4]]
    if isinstance(value, str):
        return value[:100]
    return value if isinstance(value, bool | int | float) and abs(value) <= MOST else None


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGE
