"""`docs/main_path.md` names the files that a run really passes through, in their order."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

MOST = 100
"""Files of ours that a run of the shipped trace may enter."""


@pytest.mark.slow
@pytest.mark.timeout(600)  # two runs and the imports of everything, perhaps beside other work
def test_a_run_passes_through_the_files_of_the_page() -> None:
    command = [sys.executable, "benchmarks/main_path.py", "--all"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    entered = re.findall(r"^ *\d+ ([\w/.]+\.py):", done.stdout, re.MULTILINE)
    page = (ROOT / "docs/main_path.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| \d+ \| `([\w/.]+)` \|", page, re.MULTILINE)
    assert len(named) == 11
    assert {*named} <= {*entered}
    named.remove("dataclaw/rewards/rubric.py")  # entered when the domain is loaded, to build the rubric
    assert [file for file in entered if file in named] == named
    assert len(entered) <= MOST
    loads = re.search(r"domains loaded: (.*)$", done.stdout, re.MULTILINE)
    assert loads
    assert {row.split()[1] for row in loads[1].split(", ")} == {"1"}
