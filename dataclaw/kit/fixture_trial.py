"""A domain's rules put to the test: gold, wrong answers, the planner and every attack, at every fixture.

The same trial runs twice in this process and once elsewhere: what comes out differently is no reward. What the scores
of all drafts say together (rules that never vary, rules that contradict each other) is read off at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from dataclaw.domain import Domain, Task
from dataclaw.errors import DataClawError
from dataclaw.kit.attacks import Target, attacks
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession, MemoryCache, place_of, play
from dataclaw.kit.progress import CheckStep, trying
from dataclaw.kit.report import TriedDraft
from dataclaw.kit.short_looks import short_looks
from dataclaw.rewards import Verdict
from dataclaw.schema import problems
from dataclaw.tools.cache import Cache
from dataclaw.types import Json

CLEAR = 0.02
"""An attack must score lower than gold by at least this much."""
FLOOR = 0.65
"""A draft that says nothing may earn this share of what gold earns at most."""
FEWEST = 4
"""Drafts that two rules must both have judged before they can be said to contradict each other."""


@dataclass(frozen=True, slots=True)
class FixtureTrial:
    """Everything that one fixture was tried with.

    Attributes:
        row: the fixture.
        verdicts: the verdict of every draft by name: "gold", "wrong: <why>", and the attacks.
        referred: the verdicts of gold and wrong answers where gold is shown to rules that compare with it.
        misfits: what keeps gold from fitting its schema, `(pointer, message)`.
        plan: the planner's draft, None when the task has no plan or it made none.
        plan_failure: why the planner's draft was not accepted, "" when it was or there is no plan.
        error: why the fixture could not be tried, "" when it was.
    """

    row: Fixture
    verdicts: Mapping[str, Verdict] = field(default_factory=dict[str, Verdict])
    referred: Mapping[str, Verdict] = field(default_factory=dict[str, Verdict])
    misfits: Sequence[tuple[str, str]] = ()
    plan: Json = None
    plan_failure: str = ""
    error: str = ""

    def to_json(self) -> Json:
        """What must come out the same each time."""
        return {
            "verdicts": {name: _lasting(verdict) for name, verdict in self.verdicts.items()},
            "plan": self.plan,
        }

    def drafts(self) -> Iterator[TriedDraft]:
        """The drafts as rows of a report."""
        gold = self.verdicts.get("gold")
        for name, verdict in self.verdicts.items():
            margin = gold.total - verdict.total if gold and name != "gold" else 0.0
            yield TriedDraft(self.row.task, self.row.line, name, verdict.total, margin, verdict.held, verdict.passed)


def run_trial(domain: Domain, row: Fixture, others: Sequence[Fixture], cache: Cache) -> FixtureTrial:
    """Try everything at one fixture.

    Args:
        domain: the domain.
        row: the fixture.
        others: the task's other fixtures.
        cache: results of tools.
    """
    task = domain.tasks[row.task]
    try:
        bench = FixtureSession(task, row, cache=cache)
    except DataClawError as error:
        return FixtureTrial(row, error=f"{error.message} {error.remedy}".strip())
    schema = bench.session.schema(bench.state)
    answers = {"gold": row.gold} | {f"wrong: {wrong.why}": wrong.draft for wrong in row.wrong}
    verdicts = {name: bench.judge(draft) for name, draft in answers.items()}
    referring = FixtureSession(task, row, reference=True, cache=cache)
    referred = {name: referring.judge(draft) for name, draft in answers.items()}
    target = Target(row.gold, schema, bench.state.anchors, [other.gold for other in others])
    for name, draft in attacks(target).items():
        verdicts[name] = bench.judge(draft)
    verdicts |= {name: verdict for name, _, verdict in short_looks(bench, cache)}
    played = play(domain, row, cache=cache) if task.plan else None
    plan, failure = (played.draft, played.why) if played else (None, "")
    return FixtureTrial(row, verdicts, referred, problems(row.gold, schema), plan, failure)


def run_trials(domain: Domain, rows: Sequence[Fixture], cache: Cache | None = None) -> list[FixtureTrial]:
    """Try every fixture whose task the domain has; `cache` keeps results of tools from one time to the next."""
    kept = cache or MemoryCache()
    known = [row for row in rows if row.task in domain.tasks]
    trials: list[FixtureTrial] = []
    for row in known:
        with trying(CheckStep("trying the fixture", task=row.task, at=place_of(row))):
            others = [other for other in known if other.task == row.task and other is not row]
            trials.append(run_trial(domain, row, others, kept))
    return trials


def differing_parts(one: Json, two: Json) -> set[str]:
    """What of a fixture came out differently: rules, "the plan", or "the verdict" where no rule is at fault."""
    if one == two:
        return set()
    found: set[str] = set()
    if one["plan"] != two["plan"]:
        found.add("the plan")
    for name in set(one["verdicts"]) | set(two["verdicts"]):
        a, b = one["verdicts"].get(name), two["verdicts"].get(name)
        if a is not None and b is not None and a != b:
            rules = _changed_rules(a, b)
            found |= rules or {"the verdict"}
    return found or {"the verdict"}


def _lasting(verdict: Verdict) -> dict[str, Json]:
    """A verdict without the words of rules that failed, which may hold times and addresses."""
    said = verdict.to_json()
    return {key: sorted(said[key]) if key == "failed" else value for key, value in said.items()}


def _changed_rules(a: Mapping[str, Json], b: Mapping[str, Json]) -> set[str]:
    scored = {rule for rule in {*a["scores"], *b["scores"]} if a["scores"].get(rule) != b["scores"].get(rule)}
    told = {str(f["rule"]) for f in (*a["findings"], *b["findings"]) if (f in a["findings"]) != (f in b["findings"])}
    return scored or told


def scores_of(trials: Sequence[FixtureTrial], task: Task) -> dict[str, list[float | None]]:
    """Score of each rule of the task for every draft of its fixtures, in one order; None where it did not judge."""
    verdicts = [verdict for trial in trials if trial.row.task == task.name for verdict in trial.verdicts.values()]
    return {
        use.name: [score.value if (score := verdict.scores.get(use.name)) else None for verdict in verdicts]
        for use in task.rubric.uses
    }


def dead_rules(scores: Mapping[str, Sequence[float | None]]) -> list[tuple[str, float | None]]:
    """Rules that gave every draft the same score, with it; None for those that never applied."""
    found: list[tuple[str, float | None]] = []
    for name, values in scores.items():
        given = {round(value, 9) for value in values if value is not None}
        if len(given) < 2:
            found.append((name, given.pop() if given else None))
    return found


def contradictory_pairs(scores: Mapping[str, Sequence[float | None]]) -> list[tuple[str, str]]:
    """Pairs of rules where one loses exactly what the other gains, over at least four drafts that both judged."""
    found: list[tuple[str, str]] = []
    for (one, a), (two, b) in combinations(scores.items(), 2):
        both = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
        if len(both) >= FEWEST and len({round(x, 9) for x, _ in both}) > 1 and _opposite(both):
            found.append((one, two))
    return found


def _opposite(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether the second numbers fall on a falling line over the first (correlation -1)."""
    n = len(pairs)
    mean_x, mean_y = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    xy = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    xx, yy = sum((x - mean_x) ** 2 for x, _ in pairs), sum((y - mean_y) ** 2 for _, y in pairs)
    return xx > 0 and yy > 0 and xy / math.sqrt(xx * yy) < -1 + 1e-9


def lenient_rules(verdict: Verdict, gold: Verdict) -> list[str]:
    """The rules that gave an accepted attack as much as they give gold."""
    scores = {name: s.value for name, s in verdict.scores.items() if s.value is not None}
    return [n for n, v in scores.items() if v >= (s.value if (s := gold.scores.get(n)) and s.value else 0.0)]
