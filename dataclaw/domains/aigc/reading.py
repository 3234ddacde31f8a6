"""Reads drafts for the rules: a draft may be any JSON, and what has another form than expected counts as absent."""

from __future__ import annotations

from typing import cast

from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Json


def fields_of(value: Json) -> dict[str, Json]:
    """The fields of an object, none for anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def cited_ids(value: Json) -> list[str]:
    """The ids that an object cites, in order."""
    cite = fields_of(value).get("cite")
    return [name for name in cast("list[Json]", cite) if isinstance(name, str)] if isinstance(cite, list) else []


def anchors_of(value: Json, case: Case) -> list[Anchor]:
    """The anchors that an object cites, those that were seen."""
    return [case.anchors[name] for name in cited_ids(value) if name in case.anchors]
