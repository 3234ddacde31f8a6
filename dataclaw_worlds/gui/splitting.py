"""Reference drafts of `multi_event_decomposition`: the goals of a session, where each begins, and how they relate."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.recording import Step
from dataclaw.planning import statement
from dataclaw.types import Anchor, Json
from dataclaw_worlds.gui.evidence import CITES, KnownRecording, proof
from dataclaw_worlds.gui.meaning import goals_of, stretches
from dataclaw_worlds.words import lower_first

Run = tuple[int, int, int]
"""Goal, first event, last event."""
FRAGMENTS, SIGNALS, THOUGHTS = 24, 24, 12
RELATED = {
    "none": "nothing else is pursued, so the relation is none",
    "sequential": "each waits for the one before it, so the relation is sequential",
    "parallel": "none of them needs another, so the relation is parallel",
    "hybrid": "not every part needs another, so the relation is hybrid",
}
"""The reason for each relation."""


def decomposition(known: KnownRecording) -> dict[str, Json]:
    """Draft of `multi_event_decomposition`."""
    runs = stretches(known.facts)[:FRAGMENTS]
    relation = str(known.facts["relation"])
    return {
        "cot": _reasoning(known, runs, relation),
        "signals": _signals(known, runs),
        "fragments": [_fragment(known, runs, at) for at in range(len(runs))],
        "relation": relation,
    }


def _title(known: KnownRecording, runs: Sequence[Run], at: int) -> str:
    """The goal of a fragment, and which part of it where several fragments share the goal."""
    goal = runs[at][0]
    title = str(goals_of(known.facts)[goal]["title"])
    mine = [k for k, run in enumerate(runs) if run[0] == goal]
    if len(mine) == 1:
        return title
    part = "Begin to" if at == mine[0] else "Finish what was begun:" if at == mine[-1] else "Go on to"
    return f"{part} {lower_first(title)}"


def _telling_steps(known: KnownRecording, run: Run) -> list[Step]:
    inside = [s for s in known.steps if run[1] <= s.index <= run[2]]
    return [s for s in inside if known.truth[s.index]["telling"]] or inside[:2]


def _fragment(known: KnownRecording, runs: Sequence[Run], at: int) -> dict[str, Json]:
    _, first, last = runs[at]
    title = _title(known, runs, at)
    inside = [s for s in known.steps if first <= s.index <= last]
    needed = [s for s in inside if known.truth[s.index]["tag"] == "need"]
    pages = [s.page for s in needed or inside if s.page]
    page = max(dict.fromkeys(pages), key=pages.count, default="")
    shown = [next(s.id for s in inside if s.page == page)] if page else []
    proven = proof(title, [s.event for s in _telling_steps(known, runs[at])], 3)
    item: dict[str, Json] = {"cite": list(dict.fromkeys([inside[0].id, *proven, *shown]))[:CITES]}
    if page:
        item["window"] = page[:160]
    return {**item, "first": first, "last": last, "goal": title[:200]}


def _signals(known: KnownRecording, runs: Sequence[Run]) -> list[Json]:
    found: list[tuple[float, dict[str, Json]]] = []
    if len(runs) == 1:
        steps = known.steps
        needed = sum(event["tag"] == "need" for event in known.truth)
        share = f"All {needed}" if needed == len(steps) else f"{needed} of {len(steps)}"
        gist = goals_of(known.facts)[runs[0][0]]["gist"]
        text = f"{share} events serve one goal{'' if needed == len(steps) else ', the others none'}: {gist}."
        found.append(
            (steps[0].event.t0, {"cite": [steps[0].id, steps[-1].id], "kind": "same_goal", "text": text[:200]})
        )
    found += [_boundary(known, runs, at) for at in range(1, len(runs))]
    for number, goal in enumerate(goals_of(known.facts)):
        if int(goal["builds_on"]) >= 0:
            found += _carried_signals(known, number)
    return [signal for _, signal in sorted(found, key=lambda pair: pair[0])][:SIGNALS]


def _boundary(known: KnownRecording, runs: Sequence[Run], at: int) -> tuple[float, dict[str, Json]]:
    end, start = known.steps[runs[at - 1][2]], known.steps[runs[at][1]]
    goals = goals_of(known.facts)
    before, new = goals[runs[at - 1][0]], goals[runs[at][0]]
    if before["app"] != new["app"]:
        kind, text = "window_change", f"The work goes over to {new['app']}: {new['gist']}."
    elif before["form"] == new["form"]:
        kind, text = "repeated_operation", f"The same begins again for {new['name']}."
    else:
        kind, text = "new_goal", f"One thing is finished, and another begins: {new['gist']}."
    return start.event.t0, {"cite": list(dict.fromkeys([end.id, start.id])), "kind": kind, "text": text[:200]}


def _carried_signals(known: KnownRecording, number: int) -> list[tuple[float, dict[str, Json]]]:
    """The signal that one goal used what another brought: where it stood, and where it was written."""
    goal = goals_of(known.facts)[number]
    value, source = str(goal["carried"]).casefold(), int(goal["builds_on"])
    wrote = [s for s in known.steps if known.truth[s.index]["goal"] == number and value in s.text.casefold()]
    stood: list[Anchor] = [
        a
        for a in (*known.recording.windows, *(s.event for s in known.steps if known.truth[s.index]["goal"] == source))
        if value in f"{a.content} {a.attrs.get('target', '')} {a.attrs.get('text', '')}".casefold()
    ]
    where = [a for a in stood if wrote and a.t0 < wrote[0].event.t0]
    if not wrote or not where:
        return []
    shown, last = where[-1], wrote[0]
    gist = goals_of(known.facts)[number]["gist"]
    text = f"{wording.quote(str(goal['carried']))} comes out of one goal and is written for another: {gist}."
    return [(shown.t0, {"cite": [shown.id, last.id], "kind": "carried_content", "text": text[:200]})]


def _reasoning(known: KnownRecording, runs: Sequence[Run], relation: str) -> list[Json]:
    thoughts: list[Json] = []
    for at, run in enumerate(runs[:THOUGHTS]):
        goal = goals_of(known.facts)[run[0]]
        part = next((k for k, r in enumerate(runs) if r[0] == int(goal["builds_on"])), -1)
        builds = f"; it uses what part {part + 1} brought" if part >= 0 else ""
        text = f"Part {at + 1}: {goal['gist']}{builds}"
        end = f"; {RELATED[relation]}" if at == len(runs[:THOUGHTS]) - 1 else ""
        cites = proof(text, [s.event for s in _telling_steps(known, run)], 3)
        first = known.steps[run[1]].id
        thoughts.append(statement(f"{text}{end}.", [first, *cites], 240))
    return thoughts
