"""Strict JSON text: what a policy hands in and what a schema file holds, read without surprises.

Python's reader accepts NaN, repeated keys, any depth and halves of surrogate pairs; none of them may reach a sample.
"""

from __future__ import annotations

import json
import math
import re
from typing import cast

from dataclaw.errors import UsageError
from dataclaw.types import Json

MAX_CHARS = 2_000_000
MAX_DEPTH = 64

_FENCE = re.compile(r"\A\s*```[A-Za-z0-9_+-]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*```\s*\Z", re.DOTALL)


def parse_json(text: str, *, max_chars: int = MAX_CHARS, max_depth: int = MAX_DEPTH) -> Json:
    """Value of a JSON text; one code fence around the whole text is taken off first.

    Args:
        text: the JSON text.
        max_chars: longest text read [characters].
        max_depth: deepest nesting of arrays and objects.

    Raises:
        UsageError: not JSON, NaN or infinite numbers, a key given twice in one object, broken Unicode, too long or too
            deep; the message says which and, where known, at what line and column.
    """
    if len(text) > max_chars:
        raise _refuse(f"{len(text)} characters, more than the {max_chars} allowed", "Write less.")
    fenced = _FENCE.match(text) if text.lstrip().startswith("```") else None
    body = fenced.group(1) if fenced else text
    try:
        value: Json = _DECODER.decode(body)
    except json.JSONDecodeError as error:
        raise _refuse(
            f"{error.msg} at line {error.lineno} column {error.colno}", "Write one JSON value only."
        ) from None
    except ValueError as error:
        raise _refuse(str(error), "Write plain JSON.") from None
    except RecursionError:
        raise _too_deep(max_depth) from None
    if body.count("[") + body.count("{") > max_depth and _deeper_than(value, max_depth):
        raise _too_deep(max_depth)
    if not _is_unicode(body):
        raise _refuse("half of a surrogate pair in a string", "Write whole characters.")
    return value


def _refuse(what: str, remedy: str) -> UsageError:
    return UsageError(f"not valid JSON: {what}.", remedy=remedy)


def _too_deep(limit: int) -> UsageError:
    return _refuse(f"nested deeper than {limit} levels", "Use a flatter value.")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'key "{twice[:80]}" occurs twice in one object')
    return entries


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"number {digits[:40]} is too large")
    return value


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _int(digits: str) -> int:
    if len(digits) > 19:
        raise ValueError(f"number {digits[:40]} is too large")
    return int(digits)


_CONTAINERS = frozenset({dict, list})
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)


def _deeper_than(value: Json, limit: int) -> bool:
    """Whether arrays and objects are nested more than `limit` deep; `limit` also bounds this recursion."""
    if isinstance(value, dict):
        children = list(cast("dict[str, Json]", value).values())
    elif isinstance(value, list):
        children = cast("list[Json]", value)
    else:
        return False
    return not limit or any(_deeper_than(c, limit - 1) for c in children if c.__class__ in _CONTAINERS)


def _is_unicode(body: str) -> bool:
    """Whether every string of a text that parses is whole Unicode, escaped halves included."""
    if "\\u" not in body and body.isascii():
        return True
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
