"""Events of cuts and edits in words: what, where, which operation, with which parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.tools.chains import inputs_of, links_of
from dataclaw.tools.view import figure
from dataclaw.types import Event, Json

WORDS = 2000
"""Longest quotation in a sentence [characters]; the event's text has all of it."""

WHOLE = "whole picture"
_NEAR = 1e-3
"""Times that differ by less are one [s]."""
_VALUES = 8
_EFFECTS, _SETTINGS = 4, 3
"""Most effects of a shot, and settings of each, that its sentence gives."""
_CALLED = {"ASC CDL": "ASC CDL, the colour decisions"}
"""Effects whose name is an abbreviation, with what it stands for."""
_TRANSITIONS = {"SMPTE_Dissolve": "dissolve", "SMPTE_Wipe": "wipe", "Custom_Transition": "transition", "Key": "key"}


@dataclass(frozen=True, slots=True)
class OperationSentence:
    """An operation in words and numbers.

    Attributes:
        content: one sentence.
        attrs: machine-readable details beside the event's own.
    """

    content: str
    attrs: Mapping[str, Json]


def operation_sentences(events: Sequence[Event], rate: float) -> dict[int, OperationSentence]:
    """Each event in words, by its index; `rate` is the cut's frames per second [1/s], 0 without one."""
    teller = OperationWriter(events, rate)
    return {event.index: teller.say(event) for event in events}


class OperationWriter:
    """Knows what an event's neighbours are: its place in the order of shots, the names of the nodes it takes from."""

    def __init__(self, events: Sequence[Event], rate: float) -> None:
        self._rate = rate
        self._nodes = {str(e.attrs.get("id")): e for e in events if e.kind == "node"}
        self._shots: dict[int, tuple[int, int]] = {}
        self._clips: dict[str, list[Event]] = {}
        for event in events:
            if event.kind == "clip":
                self._clips.setdefault(str(event.attrs.get("track", "")), []).append(event)
        for clips in self._clips.values():
            self._shots |= {clip.index: (number, len(clips)) for number, clip in enumerate(clips, start=1)}
        self._say: dict[str, Callable[[Event], OperationSentence]] = {
            "clip": self._clip,
            "gap": self._gap,
            "transition": self._transition,
            "marker": self._marker,
            "node": self._node,
            "operation": self._operation,
            "instruction": self._instruction,
        }

    def say(self, event: Event) -> OperationSentence:
        """The event in words."""
        known = self._say.get(event.kind)
        return known(event) if known else OperationSentence(f"{event.kind} {quote(event.text)}".strip(), {})

    def _lasts(self, length: float) -> tuple[str, int]:
        frames = round(length * self._rate)
        return f"{exact(length)} s ({frames} frame{'' if frames == 1 else 's'})", frames

    def _clip(self, event: Event) -> OperationSentence:
        number, count = self._shots[event.index]
        said, frames = self._lasts(event.t1 - event.t0)
        speed = float(event.attrs.get("speed", 1.0))
        details = [said]
        source = [float(t) for k in ("source_in", "source_out") if isinstance(t := event.attrs.get(k), int | float)]
        if len(source) == 2:
            details.append(f"source {'-'.join(map(exact, source))} s")
        details += speed_words(speed)
        effects = cast("Sequence[Mapping[str, Json]]", event.attrs.get("effects") or [])
        details += [effect_words(effect) for effect in effects[:_EFFECTS]]
        if len(effects) > _EFFECTS:
            details.append(f"{len(effects) - _EFFECTS} more effects")
        if event.attrs.get("enabled") is False:
            details.append("switched off")
        if event.attrs.get("media_kind") == "nested":
            details.append("a sequence of its own")
        content = (
            f"shot {number} of {count} on {event.attrs.get('track', '')}: {quote(event.text)}, {', '.join(details)}"
        )
        return OperationSentence(content, {"shot": number, "shots": count, "frames": frames, "speed": speed})

    def _gap(self, event: Event) -> OperationSentence:
        said, frames = self._lasts(event.t1 - event.t0)
        track = str(event.attrs.get("track", ""))
        clips = self._clips.get(track, [])
        before = next((clip for clip in reversed(clips) if clip.t1 <= event.t0 + _NEAR), None)
        after = next((clip for clip in clips if clip.t0 >= event.t1 - _NEAR), None)
        sides = [f"after {quote(before.text)}"] if before else []
        sides += [f"before {quote(after.text)}"] if after else []
        where = " ".join([f"gap on {track}", *sides])
        return OperationSentence(f"{where}: {said}", {"frames": frames})

    def _transition(self, event: Event) -> OperationSentence:
        said, frames = self._lasts(event.t1 - event.t0)
        kind = str(event.attrs.get("transition_type", ""))
        name = _TRANSITIONS.get(kind, kind or "transition")
        ends = (str(event.attrs.get("from", "")), str(event.attrs.get("to", "")))
        sides = f"from {quote(ends[0]) or 'nothing'} to {quote(ends[1]) or 'nothing'}"
        return OperationSentence(
            f"{name} on {event.attrs.get('track', '')} {sides}: {said}", {"frames": frames, "transition": name}
        )

    def _marker(self, event: Event) -> OperationSentence:
        colour, comment = str(event.attrs.get("color", "")).lower(), str(event.attrs.get("comment", ""))
        words = [w for w in (quote(event.text), quote(comment) if comment != event.text else "") if w]
        named = ", ".join(words) or "without a name"
        return OperationSentence(
            f"{colour} marker on {event.attrs.get('track', '')}: {named}".strip(), {"color": colour}
        )

    def _node(self, event: Event) -> OperationSentence:
        title = str(event.attrs.get("title", ""))
        values = [f"{k} {quote(v) if isinstance(v, str) else short(v)}" for k, v in inputs_of(event).items()]
        more = len(values) - _VALUES
        takes = [f"{name} from {self._node_name(target)}" for name, (target, _) in links_of(event).items()]
        parts = [", ".join(values[:_VALUES] + ([f"{more} more"] if more > 0 else []))]
        parts += [f"takes {', '.join(takes)}"] if takes else []
        parts += [str(event.attrs["mode"])] if event.attrs.get("mode") else []
        said = "; ".join(part for part in parts if part)
        name = f"{event.text} ({title})" if title else event.text
        return OperationSentence(
            f"step {event.index + 1} {name}" + (f": {said}" if said else ""), {"step": event.index + 1}
        )

    def _node_name(self, target: str) -> str:
        node = self._nodes.get(target)
        return f"{node.text} (step {node.index + 1})" if node else f"node {target}"

    def _operation(self, event: Event) -> OperationSentence:
        values = cast("Mapping[str, Json]", event.attrs.get("values") or {})
        parts = [f"{k.replace('_', ' ')} {short(v)}" for k, v in values.items()]
        if not values and event.attrs.get("params_bytes"):
            parts = [f"{event.attrs['params_bytes']} bytes of packed parameters"]
        region = str(event.attrs.get("region", ""))
        parts += [f"on a {region}"] if region != WHOLE and region else []
        enabled = event.attrs.get("enabled", True)
        parts += [] if event.attrs.get("in_force") else ["not in force" if enabled else "switched off"]
        said = f": {', '.join(parts)}" if parts else ""
        return OperationSentence(f"step {event.index + 1} {event.text}{said}", {"region": region})

    def _instruction(self, event: Event) -> OperationSentence:
        language = str(event.attrs.get("lang", ""))
        return OperationSentence(f"instruction{f' ({language})' if language else ''}: {quote(event.text)}", {})


SHOWN_ELSEWHERE = frozenset({"rate", "source_rate", "track_kind", "media_kind", "num", "id", "title", "params_bytes"})
"""Attributes that a line with every field leaves out: of the stream as a whole, or in the name already."""


def every_field(event: Event) -> str:
    """An event with every field as its source gives it, times to a microsecond, in one line."""
    return f"e{event.index} {fields_text(event)}"


def fields_text(event: Event) -> str:
    """The fields of an event as its source gives them: `clip "take_1" record 0-1.5 track="V" source_in=10`."""
    timed = (
        [f"record {figure(event.t0, 6)}-{figure(event.t1, 6)}"] if event.t1 > event.t0 or "track" in event.attrs else []
    )
    fields = [
        f"{key}={_plain(value)}" for key, value in event.attrs.items() if key not in SHOWN_ELSEWHERE and value != ""
    ]
    return " ".join([event.kind, quote(event.text) or '""', *timed, *fields])


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def speed_words(speed: float) -> list[str]:
    """How fast a clip is played, where that is not as shot."""
    if speed == 0:
        return ["freeze frame"]
    words = [f"{figure(100 * abs(speed), 4)}% speed"] if abs(abs(speed) - 1) > 0.0005 else []
    return [*words, "backwards"] if speed < 0 else words


def effect_words(effect: Mapping[str, Json]) -> str:
    """An effect with its settings: `effect Blur (size 2)`; values by frame number are key frames."""
    settings = cast("Mapping[str, Json]", effect.get("parameters") or {})
    given = [f"{name} {'key frames' if isinstance(value, dict) else short(value)}" for name, value in settings.items()]
    more = [f"{len(given) - _SETTINGS} more"] if len(given) > _SETTINGS else []
    named = f" ({', '.join([*given[:_SETTINGS], *more])})" if given else ""
    name = str(effect.get("name", ""))
    return f"effect {_CALLED.get(name, name)}{named}"


def quote(text: str) -> str:
    """The text in quotation marks, cut to `WORDS`; "" for none."""
    words = " ".join(text.split())
    cut = words if len(words) <= WORDS else words[: WORDS - 3] + "..."
    return f'"{cut}"' if cut else ""


def exact(t: float) -> str:
    """A time to a thousandth of a second, without needless zeros: `3610.042`: which distinguishes frames."""
    return f"{t:.3f}".rstrip("0").rstrip(".")


def short(value: Json) -> str:
    """A value in few characters."""
    if isinstance(value, float):
        return figure(value, 6)
    said = str(value)
    return said if len(said) <= 60 else said[:57] + "..."
