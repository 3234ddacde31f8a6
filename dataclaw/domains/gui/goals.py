"""What some steps achieve: every text and value in force at the end, what was ticked, chosen and opened.

Controls on the way (a date picker, "Next", "Submit") are not told where there is anything else to tell, but for the one
that ends it, to an agent: who is to do it has to know how it is handed in. What does not fit is counted, never dropped
in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from zlib import crc32

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.intents import CLICKS
from dataclaw.domains.gui.language import join_texts, say
from dataclaw.domains.gui.recording import FIELDS, GuiRecording, Step, clean
from dataclaw.domains.gui.slicing import COMMIT
from dataclaw.planning import capitalise, shorten

COMMITTED, VALUE, CHOICE, PLACE, MINOR = 5, 4, 3, 2, 1
"""How much an aim tells: what was ordered, sent or saved; what was entered or set; what was chosen or opened; what only
opened a choice, or was done to an element of a known kind without a name; anything else."""

QUOTES = (48, 30, 18)
"""Longest quotation of one text, tried in this order until the goal fits [characters]."""

PROVEN = 7
"""A goal names no more than so many anchors prove, with room for one more in its place."""

_ON_THE_WAY = re.compile(
    r"^cart\b|\b(?:back|view cart|checkout|next|prev(?:ious)?|forward|home|menu|all|close|reply|skip|continue|done)\b"
    r"|^(?:ok|okay|yes|submit|apply|confirm|enter|search|go)$|[←→×]|^[+<>»«−-]$|下一|上一|返回|确定|确认|提交",
    re.IGNORECASE,
)
"""Names of what only leads on to something else, or hands in what was entered before."""
STEPPER = re.compile(
    r"^(?:up|down|left|right) arrow$|^[+−-]$|^(?:more|less|increase|decrease|prev(?:ious)?|next)$", re.IGNORECASE
)
"""Names of what moves a value or a page on by one."""


@dataclass(frozen=True, slots=True)
class Aim:
    """One thing that was achieved.

    Attributes:
        weight: how much it tells, see `VALUE`.
        key: its phrase; aims of one kind that stand side by side are told together.
        step: the step that achieved it.
        text: the text or name that it is about, not yet quoted.
        about: the field that it concerns, "" for none.
        lines: texts of a run of lines.
        field: the step that says what the field is called, where it is another one.
    """

    weight: int
    key: str
    step: Step
    text: str
    about: str = ""
    lines: tuple[str, ...] = ()
    field: Step | None = None


def goal(
    steps: Sequence[Step], recording: GuiRecording, limit: int = 200, *, ending: bool = False
) -> tuple[str, list[str]]:
    """What some steps achieve, as a request, and the anchors that say so.

    With the task's own words at hand it is these. A recording that failed its task is called an attempt.

    Args:
        steps: the steps.
        recording: the recording that they are of.
        limit: most characters.
        ending: for who is to do it: name the last control even where it only hands in what was entered before, and
            clicks on what has no name by what stands beside them.
    """
    if recording.task:
        text, cites = recording.task, [*_cites(aims_of(steps))[:7], steps[-1].id]
    else:
        room = limit - len(say(recording.language, "goal_failed", text="")) if recording.failed else limit
        text, cites = _own_goal(steps, recording, room, ending=ending)
    if recording.failed:
        text = say(recording.language, "goal_failed", text=text)
    return shorten(text, limit), list(dict.fromkeys(cites))[:8]


def _own_goal(steps: Sequence[Step], recording: GuiRecording, limit: int, *, ending: bool) -> tuple[str, list[str]]:
    aims = aims_of(steps)
    strong = [aim for aim in aims if aim.weight > MINOR]
    chosen = strong or aims
    if not chosen:
        first = steps[0]
        text = wording.do(first, size=recording.size)
        more = len(steps) - 1
        text = say(first.language, "take_steps", text=text, count=more) if more else text
        return capitalise(text), [first.id, *wording.context_cites(first)]
    if not strong and len(aims) > 3:  # what is last is what all the others led to
        chosen = aims[-3:]
    elif ending and aims[-1].step is steps[-1] and aims[-1].text and aims[-1] not in chosen:
        chosen = [*strong, aims[-1]]
    whole = [aim for aim in aims if aim in chosen or (aim.key == "goal_click" and aim.step.beside is not None)]
    way = crc32("".join(step.event.content for step in steps).encode()) if ending else 0
    for some in (whole, chosen) if ending else (chosen,):
        for length in QUOTES:
            text = _request(some, 0, recording, length, way)
            if len(text) <= limit and len(_cites(some)) <= PROVEN:
                return text, _cites(some)
    return _shorter_goal(chosen, recording, limit, way)


def _shorter_goal(aims: Sequence[Aim], recording: GuiRecording, limit: int, way: int) -> tuple[str, list[str]]:
    """As many aims as fit, the most telling first and of equals the last ones left out, with their number."""
    order = sorted(range(len(aims)), key=lambda k: (-aims[k].weight, k))
    for count in range(len(aims) - 1, 0, -1):
        kept = [aims[k] for k in sorted(order[:count])]
        text = _request(kept, len(aims) - count, recording, QUOTES[-1], way)
        if len(text) <= limit and len(_cites(kept)) <= PROVEN:
            return text, _cites(kept)
    text = _request(aims[:1], len(aims) - 1, recording, QUOTES[-1], way)
    return shorten(text, limit), _cites(aims[:1])


def _cites(aims: Sequence[Aim]) -> list[str]:
    steps = [step for aim in aims for step in (aim.step, aim.field) if step is not None]
    return list(dict.fromkeys(cite for step in steps for cite in _cites_of(step)))


def _cites_of(step: Step) -> tuple[str, ...]:
    """What proves an aim: what was read names a click; anything else is in the event."""
    cites = wording.context_cites(step)
    return cites if step.point is not None and step.name_cite else (step.id, *cites)


def aims_of(steps: Sequence[Step]) -> list[Aim]:
    """What the steps achieve, in order, without what was overwritten, cleared or unticked later."""
    found: list[Aim] = []
    for at, step in enumerate(steps):
        before = steps[at - 1] if at else None
        made = _by_outcome(step) or _by_action(step, before, steps[at + 1] if at + 1 < len(steps) else None)
        for aim in made:
            found = [old for old in found if not _replaces(aim, old)]
            if aim.key != "goal_untick" or not any(old.key == "goal_tick" and old.text == aim.text for old in found):
                found.append(aim)
            else:
                found = [old for old in found if not (old.key == "goal_tick" and old.text == aim.text)]
    return _with_lines_joined(_without_leading(found))


def _by_outcome(step: Step) -> list[Aim]:
    found: list[Aim] = []
    for outcome in step.outcomes:
        name, value = outcome.get("name", ""), outcome.get("value", "")
        if outcome.get("kind") == "value" and value:
            found.append(Aim(VALUE, "goal_set", step, value, name))
        elif outcome.get("kind") in {"checked", "unchecked"}:
            key = "goal_tick" if outcome["kind"] == "checked" else "goal_untick"
            found.append(Aim(CHOICE, key, step, name or step.name))
    return [aim for aim in found if aim.text]


def _by_action(step: Step, before: Step | None, following: Step | None) -> list[Aim]:
    name = step.name
    if step.verb == "write" and step.text.strip():
        field = _field_of(step, before)
        return [Aim(VALUE, "goal_enter", step, step.text.strip(), field.name if field else "", field=field)]
    if step.verb == "press" and step.keys and all(len(key) == 1 for key in step.keys):
        return [Aim(VALUE, "goal_enter", step, "".join(step.keys))]
    if step.verb == "select" and step.text:
        return [Aim(VALUE, "goal_choose_in", step, step.text, name)]
    if step.verb in {"navigate", "open_app"} and step.text:
        return [Aim(CHOICE, "goal_open", step, step.text)]
    if step.verb == "drag" and step.role != "scroll bar":
        return [Aim(VALUE, "goal_move", step, name)]
    if step.verb == "hotkey" and step.keys[-1:] in {("v",), ("s",), ("c",)} and len(step.keys) == 2:
        key, weight = {"v": ("goal_paste", CHOICE), "s": ("goal_save", CHOICE), "c": ("goal_copy", MINOR)}[
            step.keys[-1]
        ]
        return [Aim(weight, key, step, "")]
    if step.verb not in CLICKS:
        return []
    if step.role in FIELDS or (following is not None and following.verb == "write" and not COMMIT.search(name)):
        return []
    return [_aim_of_click(step, following)]


def _aim_of_click(step: Step, following: Step | None) -> Aim:
    name = step.name
    if not name:
        return Aim(PLACE if step.beside is not None and step.role else MINOR, "goal_click", step, "")
    plain = (
        (bool(_ON_THE_WAY.search(name)) and step.role != "icon")
        or bool(STEPPER.match(name))
        or (name.isdecimal() and step.role == "link")
    )
    opens = (
        following is not None
        and following.verb in CLICKS
        and any(clean(a.content) == following.name for a in step.after)
    )
    commits = bool(COMMIT.search(name)) and step.role not in {"option", "checkbox", "entry"}
    weight = MINOR if plain else COMMITTED if commits else PLACE if opens and not step.leads_to else CHOICE
    return Aim(weight, "goal_open" if step.leads_to and not COMMIT.search(name) else "goal_choose", step, name)


def _field_of(step: Step, before: Step | None) -> Step | None:
    """The step that names the field that a text goes into, where it is certain."""
    if step.role in FIELDS and step.name:
        return step
    return before if before is not None and before.verb in CLICKS and before.role in FIELDS and before.name else None


def _replaces(new: Aim, old: Aim) -> bool:
    """Whether an aim overwrites an earlier one: the same field, or a value that the page made of what was typed."""
    if new.key == "goal_set" and old.key in {"goal_set", "goal_enter"}:
        return new.about == old.about
    return new.key == old.key == "goal_choose_in" and new.about == old.about


def _without_leading(aims: Sequence[Aim]) -> list[Aim]:
    """Without clicks that only served a value set after them: a day in a calendar, an entry that fills a field."""
    values = [aim.text for aim in aims if aim.key == "goal_set"]
    return [aim for aim in aims if not (aim.key == "goal_choose" and aim.text in values)]


def _with_lines_joined(aims: Sequence[Aim]) -> list[Aim]:
    """Texts typed one after another are lines of one text from the third on."""
    found: list[Aim] = []
    for key, group in groupby(aims, key=lambda aim: (aim.key, aim.about)):
        run = list(group)
        if key == ("goal_enter", "") and len(run) > 2:
            lines = tuple(line for aim in run for line in aim.text.splitlines())
            found.append(replace(run[0], key="goal_lines", lines=lines, field=run[-1].step))
        else:
            found += run
    return found


def _request(aims: Sequence[Aim], left: int, recording: GuiRecording, length: int, way: int) -> str:
    """The aims as one request, by application, put in one of several ways."""
    language = recording.language
    groups: list[tuple[str, list[Aim]]] = []
    for aim in aims:
        application = recording.application.get(aim.step.page, "")
        if not groups or groups[-1][0] != application:
            groups.append((application, []))
        groups[-1][1].append(aim)
    parts: list[str] = []
    for application, inside in groups:
        text = join_texts(language, _phrases(inside, recording, length, way))
        shown = bool(application) and bool(wording.page(application, recording))
        parts.append(say(language, "goal_in", text=text, application=clean(application)) if shown else text)
    text = parts[0]
    for part in parts[1:]:
        text = say(language, "goal_then", first=text, rest=part)
    if left:
        text = say(language, "goal_more" if left > 1 else "goal_one_more", text=text, count=left)
    return capitalise(text)


def _phrases(aims: Sequence[Aim], recording: GuiRecording, length: int, way: int) -> list[str]:
    phrases: list[str] = []
    for key, group in groupby(aims, key=lambda aim: aim.key if aim.key in _TOGETHER else id(aim)):
        run = list(group)
        if key in _TOGETHER:
            things = join_texts(recording.language, _with_counts([_thing(aim, recording, length, way) for aim in run]))
            phrases.append(say(recording.language, str(key), way=way, texts=things))
        else:
            phrases.append(_phrase(run[0], recording, length, way))
    return phrases


def _thing(aim: Aim, recording: GuiRecording, length: int, way: int) -> str:
    """What was clicked; in every other way of putting it also what kind of thing that is."""
    named = aim.text and aim.step.role != "icon"
    if named and not (way % 2 and aim.key == "goal_choose" and aim.text == aim.step.name and aim.step.role in KINDS):
        return wording.quote(aim.text, length)
    return wording.thing(aim.step, recording.size)


KINDS = frozenset({"button", "link", "tab"})
"""Kinds of things that people say beside a name."""
_TOGETHER = frozenset({"goal_tick", "goal_untick", "goal_choose", "goal_click", "goal_open"})


def _with_counts(things: Sequence[str]) -> list[str]:
    """The same thing several times in a row is told once, with its number."""
    runs = [(name, len(list(group))) for name, group in groupby(things)]
    return [name if count == 1 else f"{name} (×{count})" for name, count in runs]


def _phrase(aim: Aim, recording: GuiRecording, length: int, way: int) -> str:
    language = recording.language
    text, about = wording.quote(aim.text, length), wording.quote(aim.about, 40)
    match aim.key:
        case "goal_lines":
            first, last = wording.quote(aim.lines[0], length), wording.quote(aim.lines[-1], length)
            return say(language, "goal_lines", count=len(aim.lines), first=first, last=last)
        case "goal_enter":
            tight = length == QUOTES[-1]
            into = say(language, "goal_enter_into", way=way, text=text, thing=about) if aim.about and not tight else ""
            return into or say(language, "goal_enter", way=way, texts=text)
        case "goal_set":
            key = "goal_set" if aim.about else "goal_set_unnamed"
            return say(language, key, way=way, name=about, value=text)
        case "goal_move":
            thing = text if aim.text else wording.thing(aim.step, recording.size)
            return say(language, "goal_move", thing=thing, direction=wording.drag_direction(aim.step))
        case "goal_choose_in":
            return (
                say(language, "goal_choose_in", way=way, text=text, thing=about)
                if aim.about
                else say(language, "goal_choose", way=way, texts=text)
            )
        case _:
            return say(language, aim.key)
