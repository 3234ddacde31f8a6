"""The goals of a session, drawn from what the applications offer, and how one builds on another."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.gui.app import App, AppItem
from dataclaw_worlds.gui.kinds import KINDS, AppForm, AppKind, FormEntry, field_noun
from dataclaw_worlds.gui.style import AppStyle, styles
from dataclaw_worlds.gui.vocabulary import PEOPLE, STREETS, VOCABULARY, brands, objects, one_of
from dataclaw_worlds.words import lower_first, upper_first

Relation: TypeAlias = Literal["none", "sequential", "parallel", "hybrid"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class UserGoal:
    """Something that the user of a session wants.

    Attributes:
        at: index of its application.
        kind: name of the kind of application.
        form: name of what is done there.
        item: index of the item it is about, -1 for something new.
        name: name of that item, or of what is new.
        wants: what goes into each field, by name; of choices in the order they are made.
        title: the goal as a request.
        title_zh: the same in Chinese.
        gist: the same as a clause, passive.
        people: who has to do with it.
        builds_on: index of the goal whose outcome it uses, -1 for none.
        carried: what is carried over from there.
    """

    at: int
    kind: str
    form: str
    item: int
    name: str
    wants: Mapping[str, str]
    title: str
    title_zh: str
    gist: str
    people: tuple[str, ...] = ()
    builds_on: int = -1
    carried: str = ""

    def facts(self, brand: str) -> dict[str, Json]:
        """The goal as it stands in the truth."""
        return {
            "app": brand, "kind": self.kind, "form": self.form, "name": self.name, "title": self.title,
            "zh": self.title_zh, "gist": self.gist, "people": list(self.people), "builds_on": self.builds_on,
            "carried": self.carried,
        }  # fmt: skip


@dataclass(slots=True)
class Sources:
    """What a scene draws from: the half of each vocabulary that its split may use, and what was used of it."""

    spec: SceneSpec
    rng: random.Random
    used: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def draw(self, key: str, items: Sequence[str], count: int = 1) -> list[str]:
        """Draw items of a vocabulary, each at most once; fewer where it has fewer."""
        pool = self.spec.pool(list(dict.fromkeys(items)), key)
        taken = self.used.setdefault(key, set())
        fresh = [item for item in pool if item not in taken] or pool
        found = self.rng.sample(fresh, min(count, len(fresh)))
        taken.update(found)
        return found

    def names(self) -> dict[str, list[str]]:
        """What was used, by vocabulary: the `sources` of a scene."""
        return {key: sorted(used) for key, used in self.used.items()}

    def style(self) -> AppStyle:
        """Draw a look whose layout and theme the split may use."""
        every = styles()
        layouts = set(self.spec.pool(sorted({s.layout for s in every}), "layout"))
        themes = set(self.spec.pool(sorted({s.theme for s in every}), "theme"))
        style = self.rng.choice([s for s in every if s.layout in layouts and s.theme in themes])
        self.used.setdefault("layout", set()).add(style.layout)
        self.used.setdefault("theme", set()).add(style.theme)
        return style

    def value(self, holds: str, noun: str = "") -> str:
        """Draw a value for a field; `noun` is what the item is called."""
        if holds == "person":
            return self.draw("person", PEOPLE)[0]
        if holds == "title":
            return noun
        make = _VALUES.get(holds)
        return make(self.rng, noun) if make else self.rng.choice(holds.split("|"))


def _sentence(rng: random.Random, _: str) -> str:
    form = one_of(rng, "sentences")
    day, hour, street = (
        one_of(rng, "days"),
        one_of(rng, "hours"),
        rng.choice(STREETS),
    )
    return form.format(day=day, hour=hour, street=street, n=rng.randint(2, 98))


def _file_name(rng: random.Random, noun: str) -> str:
    return f"{noun.lower().replace(' ', '-')}-{rng.choice(MONTHS).lower()}-{rng.randint(20, 29)}.pdf"


_VALUES: Mapping[str, Callable[[random.Random, str], str]] = {
    "sentence": _sentence,
    "rename": _file_name,
    "day": lambda rng, _: one_of(rng, "days"),
    "hour": lambda rng, _: one_of(rng, "hours"),
    "date": lambda rng, _: f"{rng.randint(1, 28)} {rng.choice(MONTHS)}",
    "phone": lambda rng, _: f"0{rng.randint(20, 98)} {rng.randint(100, 999)} {rng.randint(100, 999)}",
    "city": lambda rng, _: one_of(rng, "cities"),
    "street": lambda rng, _: f"{rng.choice(STREETS)} {rng.randint(1, 98)}",
    "price": lambda rng, _: f"€ {rng.randint(3, 180)}.{rng.choice(('00', '50', '90'))}",
    "amount": lambda rng, _: str(rng.randint(12, 980)),
    "dish price": lambda rng, _: f"€ {rng.randint(4, 24)}.{rng.choice(('00', '50', '90'))}",
    "rating": lambda rng, _: f"{rng.randint(2, 4)}.{rng.randint(0, 9)} stars",
    "shelf": lambda rng, _: f"{rng.choice('ABCDEFG')}{rng.randint(1, 40)}",
    "minutes": lambda rng, _: f"{rng.randint(15, 55)} min",
    "count": lambda rng, _: str(rng.randint(1, 9)),
    "size": lambda rng, _: f"{rng.randint(12, 980)} kB",
}
"""How a value is drawn, by `FormEntry.holds`."""


def application(sources: Sources, kind: AppKind, style: AppStyle | None = None) -> App:
    """An application of a kind with its items."""
    rng = sources.rng
    brand = sources.draw("application", brands(kind.name))[0]
    say = {
        "find": rng.choice(kind.search or ("",)), "go": rng.choice(("Go", "Search now", "Show results")),
        "cancel": rng.choice(("Cancel", "Discard", "Never mind")),
        "back": rng.choice(("Back", "Back to list", "Return")),
        "thanks": rng.choice(("All done.", "That worked.", "Thank you.")),
        "drop": rng.choice(("Remove", "Take out", "Delete")),
        "column 1": rng.choice(("March", "Planned", "2025")), "column 2": rng.choice(("April", "Spent", "2026")),
    }  # fmt: skip
    say |= {f"open {f.name}": rng.choice(f.opens or ("",)) for f in kind.forms}
    say |= {f"commit {f.name}": rng.choice(f.commits or ("",)) for f in kind.forms}
    say |= {key: rng.choice(names) for key, names in kind.more.items()}
    items = _items(sources, kind)
    dash, first = rng.choice((" — ", " - ", " | ", " · ")), rng.random() < 0.3
    return App(kind, brand, say, style or sources.style(), items, rng.randint(1200, 9800), dash, first)


def _items(sources: Sources, kind: AppKind) -> list[AppItem]:
    rng = sources.rng
    count = rng.randint(6, 12)
    nouns = sources.draw("object", objects(kind.name), count)
    names: list[str] = []
    for noun in nouns:
        if kind.name == "shop":
            names += [f"{noun}, {colour}" for colour in rng.sample(VOCABULARY.phrases("colours"), rng.randint(1, 2))]
        elif kind.name == "files":
            names += [f"{noun} {month}.pdf" for month in rng.sample(MONTHS, rng.randint(1, 2))]
        elif kind.name in {"mail", "chat"}:
            names.append(f"About {noun}" if rng.random() < 0.5 else f"Re: {noun}")
        else:
            names.append(noun)
    rng.shuffle(names)
    named = [upper_first(n) for n in names[:14]]
    return [AppItem(n, 0, {label: sources.value(holds, n) for label, holds in kind.facts}) for n in named]


def goal_of(sources: Sources, app: App, at: int, avoid: Sequence[str] = (), form: AppForm | None = None) -> UserGoal:
    """A goal in an application.

    Args:
        sources: what to draw from.
        app: the application.
        at: its index.
        avoid: names of what other goals are about.
        form: what is to be done; by default any of what can be.
    """
    rng, kind = sources.rng, app.kind
    form = form or rng.choice(kind.forms)
    if form.on == "list" and form.name != "cells":
        noun = upper_first(sources.draw("object", objects(kind.name))[0])
        wants = {e.name: sources.value(e.holds, noun) for e in form.entries}
        return _goal(app, at, form, -1, wants[form.entries[0].name], wants)
    free = [i for i, item in enumerate(app.items) if item.name not in avoid] or list(range(len(app.items)))
    index = rng.choice(free)
    item = app.items[index]
    entries = rng.sample(form.entries, form.some) if form.some else list(form.entries)
    wants = {e.name: _other(sources, e, item) for e in entries}
    return _goal(app, at, form, index, item.name, wants)


def _other(sources: Sources, entry: FormEntry, item: AppItem) -> str:
    """A value that the item does not have yet."""
    for _ in range(20):
        value = sources.value(entry.holds, item.name.partition(" ")[0] if entry.holds == "rename" else item.name)
        if value != item.facts.get(entry.name):
            return value
    return sources.value(entry.holds, item.name)


def _goal(app: App, at: int, form: AppForm, index: int, name: str, wants: Mapping[str, str]) -> UserGoal:
    plain = plain_name(app.kind, name)
    said = {e.name: plain_name(app.kind, wants[e.name]) for e in form.entries if e.holds == "title"}
    slots = {
        **wants, **said, "item": plain, "brand": app.brand,
        "fields": " and ".join(field_noun(k) for k in wants),
        "values": " and ".join(wants.values()),
    }  # fmt: skip
    slots |= {k: lower_first(v) for k, v in wants.items() if app.kind.numbered or k == "Scope"}
    title, zh, gist = (_fill_slots(text, slots) for text in (form.goal, form.goal_zh, form.gist))
    people = tuple(wants[e.name] for e in form.entries if e.holds == "person" and e.name in wants)
    if app.kind.name == "contacts" and index >= 0:
        people = (name,)
    return UserGoal(at, app.kind.name, form.name, index, name, wants, title, zh, gist, people)


def _fill_slots(text: str, slots: Mapping[str, str]) -> str:
    return text.format_map(slots)


def plain_name(kind: AppKind, name: str) -> str:
    """A name as people say it: `Kettle, blue` is a blue kettle, `About the rent` is about the rent."""
    if kind.name == "shop":
        noun, _, colour = name.partition(", ")
        return f"{colour} {noun.lower()}".strip()
    if kind.name in {"mail", "chat"}:
        plain = name.removeprefix("About ").removeprefix("Re: ")
        return lower_first(plain)
    if kind.name in {"todo", "notes"}:
        return f"'{lower_first(name)}'"
    return name if kind.name in {"tickets", "library", "contacts", "files", "maps"} else lower_first(name)


def name_in_sentence(kind: AppKind, name: str) -> str:
    """A name in the middle of a sentence."""
    plain = plain_name(kind, name)
    return f"the {plain}" if kind.name in {"shop", "food", "calendar"} else plain


CARRIERS = ("mail", "chat", "notes", "todo")
"""Kinds of applications in which the outcome of another goal may be passed on."""


def outcome(goal: UserGoal, app: App, number: int) -> tuple[str, str, str] | None:
    """What a goal brings that can be passed on: `(value, sentence, noun)`; None where it brings nothing.

    Args:
        goal: the goal.
        app: its application.
        number: number that it gives where things are numbered.
    """
    plain, wants = name_in_sentence(app.kind, goal.name), goal.wants
    if app.kind.numbered:
        word = {"tickets": "booking", "library": "reservation"}.get(goal.kind, "order")
        return str(number), f"the {word} number is {number}", f"{word} number of {plain}"
    if goal.form == "change":
        return _outcome_of_change(goal, plain)
    if goal.form == "compose":
        return _outcome_of_new(goal, plain)
    table = {
        "move": ("Folder", "{plain} is in {Folder} now", "new folder of {plain}"),
        "share": ("Person", "{Person} can open {plain} now", "new reader of {plain}"),
        "route": ("By", "I start at {From} and go by {By}", "way to {plain}"),
        "cells": ("Amount", "{plain}: {Amount} and {Second amount}", "numbers for {plain}"),
    }
    if goal.form not in table:
        return None
    field_, sentence, noun = table[goal.form]
    slots = {**wants, "plain": plain}
    return wants[field_], sentence.format_map(slots), noun.format_map(slots)


def _outcome_of_change(goal: UserGoal, plain: str) -> tuple[str, str, str]:
    wants = goal.wants
    if goal.kind == "files":
        return wants["Name"], f"the file is now called {wants['Name']}", f"new name of {plain}"
    if goal.kind == "settings":
        return wants["State"], f"the setting for {plain} is {wants['State']}", f"new setting of {plain}"
    fields, values = " and ".join(field_noun(k) for k in wants), " and ".join(wants.values())
    return next(iter(wants.values())), f"the new {fields} is {values}", f"new {fields} of {plain}"


def _outcome_of_new(goal: UserGoal, plain: str) -> tuple[str, str, str] | None:
    wants = goal.wants
    if goal.kind == "contacts":
        return wants["Phone"], f"the phone number is {wants['Phone']}", f"phone number of {plain}"
    if goal.kind not in {"calendar", "todo"}:
        return None
    when = " at ".join(v for k, v in wants.items() if k in {"Day", "Time", "Due date"})
    return next(iter(wants.values())), f"{plain} is on {when}", f"date of {plain}"


def telling_goal(sources: Sources, app: App, at: int, source: tuple[int, UserGoal, App, int]) -> UserGoal:
    """A goal that passes on what another goal brought: to somebody, or into a note.

    Args:
        sources: what to draw from.
        app: the application it is passed on in, of one of the kinds in `CARRIERS`.
        at: its index.
        source: index of the other goal, the goal, its application, and the number it gave.
    """
    index, other, home, number = source
    result = outcome(other, home, number)
    if result is None:
        raise ValueError(f"The goal {other.title!r} brings nothing to pass on. Choose another one.")
    value, sentence, noun = result
    form = app.form("compose")
    plain = plain_name(home.kind, other.name).strip("'")
    wants: dict[str, str] = {}
    for entry in form.entries:
        if entry.holds == "sentence":
            wants[entry.name] = sentence
        elif entry.holds == "title":
            wants[entry.name] = upper_first(f"tell {value}: {plain}" if app.kind.name == "todo" else plain)
        else:
            wants[entry.name] = sources.value(entry.holds)
    people = tuple(wants[e.name] for e in form.entries if e.holds == "person")
    to = people[0] if people else ""
    title = {
        "mail": f"Mail {to} the {noun}",
        "chat": f"Tell {to} in {app.brand} the {noun}",
        "notes": f"Note down the {noun} in {app.brand}",
        "todo": f"Add a task with the {noun} to {app.brand}",
    }[app.kind.name]
    zh = f"把 {plain} 的结果告诉 {to}" if to else f"在 {app.brand} 里记下 {plain} 的结果"
    gist = (
        f"{to} is told the {noun}" if to else f"the {noun} {'are' if noun.startswith('numbers') else 'is'} written down"
    )
    return UserGoal(
        at, app.kind.name, "compose", -1, next(iter(wants.values())), wants, title, zh, gist, people, index, value
    )


def kinds_for(sources: Sources, count: int, last: str = "") -> list[AppKind]:
    """Draw different kinds of applications; the last one has the given name."""
    names = [n for n in KINDS if n != last]
    chosen = sources.rng.sample(names, count - bool(last))
    return [KINDS[n] for n in [*chosen, *([last] if last else [])]]


def refill(sources: Sources, app: App) -> App:
    """The same application with other items, as in another session."""
    number = app.number + sources.rng.randint(7, 400)
    return App(app.kind, app.brand, app.say, app.style, _items(sources, app.kind), number, app.dash, app.first)
