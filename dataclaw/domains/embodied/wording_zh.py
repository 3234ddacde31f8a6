"""Measured motion in Chinese. Names of joints and objects stay as the source writes them; numbers are untouched.

The tools word what they measure in English, in a few fixed forms; each form has its Chinese one here. What has none
stays as it is rather than being guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dataclaw.domains.embodied.episode import Segment
from dataclaw.words import words_beside

_DATA = words_beside(__file__).tables
_DOES: Mapping[str, str] = _DATA["does"]
_WAYS: Mapping[str, str] = _DATA["ways"]
_CAMERA: Mapping[str, str] = _DATA["camera"]
_MOVES: Mapping[str, str] = _DATA["camera_verbs"]
_ONE = r"(?:up|down|left|right|forward|backward|[+-][xyz])"
_WHERE = rf"({_ONE}(?: and {_ONE})*)"


def motion_clause(segment: Segment) -> str:
    """What happens in a segment, a clause without a stop: `机器人接近:向下移动 0.21 m`."""
    if not segment.phase:
        return _picture_clause(segment.text)
    parts = [_part(part) for part in segment.text.split(", ")]
    if segment.phase in ("lift", "transport"):
        parts = [part for part in parts if part != "夹爪闭合"]
    told = ",".join(parts)
    return f"机器人{_DOES[segment.phase]}:{told}" if segment.phase in _DOES else told


def unfinished_clause(segment: Segment) -> str:
    """The same of a part of a segment, without figures: `机器人正在接近`."""
    return str(_DATA["is_doing"].get(segment.phase) or f"机器人正在{_DOES[segment.phase]}")


def _part(text: str) -> str:
    for pattern, word in _FORMS:
        if match := pattern.fullmatch(text):
            return word(match)
    return text


def _way(where: str | None) -> str:
    ways = (where or "").split(" and ")
    return "".join(_WAYS.get(way, f"沿 {way} ") for way in ways if way)


def _joints(match: re.Match[str]) -> str:
    return "、".join(re.sub(r" (?=[+-]\d)", " 变化 ", one) for one in match[0].split(" and "))


def _gripper(name: str) -> str:
    side = {"left": "左", "right": "右"}.get(name.partition(" ")[0], "")
    return f"{side}夹爪" if name in ("gripper", "left gripper", "right gripper") else name


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"moves ([\d.]+(?: [^ ]+)??)(?: (?:mostly along )?{_WHERE})?"),
     lambda m: f"{_way(m[2])}移动 {m[1]}"),
    (re.compile(r"goes back and forth"), lambda _: "来回移动"),
    (re.compile(r"([\d.]+(?: \S+)?) of way"), lambda m: f"路程 {m[1]}"),
    (re.compile(r"rests(?: ([\d.]+) s)?"), lambda m: f"静止 {m[1]} 秒" if m[1] else "静止"),
    (re.compile(r"is not recorded"), lambda _: "没有记录"),
    (re.compile(r"(.+) (opens|closes) \((\S+) to (\S+)\)"),
     lambda m: f"{_gripper(m[1])}{'张开' if m[2] == 'opens' else '闭合'}({m[3]} 到 {m[4]})"),
    (re.compile(r"gripper (open|closed)"), lambda m: "夹爪张开" if m[1] == "open" else "夹爪闭合"),
    (re.compile(rf"(.+) moves ([\d.]+ \S+) {_WHERE}"), lambda m: f"{m[1]} {_way(m[3])}移动 {m[2]}"),
    (re.compile(r"turns ([\d.]+) degrees about (\S+)"), lambda m: f"绕 {m[2]} 转动 {m[1]} 度"),
    (re.compile(r"\S.* [+-][\d.]+(?: \S+)?(?: and \S.* [+-][\d.]+(?: \S+)?)?"), _joints),
)  # fmt: skip
"""The tools' forms and their Chinese ones, the first that fits counts."""


def _picture_clause(text: str) -> str:
    """A span of motion in pictures: what the camera does, and what moves in front of it."""
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
