"""What is held back, masked and thinned, without a screen."""

from __future__ import annotations

import pytest

from dataclaw.record.inbox import MASK, Focus, Inbox, Input


def key(t: float, name: str, action: str = "press") -> Input:
    return Input(t, action, {"name": name, "pynput_key": name}, typed=action == "press" and len(name) == 1)


def taken(inbox: Inbox) -> str:
    return " ".join(row["name"] for row in inbox.take(float("inf")))


@pytest.mark.parametrize(
    ("keys", "told", "kept"),
    [
        ([(0.0, "a"), (0.2, "b")], [], "a b"),
        ([(0.0, "a"), (0.1, "tab"), (0.2, "s")], [(0.3, True)], f"a tab {MASK}"),  # told late: `s` went to the new one
        ([(0.0, "a"), (0.2, "s")], [(0.3, True)], f"{MASK} {MASK}"),  # it came by itself: better too much
        ([(0.1, "s"), (0.2, "shift"), (0.2, "T")], [(0.3, True)], f"{MASK} shift {MASK}"),  # shift moves no focus
        ([(0.1, "s"), (0.2, "tab"), (0.4, "b")], [(0.0, True), (0.3, False)], f"{MASK} tab b"),
        ([(0.1, "s"), (0.2, "backspace")], [(0.0, True)], f"{MASK} backspace"),
        ([(0.0, "a"), (1.0, "tab")], [(1.1, True)], "a tab"),
    ],
)
def test_what_goes_to_a_password_field_is_masked(
    keys: list[tuple[float, str]], told: list[tuple[float, bool]], kept: str
):
    focus = Focus()
    for t, secret in told:
        focus.tell(t, secret)
    inbox = Inbox(focus, mask_keys=False)
    for t, name in keys:
        inbox.put(key(t, name))
    assert taken(inbox) == kept


def test_a_masked_key_is_masked_when_it_goes_up_again_and_shift_went_up_before_it():
    inbox = Inbox(Focus(), mask_keys=True)
    for one in (key(0.0, "shift"), key(0.1, "A"), key(0.2, "shift", "release"), key(0.3, "a", "release")):
        inbox.put(one)
    inbox.put(key(0.4, "b"))
    inbox.put(key(0.5, "b", "release"))
    assert taken(inbox) == f"shift {MASK} shift {MASK} {MASK}"


def test_a_key_that_was_down_before_the_recording_began_does_not_go_up_in_it():
    inbox = Inbox(Focus(), mask_keys=False)
    inbox.put(key(0.0, "enter", "release"))
    assert taken(inbox) == ""


def test_moves_are_thinned_and_where_the_pointer_rests_is_kept():
    inbox = Inbox(Focus(), mask_keys=False)
    for k in range(100):
        inbox.put(Input(k / 100, "move", {"x": k, "y": 0}))
    inbox.put(Input(3.0, "click", {"x": 99, "y": 0, "button": "left", "pressed": True}))
    *moves, click = [row["x"] for row in inbox.take(10.0)]
    assert (moves[0], moves[-1], click) == (0, 99, 99)
    assert 15 < len(moves) < 30


def test_input_is_held_back_until_its_time_and_given_out_in_order():
    inbox = Inbox(Focus(), mask_keys=False)
    for t, name in ((2.0, "c"), (1.0, "b"), (0.5, "a")):
        inbox.put(key(t, name))
    assert [row["name"] for row in inbox.take(1.0)] == ["a", "b"]
    inbox.forget_keys()
    assert taken(inbox) == ""
