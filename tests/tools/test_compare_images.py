"""What differs between two pictures: drawn, re-encoded, toned, and real edits."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from dataclaw.errors import ToolError
from dataclaw.streams import open_stream
from dataclaw.tools import ToolContext, builtin
from dataclaw.tools.base import ToolResult
from dataclaw.tools.colours import colours, tone
from dataclaw.tools.comparison import compare
from dataclaw.types import Box, Stream

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "aigc"
shared = pytest.mark.skipif(not SAMPLES.is_dir(), reason="sample data not beside the checkout")
tools = builtin()


class Two:
    """Two pictures as frames."""

    def __init__(self, *pictures: Image.Image) -> None:
        self.pictures = [np.asarray(p.convert("RGB"), dtype=np.uint8) for p in pictures]
        self.times = [float(k) for k in range(len(pictures))]
        self.size = pictures[0].size

    def read(self, indices: Any) -> list[NDArray[np.uint8]]:
        return [self.pictures[k] for k in indices]


def scene() -> Image.Image:
    """Soft ground with some things on it."""
    rng = np.random.default_rng(7)
    ground = Image.fromarray(rng.integers(60, 200, (18, 24, 3), dtype=np.uint8)).resize(
        (640, 480), Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(ground)
    pen.rectangle((60, 60, 200, 160), fill=(200, 40, 40))
    pen.ellipse((380, 240, 560, 420), fill=(40, 90, 200))
    return ground


def compared(before: Image.Image, after: Image.Image, **arguments: Any) -> ToolResult:
    stream = Stream(
        "0" * 16, "edit", "s", "s", "test", 1.0, "index", Two(before, after), meta={"roles": {"before": 0, "after": 1}}
    )
    return tools["compare_images"](ToolContext(stream, (0.0, 1.0)), arguments)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, width) * max(0.0, height)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def repainted() -> Image.Image:
    after = scene()
    ImageDraw.Draw(after).rectangle((60, 60, 200, 160), fill=(30, 160, 60))
    return after


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(BytesIO(buffer.getvalue()))


def test_a_repainted_thing_is_boxed_and_named() -> None:
    result = compared(scene(), repainted())
    (change,) = result.anchors
    assert change.box is not None
    assert overlap(change.box, (60, 60, 201, 161)) > 0.9
    assert change.attrs["kind"] == "local"
    assert change.attrs["ratio"] == pytest.approx(141 * 101 / (640 * 480), rel=0.1)
    assert (change.attrs["colour_before"], change.attrs["colour_after"]) == (["red"], ["green"])
    assert (change.frame, change.t0, change.t1, change.id, change.kind) == (1, 0.0, 1.0, "", "change")
    said = result.note.splitlines()[1]
    assert said.startswith(f"change 1: ratio {change.attrs['ratio']}, ")
    assert said.endswith("colours red to green")


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_an_encoded_copy_does_not_differ(quality: int) -> None:
    result = compared(scene(), jpeg(scene(), quality))
    assert result.anchors == ()
    assert "do not differ" in result.note


def test_a_change_is_found_in_an_encoded_copy_too() -> None:
    (change,) = compared(scene(), jpeg(repainted(), 60)).anchors
    assert change.box is not None
    assert overlap(change.box, (60, 60, 201, 161)) > 0.85


def test_a_shift_by_a_pixel_is_no_difference() -> None:
    moved = Image.fromarray(np.roll(np.asarray(scene()), 1, axis=1))
    inner = (8, 8, 632, 472)
    assert compared(scene().crop(inner), moved.crop(inner)).anchors == ()


def brighter(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(1.25)


def flatter(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(picture).enhance(0.6)


def paler(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Color(picture).enhance(0.3)


@pytest.mark.parametrize(
    ("toned", "name", "sign"), [(brighter, "brightness", 1), (flatter, "contrast", -1), (paler, "saturation", -1)]
)
def test_a_change_of_tone_is_of_the_whole_picture(
    toned: Callable[[Image.Image], Image.Image], name: str, sign: int
) -> None:
    (change,) = compared(scene(), toned(scene())).anchors
    assert (change.attrs["kind"], change.attrs["tone_only"]) == ("global", True)
    assert change.attrs[name] * sign > 0.05
    assert change.box == (0, 0, 640, 480)


@pytest.mark.parametrize("toned", [brighter, flatter, paler])
def test_a_thing_repainted_under_another_tone_is_found_beside_it(toned: Callable[[Image.Image], Image.Image]) -> None:
    result = compared(scene(), toned(repainted()))
    whole, local = result.anchors
    assert whole.attrs["tone_only"]
    assert local.box is not None
    assert local.attrs["kind"] == "local"
    assert overlap(local.box, (60, 60, 201, 161)) > 0.85


def test_another_picture_differs_all_over() -> None:
    other = Image.fromarray(np.asarray(scene())[::-1, ::-1].copy()).filter(ImageFilter.EDGE_ENHANCE_MORE)
    result = compared(scene(), other)
    assert result.data["global"]
    assert len(result.anchors) == 1
    assert not result.anchors[0].attrs["tone_only"]
    assert result.data["ratio"] > 0.3


def test_several_things_are_told_apart_the_largest_first() -> None:
    after = scene()
    pen = ImageDraw.Draw(after)
    pen.rectangle((300, 30, 330, 60), fill=(255, 255, 255))
    pen.rectangle((80, 300, 220, 440), fill=(0, 0, 0))
    first, second = compared(scene(), after).anchors
    assert first.attrs["ratio"] > second.attrs["ratio"]
    assert (first.attrs["colour_after"], second.attrs["colour_after"]) == (["black"], ["white"])


def test_pictures_of_another_size_are_compared() -> None:
    small = np.asarray(scene().resize((320, 241)))
    assert compare(np.asarray(scene()), small).places == ()


@settings(deadline=None, max_examples=25)
@given(
    sizes=st.tuples(*[st.integers(1, 40)] * 4),
    fill=st.tuples(*[st.integers(0, 255)] * 3),
    seed=st.integers(0, 10),
)
def test_any_two_pictures_compare_the_same_way_twice(sizes: Any, fill: Any, seed: int) -> None:
    a = np.full((sizes[0], sizes[1], 3), fill, np.uint8)
    b = np.random.default_rng(seed).integers(0, 256, (sizes[2], sizes[3], 3), dtype=np.uint8)
    once, again = compare(a, b), compare(a, b)
    assert (once.ratio, once.spread, once.tone) == (again.ratio, again.spread, again.tone)
    assert 0 <= once.ratio <= 1
    assert all(0 <= p.box[0] < p.box[2] <= 1 and 0 <= p.box[1] < p.box[3] <= 1 for p in once.places)


def test_frames_must_be_named_where_the_stream_does_not_say() -> None:
    stream = Stream("0" * 16, "video", "s", "s", "test", 1.0, frames=Two(scene(), repainted()))
    context = ToolContext(stream, (0.0, 1.0))
    with pytest.raises(ToolError, match="does not say which frame is the one before"):
        tools["compare_images"](context, {})
    with pytest.raises(ToolError, match="with itself"):
        tools["compare_images"](context, {"before": 1, "after": 1})
    with pytest.raises(ToolError, match="frame 5 is not among"):
        tools["compare_images"](context, {"before": 0, "after": 5})
    assert len(tools["compare_images"](context, {"before": 0, "after": 1}).anchors) == 1


@pytest.mark.parametrize(
    ("rgb", "name"),
    [((250, 250, 250), "white"), ((5, 5, 8), "black"), ((128, 128, 130), "gray"), ((220, 20, 20), "red"),
     ((240, 140, 20), "orange"), ((110, 65, 30), "brown"), ((240, 225, 50), "yellow"), ((40, 160, 60), "green"),
     ((40, 200, 210), "cyan"), ((40, 70, 210), "blue"), ((130, 50, 190), "purple"), ((250, 120, 190), "pink"),
     ((235, 215, 180), "beige")],
)  # fmt: skip
def test_colours_have_the_names_people_give_them(rgb: tuple[int, int, int], name: str) -> None:
    assert list(colours(np.full((50, 3), rgb, np.uint8))) == [name]


def test_equal_pixels_have_an_equal_tone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 3), dtype=np.uint8)
    assert tone(pixels, pixels).data() == {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}


@shared
@pytest.mark.shared
def test_the_word_that_was_replaced_is_found() -> None:
    stream = open_stream(f"{SAMPLES / 'step1x_edit'}#9")
    assert stream.events[0].text == "Replace 'TRAIN' with 'PLANE'"
    (change,) = tools["compare_images"](ToolContext(stream, (0.0, stream.duration)), {}).anchors
    assert change.box is not None
    assert overlap(change.box, (112, 1145, 800, 1288)) > 0.9  # measured by hand on the poster
    assert change.attrs["kind"] == "local"


@shared
@pytest.mark.shared
def test_a_change_of_style_is_of_the_whole_picture_and_one_of_clothes_is_not() -> None:
    style, clothes = (open_stream(f"{SAMPLES / 'step1x_edit'}#{k}") for k in (8, 7))
    whole = tools["compare_images"](ToolContext(style, (0.0, 1.0)), {})
    assert [a.attrs["kind"] for a in whole.anchors] == ["global"]
    worn = tools["compare_images"](ToolContext(clothes, (0.0, 1.0)), {}).anchors
    assert {a.attrs["kind"] for a in worn} == {"local"}
    assert "white" in worn[0].attrs["colour_before"]
    assert worn[0].attrs["colour_after"][:2] == ["black", "brown"]
