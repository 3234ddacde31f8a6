"""One tool at a stream or a fixture: built in or a domain's own, and what cannot be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.errors import DataClawError, StreamError, ToolError, UsageError
from dataclaw.kit.new_domain import new_domain
from dataclaw.kit.tool_call import call_tool

TRACE = str(Path(__file__).parents[2] / "examples" / "traces" / "shop_and_mail")


def test_a_built_in_tool_at_a_recording() -> None:
    called = call_tool("list_events", TRACE, {"kinds": ["hotkey"]})
    assert [anchor.id for anchor in called.anchors] == ["e26", "e33"]
    assert "e26|48.7|f59|hotkey ctrl+c" in called.text
    assert "window" not in called.text.split("\n")[2]
    assert called.anchors[0].attrs["window"].startswith("Fernhill Supply")
    assert called.to_json()["data"] == {"page": 1, "pages": 1, "total": 2}


def test_a_fixture_is_looked_at_first() -> None:
    called = call_tool("validate", "gui:1", {"draft": {}})
    assert "lacks" in called.text
    seen = call_tool("search_anchors", "gui:1", {"query": "Postbox", "kinds": ["window"]})
    assert seen.anchors[0].id.startswith("w")


def test_a_tool_and_a_loader_of_ones_own(tmp_path: Path) -> None:
    new_domain("bakery", tmp_path, reads="oven_log")
    sample = str(tmp_path / "bakery" / "samples" / "first.oven_log")
    called = call_tool("find_stretches", sample, {}, domain=str(tmp_path / "bakery"))
    assert [(a.id, a.kind, a.attrs["first"], a.attrs["last"]) for a in called.anchors] == [
        ("m1", "stretch", 0, 1), ("m2", "stretch", 2, 2), ("m3", "stretch", 3, 3),
    ]  # fmt: skip
    fixture = call_tool("find_stretches", f"{tmp_path / 'bakery'}:1", {})
    assert fixture.text.startswith("1 stretches of 4 events.")


@pytest.mark.parametrize(
    ("name", "where", "args", "error", "told"),
    [
        ("list_evens", "gui:1", {}, UsageError, "no tool 'list_evens'. Did you mean 'list_events'"),
        ("list_events", "gui:77", {}, UsageError, "domain gui has no fixture in line 77. Fixtures: line 1, 2"),
        ("list_events", "gnu:1", {}, UsageError, "no domain 'gnu'. Did you mean 'gui'"),
        ("list_events", "nowhere", {}, StreamError, "nowhere: does not exist"),
        ("list_events", TRACE, {"page": 9}, ToolError, "there is no page 9. Pages: 1 to 1"),
        ("list_events", TRACE, {"pag": 9}, ToolError, "list_events: pag: Extra inputs"),
        ("list_operations", TRACE, {}, ToolError, "reads streams of kind timeline, edit; this one is gui"),
        ("validate", TRACE, {"draft": {}}, ToolError, "there is no schema to check against"),
    ],
)
def test_what_cannot_be_called_is_told(
    name: str, where: str, args: dict[str, object], error: type[DataClawError], told: str
) -> None:
    with pytest.raises(error) as raised:
        call_tool(name, where, args)
    assert told in str(raised.value)
