"""How quick the viewer is with a large run: a folder of 50,000 samples and a recording of two hours are made for it.

The samples are copies of a real one with other names, words and totals, each with a trace; the recording has a picture
every second and a key frame every ten. A real browser opens the page, searches, scrolls, opens a sample and jumps.

    python benchmarks/viewer.py [--samples 50000] [--hours 2] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import av
import numpy as np
from playwright.sync_api import Page, sync_playwright

from dataclaw import tailor
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.types import Json

CUT = Path(__file__).parents[1] / "examples" / "cuts" / "violin_workshop.edl"
WORDS = ("harbour", "kettle", "orchard", "lantern", "meadow", "copper", "willow", "granite", "saddle", "velvet")
SIZE = (640, 360)
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
FOUND = """(words) => [...document.querySelectorAll(".row b")].every(
  (name) => words.every((word) => name.textContent.includes(word)))"""
JUMP = """(id) => new Promise((done) => {
  document.querySelector(".film video").addEventListener("seeked", done, { once: true });
  document.querySelector(`.jumps button[data-id="${id}"]`).click();
})"""


def write_recording(file: Path, hours: float) -> None:
    """A video with one picture a second that tells its second by its brightness."""
    with av.open(str(file), "w", options={"movflags": "+faststart"}) as container:
        track = container.add_stream("libx264", rate=1, options={"preset": "ultrafast", "g": "10"})
        track.width, track.height, track.pix_fmt = *SIZE, "yuv420p"
        picture = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)
        for second in range(int(hours * 3600)):
            picture[:] = second % 256
            picture[:, : second % SIZE[0]] = 255 - second % 256
            container.mux(track.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(track.encode(None))


def samples_of(record: dict[str, Json], count: int, video: dict[str, Json], hours: float) -> Iterator[dict[str, Json]]:
    """Copies of a record, each with its own name, words and total; the first is about the recording."""
    dice = random.Random(0)
    seconds = hours * 3600
    for number in range(count):
        words = " ".join(dice.choices(WORDS, k=3))
        name = f"{number:016x}"
        verdict = {**record["verdict"], "total": round(dice.random(), 6)}
        verdict["scores"] = {**verdict["scores"], dice.choice(["order", "quotes", "figures"]): round(dice.random(), 3)}
        copy = {**record, "id": f"{name}-edit_plan-0", "question": f"Number {number}: {words}?", "verdict": verdict}
        copy["domain"], copy["task"] = ("aigc", "edit_plan") if number % 3 else ("daily", "temporal_qa")
        copy["stream"] = {**record["stream"], "id": name, "name": f"{words} {number}.edl"}
        if number == 0:
            copy["stream"] = {**copy["stream"], **video, "window": [0.0, seconds]}
            at = [seconds * i / 400 for i in range(400)]
            copy["anchors"] = {f"e{i}": {**record["anchors"]["e3"], "t0": t, "t1": t + 5} for i, t in enumerate(at)}
            copy["evidence"] = {f"/data/operations/{i}/name": [f"e{i}"] for i in range(400)}
            first = record["data"]["operations"][0]
            copy["data"] = {"operations": [{**first, "name": f"shot {i}", "record_in": t} for i, t in enumerate(at)]}
            copy.pop("input_text", None)
        yield copy


def write_run(out: Path, count: int, hours: float) -> None:
    """A run's folder with that many samples, made of a real run."""
    tailor(str(CUT), "a cut list of the two longest talking heads", domain="aigc", out=out)
    record = json.loads((out / "samples.jsonl").read_text(encoding="utf-8"))
    recording = out / "recording.mp4"
    write_recording(recording, hours)
    known = content_id([recording], "video", salt_of(Sampling(max_frames=256)))
    video = {"id": known, "path": "recording.mp4", "format": "video", "name": "recording.mp4"}
    with (out / "samples.jsonl").open("w", encoding="utf-8") as lines:
        for sample in samples_of(record, count, video, hours):
            lines.write(json.dumps(sample, ensure_ascii=False, separators=(",", ":")) + "\n")


@contextmanager
def server(out: Path, cache: Path) -> Iterator[tuple[str, float]]:
    """The viewer in a process of its own: its address, and the seconds until it said it."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "dataclaw", "view", str(out), "--port", "0", "--no-browse"]
    environment = {**os.environ, "DATACLAW_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    try:
        yield address, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def milliseconds(act: Callable[[], object], times: int = 1) -> float:
    """How long it takes, the median of some times [ms]."""
    found: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - start))
    return median(found)


def say(what: str, took: float) -> None:
    print(f"{what:<58}{took:>9.0f} ms", flush=True)


def search(page: Page, words: str) -> None:
    page.locator("#text").fill(words)
    page.wait_for_function(FOUND, arg=words.split())


def open_at(page: Page, address: str, ready: str) -> None:
    page.goto(address)
    page.wait_for_selector(ready, timeout=300_000)


def scroll_to_end(page: Page, total: int) -> None:
    page.evaluate("document.querySelector('.rows').scrollTop = 1e9")
    page.wait_for_selector(f'[aria-posinset="{total}"] b')


def sort_by(page: Page, name: str) -> None:
    with page.expect_response(lambda answer: f"sort={name}" in answer.url):
        page.select_option("[name=sort]", name)
    page.wait_for_selector(".row b")


def turn(page: Page) -> None:
    here = page.url
    page.keyboard.press("j")
    page.wait_for_function(f"location.href !== {here!r} && document.querySelector('.turn')")


def browse(page: Page, address: str, total: int) -> None:
    row = ".row b"
    say("first row of the list is there", milliseconds(lambda: open_at(page, address, row)))
    say("  the same, the browser warm", milliseconds(lambda: open_at(page, address, row), 5))
    say("  first paint, as the browser says", page.evaluate(FIRST_PAINT))
    for words in ("orchard", "meadow kettle", f"{total - 1}.edl"):
        page.locator("#text").fill("")
        page.wait_for_timeout(600)
        say(f"search {words!r} (it waits 180 ms for more letters)", milliseconds(partial(search, page, words)))
    open_at(page, address, row)
    say("scroll to the last row", milliseconds(lambda: scroll_to_end(page, total)))
    for name in ("worst", "name"):
        say(f"sort by {name}", milliseconds(partial(sort_by, page, name)))
    where = urlencode({"run": "run", "id": f"{7:016x}-edit_plan-0"})
    say("open a sample by its address", milliseconds(lambda: open_at(page, f"{address}?{where}", ".card"), 5))
    say("turn to the next sample", milliseconds(lambda: turn(page), 5))


def jump(page: Page, number: int) -> None:
    page.evaluate(JUMP, f"e{number}")


def play(page: Page, address: str, hours: float) -> None:
    where = urlencode({"run": "run", "id": f"{0:016x}-edit_plan-0"})
    ready = ".film video[src*=recording]"
    took = milliseconds(lambda: open_at(page, f"{address}?{where}", ready))
    say(f"open a recording of {hours:g} hours, its hash checked", took)
    page.wait_for_function(f"document.querySelector({ready!r}).readyState > 1")
    dice = random.Random(1)
    times = [milliseconds(partial(jump, page, number)) for number in dice.sample(range(400), 40)]
    say("jump to an anchor: until the picture is there", median(times))
    say("  the slowest of 40", max(times))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--samples", type=int, default=50_000)
    given.add_argument("--hours", type=float, default=2.0)
    given.add_argument("--keep", type=Path)
    asked = given.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp())
    out = folder / "run"
    if not (out / "recording.mp4").exists():
        write_run(out, asked.samples, asked.hours)
    size = (out / "samples.jsonl").stat().st_size / 1e6
    print(f"{asked.samples:,} samples ({size:,.0f} MB), {os.cpu_count()} cores")
    shutil.rmtree(folder / "cache", ignore_errors=True)
    try:
        with server(out, folder / "cache") as (address, _), sync_playwright() as tools:
            browser = tools.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            took = milliseconds(lambda: open_at(page, address, ".row b"))
            say("the first start ever: index made, first row shown", took)
            browser.close()
        with server(out, folder / "cache") as (address, took), sync_playwright() as tools:
            say("a later start, until the address is said", 1000 * took)
            browser = tools.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 900}, bypass_csp=True)  # to wait for conditions
            browse(page, address, asked.samples)
            play(page, address, asked.hours)
            browser.close()
    finally:
        if not asked.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
