"""What can go wrong with a trace. One tree, so that `except TraceError` is all a caller needs.

TraceError          the trace cannot be read: where, why, and what to do about it
├── UnknownFormat   no parser, or no single parser, claims the file
└── BrokenTrace     the format is known, but the file breaks its rules
"""

from __future__ import annotations

from collections.abc import Sequence


class TraceError(ValueError):
    """A trace that cannot be read.

    Attributes:
        reason: what is wrong, one sentence without the place.
        path: the file, as given by the caller or relative to the trace's root; "" when there is none.
        line: line number from 1, or record index from 0 in files without lines; None when the whole file is meant.
        remedy: what to do next; "" when nothing can be done.
    """

    def __init__(self, reason: str, *, path: str = "", line: int | None = None, remedy: str = "") -> None:
        self.reason = reason
        self.path = path
        self.line = line
        self.remedy = remedy
        super().__init__(reason)

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return (f"{place}: " if place else "") + self.reason + (f" ({self.remedy})" if self.remedy else "")


class BrokenTrace(TraceError):  # noqa: N818 - said of the trace
    """The format was recognised, but the content breaks its rules."""


class UnknownFormat(TraceError):  # noqa: N818 - said of the trace
    """No format, or more than one, claims the file.

    Attributes:
        tried: every format with the reason why it refused; those with an empty reason claimed the file.
    """

    def __init__(self, path: str, tried: Sequence[tuple[str, str]]) -> None:
        self.tried = tuple(tried)
        claims = [name for name, reason in self.tried if not reason]
        if claims:
            reason = f"{' and '.join(claims)} all claim this file"
            remedy = f"say which with format={claims[0]!r}"
        else:
            reason = "no format recognises this file"
            remedy = "; ".join(f"{name}: {why}" for name, why in self.tried)
        super().__init__(reason, path=path, remedy=remedy)
