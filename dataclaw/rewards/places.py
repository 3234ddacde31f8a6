"""Where a draft cites, refers and states: its schema compiled into what the rules have to visit.

Reading `cite`, `x-ref` and `x-support` off the schema each time would cost more than all rules together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from dataclaw.rewards.base import Case
from dataclaw.schema import join
from dataclaw.schema.draft import CITE
from dataclaw.schema.narrow import key_order
from dataclaw.schema.walk import Derived, views
from dataclaw.types import Anchor, Json

REFS = frozenset({"frame", "time", "label"})


@dataclass(slots=True)
class Citation:
    """A `cite` of a draft, or an object that should have one.

    Attributes:
        pointer: the object that cites.
        raw: what stands in its `cite`, None when it is absent.
        anchors: the anchors among it that were seen, each once.
    """

    pointer: str
    raw: Json
    anchors: tuple[Anchor, ...]


Value: TypeAlias = tuple[str, Json, str, tuple[str, ...], Citation | None]
"""A value whose schema has `x-ref` or `x-support`: `(pointer, value, x-ref or "", x-support kinds, nearest cite)`.

A plain tuple: a draft has a hundred of them, and making them was half the cost of finding them.
"""


@dataclass(slots=True)
class _Spot:
    """What there is to visit at one place of the schema."""

    ref: str = ""
    support: tuple[str, ...] = ()
    cites: bool = False
    fields: list[tuple[str, str, _Spot]] = field(default_factory=list["tuple[str, str, _Spot]"])
    prefix: list[_Spot] = field(default_factory=list["_Spot"])
    items: _Spot | None = None
    done: bool = False
    leaf: bool = False
    below: frozenset[str] = REFS

    def matters(self) -> bool:
        """Whether a walk has anything to find here; a place still being compiled (recursion) may."""
        return bool(not self.done or self.ref or self.support or self.cites or self.fields or self.prefix or self.items)


@dataclass(slots=True)
class Places:
    """What a draft cites and states, in the order the schema writes it (so the draft's own key order is no matter)."""

    anchors: Mapping[str, Anchor]
    citations: list[Citation] = field(default_factory=list[Citation])
    values: list[Value] = field(default_factory=list[Value])

    def visit(self, spot: _Spot, value: Json, pointer: str, citation: Citation | None) -> None:
        """Collect everything at and below one place."""
        if isinstance(value, dict):
            entries = cast("dict[str, Json]", value)
            if spot.cites:
                citation = self.cite(entries.get(CITE), pointer)
            for key, token, child in spot.fields:
                if key in entries:
                    if child.leaf:
                        self.values.append((pointer + token, entries[key], child.ref, child.support, citation))
                    else:
                        self.visit(child, entries[key], pointer + token, citation)
        elif isinstance(value, list) and (spot.items or spot.prefix):
            items = cast("list[Json]", value)
            for index, item in enumerate(items):
                child = spot.prefix[index] if index < len(spot.prefix) else spot.items
                if child is not None:
                    self.visit(child, item, f"{pointer}/{index}", citation)
        if spot.ref or spot.support:
            self.values.append((pointer, cast("Json", value), spot.ref, spot.support, citation))

    def cite(self, raw: Json, pointer: str) -> Citation:
        """Note one `cite`."""
        ids = cast("list[Json]", raw) if isinstance(raw, list) else []
        seen = self.anchors
        known = {i: seen[i] for i in ids if i.__class__ is str and i in seen}
        citation = Citation(pointer, raw, tuple(known.values()))
        self.citations.append(citation)
        return citation


def places_of(case: Case) -> Places:
    """Everything that a case's draft cites and states by its schema; found once, shared by the rules."""
    if "stated" not in case.memo:
        places = case.memo["stated"] = Places(case.anchors)
        places.visit(_compiled(case.shape), case.draft, "", None)
    return case.memo["stated"]


def values_with_ref(draft: Json, case: Case, ref: str) -> list[Json]:
    """The values with one `x-ref` in a case's draft or reference, in the order the schema writes them."""
    if draft is case.draft:
        return [value for _, value, kind, _, _ in places_of(case).values if kind == ref]
    found: list[Json] = []
    _collect(_compiled(case.shape), draft, ref, found)
    return found


def _collect(spot: _Spot, value: Json, ref: str, found: list[Json]) -> None:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value)
        for key, _, child in spot.fields:
            if ref in child.below and key in entries:
                _collect(child, entries[key], ref, found)
    elif isinstance(value, list) and ref in spot.below:
        items = cast("list[Json]", value)
        for index, item in enumerate(items):
            child = spot.prefix[index] if index < len(spot.prefix) else spot.items
            if child is not None:
                _collect(child, item, ref, found)
    if spot.ref == ref:
        found.append(value)


def _compile(schema: Mapping[str, Json]) -> _Spot:
    return _spot(schema, schema, {})


_compiled = Derived(_compile)


def _spot(node: Json, root: Mapping[str, Json], known: dict[int, _Spot]) -> _Spot:
    if id(node) in known:
        return known[id(node)]
    spot = known[id(node)] = _Spot()
    for view in views(node, root):
        _add(view, spot, root, known)
    spot.done = True
    children = [child for _, _, child in spot.fields] + spot.prefix + ([spot.items] if spot.items else [])
    spot.below = frozenset({spot.ref}).union(*(child.below for child in children))
    spot.leaf = not (spot.cites or spot.fields or spot.prefix or spot.items)
    return spot


def _add(view: Mapping[str, Json], spot: _Spot, root: Mapping[str, Json], known: dict[int, _Spot]) -> None:
    reference = str(view.get("x-ref", ""))
    spot.ref = spot.ref or (reference if reference != "anchor" else "")
    support = cast("str | list[str]", view.get("x-support", []))
    spot.support = spot.support or ((support,) if isinstance(support, str) else tuple(support))
    properties = cast("dict[str, Json]", view.get("properties", {}))
    spot.cites = spot.cites or CITE in properties
    for key in key_order(view):
        child = _spot(properties[key], root, known) if key != CITE else None
        if child is not None and child.matters():
            spot.fields.append((key, join("", key), child))
    prefix = [_spot(item, root, known) for item in cast("list[Json]", view.get("prefixItems", []))]
    spot.prefix = spot.prefix or (prefix if any(child.matters() for child in prefix) else [])
    if isinstance(view.get("items"), dict):
        child = _spot(view["items"], root, known)
        spot.items = spot.items or (child if child.matters() else None)
