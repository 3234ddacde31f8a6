"""JSON Schema 2020-12 for drafts: one declaration that the prompt, the decoder and the verifier share."""

from dataclaw.schema.check import is_valid, problems
from dataclaw.schema.draft import (
    citations,
    cited_ids,
    citing_objects,
    evidence_of,
    fields_of,
    integer_of,
    number_of,
    objects_of,
    without_citations,
)
from dataclaw.schema.load import check_schema, load_schema, schema_hash
from dataclaw.schema.narrow import hoist, narrow, order_keys, strip_extensions
from dataclaw.schema.outline import outline
from dataclaw.schema.pointer import dotted_path, get, join, select
from dataclaw.schema.text import parse_json

__all__ = [
    "check_schema",
    "citations",
    "cited_ids",
    "citing_objects",
    "dotted_path",
    "evidence_of",
    "fields_of",
    "get",
    "hoist",
    "integer_of",
    "is_valid",
    "join",
    "load_schema",
    "narrow",
    "number_of",
    "objects_of",
    "order_keys",
    "outline",
    "parse_json",
    "problems",
    "schema_hash",
    "select",
    "strip_extensions",
    "without_citations",
]
