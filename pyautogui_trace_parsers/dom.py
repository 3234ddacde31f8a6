"""The DOM tree of a MiniWoB state: which element is under a point, which has the focus, which texts are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyautogui_trace_parsers.elements import Box, box_of, contains, tidy
from pyautogui_trace_parsers.look_of_elements import colour_of, icon_of
from pyautogui_trace_parsers.model import Outcome, Target
from pyautogui_trace_parsers.record import Record

MAX_NODES = 50_000
MAX_TEXTS_IN_A_NAME = 3
SELECTED = "rgb(51, 153, 255)"
"""Background of the chosen option of a list, where the recorder kept the options."""

_FIELD = re.compile(r"^(?:SELECT|TEXTAREA|INPUT(?:_(?!checkbox|radio|button|submit|reset|image).*)?)$")
_BOX = re.compile(r"^INPUT_(?:checkbox|radio)$")
_CONTROL = re.compile(r"^(?:SELECT|TEXTAREA|BUTTON|INPUT.*)$")
_PASSING = frozenset({"children", "ref", "focused", "recordingTarget"})
"""What is said of a node that is no state of it."""
_PLACEHOLDERS = frozenset({"wrap", "area", "main", "content", "root", "app", "page", "container", "query", "form"})
"""Ids of what holds a page together; nobody calls an element so."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One element, or one text (tag "t").

    Attributes:
        record: the node's own fields.
        parent: the node around it, None for the root.
        box: where it is shown [px of the page], None when it has no size.
    """

    record: Record
    parent: Node | None
    box: Box | None

    @property
    def tag(self) -> str:
        """The tag with an input's type: "BUTTON", "INPUT_text"."""
        return self.record.text("tag")

    @property
    def identifier(self) -> str:
        """Its id, "" without one."""
        return self.record.text("id", "")

    @property
    def text(self) -> str:
        """The node's own text or, for an input, what is in it."""
        value = self.record.data.get("value")
        return tidy(self.record.text("text", "") or (value if isinstance(value, str) else ""))


def walk(root: Record) -> Iterator[Node]:
    """Every node in document order.

    Raises:
        BrokenTrace: a node without tag or box, or more than 50,000 nodes.
    """
    stack: list[tuple[Record, Node | None]] = [(root, None)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        record, parent = stack.pop()
        box = box_of(*(record.coordinate(side) for side in ("left", "top", "width", "height")))
        node = Node(record, parent, box)
        yield node
        stack.extend((child, node) for child in reversed(record.children("children")))
    raise root.error(f"has a DOM of more than {MAX_NODES:,} nodes")


def element_at(nodes: list[Node], point: tuple[float, float]) -> Node | None:
    """The element under a point: the last in document order that contains it, since that is drawn on top."""
    hits = (node for node in reversed(nodes) if node.tag != "t" and node.box and contains(node.box, point))
    return next(hits, None)


def find_flagged(nodes: list[Node], key: str) -> Node | None:
    """The first node whose field `key` is true."""
    return next((node for node in nodes if node.record.data.get(key) is True), None)


def target_of(node: Node, nodes: list[Node]) -> Target:
    """What a person would call the node, its kind, and its box.

    A field is called by its label, never by what is in it; anything else by its text, its picture (the words that style
    an icon) or its colour; an id comes last.
    """
    identifier = node.identifier
    selector = f"#{identifier}" if identifier else ""
    spelled = identifier if _spells(identifier) else ""
    if _FIELD.match(node.tag):
        return Target(_label_before(node, nodes) or spelled, node.tag, node.box, selector)
    label = node.parent if node.parent and node.parent.tag == "LABEL" else None
    named = next(filter(None, (node.text, _text_inside(node, nodes), _text_inside(label, nodes) if label else "")), "")
    icon, colour = icon_of(node.record.data, node.tag), colour_of(node.record.data, node.tag)
    if not named and (icon or (spelled and node.tag == "SPAN")):
        return Target(icon or spelled.replace("-", " "), "icon", node.box, selector)
    if not named and not identifier and colour:
        return Target(colour, node.tag, node.box, selector)
    return Target(named or spelled, node.tag, node.box, selector)


def _spells(identifier: str) -> bool:
    """Whether an id is what somebody may call an element: not the id of a frame of the page, no "tt", no "sbtn"."""
    letters = identifier.isalpha()
    vowels = len(identifier) > 2 and any(letter in "aeiouy" for letter in identifier.lower())
    return identifier.lower() not in _PLACEHOLDERS and (vowels or not letters)


def outcomes_of(before: list[Node], after: list[Node]) -> tuple[Outcome, ...]:
    """The fields and boxes whose content differs between two states of a page."""
    old = {key: _content(node, before) for key, node in _controls(before)}
    found: list[Outcome] = []
    for key, node in _controls(after):
        held = _content(node, after)
        if held is None or key not in old or held == old[key]:
            continue
        name = target_of(node, after).name
        if isinstance(held, str):
            found.append(Outcome("value", name, held))
        else:
            found.append(Outcome("checked" if held else "unchecked", name))
    return tuple(found)


def state_of(nodes: list[Node]) -> list[object]:
    """What a page is, to be compared; the keyboard's focus is part of it where it is in a field."""
    return [
        (node.box, {key: value for key, value in node.record.data.items() if key not in _PASSING},
         bool(node.record.data.get("focused")) and bool(_FIELD.match(node.tag)))
        for node in nodes
    ]  # fmt: skip


def chosen_option(nodes: list[Node]) -> str:
    """Text of the marked option of a list, "" where the options or the mark are not in the recording."""
    options = [node for node in nodes if node.tag == "OPTION" and node.text]
    return next((node.text for node in options if node.record.data.get("bgColor") == SELECTED), "")


def _controls(nodes: list[Node]) -> Iterator[tuple[tuple[str, str], Node]]:
    """Every field and box under a key that stays the same from state to state."""
    count = 0
    for node in nodes:
        if _FIELD.match(node.tag) or _BOX.match(node.tag):
            count += 1
            yield (node.tag, node.identifier or str(count)), node


def _content(node: Node, nodes: list[Node]) -> str | bool | None:
    value = node.record.data.get("value")
    if _BOX.match(node.tag):
        return value if isinstance(value, bool) else None
    if node.tag == "SELECT":
        return chosen_option([n for n in nodes if _is_inside(n, node)]) or None
    return tidy(value) if isinstance(value, str) else None


def _label_before(node: Node, nodes: list[Node]) -> str:
    """The text right before a field, in the same element."""
    siblings = [n for n in nodes if n.parent is node.parent]
    for other in reversed(siblings[: siblings.index(node)]):
        if _CONTROL.match(other.tag):
            return ""
        if text := other.text or _text_inside(other, nodes):
            return text.rstrip(" :*")
    return ""


def _text_inside(element: Node, nodes: list[Node]) -> str:
    """The texts inside an element that is one thing; what holds many texts, or controls, is not named by them."""
    inside = [n for n in nodes if n is not element and _is_inside(n, element)]
    if element.tag != "LABEL" and any(_CONTROL.match(n.tag) for n in inside):
        return ""
    texts = [n.text for n in inside if n.text and not _CONTROL.match(n.tag)]
    return tidy(" ".join(texts)) if len(texts) <= MAX_TEXTS_IN_A_NAME else ""


def _is_inside(node: Node, ancestor: Node) -> bool:
    current: Node | None = node
    while current is not None:
        if current is ancestor:
            return True
        current = current.parent
    return False


def shown_texts(nodes: list[Node], area: tuple[float, float]) -> list[tuple[str, Box]]:
    """`(text, box)` of every text inside the area `(width, height)`, in document order."""
    width, height = area
    return [
        (node.text, node.box)
        for node in nodes
        if node.text and node.box and node.box[0] < width and node.box[1] < height and min(node.box[2:]) > 0
    ]


def fields_shown(nodes: list[Node]) -> Mapping[Box, str]:
    """Names of the fields by their box: a text in such a box is a field's content."""
    return {node.box: target_of(node, nodes).name for node in nodes if node.box and _FIELD.match(node.tag)}
