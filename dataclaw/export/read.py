"""Reading runs to export: each sample with its files, which are checked before they are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dataclaw.errors import UsageError
from dataclaw.export.example import Medium, SampleMedia
from dataclaw.files import sha256_of
from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.records import ArtifactRecord, ClipRecord, PictureRecord, SampleRecord


def read_samples(outs: Sequence[Path]) -> Iterator[tuple[RunFolder, SampleRecord, SampleMedia]]:
    """The samples of runs in order, each once, with the files that belong to them.

    Raises:
        UsageError: a folder holds no finished run, a record is broken, or a file is missing or has changed.
    """
    seen: set[str] = set()
    for out in outs:
        folder = RunFolder(out)
        folder.config()
        files: dict[str, list[PictureRecord | ClipRecord]] = {}
        for row in folder.rows("artifacts", ArtifactRecord):
            files.setdefault(row.root.sample, []).append(row.root)
        for sample in folder.rows("samples", SampleRecord):
            if sample.id not in seen:
                seen.add(sample.id)
                yield folder, sample, sample_media(folder, files.get(sample.id, []))


def sample_media(folder: RunFolder, records: Sequence[PictureRecord | ClipRecord]) -> SampleMedia:
    """The files of one sample by what they are for.

    Raises:
        UsageError: a file is missing, leads out of the folder, or is not the one that was written.
    """
    pictures: dict[tuple[str, int], Medium] = {}
    clips: dict[str, list[Medium]] = {"input_video": [], "output_video": []}
    for record in records:
        medium = _medium(folder, record)
        if isinstance(record, PictureRecord):
            pictures[record.part, record.frame] = medium
        else:
            clips.setdefault(record.role, []).append(medium)
    return SampleMedia(pictures, tuple(clips["input_video"]), tuple(clips["output_video"]))


def _medium(folder: RunFolder, record: PictureRecord | ClipRecord) -> Medium:
    file = folder.inside(record.path)
    if file is None or (record.sha256 and sha256_of(file) != record.sha256):
        what = "is missing" if file is None else "is not the file that the run wrote"
        raise UsageError(
            f"{record.path} of sample {record.sample} {what}.",
            place=str(folder.root),
            remedy="Run dataclaw run again into this folder, or export another one.",
        )
    digest = record.sha256 or sha256_of(file)
    if isinstance(record, PictureRecord):
        return Medium(file, "image", digest, record.size, record.frame, record.part, (record.t, record.t))
    return Medium(file, "video", digest, record.size, None, "", record.span, record.rate, record.frames)
