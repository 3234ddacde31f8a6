"""What the accessibility bus of Linux (AT-SPI) tells: the element at a place, and whether a password is being typed.

Spoken to over D-Bus by jeepney, since the bindings of AT-SPI come with a system's own Python only. Applications answer
as they like: each question has a time limit, and no answer means that nothing is claimed.
"""

from __future__ import annotations

import importlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event
from typing import Any, NamedTuple

from dataclaw.record.inbox import Focus, Inbox

PATIENCE = 0.4
"""Seconds that an application may take to answer."""
REST = 0.05
"""So long [s] the pointer stays where it is before somebody asks what is there."""
MOST_NODES = 400
"""Elements that are looked at for the one that has the keyboard when the recording begins."""
ACTIVE, FOCUSED = 1 << 1, 1 << 12
PASSWORD = "password text"  # noqa: S105 - the name of a role
TYPES = {
    "push button": "Button", "button": "Button", "toggle button": "Button", "entry": "Edit", PASSWORD: "Edit",
    "link": "Hyperlink", "page tab": "TabItem", "check box": "CheckBox", "radio button": "RadioButton",
    "menu item": "MenuItem", "list item": "ListItem", "combo box": "ComboBox", "tree item": "TreeItem",
    "slider": "Slider", "spin button": "Spinner", "menu": "Menu", "table cell": "DataItem",
}  # fmt: skip
"""Roles of what is used, and the control types of UI Automation that the format names them by."""


class NoAnswerError(Exception):
    """The bus or an application does not tell."""


class Accessible(NamedTuple):
    """An element: the application's name on the bus and the path in it."""

    bus: str
    path: str


ROOT = Accessible("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
REGISTRY = ROOT._replace(path="/org/a11y/atspi/registry")


class Bus:
    """A connection to the accessibility bus; whatever asks it raises `NoAnswerError`."""

    def __init__(self) -> None:
        try:
            self._kit: Any = importlib.import_module("jeepney")
            connect: Any = importlib.import_module("jeepney.io.blocking").open_dbus_connection
            with connect(bus="SESSION") as self._line:
                (address,) = self.ask(Accessible("org.a11y.Bus", "/org/a11y/bus"), "org.a11y.Bus", "GetAddress")
            self._line, self._news = connect(bus=address), deque[Any]()
        except KeyError as error:  # the variable of the environment that names it
            raise NoAnswerError(f"no session bus here, {error.args[0]} is not set") from None
        except (ImportError, OSError, NoAnswerError) as error:
            raise NoAnswerError(f"no accessibility bus here ({error})") from None

    def ask(self, node: Accessible, interface: str, method: str, form: str = "", *args: Any) -> Any:
        """What a method gives back."""
        address = self._kit.DBusAddress(node.path, node.bus, interface)
        try:
            message = self._kit.new_method_call(address, method, form or None, args)
            return self._kit.wrappers.unwrap_msg(self._line.send_and_get_reply(message, timeout=PATIENCE))
        except (OSError, self._kit.DBusErrorResponse) as error:  # a timeout is an OSError
            raise NoAnswerError(str(error)) from None

    def tell(self, node: Accessible, method: str) -> Any:
        """What an element says of itself."""
        return self.ask(node, "org.a11y.atspi.Accessible", method)[0]

    def get(self, node: Accessible, name: str) -> Any:
        """A property of an element."""
        return self.ask(node, "org.freedesktop.DBus.Properties", "Get", "ss", "org.a11y.atspi.Accessible", name)[0][1]

    def children(self, node: Accessible) -> list[Accessible]:
        """The elements in it."""
        return [Accessible(*child) for child in self.tell(node, "GetChildren")]

    def box(self, node: Accessible) -> tuple[int, int, int, int]:
        """Left, top, right and bottom on the screen."""
        x, y, width, height = self.ask(node, "org.a11y.atspi.Component", "GetExtents", "u", 0)[0]
        return x, y, x + width, y + height

    def front_windows(self) -> Iterator[Accessible]:
        """The windows that have the keyboard, as their applications say."""
        for application in self.children(ROOT):
            try:
                yield from [one for one in self.children(application) if self.tell(one, "GetState")[0] & ACTIVE]
            except NoAnswerError:
                continue  # this one hangs or has gone; others may know

    def element_at(self, x: int, y: int) -> Accessible | None:
        """What is used at a place of the screen: the button, say, rather than the words on it."""
        for node in self.front_windows():
            left, top, right, bottom = self.box(node)
            if not (left <= x < right and top <= y < bottom):
                continue
            for _ in range(20):
                found = Accessible(
                    *self.ask(node, "org.a11y.atspi.Component", "GetAccessibleAtPoint", "iiu", x, y, 0)[0]
                )
                if found.path.endswith("/null") or found == node:
                    break
                node = found
            for _ in range(4):
                if self.tell(node, "GetRoleName") in TYPES:
                    return node
                node = Accessible(*self.get(node, "Parent"))
        return None

    def is_password_focused(self) -> bool:
        """Whether a password field of a window in front has the keyboard."""
        waiting = deque(self.front_windows())
        for _ in range(MOST_NODES):
            if not waiting:
                break
            node = waiting.popleft()
            if self.tell(node, "GetState")[0] & FOCUSED and self.tell(node, "GetRoleName") == PASSWORD:
                return True
            waiting += self.children(node)
        return False

    def subscribe(self) -> None:
        """Have `next_change` hear of every element that gets or loses the keyboard from now on."""
        rule = self._kit.MatchRule(type="signal", interface="org.a11y.atspi.Event.Object", member="StateChanged")
        rule.add_arg_condition(0, "focused")
        self._line.filter(rule, queue=self._news)
        bus = Accessible("org.freedesktop.DBus", "/org/freedesktop/DBus")
        self.ask(bus, "org.freedesktop.DBus", "AddMatch", "s", rule.serialise())
        self.ask(REGISTRY, "org.a11y.atspi.Registry", "RegisterEvent", "s", "object:state-changed:focused")

    def next_change(self) -> tuple[Accessible, bool] | None:
        """The next element that got (True) or lost the keyboard; None where nothing happens for a while."""
        try:
            signal = self._line.recv_until_filtered(self._news, timeout=PATIENCE)
        except TimeoutError:
            return None
        except OSError as error:
            raise NoAnswerError(str(error)) from None
        fields = {key.name: value for key, value in signal.header.fields.items()}
        return Accessible(fields["sender"], fields["path"]), bool(signal.body[1])


def begin_focus(bus: Bus, focus: Focus) -> None:
    """Tell `focus` where the keyboard goes, and subscribe to changes: first, so that none is lost between."""
    bus.subscribe()
    secret = _or_secret(bus.is_password_focused, tries=5)
    focus.tell(time.monotonic(), secret)


def _or_secret(asks: Callable[[], bool], tries: int) -> bool:
    """What is answered; True where a busy application gives no answer in so many tries."""
    for _ in range(tries):
        with suppress(NoAnswerError):
            return asks()
    return True


def watch_focus(bus: Bus, focus: Focus, ended: Event) -> None:
    """Tell `focus` until `ended`. Who does not say what has the keyboard is taken to ask for a password."""
    holder: Accessible | None = None
    try:
        while not ended.is_set():
            change, t = bus.next_change(), time.monotonic()
            if change is None:
                continue
            node, gained = change
            secret = gained and _or_secret(lambda node=node: bus.tell(node, "GetRoleName") == PASSWORD, tries=2)
            if gained or node == holder:
                holder = node if secret else None
                focus.tell(t, secret)
    except NoAnswerError:
        focus.tell(time.monotonic(), secret=True)


def watch_elements(
    bus: Bus, inbox: Inbox, keep: Callable[[dict[str, Any]], None], corner: tuple[int, int], ended: Event
) -> None:
    """Hand on what is pressed until `ended`: as it was told before something was done that could have changed it."""

    def look(state: tuple[int, int, int]) -> dict[str, Any] | None:
        try:
            node = bus.element_at(state[1] + corner[0], state[2] + corner[1])
            found = _row(bus, node, corner) if node else None
        except NoAnswerError:
            return None
        return found if inbox.state == state else None

    known: tuple[int, int, int] | None = None
    seen, looked, handled = None, 0.0, None
    while not ended.wait(0.02):
        press, state, now = inbox.press, inbox.state, time.monotonic()
        if press and press is not handled:
            handled, (t, before, after) = press, press
            found = seen if known == before else look(after)
            if found:
                keep({"time_stamp": round(t, 6), "a11y_tree": found})
        elif now - inbox.moved > REST and (known != state or now - looked > PATIENCE) and not inbox.paused.is_set():
            known, looked, seen = state, now, look(state)


def _row(bus: Bus, node: Accessible, corner: tuple[int, int]) -> dict[str, Any]:
    left, top, right, bottom = bus.box(node)
    box = {"left": left - corner[0], "top": top - corner[1], "right": right - corner[0], "bottom": bottom - corner[1]}
    kind = TYPES[bus.tell(node, "GetRoleName")]
    named = {"Name": str(bus.get(node, "Name")), "ControlType": f"{kind}Control", "BoundingRectangle": box}
    return {**named, "Depth": 0, "Children": []}
