"""The loaders that come with DataClaw, and which loader takes a path.

A loader's module is imported when a path may be of its format. The table below says whether it may be,
by the name of a file or by what lies in a folder. The loader itself says whether it is, by the content.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.streams.video import VIDEO_SUFFIXES
from dataclaw.types import Stream

_SUBTITLES = ("*.srt", "*.vtt", "*.dfxp", "*.ttml", "*.ass", "*.ssa")
_TIMES = tuple(f"{folder}{kind}_timings.json" for folder in ("", "english/") for kind in ("sentence", "word"))
_VIDEOS = tuple(f"*{suffix}" for suffix in sorted(VIDEO_SUFFIXES))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A loader that is not imported yet.

    Attributes:
        name: its name.
        kind: kind of the streams it gives.
        place: `module:attribute` below `dataclaw.streams`.
        files: patterns of the names, in lower case, of files that it may take.
        holds: what a folder that it may take has in it, one of these; "" for any folder.
    """

    name: str
    kind: str
    place: str
    files: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    def may_claim(self, path: Path) -> bool:
        if not os.path.isdir(path):  # noqa: PTH112 - never raises, whatever the path
            return any(fnmatchcase(path.name.lower(), pattern) for pattern in self.files)
        return any(name == "" or os.path.exists(path / name) for name in self.holds)  # noqa: PTH110 - as above

    def loader(self) -> Loader:
        module, _, attribute = self.place.partition(":")
        return getattr(import_module(f"dataclaw.streams.{module}"), attribute)

    def claims(self, path: Path) -> bool:
        return self.may_claim(path) and self.loader().claims(path)

    def open(self, path: Path, index: int, sampling: Sampling) -> Stream:
        return self.loader().open(path, index, sampling)

    def count(self, path: Path) -> int:
        return self.loader().count(path)


_ENTRIES = (
    _Entry("lerobot_v2", "trajectory", "trajectory.lerobot:V2", holds=("meta",)),
    _Entry("lerobot_v3", "trajectory", "trajectory.lerobot:V3", holds=("meta",)),
    _Entry("rlds", "trajectory", "trajectory.rlds:RLDS", ("*.tfrecord*",), ("features.json",)),
    _Entry("hdf5", "trajectory", "trajectory.hdf5:HDF5", ("*.hdf5", "*.h5")),
    _Entry("rosbag1", "trajectory", "trajectory.rosbag:BAG1", ("*.bag",)),
    _Entry("rosbag2", "trajectory", "trajectory.rosbag:BAG2", holds=("metadata.yaml",)),
    _Entry("mcap", "trajectory", "trajectory.mcap:MCAP", ("*.mcap",)),
    _Entry("npz", "trajectory", "trajectory.npz:NPZ", ("*.npz",)),
    _Entry("tum", "trajectory", "trajectory.tables:TUM", ("*.txt", "*.tum")),
    _Entry("csv", "trajectory", "trajectory.tables:CSV", ("*.csv", "*.tsv")),
    _Entry("step1x", "edit", "edits.pairs:STEP1X", holds=("input",)),
    _Entry("pix2pix", "edit", "edits.pairs:PIX2PIX", holds=("prompt.json",)),
    _Entry("before_after", "edit", "edits.pairs:BEFORE_AFTER", holds=("",)),
    _Entry("comfyui_png", "edit", "edits.comfy:COMFY_PNG", ("*.png",)),
    _Entry("comfyui_json", "edit", "edits.comfy:COMFY_JSON", ("*.json",)),
    _Entry("otio", "timeline", "edits.otio:OTIO", ("*.otio",)),
    _Entry("cmx3600", "timeline", "edits.edl:EDL", ("*.edl",)),
    _Entry("fcp7", "timeline", "edits.fcp7:FCP7", ("*.xml",)),
    _Entry("darktable", "edit", "edits.darktable:DARKTABLE", ("*.xmp",)),
    _Entry("captions", "lesson", "lessons.captions:LOADER", (*_SUBTITLES, *_VIDEOS)),
    _Entry("timed_words", "lesson", "lessons.timed_words:LOADER", holds=_TIMES),
    _Entry("olx", "lesson", "lessons.olx:LOADER", ("course.xml",), ("course.xml",)),
    _Entry("paella", "lesson", "lessons.paella:LOADER", ("data.json",), ("data.json",)),
    _Entry("slides_pdf", "lesson", "lessons.slides_pdf:LOADER", ("*.pdf",)),
    _Entry("lecture_tables", "lesson", "lessons.lecture_tables:LOADER", ("*.csv",)),
    _Entry("lecture_frames", "lesson", "lessons.lecture_frames:LOADER", holds=("",)),
    _Entry("epic_kitchens", "narration", "narrations.epic_kitchens:LOADER", ("*.csv",)),
    _Entry("sound_events", "narration", "narrations.sound_events:LOADER", ("*.csv", "*.tsv", "*.txt", "*.ann")),
    _Entry("goal_step", "narration", "narrations.goal_step:LOADER", ("*.json",)),
    _Entry("captioned", "video", "narrations.captioned:LOADER", _VIDEOS),
    _Entry("narrated", "video", "narrations.narrated:LOADER", _VIDEOS),
)


@cache
def builtin() -> tuple[Loader, ...]:
    """The loaders that come with DataClaw, in the order in which they are asked."""
    return tuple(Loader(one.name, one.kind, one.claims, one.open, one.count) for one in _ENTRIES)


def claimant(path: Path, loaders: Iterable[Loader]) -> Loader | None:
    """The loader that takes a path, or None; those of plugins are asked only where no other takes it.

    Raises:
        StreamError: two of them claim it.
    """
    known = list(loaders)
    ours = [loader for loader in known if not loader.owner and loader.claims(path)]
    found = ours or [loader for loader in known if loader.owner and loader.claims(path)]
    if len(found) > 1:
        remedy = "Name the domain, or disable one of them in plugins.toml."
        raise StreamError(
            f"{' and '.join(map(str, found))} both claim it.",
            place=path,
            remedy="Leave out the files of one of them." if ours else remedy,
        )
    return found[0] if found else None
