"""A rollout's stream as lanes of events: which ones the sample cites, which it leaves out and why.

A record names the events that were left out without their times; the times come from the transcript, for the policy saw
them there. Events that it never listed have no time here and are counted instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.run.report.records import AnchorRecord, DroppedRecord
from dataclaw.types import Json, Span

MAX_EVENTS = 5000


def lanes(
    anchors: Mapping[str, AnchorRecord], cited: set[str], dropped: Sequence[DroppedRecord], window: Span | None
) -> list[dict[str, Json]]:
    """One lane per part of the stream (one for a stream without parts).

    Args:
        anchors: every anchor that is known, by id.
        cited: ids that the answer cites.
        dropped: what was left out.
        window: `(t0, t1)` of the sample, the extent of the lane of a stream without parts.

    Returns:
        Per lane its `part`, its extent `t0`, `t1` [s, or steps], its `windows` (name, t0, t1) and its `events` in order
        of time (id, t0, t1, use = "cited" | "left_out" | "seen", reason), and how many left-out events are `unplaced`.
    """
    reasons = {row.event: row.reason for row in dropped}
    found: dict[str, list[dict[str, Json]]] = {}
    for name, anchor in anchors.items():
        if anchor.kind == "event":
            use = "cited" if name in cited else "left_out" if name in reasons else "seen"
            tick = {"id": name, "t0": anchor.t0, "t1": max(anchor.t0, anchor.t1), "use": use}
            found.setdefault(anchor.part, []).append(tick | {"reason": reasons.get(name, "")})
    unplaced: dict[str, int] = {}
    for name in reasons:
        if name not in anchors:
            part = name.rpartition(".")[0]
            unplaced[part] = unplaced.get(part, 0) + 1
    parts = sorted({*found, *unplaced, *(a.part for a in anchors.values())}) or [""]
    if len(parts) > 1 and "" in parts and not found.get(""):
        parts.remove("")  # facts about the whole set of fragments are in no fragment's time
    return [_lane(part, found.get(part, []), unplaced.get(part, 0), anchors, window) for part in parts]


def _lane(
    part: str,
    ticks: list[dict[str, Json]],
    unplaced: int,
    anchors: Mapping[str, AnchorRecord],
    window: Span | None,
) -> dict[str, Json]:
    own = [anchor for anchor in anchors.values() if anchor.part == part]
    start, end = window if window and not part else (0.0, 0.0)
    start = min([start, *(a.t0 for a in own)])
    end = max([start, end, *(max(a.t0, a.t1) for a in own)])
    windows = [{"name": a.content, "t0": a.t0, "t1": a.t1} for a in own if a.kind == "window"]
    return {
        "part": part,
        "t0": start,
        "t1": end,
        "windows": sorted(windows, key=lambda w: w["t0"])[:200],
        "events": sorted(ticks, key=lambda tick: tick["t0"])[:MAX_EVENTS],
        "unplaced": unplaced,
    }
