"""What people said of samples: `reviews.jsonl` in the run's folder, one line a decision, added and never changed.

The last line about a sample counts. A line is written whole or not at all, under a lock that other processes respect,
and only by somebody who has seen the line before it: who works on what has changed in the meantime is told.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import RLock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from dataclaw.serve.problem import RefusedError
from dataclaw.types import Json

FILE = "reviews.jsonl"
COMMENT_CHARS = 10_000

ReviewAction = Literal["accept", "reject", "flag", "edit", "clear"]
STATE_OF: dict[ReviewAction, str] = {
    "accept": "accepted",
    "reject": "rejected",
    "flag": "flagged",
    "edit": "edited",
    "clear": "none",
}


class Review(BaseModel):
    """One line of `reviews.jsonl`.

    Attributes:
        id: name of the line.
        sample: id of the sample or the rejection.
        of: hash of the record that was looked at.
        action: "accept", "reject", "flag", "edit", or "clear", which takes back what was said before.
        edit: with "edit": the draft in place of the sample's, with its citations.
        total: with "edit": what the rules give it (0..1), None where none could judge.
        comment: why.
        who: who decided, "" where nobody said.
        time: when, UTC, as ISO 8601.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    sample: str
    of: str
    action: ReviewAction
    edit: Json = None
    total: Annotated[float, Field(ge=0, le=1)] | None = None
    comment: Annotated[str, Field(max_length=COMMENT_CHARS)] = ""
    who: Annotated[str, Field(max_length=200)] = ""
    time: str = ""

    @classmethod
    def now(cls, **fields: Json) -> Review:
        """A review of this moment, with a name of its own."""
        return cls(id=secrets.token_hex(6), time=datetime.now(UTC).isoformat(timespec="seconds"), **fields)


@dataclass(slots=True)
class ReviewFile:
    """The reviews of one run.

    Attributes:
        root: the run's folder.
        last: the review that counts, by sample; "clear" ones are among them.
        broken: lines that are no reviews, with what is wrong.
    """

    root: Path
    last: dict[str, Review] = field(default_factory=dict[str, Review])
    broken: list[str] = field(default_factory=list[str])
    _read: int = 0
    _lines: int = 0
    _pending: set[str] = field(default_factory=set[str])
    _lock: RLock = field(default_factory=RLock)

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / FILE

    def refresh(self) -> set[str]:
        """Read what was added since the last time; the samples that it is about.

        Raises:
            OSError: it cannot be read.
        """
        with self._lock:
            size = self.path.stat().st_size if self.path.is_file() else 0
            if size < self._read:  # somebody put another file there
                self.last.clear()
                self.broken.clear()
                self._read = self._lines = 0
            if size == self._read:
                found, self._pending = self._pending, set()
                return found
            with self.path.open("rb") as file:
                file.seek(self._read)
                data = file.read()
            whole = data.rfind(b"\n") + 1  # a line without an end is still being written
            found = {self._take(line) for line in data[:whole].split(b"\n")[:-1]} | self._pending
            self._read += whole
            self._pending = set()
            return found - {""}

    def add(self, review: Review, *, after: str) -> None:
        """Write a review.

        Args:
            review: what to write.
            after: id of the last review of this sample that its writer saw, "" for none.

        Raises:
            RefusedError: the sample was reviewed by somebody else in the meantime (409), or the disk refused (507).
        """
        with self._lock:
            try:
                with _hold(self.path) as handle:
                    self._pending |= self.refresh()
                    known = self.last.get(review.sample)
                    if (known.id if known else "") != after:
                        raise RefusedError(
                            HTTPStatus.CONFLICT,
                            f"{known.who or 'somebody' if known else 'somebody'} has reviewed this sample meanwhile"
                            f" ({known.action if known else 'the review was removed'}).",
                            place=review.sample,
                            remedy="Look at it, then save yours on top of it or keep it.",
                        )
                    _append(handle, review.model_dump_json(exclude_defaults=True).encode() + b"\n")
            except OSError as error:
                raise RefusedError(
                    HTTPStatus.INSUFFICIENT_STORAGE,
                    f"the review could not be written: {error.strerror or error}.",
                    place=str(self.path),
                    remedy="Make room or mend the permissions, then save again: it is kept in the page.",
                ) from None

    def _take(self, line: bytes) -> str:
        """Take a line in; returns the sample that it is about, "" for none."""
        self._lines += 1
        try:
            review = Review.model_validate(from_json(line)) if line.strip() else None
        except ValidationError as error:
            self.broken.append(f"{FILE}:{self._lines}: {error.error_count()} wrong fields")
            return ""
        except ValueError as error:
            self.broken.append(f"{FILE}:{self._lines}: {str(error)[:120]}")
            return ""
        if review is None:
            return ""
        self.last[review.sample] = review
        return review.sample


@contextmanager
def _hold(path: Path) -> Generator[int]:
    """The file opened to be added to, while nobody else does."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _append(handle: int, line: bytes) -> None:
    """Add a line whole; what a kill left of an earlier one is ended first, and half of this one is taken back."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        written = os.write(handle, line)
        if written < len(line):
            raise OSError(28, "no space left on device")
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise
