"""An application: its state, what clicks and keys do to it, and the page that shows it.

The state lives here and the browser shows it; what is typed is read back from the browser. Elements that do something
carry `data-k`, a key that `App.click` understands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from dataclaw_worlds.gui.kinds import AppForm, AppKind, FormEntry
from dataclaw_worlds.gui.style import AppStyle


@dataclass(slots=True)
class AppItem:
    """Something that an application holds: a product, a message, an appointment."""

    name: str
    section: int
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class AppPage:
    """What is shown: `list`, `item`, `form`, `cart`, `checkout` or `done`.

    Attributes:
        what: which kind of page.
        item: index of the item it is about, -1 for none.
        form: name of the form.
        text: heading of a page that confirms something.
    """

    what: str = "list"
    item: int = -1
    form: str = ""
    text: str = ""


@dataclass(slots=True)
class App:
    """An application.

    Attributes:
        kind: what it is.
        brand: its name.
        say: how its controls are named, by their role in `Kind`.
        style: how it looks.
        items: what it holds.
        number: number that the next thing that is done gets.
        dash: what stands between brand and page in a window title.
        first: whether the page comes before the brand in a title.
        page: what is in front.
        section: which section of the list.
        query: words that the list was searched for.
        cart: items in the cart.
        draft: what stands in the form in front, by field.
        cell: row and column of the cell that is selected.
        consent: what a notice about cookies is closed by, "" when there is none.
        promo: an advertisement and what closes it.
        kept: what stood in the form that was finished last.
    """

    kind: AppKind
    brand: str
    say: Mapping[str, str]
    style: AppStyle
    items: list[AppItem]
    number: int
    dash: str = " — "
    first: bool = False
    page: AppPage = field(default_factory=AppPage)
    section: int = 0
    query: str = ""
    cart: list[int] = field(default_factory=list[int])
    draft: dict[str, str] = field(default_factory=dict[str, str])
    cell: tuple[int, int] | None = None
    consent: str = ""
    promo: tuple[str, str] | None = None
    kept: dict[str, str] = field(default_factory=dict[str, str])

    def form(self, name: str) -> AppForm:
        """The form of that name."""
        return next(form for form in self.kind.forms if form.name == name)

    def heading(self) -> str:
        """Name of the page in front."""
        page = self.page
        if page.what == "item":
            return self.items[page.item].name
        if page.what == "form":
            opens = self.say[f"open {page.form}"]
            return opens if page.item < 0 else f"{opens}: {self.items[page.item].name}"
        if page.what == "cart":
            return f"{self.say['cart']} ({len(self.cart)})"
        if page.what == "checkout":
            return self.say["checkout"]
        if page.what == "done":
            return page.text
        return f"{self.say.get('find', '')}: {self.query}" if self.query else self.kind.sections[self.section]

    def title(self) -> str:
        """Title of the window."""
        pair = (self.heading(), self.brand) if self.first else (self.brand, self.heading())
        return self.dash.join(pair)

    def click(self, key: str, values: Mapping[str, str]) -> None:
        """Carry out a click on an element.

        Args:
            key: see `body`.
            values: what stands in the page's fields, by name.
        """
        self.draft.update({k: v for k, v in values.items() if k not in {"find", "cell"}})
        self._keep_cell(values)
        verb, _, rest = key.partition(":")
        if verb == "go":
            self.find(values)
        elif verb in _CLICKS:
            _CLICKS[verb](self, rest)

    def to_section(self, rest: str) -> None:
        """Show the list of a section."""
        self._go(AppPage())
        self.section, self.query = int(rest), ""

    def open(self, rest: str) -> None:
        """Show an item."""
        self._go(AppPage("item", int(rest)))

    def leave(self, _: str = "") -> None:
        """Go back to the list."""
        self._go(AppPage())

    def choose(self, rest: str) -> None:
        """Choose one of several values of a field."""
        name, _, choice = rest.partition(":")
        self.draft[name] = choice

    def count(self, change: int) -> None:
        """Raise or lower the quantity."""
        self.draft["count"] = str(max(1, int(self.draft.get("count", "1")) + change))

    def put_in(self, _: str = "") -> None:
        """Put the item in front into the cart."""
        self.cart.append(self.page.item)
        self.kept = dict(self.draft)
        self.to_cart()

    def to_cart(self, _: str = "") -> None:
        """Show the cart."""
        self._go(AppPage("cart", self.page.item))

    def take_out(self, rest: str) -> None:
        """Take something out of the cart."""
        del self.cart[int(rest)]

    def check_out(self, _: str = "") -> None:
        """Go on from the cart."""
        self.page = AppPage("checkout", self.cart[-1] if self.cart else -1, "acquire")

    def to_form(self, rest: str) -> None:
        """Open a form; one about an item is filled with its facts."""
        self._go(AppPage("form", self.page.item if self.page.what == "item" else -1, rest))
        if self.page.item >= 0:
            self.draft = dict(self.items[self.page.item].facts)

    def select(self, rest: str) -> None:
        """Select a cell."""
        row, _, column = rest.partition(":")
        self.cell = (int(row), int(column))

    def accept_cookies(self, _: str = "") -> None:
        """Close the notice about cookies."""
        self.consent = ""

    def dismiss(self, _: str = "") -> None:
        """Close the advertisement."""
        self.promo = None

    def enter(self, values: Mapping[str, str]) -> None:
        """Carry out Enter: search, or keep a cell and select the one below."""
        if self.cell is not None:
            row, column = self.cell
            self._keep_cell(values)
            self.cell = (min(row + 1, len(self.items) - 1), column)
        elif values.get("find"):
            self.find(values)

    def find(self, values: Mapping[str, str]) -> None:
        """Show the items that match the search field."""
        self._go(AppPage())
        self.query = values.get("find", "")

    def commit(self, _: str = "") -> None:
        """Finish the form in front."""
        page = self.page
        form = self.form(page.form)
        item = self.items[page.item] if page.item >= 0 else None
        self.kept = {**self.kept, **self.draft} if form.on == "cart" else dict(self.draft)
        slots = {**self.draft, "item": item.name if item else "", "n": str(self.number)}
        text = form.done.format_map(slots)
        if form.on == "cart":
            self.number += 1
            self.cart = []
        elif item is not None:
            item.facts.update({e.name: self.draft[e.name] for e in form.entries if e.name in self.draft})
            if form.name == "change" and "Name" in self.draft and self.kind.name == "files":
                item.name = self.draft["Name"]
        elif form.name == "compose":
            self._keep_new(form)
        self._go(AppPage("done", page.item, page.form, text))

    def _keep_new(self, form: AppForm) -> None:
        name = self.draft.get(form.entries[0].name, "")
        facts = {label: self.draft[label] for label, _ in self.kind.facts if label in self.draft}
        if self.kind.name not in {"mail", "chat"}:
            self.items.insert(0, AppItem(name, self.section, facts))

    def _keep_cell(self, values: Mapping[str, str]) -> None:
        if self.cell is not None and "cell" in values:
            row, column = self.cell
            self.items[row].facts[str(column)] = values["cell"]
            self.cell = None

    def _go(self, page: AppPage) -> None:
        self.page = page
        self.draft = {}

    # what is shown

    def visible_items(self) -> list[int]:
        """Indices of the items on the list in front."""
        if not self.query:
            return list(range(len(self.items)))
        words = self.query.lower().split()
        return [i for i, item in enumerate(self.items) if any(w in item.name.lower() for w in words)]

    def html(self) -> str:
        """The window's content."""
        nav = "".join(
            f"<button data-k='nav:{i}' class='{'on' if i == self.section else ''}' role=tab>{name}</button>"
            for i, name in enumerate(self.kind.sections)
        )
        cart = _button("cart", f"{self.say['cart']} ({len(self.cart)})") if "cart" in self.say else ""
        top = f"<div class=field>{self._search()}{cart}</div>" if self.kind.search or cart else ""
        return (
            f"{self._strip()}<div class=app><nav><b>{escape(self.brand)}</b>{nav}</nav>"
            f"<main>{top}<h1>{escape(self.heading())}</h1>{self._body()}{self._promo()}</main></div>"
        )

    def _search(self) -> str:
        if not self.kind.search:
            return ""
        name = self.say["find"]
        about = f"name=find role=searchbox aria-label='{name}' placeholder='{name}'"
        field_ = f"<input data-k=find {about} value='{escape(self.query, quote=True)}'>"
        return field_ + _button("go", self.say["go"])

    def _body(self) -> str:
        page = self.page
        if page.what == "item":
            return self._item(page.item)
        if page.what == "form":
            form = self.form(page.form)
            return (
                self._fields(form.entries)
                + _button("commit", self.say[f"commit {form.name}"])
                + " "
                + _button("cancel", self.say["cancel"])
            )
        if page.what == "cart":
            rows = "".join(
                f"<div class=entry><span>{escape(self.items[i].name)}</span>"
                f"{_button(f'drop:{k}', self.say['drop'])}</div>"
                for k, i in enumerate(self.cart)
            )
            return (rows or "<p>Nothing here yet.</p>") + (
                _button("checkout", self.say["checkout"]) if self.cart else ""
            )
        if page.what == "checkout":
            return self._fields(self.form("acquire").entries[1:]) + _button("commit", self.say["commit acquire"])
        if page.what == "done":
            return f"<p>{self.say['thanks']}</p>" + _button("back", self.say["back"])
        return self._sheet() if self.kind.name == "sheet" else self._list()

    def _list(self) -> str:
        opens = " ".join(
            _button(f"form:{f.name}", self.say[f"open {f.name}"]) for f in self.kind.forms if f.on == "list"
        )
        rows = "".join(
            f"<div class=entry><button data-k='open:{i}' role=link>{escape(self.items[i].name)}</button>"
            f"<span class=small>{escape(' · '.join(list(self.items[i].facts.values())[:2]))}</span></div>"
            for i in self.visible_items()
        )
        return f"<p>{opens}</p><div class=list>{rows or '<p>Nothing found.</p>'}</div>"

    def _item(self, index: int) -> str:
        item = self.items[index]
        facts = "".join(f"<p><b>{k}</b> {escape(v)}</p>" for k, v in item.facts.items())
        buttons = ""
        for form in self.kind.forms:
            if form.on == "item":
                buttons += _button(f"form:{form.name}", self.say[f"open {form.name}"]) + " "
            if form.on == "cart":
                count = self.draft.get("count", "1")
                step = f"{_button('less', 'Less')}<b>{count}</b>{_button('more', 'More')}"
                step = f"<div class=field><label>Quantity</label>{step}</div>"
                buttons += self._fields(form.entries[:1]) + step + _button("add", self.say["open acquire"]) + " "
        return f"{facts}{buttons}{_button('back', self.say['back'])}"

    def _fields(self, entries: tuple[FormEntry, ...]) -> str:
        return "".join(self._field(entry) for entry in entries)

    def _field(self, entry: FormEntry) -> str:
        value = self.draft.get(entry.name, "")
        if not entry.chosen:
            about = f"name='{entry.name}' aria-label='{entry.name}'"
            box = f"<input data-k='f:{entry.name}' {about} value='{escape(value, quote=True)}'>"
            return f"<div class=field><label>{entry.name}</label>{box}</div>"
        chips = " ".join(
            f"<button role=radio data-k='pick:{entry.name}:{c}' class='{'on' if c == value else ''}'>{c}</button>"
            for c in entry.choices
        )
        return f"<div class=field style='flex-wrap:wrap'><label>{entry.name}</label>{chips}</div>"

    def _sheet(self) -> str:
        columns = [self.say["column 1"], self.say["column 2"]]
        head = f"<tr><th></th>{''.join(f'<th>{c}</th>' for c in columns)}</tr>"
        rows = ""
        for r, item in enumerate(self.items):
            cells = "".join(self._cell(r, c, columns[c - 1], item) for c in (1, 2))
            rows += f"<tr><th>{escape(item.name)}</th>{cells}</tr>"
        return f"<table>{head}{rows}</table>"

    def _cell(self, row: int, column: int, head: str, item: AppItem) -> str:
        value = item.facts.get(str(column), "")
        name = escape(f"{item.name}, {head}", quote=True)
        if self.cell == (row, column):
            look = "style='width:100px;border:0;padding:0'"
            box = f"<input data-k='in' name=cell aria-label='{name}' {look} autofocus value='{value}'>"
            return f"<td class=on>{box}</td>"
        return f"<td data-k='cell:{row}:{column}' role=gridcell aria-label='{name}'>{value}</td>"

    def _strip(self) -> str:
        return (
            f"<div class=strip>This site uses cookies. {_button('consent', self.consent)}</div>" if self.consent else ""
        )

    def _promo(self) -> str:
        if self.promo is None:
            return ""
        return f"<div class=corner><p>{escape(self.promo[0])}</p>{_button('promo', self.promo[1])}</div>"


_CLICKS: Mapping[str, Callable[[App, str], None]] = {
    "nav": App.to_section,
    "open": App.open,
    "back": App.leave,
    "cancel": App.leave,
    "pick": App.choose,
    "more": lambda app, _: app.count(1),
    "less": lambda app, _: app.count(-1),
    "add": App.put_in,
    "cart": App.to_cart,
    "drop": App.take_out,
    "checkout": App.check_out,
    "form": App.to_form,
    "commit": App.commit,
    "cell": App.select,
    "consent": App.accept_cookies,
    "promo": App.dismiss,
}
"""What a click does, by the word before the colon of the element's key; any other key only gets the focus."""


def _button(key: str, text: str) -> str:
    return f"<button data-k='{key}'>{escape(text)}</button>"
