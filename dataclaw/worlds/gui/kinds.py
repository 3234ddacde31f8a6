"""What kinds of applications there are: what they hold, what can be done in them, and how their controls are named.

Everything that is done ends in a form that is committed: a thing is ordered through a cart, a mail is composed, an
appointment is changed, a file is shared, a route is saved. A kind is a list of such forms; the pages are the same for
all of them and differ by layout, names and contents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Form:
    """Something that can be done.

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
    entries: tuple[Entry, ...]
    commits: Names
    done: str
    goal: str
    goal_zh: str
    gist: str
    some: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
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
    forms: tuple[Form, ...]
    facts: tuple[tuple[str, str], ...] = ()
    numbered: bool = False
    search: Names = ("Search", "Find", "Look up")
    more: Mapping[str, Names] = field(default_factory=dict[str, Names])


def _cart(
    option: Entry, opens: Names, delivery: Entry, commits: Names, done: str, goal: str, zh: str, gist: str
) -> Form:
    return Form("acquire", "cart", opens, (option, delivery), commits, done, goal, zh, gist)


_CART = {"cart": ("Cart", "Basket", "Bag"), "checkout": ("Checkout", "Go to checkout", "Proceed")}
_HOLDS = {"cart": ("Holds", "Requests", "My list"), "checkout": ("Request pickup", "Continue", "Next step")}
_SEATS = {"cart": ("Booking", "Selection", "My tickets"), "checkout": ("Continue", "To payment", "Next step")}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "shop", "shop", "商店", "product", ("Home", "New", "Sale", "Outdoor"),
            (
                _cart(
                    Entry("Size", "small|medium|large", True), ("Add to cart", "Add to basket", "Put in bag"),
                    Entry("Delivery", "Standard|Express|Pick-up point", True),
                    ("Place order", "Buy now", "Confirm order"), "Order {n} placed",
                    "Order the {item} ({Size}) with {Delivery} delivery from {brand}", "在 {brand} 订购 {item}",
                    "the {item} is ordered",
                ),
            ),
            (("Price", "price"), ("Rating", "rating")), True, more=_CART,
        ),
        Kind(
            "tickets", "ticket site", "票务网站", "show", ("Tonight", "This week", "Music", "Theatre"),
            (
                _cart(
                    Entry("Seat", "Stalls|Balcony|Box", True), ("Select", "Book", "Choose tickets"),
                    Entry("Ticket", "Print at home|Mobile ticket|Box office", True),
                    ("Confirm booking", "Pay and book", "Finish booking"), "Booking {n} confirmed",
                    "Book a {Seat} seat for {item} at {brand}, ticket by {Ticket}", "在 {brand} 预订 {item} 的门票",
                    "a seat for {item} is booked",
                ),
            ),
            (("Date", "date"), ("Price", "price")), True, more=_SEATS,
        ),
        Kind(
            "library", "library", "图书馆", "book", ("Catalogue", "New books", "Novels", "Travel"),
            (
                _cart(
                    Entry("Copy", "Hardcover|Large print|Audio book", True), ("Reserve", "Add to holds", "Request"),
                    Entry("Branch", "Main branch|East branch|Mobile van", True),
                    ("Confirm reservation", "Send request", "Reserve now"), "Reservation {n} confirmed",
                    "Reserve {item} ({Copy}) at {brand} for pickup at the {Branch}", "在 {brand} 预约图书 {item}",
                    "{item} is reserved",
                ),
            ),
            (("Author", "person"), ("Shelf", "shelf")), True, more=_HOLDS,
        ),
        Kind(
            "food", "food delivery", "外卖网站", "dish", ("Menu", "Popular", "Vegetarian", "Desserts"),
            (
                _cart(
                    Entry("Portion", "Single|Family|Kids", True), ("Add", "Add to order", "Choose"),
                    Entry("Time", "As soon as possible|At noon|In the evening", True),
                    ("Send order", "Order now", "Confirm and pay"), "Meal order {n} received",
                    "Order {item} ({Portion}) from {brand}, delivered {Time}", "在 {brand} 点一份 {item}",
                    "the {item} is ordered",
                ),
            ),
            (("Price", "price"), ("Time", "minutes")), True, more={**_CART, "cart": ("Order", "Tray", "Basket")},
        ),
        Kind(
            "mail", "mail", "邮件", "message", ("Inbox", "Starred", "Sent", "Archive"),
            (
                Form(
                    "compose", "list", ("Compose", "New message", "Write"),
                    (Entry("To", "person"), Entry("Subject", "title"), Entry("Message", "sentence")),
                    ("Send", "Send now", "Send message"), "Sent: {Subject}",
                    "Send {To} a mail about {Subject}", "给 {To} 发一封关于 {Subject} 的邮件", "{To} gets a mail about {Subject}",
                ),
                Form(
                    "move", "item", ("Move", "Move to folder", "File"),
                    (Entry("Folder", "Receipts|Family|Work|Later", True),), ("Move message", "Done", "Apply"),
                    "{item} moved to {Folder}", "Move the message about {item} to the {Folder} folder of {brand}",
                    "把关于 {item} 的邮件移到 {Folder} 文件夹", "the message about {item} is filed",
                ),
            ),
            (("From", "person"), ("Day", "day")),
        ),
        Kind(
            "chat", "chat", "聊天", "thread", ("All", "Unread", "Groups", "Muted"),
            (
                Form(
                    "compose", "list", ("New chat", "Start a chat", "New"),
                    (Entry("Recipient", "person"), Entry("Text", "sentence")), ("Send", "Post", "Deliver"),
                    "Message to {Recipient}", "Write {Recipient} in {brand}: {Text}",
                    "在 {brand} 里给 {Recipient} 发消息", "{Recipient} gets a chat message",
                ),
                Form(
                    "mute", "item", ("Mute", "Silence", "Notifications"),
                    (Entry("Length", "1 hour|1 day|Always", True),), ("Mute thread", "OK", "Apply"),
                    "{item} muted", "Mute the thread about {item} in {brand} for {Length}",
                    "把关于 {item} 的讨论静音", "the thread about {item} is muted",
                ),
            ),
            (("With", "person"), ("Day", "day")),
        ),
        Kind(
            "notes", "notes", "笔记", "note", ("All notes", "Pinned", "Shared", "Old"),
            (
                Form(
                    "compose", "list", ("New note", "Add note", "Create"), (Entry("Title", "title"), Entry("Text", "sentence")),
                    ("Save note", "Save", "Keep"), "Saved: {Title}",
                    "Write a note {Title} in {brand}", "在 {brand} 里新建笔记 {Title}", "a note about {Title} is written",
                ),
                Form(
                    "share", "item", ("Share", "Send a copy", "Invite"), (Entry("Person", "person"), Entry("Right", "Read only|May edit", True)),
                    ("Share note", "Invite", "Done"), "{item} shared with {Person}",
                    "Share the note {item} with {Person} ({Right}) in {brand}", "把笔记 {item} 分享给 {Person}",
                    "the note {item} is shared with {Person}",
                ),
            ),
            (("Changed", "day"), ("Pages", "count")),
        ),
        Kind(
            "contacts", "address book", "通讯录", "contact", ("Everyone", "Family", "Work", "Recent"),
            (
                Form(
                    "change", "item", ("Edit", "Change", "Modify"), (Entry("Phone", "phone"), Entry("City", "city"), Entry("Street", "street")),
                    ("Save", "Save contact", "Update"), "{item} saved",
                    "Change the {fields} of {item} in {brand} to {values}", "在 {brand} 里修改 {item} 的资料",
                    "the {fields} of {item} is changed", 1,
                ),
                Form(
                    "compose", "list", ("Add contact", "New contact", "New"), (Entry("Name", "person"), Entry("Phone", "phone"), Entry("City", "city")),
                    ("Save", "Create", "Add"), "{Name} added",
                    "Add {Name} from {City} to {brand}", "把 {Name} 添加到 {brand}", "{Name} is added to the address book",
                ),
            ),
            (("Phone", "phone"), ("City", "city")),
        ),
        Kind(
            "calendar", "calendar", "日历", "appointment", ("Week", "Month", "Agenda", "Shared"),
            (
                Form(
                    "change", "item", ("Edit", "Reschedule", "Change"),
                    (Entry("Day", "day", True), Entry("Time", "hour", True)), ("Save", "Update", "Apply changes"),
                    "{item} updated", "Move the {item} to {values} in {brand}", "把 {item} 改到 {values}",
                    "the {item} is moved", 1,
                ),
                Form(
                    "compose", "list", ("New event", "Add appointment", "Create"),
                    (Entry("Title", "title"), Entry("Day", "day", True), Entry("Time", "hour", True)),
                    ("Save", "Create event", "Add"), "{Title} added",
                    "Put {Title} on {Day} at {Time} into {brand}", "在 {brand} 里新建日程 {Title}", "{Title} is put into the calendar",
                ),
            ),
            (("Day", "day"), ("Time", "hour")),
        ),
        Kind(
            "todo", "to-do list", "待办清单", "task", ("Today", "Week", "Someday", "Done"),
            (
                Form(
                    "change", "item", ("Edit", "Plan", "Set date"), (Entry("Due", "day", True), Entry("Priority", "High|Normal|Low", True)),
                    ("Save", "Set", "Apply"), "{item} planned", "Set the {fields} of the task {item} to {values} in {brand}",
                    "把任务 {item} 的设置改为 {values}", "the task {item} is planned", 1,
                ),
                Form(
                    "compose", "list", ("New task", "Add task", "Add"), (Entry("Task", "title"), Entry("Due", "day", True)),
                    ("Add task", "Save", "Create"), "Added: {Task}", "Add the task {Task}, due {Due}, to {brand}",
                    "在 {brand} 里添加任务 {Task}", "the task {Task} is added",
                ),
            ),
            (("Due", "day"), ("Priority", "High|Normal|Low")),
        ),
        Kind(
            "files", "file manager", "文件管理器", "file", ("Documents", "Downloads", "Pictures", "Shared"),
            (
                Form(
                    "change", "item", ("Rename", "Edit name", "Change name"), (Entry("Name", "rename"),), ("Rename file", "Save", "OK"),
                    "{Name} renamed", "Rename the file {item} to {Name} in {brand}", "把文件 {item} 改名为 {Name}", "the file {item} is renamed",
                ),
                Form(
                    "share", "item", ("Share", "Share with", "Send"), (Entry("Person", "person"), Entry("Right", "View|Comment|Edit", True)),
                    ("Share file", "Send link", "Done"), "{item} shared with {Person}",
                    "Share the file {item} with {Person} ({Right}) in {brand}", "把文件 {item} 分享给 {Person}",
                    "the file {item} is shared with {Person}",
                ),
                Form(
                    "move", "item", ("Move", "Move to", "File away"), (Entry("Folder", "Taxes|Travel|Projects|Old", True),), ("Move here", "Move file", "OK"),
                    "{item} moved to {Folder}", "Move the file {item} into {Folder} in {brand}", "把文件 {item} 移到 {Folder}",
                    "the file {item} is moved",
                ),
            ),
            (("Size", "size"), ("Changed", "day")),
        ),
        Kind(
            "settings", "settings", "设置", "setting", ("General", "Display", "Privacy", "Sound"),
            (
                Form(
                    "change", "item", ("Change", "Adjust", "Configure"),
                    (Entry("State", "On|Off|Automatic", True), Entry("Applies to", "This device|All devices", True)),
                    ("Apply", "Save changes", "OK"), "{item}: {State}", "Set {item} to {State} for {Applies to} in {brand}",
                    "把 {item} 设为 {State}", "{item} is set",
                ),
            ),
            (("State", "On|Off"),),
        ),
        Kind(
            "sheet", "spreadsheet", "电子表格", "row", ("Budget", "Costs", "Plan", "Archive"),
            (
                Form(
                    "cells", "list", (), (Entry("Amount", "amount"), Entry("Second amount", "amount")), (), "",
                    "Enter {values} for {item} in {brand}", "在 {brand} 里填写 {item} 的数字", "the numbers for {item} are entered",
                ),
            ),
            (), False, (),
        ),
        Kind(
            "maps", "map", "地图", "place", ("Explore", "Saved", "Transit", "Nearby"),
            (
                Form(
                    "route", "item", ("Directions", "Route", "Get there"), (Entry("From", "street"), Entry("By", "Bus|Bicycle|Car|On foot", True)),
                    ("Save route", "Start", "Show route"), "Route to {item}", "Get a route from {From} to {item} by {By} in {brand}",
                    "查从 {From} 到 {item} 的路线", "a route to {item} is made",
                ),
            ),
            (("Street", "street"), ("Open", "hour")),
        ),
    )
}  # fmt: skip
"""Every kind of application by name."""
