"""Has a draft the right form, and is what it states borne out by what it cites? "Every field points at the stream"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from dataclaw.errors import UsageError
from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.places import Citation, places_of
from dataclaw.rewards.support import best, explain
from dataclaw.schema import parse_json, problems
from dataclaw.schema.walk import subschemas
from dataclaw.types import Anchor, Finding, Json

NAME = "evidence"


@rule("json")
def json_object(case: Case) -> Score:
    """1 when the text is one JSON object (a code fence around it is taken off), else 0."""
    if isinstance(case.draft, dict):
        return Score(1.0)
    message = "is JSON, but not an object"
    try:
        parse_json(case.text)
    except UsageError as error:
        message = str(error)
    return score_of(0.0, [Finding("", message, "json", 0.0)])


@rule("schema")
def schema_valid(case: Case) -> Score:
    """1 when the draft fits the schema narrowed to the stream, else 0; every misfit is named.

    An error in one field costs as much as one in all: what does not validate cannot be used.
    """
    found = problems(case.draft, case.schema)
    return score_of(0.0 if found else 1.0, [Finding(place, message, "schema", 0.0) for place, message in found])


@rule(NAME)
def evidence(case: Case) -> Score:
    """Share of the draft's citations that exist and of its stated values that a cited anchor supports.

    Mean over every `cite` (share of its entries that are seen anchors, named once; 0 when it is empty or missing) and
    every value with `x-support` (its best support by an anchor of the nearest `cite`, see `support`). Values that are
    null state nothing. Does not apply to a schema without `cite`.

    Source: cross-checking against anchors at inference, and the anchor terms of the paper's earlier draft.
    """
    places = places_of(case)
    scores: list[float] = []
    findings: list[Finding] = []
    for citation in places.citations:
        score = _citation(citation, case.anchors, findings)
        scores.append(score)
    for place, value, _, support, citation in places.values:
        if not support or value is None or citation is None:
            continue
        score, kind, anchor = best(value, support, citation.anchors, case)
        scores.append(score)
        if score < 1.0:
            why = explain(value, kind, anchor) if anchor else "nothing that was seen is cited for it"
            findings.append(Finding(place, why, NAME, score))
    return score_of(sum(scores) / len(scores), findings) if scores else _score_without_citations(case)


def _citation(citation: Citation, anchors: Mapping[str, Anchor], findings: list[Finding]) -> float:
    ids = cast("list[Json]", citation.raw) if isinstance(citation.raw, list) else []
    if not ids:
        findings.append(Finding(f"{citation.pointer}/cite", "cites nothing", NAME, 0.0))
        return 0.0
    score = len(citation.anchors) / len(ids)
    if score < 1.0:
        wrong = [str(i)[:24] for i in ids if not (isinstance(i, str) and i in anchors)]
        message = f"not seen: {', '.join(wrong[:6])}" if wrong else "cites the same anchor twice"
        findings.append(Finding(f"{citation.pointer}/cite", message, NAME, score))
    return score


def _score_without_citations(case: Case) -> Score:
    """A draft in which nothing cites: out of scope when its schema has no `cite`, without evidence when it has."""
    if not any("cite" in node.get("properties", {}) for _, node in subschemas(case.schema)):
        return NOT_APPLICABLE
    return score_of(0.0, [Finding("", "cites nothing at all", NAME, 0.0)])
