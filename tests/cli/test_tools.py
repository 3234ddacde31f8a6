"""`dataclaw tools` from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Cli

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"


def test_a_call_shows_what_a_model_reads_and_what_it_does_not(cli: Cli) -> None:
    shown = cli("tools", "call", "list_events", "gui:1", "--args", '{"page": 1}')
    assert shown.returncode == 0
    reads, _, rest = shown.stdout.partition("Anchors, for plans and rules")
    assert "id|t|content" in reads
    assert "Postbox — Inbox" in rest
    assert "Postbox — Inbox" not in reads
    assert '"total": 10' in rest


def test_json_and_errors(cli: Cli) -> None:
    said = json.loads(cli("tools", "call", "overview", TRACE, "--json").stdout)
    assert said["tool"] == "overview"
    assert said["stream"]["kind"] == "gui"
    assert said["text"].startswith("gui stream")
    for args, told in (("{", "--args: is no JSON"), ("[1]", "--args: is no JSON object")):
        wrong = cli("tools", "call", "overview", TRACE, "--args", args)
        assert (wrong.returncode, told in wrong.stderr) == (2, True)
    page = cli("tools", "call", "list_events", TRACE, "--args", '{"page": 7}')
    assert (page.returncode, "error: there is no page 7. Pages: 1 to" in page.stderr) == (1, True)
