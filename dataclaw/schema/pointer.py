"""JSON pointers (RFC 6901): how findings, evidence and rule parameters name a place of a draft.

Patterns may use `*` for one token. Nothing here knows schemas.
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from dataclaw.types import Json

WILDCARD = "*"


@lru_cache(maxsize=1024)
def tokens(pointer: str) -> tuple[str, ...]:
    """Unescaped tokens of a pointer; "" is the whole document.

    Raises:
        ValueError: a pointer that is not empty and does not begin with "/".
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f'"{pointer}" is not a JSON pointer: it must be empty or begin with "/"')
    return tuple(t.replace("~1", "/").replace("~0", "~") for t in pointer[1:].split("/"))


def join(pointer: str, token: str | int) -> str:
    """Pointer of the child `token` of the value at `pointer`."""
    if isinstance(token, int):
        return f"{pointer}/{token}"
    if "~" in token or "/" in token:
        token = token.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{token}"


def get(doc: Json, pointer: str) -> Json:
    """Value at a pointer.

    Raises:
        KeyError: there is nothing at the pointer.
    """
    found = [("", doc)]
    for token in tokens(pointer):
        found = _children("", found[0][1], token, wildcard=False)
        if not found:
            raise KeyError(pointer)
    return found[0][1]


def select(doc: Json, pattern: str) -> list[tuple[str, Json]]:
    """Every `(pointer, value)` that a pattern names, in document order; places that are absent are left out.

    `*` stands for every item of an array and every value of an object: `/steps/*/frame`.
    """
    found: list[tuple[str, Json]] = [("", doc)]
    for token in tokens(pattern):
        found = [child for place, value in found for child in _children(place, value, token)]
    return found


def dotted_path(pointer: str) -> str:
    """How a place is shown to people and models: `/steps/3/point` becomes `$.steps[3].point`."""
    return "$" + "".join(f"[{t}]" if t.isdecimal() else f".{t}" for t in tokens(pointer))


def _children(place: str, value: Json, token: str, *, wildcard: bool = True) -> list[tuple[str, Json]]:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        if wildcard and token == WILDCARD:
            return [(join(place, key), entry) for key, entry in entries.items()]
        return [(join(place, token), entries[token])] if token in entries else []
    if isinstance(value, list):
        items = cast("list[Json]", value)
        if wildcard and token == WILDCARD:
            return [(f"{place}/{index}", item) for index, item in enumerate(items)]
        if token.isdecimal() and len(token) < 10 and int(token) < len(items):
            return [(f"{place}/{int(token)}", items[int(token)])]
    return []
