"""The `left_out` of a draft: the events that the intent does not need, by reason, each once."""

from __future__ import annotations

from collections.abc import Iterable

from dataclaw.types import Json

AT_ONCE, ENTRIES = 64, 16
"""Ids of one entry, and entries of one draft, as the schemas of this domain have it."""


def left_out(used: Iterable[str], **reasons: Iterable[str]) -> list[Json]:
    """Entries `{cite, reason}` without ids that are used or that an earlier reason has.

    Args:
        used: ids that the draft keeps.
        reasons: ids by reason, the strongest reason first.
    """
    seen = set(used)
    entries: list[Json] = []
    for reason, ids in reasons.items():
        fresh = [name for name in dict.fromkeys(ids) if name not in seen]
        seen.update(fresh)
        entries += [{"cite": fresh[at : at + AT_ONCE], "reason": reason} for at in range(0, len(fresh), AT_ONCE)]
    return entries[:ENTRIES]
