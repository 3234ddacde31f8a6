"""What the library's rules cannot know: how many moments there must be."""

from __future__ import annotations

from dataclaw import Case, Finding, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Are there as many moments as events with words? Nobody looks at what they cite."""
    there = [f"e{event.index}" for event in case.events if event.text or event.target]
    moments = case.draft["moments"] if isinstance(case.draft, dict) else []
    wrong = there[len(moments) :] or moments[len(there) :]
    findings = [Finding("/moments", "as many moments as events", complete.name, 0.0) for _ in wrong[:1]]
    if not there:
        findings = [Finding("", "there is nothing to tell", complete.name, 0.0)]
    return Score(0.0 if wrong or not there else 1.0, tuple(findings))
