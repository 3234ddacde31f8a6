"""Subtitles alone, or a video with subtitles of the same name beside it, as one lesson.

`talk.mp4` goes with `talk.srt`, `talk.en.vtt`, `talk-es.srt`, `talk_captions_en.vtt`. Of several languages English is
read, and the others are named; the files that belong to a video, or to the chosen language, are not streams of their
own. Files of chapters, descriptions and other data beside a video hold nothing that is said: they are never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import is_beside, names_in, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import cue_events, shown_by
from dataclaw.streams.lessons.subtitles import SUFFIXES, is_speech, is_subtitles, read_subtitles
from dataclaw.streams.loader import Loader
from dataclaw.streams.video import VIDEO_SUFFIXES, open_recording
from dataclaw.types import Json, Stream

_DATA = re.compile(r"(?i)[._-](?:chapters|descriptions?|metadata|thumbnails)(?=[._-]|$)")
"""The part of a name that says that the track of a recording is no speech: labels, or what is seen."""
_KIND = re.compile(r"(?i)[._-](?:captions?|subtitles?|subs?|cc|sdh)$")
"""The end of a name that says that a track is speech."""
_CODED = re.compile(r"(.+?)(?:\.([a-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})?)|[-_]([a-z]{2}(?:-[A-Z]{2})?))")


@dataclass(frozen=True, slots=True)
class Track:
    """A subtitle file.

    Attributes:
        name: name of the file.
        stem: name of the talk it belongs to.
        language: code in its name ("en", "pt-BR"), "" when there is none.
    """

    name: str
    stem: str
    language: str


def claims(path: Path) -> bool:
    """Whether it is a subtitle file of its own, or a video that has subtitles beside it."""
    suffix = path.suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return path.is_file() and bool(beside(path))
    if suffix not in SUFFIXES or not is_subtitles(path):
        return False
    names = names_beside(path)
    if is_data(path, names):
        return False
    taken = any(track and track.stem == stem for stem in _video_stems(names) for track in [track_of(path.name, stem)])
    return not taken and path.name == by_preference(_kin(path, names))[0].name


def open_captions(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a file holds one lesson
    """The lesson at a video or subtitle file.

    Raises:
        StreamError: subtitles or video cannot be read.
    """
    video = path.suffix.lower() in VIDEO_SUFFIXES
    tracks = by_preference(beside(path) if video else _kin(path, names_beside(path)))
    chosen = path.parent / tracks[0].name
    said = read_subtitles(chosen)
    recording = open_recording(path, sampling) if video else None
    duration = recording.duration if recording else max(cue.t1 for cue in said.cues)
    cues, beyond = shown_by(said.cues, duration) if recording else (said.cues, [])
    frames = recording.frames if recording else None
    others = ", ".join(track.name for track in tracks[1:])
    problems = [f"{others} not read: {chosen.name} is preferred."] if others else []
    meta: dict[str, Json] = {"title": tracks[0].stem, "language": said.language or tracks[0].language}
    meta |= {"subtitles": chosen.name, "other_subtitles": [track.name for track in tracks[1:]]}
    files = [path, chosen] if video else [chosen]
    return Stream(
        id=content_id(files, "captions", salt_of(sampling)),
        kind="lesson",
        name=path.name,
        path=str(path.absolute()),
        format="captions",
        duration=duration,
        frames=frames,
        events=tuple(cue_events(cues, frames)),
        meta=meta,
        problems=(*(recording.problems if recording else ()), *said.problems, *beyond, *problems),
    )


def beside(video: Path) -> list[Track]:
    """The subtitle files that belong to a video, by their names."""
    names = names_beside(video)
    tracks = [track_of(name, video.stem) for name in names]
    mine = [track for track in tracks if track and track.stem == video.stem]
    files = [(track, video.parent / track.name) for track in mine]
    return [track for track, file in files if _is_there(file) and not is_data(file, names)]


def is_data(path: Path, names: Sequence[str]) -> bool:
    """Whether a track is no speech: by its name, where what it belongs to lies beside it, or by what it holds."""
    named = _DATA.search(path.stem)
    stem = path.stem[: named.start()] if named else ""
    others = (n for n in names if n != path.name and Path(n).suffix.lower() in (*SUFFIXES, *VIDEO_SUFFIXES))
    return bool(stem and any(n.startswith(stem) and not _DATA.search(Path(n).stem) for n in others)) or not is_speech(
        path
    )


def track_of(name: str, video: str = "") -> Track | None:
    """A file name taken apart; None when it is not named like subtitles.

    Args:
        name: the file's name.
        video: stem of the video it may belong to, which may itself end like a language (`talk-en.mp4`).
    """
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        return None
    match = _CODED.fullmatch(path.stem)
    if path.stem == video or not match:
        return Track(name, _of_video(path.stem, video), "")
    return Track(name, _of_video(match.group(1), video), match.group(2) or match.group(3))


def _of_video(stem: str, video: str) -> str:
    """A stem without the word for its kind, where the rest is the video's."""
    rest = _KIND.sub("", stem)
    return rest if rest == video else stem


def by_preference(tracks: Sequence[Track]) -> list[Track]:
    """English first, then those whose name says no language, then the others by name."""
    return sorted(tracks, key=lambda t: (not t.language.startswith("en"), bool(t.language), t.name))


def names_beside(path: Path) -> tuple[str, ...]:
    """Names in a file's folder."""
    try:
        return _list_folder(path.parent)
    except StreamError:
        return ()


_list_folder = while_unchanged(8)(names_in)  # every file of a folder asks for it


def _kin(path: Path, names: Sequence[str]) -> list[Track]:
    """The subtitle files of the same talk, this one among them."""
    mine = track_of(path.name)
    tracks = [track for name in names if (track := track_of(name))]
    files = [(track, path.parent / track.name) for track in tracks if mine and track.stem == mine.stem]
    same = [t for t, file in files if file == path or (_is_there(file) and not is_data(file, names))]
    return same or [Track(path.name, path.stem, "")]


def _is_there(file: Path) -> bool:
    return is_beside(file) and is_subtitles(file)


def _video_stems(names: Sequence[str]) -> list[str]:
    return [Path(name).stem for name in names if Path(name).suffix.lower() in VIDEO_SUFFIXES]


LOADER = Loader("captions", "lesson", claims, open_captions)
