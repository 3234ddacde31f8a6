"""Near-duplicates: samples of one task that say almost the same, found by MinHash.

Words count in runs of three, with what was done in order; numbers count by their number of digits, so that the same
sentence about another second is the same sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from dataclaw.errors import MissingExtraError
from dataclaw.types import Json

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH  # pyright: ignore[reportMissingTypeStubs]

PERMUTATIONS = 64
RUN = 3
WIDEST = 0.9
"""Likeness from which pairs are looked for; the index knows no closer one. What it finds is measured."""
_WORD = re.compile(r"[^\W\d_]+|\d+|[\u4e00-\u9fff]")


def shingles(sample: Mapping[str, Json]) -> set[str]:
    """Runs of three words of what a sample is trained on: its question, answer and data."""
    own = "/question" in (sample.get("evidence") or {}) or not isinstance(sample.get("intent"), dict)
    asked = (
        sample.get("question") if own else sample["intent"].get("text")
    )  # a task's question is that of all its samples
    said = [asked, sample.get("answer"), sample.get("data")]
    words = [_plain(word) for word in _WORD.findall(json.dumps(said, ensure_ascii=False).lower())]
    return {" ".join(words[i : i + RUN]) for i in range(max(len(words) - RUN + 1, 1))}


def _plain(word: str) -> str:
    return "0" * len(word) if word.isdigit() else word


class NearDuplicates:
    """Remembers samples, and says which earlier one a sample is nearly the same as.

    Args:
        near: share of runs in common (Jaccard) from which two are nearly the same, 0..1.

    Raises:
        MissingExtraError: the library is not installed.
    """

    def __init__(self, near: float) -> None:
        try:
            import datasketch  # pyright: ignore[reportMissingTypeStubs]
        except ImportError:
            raise MissingExtraError(
                "Near-duplicates are found by datasketch, which is not installed.",
                remedy="Run: pip install 'dataclaw-tailor[corpus]'",
            ) from None
        self._kit = datasketch
        self._near = near
        self._tables: dict[str, MinHashLSH] = {}
        self._hashes: dict[str, MinHash] = {}

    def like(self, sample: Mapping[str, Json]) -> str | None:
        """Id of the most alike sample of the same task that was kept, or None."""
        table, known = self._tables.get(_task(sample)), self._hash(sample)
        if table is None:
            return None
        found = [(self._hashes[name].jaccard(known), name) for name in cast("list[str]", table.query(known))]
        best = max(found, default=(0.0, ""))
        return best[1] if best[0] >= self._near else None

    def add(self, sample: Mapping[str, Json]) -> None:
        """Remember a sample under its id."""
        task, name, known = _task(sample), str(sample["id"]), self._hash(sample)
        if task not in self._tables:
            self._tables[task] = self._kit.MinHashLSH(threshold=min(self._near, WIDEST), num_perm=PERMUTATIONS)
        self._tables[task].insert(name, known)
        self._hashes[name] = known

    def _hash(self, sample: Mapping[str, Json]) -> MinHash:
        made = self._kit.MinHash(num_perm=PERMUTATIONS)
        made.update_batch([run.encode() for run in sorted(shingles(sample))])
        return made


def _task(sample: Mapping[str, Json]) -> str:
    return f"{sample['domain']}.{sample['task']}"
