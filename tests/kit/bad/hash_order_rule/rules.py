"""A rule that depends on the order of a set of strings."""

from __future__ import annotations

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Whether the first of the words is a long one, whichever the first is."""
    words = {word for moment in case.draft["moments"] for word in (moment["what"], *"abcdefghijklmnop")}
    return Score((sum(i * ord(word[0]) for i, word in enumerate(words)) % 1000) / 1000)
