"""Memory that a long-lived server takes and gives back."""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of glibc's `mallopt(3)`."""
HEAPS, LARGE = 2, 128 * 1024


def keep_heap_small() -> bool:
    """Have the C library give back what large requests took; whether it could be told to.

    glibc keeps a heap for each of many threads, and puts ever larger blocks into them once one was freed: a server's
    memory rises by each new peak and never falls. From now on there are two heaps, and a block of 128 KiB or more is
    mapped by itself and unmapped when it is freed. Other C libraries do so anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return bool(mallopt and mallopt(M_ARENA_MAX, HEAPS) and mallopt(M_MMAP_THRESHOLD, LARGE))
