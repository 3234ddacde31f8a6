"""From what a user names (files, folders, patterns) to the streams that lie there.

A stream's root is a file, a folder that belongs together (a trace with its pictures, labelled fragments, numbered
pictures), or one trace of a file that holds many. Whether it can be read is found out by opening it: what is named like
a recording is listed even when it is broken, so that it is rejected with a reason and not passed over.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from dataclaw.errors import StreamError
from dataclaw.streams.expected import trouble
from dataclaw.streams.files import stays
from dataclaw.streams.gui import count_traces
from dataclaw.streams.loader import Loader, Reader
from dataclaw.streams.packets import open_video
from dataclaw.streams.registry import builtin, claimant
from dataclaw.streams.video import VIDEO_SUFFIXES, picture_names
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.detect import claimants
from pyautogui_trace_parsers.files import folder_names, is_name
from pyautogui_trace_parsers.look import look

TRACE_SUFFIXES = frozenset({".jsonl", ".json", ".zip", ".gz"})
MANIFESTS = ("fragments.json", "case.json")
MAX_DEPTH = 16
TOO_DEEP = f"more than {MAX_DEPTH} folders deep; name them themselves"
_FRAGMENT = re.compile(r"fragment[-_ ]?([a-z0-9]{1,3})\.[a-z0-9.]+", re.IGNORECASE)
_NUMBERED = re.compile(r"(.+)#(\d{1,9})")


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One stream of a file or folder that holds several; written `file.jsonl#3`.

    Attributes:
        path: the file, or the folder of a dataset.
        index: which stream, from 0.
    """

    path: Path
    index: int

    def __str__(self) -> str:
        return f"{self.path}#{self.index}"


Root: TypeAlias = Path | Source


@dataclass(slots=True)
class Survey:
    """What a look at some places found.

    Attributes:
        loaders: readers, the built-in ones among them.
        roots: the streams, each once, in the order given, with what reads each; None where opening has to find out.
        left_out: what was passed over although it may have been meant, with the reason. Side files of other kinds
            (text, pictures, JSON of others, subtitles of a video) are not.
    """

    loaders: Sequence[Loader]
    roots: dict[Root, Reader | None] = field(default_factory=dict["Root", "Reader | None"])
    left_out: dict[Path, str] = field(default_factory=dict[Path, str])

    def sentences(self) -> list[str]:
        """What was left out, a sentence for each reason: `left out 2 files (no stream on their own): a, b`."""
        by_reason: dict[str, list[Path]] = {}
        for path, reason in self.left_out.items():
            by_reason.setdefault(reason, []).append(path)
        return [_left_out(reason, paths) for reason, paths in by_reason.items()]


def _left_out(reason: str, paths: Sequence[Path]) -> str:
    named = ", ".join(str(path) for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    what = "folder" if reason == TOO_DEEP else "file"
    return f"left out {len(paths)} {what}{'s' if len(paths) != 1 else ''} ({reason}): {named}"


def discover(paths: Sequence[str | Path], *, loaders: Sequence[Loader] = ()) -> list[Root]:
    """The stream roots at the given places, in the order given, each once; side files in folders are passed over.

    Args:
        paths: files, folders, patterns (`recordings/**/*.mp4`), or `file.jsonl#3` for one stream of many.
        loaders: readers beside the built-in ones.

    Raises:
        StreamError: nothing is there, or a folder holds no stream.
    """
    return list(survey(paths, loaders=loaders).roots)


def survey(paths: Sequence[str | Path], *, loaders: Sequence[Loader] = ()) -> Survey:
    """As `discover`, with what reads each stream and what was left out.

    Raises:
        StreamError: as `discover`.
    """
    seen = Survey((*builtin(), *loaders))
    for path in paths:
        before = len(seen.left_out)
        found = dict(_roots_at(str(path), seen))
        if not found:
            why = "; ".join(seen.sentences()) if len(seen.left_out) > before else ""
            raise StreamError(
                f"no stream in it{f'; {why}' if why else ''}.",
                place=path,
                remedy="Give a recording, a trace, or a folder that holds some.",
            )
        seen.roots |= {root: reader for root, reader in found.items() if root not in seen.roots}
    return seen


Found: TypeAlias = "tuple[Root, Reader | None]"


def _roots_at(text: str, seen: Survey) -> Iterator[Found]:
    path = Path(text)
    if not is_name(text):
        raise StreamError("not a path.", place=repr(text[:200]), remedy="Give a file or a folder.")
    if path.is_dir():
        yield from _folder(path, path.resolve(), seen, attached=False, depth=0)
    elif path.exists():
        yield from _file(path, seen)
    elif numbered := numbered_source(text):
        yield numbered, None
    elif glob.has_magic(text):
        for name in sorted(glob.glob(text, recursive=True)):  # noqa: PTH207 - takes absolute patterns
            match = Path(name)
            if match.is_dir():
                yield from _folder(match, match.resolve(), seen, attached=False, depth=0)
            else:
                yield from _recognise(match, seen)
    else:
        raise StreamError("does not exist.", place=text, remedy="Check the path.")


def numbered_source(text: str) -> Source | None:
    """The stream that `file.jsonl#3` means, when there is that path and none of the whole name."""
    if not is_name(text) or Path(text).exists():
        return None
    match = _NUMBERED.fullmatch(text)
    return Source(Path(match[1]), int(match[2])) if match and Path(match[1]).exists() else None


def _file(path: Path, seen: Survey) -> Iterator[Found]:
    """A file that the user named is a root whatever it is; `open_stream` says what is wrong with it."""
    if path.name in MANIFESTS:
        yield path.parent, None
        return
    found, clash = _readable(path, loader_of(path, seen.loaders))
    yield from found or [(path, _video_reader(path, clash=clash))]


def loader_of(path: Path, loaders: Sequence[Loader]) -> Loader | None:
    """The loader that takes a path, or None.

    A plugin's loader gets what nothing that comes with DataClaw reads: no loader, no trace format, no bundle of
    fragments, no video. A folder that it claims is its own, whatever lies in it.

    Raises:
        StreamError: two of them claim it.
    """
    found = claimant(path, loaders)
    if found is None or not found.owner:
        return found
    is_file_of_ours = path.name in MANIFESTS or (path.suffix.lower() in VIDEO_SUFFIXES and is_video(path))
    taken = is_bundle(path) if path.is_dir() else is_file_of_ours
    return None if taken or claimants(path) else found


def _readable(path: Path, loader: Loader | None) -> tuple[list[Found], bool]:
    """The streams of a path that a loader or a trace format takes, and whether several formats claim it.

    The path itself when it holds one stream, numbered when it holds several.
    """
    forms = [] if loader else claimants(path)
    if loader:
        reader, count = Reader("loader", loader.full_name), loader.count(path)
    elif len(forms) == 1:
        reader, count = Reader("trace", forms[0]), count_traces(path, forms[0])
    else:
        return [], bool(forms)
    return [(path, reader)] if count < 2 else [(Source(path, index), reader) for index in range(count)], False


def _video_reader(path: Path, *, clash: bool) -> Reader | None:
    return Reader("video") if path.suffix.lower() in VIDEO_SUFFIXES and not clash else None


def _recognise(path: Path, seen: Survey) -> Iterator[Found]:
    """The streams of a file in a folder; a side file gives none."""
    found, clash = _readable(path, loader_of(path, seen.loaders))
    if found:
        yield from found
    elif path.suffix.lower() in VIDEO_SUFFIXES or is_broken_trace(path) or is_video(path):
        yield path, _video_reader(path, clash=clash)
    elif odd := trouble(path):
        if odd.broken:
            yield path, None
        else:
            seen.left_out[path] = odd.reason


def is_broken_trace(path: Path) -> bool:
    """Whether the file is named like a trace and nothing in it can be read: it is to be rejected with a reason."""
    if path.suffix.lower() not in TRACE_SUFFIXES:
        return False
    seen = look(path)
    return bool(seen.error) or seen.kind == "binary" or not path.stat().st_size


def _folder(folder: Path, root: Path, seen: Survey, *, attached: bool, depth: int) -> Iterator[Found]:
    """Streams in a folder; `attached`: it lies beside a trace, so that its pictures are the trace's."""
    if (loader := loader_of(folder, seen.loaders)) is None and is_bundle(folder):
        yield folder, Reader("fragments")
        return
    loaded, clash = _readable(folder, loader)
    if loaded:
        yield from loaded
        return
    names = _names(folder)
    entries = [folder / name for name in names if _stays(folder / name, root)]
    found = [one for entry in entries if entry.is_file() for one in _recognise(entry, seen)]
    yield from found
    if not found and not attached and len(picture_names(names)) > 1:
        yield folder, None if clash else Reader("pictures")
    traces = any(isinstance(one, Source) or one.suffix.lower() not in VIDEO_SUFFIXES for one, _ in found)
    for entry in entries:
        if not entry.is_dir():
            continue
        if depth < MAX_DEPTH:
            yield from _folder(entry, root, seen, attached=attached or traces, depth=depth + 1)
        else:
            seen.left_out[entry] = TOO_DEEP


def _names(folder: Path) -> tuple[str, ...]:
    try:
        return folder_names(folder)
    except TraceError as error:
        raise StreamError(f"{error.reason}.", place=folder, remedy="Give its sub-folders one by one.") from None


def _stays(path: Path, root: Path) -> bool:
    """Whether a link leads nowhere else than into the folder that the user named."""
    if path.name.startswith("."):
        return False
    return not path.is_symlink() or stays(path, root)


def is_bundle(folder: Path) -> bool:
    """Whether the folder holds labelled fragments: a manifest, or files named `fragment-a.mp4` and so on."""
    return any((folder / name).is_file() for name in MANIFESTS) or len(fragment_files(folder)) > 1


def fragment_files(folder: Path) -> dict[str, str]:
    """File name by label ("A", "B", ...) of the files that are named as fragments."""
    matches = [(match[1].upper(), name) for name in _names(folder) if (match := _FRAGMENT.fullmatch(name))]
    return dict(sorted(matches))


def is_video(path: Path) -> bool:
    """Whether a video container opens the file."""
    try:
        container, _ = open_video(path)
    except StreamError:
        return False
    container.close()
    return True
