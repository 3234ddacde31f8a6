"""A time by which an answer must have come whole: httpx has timeouts for each piece of it, and pieces can be bytes."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Timer
from typing import Any


class Deadline:
    """Closes the connections of a request when its time is over.

    ```python
    with Deadline(60.0) as deadline, client.stream("GET", url, extensions=deadline.extensions) as answer: ...
    ```

    The client must keep no connections: one that was made before is not known here. Where it is over, reading ends as
    if the server had closed the connection, so look at `is_over` afterwards.

    Args:
        seconds: how long all may take [s].

    Attributes:
        seconds: how long all may take [s].
        is_over: whether it took longer.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._connections: list[socket.socket] = []
        self._lock = Lock()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    @property
    def extensions(self) -> dict[str, Any]:
        """What a request is made with, so that its connections are known here."""
        return {"trace": self._note}

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def _note(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            connection = info["return_value"].get_extra_info("socket").dup()  # TLS takes the first one over
            with self._lock:
                self._connections.append(connection)
                if self.is_over:
                    _close(connection)

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for connection in self._connections:
                _close(connection)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side was quicker
        connection.shutdown(socket.SHUT_RDWR)
