"""Required fields that no rule judges: their values are changed to other valid ones, and no score moves.

A model fills such a field with whatever comes first, and nobody notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from dataclaw.kit.attacks import EMPTY_WORDS
from dataclaw.kit.foreign_words import pattern_of
from dataclaw.rewards import Verdict
from dataclaw.schema import is_valid, join
from dataclaw.schema.draft import CITE
from dataclaw.schema.narrow import property_schema
from dataclaw.schema.walk import item_schema, views
from dataclaw.types import Anchor, Json

REMEDY = "Support it by evidence (x-support), write a rule that judges it, or drop the field."


@dataclass(frozen=True, slots=True)
class Leaf:
    """A required value of a draft.

    Attributes:
        place: its pointer.
        value: what stands there.
        options: what the schema lets be chosen, () where it names nothing.
    """

    place: str
    value: Json
    options: tuple[Json, ...] = ()


def required_leaves(draft: Json, schema: Mapping[str, Json]) -> dict[str, list[Leaf]]:
    """Every required value of a draft but citations and null, by the pattern of its place."""
    found: dict[str, list[Leaf]] = {}
    for leaf in _leaves(draft, schema, schema, ""):
        found.setdefault(pattern_of(leaf.place), []).append(leaf)
    return found


def _leaves(value: Json, node: Json, root: Mapping[str, Json], place: str) -> Iterator[Leaf]:
    seen = views(node, root)
    if isinstance(value, dict):
        required = {key for view in seen for key in cast("list[str]", view.get("required", []))}
        for key, item in cast("dict[str, Json]", value).items():
            if key in required and key != CITE:
                yield from _leaves(item, property_schema(key, seen), root, join(place, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Json]", value)):
            inner = next((s for view in seen if (s := item_schema(view, index)) is not None), None)
            yield from _leaves(item, inner, root, f"{place}/{index}")
    elif value is not None:
        options = next((tuple(cast("list[Json]", view["enum"])) for view in seen if "enum" in view), ())
        yield Leaf(place, value, options)


def changed_drafts(
    draft: Json, schema: Mapping[str, Json], leaves: Sequence[Leaf], anchors: Mapping[str, Anchor]
) -> Iterator[Json]:
    """The draft with the values of one pattern changed to other valid ones, in several ways."""
    for way in range(max([_WAYS, *(len(leaf.options) for leaf in leaves)])):
        changes = {leaf.place: _other(leaf, way, anchors) for leaf in leaves}
        changed = _with_values(draft, changes, "")
        if changed != draft and is_valid(changed, schema):
            yield changed
            continue
        for leaf in leaves[:3]:  # values that must differ from each other, or lie in some range
            one = _with_values(draft, {leaf.place: changes[leaf.place]}, "")
            if one != draft and is_valid(one, schema):
                yield one
                break


_WAYS = 4


def _other(leaf: Leaf, way: int, anchors: Mapping[str, Anchor]) -> Json:
    value = leaf.value
    if leaf.options:
        others = [option for option in leaf.options if option != value]
        return others[way % len(others)] if others else value
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return (value + 1, value - 1, value + 7, 0)[way % _WAYS]
    if isinstance(value, float):
        return (value * 1.5 + 1.0, value / 2.0, value + 0.5, 0.0)[way % _WAYS]
    if isinstance(value, str):
        said = [anchor.content for anchor in anchors.values() if anchor.content not in value]
        return (EMPTY_WORDS, said[-1] if said else "other", "something else", value[: len(value) // 2] or "other")[
            way % _WAYS
        ]
    return value


def _with_values(value: Json, changes: Mapping[str, Json], place: str) -> Json:
    if isinstance(value, dict):
        return {k: _with_values(item, changes, join(place, k)) for k, item in cast("dict[str, Json]", value).items()}
    if isinstance(value, list):
        return [_with_values(item, changes, f"{place}/{at}") for at, item in enumerate(cast("list[Json]", value))]
    return changes.get(place, value)


def differ(one: Verdict, other: Verdict) -> bool:
    """Whether any rule says something else of one draft than of the other."""
    scores = [{name: score.value for name, score in verdict.scores.items()} for verdict in (one, other)]
    return scores[0] != scores[1] or one.held != other.held


@dataclass
class FieldsTried:
    """Which required fields of a task some rule judges, over all its fixtures.

    Attributes:
        tried: patterns of the fields that were changed.
        judged: those where a score moved.
    """

    tried: dict[str, None] = field(default_factory=dict[str, None])
    judged: set[str] = field(default_factory=set[str])

    def note(self, pattern: str, moved: Iterable[bool]) -> None:
        """Note what became of a field: of each draft with another value there, whether a score moved."""
        for has_moved in moved:
            self.tried[pattern] = None
            if has_moved:
                self.judged.add(pattern)
                return

    def left(self) -> list[str]:
        """The patterns that were changed and moved nothing."""
        return [pattern for pattern in self.tried if pattern not in self.judged]
