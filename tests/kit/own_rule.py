"""A new domain with a rule of its own in the place of the library's `complete`: what bad domains begin with."""

from __future__ import annotations

import re
from pathlib import Path

from dataclaw.kit.new_domain import new_domain

RULES = '''"""What the library's rules cannot know: that no moment may be missing, and none stand there twice."""

from __future__ import annotations

from collections import Counter

from dataclaw import Case, Finding, Score, rule


@rule("@NAME@.complete")
def complete(case: Case) -> Score:
    """Share of the window's events with words that exactly one moment cites; 0 where there are none."""
    there = [f"e{event.index}" for event in case.events if event.text or event.target]
    moments = case.draft["moments"] if isinstance(case.draft, dict) else []
    cited = Counter(name for moment in moments for name in moment["cite"])
    wrong = [name for name in there if cited[name] != 1]
    findings = [Finding("/moments", f"{name} is cited {cited[name]} times", complete.name, 0.0) for name in wrong]
    if not there:
        findings = [Finding("", "there is nothing to tell", complete.name, 0.0)]
    return Score(1 - len(wrong) / len(there) if there else 0.0, tuple(findings))
'''


def new_domain_with_rule(name: str, folder: Path) -> Path:
    """The folder of a new domain for GUI streams whose rule of completeness is its own, `<name>.complete`."""
    new_domain(name, folder)
    root = folder / name
    manifest = root / "domain.toml"
    text, count = re.subn(
        r'"complete", (.*), params = \{ kinds.*\} \}', rf'"{name}.complete", \1 }}', manifest.read_text()
    )
    assert count == 1
    manifest.write_text(text)
    (root / "rules.py").write_text(RULES.replace("@NAME@", name))
    return root
