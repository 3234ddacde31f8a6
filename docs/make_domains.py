"""Fill the pages of the domains: each shows one real sample, shortened, and the frames that bear it out.

    python docs/make_domains.py

The streams are made by the worlds, whose scenes follow from a seed, and by the trace that ships. A page says in its
text what it is about; this script writes the JSON block and the picture. Needs the extra `worlds`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from dataclaw import Stream, open_stream, tailor
from dataclaw.worlds.base import Scene, SceneSpec
from dataclaw.worlds.maker import Maker

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDTH, GAP, LINE = 1240, 20, 34
"""Width of a picture, space around its frames, height of the line above a frame [px]."""
BLOCK = re.compile(r"^```json\n.*?^```\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame of the sample's stream, what it is to the sample, and the anchors whose boxes are drawn in it."""

    frame: int
    label: str
    boxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """What a page shows.

    Attributes:
        domain: the domain.
        intent: what is asked for.
        source: the world's name and a seed, or a path of the checkout.
        fields: fields of the sample that are shown, in order, by path; a list is cut to the items that are named.
        panels: frames of the picture; none where the page has another picture.
    """

    domain: str
    intent: str
    source: tuple[str, int] | str
    fields: tuple[str, ...]
    panels: tuple[Panel, ...] = ()


SHOWS = (
    Show(
        "gui",
        "only what led to the final state",
        "examples/traces/shop_and_mail",
        (
            "question", "answer/actions/8/time", "answer/actions/8/frame", "answer/actions/8/target",
            "answer/actions/8/verb", "answer/actions/8/point", "evidence//answer/actions/8/point",
            "anchors/e12/content", "anchors/e12/box", "left_out/by_reason", "verdict/total",
        ),
    ),
    Show(
        "embodied",
        "make the robot freeze while it grasps, then recover",
        ("bench", 1),
        (
            "question", "answer", "input_video", "freeze", "output_video", "data/family",
            "evidence//data/family/name", "evidence//output_video", "anchors/s8/content", "verdict/total",
        ),
        (
            Panel(99, "f99: the clip begins"), Panel(111, "f111: the last good state"),
            Panel(114, "f114: held 12 times"), Panel(130, "f130: the recovery ends"),
        ),
    ),
    Show(
        "aigc",
        "an instruction for the edit between the two pictures",
        ("darkroom", 23),
        (
            "question", "answer", "input_image", "output_image", "data/operations/0/name", "data/operations/0/region",
            "evidence//data/operations/0/region", "anchors/c1/content", "verdict/total",
        ),
        (Panel(0, "f0: before"), Panel(1, "f1: after, with the regions that changed", ("c1", "c2"))),
    ),
    Show(
        "daily",
        "what did the person do, step by step",
        ("chores", 1),
        (
            "question", "answer", "output_image", "data/steps/0", "evidence//output_image/0", "anchors/e0/content",
            "left_out/by_reason", "verdict/total",
        ),
        (
            Panel(5, "1. Fill the kettle"), Panel(51, "3. Rinse the teapot"), Panel(58, "4. Pick the marjoram"),
            Panel(88, "5. Put it into the teapot"),
        ),
    ),
    Show(
        "education",
        "where does a student get stuck, and what is the next step",
        ("board", 0),
        (
            "question", "answer", "input_image", "output_image", "evidence//answer_parts/0",
            "evidence//answer_parts/1", "anchors/e5/content", "anchors/t11/content", "anchors/t11/box", "verdict/total",
        ),
        (Panel(34, "f34: what the student has", ("t10",)), Panel(36, "f36: the next line", ("t11",))),
    ),
)  # fmt: skip


def make(show: Show, out: Path) -> tuple[dict[str, Any], Stream]:
    """The sample that a page shows and its stream; both lie in `out`."""
    if isinstance(show.source, str):
        path = str(ROOT / show.source)
    else:
        with Maker(out / "scenes") as maker:
            scene = maker.make(SceneSpec(show.source[0], show.source[1], 2))
        if not isinstance(scene, Scene):
            raise RuntimeError(f"{show.source}: {scene.reason} {scene.remedy}")
        path = scene.path
    (outcome,) = tailor(path, show.intent, domain=show.domain, out=out / "run")
    (sample,) = outcome.samples
    return dict(sample), open_stream(path)


def shorten(sample: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a sample that a page shows; what is left of a list are the items that are named."""
    short: dict[str, Any] = {}
    for path in fields:
        first, _, rest = path.partition("/")
        keys = [first, rest] if first == "evidence" else path.split("/")
        whole, part = sample, short
        for key, after in zip(keys, [*keys[1:], ""], strict=True):
            value = whole[int(key)] if isinstance(whole, list) else whole[key]
            if not after:
                part[key] = value
            else:
                part = part.setdefault(key, {})
            whole = value
    return {key: _lists(value) for key, value in short.items()}


def _lists(value: Any) -> Any:
    """Objects whose keys are numbers, back as lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(one) for key, one in value.items()}
    return list(inner.values()) if inner and all(key.isdigit() for key in inner) else inner


def block(short: Mapping[str, Any]) -> str:
    """The JSON block of a page: nested as far as its lines would be long."""
    return f"```json\n{_text(short, 0)}\n```\n"


def _text(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or (depth and len(flat) + depth < 100):
        return flat
    pad = " " * (depth + 2)
    if isinstance(value, list):
        inner = [pad + _text(one, depth + 2) for one in value]
    else:
        inner = [f"{pad}{json.dumps(key)}: {_text(one, depth + 2)}" for key, one in value.items()]
    left, right = ("[", "]") if isinstance(value, list) else ("{", "}")
    return left + "\n" + ",\n".join(inner) + f"\n{' ' * depth}{right}"


def draw(show: Show, sample: Mapping[str, Any], stream: Stream) -> Image.Image:
    """The frames of a sample side by side, each under its label, with the boxes of its evidence."""
    width = (WIDTH - GAP * (len(show.panels) + 1)) // len(show.panels)
    assert stream.frames
    frames = [Image.fromarray(pixels) for pixels in stream.frames.read([panel.frame for panel in show.panels])]
    scale = width / frames[0].width
    height = round(frames[0].height * scale)
    picture = Image.new("RGB", (WIDTH, height + LINE + 2 * GAP), "#ffffff")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=19)
    for number, (panel, frame) in enumerate(zip(show.panels, frames, strict=True)):
        left, top = GAP + number * (width + GAP), GAP + LINE
        pen.text((left, GAP), panel.label, fill="#17201f", font=font)
        picture.paste(frame.resize((width, height), Image.Resampling.LANCZOS), (left, top))
        for name in panel.boxes:
            x0, y0, x1, y1 = (edge * scale for edge in sample["anchors"][name]["box"])
            pen.rectangle((left + x0 - 4, top + y0 - 4, left + x1 + 4, top + y1 + 4), outline="#e04a0c", width=4)
    return picture


def main() -> int:
    """Write the JSON blocks and the pictures, of the domains that are named or of all."""
    for show in SHOWS:
        if sys.argv[1:] and show.domain not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            sample, stream = make(show, Path(folder))
            page = DOCS / f"domain_{show.domain}.md"
            text = page.read_text(encoding="utf-8")
            (old,) = BLOCK.findall(text)
            page.write_text(text.replace(old, block(shorten(sample, show.fields))), encoding="utf-8")
            print(page.relative_to(ROOT))
            if show.panels:
                picture = draw(show, sample, stream)
                name = DOCS / f"pictures/domain_{show.domain}.png"
                picture.quantize(256, dither=Image.Dither.NONE).save(name, optimize=True)
                print(f"{name.relative_to(ROOT)}: {name.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
