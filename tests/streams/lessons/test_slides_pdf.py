"""Slides in PDF files, written here byte by byte: sound ones, locked ones, absurd ones."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, discover, open_stream
from dataclaw.streams.lessons.slides_pdf import LONG_SIDE, drawn_size


def write(path: Path, pages: list[tuple[str, str]], trailer: str = "") -> Path:
    """A PDF whose pages are `(MediaBox, words)`."""
    kids = " ".join(f"{4 + 2 * k} 0 R" for k in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]  # fmt: skip
    for k, (box, words) in enumerate(pages):
        drawing = f"BT /F 40 Tf 40 200 Td ({words}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {5 + 2 * k} 0 R/Resources<</Font<</F 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(drawing)}>>stream\n{drawing}\nendstream")
    data = b"%PDF-1.4\n"
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R{trailer}>>\n"
    path.write_bytes(data + f"{end}startxref\n{len(data)}\n%%EOF".encode())
    return path


SLIDE = "0 0 720 405"


def test_pages_are_frames_and_their_text_is_events(tmp_path: Path) -> None:
    file = write(tmp_path / "talk.pdf", [(SLIDE, "Determinants"), (SLIDE, ""), (SLIDE, "Area")])
    assert discover([tmp_path]) == [file]
    stream = open_stream(file)
    assert (stream.kind, stream.format, stream.clock, stream.duration) == ("lesson", "slides_pdf", "index", 3)
    assert [(e.kind, e.text, e.frame, e.t0, e.place) for e in stream.events] == [
        ("slide", "Determinants", 0, 0, "page 1"),
        ("slide", "Area", 2, 2, "page 3"),
    ]
    assert stream.frames is not None
    assert stream.frames.size == (LONG_SIDE, 900)
    first, blank = stream.frames.read([0, 1])
    assert first.shape == (900, LONG_SIDE, 3)
    assert first.min() < 50
    assert blank.min() == 255
    assert (pickle.loads(pickle.dumps(stream.frames)).read([0])[0] == first).all()
    with pytest.raises(IndexError):
        stream.frames.read([3])


def test_a_page_of_another_shape_is_set_on_white(tmp_path: Path) -> None:
    stream = open_stream(write(tmp_path / "a.pdf", [(SLIDE, "A"), (SLIDE, "B"), ("0 0 405 720", "C")]))
    assert stream.frames is not None
    assert stream.frames.read([2])[0].shape == (900, LONG_SIDE, 3)


def test_ten_thousand_pages(tmp_path: Path) -> None:
    file = write(tmp_path / "a.pdf", [(SLIDE, f"page {k}") for k in range(10_000)])
    stream = open_stream(file, sampling=Sampling(max_frames=16))
    assert stream.frames is not None
    assert len(stream.frames.times) == 16
    assert stream.events[-1].attrs["page"] == 10_000
    assert stream.problems == ("10000 pages; 16 of them, evenly spread, are used.",)


def test_a_page_as_large_as_a_field(tmp_path: Path) -> None:
    stream = open_stream(write(tmp_path / "a.pdf", [("0 0 1000000 500000", "A")]))
    assert stream.frames is not None
    assert max(stream.frames.read([0])[0].shape) == LONG_SIDE


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(720, 405, (1600, 900)), (1e6, 1, None), (0, 10, None), (float("nan"), 1, None), (1e9, 1e9, None)],
)
def test_size_of_a_drawn_page(width: float, height: float, size: tuple[int, int] | None) -> None:
    assert drawn_size(width, height) == size


def test_a_locked_file_says_so(tmp_path: Path) -> None:
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{'00' * 32}>/U<{'11' * 32}>/P -4>>/ID[<00><00>]"
    with pytest.raises(StreamError, match="password") as error:
        open_stream(write(tmp_path / "a.pdf", [(SLIDE, "A")], lock))
    assert error.value.remedy == "Save it without a password."


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.7\n" + bytes(range(256)) * 50])
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    with pytest.raises(StreamError, match="PDF"):
        open_stream(tmp_path / "a.pdf")


def test_a_file_cut_short_is_refused_or_read(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.pdf", [(SLIDE, "A")] * 5).read_bytes()
    for length in range(10, len(whole), 150):
        (tmp_path / "a.pdf").write_bytes(whole[:length])
        try:
            stream = open_stream(tmp_path / "a.pdf")
        except StreamError:
            continue
        assert stream.frames is not None
        stream.frames.read([0])
