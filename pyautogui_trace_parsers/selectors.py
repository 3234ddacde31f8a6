"""What a Playwright selector says about its element: an accessible name and a role, when it holds them.

Selectors are read, never evaluated against a page. Regular expressions, ids and test ids are no names.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pyautogui_trace_parsers.elements import element_name, tidy
from pyautogui_trace_parsers.model import Target

_MAX_SELECTOR = 2_000
_QUOTED = r'"(?P<{0}>(?:[^"\\]|\\.)*)"'
_ROLE = re.compile(r"^(?:internal:)?role=(?P<role>\w+)")
_ROLE_NAME = re.compile(r"\[name=" + _QUOTED.format("name"))
_NAMED = re.compile(
    r'^(?:internal:(?:label|text|has-text)|text)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^"/\s][^"]*)$)'
)
_ATTRIBUTE = re.compile(r"\[(?P<key>aria-label|placeholder|alt|title|value)=" + _QUOTED.format("value"))
_HAS_TEXT = re.compile(r":(?:has-)?text(?:-is)?\(" + _QUOTED.format("text"))
_TAG = re.compile(r"^[a-zA-Z][\w-]*(?=$|[\s.#:\[>])")
_STEP = re.compile(r'\s*>>\s*(?=(?:[^"]*"[^"]*")*[^"]*$)')
_ESCAPE = re.compile(r"\\(.)")


def read_selector(selector: str) -> Target:
    """The name and role that the selector's last telling step says, e.g. `internal:role=button[name="Send"i]`."""
    name = role = ""
    for step in reversed(_STEP.split(selector[:_MAX_SELECTOR])):
        step_name, step_role = _read_step(step.strip())
        name, role = name or step_name, role or step_role
        if name or role:
            break
    return Target(tidy(name), role, None, selector[:_MAX_SELECTOR])


def _read_step(step: str) -> tuple[str, str]:
    role = _ROLE.match(step)
    if role:
        name = _ROLE_NAME.search(step)
        return _unescape(name["name"]) if name else "", role["role"]
    named = _NAMED.match(step)
    if named:
        return _unescape(named["quoted"] or named["bare"] or ""), ""
    if step.startswith(("nth=", "visible=", "internal:control=", "internal:has", "internal:and=", "//", "xpath=")):
        return "", ""
    return _read_css(step.removeprefix("css=").removeprefix("internal:attr=").removeprefix("internal:testid="))


def _read_css(step: str) -> tuple[str, str]:
    tag = _TAG.match(step)
    found = _HAS_TEXT.search(step)
    if found:
        return _unescape(found["text"]), tag[0].lower() if tag else ""
    attributes = {match["key"]: _unescape(match["value"]) for match in _ATTRIBUTE.finditer(step)}
    return element_name(attributes), tag[0].lower() if tag else ""


def _unescape(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


class _FirstElement(HTMLParser):
    """The first tag of a snippet of HTML with its attributes and the text that follows it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tag = ""
        self.attributes: dict[str, str] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.tag:
            self.tag = tag
            self.attributes = {key: value for key, value in attrs if value}

    def handle_data(self, data: str) -> None:
        if self.tag:
            self.text += data


def read_element(html: str) -> Target:
    """The element that a log line shows, e.g. `<button id="go">Send</button>`."""
    parser = _FirstElement()
    parser.feed(html[:_MAX_SELECTOR].partition("<!")[0])  # declarations are no part of an element
    parser.close()
    return Target(element_name(parser.attributes, parser.text.replace("…", "")), parser.tag)
