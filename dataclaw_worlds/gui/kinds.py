"""The kinds of applications of `kinds.toml`: their items, forms and names of controls.

Every goal ends in a form that is committed: somebody orders a thing through a cart, writes a mail, moves an
appointment, shares a file or saves a route. A kind is a list of such forms. All kinds have the same pages, which differ
by layout, names and contents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dataclaw_worlds.gui.vocabulary import VOCABULARY
from dataclaw_worlds.words import Words, words

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormEntry:
    """A field of a form.

    Attributes:
        name: its label.
        holds: what is put in: "person", "subject", "sentence", "day", "hour", "phone", "city", "street", "amount",
            "title", "rename", or the choices themselves, divided by `|`.
        chosen: whether it is chosen among buttons instead of typed.
    """

    name: str
    holds: str
    chosen: bool = False

    @property
    def choices(self) -> Sequence[str]:
        """The values that can be chosen."""
        return {"day": VOCABULARY["days"], "hour": VOCABULARY["hours"]}.get(self.holds) or self.holds.split("|")


@dataclass(frozen=True, slots=True)
class AppForm:
    """A form of an application: one thing that can be done in it.

    Attributes:
        name: of the form, unique in its kind.
        on: whether it is reached from the list, from an item's page, or through the cart.
        opens: what the button that opens it may be called.
        entries: its fields.
        commits: what the button that finishes it may be called.
        done: title of the page that confirms it, with `{item}`, `{n}` and the fields' values by name.
        goal: what somebody wants who does it, as a request.
        goal_zh: the same in Chinese.
        gist: short clause for "how ..." and "the part where ...", passive.
        some: how many of the entries are filled (a change touches few); 0 for all.
    """

    name: str
    on: Literal["list", "item", "cart"]
    opens: Names
    entries: tuple[FormEntry, ...]
    commits: Names
    done: str
    goal: str
    goal_zh: str
    gist: str
    some: int = 0


@dataclass(frozen=True, slots=True)
class AppKind:
    """A kind of application.

    Attributes:
        name: of the kind.
        word: what people call such an application.
        word_zh: the same in Chinese.
        thing: what one of its items is called.
        sections: pages of its list.
        forms: what can be done.
        facts: what is known of each item: label and what it holds, as in `Entry`.
        numbered: whether what is done gets a number.
        search: what the search field may be called; () without one.
        more: further names of controls, by role.
    """

    name: str
    word: str
    word_zh: str
    thing: str
    sections: Names
    forms: tuple[AppForm, ...]
    facts: tuple[tuple[str, str], ...] = ()
    numbered: bool = False
    search: Names = ("Search", "Find", "Look up")
    more: Mapping[str, Names] = field(default_factory=dict[str, Names])


def _kind(name: str, kind: Words) -> AppKind:
    fields: dict[str, Any] = {**kind, "forms": tuple(_form(form) for form in kind["forms"])}
    return AppKind(name, **fields)


def _form(form: Words) -> AppForm:
    fields: dict[str, Any] = {**form, "entries": tuple(FormEntry(*entry) for entry in form["entries"])}
    return AppForm(**fields)


KINDS: Mapping[str, AppKind] = {name: _kind(name, kind) for name, kind in words("gui/kinds.toml").items()}
"""Every kind of application there is, by name."""
_CALLED = {"Phone": "phone number", "Street": "address", "By": "means of travel", "Right": "permission"}


def field_noun(field: str) -> str:
    """The noun for a field, by its label."""
    return _CALLED.get(field, field.lower())
