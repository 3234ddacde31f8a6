"""The page that an rrweb recording mirrors: elements by id, kept up to date by its snapshots and mutations.

Only what names an element is kept (tag, attributes, texts, nesting); styles and layout are not, so there are no boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyautogui_trace_parsers.elements import element_name
from pyautogui_trace_parsers.model import Target
from pyautogui_trace_parsers.record import Record

_ELEMENT, _TEXT = 2, 3
_MAX_TEXTS_IN_A_NAME = 3
_BUTTONS = frozenset({"button", "submit", "reset"})


@dataclass
class Element:
    """An element, a text or the document.

    Attributes:
        tag: lower-case tag name, "" for texts and documents.
        attributes: HTML attributes.
        text: the text of a text node.
        children: ids of the nodes inside, in the order in which they were seen.
        parent: id of the node around it, None for the document.
    """

    tag: str = ""
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    text: str = ""
    children: list[int] = field(default_factory=list[int])
    parent: int | None = None

    @property
    def kind(self) -> str:
        """The `type` of an input ("checkbox"), "" for other elements."""
        kind = self.attributes.get("type", "")
        return kind.lower() if self.tag == "input" and isinstance(kind, str) else ""


class Page:
    """The mirrored page.

    Attributes:
        elements: every node by its id.
    """

    def __init__(self) -> None:
        self.elements: dict[int, Element] = {}

    def load(self, node: Record) -> None:
        """Forget the old page and take a full snapshot."""
        self.elements.clear()
        self._add(node, None)

    def change(self, mutation: Record) -> None:
        """Apply a mutation: removed, added and changed nodes. Ids that are not known are passed over, as players do."""
        for removed in mutation.children("removes"):
            self._remove(removed.whole("id"))
        for added in mutation.children("adds"):
            self._add(added.child("node"), added.whole("parentId"))
        for changed in mutation.children("texts"):
            element = self.elements.get(changed.whole("id"))
            if element is not None:
                element.text = changed.text("value", "")
        for changed in mutation.children("attributes"):
            element = self.elements.get(changed.whole("id"))
            if element is not None:
                element.attributes |= changed.child("attributes").data

    def _add(self, root: Record, parent: int | None) -> None:
        stack = [(root, parent)]
        while stack:
            node, above = stack.pop()
            identifier, kind = node.whole("id"), node.whole("type")
            attributes = node.maybe("attributes")
            element = Element(
                node.text("tagName", "").lower() if kind == _ELEMENT else "",
                dict(attributes.data) if attributes else {},
                node.text("textContent", "") if kind == _TEXT else "",
                parent=above,
            )
            self.elements[identifier] = element
            if above in self.elements and identifier not in self.elements[above].children:
                self.elements[above].children.append(identifier)
            stack.extend((child, identifier) for child in reversed(node.children("childNodes")))

    def _remove(self, identifier: int) -> None:
        element = self.elements.get(identifier)
        if element is None:
            return
        above = self.elements.get(element.parent) if element.parent is not None else None
        if above and identifier in above.children:
            above.children.remove(identifier)
        for below in list(self._inside(identifier)):
            self.elements.pop(below, None)

    def _inside(self, identifier: int) -> Iterator[int]:
        """Ids of the node and of all nodes inside it, each once."""
        stack, seen = [identifier], {identifier}
        while stack:
            current = stack.pop()
            yield current
            element = self.elements.get(current)
            fresh = [child for child in reversed(element.children) if child not in seen] if element else []
            seen.update(fresh)
            stack.extend(fresh)

    def _text_inside(self, identifier: int) -> str:
        inside = (self.elements.get(i) for i in self._inside(identifier))
        texts = [element.text.strip() for element in inside if element and element.text.strip()]
        return " ".join(texts) if len(texts) <= _MAX_TEXTS_IN_A_NAME else ""

    def target(self, identifier: int) -> Target | None:
        """The element's name and tag, None for an id that is not known or that is the document."""
        element = self.elements.get(identifier)
        if element is None or not element.tag:
            return None
        attributes = element.attributes
        if element.tag == "textarea" or (element.tag == "input" and element.kind not in _BUTTONS):
            attributes = {key: value for key, value in attributes.items() if key != "value"}  # what is in the field
        html_id = attributes.get("id")
        selector = f"#{html_id}"[:200] if isinstance(html_id, str) and html_id else ""
        return Target(element_name(attributes, self._text_inside(identifier)), element.tag, None, selector)

    def option_label(self, identifier: int, value: str) -> str:
        """What a list shows for a value; the value itself when the list is not known."""
        for inside in self._inside(identifier):
            element = self.elements.get(inside)
            if element and element.tag == "option" and element.attributes.get("value") == value:
                return self._text_inside(inside) or value
        return value
