"""Still pictures from hostile files: their size from the header, their pixels as RGB. Video is `decoder.py`."""

from __future__ import annotations

import struct
import warnings
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.errors import StreamError
from dataclaw.streams.packets import MAX_PIXELS, check_size
from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.files import open_archive, read_bytes

K = TypeVar("K")
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
MAX_PICTURE_BYTES = 128 * 2**20
_PICTURE_ERRORS = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)


class Recent(Generic[K]):
    """The pictures read last, up to a number of bytes; copies of a stream in other processes start with none."""

    def __init__(self, limit: int = 64 * 2**20) -> None:
        self._limit = limit
        self._held = 0
        self._pictures: OrderedDict[K, NDArray[np.uint8]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> NDArray[np.uint8] | None:
        """The picture, if it is still held."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: K, picture: NDArray[np.uint8]) -> None:
        """Hold the picture, which becomes read-only, and drop the oldest ones."""
        picture.flags.writeable = False  # the same array is given out again
        with self._lock:
            if key in self._pictures or picture.nbytes > self._limit:
                return
            self._pictures[key] = picture
            self._held += picture.nbytes
            while self._held > self._limit:
                self._held -= self._pictures.popitem(last=False)[1].nbytes

    def __reduce__(self) -> tuple[type[Recent[K]], tuple[int]]:
        return (Recent, (self._limit,))


def content(root: Path, member: str) -> bytes:
    """The bytes of a picture file, or of a member of a zip file.

    Args:
        root: the file itself, or the zip file.
        member: name within the zip file, "" for a plain file.

    Raises:
        StreamError: missing, too large, or not to be unpacked.
    """
    try:
        if not member:
            return read_bytes(root, MAX_PICTURE_BYTES)
        with open_archive(root) as archive:
            return archive.read(member, MAX_PICTURE_BYTES)
    except TraceError as error:
        raise StreamError(
            f"{error.reason}.", place=error.path or str(root), remedy=error.remedy or "Check the file."
        ) from None


def picture_size(data: bytes, place: str) -> tuple[int, int]:
    """`(width, height)` [px] as the header says.

    Raises:
        StreamError: not a picture, or one of an absurd size.
    """
    with _open(data, place) as picture:
        return picture.size


def decode_picture(data: bytes, place: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture `(height, width, 3)` RGB, stretched to `size` where it has another.

    Raises:
        StreamError: not a picture, truncated, or of an absurd size.
    """
    with _open(data, place) as picture:
        try:
            rgb = picture.convert("RGB")
        except _PICTURE_ERRORS as error:
            raise _picture_error(place, error) from None
    if rgb.size != size:
        rgb = rgb.resize(size, Image.Resampling.LANCZOS)
    return np.array(rgb, dtype=np.uint8)


def _open(data: bytes, place: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # check_size is stricter
            picture = Image.open(BytesIO(data), formats=PICTURE_FORMATS)
    except _PICTURE_ERRORS as error:
        raise _picture_error(place, error) from None
    check_size(*picture.size, place)
    return picture


def _picture_error(place: str, error: Exception) -> StreamError:
    if isinstance(error, Image.DecompressionBombError):
        reason = f"pictures of more than {MAX_PIXELS:,} px are over the limit"
        return StreamError(f"{reason}.", place=place, remedy="Scale it down first.")
    reason = "empty or not a picture" if isinstance(error, Image.UnidentifiedImageError) else str(error).rstrip(".")
    return StreamError(f"picture cannot be read: {reason}.", place=place, remedy="Record or copy the picture again.")
