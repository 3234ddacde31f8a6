"""The engines that read text off pictures.

`rapidocr` runs in process with the models inside its package and never downloads; `tesseract` runs the system's binary
when it is asked for. Regions are read at their own size: enlarging them twice was measured to cost half as much time
again and to find fewer lines exactly (0.88 instead of 1.00 of rendered 10 px text), also on real screenshots no more.
"""

from __future__ import annotations

import csv
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from dataclaw.errors import MissingExtraError, ToolError
from dataclaw.tools.pictures import Pixels
from dataclaw.types import Box

THREADS = "DATACLAW_OCR_THREADS"
"""Environment variable: threads of one reading; 1 unless set (workers share the cores; one thread is deterministic)."""

TESSERACT_SECONDS = 60
LEAST_SIDE = 32
"""Narrower regions are padded: the detector works on multiples of 32 px."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        text: the characters read.
        box: `(x0, y0, x1, y1)` in pixels of the picture read.
        confidence: 0..1.
    """

    text: str
    box: Box
    confidence: float


class Engine(Protocol):
    """Reads a picture."""

    def read(self, picture: Pixels) -> list[Line]:
        """Lines of an RGB picture `(height, width, 3)` in reading order."""
        ...


def engine(name: str) -> Engine:
    """The engine of this name; loading it once is enough for the process.

    Raises:
        ToolError: no such engine.
        MissingExtraError: it is not installed.
    """
    if name == "rapidocr":
        return _rapidocr(_threads())
    if name == "tesseract":
        return _tesseract(shutil.which("tesseract") or "")
    raise ToolError(f"no OCR engine is named {name!r}.", remedy="Use rapidocr or tesseract.")


def merge(words: Sequence[Line]) -> list[Line]:
    """Join words that stand on one line close together, in reading order.

    Two boxes are neighbours when they overlap by 60 % of the lower one's height and the gap between them is below 0.6
    of it: about two spaces. The joined confidence is the mean, weighted by characters.
    """
    lines: list[Line] = []
    for word in sorted(words, key=lambda w: (w.box[0], w.box[1])):
        fitting = [i for i, line in enumerate(lines) if _neighbours(line.box, word.box)]
        if fitting:
            lines[fitting[0]] = _join(lines[fitting[0]], word)
        else:
            lines.append(word)
    return sorted(lines, key=lambda w: (w.box[1], w.box[0], w.text))


def _neighbours(left: Box, right: Box) -> bool:
    height = min(left[3] - left[1], right[3] - right[1])
    overlap = min(left[3], right[3]) - max(left[1], right[1])
    return overlap >= 0.6 * height and -0.5 * height <= right[0] - left[2] <= 0.6 * height


def _join(a: Line, b: Line) -> Line:
    box = (min(a.box[0], b.box[0]), min(a.box[1], b.box[1]), max(a.box[2], b.box[2]), max(a.box[3], b.box[3]))
    sizes = (max(1, len(a.text)), max(1, len(b.text)))
    confidence = (a.confidence * sizes[0] + b.confidence * sizes[1]) / sum(sizes)
    return Line(f"{a.text} {b.text}", box, confidence)


def _threads() -> int:
    value = os.environ.get(THREADS, "1")
    if not value.isdecimal() or not 1 <= int(value) <= 64:
        raise ToolError(f"{THREADS} is {value[:20]!r}, not a number from 1 to 64.", remedy="Set it to 1.")
    return int(value)


class _RapidOcr:
    def __init__(self, threads: int) -> None:
        spec = find_spec("rapidocr")
        if spec is None or spec.origin is None:
            raise MissingExtraError("OCR engine rapidocr is not installed.", remedy="Run: pip install rapidocr")
        models = Path(spec.origin).parent / "models"
        paths = {part: next(iter(sorted(models.glob(f"*_{part}_*.onnx"))), None) for part in ("det", "rec")}
        if None in paths.values():
            raise MissingExtraError(
                "rapidocr has no models inside its package.", remedy="Run: pip install --force-reinstall rapidocr"
            )
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        from rapidocr import RapidOCR  # a second of imports: only for those who read

        params: dict[str, Any] = {
            "Global.use_cls": False,  # screens stand upright
            "Global.log_level": "error",
            "Global.max_side_len": 4096,
            "Det.model_path": str(paths["det"]),  # a given path is never downloaded
            "Rec.model_path": str(paths["rec"]),
            "Det.limit_type": "min",
            "Det.limit_side_len": LEAST_SIDE,  # the default enlarges every region to 736 px: eight times slower
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        self._reader: Any = RapidOCR(params=params)
        self._lock = threading.Lock()

    def read(self, picture: Pixels) -> list[Line]:
        height, width = picture.shape[:2]
        pad = (max(0, LEAST_SIDE - height), max(0, LEAST_SIDE - width))
        padded = np.pad(picture, ((0, pad[0]), (0, pad[1]), (0, 0)), mode="edge")
        with self._lock:
            found = self._reader(np.ascontiguousarray(padded[..., ::-1]))  # the models were trained on BGR
        if found.txts is None or found.boxes is None:
            return []
        words: list[Line] = []
        for text, corners, score in zip(found.txts, found.boxes, found.scores, strict=True):
            x0, y0 = (float(max(0.0, v)) for v in corners.min(axis=0))
            x1, y1 = float(min(width, corners[:, 0].max())), float(min(height, corners[:, 1].max()))
            if str(text).strip() and x1 > x0 and y1 > y0:
                words.append(Line(str(text).strip(), (x0, y0, x1, y1), float(score)))
        return merge(words)


class _Tesseract:
    def __init__(self, binary: str) -> None:
        self._binary = binary

    def read(self, picture: Pixels) -> list[Line]:
        done, png = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
        if not done:
            raise ToolError("the region cannot be encoded for tesseract.", remedy="Choose a larger box.")
        command = [self._binary, "stdin", "stdout", "--psm", "11", "tsv"]
        limits = {**os.environ, "OMP_THREAD_LIMIT": str(_threads())}
        try:
            ran = subprocess.run(
                command, input=png.tobytes(), capture_output=True, timeout=TESSERACT_SECONDS, check=True, env=limits
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"tesseract took over {TESSERACT_SECONDS} s.", remedy="Read a smaller region.") from None
        except (subprocess.CalledProcessError, OSError) as error:
            raise ToolError(f"tesseract failed: {error}.", remedy="Check its installation.") from None
        return merge(parse_tsv(ran.stdout.decode("utf-8", "replace")))


def parse_tsv(text: str) -> list[Line]:
    """Words of tesseract's TSV output (level 5 rows); its confidence is in percent.

    Raises:
        ToolError: it is none.
    """
    words: list[Line] = []
    try:
        for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("level") != "5" or not (row.get("text") or "").strip():
                continue
            x, y, w, h = (float(row[k]) for k in ("left", "top", "width", "height"))
            words.append(Line(row["text"].strip(), (x, y, x + w, y + h), max(0.0, float(row["conf"])) / 100))
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise ToolError(f"tesseract gave no table of words: {error}.", remedy="Check its installation.") from None
    return words


@lru_cache(maxsize=2)
def _rapidocr(threads: int) -> Engine:
    return _RapidOcr(threads)


@lru_cache(maxsize=2)
def _tesseract(binary: str) -> Engine:
    if not binary:
        raise MissingExtraError(
            "OCR engine tesseract is not installed.",
            remedy="Install it (Debian: apt-get install tesseract-ocr; macOS: brew install tesseract) or use rapidocr.",
        )
    return _Tesseract(binary)
