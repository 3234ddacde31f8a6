"""What an agent sees before a step and why it takes it: from the screen before it, the past, and the task alone.

Nothing here quotes what is only seen after the step. A clause comes with the anchors that it takes its words from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.goals import STEPPER
from dataclaw.domains.gui.intents import CLICKS
from dataclaw.domains.gui.language import join_texts, say, sentence
from dataclaw.domains.gui.recording import FIELDS, GuiRecording, Step, clean
from dataclaw.domains.gui.screens import heading_of, holds_text, is_telling, most_telling, without_taskbar
from dataclaw.domains.gui.slicing import COMMIT
from dataclaw.planning import CITES, capitalise
from dataclaw.types import Anchor

LONGEST = 320
"""Most characters of an observation or a thought."""

TEXTS, TEXT = 3, 50
"""Most texts of a page that are told, and longest of one [characters]."""

LINED_UP = 8.0
"""Lines that begin so close to each other stand in one list [px]."""

BACK = 2
"""Earlier actions that are told where no picture shows a moment."""


@dataclass(frozen=True, slots=True)
class SightClause:
    """A part of a sentence and the anchors that its words are from."""

    text: str
    cites: tuple[str, ...] = ()


def observation(
    step: Step, before: Sequence[Step], recording: GuiRecording, cited: Sequence[str]
) -> tuple[str, list[str]]:
    """What the screen shows before a step, and what that is read from: no more than can be cited beside the rest.

    Args:
        step: the step.
        before: the steps before it.
        recording: the trace.
        cited: what the step cites anyway.
    """
    language = recording.language
    clauses: list[SightClause | None] = []
    if step.shares:
        doings = join_texts(language, [wording.doing(s, recording) for s in step.shares[-BACK:]])
        cites = tuple(cite for s in step.shares[-BACK:] for cite in (s.id, *wording.context_cites(s)))
        clauses.append(SightClause(say(language, "see_turn", doings=doings), cites))
    elif step.event.frame is None and not step.lines:
        clauses += [_without_picture(before, recording), _front(step, recording)]
    else:
        fresh = _fresh(step, language)
        clauses += [
            _where(step, before, recording, known=fresh is not None),
            fresh,
            _typed_text(step, before, language),
        ]
        clauses += [_target(step, recording)]
    clauses.append(_focus(step, before, recording))
    if not any(clauses):
        clauses.append(SightClause(say(language, "see_nothing")))
    return _fitting_sentence(clauses, language, set(cited))


def _fitting_sentence(clauses: Sequence[SightClause | None], language: str, cited: set[str]) -> tuple[str, list[str]]:
    """As many clauses as fit and can be proved, as a sentence, with their citations."""
    kept: list[SightClause] = []
    for clause in clauses:
        if clause is not None and clause.text:
            longer = sentence(language, *(c.text for c in kept), clause.text)
            proof = cited.union(*(c.cites for c in kept), clause.cites)
            if (len(longer) <= LONGEST and len(proof) <= CITES) or not kept:
                kept.append(clause)
    return sentence(language, *(c.text for c in kept))[:LONGEST], [cite for c in kept for cite in c.cites]


def _without_picture(before: Sequence[Step], recording: GuiRecording) -> SightClause:
    if not before:
        return SightClause(say(recording.language, "see_no_start"))
    doings = join_texts(recording.language, [wording.doing(s, recording) for s in before[-1:]])
    cites = (before[-1].id, *wording.context_cites(before[-1]))
    return SightClause(say(recording.language, "see_no_picture", doings=doings), cites)


def _front(step: Step, recording: GuiRecording) -> SightClause | None:
    where = wording.page(step.open_page, recording)
    return SightClause(say(recording.language, "see_page", page=where), (step.id,)) if where else None


def _where(step: Step, before: Sequence[Step], recording: GuiRecording, *, known: bool) -> SightClause | None:
    """The page in front, the largest text on it, or what a page without sizes says.

    What the last screen showed as well is told again only where nothing else is.

    Args:
        step: the step.
        before: the steps before it.
        recording: the trace.
        known: whether something new is told.
    """
    language = recording.language
    front = _front(step, recording)
    if front is not None:
        return front
    texts = _main_texts(step, recording)
    if not texts:
        return None
    said = join_texts(language, [wording.quote(a.content, TEXT) for a in texts])
    cites = tuple(a.id for a in texts)
    old = [a.content for a in _main_texts(before[-1], recording)] if before and before[-1].lines else []
    if [a.content for a in texts] == old:
        return None if known else SightClause(say(language, "see_still", text=said), cites)
    return SightClause(
        say(language, "see_texts" if step.event.frame is None else "see_heading", texts=said, text=said), cites
    )


def _main_texts(step: Step, recording: GuiRecording) -> list[Anchor]:
    """The heading of a screen, or its most telling texts; of a page that keeps its texts the first ones."""
    lines = without_taskbar(step.lines, recording.size)
    largest = heading_of(lines)
    if largest is not None:
        return [largest]
    texts = [a for a in lines if "field" not in a.attrs and len(a.content.strip()) > 1]
    return texts[:TEXTS] if step.event.frame is None else most_telling(texts, TEXTS)


def _fresh(step: Step, language: str) -> SightClause | None:
    """What has come onto the screen since the last action."""
    lines = most_telling(step.fresh, TEXTS) or [a for a in step.fresh if a.frame is None][:TEXTS]
    if not lines:
        return None
    quoted = [wording.quote(a.content, TEXT) for a in lines]
    return SightClause(say(language, "see_new", texts=join_texts(language, quoted)), tuple(a.id for a in lines))


def _typed_text(step: Step, before: Sequence[Step], language: str) -> SightClause | None:
    """That the text typed last stands on the screen, where it can be read there."""
    last = before[-1] if before else None
    if last is None or last.verb != "write" or step.shares:
        return None
    shown = holds_text(step.lines, last.text)
    return (
        SightClause(say(language, "see_typed", text=wording.quote(last.text, 80)), (last.id, shown.id))
        if shown
        else None
    )


def _target(step: Step, recording: GuiRecording) -> SightClause | None:
    if step.point is None or not step.name or step.verb in {"scroll", "move"}:
        return None
    language = recording.language
    where = wording.place(step.point, recording.size, language) if step.event.frame is not None else ""
    new = any(clean(a.content) == step.name for a in step.fresh)
    key = "see_target_new" if new and step.fresh else "see_target"
    text = say(language, key, thing=wording.thing(step), place=where or say(language, "visible"))
    beside = [a for a in step.near[1:4] if is_telling(a) and clean(a.content) != step.name][:2]
    if beside and step.role != "icon":
        text = say(
            language, "see_beside", text=text, near=join_texts(language, [wording.quote(a.content, 40) for a in beside])
        )
    return SightClause(text, (step.id, *wording.context_cites(step), *(a.id for a in beside)))


def _focus(step: Step, before: Sequence[Step], recording: GuiRecording) -> SightClause | None:
    """Where the focus is, for steps of the keyboard after a click."""
    last = before[-1] if before else None
    if step.point is not None or last is None or last.verb not in CLICKS:
        return None
    if last.name:
        text = say(recording.language, "see_focus", thing=wording.thing(last, recording.size))
        return SightClause(text, (last.id, *wording.context_cites(last)))
    return SightClause(say(recording.language, "see_focus_here"), (last.id,))


def reason_of(
    step: Step, before: Sequence[Step], recording: GuiRecording, goal: str, known: SightClause | None = None
) -> tuple[str, list[str]]:
    """Why a step comes next, and what that is read from.

    Args:
        step: the step.
        before: the steps before it.
        recording: the trace.
        goal: the task as it is put to the agent: what it names is asked for.
        known: the reason, where it need not be concluded.
    """
    reason = known or _reason(step, before, recording)
    asked = None if known and _names(known.text, step) else _what_is_asked(step, recording.language, goal)
    clauses = [asked, reason] if asked is not None and step.verb in CLICKS else [reason, asked]
    return _fitting_sentence(clauses, recording.language, set())


def _names(text: str, step: Step) -> bool:
    """Whether a text says what is written or chosen."""
    return any(words and words.casefold() in text.casefold() for words in (step.text, step.name))


def _what_is_asked(step: Step, language: str, goal: str) -> SightClause | None:
    """That the task asks for what is written or chosen here."""
    for words in (step.text, step.name):
        if len(words) > 1 and clean(words) and clean(words).casefold() in goal.casefold():
            return SightClause(say(language, "why_asked", text=wording.quote(words, 80)), (step.id, *step.name_cite))
    return None


def _reason(step: Step, before: Sequence[Step], recording: GuiRecording) -> SightClause:
    language, last = recording.language, before[-1] if before else None
    what, own = wording.thing(step, recording.size), (step.id, *wording.context_cites(step))
    match step.verb:
        case "write":
            return _reason_to_type(step, last, recording)
        case "press" | "hotkey" | "key_down" | "key_up":
            return _reason_for_keys(step, last, language)
        case "scroll":
            back = last is not None and last.verb == "scroll" and wording.direction(last) != wording.direction(step)
            way = wording.direction(step)
            return SightClause(say(language, "why_scroll_back" if back else "why_scroll", direction=way), (step.id,))
        case "terminate":
            return SightClause(say(language, "why_failed" if step.text.startswith("fail") else "why_done"), (step.id,))
        case "navigate" | "open_app" | "window":
            return SightClause(say(language, "why_go", text=wording.quote(step.text or step.page, 120)), (step.id,))
        case "wait":
            return SightClause(say(language, "why_wait"), (step.id,))
        case "select":
            return SightClause(say(language, "why_select", text=wording.quote(step.text, 80)), own)
        case "drag":
            key = "why_drag" if step.name else "why_drag_here"
            return SightClause(say(language, key, thing=what, direction=wording.drag_direction(step)), own)
        case _:
            return _reason_to_click(step, before, recording, what)


def _reason_to_type(step: Step, last: Step | None, recording: GuiRecording) -> SightClause:
    language, text = recording.language, wording.quote(step.text, 90)
    field = step if step.role in FIELDS and step.name else last
    if field is not None and field.name and field.verb in {*CLICKS, "write"} and field.role in FIELDS:
        search = "search" in f"{field.name} {field.role}".lower()
        key = "why_search" if search else "why_type"
        cites = (step.id, field.id, *field.name_cite)
        return SightClause(say(language, key, thing=wording.quote(field.name), text=text), tuple(dict.fromkeys(cites)))
    if last is not None and last.verb == "press" and "tab" in last.keys:
        return SightClause(say(language, "why_type_next", text=text), (step.id, last.id))
    return SightClause(say(language, "why_type_here", text=text), (step.id,))


def _reason_for_keys(step: Step, last: Step | None, language: str) -> SightClause:
    pressed = {k.lower() for k in step.keys}
    wrote = last if last is not None and last.verb == "write" else None
    cites = (step.id, wrote.id) if wrote is not None else (step.id,)
    text = wording.quote(wrote.text, 80) if wrote is not None else ""
    if "enter" in pressed:
        return SightClause(say(language, "why_entered" if text else "why_enter", text=text), cites)
    if "tab" in pressed and len(pressed) == 1:
        return SightClause(say(language, "why_tab"), cites)
    if step.verb == "hotkey" and step.keys[-1:] == ("s",) and len(step.keys) == 2:
        return SightClause(say(language, "why_save"), (step.id,))
    if step.verb == "hotkey" and step.keys[-1:] in {("c",), ("x",), ("v",)}:
        return SightClause(say(language, "why_paste" if step.keys[-1] == "v" else "why_copy"), (step.id,))
    if pressed <= {"backspace", "delete"}:
        return SightClause(say(language, "why_delete_of" if text else "why_delete", text=text), cites)
    return SightClause(say(language, "why_keys", keys=wording.keys(step)), (step.id,))


def _reason_to_click(step: Step, before: Sequence[Step], recording: GuiRecording, what: str) -> SightClause:
    language, last = recording.language, before[-1] if before else None
    cites = (step.id, *wording.context_cites(step))
    if not step.name:
        text = step.beside
        if text is None:
            return SightClause(say(language, "why_unlabelled"), cites)
        return SightClause(say(language, "why_beside", text=wording.quote(text.content, 60)), cites)
    if step.role in FIELDS:
        return SightClause(capitalise(say(language, "why_field", thing=what)), cites)
    if last is not None and last.verb == step.verb and last.name == step.name:
        return SightClause(capitalise(say(language, "why_again", thing=what)), (*cites, last.id))
    if STEPPER.search(step.name):
        return SightClause(capitalise(say(language, "why_stepper", thing=what)), cites)
    if COMMIT.search(step.name) and (done := _last_input(before)) is not None:
        text = wording.quote(done.text or done.name, 60)
        return SightClause(
            capitalise(say(language, "why_confirm", last=text, thing=what)), (*cites, done.id, *done.name_cite)
        )
    if COMMIT.search(step.name) and any(s.verb == "write" for s in before):
        return SightClause(capitalise(say(language, "why_confirm_all", thing=what)), cites)
    fresh = next((a for a in step.fresh if clean(a.content) == step.name), None)
    if fresh is not None:
        key = "why_listed" if _in_list(fresh, step.fresh) else "why_appeared"
        return SightClause(capitalise(say(language, key, thing=what)), (*cites, fresh.id))
    return SightClause(capitalise(say(language, "why_visible", thing=what)), cites)


def _in_list(line: Anchor, others: Sequence[Anchor]) -> bool:
    """Whether two more new lines begin where this one does: a list has opened."""
    boxes = [a.box for a in others if a.box is not None]
    return line.box is not None and sum(abs(box[0] - line.box[0]) <= LINED_UP for box in boxes) > 2


def _last_input(before: Sequence[Step]) -> Step | None:
    """The last thing entered or chosen right before, over keys that only move on."""
    for step in reversed(before[-3:]):
        if step.verb in {"write", "select"} and step.text.strip():
            return step
        if step.verb in CLICKS and step.name and step.role not in FIELDS and not COMMIT.search(step.name):
            return step
    return None
