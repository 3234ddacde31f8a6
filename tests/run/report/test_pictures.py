from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from PIL import Image

from dataclaw.run.report.pictures import AHEAD, PageAlbum, shrink, shrink_all


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1920, 1080), (1000, 563)), ((640, 480), (640, 480)), ((1080, 9000), (240, 2000)), ((1, 1), (1, 1))],
)
def test_pictures_are_scaled_down_and_never_up(size: tuple[int, int], expected: tuple[int, int]):
    small = shrink(png(*size))
    assert small
    picture = Image.open(io.BytesIO(small))
    assert picture.format == "JPEG"
    assert picture.size == expected


def test_a_picture_that_would_fill_the_memory_is_refused():
    assert shrink(bomb(60_000, 60_000)) is None
    assert shrink(bomb(9_000, 9_000)) is None


@pytest.mark.parametrize("raw", [b"", b"GIF89a", png(40, 40)[:60], b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0" * 9])
def test_what_is_no_picture_is_refused(raw: bytes):
    assert shrink(raw) is None


def test_an_album_takes_what_fits(tmp_path: Path):
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(png(8, 8))
    Image.effect_noise((900, 900), 90).save(large)
    album = PageAlbum(2000)
    files = [small, small, None, large, small]
    assert [album.add(one) for one in shrink_all(files, album)] == [
        ("p0", "shown"),
        ("p0", "shown"),
        ("", "missing"),
        ("", "left out"),
        ("p0", "shown"),
    ]
    assert list(album.pictures) == ["p0"]
    assert album.fates == {"shown": 3, "missing": 1, "left out": 1}


def test_a_full_album_reads_no_more_pictures(tmp_path: Path):
    large = tmp_path / "large.png"
    Image.effect_noise((900, 900), 90).save(large)
    album = PageAlbum(10)
    fates = [album.add(one)[1] for one in shrink_all([large] * (3 * AHEAD), album)]
    assert set(fates) == {"left out"}
    assert album.fates == {"left out": 3 * AHEAD}


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
