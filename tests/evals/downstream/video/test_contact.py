"""Contact AP against a case that is worked out by hand, and the hands that mediapipe finds in real clips."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import MissingExtraError
from dataclaw.evals.downstream.video.contact import MediapipeHands, SeenHand, average_precision, contact_ap
from dataclaw.streams import open_stream

SHARED = Path(__file__).parents[4].parent / "shared" / "data" / "daily"
LEFT, RIGHT = (0, 0, 99, 99), (200, 200, 299, 299)
BESIDE, BELOW = (100, 0, 199, 99), (0, 100, 99, 199)
TRUTH = [
    SeenHand("a", LEFT, "left", "portable", BESIDE),
    SeenHand("a", RIGHT, "right", "none"),
    SeenHand("b", LEFT, "right", "stationary", BELOW),
]
FOUND = [
    SeenHand("b", (150, 150, 199, 199), "right", "none", score=0.5),  # no hand is there
    SeenHand("a", LEFT, "left", "portable", BESIDE, 0.9),  # right in all
    SeenHand("a", RIGHT, "right", "portable", score=0.6),  # the state is wrong
    SeenHand("b", LEFT, "left", "stationary", (0, 160, 99, 259), 0.8),  # side and object (IoU 39/159) are wrong
    SeenHand("a", (0, 0, 99, 89), "left", "portable", BESIDE, 0.7),  # the first hand once more
]
"""By falling score: a whole hit, a hand with another side and object, a second find, another state, nothing."""


def test_a_case_by_hand_at_eleven_recalls():
    # hand: hit hit - hit -: recall 1/3 2/3 2/3 1 1, precision 1 1 2/3 3/4 3/5: 7 recalls up to 0.6 at 1, 4 at 3/4
    # side, object: hit - - hit -: 4 recalls up to 0.3 at 1, 3 up to 0.6 at 1/2, 4 at 0
    # state: hit hit - - -: 7 at 1, 4 at 0; state and object, all: hit - - - -: 4 at 1, 7 at 0
    assert contact_ap(TRUTH, FOUND) == {
        "hand": pytest.approx(10 / 11),
        "hand+side": pytest.approx(5.5 / 11),
        "hand+state": pytest.approx(7 / 11),
        "hand+object": pytest.approx(5.5 / 11),
        "hand+state+object": pytest.approx(4 / 11),
        "all": pytest.approx(4 / 11),
    }


def test_the_same_case_as_the_area_under_the_curve():
    # hand: 2/3 at 1 and 1/3 at 3/4; side: 1/3 at 1 and 1/3 at 1/2
    areas = contact_ap(TRUTH, FOUND, points=None)
    assert areas["hand"] == pytest.approx(2 / 3 + 1 / 4)
    assert areas["hand+side"] == pytest.approx(1 / 3 + 1 / 6)
    assert areas["all"] == pytest.approx(1 / 3)


def test_what_a_detector_cannot_know_is_not_scored():
    # it says of no hand that it touches something, and would be right by chance about one that does not
    assert average_precision(TRUTH, [SeenHand("a", RIGHT, "right", score=1)], ("object",)) > 0  # pyright: ignore
    found = contact_ap(TRUTH, FOUND, known=("side",))
    assert [name for name, value in found.items() if value is not None] == ["hand", "hand+side"]


def test_all_true_hands_give_one_and_none_give_nothing():
    assert set(contact_ap(TRUTH, TRUTH).values()) == {1.0}
    assert set(contact_ap(TRUTH, []).values()) == {0.0}
    assert set(contact_ap([], FOUND).values()) == {None}


def test_boxes_must_overlap_by_more_than_half_counting_pixels():
    half = SeenHand("a", (0, 0, 99, 49), "left")  # 5,000 of 10,000 pixels
    more = SeenHand("a", (0, 0, 99, 50), "left")
    assert average_precision(TRUTH[:1], [half], ()) == 0
    assert average_precision(TRUTH[:1], [more], ()) == 1


def test_a_difficult_hand_is_neither_wanted_nor_held_against_the_detector():
    truth = [replace(TRUTH[0], difficult=True), *TRUTH[1:]]
    assert average_precision(truth, [replace(hand, score=1 - n / 10) for n, hand in enumerate(TRUTH)], ()) == 1


def test_hands_without_mediapipe_say_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(MissingExtraError, match=r"dataclaw-tailor\[hands\]"):
        MediapipeHands()


@pytest.mark.shared
def test_hands_are_found_where_a_person_sees_them():
    pytest.importorskip("mediapipe")
    if not SHARED.is_dir():
        pytest.skip("the sample data are not beside the checkout")
    (clip,) = (SHARED / "mixkit_kitchen").glob("*loaf*.gif")
    stream = open_stream(clip)
    assert stream.frames
    with closing(MediapipeHands()) as detector:
        found = [detector(picture, str(n)) for n, picture in enumerate(stream.frames.read(range(0, 40, 8)))]
    both = [sorted(hands, key=lambda hand: hand.box) for hands in found if len(hands) == 2]
    assert len(both) >= 2, "both hands of the cook are in every picture"
    assert {(first.side, second.side) for first, second in both} == {("right", "left")}, "he faces the camera"
    width, height = stream.frames.size
    for hand in (hand for hands in found for hand in hands):
        x0, y0, x1, y1 = hand.box
        assert 0 <= x0 < x1 < width
        assert 0 <= y0 < y1 < height
        assert (hand.state, hand.object) == (None, None)
