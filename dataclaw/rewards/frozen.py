"""Frozen copies of what a rule judges: they read like the originals, and whoever changes one is told so.

A rule that sorts a draft's list or fills in a field would change the sample that is written. So rules that do not ship
with DataClaw judge a copy, each its own. Copies made of a frozen value (`list(x)`, `x[:]`, `dict(x)`, `deepcopy`) are
plain ones.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn, cast

from dataclaw.rewards.base import Case
from dataclaw.schema.walk import Derived
from dataclaw.types import Anchor, Event, Json


class FrozenValueError(TypeError):
    """A rule tried to change what it judges."""

    def __init__(self) -> None:
        super().__init__(
            "a rule must not change what it judges: work on a copy (list(x), dict(x), copy.deepcopy(x), sorted(x))"
        )


def _refuse(*_: object, **__: object) -> NoReturn:
    raise FrozenValueError


class FrozenDict(dict[str, Json]):
    """A dict that cannot be changed."""

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse

    def __deepcopy__(self, memo: dict[int, Json]) -> dict[str, Json]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (dict(self),)


class FrozenList(list[Json]):
    """A list that cannot be changed."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = extend = insert = pop = remove = clear = _refuse
    sort = reverse = _refuse

    def __deepcopy__(self, memo: dict[int, Json]) -> list[Json]:
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[object, ...]:
        return list, (list(self),)


def freeze(value: Json) -> Json:
    """A frozen copy of plain JSON; anything else is given back as it is."""
    kind = value.__class__
    if kind is dict or kind is FrozenDict:
        return FrozenDict({key: freeze(item) for key, item in cast("dict[str, Json]", value).items()})
    if kind is list or kind is FrozenList:
        return FrozenList([freeze(item) for item in cast("list[Json]", value)])
    return value


class _FrozenAnchors(Mapping[str, Anchor]):
    """Anchors, each frozen when it is looked at: a rule reads a few of thousands."""

    def __init__(self, anchors: Mapping[str, Anchor]) -> None:
        self._anchors = anchors
        self._made: dict[str, Anchor] = {}

    def __getitem__(self, name: str) -> Anchor:
        known = self._made.get(name)
        if known is None:
            anchor = self._anchors[name]
            known = self._made[name] = replace(anchor, attrs=freeze(dict(anchor.attrs))) if anchor.attrs else anchor
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._anchors)

    def __len__(self) -> int:
        return len(self._anchors)

    def __contains__(self, name: object) -> bool:
        return name in self._anchors


def frozen_case(case: Case) -> Case:
    """The case with nothing in it that a rule could change; what rules share (`memo`) starts anew."""
    return replace(
        case,
        draft=freeze(case.draft),
        schema=_frozen_schema(case.schema),
        anchors=_FrozenAnchors(case.anchors),
        there=_FrozenAnchors(case.there),
        events=_frozen_events(case.events),
        inputs=freeze(dict(case.inputs)) if case.inputs is not None else None,
        reference=freeze(case.reference),
    )


def _freeze_events(events: Sequence[Event]) -> Sequence[Event]:
    return tuple(replace(one, attrs=freeze(dict(one.attrs))) if one.attrs else one for one in events)


def _freeze_schema(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", freeze(dict(schema)))


_frozen_schema = Derived(_freeze_schema, size=8)
_frozen_events = Derived(_freeze_events, size=8)
