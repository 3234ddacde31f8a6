"""Files of a dataset folder, which may be hostile: paths that stay inside it, and metadata of a bounded size."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.values import object_of
from dataclaw.types import Json
from pyautogui_trace_parsers.files import finite_int, is_name, without_half_pairs

MAX_META_BYTES = 64 * 2**20
MAX_LINE = 2**20
_FIELD = re.compile(r"\{(\w+)(?::0?(\d{1,2})d)?\}")


def inside(root: Path, relative: str) -> Path:
    """The path of a file that a dataset names, which must lie in the dataset's folder, links followed.

    Raises:
        StreamError: it leaves the folder.
    """
    unusable = not relative or not is_name(f"{root}/{relative}")
    path = root / ("" if unusable else relative)
    try:
        outside = unusable or not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a loop of links
        outside = True
    if outside:
        raise StreamError(f"names {relative[:100]!r}, which is not a file inside its folder.", place=root,
                          remedy="Copy the dataset with its links resolved (cp -rL), or correct the path.")  # fmt: skip
    return path


def fill_template(template: str, fields: Mapping[str, int | str]) -> str:
    """A path template such as `data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet`, filled in.

    Python's own `format` would let a file of a stranger reach attributes, and ask for numbers a gigabyte wide.

    Raises:
        StreamError: a field is not known, or is written in another way.
    """

    def put(match: re.Match[str]) -> str:
        value = fields.get(match[1])
        if value is None:
            raise StreamError(f"the path template {template[:100]!r} names {match[1]!r}, which is not known.",
                              remedy=f"Use {', '.join(fields)}.")  # fmt: skip
        return str(value) if isinstance(value, str) else f"{value:0{int(match[2] or 0)}d}"

    text = _FIELD.sub(put, template)
    if "{" in text or "}" in text:
        raise StreamError(f"the path template {template[:100]!r} cannot be read.",
                          remedy="Write its fields as {name} or {name:03d}.")  # fmt: skip
    return text


def read_json(path: Path) -> dict[str, Json]:
    """A JSON object.

    Raises:
        StreamError: missing, larger than `MAX_META_BYTES`, not JSON, or not an object.
    """
    try:
        if path.stat().st_size > MAX_META_BYTES:
            raise StreamError(f"larger than {MAX_META_BYTES:,} bytes.", place=path, remedy="Split the dataset.")
        found = _json(path.read_bytes())
    except OSError as error:
        raise StreamError(f"cannot be read: {error.strerror}.", place=path,
                          remedy="Copy the dataset again, with its metadata.") from None  # fmt: skip
    except (ValueError, RecursionError):
        raise StreamError("not JSON.", place=path, remedy="Copy the file again.") from None
    if not isinstance(found, dict):
        raise StreamError("not a JSON object.", place=path, remedy="Copy the file again.")
    return object_of(found)


def read_lines(path: Path) -> Iterator[dict[str, Json]]:
    """The objects of a JSON-lines file, one at a time; empty lines are passed over.

    Raises:
        StreamError: missing, or a line is too long or no JSON object; the message names it.
    """
    for number, line in lines_of(path):
        if line.strip():
            yield _object(line, f"{path}:{number}")


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, from 1.

    Raises:
        StreamError: the file cannot be read, or a line is longer than `MAX_LINE` bytes.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise StreamError(f"the line is longer than {MAX_LINE:,} bytes.", place=f"{path}:{number}",
                                      remedy="Correct the line, or leave the file out.")  # fmt: skip
                yield number, line
    except OSError as error:
        raise StreamError(f"cannot be read: {error.strerror}.", place=path,
                          remedy="Check the file, or copy it again.") from None  # fmt: skip


def _json(data: bytes) -> Json:
    return without_half_pairs(json.loads(data, parse_int=finite_int))


def _object(line: bytes, place: str) -> dict[str, Json]:
    try:
        found = _json(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StreamError("the line is not a JSON object.", place=place, remedy="Correct the line.")
    return object_of(found)


def reader(module: str) -> Any:
    """A module of an optional library, untyped.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(
            f"robot recordings of this format need {module.partition('.')[0]}.",
            remedy="Run: pip install 'dataclaw-tailor[embodied]'",
        ) from None


def first_line(error: BaseException) -> str:
    """What an error of a library says, in one clause: its first line, or its name where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
