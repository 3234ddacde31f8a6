"""When is the first JSON object of a text complete? Asked token by token, while the text is being written."""

from __future__ import annotations

import re

_STRUCTURE = re.compile(r'[{}"\\]')


class ObjectEnd:
    """Reads a text in pieces; `closed` turns true with the piece that ends its first object.

    Structure is ASCII, so that pieces which end inside a character of several bytes do no harm.
    """

    def __init__(self) -> None:
        self.closed = False
        self._depth = 0
        self._quoted = False
        self._escaped = False

    def read(self, piece: str) -> bool:
        """Read on; whether the object is complete now."""
        if not self._escaped and not _STRUCTURE.search(piece):
            return self.closed
        for char in piece:
            if self.closed:
                break
            self._one(char)
        return self.closed

    def _one(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
        elif self._quoted:
            self._escaped = char == "\\"
            self._quoted = char != '"'
        elif char == '"':
            self._quoted = self._depth > 0
        elif char == "{":
            self._depth += 1
        elif char == "}" and self._depth:
            self._depth -= 1
            self.closed = self._depth == 0
