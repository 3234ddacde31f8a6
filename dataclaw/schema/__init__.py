"""JSON Schema 2020-12 for drafts: one declaration that the prompt, the decoder and the verifier share."""

from dataclaw.schema.check import is_valid, problems
from dataclaw.schema.load import check_schema, load_schema
from dataclaw.schema.narrow import hoisted, narrow, order_keys, strip_extensions
from dataclaw.schema.outline import outline
from dataclaw.schema.pointer import dotted, get, join, select
from dataclaw.schema.text import parse_json

__all__ = [
    "check_schema",
    "dotted",
    "get",
    "hoisted",
    "is_valid",
    "join",
    "load_schema",
    "narrow",
    "order_keys",
    "outline",
    "parse_json",
    "problems",
    "select",
    "strip_extensions",
]
