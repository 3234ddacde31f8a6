"""A server's memory falls when what it took is freed."""

from __future__ import annotations

import subprocess
import sys

import pytest

PEAK = """
import ctypes, sys
from dataclaw.serve.heap import keep_heap_small
if sys.argv[1] == "small" and not keep_heap_small():
    sys.exit(3)
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) / 1024
libc.free(libc.malloc(24 << 20))  # from now on glibc takes blocks of up to so much from its heap
before, large, small = resident(), [], []
for _ in range(100):
    large.append(libc.malloc(1 << 20))
    ctypes.memset(large[-1], 1, 1 << 20)
    small.append(libc.malloc(40_000))
for block in large:
    libc.free(block)
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what /proc tells")
def test_freed_blocks_are_given_back():
    def left(how: str) -> float:
        done = subprocess.run([sys.executable, "-c", PEAK, how], capture_output=True, text=True, check=True)
        return float(done.stdout)

    kept, given_back = left("as it is"), left("small")
    assert given_back < 10 < kept  # [MiB] of a hundred; glibc can only free the end of a heap
