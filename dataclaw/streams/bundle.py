"""Labelled fragments that lie in one folder: `fragments.json`, `case.json`, or files named `fragment-a.mp4`.

`fragments.json` is `{"fragments": {"A": "a.mp4", ...}, "order": ["B", "A"], "task": "..."}`; all but the first is
truth and optional. `case.json` has `inputs` in place of `fragments` and its truth in `reference`; a case with a single
input, or with one named `source`, is that stream. How fragments are put in order is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import StreamError
from dataclaw.streams.files import is_beside, json_in
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import derived_id, salt_of
from dataclaw.streams.sources import fragment_files
from dataclaw.types import Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside

MAX_FRAGMENTS = 64
SOURCE = "source"
"""Input of a case that is the recording itself; what lies beside it was made from it."""
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")


def open_bundle(folder: Path, sampling: Sampling, open_part: Callable[[Path], Stream]) -> Stream:
    """The fragments of a folder as one stream with parts.

    Args:
        folder: where the manifest or the fragment files lie.
        sampling: how densely each part is looked at.
        open_part: opens the stream at a path.

    Raises:
        StreamError: the manifest is wrong, names a file outside the folder, or a part cannot be opened.
    """
    files, annotations = _manifest(folder)
    if not 1 <= len(files) <= MAX_FRAGMENTS:
        raise StreamError(f"names {len(files)} fragments.", place=folder, remedy=f"Name 1 to {MAX_FRAGMENTS} of them.")
    if (folder / "case.json").is_file() and (len(files) == 1 or SOURCE in files):
        label = SOURCE if SOURCE in files else next(iter(files))
        only = open_part(_path(folder, label, files[label]))
        return replace(only, name=folder.name, path=str(folder.absolute()), annotations=annotations)
    opened = {label: open_part(_path(folder, label, name)) for label, name in files.items()}
    parts = {label: replace(part, name=label) for label, part in opened.items()}
    return bundle(parts, folder.name, str(folder.absolute()), annotations, salt_of(sampling))


def bundle(
    parts: Mapping[str, Stream], name: str, path: str, annotations: Mapping[str, Json], salt: str = ""
) -> Stream:
    """Streams as the labelled parts of one; its duration is that of the longest part."""
    return Stream(
        id=derived_id("fragments", *(f"{label}={part.id}" for label, part in parts.items()), salt),
        kind="fragments",
        name=name,
        path=path,
        format="fragments",
        duration=max(part.duration for part in parts.values()),
        clock="index" if all(part.clock == "index" for part in parts.values()) else "seconds",
        parts=dict(parts),
        annotations=dict(annotations),
        problems=tuple(f"{label}: {problem}" for label, part in parts.items() for problem in part.problems),
    )


def _manifest(folder: Path) -> tuple[dict[str, str], dict[str, Json]]:
    """File name by label, and the truth that came with them."""
    if (folder / "fragments.json").is_file():
        data = _object(folder / "fragments.json")
        truth = {key: value for key, value in data.items() if key not in ("fragments", "order")}
        order = {"ordered_fragment_labels": data["order"]} if "order" in data else {}
        return _files(folder / "fragments.json", data.get("fragments")), {**truth, **order}
    if (folder / "case.json").is_file():
        data = _object(folder / "case.json")
        return _files(folder / "case.json", data.get("inputs")), _case_truth(data)
    return fragment_files(folder), {}


def _case_truth(data: Mapping[str, Json]) -> dict[str, Json]:
    truth = {key: value for key, value in data.items() if key != "inputs"}
    reference: Json = data.get("reference")
    known = cast("dict[str, Json]", reference) if isinstance(reference, dict) else {}
    if isinstance(known.get("ordered_fragment_labels"), list):
        truth["ordered_fragment_labels"] = known["ordered_fragment_labels"]
    if isinstance(known.get("original_task"), str):
        truth["task"] = known["original_task"]
    return truth


def _object(file: Path) -> dict[str, Any]:
    if not is_beside(file):
        raise StreamError("is a link that leads out of its folder.", place=file, remedy="Copy the file there.")
    data = json_in(file, 16 * 2**20)
    if not isinstance(data, dict):
        raise StreamError("is not a JSON object.", place=file, remedy='Write {"fragments": {"A": "a.mp4"}}.')
    return cast("dict[str, Any]", data)


def _files(file: Path, value: object) -> dict[str, str]:
    named = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    wrong = [label for label, name in named.items() if not (_LABEL.fullmatch(label) and isinstance(name, str))]
    if not named or wrong:
        at = f" ({wrong[0][:40]!r} is not)" if wrong else ""
        raise StreamError(
            f"fragments must be file names by label{at}.",
            place=file,
            remedy='Write {"A": "a.mp4", "B": "b.mp4"}; labels are letters and digits, at most 16.',
        )
    return cast("dict[str, str]", named)


def _path(folder: Path, label: str, name: str) -> Path:
    try:
        path = inside(folder, name.strip("./") and name)
    except TraceError as error:
        raise StreamError(f"fragment {label} {error.reason}.", place=folder, remedy="Put it there.") from None
    if path == folder.resolve() or not path.exists():
        raise StreamError(f"fragment {label}: no file {name!r}.", place=folder, remedy="Put it there.")
    return path
