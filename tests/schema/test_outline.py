import json
from typing import Any

from hypothesis import given, settings
from inline_snapshot import snapshot

from dataclaw.schema import narrow, outline
from tests.schema.drafts import schema
from tests.schema.test_check import node_schemas


def test_a_schema_reads_like_a_type():
    assert outline(schema()) == snapshot("""\
{
  cot: {
    cite: anchor[..4]
    text?: string
    sub?: thought[]
  }[..8]
  steps: {
    cite: anchor[..4]
    verb: "click"|"write"
    frame?: frame|null  // frame before
    point?: number[2]
    text?: string(..200)
  }[1..40]  // what was done
  order?: label[]
  clip?: time[2]
  left_out?: ({
    why?: "noise"
    note?: string
  } | {
    why?: "twice"
    of?: int
  })[]
}
thought = {
  cite: anchor[..4]
  text?: string
  sub?: thought[]
}\
""")


def test_narrowing_changes_no_name_of_a_reference_and_lists_no_ids():
    bound = narrow(schema(), frames=9, window=(0, 10), anchor_ids=[f"e{i}" for i in range(99)], labels=["A", "B"])
    assert outline(bound) == outline(schema())


def test_the_outline_is_a_fraction_of_the_schema():
    assert len(outline(schema())) < len(json.dumps(schema())) / 3


def test_a_draft_that_holds_itself_is_named():
    nested: dict[str, Any] = {"type": "object", "properties": {"then": {"$ref": "#"}}}
    assert outline(nested) == "Draft = {\n  then?: Draft\n}"


@settings(max_examples=100, deadline=None)
@given(node_schemas())
def test_any_schema_has_an_outline(node: dict[str, Any]):
    assert outline(node)
