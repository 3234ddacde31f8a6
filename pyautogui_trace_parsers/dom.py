"""The DOM tree of a MiniWoB state: which element is under a point, which has the focus, which texts are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyautogui_trace_parsers.elements import Box, box_of, contains, tidy
from pyautogui_trace_parsers.model import Target
from pyautogui_trace_parsers.record import Record

MAX_NODES = 50_000
MAX_TEXTS_IN_A_NAME = 3


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
    """The node's text, what is in it, the label around it, or its id; its tag and its box."""
    label = node.parent if node.parent and node.parent.tag == "LABEL" else None
    around = _text_inside(label, nodes) if label else ""
    identifier = node.record.text("id", "")
    name = next(filter(None, (node.text, _text_inside(node, nodes), around, identifier)), "")
    return Target(tidy(name), node.tag, node.box, f"#{identifier}" if identifier else "")


def _text_inside(node: Node, nodes: list[Node]) -> str:
    """The texts inside an element that is one thing; a container of many texts is not named by them."""
    texts = [n.text for n in nodes if n is not node and n.text and _is_inside(n, node)]
    return " ".join(texts) if len(texts) <= MAX_TEXTS_IN_A_NAME else ""


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
