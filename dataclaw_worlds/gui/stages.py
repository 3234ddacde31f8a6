"""A long task in stages. Each leaves a trace that a later one shows again, which is what orders the fragments.

The user puts things into a cart one after the other, so that its number grows. The order gets a number, the user sends
it to somebody and makes a note of that. Without a cart, the user looks something up, changes it, passes that on and
makes a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dataclaw.errors import StreamError
from dataclaw_worlds.gui.app import App
from dataclaw_worlds.gui.goals import Sources, UserGoal, goal_of, name_in_sentence, outcome, plain_name, telling_goal
from dataclaw_worlds.gui.kinds import AppForm
from dataclaw_worlds.gui.recorder import SessionRecorder
from dataclaw_worlds.gui.script import Habits, Script, UserAct, choose, fill, reach
from dataclaw_worlds.words import lower_first

BEFORE = ("nothing was", "one thing was", "two things were", "three things were")
"""How much is in a cart, by count."""


@dataclass(frozen=True, slots=True)
class TaskStage:
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
class LongTask:
    """A long task.

    Attributes:
        stages: its stages in order.
        title: the whole of it, as a request.
    """

    stages: list[TaskStage] = field(default_factory=list[TaskStage])
    title: str = ""


def long_task(sources: Sources, apps: Sequence[App], habits: Habits, things: int) -> LongTask:
    """A task that begins in the first application and is passed on in the others.

    Args:
        sources: what to draw from.
        apps: the applications, at least two; those behind the first take messages or notes.
        habits: how somebody works.
        things: how many things go into a cart, where there is one.
    """
    task = LongTask()
    home = apps[0]
    goal = _source(sources, home)
    if home.kind.numbered:
        _fill_cart(task, sources, home, goal, habits, things)
    else:
        _change(task, home, goal, habits)
    result = outcome(goal, home, home.number)
    if result is None:
        raise ValueError(f"The goal {goal.title!r} brings nothing to pass on. Choose another one.")
    value, before = result[0], ""
    for at, app in enumerate(apps[1:], start=1):
        message = telling_goal(sources, app, at, (0, goal, home, home.number))
        if before:  # each later one speaks of the one before it
            message = _with_earlier(message, app, before)
        elif home.kind.numbered:
            message = _with_names(message, app, task)
        task.stages.append(_telling_stage(app, at, message, value, before, habits))
        title = lower_first(message.title)
        if home.kind.numbered and things > 1:  # the number is of all that was ordered
            title = title.replace(f" of {name_in_sentence(home.kind, goal.name)}", "")
        task.title += f"; then {title}"
        before = message.people[0] if message.people else app.brand
    return task


def _source(sources: Sources, home: App) -> UserGoal:
    for _ in range(40):
        goal = goal_of(sources, home, 0)
        if goal.item >= 0 and outcome(goal, home, 0) is not None:
            return goal
    raise ValueError(f"No goal in {home.brand!r} brings anything to pass on. Choose another application.")


def _fill_cart(task: LongTask, sources: Sources, home: App, goal: UserGoal, habits: Habits, things: int) -> None:
    """Put things into the cart, one in each stage, and order them."""
    items = [goal.item]
    others = [i for i in range(len(home.items)) if i != goal.item]
    items += sources.rng.sample(others, min(things - 1, len(others)))
    cart = home.say["cart"]
    for number, item in enumerate(items, start=1):
        name = home.items[item].name
        why = BEFORE[0] + " in there before" if number == 1 else f"{BEFORE[number - 1]} in there before"
        text = f'{plain_name(home.kind, name)} is added, and "{cart} ({number})" is shown'
        script = _put(replace(goal, item=item), home, habits)
        task.stages.append(TaskStage(0, script, text, why, (name, f"{cart} ({number})")))
    done = home.form("acquire").done.format(n=home.number)
    text = f'"{cart} ({len(items)})" is sent off, which gives "{done}"'
    task.stages.append(
        TaskStage(
            0, _pay(goal, home, habits), text, "everything was in there by then", (f"{cart} ({len(items)})", done)
        )
    )
    names = [plain_name(home.kind, home.items[i].name) for i in items]
    verb = {"tickets": "Book seats for", "library": "Reserve"}.get(home.kind.name, "Order")
    task.title = f"{verb} {' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} at {home.brand}"


def _put(goal: UserGoal, app: App, habits: Habits) -> Script:
    yield from reach(goal, app, habits)
    entry = app.form("acquire").entries[0]
    yield from choose(entry, goal.wants[entry.name], habits)
    yield UserAct("click", "add", telling=True)
    yield UserAct("click", f"nav:{app.section}", telling=True)


def _pay(goal: UserGoal, app: App, habits: Habits) -> Script:
    yield UserAct("click", "cart")
    yield UserAct("click", "checkout", telling=True)
    for entry in app.form("acquire").entries[1:]:
        yield from choose(entry, goal.wants[entry.name], habits)
    yield UserAct("click", "commit", telling=True)
    yield UserAct("click", "back", telling=True)


def _change(task: LongTask, home: App, goal: UserGoal, habits: Habits) -> None:
    """Look at something, then change it."""
    name, form = home.items[goal.item].name, home.form(goal.form)
    values = tuple(goal.wants.values())
    text = f'"{name}" is looked up and opened in {home.brand}'
    task.stages.append(
        TaskStage(0, _look_up(goal, home, habits), text, "it has to be found before it can be changed", (name,))
    )
    done = form.done.format_map({**home.items[goal.item].facts, **goal.wants, "item": name, "n": ""})
    entry = "" if values[0].casefold() in goal.gist.casefold() else f' {_joint(form)} "{values[0]}"'
    text = f'{goal.gist}{entry}, and "{done}" confirms it'
    task.stages.append(
        TaskStage(0, _alter(goal, home, habits), text, "it had been looked up before", (values[0], done))
    )
    task.title = goal.title


def _joint(form: AppForm) -> str:
    """The preposition before the first value."""
    return "from" if form.name == "route" else "to"


def _look_up(goal: UserGoal, app: App, habits: Habits) -> Script:
    yield from reach(goal, app, habits)
    yield UserAct("wheel", notches=2, telling=True)
    yield UserAct("wheel", notches=-2)


def _alter(goal: UserGoal, app: App, habits: Habits) -> Script:
    form = app.form(goal.form)
    yield UserAct("click", f"form:{form.name}")
    for entry in form.entries:
        if entry.name in goal.wants:
            yield from fill(app, entry, goal.wants[entry.name], habits)
    yield UserAct("click", "commit", telling=True)
    yield UserAct("click", "back", telling=True)


def _with_names(message: UserGoal, app: App, task: LongTask) -> UserGoal:
    """The message with what was ordered in its heading, which tells it from other orders."""
    names = " and ".join(stage.cues[0] for stage in task.stages[:-1])
    heading = next((e.name for e in app.form("compose").entries if e.holds == "title"), "")
    if heading:
        return replace(message, wants={**message.wants, heading: names})
    body = next(e.name for e in app.form("compose").entries if e.holds == "sentence")
    return replace(message, wants={**message.wants, body: f"{message.wants[body]} for {names}"})


def _with_earlier(message: UserGoal, app: App, before: str) -> UserGoal:
    """The message that also mentions who had it before."""
    entries = app.form("compose").entries
    body = next((e.name for e in entries if e.holds == "sentence"), entries[0].name)
    return replace(message, wants={**message.wants, body: f"{message.wants[body]}, {before} has it"})


def _telling_stage(app: App, at: int, message: UserGoal, value: str, before: str, habits: Habits) -> TaskStage:
    body = max(message.wants.values(), key=lambda text: value.casefold() in text.casefold())
    text = f'"{body}" is written in {app.brand}'
    why = f'it says that "{before}" has it already' if before else "it tells what came out before"
    cues = (body, before) if before else (body,)
    return TaskStage(at, _write_message(message, app, habits), text, why, cues)


def _write_message(goal: UserGoal, app: App, habits: Habits) -> Script:
    form = app.form("compose")
    yield UserAct("click", f"form:{form.name}")
    for entry in form.entries:
        yield from fill(app, entry, goal.wants[entry.name], habits)
    yield UserAct("click", "commit", telling=True)
    yield UserAct("click", "back", telling=True)


LEAD_IN = 0.45
"""How long a fragment begins before its first act [s]."""


def play(recorder: SessionRecorder, task: LongTask, habits: Habits) -> list[tuple[float, float]]:
    """Carry out a task; the span [s] of each stage, without some of its first acts."""
    spans: list[tuple[float, float]] = []
    for number, stage in enumerate(task.stages):
        recorder.switch(stage.at, number, UserAct("click", f"task:{stage.at}"))
        first = len(recorder.done)
        for act in stage.script:
            recorder.carry_out(act, number)
        acts = recorder.done[first:]
        if not acts:
            raise StreamError("a stage has no acts.", place=stage.text, remedy="Report it.")
        lead = next((k for k, d in enumerate(acts) if d.act.telling), 0)
        cut = habits.rng.randint(min(1, lead), min(2, lead))
        spans.append((acts[cut].t0 - LEAD_IN, acts[-1].t1 + 0.6))
    return spans
