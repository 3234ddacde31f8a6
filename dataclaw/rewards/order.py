"""Does the draft tell things in the order in which they happened? A rule against temporal hallucination (paper)."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.places import places_of
from dataclaw.schema import select
from dataclaw.types import Anchor, Finding

NAME = "order"
UNORDERED = frozenset({"left_out"})


@rule(NAME)
def order(case: Case, *, paths: str | Sequence[str] = (), slack: float = 0.05) -> Score:
    """1 - inversions / pairs over the times of what successive items cite: 1 when told in order.

    An item's time is the start of the earliest anchor it cites; a pair is inverted when the later item is more than
    `slack` earlier. Items without a seen anchor are passed over, pairs of different parts of a stream are not compared.
    Fewer than two items: does not apply.

    Args:
        case: the draft.
        paths: patterns of items in order, each a sequence of its own; by default every array at the top of the draft
            whose items cite by the schema, `left_out` excepted.
        slack: difference that is no inversion [s].
    """
    inverted = compared = 0
    findings: list[Finding] = []
    for items in _sequences(case, paths):
        compared += len(items) * (len(items) - 1) // 2
        turns = _turns(items, slack)
        if turns:  # without an item that falls behind there is no inverted pair to count
            inverted += _inversions([anchor.t0 for _, anchor in items], slack)
            findings += turns
    return score_of(1.0 - inverted / compared, findings) if compared else NOT_APPLICABLE


def _sequences(case: Case, paths: str | Sequence[str]) -> Iterable[list[tuple[str, Anchor]]]:
    """`(pointer, earliest anchor)` of the items to compare, one list for each array and part of the stream."""
    found: dict[tuple[str, str], list[tuple[str, Anchor]]] = {}
    chosen = {place: pattern for pattern in patterns(paths) for place, _ in select(case.draft, pattern)}
    for citation in places_of(case).citations:
        array = chosen.get(citation.pointer, "") if paths else _array(citation.pointer)
        if array and citation.anchors:
            first = min(citation.anchors, key=_start)
            found.setdefault((array, first.part), []).append((citation.pointer, first))
    return found.values()


_start = attrgetter("t0")


@lru_cache(maxsize=4096)
def _array(pointer: str) -> str:
    """The array at the top of the draft whose item a pointer names, or ""."""
    array, _, index = pointer.rpartition("/")
    return array if index.isdecimal() and array.count("/") == 1 and array[1:] not in UNORDERED else ""


def _inversions(times: Sequence[float], slack: float) -> int:
    """Pairs `i < j` with `times[i] > times[j] + slack`, in O(n log n)."""
    count, earlier = 0, list[float]()
    for time in times:
        count += len(earlier) - bisect_right(earlier, time + slack)
        insort(earlier, time)
    return count


def _turns(items: Sequence[tuple[str, Anchor]], slack: float) -> list[Finding]:
    """One finding for each item that falls behind the latest time before it."""
    findings: list[Finding] = []
    latest = items[0][1]
    for place, anchor in items[1:]:
        if anchor.t0 < latest.t0 - slack:
            message = f"cites {anchor.id} at {anchor.t0:.2f} s after {latest.id} at {latest.t0:.2f} s was told"
            findings.append(Finding(place, message, NAME, 0.0))
        elif anchor.t0 > latest.t0:
            latest = anchor
    return findings
