"""What the library's rules cannot know: that no moment may be missing, and none stand there twice."""

from __future__ import annotations

from collections import Counter

from dataclaw import Case, Finding, Score, rule


@rule("shop.complete")
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


@rule("shop.thorough")
def thorough(case: Case) -> Score:
    """Are the notes thorough: a thousand characters of them in all?"""
    moments = case.draft["moments"] if isinstance(case.draft, dict) else []
    return Score(min(1.0, sum(len(moment.get("note", "")) for moment in moments) / 1000))
