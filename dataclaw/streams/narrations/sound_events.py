"""Tables of sound events: which sound is heard from when to when, one stream per recording.

Read are tables with a head line that name an onset, an offset and a label (`filename onset offset event_label` as in
DCASE, `segment_id start_time_seconds end_time_seconds label` as in AudioSet), and label tracks without a head line
(`start end label` with tabs, as Audacity writes them). Times are seconds. The stream has an event of kind "message"
for each row, with `attrs["sound"]` true: what a listener or a recogniser reports. A video of the recording's name
beside the table gives pictures.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import bytes_of, decode_text, head_of, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.narrations.narration import NarrationRow, NarrationTable, narration_stream
from dataclaw.streams.values import parse_number
from dataclaw.types import Stream

_SUFFIXES = (".csv", ".tsv", ".txt", ".ann")
_ONSETS = ("onset", "start_time_seconds", "begin time (s)", "start", "start_time", "onset_s")
_OFFSETS = ("offset", "end_time_seconds", "end time (s)", "end", "end_time", "offset_s", "stop")
_LABELS = ("event_label", "sound_event", "sound", "label", "event", "class", "tag")
_FILES = ("filename", "file", "audio_filename", "audio", "segment_id", "recording", "file_name")
_TELLING = frozenset({"onset", "onset_s", "event_label", "start_time_seconds", "sound_event", "begin time (s)"})
"""Columns that only tables of sounds have: "start, end, label" alone may be of anything."""
_AUDIO = re.compile(r"\.(?:wav|flac|mp3|ogg|m4a|aac|aiff?|opus|wma)$", re.IGNORECASE)
ROWS = 3
"""Rows of a label track that must look like one."""
MAX_LABEL = 200


def claims(path: Path) -> bool:
    """Whether a table's head line names the columns of sound events, or its first rows are those of a label track."""
    lines = decode_text(head_of(path, 4096, *_SUFFIXES))[0].splitlines()
    if not lines:
        return False
    columns = _columns(lines[0])
    if columns:
        names = {name.strip().lower() for name in _cells(lines[0])}
        named = columns.get("file", -1)
        cells: Sequence[str] = _cells(lines[1]) if len(lines) > 1 else ()
        heard = 0 <= named < len(cells) and _AUDIO.search(cells[named].strip()) is not None
        return bool(names & _TELLING) or heard
    return path.suffix.lower() in {".txt", ".ann"} and all(_is_label_row(line) for line in lines[:ROWS])


def open_sounds(path: Path, index: int, sampling: Sampling) -> Stream:
    """The sounds of one recording.

    Raises:
        StreamError: the table cannot be read or has no such recording; the video beside it cannot be decoded.
    """
    names = recordings_of(path)
    if index >= len(names):
        raise StreamError("holds no row with an onset, an offset and a label.", place=path,
                          remedy="Leave the table out.")  # fmt: skip
    rows = [row for name, row in _rows(path) if name == names[index]]
    name = _AUDIO.sub("", names[index]) or path.stem
    table = NarrationTable(path, "sound_events", index, name, rows, None, {}, "message")
    return narration_stream(table, [], sampling)


@while_unchanged(8)  # each recording of the table asks for it
def recordings_of(path: Path) -> tuple[str, ...]:
    """The recordings that a table names, in the order in which they first appear; "" where it names none.

    Raises:
        StreamError: it cannot be read.
    """
    return tuple(dict.fromkeys(name for name, _ in _rows(path)))


def _rows(path: Path) -> Iterator[tuple[str, NarrationRow]]:
    """Each row with the name of its recording; a row without numbers has times that are left out and counted."""
    lines = decode_text(bytes_of(path))[0].splitlines()
    columns: Mapping[str, int] = _columns(lines[0]) if lines else {}
    for number, line in enumerate(lines, 1):
        cells: Sequence[str] = _cells(line) if line.strip() and not (columns and number == 1) else ()
        places = columns or {"onset": 0, "offset": 1, "label": 2}
        if len(cells) <= max(places.values()):
            continue
        start, end = (parse_number(cells[places[key]]) for key in ("onset", "offset"))
        label = clean_label(cells[places["label"]])
        said = NarrationRow(
            float("nan") if start is None else start, float("nan") if end is None else end, label,
            f"{path.name}:{number}", {"level": 0, "sound": True},
        )  # fmt: skip
        yield cells[places["file"]].strip()[:MAX_LABEL] if "file" in places else "", said


def clean_label(label: str) -> str:
    """A label as people read it: "Alarm_bell_ringing" gives "alarm bell ringing"."""
    text = " ".join(label.replace("_", " ").split())[:MAX_LABEL]
    return text if text.isupper() else text[:1].lower() + text[1:]


def _columns(head: str) -> Mapping[str, int]:
    """Where a head line has the onset, the offset, the label and the name of the recording; {} where one is missing."""
    names = [name.strip().lower() for name in _cells(head)]
    found: dict[str, int] = {}
    for key, known in (("onset", _ONSETS), ("offset", _OFFSETS), ("label", _LABELS), ("file", _FILES)):
        at = next((names.index(name) for name in known if name in names), -1)
        if at >= 0:
            found[key] = at
    return found if {"onset", "offset", "label"} <= found.keys() else {}


def _cells(line: str) -> Sequence[str]:
    """The cells of a line, by tabs where it has any, else by commas or semicolons."""
    mark = "\t" if "\t" in line else ";" if ";" in line and "," not in line else ","
    try:
        rows = list(csv.reader(io.StringIO(line), delimiter=mark))
    except csv.Error:
        return ()
    return rows[0] if rows else ()


def _is_label_row(line: str) -> bool:
    """Whether a line is that of a label track: two times with a tab between them, then a label of letters."""
    cells = line.split("\t")
    if len(cells) != 3 or not any(c.isalpha() for c in cells[2]):
        return False
    start, end = parse_number(cells[0]), parse_number(cells[1])
    return start is not None and end is not None and 0 <= start <= end


LOADER = Loader("sound_events", "narration", claims, open_sounds, count_of(recordings_of))
