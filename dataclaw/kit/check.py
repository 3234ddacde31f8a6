"""`dataclaw domain check`: everything about a domain that can be known without a model, at once, in seconds.

First what it declares (`declaration`), then, for the tasks that are sound, what its rules say to gold, to wrong answers
and to attacks (`trial`). Nothing of the plugin is imported before its manifest is valid.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw.choosing import Chooser
from dataclaw.choosing.learned import find_chooser
from dataclaw.domain import Domain
from dataclaw.errors import DataClawError, UsageError
from dataclaw.kit.attacks import EMPTY
from dataclaw.kit.carried import check_carried, check_worlds, own_chooser
from dataclaw.kit.child import STEP, ChildError, run_job
from dataclaw.kit.content_trial import ContentTrial
from dataclaw.kit.declaration import check_declaration, declared_parts, read_parts
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixture_trial import (
    CLEAR,
    FLOOR,
    FixtureTrial,
    contradictory_pairs,
    dead_rules,
    lenient_rules,
    run_trials,
    scores_of,
)
from dataclaw.kit.fixtures import MemoryCache, fixture_lines, fixture_of, play
from dataclaw.kit.line_numbers import function_line
from dataclaw.kit.loader_claims import check_claims
from dataclaw.kit.manifest import MANIFEST, Declaration, is_text, read_declaration
from dataclaw.kit.observed import observe
from dataclaw.kit.repeatable import check_repeatable, note_deeds, note_end, rule_place
from dataclaw.kit.report import Notes, Report, TriedDraft
from dataclaw.kit.sample_trial import check_samples
from dataclaw.kit.static_reading import check_reading
from dataclaw.kit.taken_intents import check_taken
from dataclaw.plugins import guard
from dataclaw.plugins.code import Code
from dataclaw.plugins.find import Plugin, plugin_at
from dataclaw.plugins.load import TaskParts, missing
from dataclaw.rewards import Verdict, library, render
from dataclaw.rewards.rubric import WORTH
from dataclaw.tools import builtin
from dataclaw.types import Json


def check_domain(
    name: str, *, registry: Path | None = None, code: bool = True, choose: str | None = None, step: float = STEP
) -> Report:
    """Check a domain, in a process of its own that its code can neither end nor hang unseen.

    Args:
        name: name of a discovered domain, or path of a plugin folder.
        registry: the `plugins.toml` to use instead of the default.
        code: False imports nothing of the plugin's: only its declaration is checked.
        choose: in the place of every gold answer, attack what the task's plan writes when this one chooses ("learned",
            "rules", or the folder of a trained one).
        step: how long one call of the plugin's code may take at most [s].

    Raises:
        UsageError: there is no such domain, or no such chooser.
    """
    start = time.monotonic()
    plugin = plugin_at(name, registry)
    args: dict[str, Json] = {"code": code, "choose": choose, "registry": str(registry.resolve()) if registry else None}
    try:
        report = Report.from_json(run_job(check_job, plugin, args, step=step))
    except ChildError as error:
        report = _report_of_end(plugin, error)
    return replace(report, seconds=time.monotonic() - start)


def _report_of_end(plugin: Plugin, error: ChildError) -> Report:
    """The report of a check that did not come to its end; what reading tells of the code may say why."""
    notes = Notes()
    note_end(error, notes)
    check_reading(plugin, notes)
    return Report(plugin.name, notes.finish({}, 0))


def check_job(plugin: Plugin, args: Mapping[str, Json]) -> Json:
    """`check_here` for `run_job`."""
    chooser = find_chooser(args["choose"], own_chooser(plugin)) if args["choose"] else None
    registry = Path(args["registry"]) if args["registry"] else None
    return check_here(plugin, code=args["code"], chooser=chooser, registry=registry).to_json()


def check_here(
    plugin: Plugin, *, code: bool = True, chooser: Chooser | None = None, registry: Path | None = None
) -> Report:
    """Check a domain in this process, whatever its code does to it.

    Args:
        plugin: the domain.
        code: as for `check_domain`.
        chooser: as `choose` of `check_domain`.
        registry: as for `check_domain`; the domains that it names count as installed.
    """
    start = time.monotonic()
    guard.printed.clear()
    notes = Notes()
    declared = read_declaration(plugin, notes)
    if declared is None:
        return Report(plugin.name, notes.finish({}, 0), (), time.monotonic() - start)
    known = code and not declared.spoilt
    repeated: Mapping[str, int] = {}
    if known:
        tried, repeated = _check_code(declared, notes, chooser, registry)
    else:
        tried = _check_declaration(declared, notes)
    check_carried(declared, notes)
    for who, text in guard.printed.items():
        notes.warn("prints", f"{who} prints {text[:60]!r}; it is kept from the output.", "Use logging.", subject=who)
    problems = notes.finish(declared.manifest.explained if known else {}, declared.line("explained"))
    return Report(declared.manifest.name, problems, tuple(tried), time.monotonic() - start, repeated)


def _check_declaration(declared: Declaration, notes: Notes) -> Sequence[TriedDraft]:
    check_declaration(declared, declared_parts(declared), notes, loaded=False)
    _read_fixtures(declared, notes)
    for name in missing(declared.plugin, declared.manifest) if not declared.spoilt else ():
        notes.warn("unloaded", f"{name} is code of a plugin and was not looked at.", file=MANIFEST, subject=name)
    return ()


def _check_code(
    declared: Declaration, notes: Notes, chooser: Chooser | None, registry: Path | None
) -> tuple[Sequence[TriedDraft], Mapping[str, int]]:
    check_reading(declared.plugin, notes)
    code = read_parts(declared, notes)
    check_claims(code.loaders, notes)
    check_worlds(declared, notes)
    sound = check_declaration(declared, code, notes)
    check_samples(declared, code.loaders, notes)
    rows = _read_fixtures(declared, notes)
    seen = observe(_domain(declared, code, sound))
    domain = seen.domain
    cache = MemoryCache()
    if chooser:
        rows = _with_own_drafts(domain, rows, chooser, notes)
    trials = run_trials(domain, rows, cache)
    for trial in trials:
        _TrialJudge(domain, trial, notes).check()
    tried = [draft for trial in trials for draft in trial.drafts()]
    tried += ContentTrial(domain, notes, cache).run(rows)
    if chooser:  # that equal drafts are judged equally is checked at the gold answers
        return tried, {}
    check_taken(declared, domain, registry, notes)
    wavering, repeated = check_repeatable(seen, declared.plugin, rows, trials, cache, notes)
    note_deeds(seen, notes)
    for task in domain.tasks:
        _check_rules_together(domain, task, trials, wavering, notes)
    return tried, repeated


def _with_own_drafts(domain: Domain, rows: Sequence[Fixture], chooser: Chooser, notes: Notes) -> list[Fixture]:
    """The fixtures whose plan writes something acceptable when the chooser chooses, with that as their gold."""
    found: list[Fixture] = []
    for row in rows:
        planned = row.task in domain.tasks and domain.tasks[row.task].plan
        played = play(domain, row, chooser=chooser) if planned else None
        if played and played.is_accepted:
            found.append(row.model_copy(update={"gold": played.draft, "look": played.look}))
        elif played:
            notes.warn("chooser", f"its draft is not accepted: {played.why}", line=row.line, task=row.task)
    return found


def _domain(declared: Declaration, code: Code, sound: set[str]) -> Domain:
    """The domain with the tasks that are sound."""
    plugin, manifest = declared.plugin, declared.manifest
    if manifest.prompt and not is_text(plugin.root, manifest.prompt):  # told already; it is no reason to stop
        manifest = manifest.model_copy(update={"prompt": None})
    kit = TaskParts(plugin.root, manifest, {**library(), **code.rules}, {**builtin(), **code.tools}, code.plans)
    tasks = {name: kit.task(name, task) for name, task in manifest.tasks.items() if name in sound}
    return Domain(manifest.name, plugin.root, plugin.origin, manifest, tasks, code.loaders, plugin.entry)


def _read_fixtures(declared: Declaration, notes: Notes) -> list[Fixture]:
    manifest, rows = declared.manifest, list[Fixture]()
    file = manifest.fixtures
    if file is None or not (declared.plugin.root / file).is_file():
        return rows
    try:
        for number, line in fixture_lines(declared.plugin.root / file):
            try:
                rows.append(fixture_of(line, number))
            except UsageError as error:
                notes.error("fixtures", error.message, error.remedy, file=file, line=number)
    except DataClawError as error:
        notes.error("fixtures", error.message, error.remedy, file=file, line=1)
    for row in rows:
        if declared.is_spoilt("tasks", row.task):
            continue
        if row.task not in manifest.tasks:
            notes.error("fixtures", f"there is no task {row.task!r}.", file=file, line=row.line, task=row.task)
        elif not row.wrong:
            notes.error("fixtures", "has no wrong answer.", "Add answers that are broken in one way each.",
                        file=file, line=row.line, task=row.task)  # fmt: skip
    for task in sorted(set(manifest.tasks) - {row.task for row in rows}):
        notes.error("fixtures", f"task {task} has no fixture.", f"Add one to {file}.", file=file, line=1, task=task)
    return rows


@dataclass(frozen=True, slots=True)
class _TrialJudge:
    """Says what is wrong about one fixture's trial."""

    domain: Domain
    trial: FixtureTrial
    notes: Notes

    def check(self) -> None:
        """Note everything."""
        trial = self.trial
        if trial.error:
            self._error("fixtures", trial.error, "Mend the fixture's look.")
            return
        for pointer, message in trial.misfits[:5]:
            self._error("gold", f"the gold answer does not fit its schema: {pointer or '/'} {message}.")
        broken = {name: why for verdict in trial.verdicts.values() for name, why in verdict.failed.items()}
        for name, why in broken.items():
            self._rule_error(
                "broken", name, f"rule {name} failed: {why.rstrip('.')}.", "A rule must judge every draft."
            )
        self._check_gold(trial.verdicts["gold"], whole=not broken)
        for name, verdict in trial.verdicts.items() if not broken else ():  # a missing rule lets much pass
            if name != "gold" and trial.verdicts["gold"].passed:
                self._check_bad(name, verdict, trial.verdicts["gold"])
        if trial.plan_failure:
            plan = self.domain.tasks[trial.row.task].plan
            message = f"the planner fails on the fixture: {trial.plan_failure.rstrip('.')}."
            self._error("planner", message, file="plans.py", line=function_line(plan) if plan else 0)

    def _check_gold(self, gold: Verdict, *, whole: bool) -> None:
        if not gold.passed and not self.trial.misfits:
            said = "; ".join(map(render, gold.findings(3))) or "they do not say why"
            self._error("gold", f"the gold answer is held by {', '.join(gold.held) or 'nothing'}: {said}.")
        best = max(self.trial.verdicts.items(), key=lambda entry: (entry[1].total, entry[0] == "gold"))
        if whole and best[1].total > gold.total:  # a missing rule lets much pass
            self._error("gold", f'"{best[0]}" scores {best[1].total:.3f}, more than gold with {gold.total:.3f}.')

    def _check_bad(self, name: str, verdict: Verdict, gold: Verdict) -> None:
        margin = gold.total - verdict.total
        if verdict.passed:
            self._note_accepted(name, verdict, gold)
        elif not name.startswith("wrong: ") and not margin >= CLEAR:
            self._error("margin", f"the attack {name!r} scores {verdict.total:.3f}, only {margin:.3f} below gold; "
                        f"at least {CLEAR} is clear.", f"Give {', '.join(verdict.held)} more weight.",
                        subject=name)  # fmt: skip
        elif name in EMPTY and verdict.total > FLOOR * gold.total:
            self._error("floor", f"the attack {name!r} says nothing and earns {verdict.total:.3f} of gold's "
                        f"{gold.total:.3f}; {FLOOR:g} of it is the most.",
                        f"Give {', '.join(verdict.held)} more weight, beside the form.", subject=name)  # fmt: skip

    def _note_accepted(self, name: str, verdict: Verdict, gold: Verdict) -> None:
        passing = f"the rules that let it pass: {', '.join(lenient_rules(verdict, gold)) or 'none'}."
        score = f"scores {verdict.total:.3f} (gold {gold.total:.3f})"
        remedy = "Add a rule that sees it, or raise a pass_at."
        if name.startswith("wrong: "):
            why = name.removeprefix("wrong: ")
            if self._referred_margin(name) >= CLEAR:
                self._warn(
                    "wrong", why, f'only a reference tells the wrong answer "{why}": without one it {score}.', remedy
                )
            else:
                self._error(
                    "wrong", f'the wrong answer "{why}" is accepted: it {score}; {passing}', remedy, subject=why
                )
        else:
            message = f"the domain is hackable: the attack {name!r} is accepted and {score}; {passing}"
            self._error("hackable", message, remedy, subject=name)

    def _referred_margin(self, name: str) -> float:
        return self.trial.referred["gold"].total - self.trial.referred[name].total

    def _error(self, check: str, message: str, remedy: str = "", **place: Json) -> None:
        self.notes.error(check, message, remedy, **(self._place | place))

    def _warn(self, check: str, subject: str, message: str, remedy: str) -> None:
        self.notes.warn(check, message, remedy, subject=subject, **self._place)

    def _rule_error(self, check: str, name: str, message: str, remedy: str) -> None:
        self.notes.error(check, message, remedy, task=self.trial.row.task, subject=name,
                         **rule_place(self.domain, self.trial.row.task, name))  # fmt: skip

    @property
    def _place(self) -> dict[str, Json]:
        file = self.domain.manifest.fixtures or ""
        return {"file": file, "line": self.trial.row.line, "task": self.trial.row.task}


def _check_rules_together(
    domain: Domain, task: str, trials: Sequence[FixtureTrial], wavering: set[str], notes: Notes
) -> None:
    if not any(trial.row.task == task and trial.verdicts for trial in trials):
        return
    uses = domain.tasks[task].rubric.uses
    needy = {use.name for use in uses if use.rule.needs or use.declared.term == WORTH}  # a good fixture shows no vice
    broken = {name for trial in trials for verdict in trial.verdicts.values() for name in verdict.failed}
    scores = scores_of(trials, domain.tasks[task])
    scores = {name: values for name, values in scores.items() if name not in needy | wavering | broken}
    for name, value in dead_rules(scores):
        gave = "never applies" if value is None else f"always gives {value:g}"
        notes.warn("dead", f"rule {name} {gave}: over gold, wrong answers and attacks it never varies.",
                   "Add a fixture that it tells apart, or take it out.", task=task, subject=name,
                   **rule_place(domain, task, name))  # fmt: skip
    for one, two in contradictory_pairs(scores):
        notes.error("contradictory", f"rules {one} and {two} are contradictory: what one gives the other takes.",
                    "Take one of them out.", task=task, subject=f"{one}+{two}",
                    **rule_place(domain, task, one))  # fmt: skip
