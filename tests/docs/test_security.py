"""`docs/security.md` names a test for each line of its tables of threats, and each is there."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_line_names_a_test_that_is_there() -> None:
    tables = [table for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE) if table.startswith("| what might")]
    rows = [row for table in tables for row in table.splitlines()[2:]]
    assert len(rows) >= 20
    for row in rows:
        (named,) = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        text = (ROOT / named[0]).read_text(encoding="utf-8")
        assert f"def {named[1] or 'test_'}" in text, row
