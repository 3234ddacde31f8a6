"""Broken words of labels, mended by the other labels of the recording; rare words and plurals stay."""

import pytest

from dataclaw.domains.daily.labels import mend_labels

OTHERS = [
    "gather dirt in dust pan", "empty the dust pan", "soak waffle inside syrup", "dip waffle inside syrup",
    "turn the waffle", "turn the heat down", "rinse hands", "dry hands", "whisk batter with machine",
    "clean the machine", "stir batter",
]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "mended"),
    [
        ("sweep dirt into dust pa", "sweep dirt into dust pan"),
        ("Adds Waffleinside Syrup", "Adds waffle inside Syrup"),
        ("Trun the waffle", "turn the waffle"),
        ("switch on the manchine", "switch on the machine"),
        ("delivers food x", "delivers food"),
        ("pour batter into anotherr bowl", "pour batter into another bowl"),
        ("rinse hand", "rinse hand"),
        ("soak jalebi", "soak jalebi"),
        ("whisk batter", "whisk batter"),
    ],
)
def test_labels_are_mended_by_the_others(label: str, mended: str) -> None:
    assert mend_labels([*OTHERS, label])[-1] == mended
    assert mend_labels([*OTHERS, label])[:-1] == OTHERS


def test_a_word_that_nothing_shows_stays() -> None:
    assert mend_labels(["gather dirt in dust pa", "deliver x"]) == ["gather dirt in dust pa", "deliver x"]
