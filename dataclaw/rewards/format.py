"""R_format: the draft parses and fits its schema in full; a structural error is penalised at once (paper, Rewards)."""

from __future__ import annotations

from dataclaw.errors import UsageError
from dataclaw.rewards.base import Case, Score, rule, score_of
from dataclaw.schema import parse_json, problems
from dataclaw.types import Finding


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
