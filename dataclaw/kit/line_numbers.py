"""Where in a file something stands: the line of a TOML key, of a JSON pointer, of a function.

The readers of both formats keep no positions. These look again at text that was read, or nearly so; what they cannot
find they place at the nearest thing around it, never nowhere.
"""

from __future__ import annotations

import inspect
import json.decoder
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from dataclaw.schema.pointer import tokens

_HEADER = re.compile(r"^\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[\w-]+(?:\s*\.\s*[\w-]+)*)\s*=""")
_SPACE = re.compile(r"\s*")


def toml_line(text: str, path: Sequence[str | int]) -> int:
    """Line (from 1) of a key in a TOML text; that of its table, or 1, when the key is not written there."""
    names = [str(name) for name in path]
    best, line, table, counts = 0, 1, list[str](), Counter[str]()
    lines = text.split("\n")
    for number, row in enumerate(lines, 1):
        header, key = _HEADER.match(row), _KEY.match(row)
        here: list[str] = []
        if header:
            table = here = _names(header[1])
            if row.lstrip().startswith("[["):  # an entry of an array of tables
                here.append(str(counts[header[1]]))
                counts[header[1]] += 1
        elif key:
            here = [*table, *_names(key[1])]
        here = here[: len(names)]
        if here and names[: len(here)] == here and len(here) > best:
            best, line = len(here), number
            if key and not header and len(here) < len(names) and names[len(here)].isdecimal():
                line += _item_line("\n".join(lines[number - 1 :])[key.end() :], int(names[len(here)]))
    return line


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]


def _item_line(text: str, index: int) -> int:
    """Lines between the start of an array's text and its item of that index."""
    depth = count = 0
    for place, mark in _marks(text):
        if mark in "]}":
            depth -= 1
            if depth <= 0:
                break
        elif depth == 1 and mark != ",":
            if count == index:
                return text.count("\n", 0, place)
            count += 1
        depth += mark in "[{"
    return 0


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """Brackets, commas and the starts of strings and words, outside strings and comments."""
    for match in re.finditer(r""""(?:[^"\\]|\\.)*"|'[^']*'|#[^\n]*|[\[\]{},]|[\w.+-]+""", text):
        if not match[0].startswith("#"):
            yield match.start(), match[0][0]


def json_line(text: str, pointer: str) -> int:
    """Line (from 1) of the value at a pointer in a JSON text; that of the nearest one around it when there is none."""
    try:
        return text.count("\n", 0, _offset(text, _after_space(text, 0), tokens(pointer))) + 1
    except (ValueError, IndexError):
        return 1


def _offset(text: str, at: int, path: Sequence[str]) -> int:
    if not path or text[at] not in "[{":
        return at
    for name, place in _children(text, at):
        if name == path[0]:
            return _offset(text, place, path[1:])
    return at


def _children(text: str, at: int) -> Iterator[tuple[str, int]]:
    """`(key or index, offset)` of the values of an object or array that begins at `at`."""
    decoder, index, place = json.decoder.JSONDecoder(), 0, _after_space(text, at + 1)
    while text[place] not in "]}":
        name = str(index)
        if text[at] == "{":
            key, end = cast("tuple[str, int]", decoder.raw_decode(text, place))
            name, place = key, _after_space(text, _after_space(text, end) + 1)
        yield name, place
        _, end = decoder.raw_decode(text, place)
        place, index = _after_space(text, end), index + 1
        if text[place] == ",":
            place = _after_space(text, place + 1)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def function_line(function: Callable[..., Any]) -> int:
    """Line (from 1) at which a function's definition begins, 0 when it was not written in a file."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return int(code.co_firstlineno) if code else 0
