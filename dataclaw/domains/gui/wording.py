"""Steps of a recording in plain sentences, made of their evidence alone, in the language of the intent.

Names and texts in quotation marks are always the trace's or the screen's own words; `gui.quotes` checks that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataclaw.domains.gui.language import join_texts, role_in, say
from dataclaw.domains.gui.recording import GuiRecording, Step, clean
from dataclaw.domains.gui.screens import holds_text, most_telling, relation
from dataclaw.planning import capitalise, decapitalise
from dataclaw.types import Anchor, Point

_CLICKED = frozenset({
    "click", "double_click", "triple_click", "right_click", "middle_click", "long_press", "mouse_down", "mouse_up",
    "move",
})  # fmt: skip
_KEYS = {
    "ctrl": "Ctrl", "alt": "Alt", "shift": "Shift", "win": "Win", "enter": "Enter", "tab": "Tab", "esc": "Esc",
    "escape": "Esc", "backspace": "Backspace", "delete": "Delete", "space": "Space", "command": "Cmd", "cmd": "Cmd",
}  # fmt: skip
_LONG = 60
NEW_LINES, NEW_LINE = 2, 70
"""Most lines that are told as new on a screen, and longest of one [characters]."""

_HOSTS = re.compile(r"^(?:\w+Host|explorer|dwm|agentnet-annotator)$")
"""Names of programs that hold other programs' windows: no name of a window."""


def quote(text: str, limit: int = _LONG) -> str:
    """A text in quotation marks, cut at a word."""
    plain = clean(text) if len(text) <= _LONG else " ".join(text.replace('"', "'").split())
    if len(plain) > limit:
        plain = plain[:limit].rsplit(" ", 1)[0]
    return f'"{plain}"'


def place(point: Point | None, size: tuple[int, int] | None, language: str = "en") -> str:
    """Where on the screen a point lies, in words; "" when unknown."""
    if point is None or not size or not size[0] or not size[1]:
        return ""
    column = ("left", "", "right")[min(2, max(0, int(3 * point[0] / size[0])))]
    row = ("upper", "", "lower")[min(2, max(0, int(3 * point[1] / size[1])))]
    return say(language, "_".join(filter(None, (row, column))) or "middle")


def thing(step: Step, size: tuple[int, int] | None = None) -> str:
    """What a step went to: `the "Save" button`, `"Camping Mug"`, `the spot to the right of "Night light"`."""
    language = step.language
    if step.name:
        role = role_in(language, step.role)
        named = say(language, "named", name=quote(step.name), role=role) if role else quote(step.name)
        context = _context(step)
        return say(language, "in_context", thing=named, text=quote(context.content, 40)) if context else named
    role = role_in(language, step.role or "spot")
    text = step.beside
    if text is not None and step.point is not None and text.box is not None:
        where = say(language, relation(text.box, step.point), text=quote(text.content, 40))
        return say(language, "beside_of", role=role, relation=where)
    if step.point is None:
        return say(language, "somewhere")
    where = place(step.point, size, language)
    percent = (
        say(language, "percent", x=_percent(step.point[0], size[0]), y=_percent(step.point[1], size[1])) if size else ""
    )
    return say(language, "unlabelled", role=role, place=f" {where}{percent}" if where else "")


def target(step: Step, size: tuple[int, int] | None) -> str:
    """What a step went to, for a field of its own: the name, else what tells where it is, without quotation marks."""
    if step.verb in {"scroll", "move"} or (step.point is None and not step.name):
        return ""
    if step.beside is None:  # its place alone is no name: `point` tells it
        return step.name
    return step.name or thing(step, size).replace('"', "")


def _context(step: Step) -> Anchor | None:
    """A text that tells an icon from its likes."""
    others = [a for a in step.near if clean(a.content) != step.name]
    return others[0] if step.role == "icon" and others else None


def context_cites(step: Step) -> tuple[str, ...]:
    """The text anchors that `thing` takes words from, beside the event."""
    context = _context(step) if step.name else None
    return (*step.name_cite, *((context.id,) if context else ()))


def _percent(value: float, length: int) -> int:
    return round(100 * min(1.0, max(0.0, value / length)))


def keys(step: Step) -> str:
    """Keys as people write them: `Ctrl+C`, `Enter`, `Backspace 3 times`."""
    names = [_KEYS.get(k.lower(), k.upper() if len(k) == 1 else k.capitalize()) for k in step.keys]
    if step.verb == "press" and len(names) > 1 and len(set(names)) == 1:
        return say(step.language, "times", keys=names[0], count=len(names))
    return "+".join(names) if step.verb == "hotkey" else ", ".join(names)


def do(step: Step, field: str = "", size: tuple[int, int] | None = None) -> str:
    """What to do, in the imperative, without a full stop.

    Args:
        step: the step.
        field: name of the field that has the focus, for typing.
        size: of the frames, for places in words.
    """
    language, verb = step.language, step.verb
    text = quote(step.text, 160)
    if verb in _CLICKED:
        return say(language, verb, thing=thing(step, size))
    match verb:
        case "select":
            key = "select" if step.text else "select_unsaid"
            return say(language, key, text=text, thing=thing(step, size))
        case "write":
            into = say(language, "write_into", text=text, thing=quote(field)) if field else ""
            return into or say(language, "write", text=text)
        case "press" | "hotkey":
            return say(language, "press", keys=keys(step))
        case "key_down" | "key_up":
            return say(language, verb, keys=keys(step))
        case "scroll":
            return say(language, "scroll", direction=direction(step))
        case "drag":
            return say(language, "drag", thing=thing(step, size), direction=drag_direction(step)).rstrip()
        case "navigate" | "open_app" | "window":
            return say(language, verb, text=quote(step.text or step.page, 120))
        case "wait" | "terminate":
            return say(language, verb)
        case _:
            return say(language, "other", text=quote(step.event.content))


def doing(step: Step, recording: GuiRecording) -> str:
    """A step named in a sentence: `click the "Save" button`, `press Ctrl+C`."""
    return decapitalise(do(step, size=recording.size))


def direction(step: Step) -> str:
    """Which way a scroll goes."""
    dx, dy = step.scroll or (0.0, 1.0)
    vertical = dy or not dx
    return say(step.language, ("down" if dy > 0 else "up") if vertical else "rightward" if dx > 0 else "leftward")


def drag_direction(step: Step) -> str:
    """Which way a drag goes."""
    if step.point is None or step.end_point is None:
        return ""
    dx, dy = step.end_point[0] - step.point[0], step.end_point[1] - step.point[1]
    if abs(dx) >= abs(dy):
        return say(step.language, "to_right" if dx > 0 else "to_left")
    return say(step.language, "down" if dy > 0 else "up")


def page(title: str, recording: GuiRecording) -> str:
    """A page in words: `the "Cart" page of Fernhill Supply`, `the window "Settings"`; "" when unknown."""
    if not title or _HOSTS.match(title):
        return ""
    application = recording.application.get(title, title)
    own = page_name(title, recording)
    if own:
        return say(recording.language, "page", name=quote(own), application=clean(application))
    return say(recording.language, "window_named", name=quote(title))


def page_name(title: str, recording: GuiRecording) -> str:
    """The part of a title that names the page within its application, "" when there is none."""
    application = recording.application.get(title, title)
    parts = [p.strip() for p in re.split(r"\s+[—–|·-]\s+", title)]
    return " - ".join(p for p in parts if p and p != application) if application != title else ""


def effect(step: Step, recording: GuiRecording) -> tuple[str, list[str]]:
    """What could be seen after a step, one clause without a full stop, and the anchors that prove it.

    What the source says, a page that opens, texts that appear, or that nothing changed; "" when nothing is certain.
    """
    language = step.language
    outcomes = [words for outcome in step.outcomes if (words := outcome_words(outcome, language))]
    if outcomes:
        return capitalise(say(language, "semicolon").join(outcomes[:3])), [step.id]
    where = page(step.leads_to, recording)
    if where:
        switched = recording.application.get(step.leads_to) != recording.application.get(step.page)
        cites = [step.leads_cite] if step.leads_cite else []
        return capitalise(say(language, "to_front" if switched else "opens", page=where)), cites
    shown = holds_text(step.after, step.text) if step.verb == "write" else None
    if shown is not None:
        return say(language, "typed_shown", text=quote(step.text, 90)), [shown.id]
    lines = [a for a in most_telling(step.after, NEW_LINES) if clean(a.content) != step.name]
    if lines:
        texts = join_texts(language, [quote(a.content, NEW_LINE) for a in lines])
        return capitalise(say(language, "now_shown", texts=texts)), [a.id for a in lines]
    if step.seen and not step.changes and not step.merged and not step.after:
        return say(language, "nothing"), [step.id]
    return "", []


def outcome_words(outcome: Mapping[str, str], language: str) -> str:
    """What a source says to hold, as a clause."""
    name = quote(outcome.get("name", "")) if outcome.get("name") else ""
    value = quote(outcome.get("value", ""), 90)
    kind = outcome.get("kind", "")
    if kind == "unchanged":
        return decapitalise(say(language, "nothing"))
    if kind == "value":
        return say(language, "holds" if name else "holds_unnamed", name=name, value=value)
    if kind in {"checked", "unchecked"}:
        return say(language, kind, name=name or say(language, "element"))
    check = outcome.get("check", "")
    plain = check.removeprefix("not ")
    key = f"expect_{plain}" if plain in _CHECKS else "expect_other"
    if plain == "url" or plain == "title" or name or outcome.get("value"):
        said = say(
            language,
            key,
            name=name or say(language, "element"),
            value=value if outcome.get("value") else "",
            check=plain,
        )
        return (
            say(language, "expect_not", said=decapitalise(said.strip())) if check != plain else capitalise(said.strip())
        )
    return ""


_CHECKS = frozenset(
    {
        "visible",
        "hidden",
        "text",
        "value",
        "url",
        "title",
        "checked",
        "enabled",
        "disabled",
        "count",
        "focused",
        "empty",
    }
)
