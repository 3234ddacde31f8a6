"""How somebody reaches a goal: one act after the other, with the mistakes and detours that people make on the way.

Each act says what it is (`tag`), why it is done and what can be seen afterwards. A script is a generator, so that
several of them can be interleaved; it looks at the application when it goes on.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dataclaw_worlds.gui.app import App
from dataclaw_worlds.gui.goals import UserGoal
from dataclaw_worlds.gui.kinds import AppForm, FormEntry, field_noun
from dataclaw_worlds.words import words

_REASONS = words("gui/reasons.toml")
Tag: TypeAlias = Literal["need", "undone", "detour", "no_effect", "noise"]
"""What an act is to the goal: needed, taken back later, led back, changed nothing, or nothing to do with it."""
Does: TypeAlias = Literal["click", "type", "keys", "wheel", "blank"]


@dataclass(frozen=True, slots=True)
class UserAct:
    """One act of the user.

    Attributes:
        does: with what.
        key: the element, for clicks.
        text: what is typed, or which keys in Playwright's names.
        notches: of the wheel, positive shows what is further down.
        tag: what it is to the goal.
        why: why it is done, a sentence.
        seen: what can be seen afterwards, a clause; "" where the window's title tells it.
        telling: whether it says what the goal is.
    """

    does: Does
    key: str = ""
    text: str = ""
    notches: int = 0
    tag: Tag = "need"
    why: str = ""
    seen: str = ""
    telling: bool = False


Script: TypeAlias = Generator[UserAct, None, None]


@dataclass(slots=True)
class Habits:
    """How somebody works.

    Attributes:
        rng: what decides.
        slips: chance of a mistake or a detour at each place where there may be one, 0..1.
        noise: chance of an act that has nothing to do with the goal, at such a place, 0..1.
    """

    rng: random.Random
    slips: float
    noise: float

    def why(self, key: str, **values: str) -> str:
        """One of several reasons of `reasons.toml`, filled in."""
        return self.rng.choice(_REASONS.phrases(key)).format(**values)

    def slip(self, weight: float = 1.0) -> bool:
        """Whether a mistake happens here."""
        return self.rng.random() < self.slips * weight


def acts_for(goal: UserGoal, app: App, habits: Habits) -> Script:
    """The acts that reach a goal; its application is in front."""
    form = app.form(goal.form)
    if form.name == "cells":
        yield from _cells(goal, app, form, habits)
        return
    if app.page.what != "list":
        yield UserAct("click", f"nav:{app.section}", why=habits.why("start"))
    yield from stray(app, habits)
    if goal.item >= 0:
        yield from reach(goal, app, habits)
    if form.on == "cart":
        yield from _acquire(goal, app, form, habits)
        return
    opens = app.say[f"open {form.name}"]
    if habits.slip(0.5):
        yield UserAct("click", f"form:{form.name}", tag="undone", why=f'"{opens}" was used too early.')
        yield UserAct("click", "cancel", tag="undone", why="The form is left again.")
        if goal.item >= 0:
            yield UserAct("click", f"open:{goal.item}", tag="undone", why="The way back.")
    yield UserAct("click", f"form:{form.name}", why=habits.why("open_form", name=opens))
    for entry in form.entries:
        if entry.name in goal.wants:
            yield from fill(app, entry, goal.wants[entry.name], habits)
    commits = app.say[f"commit {form.name}"]
    why = habits.why("finish_form", name=commits)
    yield UserAct("click", "commit", why=why, telling=True)


def reach(goal: UserGoal, app: App, habits: Habits) -> Script:
    """Find the item: by search or on the list, and open it."""
    name = app.items[goal.item].name
    word = max((w.strip(",.()") for w in name.split()), key=len).lower()
    if app.kind.search and habits.rng.random() < 0.55:
        find = app.say["find"]
        yield UserAct("click", "find", why=habits.why("search", name=find), seen=f'The cursor stands in "{find}"')
        yield from type_text(word, habits.why("type_word", name=word), habits, telling=True)
        start = habits.why("run_search")
        if habits.rng.random() < 0.5:
            yield UserAct("keys", text="Enter", why=start)
        else:
            yield UserAct("click", "go", why=start)
    wrong = [i for i in app.visible_items() if i != goal.item]
    if wrong and habits.slip():
        other = habits.rng.choice(wrong)
        yield UserAct("click", f"open:{other}", tag="detour", why="This turns out to be the wrong one.")
        if app.kind.numbered and habits.slip(0.6):
            yield from _wrong_in_cart(app)
        else:
            yield UserAct("click", "back", tag="detour", why="It is the wrong one, so the list is needed again.")
    yield UserAct("click", f"open:{goal.item}", why=habits.why("open_item", name=name), telling=True)


def _wrong_in_cart(app: App) -> Script:
    yield UserAct("click", "add", tag="undone", why="This is not what is wanted.")
    yield UserAct(
        "click", f"drop:{len(app.cart) - 1}", tag="undone", why="It is not what is wanted, so it goes out again."
    )
    yield UserAct("click", f"nav:{app.section}", tag="detour", why="The list is needed again.")


def _acquire(goal: UserGoal, app: App, form: AppForm, habits: Habits) -> Script:
    first, *rest = form.entries
    yield from choose(first, goal.wants[first.name], habits)
    if habits.slip(0.6):
        yield UserAct("click", "more", tag="undone", why="One too many.", seen="The quantity is 2")
        yield UserAct("click", "less", tag="undone", why="One is enough.", seen="The quantity is 1 again")
    add, checkout = app.say["open acquire"], app.say["checkout"]
    yield UserAct("click", "add", why=habits.why("add", name=add), telling=True)
    yield from stray(app, habits)
    yield UserAct("click", "checkout", why=habits.why("checkout", name=checkout))
    for entry in rest:
        yield from choose(entry, goal.wants[entry.name], habits)
    commits = app.say["commit acquire"]
    why = habits.why("finish_order", name=commits)
    yield UserAct("click", "commit", why=why, telling=True)


def fill(app: App, entry: FormEntry, value: str, habits: Habits) -> Script:
    """Fill in a field of a form."""
    if entry.chosen:
        yield from choose(entry, value, habits)
        return
    yield UserAct(
        "click", f"f:{entry.name}", why=habits.why("fill", name=entry.name), seen=f'The cursor stands in "{entry.name}"'
    )
    if app.draft.get(entry.name):  # something stands there already
        yield UserAct("keys", text="Control+A", why="What stands there is replaced.", seen="The old text is selected")
    yield from type_text(value, _REASONS["typed"].get(entry.holds, "This is what belongs here."), habits, telling=True)


def type_text(text: str, why: str, habits: Habits, *, telling: bool = False) -> Script:
    """Type a text, perhaps wrongly at first."""
    if len(text) > 3 and habits.slip(0.8):
        yield UserAct("type", text=_mistaken(text, habits.rng), tag="undone", why="A typing error.")
        yield UserAct("keys", text="Control+A", tag="undone", why="There is a typing error, so it is typed anew.")
    yield UserAct("type", text=text, why=why, seen="The field holds the text", telling=telling)


def _mistaken(text: str, rng: random.Random) -> str:
    """The text with letters swapped or left out, or broken off."""
    at = rng.randrange(1, len(text) - 1)
    swapped = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    wrong = rng.choice((swapped, text[:at] + text[at + 1 :], text[:at] + text[at] * 2 + text[at + 1 :]))
    return wrong if wrong != text else text[:-1]


def choose(entry: FormEntry, value: str, habits: Habits) -> Script:
    """Choose a value, perhaps a wrong one at first."""
    others = [c for c in entry.choices if c != value]
    if habits.slip(0.7):
        wrong = habits.rng.choice(others)
        yield UserAct(
            "click", f"pick:{entry.name}:{wrong}", tag="undone", why="A wrong choice.", seen=f'"{wrong}" is chosen'
        )
    name = field_noun(entry.name)
    yield UserAct(
        "click",
        f"pick:{entry.name}:{value}",
        why=habits.why("choose", name=name, value=value),
        seen=f'"{value}" is chosen',
        telling=True,
    )


def _cells(goal: UserGoal, app: App, form: AppForm, habits: Habits) -> Script:
    item = app.items[goal.item].name
    for column, entry in enumerate(form.entries, start=1):
        head = app.say[f"column {column}"]
        if habits.slip():
            row = habits.rng.choice([r for r in range(len(app.items)) if r != goal.item] or [0])
            yield UserAct("click", f"cell:{row}:{column}", tag="no_effect", why="A click beside it.")
        yield UserAct(
            "click",
            f"cell:{goal.item}:{column}",
            why=habits.why("cell", name=item, column=head),
            seen="The cell is selected",
            telling=True,
        )
        yield from type_text(goal.wants[entry.name], f"The amount for {head} goes here.", habits, telling=True)
        yield UserAct("keys", text="Enter", why=habits.why("keep_cell"), seen="The number stands in the table")


def stray(app: App, habits: Habits) -> Script:
    """Acts that have nothing to do with the goal: looking around, missing a target, closing a pop-up."""
    rng = habits.rng
    if app.consent and rng.random() < 0.7:
        yield UserAct("click", "consent", tag="noise", why="The notice about cookies is in the way.")
    if app.promo and rng.random() < 0.7:
        yield UserAct("click", "promo", tag="noise", why="The advertisement is closed.")
    if rng.random() >= habits.noise:
        return
    match rng.randrange(4):
        case 0:
            yield UserAct("blank", tag="no_effect", why="A click beside everything.")
        case 1:
            yield UserAct("wheel", notches=3, tag="detour", why="Looking around.")
            yield UserAct("wheel", notches=-3, tag="detour", why="Back to the top.")
        case 2 if app.page.what == "list":
            section = rng.choice([s for s in range(len(app.kind.sections)) if s != app.section])
            old = app.section
            yield UserAct("click", f"nav:{section}", tag="detour", why="The wrong section.")
            yield UserAct("click", f"nav:{old}", tag="detour", why="Back to where the work goes on.")
        case _:
            yield UserAct("blank", tag="no_effect", why="A click beside everything.")


def visit(app: App, habits: Habits) -> Script:
    """A detour in another application: reading a newsletter, looking through a list."""
    for _ in range(habits.rng.randint(1, 2)):
        shown: Sequence[int] = app.visible_items()
        if app.page.what == "list" and shown:
            yield UserAct(
                "click", f"open:{habits.rng.choice(list(shown))}", tag="detour", why="A look at something else."
            )
            if habits.rng.random() < 0.5:
                yield UserAct("wheel", notches=2, tag="detour", why="Reading on.")
            yield UserAct("click", "back", tag="detour", why="Enough of it.")
        else:
            yield UserAct("click", f"nav:{app.section}", tag="detour", why="A look around.")
