"""What the tool cache saves: each tool run afresh and answered again, and whole runs of the example trace.

    python benchmarks/cache.py [STREAM]

Without a stream, one is drawn: 24 screens of 1280 x 720 with as many clicks. Goal: a second run of the same stream at
least 10 times as fast. Whole runs are timed without media and with them (decoding and writing frames is no tool's work
and is done each time).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dataclaw.config import RunConfig
from dataclaw.run.prepare import make_runtime, prepare
from dataclaw.run.run import run, tailor_source
from dataclaw.streams import open_stream
from dataclaw.tools import ToolContext, builtin
from dataclaw.tools.cache import Cache, call
from dataclaw.types import Event, Json, Stream

REPEATS = 20
EXAMPLE = Path(__file__).parents[1] / "examples" / "traces" / "shop_and_mail"
SETUP = prepare(RunConfig(intent="Extract the ordered UI actions with coordinates", domain="gui"))


class Drawn:
    """Screens drawn when they are asked for."""

    def __init__(self, count: int) -> None:
        self.times = [float(i) for i in range(count)]
        self.size = (1280, 720)

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        return [self._draw(i) for i in indices]

    def _draw(self, index: int) -> NDArray[np.uint8]:
        image = Image.new("RGB", self.size, (245, 245, 248))
        pen = ImageDraw.Draw(image)
        for row in range(18):
            pen.text(
                (60, 40 + 36 * row), f"Order {index}{row:02d}, paid on Monday", "black", ImageFont.load_default(16)
            )
        return np.asarray(image, dtype=np.uint8)


def drawn(count: int = 24) -> Stream:
    """A stream of drawn screens with a click on each."""
    events = tuple(
        Event(i, "click", i + 0.1, i + 0.2, frame=i, point=(150.0, 50.0 + 25 * i), window="Orders")
        for i in range(count)
    )
    return Stream("d" * 16, "gui", "drawn", "", "drawn", float(count), frames=Drawn(count), events=events)


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """Mean time of a call [s]."""
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def main() -> None:
    stream = open_stream(Path(sys.argv[1])) if len(sys.argv) > 1 else drawn()
    context = ToolContext(stream, (0.0, stream.duration))
    tools = builtin()
    pointed = [e.index for e in stream.events if e.point is not None and e.frame is not None][:14]
    asked: list[tuple[str, dict[str, Json]]] = [("overview", {}), ("list_events", {}), ("segment_actions", {})]
    if stream.frames is not None:
        asked += [("detect_changes", {}), ("sample_frames", {"mode": "keyframe"}), ("read_text", {"events": pointed})]
    print(f"{stream.name}: {len(stream.events)} events; first call, then the mean of {REPEATS} answered by the cache")
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder) / "tools.sqlite")
        for name, args in asked:
            first = seconds(lambda n=name, a=args: call(tools[n], context, a, cache))
            again = seconds(lambda n=name, a=args: call(tools[n], context, a, cache), REPEATS)
            print(f"{name:16} {1000 * first:9.1f} ms {1000 * again:7.2f} ms  {first / again:8.0f} x")
        whole_runs(Path(folder))


def whole_runs(folder: Path) -> None:
    """The example trace from file to sample, with a cold and with a warm cache; domains and policy loaded before."""

    def without_media(cache: Cache) -> float:
        runtime = make_runtime(SETUP, cache=cache)
        return seconds(lambda: list(tailor_source(SETUP, runtime, str(EXAMPLE), None)))

    def with_media(name: str) -> float:
        return seconds(lambda: list(run(SETUP, [str(EXAMPLE)], folder / name)))

    seconds(lambda: list(tailor_source(SETUP, make_runtime(SETUP), str(EXAMPLE), None)))  # imports, OCR model
    cold = without_media(Cache(folder / "cold.sqlite"))
    warm = min(without_media(Cache(folder / "cold.sqlite")) for _ in range(3))
    print(f"{'run, no media':16} {1000 * cold:9.1f} ms {1000 * warm:7.1f} ms  {cold / warm:8.0f} x  goal 10 x")
    media = min(with_media(f"out{i}") for i in range(2))
    print(f"{'run with media':16} {1000 * cold:9.1f} ms {1000 * media:7.1f} ms  {cold / media:8.0f} x")


if __name__ == "__main__":
    main()
