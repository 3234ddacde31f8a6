"""Take the pictures of the README from a real run over the shipped example trace, seen in Chromium.

    python docs/make_pictures.py

`evidence.png` shows one field of the sample beside the pixels that prove it; `report.png` is the report as people open
it, one action and its evidence chosen. Needs Chromium and playwright.
"""

from __future__ import annotations

import html
import io
import json
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
PICTURES = ROOT / "docs/pictures"
INTENT = "only what led to the final state"
ACTION = "Add to cart"
SIZE = (1360, 860)
CROP = (560, 330)
"""Part of the screen around the evidence that `evidence.png` shows [px]."""
MAX_BYTES = 250_000


def make_report(out: Path) -> Path:
    """Run, and write the page without the place of this checkout in it."""
    tailor(TRACE, INTENT, domain="gui", out=out)
    page = write_report(out)
    page.write_text(page.read_text(encoding="utf-8").replace(f"{ROOT}/", ""), encoding="utf-8")
    return page


def evidence_page(out: Path) -> Path:
    """A page with the field `point` of the action, the anchor that it cites, and the frame of that anchor."""
    sample = json.loads((out / "samples.jsonl").read_text(encoding="utf-8").splitlines()[0])
    number, action = next((n, a) for n, a in enumerate(sample["answer"]["actions"]) if a.get("target") == ACTION)
    cited = sample["evidence"][f"/answer/actions/{number}/point"]
    anchor = sample["anchors"][cited[0]]
    rows = [json.loads(line) for line in (out / "artifacts.jsonl").read_text(encoding="utf-8").splitlines()]
    shown = next(row for row in rows if row["kind"] == "image" and row["frame"] == anchor["frame"])
    picture = Image.open(out / shown["path"])
    (x0, y0, x1, y1), (width, height) = anchor["box"], CROP
    left = min(max(0, round((x0 + x1 - width) / 2)), picture.width - width)
    top = min(max(0, round((y0 + y1 - height) / 2)), picture.height - height)
    picture.crop((left, top, left + width, top + height)).save(out / "crop.png")
    box = [x0 - left - 6, y0 - top - 6, x1 - x0 + 12, y1 - y0 + 12]
    point = [action["point"][0] - left, action["point"][1] - top]
    fields = {key: action[key] for key in ("time", "frame", "window", "target", "verb", "point") if key in action}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in fields.items()]
    page = out / "evidence.html"
    page.write_text(
        EVIDENCE.format(
            lines="\n".join(
                f"  <b>{html.escape(line.strip())}</b>" if line.lstrip().startswith('"point"') else html.escape(line)
                for line in lines
            ),
            pointer=f"/answer/actions/{number}/point",
            cited=json.dumps(cited),
            name=cited[0],
            anchor=html.escape(anchor["content"]),
            frame=anchor["frame"],
            box=box,
            point=point,
            size=CROP,
        ),
        encoding="utf-8",
    )
    return page


EVIDENCE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; font: 15px/1.55 "DejaVu Sans", sans-serif; background: #fff; color: #17201f; }}
main {{ display: flex; gap: 44px; padding: 26px 30px; align-items: center; }}
pre {{ font: 15px/1.7 "DejaVu Sans Mono", monospace; margin: 0 0 14px; padding: 14px 18px; background: #f5f5f1;
  border-radius: 8px; white-space: pre-wrap; }}
b {{ background: #fde3d6; color: #b83a06; font-weight: 700; }}
section {{ width: 620px; }} small {{ color: #5a6664; }}
figure {{ margin: 0; position: relative; border: 1px solid #d8d8d2; border-radius: 8px; overflow: hidden; }}
figure img, svg {{ display: block; }} svg {{ position: absolute; left: 0; top: 0; }}
</style><main><section><small>a field of the sample</small><pre>{{
{lines}
}}</pre><small>its evidence</small><pre>"{pointer}": <b>{cited}</b>
<b>{name}</b>  {anchor}</pre></section>
<div><small>frame {frame} of the recording</small><figure><img src="crop.png" width="{size[0]}" height="{size[1]}">
<svg width="{size[0]}" height="{size[1]}"><rect x="{box[0]}" y="{box[1]}" width="{box[2]}" height="{box[3]}" rx="4"
fill="none" stroke="#e04a0c" stroke-width="4"/><circle cx="{point[0]}" cy="{point[1]}" r="6" fill="#e04a0c"
stroke="#fff" stroke-width="2"/></svg></figure></div></main>"""


def take(page: Path, browser: str, *, card: str = "") -> bytes:
    """A picture of a page, or of the part of a report that shows the action named `card`, as PNG."""
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        seen = running.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        seen.goto(page.as_uri())
        if card:
            found = seen.locator("#detail").get_by_text(card, exact=True).last
            found.scroll_into_view_if_needed()
            found.click()
            seen.evaluate(
                "(node) => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 150)",
                found.element_handle(),
            )
            seen.wait_for_timeout(1500)  # pictures fade in
        shot = seen.screenshot() if card else seen.locator("main").screenshot()
        running.close()
    return shot


def shrink(shot: bytes) -> bytes:
    """The same picture in 256 colours, a third of the size."""
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def main() -> int:
    """Run, look, write the pictures."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("error: no Chromium here; install it (apt-get install chromium)", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "shop_and_mail"
        report = make_report(out)
        shots = {"evidence": take(evidence_page(out), browser), "report": take(report, browser, card=ACTION)}
    for name, shot in shots.items():
        picture, data = PICTURES / f"{name}.png", shrink(shot)
        if len(data) > MAX_BYTES:
            print(f"error: {name}.png has {len(data)} bytes, at most {MAX_BYTES} are wanted", file=sys.stderr)
            return 1
        picture.write_bytes(data)
        print(f"{picture.relative_to(ROOT)}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
