"""Steps of a recording in plain sentences, made of their evidence alone.

Names and texts in quotation marks are always the trace's or the screen's own words; `gui.quotes` checks that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dataclaw.domains.gui.intents import CLICKS
from dataclaw.domains.gui.recording import GuiRecording, Step, clean
from dataclaw.domains.gui.slicing import COMMIT
from dataclaw.planning import capitalise, decapitalise, join_words
from dataclaw.types import Anchor, Point

_CLICKED = {
    "click": "Click", "double_click": "Double-click", "triple_click": "Triple-click", "right_click": "Right-click",
    "middle_click": "Middle-click", "long_press": "Press and hold", "mouse_down": "Press the mouse button on",
    "mouse_up": "Release the mouse button on", "select": "Select", "move": "Move the pointer to",
}  # fmt: skip
_KEYS = {
    "ctrl": "Ctrl", "alt": "Alt", "shift": "Shift", "win": "Win", "enter": "Enter", "tab": "Tab", "esc": "Esc",
    "escape": "Esc", "backspace": "Backspace", "delete": "Delete", "space": "Space", "command": "Cmd", "cmd": "Cmd",
}  # fmt: skip
_LONG = 60
WEAK = 1.0
"""Weight of what tells little about the goal."""

_ON_THE_WAY = re.compile(
    r"^cart\b|\b(?:back|view cart|checkout|next|previous|home|menu|all|close|reply)\b|[←→×]", re.IGNORECASE
)
"""Names of what only leads on to something else."""


def quote(text: str, limit: int = _LONG) -> str:
    """A text in quotation marks, cut at a word."""
    plain = clean(text)
    if len(plain) > limit:
        plain = plain[:limit].rsplit(" ", 1)[0]
    return f'"{plain}"'


def place(point: Point | None, size: tuple[int, int] | None) -> str:
    """Where on the screen a point lies, in words; "" when unknown."""
    if point is None or not size or not size[0] or not size[1]:
        return ""
    column = ("left", "", "right")[min(2, max(0, int(3 * point[0] / size[0])))]
    row = ("upper", "", "lower")[min(2, max(0, int(3 * point[1] / size[1])))]
    if not row and not column:
        return "in the middle"
    return f"at the {row} {column}".replace("  ", " ") if row and column else f"at the {_EDGES.get(row, column)}"


_EDGES = {"upper": "top", "lower": "bottom"}


def thing(step: Step, size: tuple[int, int] | None = None) -> str:
    """What a step went to: `the "Save" button`, `"Camping Mug"`, `the spot at the upper right`."""
    if step.name:
        return f"the {quote(step.name)} {step.role}" if step.role else quote(step.name)
    if step.beside:
        return f"the {step.role or 'spot'} beside {quote(step.beside, 40)}"
    where = place(step.point, size)
    return (
        f"the {step.role or 'spot'} {where}".strip()
        if where or step.role
        else "a spot that the recording does not show"
    )


def keys(step: Step) -> str:
    """Keys as people write them: `Ctrl+C`, `Enter`, `Backspace 3 times`."""
    names = [_KEYS.get(k.lower(), k.upper() if len(k) == 1 else k.capitalize()) for k in step.keys]
    if step.verb == "press" and len(names) > 1 and len(set(names)) == 1:
        return f"{names[0]} {len(names)} times"
    return "+".join(names) if step.verb == "hotkey" else ", ".join(names)


def do(step: Step, field: str = "", size: tuple[int, int] | None = None) -> str:
    """What to do, in the imperative, without a full stop.

    Args:
        step: the step.
        field: name of the field that has the focus, for typing.
        size: of the frames, for places in words.
    """
    if step.verb in _CLICKED:
        return f"{_CLICKED[step.verb]} {thing(step, size)}"
    match step.verb:
        case "write":
            return f"Type {quote(step.text, 160)}{f' into {quote(field)}' if field else ''}"
        case "press" | "hotkey":
            return f"Press {keys(step)}"
        case "key_down" | "key_up":
            return f"{'Hold' if step.verb == 'key_down' else 'Release'} {keys(step)}"
        case "scroll":
            return f"Scroll {direction(step)}"
        case "drag":
            return f"Drag {thing(step, size)} {drag_direction(step)}".rstrip()
        case _:
            return _do_otherwise(step)


def _do_otherwise(step: Step) -> str:
    match step.verb:
        case "navigate":
            return f"Go to {quote(step.text, 120)}" if step.text else "Go to the page"
        case "open_app":
            return f"Open {quote(step.text)}" if step.text else "Open the application"
        case "window":
            return f"Switch to {quote(step.text or step.page)}"
        case "wait":
            return "Wait for the screen to settle"
        case "terminate":
            return "Stop here"
        case _:
            return f"Do {quote(step.event.content)}"


def doing(step: Step, recording: GuiRecording) -> str:
    """A step named in a sentence: `click the "Save" button`, `press Ctrl+C`."""
    words = do(step, size=recording.size)
    return decapitalise(words)


def direction(step: Step) -> str:
    """Which way a scroll goes."""
    if step.scroll is None:
        return "on"
    dx, dy = step.scroll
    return ("down" if dy > 0 else "up") if dy or not dx else ("right" if dx > 0 else "left")


def drag_direction(step: Step) -> str:
    """Which way a drag goes."""
    if step.point is None or step.end_point is None:
        return ""
    dx, dy = step.end_point[0] - step.point[0], step.end_point[1] - step.point[1]
    if abs(dx) >= abs(dy):
        return "to the right" if dx > 0 else "to the left"
    return "down" if dy > 0 else "up"


def page(title: str, recording: GuiRecording) -> str:
    """A page in words: `the "Cart" page of Fernhill Supply`, `the window "Settings"`; "" when unknown."""
    if not title:
        return ""
    application = recording.application.get(title, title)
    own = page_name(title, recording)
    return f"the {quote(own)} page of {clean(application)}" if own else f"the window {quote(title)}"


def page_name(title: str, recording: GuiRecording) -> str:
    """The part of a title that names the page within its application, "" when there is none."""
    application = recording.application.get(title, title)
    parts = [p.strip() for p in re.split(r"\s+[—–|·-]\s+", title)]
    return " - ".join(p for p in parts if p and p != application) if application != title else ""


def telling_text(step: Step) -> Anchor | None:
    """The text among those read after a step that tells its effect best: the longest line that is not the target."""
    lines = [a for a in step.after if len(a.content) >= 4 and clean(a.content) != step.name and a.confidence >= 0.8]
    known = {clean(a.content) for a in step.near}
    fresh = [a for a in lines if clean(a.content) not in known and sum(c.isalpha() for c in a.content) >= 4]
    return max(fresh, key=lambda a: min(len(a.content), _LONG), default=None)


def effect(step: Step, recording: GuiRecording) -> str:
    """What could be seen after a step, one clause without a full stop; "" when nothing is known."""
    if step.leads_to:
        if recording.application.get(step.leads_to) != recording.application.get(step.page):
            return f"{capitalise(page(step.leads_to, recording))} comes to the front"
        return f"{capitalise(page(step.leads_to, recording))} opens"
    line = telling_text(step)
    if line is not None:
        return f"{_area(step, recording)} now shows {quote(line.content, 90)}"
    if step.verb == "write":
        return f"The field shows {quote(step.text, 90)}" if step.changes else ""
    if step.changes:
        return _change_clause(step, recording)
    return "Nothing changes on the screen" if step.seen else ""


def effect_cites(step: Step) -> list[str]:
    """Anchors that prove `effect`."""
    if step.leads_to:
        return [step.leads_cite] if step.leads_cite else []
    line = telling_text(step)
    if line is not None:
        return [line.id]
    return [step.changes[-1].id] if step.changes else []


def _change_clause(step: Step, recording: GuiRecording) -> str:
    if step.verb == "scroll":
        return "The page moves"
    if float(step.changes[-1].attrs["ratio"]) > 0.5:
        return "Most of the screen changes"
    return f"{_area(step, recording)} changes"


def _area(step: Step, recording: GuiRecording) -> str:
    """Where the last change of a step was, in words."""
    box = step.changes[-1].box if step.changes else None
    if box is None or (step.changes and float(step.changes[-1].attrs["ratio"]) > 0.5):
        return "The screen"
    where = place(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), recording.size)
    return f"The area {where}" if where else "Part of the screen"


def observation(step: Step, before: Step | None, recording: GuiRecording) -> str:
    """What the screen shows before a step."""
    where = page(step.open_page, recording)
    shown = _shows(step, recording)
    if (
        step.shown is None
        and before is not None
        and before.verb == "write"
        and before.page == step.page
        and before.text
    ):
        lead = f"{quote(before.text, 90)} has been typed"
        return f"{lead}{f'; {shown}' if shown else ''}."
    line = telling_text(before) if before is not None and before.page == step.page and step.shown is None else None
    ending = f"; {shown}." if shown else "."
    if line is not None:
        return f"{capitalise(where) or 'The screen'} now shows {quote(line.content, 90)}{ending}"
    arrived = before is None or before.page != step.open_page or bool(before.leads_to)
    if where:
        state = f"{capitalise(where)} is open" if arrived else f"{capitalise(where)} is still open"
        return f"{state}{ending}"
    return f"{capitalise(shown)}." if shown else "The screen is as the last action left it."


def _shows(step: Step, recording: GuiRecording) -> str:
    if not step.point:
        return ""
    where = place(step.point, recording.size)
    if not step.name:
        return ""
    beside = [quote(a.content, 40) for a in step.near[1:3] if len(a.content) > 2]
    near = f", beside {' and '.join(beside)}" if beside else ""
    return f"{thing(step)} is {where or 'visible'}{near}"


def thought_text(step: Step, before: Step | None, following: Step | None, recording: GuiRecording) -> str:
    """Why a step comes next, from what it led to and what came after it."""
    what = thing(step, recording.size)
    match step.verb:
        case "write":
            return _thought_of_typing(step, before)
        case "press" | "hotkey":
            return _thought_of_keys(step, before, following, recording)
        case "scroll":
            return _thought_of_scroll(step, following)
        case "terminate":
            return "Nothing of the task is left to do."
        case "navigate" | "open_app" | "window":
            return f"The task goes on at {quote(step.text, 120)}." if step.text else "The task goes on elsewhere."
        case "wait":
            return "The screen is still changing, so waiting comes first."
        case "drag":
            return f"{capitalise(what)} holds the value to change, and dragging it {drag_direction(step)} changes it."
        case _:
            return _thought_of_clicking(step, following, what, recording)


def _thought_of_clicking(step: Step, following: Step | None, what: str, recording: GuiRecording) -> str:
    if step.leads_to:
        return _thought_of_leading(step, what, recording)
    if following is not None and following.verb == "write":
        return f"Before {quote(following.text, 80)} can be typed, {what} needs the focus."
    if step.name and COMMIT.search(step.name):
        return f"What came before is ready, so {what} can be used to confirm it."
    if step.verb == "double_click" and following is not None and following.keys[-1:] in {("c",), ("x",)}:
        return f"{capitalise(what)} has to be selected before it can be copied."
    if change := _STEPPERS.get(step.name.lower()):
        return f"The value has to be {change}, which {what} does."
    line = telling_text(step)
    if line is not None:
        form = _REVEALS[step.index % len(_REVEALS)]
        return form.format(what=what, What=capitalise(what), line=quote(line.content, 80))
    if step.verb in CLICKS and step.name:
        return _OPTIONS[step.index % len(_OPTIONS)].format(what=what, What=capitalise(what))
    return f"The next control to use is {what}."


_STEPPERS = {"more": "higher", "+": "higher", "increase": "higher", "less": "lower", "-": "lower", "decrease": "lower"}
_REVEALS = (
    "{What} is what brings up {line}, so it comes next.",
    "{line} is needed now, and {what} shows it.",
    "Using {what} should lead on to {line}.",
)
_OPTIONS = (
    "{What} is the choice that fits here, so it is selected.",
    "The next thing to choose is {what}.",
    "{What} is what the task needs on this page.",
)


def _thought_of_typing(step: Step, before: Step | None) -> str:
    text = quote(step.text, 90)
    if before is not None and before.verb in CLICKS and before.name and not before.leads_to:
        if "search" in f"{before.name} {before.role}".lower():
            return f"{quote(before.name)} has the focus; {text} is what to look for."
        return f"{quote(before.name)} has the focus and takes {text}."
    if before is not None and before.verb == "press" and "tab" in before.keys:
        return f"The next field has the focus and takes {text}."
    return f"The focus is in the right place to enter {text}."


def _thought_of_keys(step: Step, before: Step | None, following: Step | None, recording: GuiRecording) -> str:
    pressed = {k.lower() for k in step.keys}
    if "enter" in pressed and step.leads_to:
        return f"The input is complete; Enter submits it and leads to {page(step.leads_to, recording)}."
    if "enter" in pressed:
        return "The input is complete, so Enter confirms it."
    if "tab" in pressed:
        text = (
            f", where {quote(following.text, 80)} goes" if following is not None and following.verb == "write" else ""
        )
        return f"Tab moves on to the next field{text}."
    if pressed == {"ctrl", "c"} or pressed == {"command", "c"}:
        return "The selected text will be needed elsewhere, so it is copied."
    if pressed == {"ctrl", "v"} or pressed == {"command", "v"}:
        return "The copied text belongs here, so it is pasted."
    if "backspace" in pressed or "delete" in pressed:
        wrote = f" of {quote(before.text, 60)}" if before is not None and before.verb == "write" else ""
        return f"The end{wrote} is wrong and has to be deleted."
    if step.verb == "press" and all(len(k) == 1 for k in step.keys):
        return f"The key {keys(step)} enters what is needed next."
    return f"{keys(step)} is the quickest way to do this."


def _thought_of_scroll(step: Step, following: Step | None) -> str:
    if following is not None and following.name and following.page == step.page:
        return f"{capitalise(thing(following))} has to come into view, so the page is scrolled {direction(step)}."
    return f"What is needed is not in view yet; it may be further {direction(step)}."


def _thought_of_leading(step: Step, what: str, recording: GuiRecording) -> str:
    target = page(step.leads_to, recording)
    if recording.application.get(step.leads_to) != recording.application.get(step.page):
        return f"The work goes on in {target}, and {what} brings it to the front."
    if step.name and COMMIT.search(step.name):
        return f"The entries are complete; {what} confirms them and leads to {target}."
    forms = (
        "{What} leads to {target}, which is needed next.",
        "The next stop is {target}; {what} goes there.",
        "To get to {target}, {what} has to be used.",
    )
    return forms[step.index % len(forms)].format(what=what, What=capitalise(what), target=target)


def goal(steps: Sequence[Step], recording: GuiRecording, limit: int = 200) -> tuple[str, list[str]]:
    """What some steps achieve, as a request, and the anchors that say so: the most telling steps of each application.

    Telling are confirmations, typed texts, and pages opened, in this order; what does not fit into `limit` characters
    goes first from the end of that list.
    """
    parts = [(_weight(step), step, phrase) for step in steps if (phrase := _phrase(step, recording))]
    strong = [part for part in parts if part[0] > WEAK]
    chosen = sorted(strong if len(strong) >= 2 else parts, key=lambda p: (-p[0], p[1].index))[:8]
    while chosen:
        ordered = [(step, phrase) for _, step, phrase in sorted(chosen, key=lambda p: p[1].index)]
        text = _join_phrases(ordered, recording)
        if len(text) <= limit:
            return text, list(dict.fromkeys(c for step, _ in ordered for c in (step.id, *step.name_cite)))[:8]
        chosen.pop()
    first = steps[0]
    text = do(first, size=recording.size)
    more = f" and {len(steps) - 1} more actions" if len(steps) > 1 else ""
    return f"{text}{more}"[:limit], [first.id, *first.name_cite]


def _join_phrases(phrases: Sequence[tuple[Step, str]], recording: GuiRecording) -> str:
    groups: list[tuple[str, list[str]]] = []
    for step, phrase in phrases:
        application = recording.application.get(step.page, "")
        if not groups or groups[-1][0] != application:
            groups.append((application, []))
        if phrase not in groups[-1][1]:
            groups[-1][1].append(phrase)
    said = [f"{join_words(items)} in {clean(name)}" if name else join_words(items) for name, items in groups]
    return capitalise("; then ".join(said))


def _weight(step: Step) -> float:
    if step.verb in CLICKS and COMMIT.search(step.name) and not _ON_THE_WAY.search(step.name):
        return 3.0
    if step.verb in {"write", "navigate", "open_app", "drag", "select"}:
        return 2.5
    if step.verb in CLICKS and step.leads_to and not _ON_THE_WAY.search(step.name):
        return 2.0
    return WEAK


def _phrase(step: Step, recording: GuiRecording) -> str:
    if step.verb == "write" and step.text.strip():
        return f"enter {quote(step.text, 40)}"
    if step.verb in {"navigate", "open_app"} and step.text:
        return f"open {quote(step.text, 40)}"
    if step.verb == "drag" and step.name:
        return f"move {quote(step.name, 40)} {drag_direction(step)}".rstrip()
    if step.verb not in CLICKS | {"select"} or not step.name:
        return ""
    if step.leads_to and recording.application.get(step.leads_to) != recording.application.get(step.page):
        return ""
    return f"{'open' if step.leads_to and not COMMIT.search(step.name) else 'choose'} {quote(step.name, 40)}"
