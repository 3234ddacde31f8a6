"""A domain's loaders put to the test: each opens the domain's sample files, copies of them, and damaged ones."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from dataclaw.errors import DataClawError, StreamError
from dataclaw.kit.manifest import MANIFEST, Declaration
from dataclaw.kit.report import Notes
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.streams.registry import builtin, claimant
from dataclaw.types import Event, Stream

LOADERS = "loaders.py"
MOST = 3
"""Streams of one sample that are opened."""
LATE = 1.0
"""An event may end so long after the stream's end [s, or steps]."""


def check_samples(declared: Declaration, loaders: Sequence[Loader], notes: Notes) -> None:
    """Note what is wrong about the samples of a manifest, and about how the domain's loaders read them."""
    samples = declared.manifest.samples
    if loaders and not samples:
        remedy = 'Name a small file of the format in domain.toml: samples = ["samples/one.log"].'
        notes.warn("loader", "the domain brings loaders and no sample to try them on.", remedy, file=LOADERS)
    for number, sample in enumerate(samples):
        path = declared.plugin.root / sample
        place = {"file": MANIFEST, "line": declared.line("samples", number)}
        if not path.exists():
            notes.error("file", f"no file {sample!r} in the plugin's folder.", "Add it.", **place)
            continue
        try:
            loader = claimant(path, (*builtin(), *loaders))
        except StreamError as error:
            notes.error("loader", f"sample {sample}: {error.message}", "Make `claims` stricter.", **place)
            continue
        if loader is None or loader not in loaders:
            taken = f"the built-in loader {loader.name} takes it" if loader else "none of its loaders claims it"
            notes.error("loader", f"sample {sample}: {taken}.", "Look at `claims`.", **place)
            continue
        for message, remedy in _faults(loader, path):
            notes.error("loader", f"loader {loader.name}, sample {sample}: {message}.", remedy, file=LOADERS)


def _faults(loader: Loader, path: Path) -> Iterator[tuple[str, str]]:
    """What is wrong about how a loader reads a sample: `(what, remedy)`."""
    try:
        streams = [loader.open(path, index, Sampling()) for index in range(min(MOST, loader.count(path)))]
        past = _stream_or_fault(loader, path, loader.count(path))
    except DataClawError as error:
        yield error.message.rstrip("."), error.remedy
        return
    if isinstance(past, str) and past:
        yield f"asked for a number that there is not, it breaks: {past}", "Raise StreamError."
    for index, stream in enumerate(streams):
        yield from _stream_faults(loader, stream, index)
    if len({stream.id for stream in streams}) < len(streams):
        yield "two of its streams have one id", "Give content_id the stream's number, too."
    with tempfile.TemporaryDirectory() as folder:
        yield from _copy_faults(loader, path, Path(folder), streams[0])
        if path.is_file():
            yield from _damage_faults(loader, path, Path(folder), streams[0])


def _stream_faults(loader: Loader, stream: Stream, index: int) -> Iterator[tuple[str, str]]:
    where = f"stream {index}"
    if stream.kind != loader.kind:
        yield (
            f'{where} is of kind "{stream.kind}", and the loader says that it gives kind "{loader.kind}"',
            "Make Loader.kind and Stream.kind equal.",
        )
    if not (math.isfinite(stream.duration) and stream.duration > 0):
        yield f"{where} lasts {stream.duration:g}", "Stream.duration is more than 0 and finite."
    before = 0.0
    for number, event in enumerate(stream.events):
        fault = _event_fault(event, number, before, stream.duration)
        if fault:
            yield f"{where}, event {number}: {fault}", "Events stand in order of time, numbered from 0."
            return
        before = event.t0


def _event_fault(event: Event, number: int, before: float, duration: float) -> str:
    if event.index != number:
        return f"its index is {event.index}"
    if not (math.isfinite(event.t0) and math.isfinite(event.t1) and 0 <= event.t0 <= event.t1):
        return f"it lasts from {event.t0:g} to {event.t1:g}"
    if event.t0 < before:
        return f"it begins at {event.t0:g}, before the one before it ({before:g})"
    return f"it ends at {event.t1:g}, after the stream ({duration:g})" if event.t1 > duration + LATE else ""


_ID = "Use content_id([path], index)."


def _copy_faults(loader: Loader, path: Path, folder: Path, own: Stream) -> Iterator[tuple[str, str]]:
    """An id follows the content and not the name: tools' results are kept by it."""
    copy = folder / f"copy{path.suffix}"
    (shutil.copytree if path.is_dir() else shutil.copyfile)(path, copy)
    found = _stream_or_fault(loader, copy, 0)
    if isinstance(found, Stream) and found.id != own.id:
        yield "a copy of the file gets another id", _ID


def _damage_faults(loader: Loader, path: Path, folder: Path, own: Stream) -> Iterator[tuple[str, str]]:
    """A damaged file is refused with StreamError, or read as far as it goes: as another stream, if that is less."""
    raw = path.read_bytes()
    damaged = {
        "cut in half": raw[: len(raw) // 2],
        "with bytes that are no text": raw[: len(raw) // 2] + bytes(range(256)) + raw[len(raw) // 2 :],
        "with zeros at its end": raw + bytes(64),
    }
    for how, data in damaged.items():
        file = folder / f"damaged{path.suffix}"
        file.write_bytes(data)
        found = _stream_or_fault(loader, file, 0)
        if isinstance(found, str) and found:
            yield f"on the file {how}, it breaks: {found}", "Raise StreamError, or leave the part out."
        elif isinstance(found, Stream) and found.id == own.id and found.events != own.events:
            yield f"the file {how} has other events and the same id", _ID


def _stream_or_fault(loader: Loader, path: Path, index: int) -> Stream | str:
    """The stream; or what went wrong where the loader breaks, "" where it refuses the file."""
    try:
        return loader.open(path, index, Sampling())
    except StreamError as error:
        return error.message.partition(f"loader {loader.name} failed: ")[2].rstrip(".")  # so the guard says it
