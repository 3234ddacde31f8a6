"""What belongs to a topic without its word: kept where a thought or the step around says so, refused otherwise."""

from typing import Any

import pytest

from dataclaw.domains.daily.rules import scope
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor

INTENT = "a tutorial of only the soup"


def told(number: int, text: str, **details: Any) -> Anchor:
    at = 5.0 * number
    attrs = {"verb": "narration", "text": text, "details": details}
    return Anchor(f"e{number}", "event", text, at, at + 3, attrs=attrs)


def score(*anchors: Anchor, cot: list[dict[str, Any]], kept: list[str]) -> float | None:
    draft = {"cot": cot, "answer": [{"cite": kept, "text": "Chop the onion."}], "left_out": []}
    known = {anchor.id: anchor for anchor in anchors}
    return scope.judge(Case("", draft, {}, known, window=(0.0, 60.0), intent=INTENT)).value


ONION, SOUP, TOWEL = told(0, "chop onion"), told(1, "boil soup"), told(2, "fold towel")


@pytest.mark.parametrize(
    ("text", "cites", "expected"),
    [
        ("The onion is chopped for the soup.", ["e0"], 1.0),
        ("The onion is chopped.", ["e0"], 0.5),
        ("The soup is boiled.", ["e1"], 0.5),
    ],
)
def test_a_thought_ties_what_it_cites_to_the_topic_that_it_names(text: str, cites: list[str], expected: float) -> None:
    cot = [{"cite": cites, "text": text}]
    assert score(ONION, SOUP, cot=cot, kept=["e0", "e1"]) == expected


def test_what_no_thought_names_stays_refused() -> None:
    cot = [{"cite": ["e0"], "text": "The onion is chopped for the soup."}]
    assert score(ONION, SOUP, TOWEL, cot=cot, kept=["e0", "e1", "e2"]) == pytest.approx(2 / 3)


def test_the_step_around_ties_its_parts() -> None:
    step, part = told(0, "make soup", level=1), told(1, "chop onion", level=2, parent=0)
    assert score(step, part, cot=[], kept=["e0", "e1"]) == 1.0
    other = told(2, "fold towel", level=2, parent=5)
    assert score(step, part, other, cot=[], kept=["e2"]) == 0.0


def test_a_tie_frees_no_narration_from_the_span() -> None:
    late = told(5, "chop onion")
    draft = {"cot": [{"cite": ["e5"], "text": "For the soup."}], "answer": [{"cite": ["e5"], "text": "Chop."}]}
    intent = "only the soup, the first 10 seconds"
    assert scope.judge(Case("", draft, {}, {"e5": late}, window=(0.0, 60.0), intent=intent)).value == 0.0
