"""WebLINX demonstrations: a folder with `replay.json`, that file alone, or its turns as JSONL.

A turn is a browser action or something said in the chat; the chat and the form's description are annotations. Points
and boxes are CSS pixels of the viewport. Pages and boxes of the other elements are not read. A screen recording is not
aligned: its first frame is not declared, it has to be found by its colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from pyautogui_trace_parsers.elements import box_of, element_name
from pyautogui_trace_parsers.files import is_file_inside, read_json
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Screen, Scroll, Source, Space, Target, Trace, Verb
from pyautogui_trace_parsers.record import Record, clip, records, seconds

NAME = "weblinx"
SUMMARY = "WebLINX demonstration (folder with replay.json, the file alone, or turns as JSONL)"

REPLAY = "replay.json"

_VERBS: dict[str, Verb] = {
    "click": "click",
    "hover": "move",
    "textinput": "write",
    "scroll": "scroll",
}
_BUTTONS: dict[float, Verb] = {1: "middle_click", 2: "right_click"}
# Chrome's transition types of a page that opens because of something on the page before it, not by the address bar
_FOLLOWED = frozenset({"link", "form_submit", "auto_subframe", "manual_subframe", "auto_toplevel", "start_page"})


def refuses(path: Path) -> str | None:
    """None for browser and chat turns with timestamps, or a folder that holds them."""
    seen = look(path)
    if seen.kind == "folder":
        return refuses(path / REPLAY) if REPLAY in seen.names else f"the folder has no {REPLAY}"
    data = seen.record.get("data")
    first = cast("list[Any]", data)[0] if isinstance(data, list) and data else seen.record
    turn = cast("dict[str, Any]", first) if isinstance(first, dict) else {}
    claimed = (
        turn.get("type") in ("browser", "chat") and "timestamp" in turn and ("action" in turn or "speaker" in turn)
    )
    return None if claimed else "it has no turns of type 'browser' or 'chat' with a timestamp"


def parse(path: Path) -> Trace:
    """The demonstration.

    Raises:
        TraceError: the file is broken.
    """
    file = path / REPLAY if path.is_dir() else path
    turns = list(_turns(file))
    if not turns:
        raise Record({}, file.name, 0).error("has no turns")
    return _Demonstration(file.parent, turns).trace(path)


def _turns(file: Path) -> Iterator[Record]:
    for record in records(file):
        if record.has("data"):
            yield from (Record(turn, file.name, index) for index, turn in enumerate(record.items("data")))
        else:
            yield record


class _Demonstration:
    """The turns on their way to events, with what one turn says about the next: pictures shown and scroll positions."""

    def __init__(self, folder: Path, turns: list[Record]) -> None:
        self.folder = folder
        self.turns = turns
        self.origin = min(turn.number("timestamp") for turn in turns)  # below 0 when it began before the recording
        self.screens: list[Screen] = []
        self.windows: list[Event] = []
        self.problems: list[Problem] = []
        self.scrolled: dict[Any, tuple[float, float]] = {}
        self.size: tuple[int, int] | None = None

    def trace(self, path: Path) -> Trace:
        """The finished trace."""
        chat: list[dict[str, Any]] = []
        events: list[Event] = []
        for turn in self.turns:
            if turn.text("type") == "chat":
                words = {"speaker": turn.text("speaker", ""), "text": turn.text("utterance", "")}
                chat.append({"t": self.time(turn), **words})
            elif turn.has("action"):
                events.extend(self.events(turn))
        events.sort(key=lambda event: event.t0 or 0.0)
        self.windows.sort(key=lambda event: event.t0 or 0.0)
        if (self.folder / "video.mp4").is_file():
            message = "video.mp4 does not say when it starts; it was left out"
            self.problems.append(Problem(Source(self.turns[0].file, 0), message))
        return Trace(
            format=NAME,
            root=str(path.absolute()),
            trace_id=path.name if path.is_dir() else "",
            events=tuple(events),
            screens=tuple(self.screens),
            windows=tuple(self.windows),
            screen_size=self.size,
            annotations=self.annotations(chat),
            context={"viewport": list(self.size)} if self.size else {},
            problems=tuple(self.problems),
        )

    def annotations(self, chat: list[dict[str, Any]]) -> dict[str, Any]:
        """The form's description, without a form the instructor's first words; and all that was said."""
        said = next((line["text"] for line in chat if line["speaker"] == "instructor"), "")
        task = said
        if is_file_inside(self.folder, "form.json"):
            task = Record(read_json(self.folder / "form.json"), "form.json", 0).text("description", said)
        return ({"task": task} if task else {}) | {"chat": chat}

    def time(self, turn: Record) -> float:
        """Seconds from the first turn."""
        return seconds(turn.number("timestamp") - self.origin, turn.file, turn.line, "'timestamp'")

    def screen(self, turn: Record) -> int | None:
        """Index of the turn's picture; the same picture twice in a row is one screen."""
        state = turn.maybe("state")
        name = state.text("screenshot", "") if state else ""
        if not name:
            return None
        file = f"screenshots/{name}"
        if self.screens and self.screens[-1].file == file:
            return len(self.screens) - 1
        if not is_file_inside(self.folder, file):
            self.problems.append(Problem(turn.source, f"picture {file[:200]!r} is not there; the turn has no screen"))
            return None
        self.screens.append(Screen(file, self.time(turn)))
        return len(self.screens) - 1

    def events(self, turn: Record) -> Iterator[Event]:
        """The turn's event; a page that opens by itself is a window and no event."""
        action = turn.child("action")
        intent = action.text("intent").lower().replace("_", "")
        arguments = action.maybe("arguments") or Record({}, turn.file, turn.line)
        metadata, properties = (
            arguments.maybe(key) or Record({}, turn.file, turn.line) for key in ("metadata", "properties")
        )
        screen = self.screen(turn)
        t = self.time(turn)
        if intent == "load":
            url = properties.text("url", "") or arguments.text("url", "")
            self.scrolled[_tab(metadata)] = (0.0, 0.0)
            self.windows.append(Event("window", t, t, turn.source, text=clip(url)))
            if not _opened_by_user(properties):
                return
            yield Event("navigate", t, t, turn.source, text=url, screen=screen, raw=clip(f"load {url}"))
            return
        space = self.space(metadata)
        target = _target(arguments.maybe("element"))
        verb, text = _verb(intent, arguments, properties, target)
        yield Event(
            verb,
            t,
            t,
            turn.source,
            point=_point(metadata) if verb in {"click", "right_click", "middle_click", "move", "scroll"} else None,
            space=space,
            text=text,
            scroll=self.scroll(arguments, metadata) if verb == "scroll" else None,
            target=target,
            screen=screen,
            raw=clip(f"{intent} {text}".strip()),
        )

    def space(self, metadata: Record) -> Space:
        """The viewport of the turn."""
        if not (metadata.has("viewportWidth") and metadata.has("viewportHeight")):
            return Space("px", origin="window")
        width, height = metadata.whole("viewportWidth"), metadata.whole("viewportHeight")
        if min(width, height) <= 0:
            return Space("px", origin="window")
        self.size = self.size or (width, height)
        return Space("px", width, height, "window")

    def scroll(self, arguments: Record, metadata: Record) -> Scroll:
        """The source says where the page stands afterwards; a page stands at its top left corner when it opens."""
        now = arguments.coordinate("scrollX"), arguments.coordinate("scrollY")
        before = self.scrolled.get(_tab(metadata), (0.0, 0.0))
        self.scrolled[_tab(metadata)] = now
        return Scroll(now[0] - before[0], now[1] - before[1], "px")


def _tab(metadata: Record) -> int | str:
    tab = metadata.data.get("tabId", "")
    return tab if isinstance(tab, int | str) else ""


def _opened_by_user(properties: Record) -> bool:
    typed = "from_address_bar" in properties.texts("transitionQualifiers")
    return typed or properties.text("transitionType", "") not in _FOLLOWED


def _verb(intent: str, arguments: Record, properties: Record, target: Target | None) -> tuple[Verb, str]:
    """The verb and its text. Copies, pastes, submits and tabs stay `other`: how the user did them is not recorded."""
    if intent == "textinput":
        return "write", arguments.text("text", "")
    if intent == "change":
        is_list = target is not None and target.role.lower() == "select"
        return "select" if is_list else "other", arguments.text("value", "")
    if intent == "click":
        return _BUTTONS.get(properties.number("button", 0.0), "click"), ""
    text = arguments.text("selected", "") or arguments.text("pasted", "") if intent in {"copy", "paste"} else ""
    return _VERBS.get(intent, "other"), text


def _point(metadata: Record) -> tuple[float, float] | None:
    if not (metadata.has("mouseX") and metadata.has("mouseY")):
        return None
    x, y = metadata.coordinate("mouseX"), metadata.coordinate("mouseY")
    return None if x < 0 or y < 0 else (x, y)  # -1 stands for a place that is not known


def _target(element: Record | None) -> Target | None:
    if element is None:
        return None
    attributes = element.maybe("attributes")
    box = element.maybe("bbox")
    sides = ("left", "top", "width", "height")
    return Target(
        element_name(attributes.data if attributes else {}, element.text("textContent", "")),
        element.text("tagName", ""),
        box_of(*(box.coordinate(side) for side in sides)) if box else None,
        element.text("xpath", "")[:2000],
    )
