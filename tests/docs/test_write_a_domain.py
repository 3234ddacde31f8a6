"""A reader follows `docs/write-a-domain.md` word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import follow_page, run_tests
from tests.docs.pages import blocks

PAGE = "docs/write-a-domain.md"


@pytest.mark.timeout(300)
def test_following_the_page_word_for_word_works(place: Path) -> None:
    follow_page(PAGE, place)
    samples = (place / "out" / "samples.jsonl").read_text(encoding="utf-8")
    assert samples.count("\n") == 1
    run_tests("shortcuts", place)


def test_the_page_says_every_step() -> None:
    said = [block.text for block in blocks(PAGE) if block.language == "console"]
    for command in ("domain new", "domain check", "domain test", "domain show", "dataclaw run"):
        assert any(command in text for text in said)
