"""How pictures look, in the words that a prompt uses."""

from __future__ import annotations

import numpy as np
import pytest

from dataclaw.domains.aigc.tools import picture_look
from dataclaw.domains.aigc.wording import place, quote
from dataclaw.errors import ToolError
from dataclaw.planning import join_words
from tests.tools.screens import context, stream


def painted(*bands: tuple[int, int, int]) -> np.ndarray:
    """A picture of upright bands of equal width."""
    return np.repeat(np.array([bands], np.uint8).repeat(90, axis=0), 160 // len(bands), axis=1)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ([(5, 5, 5)], "very dark, low contrast; black 100%"),
        ([(250, 250, 250)], "very bright, low contrast; white 100%"),
        ([(200, 30, 30), (30, 30, 200)], "dark, low contrast; blue 50%, red 50%"),
        ([(0, 0, 0), (255, 255, 255)], "medium light, high contrast; black 50%, white 50%"),
    ],
)
def test_light_contrast_and_colours_are_named(bands: list[tuple[int, int, int]], words: str):
    (anchor,) = picture_look(context(stream([painted(*bands)], kind="video")), {"frames": [0]}).anchors
    assert anchor.kind == "look"
    assert anchor.content == words


def test_a_region_is_looked_at_alone():
    source = stream([painted((200, 30, 30), (30, 30, 200))], kind="video")
    (anchor,) = picture_look(context(source), {"frames": [0], "box": [0, 0, 80, 90]}).anchors
    assert anchor.box == (0.0, 0.0, 80.0, 90.0)
    assert [c["name"] for c in anchor.attrs["colours"]] == ["red"]


@pytest.mark.parametrize("args", [{"frames": [7]}, {"frames": []}, {"frames": [0], "box": [5, 5, 1, 1]}, {}])
def test_wrong_arguments_are_named(args: dict):
    with pytest.raises(ToolError):
        picture_look(context(stream([painted((1, 1, 1))], kind="video")), args)


@pytest.mark.parametrize(
    ("box", "where"),
    [
        ((0, 0, 30, 30), "in the upper left"),
        ((40, 40, 60, 60), "in the middle"),
        ((70, 40, 100, 60), "on the right"),
        ((40, 70, 60, 100), "in the lower part"),
        ((0, 0, 100, 90), "over most of the picture"),
        (None, "somewhere in the picture"),
    ],
)
def test_places_are_named(box: tuple[float, float, float, float] | None, where: str):
    assert place(box, (100, 100)) == where


def test_words_are_listed_and_quoted():
    assert [join_words(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert quote('say "yes"  now') == "\"say 'yes' now\""
    assert quote("a long sentence of words", 12) == '"a long"'
