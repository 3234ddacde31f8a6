"""Two runs side by side: what they accepted, what each rule said, and where their samples differ.

Samples belong together when they have the same id (stream, task and window), and where a task was named otherwise, when
stream and window are the same. Items of a list are matched by what they say, so that one more step at the beginning
does not make all others differ.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.records import RejectionRecord, SampleRecord
from dataclaw.types import Json

ChangeKind = Literal["changed", "added", "removed"]
SHOWN = ("question", "answer", "answer_parts", "data", "cot")
"""Parts of a sample that are compared; an answer in parts is compared by its parts."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One place where two samples differ.

    Attributes:
        path: where, with `*` for the position in a list.
        kind: "changed", or there only in the second ("added") or in the first run ("removed").
        before: what the first says, None when added.
        after: what the second says, None when removed.
    """

    path: str
    kind: ChangeKind
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class SamplePair:
    """The samples of two runs that belong together.

    Attributes:
        id: id of the sample in the second run.
        first: its id in the first run.
        name: name of the stream.
        before: reward in the first run.
        after: reward in the second run.
        changes: where they differ.
    """

    id: str
    first: str
    name: str
    before: float | None
    after: float | None
    changes: tuple[FieldChange, ...]


@dataclass(slots=True)
class RunDiff:
    """What two runs have in common and what not.

    Attributes:
        pairs: samples that both have.
        accepted: streams that became a sample only in the second run, with the reason of the first.
        rejected: streams that were a sample only in the first run, with the reason of the second.
        only_a: samples of streams that the second run has not at all.
        only_b: samples of streams that the first run has not at all.
        rules: `(mean in the first, mean in the second, samples)` of each rule over the pairs that have it in both.
    """

    pairs: list[SamplePair] = field(default_factory=list[SamplePair])
    accepted: dict[str, str] = field(default_factory=dict[str, str])
    rejected: dict[str, str] = field(default_factory=dict[str, str])
    only_a: list[str] = field(default_factory=list[str])
    only_b: list[str] = field(default_factory=list[str])
    rules: dict[str, tuple[float, float, int]] = field(default_factory=dict[str, tuple[float, float, int]])

    def fields(self) -> dict[str, Counter[ChangeKind]]:
        """How often each field was changed, added or removed, the most frequent first."""
        found: dict[str, Counter[ChangeKind]] = {}
        for pair in self.pairs:
            for change in pair.changes:
                found.setdefault(change.path, Counter())[change.kind] += 1
        return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0])))

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        pairs = [
            {"id": p.id, "name": p.name, "before": p.before, "after": p.after, "changes": len(p.changes)}
            for p in self.pairs
        ]
        rules = {name: {"before": a, "after": b, "samples": n} for name, (a, b, n) in self.rules.items()}
        moved = {"accepted": self.accepted, "rejected": self.rejected, "only_a": self.only_a, "only_b": self.only_b}
        return {"pairs": pairs, "rules": rules, "fields": {k: dict(v) for k, v in self.fields().items()}, **moved}


def compare(a: Path, b: Path) -> RunDiff:
    """Compare the runs in two folders.

    Raises:
        UsageError: one holds no finished run, or a record in it is broken; the line is named.
    """
    first, second = _samples(a), _samples(b)
    found = RunDiff()
    partners = _partners(first, second)
    for key, other in partners.items():
        one, two = first[key], second[other]
        changes = tuple(_changes(one, two))
        found.pairs.append(SamplePair(other, key, two.stream.name, one.verdict.total, two.verdict.total, changes))
    found.rules = _rules([(first[key], second[other]) for key, other in partners.items()])
    why_a, why_b = _reasons(a), _reasons(b)
    for key in second.keys() - set(partners.values()):
        name, why = second[key].stream.name, why_a.get(second[key].stream.id or "")
        _note(found.accepted, found.only_b, key, name, why)
    for key in first.keys() - partners.keys():
        name, why = first[key].stream.name, why_b.get(first[key].stream.id or "")
        _note(found.rejected, found.only_a, key, name, why)
    found.only_a.sort()
    found.only_b.sort()
    return found


def _note(moved: dict[str, str], only: list[str], key: str, name: str, why: str | None) -> None:
    if why is None:
        only.append(key)
    else:
        moved[key] = f"{name}: {why}"


def _samples(out: Path) -> dict[str, SampleRecord]:
    return {sample.id: sample for sample in RunFolder(out).rows("samples", SampleRecord)}


def _reasons(out: Path) -> dict[str, str]:
    """Why a stream was rejected, by the stream's id."""
    return {row.stream.id: row.reason for row in RunFolder(out).rows("rejected", RejectionRecord) if row.stream.id}


def _partners(first: Mapping[str, SampleRecord], second: Mapping[str, SampleRecord]) -> dict[str, str]:
    """Id in the second run by id in the first, in the order of the first."""
    pairs = {key: key for key in first if key in second}
    free = {_place(row): key for key, row in second.items() if key not in pairs}
    for key, row in first.items():
        if key not in pairs and (other := free.pop(_place(row), None)):
            pairs[key] = other
    return pairs


def _place(row: SampleRecord) -> tuple[str | None, str, str, tuple[float, float] | None]:
    return row.stream.id, row.domain, row.task, row.stream.window


def _rules(pairs: Sequence[tuple[SampleRecord, SampleRecord]]) -> dict[str, tuple[float, float, int]]:
    names = dict.fromkeys(name for one, _ in pairs for name in one.verdict.scores)
    found: dict[str, tuple[float, float, int]] = {}
    for name in names:
        both = [(one.verdict.scores.get(name), two.verdict.scores.get(name)) for one, two in pairs]
        known = [(x, y) for x, y in both if x is not None and y is not None]
        if known:
            count = len(known)
            found[name] = (sum(x for x, _ in known) / count, sum(y for _, y in known) / count, count)
    return found


def _changes(one: SampleRecord, two: SampleRecord) -> Iterator[FieldChange]:
    for name in SHOWN:
        if name == "answer" and (one.answer_parts or two.answer_parts):
            continue
        yield from differences(getattr(one, name), getattr(two, name), f"/{name}")


def differences(one: Json, two: Json, path: str) -> Iterator[FieldChange]:
    """Where two JSON values differ, leaf by leaf; items of lists are matched by what they say.

    Args:
        one: the first value.
        two: the second value.
        path: pointer of both.
    """
    if one == two:
        return
    if isinstance(one, dict) and isinstance(two, dict):
        left, right = cast("dict[str, Json]", one), cast("dict[str, Json]", two)
        for key in dict.fromkeys([*left, *right]):
            place = f"{path}/{key}"
            if key in left and key in right:
                yield from differences(left[key], right[key], place)
            else:
                yield FieldChange(place, "removed" if key in left else "added", left.get(key), right.get(key))
    elif _is_list(one) and _is_list(two):
        yield from _in_lists(cast("list[Json]", one), cast("list[Json]", two), f"{path}/*")
    else:
        kind: ChangeKind = "added" if one is None else "removed" if two is None else "changed"
        yield FieldChange(path, kind, one, two)


def _is_list(value: Json) -> bool:
    """Whether it is a list of things; one of numbers (a point, a box) is one value."""
    return isinstance(value, list) and not all(isinstance(v, int | float) for v in cast("list[Json]", value))


def _in_lists(one: Sequence[Json], two: Sequence[Json], path: str) -> Iterator[FieldChange]:
    left, right = [_canonical(v) for v in one], [_canonical(v) for v in two]
    for tag, i0, i1, j0, j1 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        shared = min(i1 - i0, j1 - j0)
        for k in range(shared):
            yield from differences(one[i0 + k], two[j0 + k], path)
        yield from (FieldChange(path, "removed", value, None) for value in one[i0 + shared : i1])
        yield from (FieldChange(path, "added", None, value) for value in two[j0 + shared : j1])


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
