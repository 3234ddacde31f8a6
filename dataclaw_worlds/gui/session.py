"""A session: its applications, the goals in them with their order, and what comes in between."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.errors import StreamError
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.gui.app import App, AppItem
from dataclaw_worlds.gui.browser import browser
from dataclaw_worlds.gui.goals import (
    CARRIERS,
    Relation,
    Sources,
    UserGoal,
    application,
    goal_of,
    kinds_for,
    outcome,
    telling_goal,
)
from dataclaw_worlds.gui.kinds import KINDS
from dataclaw_worlds.gui.recorder import SessionRecorder
from dataclaw_worlds.gui.script import Habits, UserAct, acts_for, visit
from dataclaw_worlds.gui.vocabulary import VOCABULARY, one_of

SLIPS = (0.08, 0.14, 0.2, 0.26, 0.32)
NOISE = (0.15, 0.25, 0.35, 0.45, 0.6)
NAMELESS = (0.0, 0.0, 0.0, 0.05, 0.12)
PAUSES = (0.0, 0.03, 0.06, 0.08, 0.1)
"""By difficulty: chance of a slip, of something unneeded, of a missing name, of a long pause."""
THREE = (0.2, 0.3, 0.4, 0.5, 0.5)
"""By difficulty: chance that independent goals are three, not two."""
ONLINE = ("shop", "tickets", "library", "food", "maps", "mail", "chat")
"""Kinds of applications that are web sites, with cookie notices and advertisements."""
LOOKS = (0.02, 0.03, 0.04, 0.06, 0.08)
"""By difficulty: chance after each act that another application draws attention."""


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What will be done in a session.

    Attributes:
        sources: what was drawn.
        apps: the applications; those behind the goals' are there to distract.
        goals: what is wanted, in the order in which it is begun.
        relation: how the goals relate.
        mixed: whether goals are interleaved.
    """

    sources: Sources
    apps: Sequence[App]
    goals: Sequence[UserGoal]
    relation: Relation
    mixed: bool


def plan_session(spec: SceneSpec) -> SessionPlan:
    """Draw what will be done."""
    sources = Sources(spec, spec.rng("cast"))
    relation = _relation(spec.difficulty, sources.rng)
    count = {"none": 1, "sequential": 2, "parallel": 2, "hybrid": 3}[relation]
    if relation == "parallel" and sources.rng.random() < THREE[spec.difficulty - 1]:
        count = 3
    chained = relation in {"sequential", "hybrid"}
    twice = relation == "parallel" and count == 2 and sources.rng.random() < 0.35
    last = sources.rng.choice(CARRIERS) if chained else ""
    kinds = kinds_for(sources, 1 if twice else count, last)
    while chained and {kind.name for kind in kinds[:-1]} & {"mail", "chat"}:  # they bring little that can be passed on
        kinds = kinds_for(sources, count, last)
    apps = [application(sources, kind) for kind in kinds]
    goals = _goals(sources, apps, relation, twice=twice)
    apps += _distractors(sources, spec.difficulty, {kind.name for kind in kinds})
    mixed = relation == "parallel" and not twice and spec.difficulty >= 2 and sources.rng.random() < 0.6
    _dress(apps, spec.difficulty, sources.rng)
    return SessionPlan(sources, apps, goals, relation, mixed)


def _relation(difficulty: int, rng: random.Random) -> Relation:
    table: dict[int, tuple[Relation, ...]] = {
        1: ("parallel", "sequential", "parallel", "sequential", "parallel", "none"),
        2: ("sequential", "parallel", "hybrid", "parallel", "sequential", "none"),
        3: ("sequential", "parallel", "hybrid", "parallel", "hybrid", "none"),
        4: ("sequential", "parallel", "hybrid", "parallel", "hybrid", "none"),
        5: ("parallel", "hybrid", "sequential", "hybrid", "parallel", "none"),
    }
    return rng.choice(table[difficulty])


def _goals(sources: Sources, apps: Sequence[App], relation: Relation, *, twice: bool) -> list[UserGoal]:
    if twice:
        first = goal_of(sources, apps[0], 0)
        return [first, goal_of(sources, apps[0], 0, (first.name,), apps[0].form(first.form))]
    if relation in {"none", "parallel"}:
        return [goal_of(sources, app, at) for at, app in enumerate(apps)]
    goals = [goal_of(sources, app, at) for at, app in enumerate(apps[:-1])]
    source = sources.rng.randrange(len(goals))
    while outcome(goals[source], apps[source], 0) is None:
        goals[source] = goal_of(sources, apps[source], source)
    goals.append(
        telling_goal(sources, apps[-1], len(apps) - 1, (source, goals[source], apps[source], apps[source].number))
    )
    return goals


def _distractors(sources: Sources, difficulty: int, taken: set[str]) -> list[App]:
    """Applications without a goal: a mailbox of newsletters, and more at higher difficulties."""
    names = sources.rng.sample([n for n in KINDS if n not in taken and n != "sheet"], 1 + (difficulty > 3))
    found = [application(sources, KINDS[name]) for name in names]
    if "mail" not in taken and sources.rng.random() < 0.5:
        found[0] = application(sources, KINDS["mail"])
        letters = sources.rng.sample(VOCABULARY.phrases("newsletters"), 4)
        found[0].items = [AppItem(n, 0, {"From": "Newsletter", "Day": one_of(sources.rng, "days")}) for n in letters]
    return found


def _dress(apps: Sequence[App], difficulty: int, rng: random.Random) -> None:
    """Give applications cookie notices and advertisements."""
    for app in apps:
        online = app.kind.name in ONLINE
        if online and rng.random() < 0.12 * difficulty:
            app.consent = one_of(rng, "consents")
        elif rng.random() < 0.12 * difficulty:
            app.promo = (
                one_of(rng, "promos" if online else "tips"),
                one_of(rng, "dismissals"),
            )


def perform(spec: SceneSpec, plan: SessionPlan) -> SessionRecorder:
    """Carry out a plan in the browser."""
    level = spec.difficulty - 1
    rng = spec.rng("hand")
    recorder = SessionRecorder(browser(), plan.apps, rng, NAMELESS[level], PAUSES[level])
    habits = Habits(spec.rng("habits"), SLIPS[level], NOISE[level])
    alone = len(plan.goals) == 1
    recorder.front = len(plan.apps) - 1 if alone else habits.rng.randrange(len(plan.apps))
    recorder.begin()
    if alone:  # the session needs events that its goal does not
        for act in visit(recorder.app, habits):
            recorder.carry_out(act, 0)
    running = [acts_for(goal, plan.apps[goal.at], habits) for goal in plan.goals]
    open_ = list(range(len(running)))
    current, quota = open_[0], _quota(plan, habits)
    while open_:
        goal = plan.goals[current]
        _go_to(recorder, goal, current)
        act = next(running[current], None)
        if act is None:
            open_.remove(current)
            current, quota = (open_[0], _quota(plan, habits)) if open_ else (current, 0)
            continue
        recorder.carry_out(act, current)
        _check(act, goal, recorder)
        quota -= 1
        if not _pausable(act):
            continue
        if quota <= 0 and len(open_) > 1 and plan.mixed:
            current, quota = open_[(open_.index(current) + 1) % len(open_)], _quota(plan, habits)
        elif habits.rng.random() < LOOKS[level] * (2 if alone else 1):
            _wander(recorder, plan, habits, current)
    return recorder


def _pausable(act: UserAct) -> bool:
    """Whether something else may follow an act; a field that was just clicked would lose the focus."""
    if act.does == "click":
        return not act.key.startswith(("f:", "find", "cell:"))
    return act.does == "keys" and act.text == "Enter"


def _check(act: UserAct, goal: UserGoal, recorder: SessionRecorder) -> None:
    """Check that the form holds what the goal wants, or the truth would be wrong."""
    if act.key == "commit":
        missed = {k: v for k, v in goal.wants.items() if recorder.app.kept.get(k) != v}
        if missed:
            raise StreamError(
                f"the form of {goal.title!r} holds other values than {missed}.",
                place=recorder.app.title(),
                remedy="Report it.",
            )


def _quota(plan: SessionPlan, habits: Habits) -> int:
    """How many acts come before the next goal has its turn."""
    return habits.rng.randint(4, 7) if plan.mixed else 10_000


def _go_to(recorder: SessionRecorder, goal: UserGoal, current: int) -> None:
    brand = recorder.apps[goal.at].brand
    recorder.switch(
        goal.at, current, UserAct("click", f"task:{goal.at}", why=f"This is done in {brand}.", telling=False)
    )


def _wander(recorder: SessionRecorder, plan: SessionPlan, habits: Habits, current: int) -> None:
    """Visit an application without a goal and come back."""
    used = {goal.at for goal in plan.goals}
    others = [at for at in range(len(plan.apps)) if at not in used]
    if not others:
        return
    home = recorder.front
    at = habits.rng.choice(others)
    recorder.switch(at, current, UserAct("click", f"task:{at}", tag="detour", why="Something else draws attention."))
    for act in visit(recorder.app, habits):
        recorder.carry_out(act, current)
    recorder.switch(home, current, UserAct("click", f"task:{home}", tag="detour", why="Back to the work."))
