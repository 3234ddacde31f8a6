"""Records a GUI trace of a scripted person in a real Chromium, in the raw layout of AgentNet.

    python examples/record_trace.py --out DIR [--seed 7] [--script shop_and_mail]

Why: a shipped example must be free to share, and its truth must be known. The applications are our own pages, the
input is real (trusted events, logged where they arrive), and the script knows what each action was for. What is done
follows the seed; times vary from run to run. Not covered: other browsers, other windows than the page.
"""

import argparse
import functools
import http.server
import random
import shutil
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from recorder.files import Recording, write
from recorder.hand import Hand
from recorder.scripts import SCRIPTS, Script

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1280, 720
MAX_PICTURE_GAP = 0.3  # seconds
FLAGS = [  # run in a container, and ask nothing of the network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line per request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args


def find_chromium() -> str:
    """The path of the browser; raises SystemExit that says how to install one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("No Chromium found. On Debian or Ubuntu: apt-get install chromium; or put google-chrome on PATH.")


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Serves a folder on the loopback interface; gives its address."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def filmed(page: Page) -> Generator[list[tuple[float, str]]]:
    """Films the page; the list it gives grows by (epoch seconds, base64 JPEG) and holds a first picture already."""
    frames: list[tuple[float, str]] = []
    session = page.context.new_cdp_session(page)

    def keep(frame: dict[str, Any]) -> None:
        frames.append((frame["metadata"]["timestamp"], frame["data"]))
        session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 92, "maxWidth": WIDTH, "maxHeight": HEIGHT})
    while not frames:
        page.wait_for_timeout(20)
    yield frames
    session.remove_listener("Page.screencastFrame", keep)
    session.send("Page.stopScreencast")


def record(script: Script, seed: int) -> Recording:
    """Runs the script in a fresh browser and gives back everything seen."""
    rng = random.Random(seed)
    order = rng.randrange(20000, 90000)
    with served(HERE / "apps") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.add_init_script(path=HERE / "recorder" / "probe.js")
        page.goto(f"{address}/desk.html?front={script.front}&order={order}", wait_until="networkidle")
        hand = Hand(page, rng)
        with filmed(page) as frames:
            clock_offset, video_start = time.monotonic() - time.time(), time.time()
            start_time = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
            script.act(hand)
            video_end = time.time()
        seen = page.evaluate("({ events: recording.events, titles: recording.titles })")
        version = browser.version
        browser.close()
    return Recording(
        **seen,
        elements=hand.elements,
        frames=frames,
        truth=hand.truth,
        video_start=video_start,
        video_end=video_end,
        clock_offset=clock_offset,
        start_time=start_time,
        stop_time=f"{datetime.now():%Y-%m-%d %H:%M:%S}",
        browser_version=version,
        width=WIDTH,
        height=HEIGHT,
    )


def main() -> None:
    """Reads the command line, records, writes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder for the trace")
    parser.add_argument("--seed", type=int, default=7, help="decides aim, pauses and the order number")
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="shop_and_mail")
    arguments = parser.parse_args()
    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SystemExit(f"{out} is not an empty folder; name a new one, or empty it first.")
    script = SCRIPTS[arguments.script]
    recording = record(script, arguments.seed)
    out.mkdir(parents=True, exist_ok=True)
    write(recording, script.task_name, out)
    size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    seconds = recording.video_end - recording.video_start
    print(f"{out}: {len(recording.truth)} actions, {len(recording.events)} events, {seconds:.1f} s, {size:.2f} MB")
    if (gap := recording.largest_picture_gap()) > MAX_PICTURE_GAP:
        print(f"The machine was busy: no picture for {gap:.2f} s. Record again when it is not.", file=sys.stderr)


if __name__ == "__main__":
    main()
