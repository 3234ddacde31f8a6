"""What the library cannot know: who lists one line of a fruit lists them all."""

from __future__ import annotations

from dataclaw import Case, Finding, Score, rule


@rule("harvest.whole")
def whole(case: Case) -> Score:
    """Share of the lines of the listed fruit that are listed themselves; 0 where no line is."""
    cited = {name for line in case.draft["lines"] for name in line["cite"]}
    fruit = {event.text.split(" ")[0] for event in case.events if f"e{event.index}" in cited}
    wanted = [f"e{event.index}" for event in case.events if event.text.split(" ")[0] in fruit]
    missing = [name for name in wanted if name not in cited]
    findings = [Finding("/lines", f"{name} is of the same fruit and is missing", whole.name, 0.0) for name in missing]
    return Score(1 - len(missing) / len(wanted) if wanted else 0.0, tuple(findings))
