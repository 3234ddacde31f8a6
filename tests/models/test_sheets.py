"""Which pictures a conversation shows: all where they fit, sheets of them where not, none twice."""

from __future__ import annotations

from PIL import Image

from dataclaw.corpus.packs.frames import PackedFrames, Thumbnails
from dataclaw.models.image_tokens import PATCHES, ImageRule
from dataclaw.models.pictures import jpeg
from dataclaw.models.sheets import LEGIBLE, Sight
from dataclaw.types import Picture, Stream


def stream(frames: int, size: tuple[int, int] = (1280, 720)) -> Stream:
    thumbnails = Thumbnails(frozenset(range(frames)), lambda at: jpeg(Image.new("RGB", size, (at, 0, 0))), "pack#1")
    shown = PackedFrames([float(at) for at in range(frames)], size, thumbnails)
    return Stream("1" * 16, "gui", "s", "s", "test", float(frames), frames=shown)


def test_a_few_pictures_are_shown_one_by_one_under_their_names() -> None:
    sight = Sight(stream(3), ImageRule("area"), most=4000)
    images, said = sight.show([Picture(0), Picture(2), Picture(0), Picture(9)])
    assert [one.label for one in images] == ["f0", "f2"]
    assert said == "(not shown: f9; not available)"


def test_many_share_sheets_and_cost_no_more_than_they_may() -> None:
    sight = Sight(stream(60), PATCHES, most=3300)
    images, _ = sight.show([Picture(at) for at in range(60)])
    assert len(images) == 2
    assert sum(PATCHES.tokens(*one.image.size) for one in images) <= 3300
    assert images[0].label.startswith("a sheet of f0, f3, f7")
    assert images[1].label.endswith("f59")
    assert images[0].image.getpixel((200, 100))[0] < images[1].image.getpixel((200, 100))[0]  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


def test_nothing_is_shown_twice() -> None:
    sight = Sight(stream(4), ImageRule("area"))
    assert len(sight.show([Picture(0)])[0]) == 1
    assert sight.show([Picture(0), Picture(0, (10, 10, 300, 200))]) == ([], "")
    assert len(sight.show([Picture(1, (10, 10, 300, 200))])[0]) == 1
    assert len(sight.show([Picture(1)])[0]) == 1


def test_a_crop_of_a_frame_that_was_shown_small_is_shown() -> None:
    sight = Sight(stream(2), ImageRule("area"), side=512)
    sight.show([Picture(0)])
    assert len(sight.show([Picture(0, (10, 10, 300, 200))])[0]) == 1


def test_a_crop_of_a_few_pixels_is_enlarged() -> None:
    (one,), _ = Sight(stream(1), ImageRule("area")).show([Picture(0, (10, 10, 34, 22))])
    assert one.image.size == (LEGIBLE, LEGIBLE // 2)
