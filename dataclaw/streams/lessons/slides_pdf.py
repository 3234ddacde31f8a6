"""Slides in a PDF: pages as frames, drawn when they are asked for, and their text as events of kind "slide".

Pages have no times; the stream counts them. Text is what the file has as text: a scanned page has none, `read_text`
reads its picture. Nothing in the file is run: scripts, forms and attachments are not loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.frames import StoredFrames
from dataclaw.streams.grid import Sampling, thin
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.lessons.cues import squeeze
from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import check_regular

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LONG_SIDE = 1600
"""Longer side of a drawn page [px]: small print of a slide stays legible."""
MAX_BYTES = 512 * 2**20
MAX_TEXT = 8000
_pdfium = threading.Lock()
"""PDFium must not be called from two threads."""


def claims(path: Path) -> bool:
    """Whether a file is a PDF by name and header."""
    return path.suffix.lower() == ".pdf" and b"%PDF-" in head_of(path, 1024)


class PageFrames(StoredFrames):
    """Pages of a PDF; a page of another shape is set on white.

    Args:
        file: the PDF.
        pages: number of each frame's page in the file, from 0.
        size: `(width, height)` [px] of every frame.
    """

    def __init__(self, file: Path, pages: Sequence[int], size: tuple[int, int]) -> None:
        super().__init__([float(k) for k in range(len(pages))], size)
        self._file = file
        self._pages = pages

    def _fetch(self, indices: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        with open_pdf(self._file) as document:
            for index in indices:
                yield _draw_page(document, self._pages[index], self.size, self._file)


def open_slides(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a file is one set of slides
    """The slides of a PDF, at most `sampling.max_frames` of them, evenly spread.

    Raises:
        StreamError: encrypted, damaged, or without a page.
        MissingExtraError: PDFium is not installed.
    """
    with open_pdf(path) as document:
        count = len(document)
        pages = thin(count, sampling.max_frames)
        read = [(page, *_text_and_size(document, page)) for page in pages]
    sound = [(page, text, size) for page, text, size in read if size]
    if not sound:
        raise StreamError("has no page that can be drawn.", place=path, remedy="Export the slides again.")
    problems = [f"{len(read) - len(sound)} page(s) cannot be read; left out."] if len(sound) < len(read) else []
    problems += [f"{count} pages; {len(pages)} of them, evenly spread, are used."] if len(pages) < count else []
    sizes = [size for _, _, size in sound]
    frames = PageFrames(path, [page for page, _, _ in sound], max(dict.fromkeys(sizes), key=sizes.count))
    events = [(k, page, text) for k, (page, text, _) in enumerate(sound) if text]
    return Stream(
        id=content_id([path], "slides_pdf", salt_of(sampling)),
        kind="lesson",
        name=path.name,
        path=str(path.absolute()),
        format="slides_pdf",
        duration=float(len(sound)),
        clock="index",
        frames=frames,
        events=tuple(
            Event(n, "slide", float(k), float(k), k, text=text, place=f"page {page + 1}", attrs={"page": page + 1})
            for n, (k, page, text) in enumerate(events)
        ),
        meta={"title": path.stem, "language": "", "pages": count},
        problems=tuple(problems),
    )


@contextmanager
def open_pdf(path: Path) -> Generator[PdfDocument]:
    """The document, for one thread at a time.

    Raises:
        StreamError: it cannot be opened.
        MissingExtraError: PDFium is not installed.
    """
    try:
        import pypdfium2
    except ImportError:
        raise MissingExtraError(
            "PDF files need PDFium.", place=path, remedy="Run: pip install 'dataclaw-tailor[education]'"
        ) from None
    try:
        check_regular(path, MAX_BYTES)
    except TraceError as error:
        raise StreamError(f"{error.reason}.", place=path, remedy="Split the file.") from None
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            remedy = "Save it without a password." if locked else "Export the slides again."
            what = "is locked with a password" if locked else f"cannot be opened as a PDF: {error}"
            raise StreamError(f"{what.rstrip('.')}.", place=path, remedy=remedy) from None
        try:
            yield document
        finally:
            document.close()


def _text_and_size(document: PdfDocument, number: int) -> tuple[str, tuple[int, int] | None]:
    """Text of a page, and `(width, height)` [px] that it is drawn at; None when it cannot be read."""
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
        try:
            size = drawn_size(page.get_width(), page.get_height())
            text = page.get_textpage().get_text_bounded(errors="replace")[: MAX_TEXT * 2] if size else ""
        finally:
            page.close()
    except PdfiumError:
        return "", None
    lines = [squeeze(line) for line in text.replace("\r", "\n").split("\n")]
    return "\n".join(line for line in lines if line)[:MAX_TEXT], size


def drawn_size(width: float, height: float) -> tuple[int, int] | None:
    """`(width, height)` [px] of a page of that size [pt] with `LONG_SIDE` as its longer side; None for a mere line."""
    if not (0 < width < 1e7 and 0 < height < 1e7):
        return None
    scale = LONG_SIDE / max(width, height)
    size = (round(width * scale), round(height * scale))
    return size if min(size) >= 2 else None


def _draw_page(document: PdfDocument, number: int, size: tuple[int, int], file: Path) -> NDArray[np.uint8]:
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
        try:
            scale = min(size[0] / page.get_width(), size[1] / page.get_height())
            rendered = cast("Any", page).render(scale=scale, may_draw_forms=False, rev_byteorder=True)
            bitmap = cast("NDArray[np.uint8]", rendered.to_numpy())
        finally:
            page.close()
    except (PdfiumError, ValueError) as error:
        what = f"page {number + 1} cannot be drawn: {error}."
        raise StreamError(what, place=file, remedy="Export the slides again.") from None
    sheet = np.full((size[1], size[0], 3), 255, np.uint8)
    height, width = min(bitmap.shape[0], size[1]), min(bitmap.shape[1], size[0])
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    sheet[top : top + height, left : left + width] = bitmap[:height, :width, :3]
    return sheet


LOADER = Loader("slides_pdf", "lesson", claims, open_slides)
