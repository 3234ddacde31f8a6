"""Is all told that the stream holds, whatever a policy looked at: each thing of some kinds, or as far as it goes?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.rewards.asking import restricts
from dataclaw.rewards.base import (
    AT_ONCE,
    NOT_APPLICABLE,
    Case,
    Score,
    nothing_to_judge,
    patterns,
    reach_of,
    rule,
    score_of,
)
from dataclaw.schema import cited_ids, select
from dataclaw.types import Anchor, Finding, Json


@rule("complete")
def complete(
    case: Case,
    *,
    kinds: str | Sequence[str],
    paths: str | Sequence[str],
    having: str | Sequence[str] = (),
    where: Mapping[str, Json] | None = None,
    most: int = 0,
) -> Score:
    """Share of the things of some kinds, by the verifier's own look, that the draft tells once, and nothing else.

    Things are what the stream holds by `look` of the manifest, else its logged events: what a policy looked at changes
    nothing. One is told where an item cites it. What items cite of the same kinds, and is none of them, counts like one
    that is not told; so does a thing that a policy measured in another way beside the thing itself. What lies where the
    look found nothing counts neither way. A stream without any such thing has 0.

    Args:
        case: the draft.
        kinds: kinds of anchors ("change", "motion", "event"), or verbs of events ("click", "cue").
        paths: patterns of the items that cite the things ("/moments/*").
        having: attributes of which at least one says something (["text", "target"]).
        where: attributes with the value that they must have, or a list of such values.
        most: how many things must be told, the first in order of time; others may be. 0: all.
    """
    wanted = _Wanted(frozenset(patterns(kinds)), tuple(patterns(having)), where or {})
    things = sorted((a for a in case.there.values() if wanted.has(a)), key=lambda a: (a.t0, a.t1))
    if not things:
        return nothing_to_judge("complete")
    told: dict[str, list[str]] = {}
    for path in patterns(paths):
        for place, item in select(case.draft, path):
            for name in cited_ids(item):
                told.setdefault(name, []).append(place)
    must = {thing.id for thing in things[: most or None]}
    times = {thing.id: len(told.get(thing.id, ())) for thing in things}
    wrong = {name: f"is cited {n} times" for name, n in times.items() if n > 1 or (n < 1 and name in must)}
    strange = _too_many(case, wanted, things, told)
    outer = patterns(paths)[-1].partition("/*")[0]
    findings = [Finding(outer, f"{_describe(case.there[n], case)} {why}", "complete", 0.0) for n, why in wrong.items()]
    findings += [Finding(told[name][-1], f"{name} {why}", "complete", 0.0) for name, why in strange.items()]
    return score_of(1.0 - len(findings) / len({*must, *wrong, *strange}), findings)


@rule("reaches")
def reaches(case: Case) -> Score:
    """How far into the stream the draft goes: the share of what is there that begins before what it cites last ends.

    What it leaves out by name counts as looked at. What is there is the verifier's own look, else the logged events;
    parts of a stream do not count. Does not apply where nothing is there, or to a request that keeps a part.
    """
    share = None if restricts(case.intent) else reach_of(case)
    if share is None:
        return NOT_APPLICABLE
    message = f"it ends after {share:.0%} of what the stream holds, and says nothing of the rest"
    return score_of(share, [Finding("", message, "reaches", share)] if share < 1.0 else [])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which anchors are meant; see the rule's arguments."""

    kinds: frozenset[str]
    having: Sequence[str]
    where: Mapping[str, Json]

    def has(self, anchor: Anchor) -> bool:
        """Whether an anchor is one of them."""
        verb = anchor.attrs.get("verb") if anchor.kind == "event" else None
        kind = anchor.kind in self.kinds or verb in self.kinds
        says = not self.having or any(anchor.attrs.get(name) for name in self.having)
        return kind and says and all(_is_one_of(anchor.attrs.get(key), value) for key, value in self.where.items())


def _is_one_of(value: Json, wanted: Json) -> bool:
    return value in cast("list[Json]", wanted) if isinstance(wanted, list) else value == wanted


def _too_many(
    case: Case, wanted: _Wanted, things: Sequence[Anchor], told: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """What items cite of the things' kinds and should not, with why: once too often, or nothing that was found."""
    known, kinds = {thing.id for thing in things}, wanted.kinds | {thing.kind for thing in things}
    found: dict[str, str] = {}
    for name, places in told.items():
        anchor = case.anchors.get(name)
        if anchor is None or name in known or anchor.kind not in kinds:
            continue
        twin = next((thing for thing in things if _is_same_place(thing, anchor)), None)
        if not wanted.has(anchor):
            found[name] = f"({anchor.content[:60]}) is none of what is to be told"
        elif twin:
            found[name] = f"is {_describe(twin, case)} again, measured in another way"
        elif len(places) > 1:
            found[name] = f"is cited {len(places)} times"
    return found


def _is_same_place(one: Anchor, other: Anchor) -> bool:
    if one.part != other.part or min(one.t1, other.t1) - max(one.t0, other.t0) < -AT_ONCE:
        return False
    instants = max(one.t1 - one.t0, other.t1 - other.t0) <= AT_ONCE
    if not instants and min(one.t1, other.t1) - max(one.t0, other.t0) <= AT_ONCE:
        return False  # one ends where the other begins
    a, b = one.box, other.box
    return a is None or b is None or (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def _describe(thing: Anchor, case: Case) -> str:
    """A thing in words; one that the rollout never looked at by what it is and when."""
    kind = str(thing.attrs.get("verb") or thing.kind)
    if thing.id in case.anchors:
        return f"{thing.id} ({kind} at {thing.t0:.2f})"
    return f"a {kind} at {thing.t0:.2f} that was not looked at ({thing.content[:60]})"
