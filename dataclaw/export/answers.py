"""A sample's answer as the assistant says it: text or JSON, its places ready for any coordinates.

Which values are places is read off the task's schema (`x-support` "point" and "box"). Calls of pyautogui carry theirs
as fractions of the screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.export.example import Attached, Fragment, Medium, Pinpoint, Spoken
from dataclaw.media import MEDIA
from dataclaw.schema import fields_of, outline
from dataclaw.schema.walk import rebuild, views
from dataclaw.types import Json

PLACES = frozenset({"point", "box"})
DEEPEST = 12
"""Levels of an answer below which no place is looked for; a recursive schema ends there."""
_ASIDE = frozenset({"cite", "cot", "left_out", "question"}) | MEDIA
_CALL = re.compile(r"\bx=([01](?:\.\d+)?), y=([01](?:\.\d+)?)(?![\d.])")
_NAMELESS = "\0"
_MARK = re.compile(r"[ ]?(<image_recall>|<video_gen>)")


class AnswerText:
    """Renders the answers of one task.

    Args:
        schema: the task's schema.
    """

    def __init__(self, schema: Mapping[str, Json]) -> None:
        self._places = frozenset(_places(schema, schema, ()))
        self.form = _form(schema)

    def render(
        self, value: Json, pictures: Mapping[int, Medium], screen: tuple[int, int] | None, at: tuple[str, ...] = ()
    ) -> Iterator[Fragment]:
        """JSON text of an object or a list, with its points and boxes as places.

        Args:
            value: the answer, or what stands in it at `at`.
            pictures: those that the example shows, by frame.
            screen: `(width, height)` [px] of the recording, for places whose frame is not shown.
            at: where in the answer the value stands, `*` for an index.
        """
        yield from self._json(value, at, _Look(pictures, screen))

    def _json(self, value: Json, at: tuple[str, ...], look: _Look) -> Iterator[Fragment]:
        if at in self._places and (place := look.place(value)) is not None:
            yield place
        elif isinstance(value, dict):
            entries = cast("dict[str, Json]", value)
            inner = look.inside(entries)
            for number, (key, entry) in enumerate(entries.items()):
                yield Spoken(("{" if not number else ", ") + f"{json.dumps(key, ensure_ascii=False)}: ")
                yield from self._json(entry, (*at, key), inner)
            yield Spoken("}" if entries else "{}")
        elif isinstance(value, list):
            items = cast("list[Json]", value)
            yield Spoken("[")
            for number, entry in enumerate(items):
                yield Spoken(", " if number else "")
                yield from self._json(entry, (*at, "*"), look)
            yield Spoken("]")
        else:
            text = json.dumps(value, ensure_ascii=False)
            yield from look.calls(text) if isinstance(value, str) else [Spoken(text)]


class _Look:
    """What a place of an answer lies in: the picture of the nearest `frame` around it, else the first one shown."""

    def __init__(self, pictures: Mapping[int, Medium], screen: tuple[int, int] | None) -> None:
        self._pictures, self._screen = pictures, screen
        self._medium = next(iter(pictures.values()), None)

    def inside(self, entries: Mapping[str, Json]) -> _Look:
        """The same inside an object that may name a frame."""
        frame = entries.get("frame")
        if not isinstance(frame, int) or frame not in self._pictures:
            return self
        look = _Look(self._pictures, self._screen)
        look._medium = self._pictures[frame]
        return look

    def place(self, value: Json) -> Pinpoint | None:
        """A point or a box in pixels as a place; None when it is none or no size is known."""
        size = self._medium.size if self._medium else self._screen
        numbers = cast("list[Json]", value) if isinstance(value, list) else []
        if size is None or len(numbers) not in (2, 4) or not all(isinstance(n, int | float) for n in numbers):
            return None
        values = tuple(float(n) / size[i % 2] for i, n in enumerate(numbers))
        return Pinpoint(values, size, self._medium.sha256 if self._medium else "")

    def calls(self, text: str) -> Iterator[Fragment]:
        """A text whose calls of pyautogui have their x and y as places."""
        size = self._medium.size if self._medium else self._screen
        if size is None or ("pyautogui." not in text and "computer." not in text):
            yield Spoken(text)
            return
        end = 0
        for found in _CALL.finditer(text):
            yield Spoken(text[end : found.start()])
            end = found.end()
            picture = self._medium.sha256 if self._medium else ""
            yield Pinpoint((float(found[1]), float(found[2])), size, picture, named=True)
        yield Spoken(text[end:])


def recall(
    text: str, pictures: Sequence[Medium], clips: Sequence[Medium], shown: Mapping[tuple[str, int | None], str]
) -> str:
    """A text answer whose marks of media say in words which picture is meant.

    A picture that the question shows is named as it is named there, one inside a clip that it shows by its time. What
    the question does not show cannot be said in words: its mark goes, and with it a paragraph that begins with it.

    Args:
        text: the answer; its k-th `<image_recall>` stands for the k-th picture.
        pictures: the answer's pictures, in order.
        clips: clips that the question shows.
        shown: names by which the question shows pictures, by part and frame.
    """
    left = iter(pictures)

    def name(found: re.Match[str]) -> str:
        medium = next(left, None) if found[1] == "<image_recall>" else None
        if medium is None:
            return _NAMELESS
        t = medium.span[0]
        inside = any(clip.span[0] <= t <= clip.span[1] for clip in clips)
        named = shown.get(medium.key) or (f"picture at {t:.2f} s" if inside else "")
        return f"{' ' if found[0].startswith(' ') else ''}[{named}]" if named else _NAMELESS

    paragraphs = _MARK.sub(name, text).split("\n\n")
    return "\n\n".join(p.replace(_NAMELESS, "") for p in paragraphs if not p.startswith(_NAMELESS)).strip()


def attach(text: str, pictures: Sequence[Medium], clips: Sequence[Medium]) -> Iterator[Fragment]:
    """A text answer with its media where their marks stand, for models that make pictures and clips."""
    waiting = {"<image_recall>": iter(pictures), "<video_gen>": iter(clips)}
    end = 0
    for found in _MARK.finditer(text):
        medium = next(waiting[found[1]], None)
        if medium is not None:
            yield Spoken(text[end : found.start()])
            yield Attached(medium)
            end = found.end()
    yield Spoken(text[end:])


def _places(node: Json, root: Mapping[str, Json], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where points and boxes stand, `*` for the items of a list."""
    if len(at) > DEEPEST:
        return
    for view in views(node, root):
        support = view.get("x-support", "")
        if PLACES & {*(cast("list[str]", support) if isinstance(support, list) else [str(support)])}:
            yield at
        for key, sub in fields_of(view.get("properties")).items():
            yield from _places(sub, root, (*at, key))
        if isinstance(view.get("items"), dict):
            yield from _places(view["items"], root, (*at, "*"))


def _form(schema: Mapping[str, Json]) -> str:
    """The schema of the answer alone, in type notation: without citations, and without units of places."""

    def change(node: dict[str, Json]) -> Json:
        support = node.get("x-support", "")
        if PLACES & {*(cast("list[str]", support) if isinstance(support, list) else [str(support)])}:
            node = {key: value for key, value in node.items() if key != "description"}
        if "properties" not in node:
            return node
        kept = {k: v for k, v in fields_of(node["properties"]).items() if k not in _ASIDE}
        order = [key for key in cast("list[str]", node.get("x-order", [])) if key in kept]
        required = [key for key in cast("list[str]", node.get("required", [])) if key in kept]
        return {**node, "properties": kept, "required": required} | ({"x-order": order} if order else {})

    return outline(cast("dict[str, Json]", rebuild(dict(schema), change)))
