"""Take `docs/pictures/report.png`: the report of a real run over the shipped example trace, seen in Chromium.

    python docs/make_pictures.py

Needs Chromium and playwright. The page is opened as people open it, one action and its evidence chosen.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from dataclaw import tailor
from dataclaw.run.report.report import write_report

ROOT = Path(__file__).resolve().parents[1]
TRACE = ROOT / "examples/traces/shop_and_mail"
PICTURE = ROOT / "docs/pictures/report.png"
INTENT = "only what led to the final state"
ACTION = "Add to cart"
SIZE = (1360, 860)
MAX_BYTES = 250_000


def make_report(out: Path) -> Path:
    """Run, and write the page without the place of this checkout in it."""
    tailor(TRACE, INTENT, domain="gui", out=out)
    page = write_report(out)
    page.write_text(page.read_text(encoding="utf-8").replace(f"{ROOT}/", ""), encoding="utf-8")
    return page


def take(page: Path, browser: str) -> bytes:
    """A picture of the sample's part of the page, as PNG."""
    width, height = SIZE
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        seen = running.new_page(viewport={"width": width, "height": height})
        seen.goto(page.as_uri())
        card = seen.locator("#detail").get_by_text(ACTION, exact=True).last
        card.scroll_into_view_if_needed()
        card.click()
        seen.evaluate(
            "(node) => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 150)", card.element_handle()
        )
        seen.wait_for_timeout(1500)  # pictures fade in
        shot = seen.screenshot()
        running.close()
    return shot


def shrink(shot: bytes) -> bytes:
    """The same picture in 256 colours, a third of the size."""
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def main() -> int:
    """Run, look, write the picture."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("error: no Chromium here; install it (apt-get install chromium)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        shot = shrink(take(make_report(Path(folder) / "shop_and_mail"), browser))
    if len(shot) > MAX_BYTES:
        print(f"error: the picture has {len(shot)} bytes, at most {MAX_BYTES} are wanted", file=sys.stderr)
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(shot)
    print(f"{PICTURE.relative_to(ROOT)}: {len(shot)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
