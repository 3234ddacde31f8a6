"""Motion without phases in Chinese: what is seen in pictures, and how a camera or a base moves. Numbers are untouched.

The tools word what they measure in English, in a few fixed forms; each form has its Chinese one here. What has none
stays as it is rather than being guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dataclaw.words import words_beside

_DATA = words_beside(__file__).tables
_WAYS: Mapping[str, str] = _DATA["ways"]
_CAMERA: Mapping[str, str] = _DATA["camera"]
_MOVES: Mapping[str, str] = _DATA["camera_verbs"]
_ONE = r"(?:up|down|left|right|forward|backward|[+-][xyz])"
_WHERE = rf"({_ONE}(?: and {_ONE})*)"


def _part(text: str) -> str:
    for pattern, word in _FORMS:
        if match := pattern.fullmatch(text):
            return word(match)
    return text


def _way(where: str | None) -> str:
    ways = (where or "").split(" and ")
    return "".join(_WAYS.get(way, f"沿 {way} ") for way in ways if way)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"moves ([\d.]+(?: [^ ]+)??)(?: mostly along {_WHERE})?"), lambda m: f"{_way(m[2])}移动 {m[1]}"),
    (re.compile(r"turns ([\d.]+) degrees about (\S+)"), lambda m: f"绕 {m[2]} 转动 {m[1]} 度"),
    (re.compile(r"rests"), lambda _: "静止"),
)
"""The tools' forms and their Chinese ones, the first that fits counts."""


def motion_clause(text: str) -> str:
    """A span of motion, a clause without a stop: what the camera does, and what moves in front of it."""
    if text not in _CAMERA and not text.startswith("the camera "):
        return ";".join(_part(part) for part in text.split("; "))
    camera, _, subject = text.partition(" and ")
    return ",".join(filter(None, [_camera(camera), _subject(subject)]))


def _camera(text: str) -> str:
    if text in _CAMERA:
        return _CAMERA[text]
    _, _, does = text.partition("the camera ")
    verb, _, way = does.partition(" ")
    return f"镜头{_WAYS.get(way, way)}{_MOVES.get(verb, verb)}"


def _subject(text: str) -> str:
    if not text:
        return ""
    if text.startswith("nothing"):
        return "前方没有东西在动"
    slowly = "缓慢" if " slowly" in text else ""
    if text.endswith("back and forth"):
        return f"前方的物体{slowly}来回移动"
    where = re.search(rf"{_WHERE}$", text)
    return f"前方的物体{slowly}{_way(where[1]) if where else ''}移动"
