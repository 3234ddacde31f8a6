"""How alike two texts are, without a network: by a sentence model that installs with one package, or by their letters.

Every similarity has a name that says all that decides its numbers; results carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from dataclaw.errors import UsageError
from dataclaw.evals.metrics import Similarity
from dataclaw.plugins import did_you_mean
from dataclaw.rewards.similarity import alike


class Fuzzy:
    """Likeness by letters: `max(0, 2 r - 1)`, r = 1 - edits / characters. Quick, blind to meaning."""

    def __init__(self) -> None:
        self.name = f"fuzzy (rapidfuzz {version('rapidfuzz')})"

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Likeness of each pair."""
        return [alike(a, b) for a, b in pairs]


def find_similarity(name: str) -> Similarity:
    """The similarity of that name.

    Raises:
        UsageError: there is none.
    """
    known = {"fuzzy": Fuzzy}
    if name not in known:
        raise UsageError(f"no similarity {name!r}.", place="--similarity", remedy=did_you_mean(name, known))
    return known[name]()
