"""Whether equal drafts get equal rewards: a second time, two hundred times, and elsewhere.

A second process runs with another clock, environment, working folder and hash seed. Sets come out in another order
there, and dates are others; a reward that depends on any of it is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domain import Domain
from dataclaw.errors import DataClawError
from dataclaw.kit.child import ChildError, run_job
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixture_trial import FixtureTrial, differing_parts, run_trials
from dataclaw.kit.fixtures import fixtures_of
from dataclaw.kit.line_numbers import function_line
from dataclaw.kit.manifest import MANIFEST
from dataclaw.kit.observed import Observed, is_own, load_observed
from dataclaw.kit.progress import CheckStep, trying
from dataclaw.kit.repeated import TIMES, repeat_rules
from dataclaw.kit.report import Notes
from dataclaw.plugins.find import Plugin
from dataclaw.tools.cache import Cache
from dataclaw.types import Json

ELSEWHERE = "in another process, with another clock, environment, folder and hash seed"
_SPOILING = frozenset(
    {"manifest", "file", "code", "schema", "look", "rule", "tool", "kind", "plan", "fixtures", "broken"}
)
"""Checks whose errors keep the domain from being loaded and tried again from its files."""
_REMEDY = "Take out random numbers, times, hashes and orders of sets."


def check_repeatable(
    seen: Observed,
    plugin: Plugin,
    rows: Sequence[Fixture],
    trials: Sequence[FixtureTrial],
    cache: Cache,
    notes: Notes,
) -> tuple[set[str], Mapping[str, int]]:
    """Note what comes out differently; give the rules that do, and how often each was repeated."""
    domain = seen.domain
    for name in sorted(seen.wavering):
        _note_tool(domain, name, "when it is called again", notes)
    with trying(CheckStep("repeating rules")):
        repeated = repeat_rules(domain, trials, cache)
    for task, name in sorted(repeated.wavering):
        _note_rule(domain, task, name, f"within {TIMES} times", notes)
    wavering = {name for _, name in repeated.wavering}
    spoilt = {problem.check for problem in notes.problems if problem.level == "error"} & _SPOILING
    there = _elsewhere(seen, plugin, notes) if trials and not spoilt and not seen.wavering else None
    if there is None or _differing(trials, there) - {(task, name) for task, name in repeated.wavering}:
        again = [trial.to_json() for trial in run_trials(domain, rows, cache)]
        wavering |= _note_differing(domain, _differing(trials, again), wavering, "a second time", notes)
    if there is not None:
        wavering |= _note_differing(domain, _differing(trials, there), wavering, ELSEWHERE, notes)
    return wavering, repeated.times


def _elsewhere(seen: Observed, plugin: Plugin, notes: Notes) -> list[Json] | None:
    """What every fixture gives elsewhere; None where it cannot be told, which is noted."""
    try:
        with trying(CheckStep("trying everything elsewhere")):
            there = run_job(trials_job, plugin, {}, elsewhere=True)
    except ChildError as error:
        note_end(error, notes)
        return None
    except DataClawError as error:
        notes.error("nondeterministic", f"{ELSEWHERE} it fails: {error.message}", error.remedy, file=MANIFEST)
        return None
    for name in sorted({key.partition(" ")[0] for key, _ in set(seen.results.items()) ^ set(there["tools"].items())}):
        _note_tool(seen.domain, name, ELSEWHERE, notes)
    return there["trials"]


def note_end(error: ChildError, notes: Notes) -> None:
    """Note that a process ended without an answer, at the part that it was trying."""
    at = error.step
    notes.error("process", error.message, error.remedy, file=at.file, line=at.line, task=at.task)


def trials_job(plugin: Plugin, args: Mapping[str, Json]) -> Json:
    """What every fixture gives, and every call of a tool, for `run_job`."""
    del args
    seen = load_observed(plugin)
    trials = [trial.to_json() for trial in run_trials(seen.domain, fixtures_of(seen.domain))]
    return {"trials": trials, "tools": seen.results}


def note_deeds(seen: Observed, notes: Notes) -> None:
    """Note what rules, tools and plans did outside while they ran."""
    for (at, deed), what in seen.audit.found.items():
        remedy = "Rules, tools and plans give back what they find, and change nothing."
        notes.error("forbidden", f"{at.what} {deed} ({what}).", remedy, file=at.file, line=at.line, task=at.task,
                    subject=at.what)  # fmt: skip


def rule_place(domain: Domain, task: str, name: str) -> dict[str, Json]:
    """Where a rule of the domain's own is written; of a library rule, the manifest that uses it."""
    for use in domain.tasks[task].rubric.uses:
        if use.name == name and is_own(use.rule, domain.name):
            return {"file": "rules.py", "line": function_line(use.rule.judge)}
    return {"file": MANIFEST}


def _differing(trials: Sequence[FixtureTrial], again: Sequence[Json]) -> set[tuple[str, str]]:
    """`(task, what)` of everything that came out differently."""
    pairs = zip(trials, again, strict=True)
    return {(trial.row.task, name) for trial, other in pairs for name in differing_parts(trial.to_json(), other)}


def _note_differing(domain: Domain, found: set[tuple[str, str]], known: set[str], where: str, notes: Notes) -> set[str]:
    for task, name in sorted(one for one in found if one[1] not in known):
        _note_rule(domain, task, name, where, notes)
    return {name for _, name in found}


def _note_rule(domain: Domain, task: str, name: str, where: str, notes: Notes) -> None:
    what = name if name.startswith("the ") else f"rule {name}"
    place = {"file": "plans.py"} if name == "the plan" else rule_place(domain, task, name)
    notes.error("nondeterministic", f"{what} gives the same draft another result {where}.", _REMEDY, task=task,
                subject=name, **place)  # fmt: skip


def _note_tool(domain: Domain, name: str, where: str, notes: Notes) -> None:
    runs = (task.tools[name].run for task in domain.tasks.values() if name in task.tools)
    line = next((function_line(run) for run in runs), 0)
    remedy = f"{_REMEDY} Results are cached: the first one would stay."
    notes.error("nondeterministic", f"tool {name} gives the same call another result {where}.", remedy,
                file="tools.py", line=line, subject=name)  # fmt: skip
