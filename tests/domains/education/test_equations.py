"""How a line of a derivation follows from the one before: only what exact arithmetic bears out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.education.equations import step_between, worked_out


@pytest.mark.parametrize(
    ("before", "after", "deed", "amount"),
    [
        ("2x + 3 = 11", "2x = 8", "subtract", "3"),
        ("2x = 8", "x = 4", "divide", "2"),
        ("x - 5 = 2", "x = 7", "add", "5"),
        ("3x + 2 = x + 8", "2x + 2 = 8", "subtract", "x"),
        ("0.5x = 4", "x = 8", "multiply", "2"),
    ],
)
def test_what_is_done_on_both_sides(before: str, after: str, deed: str, amount: str) -> None:
    step = step_between(before, after)
    assert step is not None
    assert (step.deed, step.amount) == (deed, amount)


@pytest.mark.parametrize(
    ("before", "after"),
    [("2x = 8", "2x = 9"), ("2x = 8", "y = 4"), ("x^2 = 4", "x = 2"), ("2x = 8", "x > 4"), ("2x = 8", "2x = 8")],
)
def test_what_does_not_follow_is_not_explained(before: str, after: str) -> None:
    assert step_between(before, after) is None


def test_arithmetic_that_a_line_works_out() -> None:
    step = worked_out("∠M = 180 - 104 = 76°")
    assert step is not None
    assert step.amount == "180 - 104"
    assert worked_out("180 - 104 = 75") is None
    assert worked_out("x = 4") is None
    assert worked_out("4/0 = 4") is None


@given(st.text(st.sampled_from("0123456789x+-×/=. °()"), max_size=24), st.text(max_size=24))
def test_any_text_can_be_given(before: str, after: str) -> None:
    step_between(before, after)
    worked_out(before)
