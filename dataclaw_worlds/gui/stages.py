"""A long task in stages, each of which leaves a trace that a later one shows again: what fragments are ordered by.

Things are put into a cart one after the other, so that its number grows; the order gets a number; the number is told to
somebody, and that is noted down. Where there is no cart, something is looked at, then changed, told and noted down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dataclaw.errors import StreamError
from dataclaw_worlds.gui.app import App
from dataclaw_worlds.gui.goals import Cast, Goal, goal_of, outcome, plain_name, spoken, telling
from dataclaw_worlds.gui.kinds import Form
from dataclaw_worlds.gui.recorder import Recorder
from dataclaw_worlds.gui.script import Act, Habits, Script, fill, pick, reach

BEFORE = ("nothing was", "one thing was", "two things were", "three things were")
"""How much is in a cart, by count."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a long task.

    Attributes:
        at: index of its application.
        script: what is done.
        text: what it does, a clause.
        why: why it comes where it does, a clause.
        cues: words that prove it and tell its place; they stand in titles, names or typed texts.
    """

    at: int
    script: Script
    text: str
    why: str
    cues: tuple[str, ...] = ()


@dataclass(slots=True)
class Task:
    """A long task.

    Attributes:
        stages: its stages in order.
        title: the whole of it, as a request.
    """

    stages: list[Stage] = field(default_factory=list[Stage])
    title: str = ""


def long_task(cast: Cast, apps: Sequence[App], habits: Habits, things: int) -> Task:
    """A task that begins in the first application and is told of in the others.

    Args:
        cast: what to draw from.
        apps: the applications, at least two; those behind the first take messages or notes.
        habits: how somebody works.
        things: how many things go into a cart, where there is one.
    """
    task = Task()
    home = apps[0]
    goal = _source(cast, home)
    if home.kind.numbered:
        _fill_cart(task, cast, home, goal, habits, things)
    else:
        _change(task, home, goal, habits)
    said = outcome(goal, home, home.number)
    if said is None:
        raise ValueError(f"nothing to tell of {goal.title!r}")
    value, before = said[0], ""
    for at, app in enumerate(apps[1:], start=1):
        told = telling(cast, app, at, (0, goal, home, home.number))
        if before:  # each later one speaks of the one before it
            told = _of_both(told, app, before)
        elif home.kind.numbered:
            told = _naming(told, app, task)
        task.stages.append(_telling_stage(app, at, told, value, before, habits))
        told_of = told.title[:1].lower() + told.title[1:]
        if home.kind.numbered and things > 1:  # the number is of all that was ordered
            told_of = told_of.replace(f" of {spoken(home.kind, goal.name)}", "")
        task.title += f"; then {told_of}"
        before = told.people[0] if told.people else app.brand
    return task


def _source(cast: Cast, home: App) -> Goal:
    for _ in range(40):
        goal = goal_of(cast, home, 0)
        if goal.item >= 0 and outcome(goal, home, 0) is not None:
            return goal
    raise ValueError(f"nothing in {home.brand!r} can be told")


def _fill_cart(task: Task, cast: Cast, home: App, goal: Goal, habits: Habits, things: int) -> None:
    """Put things into the cart, one a stage, and order them."""
    items = [goal.item]
    others = [i for i in range(len(home.items)) if i != goal.item]
    items += cast.rng.sample(others, min(things - 1, len(others)))
    cart = home.say["cart"]
    for number, item in enumerate(items, start=1):
        name = home.items[item].name
        why = BEFORE[0] + " in there before" if number == 1 else f"{BEFORE[number - 1]} in there before"
        text = f'{plain_name(home.kind, name)} is added, and "{cart} ({number})" is shown'
        script = _put(replace(goal, item=item), home, habits)
        task.stages.append(Stage(0, script, text, why, (name, f"{cart} ({number})")))
    done = home.form("acquire").done.format(n=home.number)
    text = f'"{cart} ({len(items)})" is sent off, which gives "{done}"'
    task.stages.append(
        Stage(0, _pay(goal, home, habits), text, "everything was in there by then", (f"{cart} ({len(items)})", done))
    )
    names = [plain_name(home.kind, home.items[i].name) for i in items]
    verb = {"tickets": "Book seats for", "library": "Reserve"}.get(home.kind.name, "Order")
    task.title = f"{verb} {' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} at {home.brand}"


def _put(goal: Goal, app: App, habits: Habits) -> Script:
    yield from reach(goal, app, habits)
    entry = app.form("acquire").entries[0]
    yield from pick(entry, goal.wants[entry.name], habits)
    yield Act("click", "add", telling=True)
    yield Act("click", f"nav:{app.section}", telling=True)


def _pay(goal: Goal, app: App, habits: Habits) -> Script:
    yield Act("click", "cart")
    yield Act("click", "checkout", telling=True)
    for entry in app.form("acquire").entries[1:]:
        yield from pick(entry, goal.wants[entry.name], habits)
    yield Act("click", "commit", telling=True)
    yield Act("click", "back", telling=True)


def _change(task: Task, home: App, goal: Goal, habits: Habits) -> None:
    """Look at something, then change it."""
    name, form = home.items[goal.item].name, home.form(goal.form)
    values = tuple(goal.wants.values())
    text = f'"{name}" is looked up and opened in {home.brand}'
    task.stages.append(
        Stage(0, _look_up(goal, home, habits), text, "it has to be found before it can be changed", (name,))
    )
    done = form.done.format_map({**home.items[goal.item].facts, **goal.wants, "item": name, "n": ""})
    entry = "" if values[0].casefold() in goal.gist.casefold() else f' {_joint(form)} "{values[0]}"'
    text = f'{goal.gist}{entry}, and "{done}" confirms it'
    task.stages.append(Stage(0, _alter(goal, home, habits), text, "it had been looked up before", (values[0], done)))
    task.title = goal.title


def _joint(form: Form) -> str:
    """What leads over from what is done to its first value."""
    return "from" if form.name == "route" else "to"


def _look_up(goal: Goal, app: App, habits: Habits) -> Script:
    yield from reach(goal, app, habits)
    yield Act("wheel", notches=2, telling=True)
    yield Act("wheel", notches=-2)


def _alter(goal: Goal, app: App, habits: Habits) -> Script:
    form = app.form(goal.form)
    yield Act("click", f"form:{form.name}")
    for entry in form.entries:
        if entry.name in goal.wants:
            yield from fill(app, entry, goal.wants[entry.name], habits)
    yield Act("click", "commit", telling=True)
    yield Act("click", "back", telling=True)


def _naming(told: Goal, app: App, task: Task) -> Goal:
    """The same, its heading naming what was ordered, which tells it from other orders."""
    names = " and ".join(stage.cues[0] for stage in task.stages[:-1])
    heading = next((e.name for e in app.form("compose").entries if e.holds == "title"), "")
    if heading:
        return replace(told, wants={**told.wants, heading: names})
    body = next(e.name for e in app.form("compose").entries if e.holds == "sentence")
    return replace(told, wants={**told.wants, body: f"{told.wants[body]} for {names}"})


def _of_both(told: Goal, app: App, before: str) -> Goal:
    """The same, saying also that somebody had been told before."""
    entries = app.form("compose").entries
    body = next((e.name for e in entries if e.holds == "sentence"), entries[0].name)
    return replace(told, wants={**told.wants, body: f"{told.wants[body]}, {before} has it"})


def _telling_stage(app: App, at: int, told: Goal, value: str, before: str, habits: Habits) -> Stage:
    body = max(told.wants.values(), key=lambda text: value.casefold() in text.casefold())
    text = f'"{body}" is written in {app.brand}'
    why = f'it says that "{before}" has it already' if before else "it tells what came out before"
    cues = (body, before) if before else (body,)
    return Stage(at, _tell(told, app, habits), text, why, cues)


def _tell(goal: Goal, app: App, habits: Habits) -> Script:
    form = app.form("compose")
    yield Act("click", f"form:{form.name}")
    for entry in form.entries:
        yield from fill(app, entry, goal.wants[entry.name], habits)
    yield Act("click", "commit", telling=True)
    yield Act("click", "back", telling=True)


LEAD_IN = 0.45
"""How long before its first act a fragment begins [s]."""


def play(recorder: Recorder, task: Task, habits: Habits) -> list[tuple[float, float]]:
    """Do a task; the span [s] of each stage, some acts of its beginning cut off."""
    spans: list[tuple[float, float]] = []
    for number, stage in enumerate(task.stages):
        recorder.switch(stage.at, number, Act("click", f"task:{stage.at}"))
        first = len(recorder.done)
        for act in stage.script:
            recorder.carry_out(act, number)
        acts = recorder.done[first:]
        if not acts:
            raise StreamError("a stage without acts.", place=stage.text, remedy="Report it.")
        lead = next((k for k, d in enumerate(acts) if d.act.telling), 0)
        cut = habits.rng.randint(min(1, lead), min(2, lead))
        spans.append((acts[cut].t0 - LEAD_IN, acts[-1].t1 + 0.6))
    return spans
