"""Documents damaged as what they are: a node of JSON, TOML or XML gets another type, is lost, doubled or nested deep.

What comes out is well formed most of the time, so that readers get past its syntax.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import tomli_w

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 2**31, -(2**63), 10**30, 10**400, 1e308, -1e308, 5e-324, float("nan"),
    float("inf"), "", " ", "\0", "\ud800", "‮", "../../etc/passwd", "/etc/passwd", "NaN", "1e999", "-1", "x" * 5000,
    "é" * 300, [], {}, [[]], [{}], [None], {"": None}, ["a", 1], {"a": {"a": {}}}, [0.0] * 300,
)  # fmt: skip
"""Values that no place of a document may have but some."""
LARGEST = 2**17
"""Documents above are damaged as bytes only: to read and write them takes longer than what it shows [bytes]."""
_MARK = "\N{SNOWMAN}damaged\N{SNOWMAN}"
_TAG = re.compile(rb"<([A-Za-z_][\w:.-]*)((?:\s[^<>]*)?/?)>")
_ATTRIBUTE = re.compile(rb'="[^"<]*"')

Place = tuple[str | int, ...]


def other_document(data: bytes, dice: random.Random) -> bytes | None:
    """The document with a node or three damaged; None for what is none."""
    if len(data) > LARGEST:
        return None
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if head == b"<":
        return _xml(data, dice)
    lines = data.split(b"\n")
    if head in (b"{", b"[") and (known := _read_json(data)) is not None:
        return _json(known, dice)
    if head == b"{":
        chosen = [number for number, line in enumerate(lines) if line.strip()]
        at = dice.choice(chosen)
        known = _read_json(lines[at])
        if known is None:
            return None
        if dice.random() < 0.1:  # a line that is JSON, and no record
            lines[at] = json.dumps(dice.choice(ODD)).encode()
        else:
            lines[at] = _json(known, dice)
        return b"\n".join(lines)
    known = _read_toml(data)
    return _toml(known, dice) if known is not None else None


@lru_cache(maxsize=512)
def _read_json(data: bytes) -> tuple[Any, list[Place]] | None:
    try:
        value = json.loads(data)
        return value, _places(value, ())
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=512)
def _read_toml(data: bytes) -> tuple[Any, list[Place]] | None:
    if b"=" not in data:
        return None
    try:
        value = tomllib.loads(data.decode())
        return value, _places(value, ())
    except (ValueError, RecursionError):
        return None


def _places(value: Any, at: Place) -> list[Place]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, one in inner for place in _places(one, (*at, key)))]


def _json(known: tuple[Any, list[Place]], dice: random.Random) -> bytes:
    value, places = known
    text = ""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        value, text = _change(value, dice.choice(places), dice, text)
    said = json.dumps(value, separators=(",", ":"))
    return (said.replace(json.dumps(_MARK), text) if text else said).encode()


def _toml(known: tuple[Any, list[Place]], dice: random.Random) -> bytes | None:
    value, places = known
    value, text = _change(value, dice.choice(places), dice, "")
    try:
        said = tomli_w.dumps(value)
    except (TypeError, ValueError, AttributeError, RecursionError):  # what TOML cannot say
        return None
    return (said.replace(f'"{_MARK}"', text) if text else said).encode("utf-8", "surrogatepass")


def _change(value: Any, place: Place, dice: random.Random, text: str) -> tuple[Any, str]:
    """The document with what is at a place changed, and the text that its mark stands for."""
    if not place:
        way: Callable[..., Any] = dice.choice((_odd, _wrap))
        return way(value, value, dice), text
    try:
        parent, here = _parent(value, place[:-1]), _parent(value, place)
    except (KeyError, IndexError, TypeError):  # lost by the change before
        return value, text
    key = place[-1]
    draw = dice.random()
    if draw < 0.12:
        other: Any = _without(parent, key)
    elif draw < 0.24:
        other = _twice(parent, key, here, dice)
    elif draw < 0.29 and not text:
        text = _deep(dice)
        other = _with(parent, key, _MARK)
    elif draw < 0.33 and not text and isinstance(parent, dict):
        text = f'1,"{key}":{json.dumps(dice.choice(ODD))}'  # a key twice
        other = _with(parent, key, _MARK)
    else:
        way = dice.choice((_odd, _odd, _odd, _kind, _kind, _near, _near, _wrap))
        other = _with(parent, key, way(here, value, dice))
    return _put(value, place[:-1], other), text


def _parent(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def _put(value: Any, place: Place, other: Any) -> Any:
    """A copy with another value at a place; what is beside it is shared."""
    return _with(value, place[0], _put(value[place[0]], place[1:], other)) if place else other


def _with(parent: Any, key: Any, value: Any) -> Any:
    if isinstance(parent, dict):
        return {**parent, key: value}
    return [*parent[:key], value, *parent[key + 1 :]]


def _without(parent: Any, key: Any) -> Any:
    if isinstance(parent, dict):
        return {name: value for name, value in parent.items() if name != key}
    return [*parent[:key], *parent[key + 1 :]]


def _twice(parent: Any, key: Any, here: Any, dice: random.Random) -> Any:
    if isinstance(parent, dict):
        others = [name for name in parent if name != key]
        name = dice.choice([*others, f"{key} ", "", str(key).upper()])
        return {**parent, name: here}
    return [*parent[:key], *[here] * dice.choice((2, 2, 3, 40)), *parent[key + 1 :]]


def _odd(here: Any, whole: Any, dice: random.Random) -> Any:
    del here, whole
    return dice.choice(ODD)


def _wrap(here: Any, whole: Any, dice: random.Random) -> Any:
    return dice.choice(([here], {"a": here}, [here, here], {"a": whole} if dice.random() < 0.3 else [[here]]))


def _kind(here: Any, whole: Any, dice: random.Random) -> Any:
    """The same as another type."""
    del whole
    if isinstance(here, str):
        return dice.choice(
            (
                len(here),
                list(here[:40]),
                here.encode("utf-8", "surrogatepass").hex(),
                {here[:40]: here[:40]},
                here.upper(),
            )
        )
    if isinstance(here, bool) or here is None:
        return dice.choice((str(here), int(bool(here)), not here))
    if isinstance(here, int | float):
        return dice.choice((str(here), float(here) if abs(here) < 1e300 else 1, [here], bool(here), {"value": here}))
    if isinstance(here, list):
        return dice.choice(({str(n): one for n, one in enumerate(here[:40])}, json.dumps(here)[:2000], len(here)))
    return dice.choice((list(here.items())[:40], list(here.values())[:40], json.dumps(here, default=str)[:2000]))


def _near(here: Any, whole: Any, dice: random.Random) -> Any:
    """A value that is a little off: another number, another text, another order."""
    del whole
    if isinstance(here, bool) or here is None:
        return not here
    if isinstance(here, int | float):
        return dice.choice((here + 1, here - 1, -here, here * 1000, here * 10**9, here / 7 if abs(here) < 1e300 else 0))
    if isinstance(here, str):
        at = dice.randrange(len(here) + 1)
        return dice.choice((here[:at], here[at:], here + here, here[:at] + dice.choice("\0\"'\\/\n{}<&%é") + here[at:]))
    if isinstance(here, list):
        return dice.choice((here[::-1], here[:1], here + here, here[1:]))
    return dict(reversed(here.items()))


def _deep(dice: random.Random) -> str:
    depth = dice.choice((30, 200, 1200, 20_000))
    return "[" * depth + "]" * depth if dice.random() < 0.5 else '{"a":' * depth + "1" + "}" * depth


def _xml(data: bytes, dice: random.Random) -> bytes | None:
    for _ in range(dice.choice((1, 1, 2, 3))):
        tag = _TAG.search(data, dice.randrange(len(data) + 1)) or _TAG.search(data)
        if tag is None:
            return None
        data = _element(data, tag, dice)
    return data


def _element(data: bytes, tag: re.Match[bytes], dice: random.Random) -> bytes:
    """The document with an element lost, doubled, nested, emptied or moved, or an attribute of it changed."""
    name, start = tag[1], tag.start()
    end = tag.end()
    if not tag[2].endswith(b"/"):
        close = data.find(b"</%s>" % name, tag.end())
        end = close + len(name) + 3 if close >= 0 else tag.end()
    inside = data[start:end]
    draw = dice.randrange(9)
    if draw == 0:
        inside = b""
    elif draw == 1:
        inside *= dice.choice((2, 2, 3, 60))
    elif draw == 2:
        depth = dice.choice((2, 50, 500, 5000))
        inside = b"<%s>" % name * depth + inside + b"</%s>" % name * depth
    elif draw == 3:
        inside = tag[0] + dice.choice((b"", b"-1", b"1e999", b"NaN", b"9" * 50, b"&lt;", b"x" * 3000)) + b"</%s>" % name
    elif draw == 4:
        other = _TAG.search(data, dice.randrange(len(data)))
        inside = inside.replace(name, other[1]) if other else inside
    elif draw == 5:
        at = dice.randrange(len(data) + 1)
        rest = data[:start] + data[end:]
        return rest[:at] + inside + rest[at:]
    else:
        told = list(_ATTRIBUTE.finditer(inside))
        if told:
            one = dice.choice(told)
            other = dice.choice((b"", b"-1", b"1e999", b"NaN", b"9" * 50, b"../../x", b"x" * 3000, b"true", b"0"))
            gone = b"" if draw == 8 else b'="%s"' % other
            inside = inside[: one.start()] + gone + inside[one.end() :]
    return data[:start] + inside + data[end:]
