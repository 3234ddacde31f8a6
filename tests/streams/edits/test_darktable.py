"""Histories of darktable: their operations, which of them count, and their parameters."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.streams.edits.darktable import unpack
from tests.streams.edits.making import history, png, row

EXPOSURE = struct.pack("<i4f", 0, 0.0, 0.7, 50.0, -4.0)


def packed(data: bytes) -> str:
    return "gz01" + base64.b64encode(zlib.compress(data)).decode()


def wrapped(*rows: str) -> str:
    return f"<darktable:history><rdf:Seq>{''.join(rows)}</rdf:Seq></darktable:history>"


def test_operations_in_order_with_the_last_of_each_in_force(tmp_path: Path) -> None:
    rows = [
        row(2, "sharpen", "00"),
        row(0, "exposure", EXPOSURE.hex(), version=5),
        row(1, "exposure", packed(EXPOSURE), version=5, blend="06000000"),
        row(3, "flip", "ffffffff", version=2),
    ]
    stream = open_stream(history(tmp_path / "a.cr2.xmp", wrapped(*rows), 'darktable:history_end="3"'))
    assert [(e.text, e.attrs["num"], e.attrs["in_force"]) for e in stream.events] == [
        ("exposure", 0, False),
        ("exposure", 1, True),
        ("sharpen", 2, True),
        ("flip", 3, False),
    ]
    first, second = stream.events[:2]
    assert first.attrs["values"]["exposure"] == pytest.approx(0.7)
    assert second.attrs["values"] == first.attrs["values"]
    assert (first.attrs["region"], second.attrs["region"]) == ("whole picture", "drawn mask and parametric mask")
    assert (stream.clock, stream.duration, stream.frames) == ("index", 4.0, None)
    assert any("No finished picture" in p for p in stream.problems)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("", ["sharpen", "exposure", "exposure", "gamma", "demosaic"]),
        ('darktable:iop_order_version="2"', ["demosaic", "exposure", "exposure", "sharpen", "gamma"]),
        ('darktable:iop_order_list="gamma,0,exposure,1,sharpen,0,exposure,0"',
         ["gamma", "exposure", "sharpen", "exposure", "demosaic"]),
    ],
)  # fmt: skip
def test_operations_stand_in_the_order_of_the_pipe(tmp_path: Path, order: str, names: list[str]) -> None:
    rows = [row(0, "sharpen", "00"), row(1, "exposure", EXPOSURE.hex(), version=5),
            row(2, "exposure", EXPOSURE.hex(), version=5).replace('multi_priority="0"', 'multi_priority="1"'),
            row(3, "gamma", "00"), row(4, "demosaic", "00")]  # fmt: skip
    path = history(tmp_path / "a.cr2.xmp", wrapped(*rows), f'darktable:history_end="5" {order}')
    stream = open_stream(path)
    assert [e.text for e in stream.events] == names
    assert all(e.attrs["in_force"] for e in stream.events)


def test_what_numbers_mean_is_said(tmp_path: Path) -> None:
    levels = struct.pack("<2i6f", 0x103, 0, 0, 0, 0, 0, 0, -90.0)
    stream = open_stream(history(tmp_path / "a.xmp", wrapped(row(0, "dither", levels.hex()))))
    assert stream.events[0].attrs["values"] == {"method": "posterize to 4 levels per channel", "damping": -90.0}


def test_the_picture_of_the_same_name_is_the_result(tmp_path: Path) -> None:
    png(tmp_path / "a.png", size=(30, 20))
    png(tmp_path / "other.png")
    stream = open_stream(history(tmp_path / "a.cr2.xmp", wrapped(row(0, "flip", "00"))))
    assert stream.frames is not None
    assert stream.frames.size == (30, 20)
    assert stream.meta["roles"] == {"after": 0}


def test_parameters_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    bomb = packed(b"\0" * (2**20 + 1))
    rows = [row(0, "a", "xyz"), row(1, "b", "gz01!!"), row(2, "c", bomb), row(2, "d", "00", enabled=0)]
    stream = open_stream(history(tmp_path / "a.xmp", wrapped(*rows), 'darktable:history_end="99"'))
    assert [e.attrs["params_bytes"] for e in stream.events] == [0, 0, 0, 1]
    said = " ".join(stream.problems)
    assert all(f"operation {k}" in said for k in range(3))
    assert "more than 1,048,576 bytes" in said
    assert "one number" in said
    assert stream.events[3].attrs["in_force"] is False


@pytest.mark.parametrize("rows", ["", "<darktable:history><rdf:Seq/></darktable:history>"])
def test_a_file_without_history_is_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(StreamError, match="holds no history"):
        open_stream(history(tmp_path / "a.xmp", rows))


def test_entities_are_refused(tmp_path: Path) -> None:
    head = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(StreamError, match="XML entities"):
        open_stream(history(tmp_path / "a.xmp", wrapped(row(0, "&b;", "00")), before=head))


@settings(deadline=None)
@given(text=st.text(alphabet="gz0123456789abcdef+/=AZ", max_size=80))
def test_any_parameters_are_bytes_or_a_reason(text: str) -> None:
    data, why = unpack(text)
    assert isinstance(data, bytes)
    assert not (data and why)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "count", "method"),
    [
        ("0043-dithering-fs", 10, "Floyd-Steinberg to 1 bit, black and white"),
        ("0136-posterize", 9, "posterize to 4 levels per channel"),
    ],
)
def test_the_real_histories(shared: Path, folder: str, count: int, method: str) -> None:
    (path,) = (shared / "aigc/darktable_history" / folder).glob("*.xmp")
    stream = open_stream(path)
    assert len(stream.events) == stream.meta["history_end"] == count
    (dither,) = [e for e in stream.events if e.text == "dither"]
    assert dither.attrs["values"]["method"] == method
    assert [e.text for e in stream.events if e.attrs["in_force"]][:2] == ["rawprepare", "temperature"]
    assert stream.frames is not None
    assert stream.frames.size == (2048, 1363)
    assert stream.problems == ()
