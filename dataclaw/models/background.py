"""One event loop of the process, in a thread of its own: connections stay with the loop in which they were opened.

A client library shares its connections between models and between calls; a loop for each call would leave them behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do something in the loop, and wait for what it gives; also from inside another loop.

    Raises:
        Exception: whatever it raises.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="dataclaw-requests", daemon=True).start()
    return loop
