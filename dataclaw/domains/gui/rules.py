"""What the library's rules cannot judge: the intent's scope, code against events, quotations, chains and relations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import CLICKS, GuiIntent, ScopedEvent, applications, parse_intent, speaks_of_more
from dataclaw.domains.gui.language import is_phrase
from dataclaw.domains.gui.recording import is_name_at, pair, plain_role
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, nothing_to_judge, rule, score_of
from dataclaw.schema import citing_objects, fields_of, objects_of
from dataclaw.types import Anchor, Event, Finding, Json
from pyautogui_trace_parsers.codeactions import CodeReader
from pyautogui_trace_parsers.errors import TraceError
from pyautogui_trace_parsers.model import UNIT
from pyautogui_trace_parsers.model import Event as Coded

NEAR = 0.01
"""A point of the code may lie this far from the event's, as a share of the frame's sides."""

MERGED, CORRECTION = 60, 20.0
"""Least likeness of a text that was corrected while typing with all that was typed; longest pause in a correction [s].
"""

ALIKE = 88
"""Least likeness (rapidfuzz, 0..100) of a quotation and what it quotes: OCR misreads a letter now and then."""

_QUOTED = re.compile(r'"([^"]*)"')
# fmt: off
_PROSE = frozenset({
    "text", "goal", "observation", "thought", "action", "instruction", "expect", "expected", "precondition",
    "effect", "original_task",
})
# fmt: on
_SAME: Mapping[str, frozenset[str]] = {
    "select": frozenset({"click"}),
    "navigate": frozenset({"hotkey", "write", "press"}),
    "long_press": frozenset({"mouse_down", "mouse_up"}),
}
"""Verbs of the code that carry out an event whose verb pyautogui lacks."""

OUTSIDE = "outside the window"
"""Why an event that the rollout is not about is refused."""
_APART = frozenset({"other_task", "duplicate"})
"""Why a fragment is left out."""
_CARRIED = frozenset({"carried_content", "shared_words"})


@rule("gui.scope")
def scope(case: Case) -> Score:
    """Share of cited events that the intent's windows, verbs and times allow, and of left-out ones that they refuse.

    Kept are the events cited outside `cot` and `left_out`; of `left_out` only the reasons "other_window" and
    "not_asked" are checked, since the others are matters of evidence. Where an intent speaks of something in the stream
    beyond windows, verbs and times (a goal, a person, an object), only its times are checked: which events reach a goal
    no pattern can tell. Does not apply to streams without events.
    """
    if not case.events:
        return NOT_APPLICABLE
    seen = {event.index: _scoped_event(event) for event in case.events}
    wanted = parse_intent(case.intent, list(seen.values()), case.window)
    plain = not speaks_of_more(case.intent, list(seen.values()))
    wanted = wanted if plain else GuiIntent(span=wanted.span)
    draft = fields_of(case.draft)
    scores: list[float] = []
    findings: list[Finding] = []
    for place, anchor in _cited_events({k: v for k, v in draft.items() if k not in {"cot", "left_out"}}, case):
        why = _refusal(wanted, anchor, seen)
        scores.append(0.0 if why else 1.0)
        if why:
            findings.append(Finding(place, f"{anchor.id} is not what the intent asks for ({why})", "gui.scope", 0.0))
    for place, anchor, reason in _scoped_out(draft, case) if plain else ():
        why = _refusal(wanted, anchor, seen)
        scores.append(float(why in (reason, OUTSIDE)))
        if not scores[-1]:
            message = f"{anchor.id} is left out as {reason}, but {f'it is {why}' if why else 'the intent asks for it'}"
            findings.append(Finding(place, message, "gui.scope", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else nothing_to_judge("gui.scope")


@rule("gui.code")
def code(case: Case) -> Score:
    """Share of steps whose pyautogui code parses and does what the cited event did: verb, place, text, keys, scroll.

    Places agree within 1 % of the frame's sides. A step whose code only ends the task (`computer.terminate`) must be
    the last. Does not apply to drafts without `steps`.
    """
    draft = fields_of(case.draft)
    steps = draft.get("steps")
    if not isinstance(steps, list) or not steps:
        return nothing_to_judge("gui.code")
    items = cast("list[Json]", steps)
    findings: list[Finding] = []
    for at, step in enumerate(items):
        problem = _code_problem(step, case, last=at == len(items) - 1)
        if problem:
            findings.append(Finding(f"/steps/{at}/code", problem, "gui.code", 0.0))
    return score_of(1.0 - len(findings) / len(items), findings)


@rule("gui.quotes")
def quotes(case: Case) -> Score:
    """Are quotations borne out by what is cited beside them, and does each step name what it was done to?

    Mean over every text in double quotes (1 when a cited anchor holds it, 0 otherwise) and every object that cites a
    named click or typed text (1 when one of its sentences mentions one of them). Does not apply where there is neither.
    """
    scores: list[float] = []
    findings: list[Finding] = []
    for place, entries in citing_objects(case.draft):
        anchors = anchors_of(entries, case)
        prose = {k: v for k, v in entries.items() if k in _PROSE and isinstance(v, str)}
        if not anchors or not prose or place.startswith(("/cot", "/left_out")):
            continue
        for key, text in prose.items():
            for quotation in dict.fromkeys(q for q in _QUOTED.findall(text) if len(q) > 1):
                held = _is_borne_out(quotation, anchors)
                scores.append(float(held))
                if not held:
                    message = f'"{quotation[:60]}" is quoted, but nothing cited here says it'
                    findings.append(Finding(f"{place}/{key}", message, "gui.quotes", 0.0))
        named = [name for anchor in anchors for name in _names(anchor)]
        if named and "/steps/" in place:
            told = " ".join(prose.values())
            mentioned = any(_mentions(told, name) for name in named)
            scores.append(float(mentioned))
            if not mentioned:
                findings.append(Finding(place, f'does not say what it is about: "{named[0][:60]}"', "gui.quotes", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("gui.named")
def named_targets(case: Case) -> Score:
    """Share of steps that say what they are done to, so that a person can follow them.

    A step at a place on the screen says so when its request mentions the recorder's name of the element, or quotes a
    cited text that is at the pointer (under it, in its row of a list, the label of its icon), or tells a known kind of
    element by a text beside it, or has words of its own for it. "Click the spot below "Total"" says nothing. Steps
    without a place need not. Does not apply to drafts without steps.
    """
    steps = [(place, entries) for place, entries in citing_objects(case.draft) if "/steps/" in place]
    unnamed = [place for place, entries in steps if not _says_where(entries, case)]
    message = "says only where it is done, and not to what: nobody can follow it"
    findings = [Finding(place, message, "gui.named", 0.0) for place in unnamed]
    return score_of(1.0 - len(unnamed) / len(steps), findings) if steps else NOT_APPLICABLE


def _says_where(entries: Mapping[str, Json], case: Case) -> bool:
    anchors = anchors_of(entries, case)
    pointed = [a for a in anchors if a.point is not None and a.attrs.get("verb") in CLICKS | {"select", "drag"}]
    text = next((said for key in ("instruction", "action") if isinstance(said := entries.get(key), str)), "")
    quoted = _QUOTED.findall(text)
    keys = [key for anchor in anchors for key in cast("Sequence[str]", anchor.attrs.get("keys") or ())]
    if not pointed or not is_phrase(_QUOTED.sub(" ", text), keys):
        return True
    return any(
        any(_mentions(text, name) for name in _names(event))
        or bool(quoted and plain_role(str(event.attrs.get("role") or "")))
        or any(_mentions(a.content, q) for a in anchors if _is_at(a, event, case) for q in quoted)
        for event in pointed
    )


def _is_at(text: Anchor, event: Anchor, case: Case) -> bool:
    others = [a for a in case.anchors.values() if a.kind == "text" and a.frame == text.frame]
    return text.kind == "text" and is_name_at(text, others, event.point, str(event.attrs.get("verb")))


@rule("gui.chain")
def chain(case: Case) -> Score:
    """Does the chain of states lead to the labels? Mean over its links and the labels of the stream.

    A link is right when it cites its own fragment (a comparison that names it counts), none but it and the one before
    it, and what it cites has the words that it quotes. The labels must stand in the chain's order, and every other
    fragment in `left_out`, once, as of another task or as a duplicate.
    """
    draft = fields_of(case.draft)
    links = objects_of(draft.get("cot"))
    labels = draft.get("ordered_fragment_labels")
    ordered = cast("list[Json]", labels) if isinstance(labels, list) else []
    out = [entry.get("fragment") for entry in objects_of(draft.get("left_out"))]
    if not links or not case.labels:
        return nothing_to_judge("gui.chain")
    scores: list[float] = []
    findings: list[Finding] = []
    for at, link in enumerate(links):
        problem = _link_problem(link, anchors_of(link, case), links[at - 1].get("fragment") if at else None)
        scores.append(float(not problem))
        if problem:
            findings.append(Finding(f"/cot/{at}", problem, "gui.chain", 0.0))
    order = list(dict.fromkeys(link.get("fragment") for link in links))
    same = [label for label in order if label in ordered] == ordered
    scores.append(float(same))
    if not same:
        message = f"the chain says {order}, the labels say {ordered}"
        findings.append(Finding("/ordered_fragment_labels", message[:200], "gui.chain", 0.0))
    for label in case.labels:
        times = ordered.count(label) + out.count(label)
        scores.append(float(times == 1))
        if times != 1:
            where = "neither ordered nor left out" if not times else "named more than once"
            findings.append(Finding("", f"fragment {label} is {where}", "gui.chain", 0.0))
    for at, entry in enumerate(objects_of(draft.get("left_out"))):
        scores.append(float(entry.get("reason") in _APART))
        if not scores[-1]:
            message = f"a fragment is left out as of another task or as a duplicate, not as {entry.get('reason')}"
            findings.append(Finding(f"/left_out/{at}/reason", message, "gui.chain", 0.0))
    return score_of(sum(scores) / len(scores), findings)


def _link_problem(link: Mapping[str, Json], anchors: Sequence[Anchor], before: Json) -> str:
    label = str(link.get("fragment"))
    if not any(_about(anchor, label) for anchor in anchors):
        return f"cites nothing of fragment {label}"
    foreign = [anchor.id for anchor in anchors if anchor.part and anchor.part not in {label, before}]
    if foreign:
        return f"cites {foreign[0]}, which is of neither fragment {label} nor the one before it"
    there = {word for anchor in anchors for fact in _facts(anchor) for word in _tokens(fact)}
    lost = [said for said in _QUOTED.findall(str(link.get("text", ""))) if not set(_tokens(said)) <= there]
    return f'"{lost[0][:60]}" is quoted, but nothing cited here says it' if lost else ""


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


@rule("gui.relation")
def relation(case: Case) -> Score:
    """Does the label follow from the fragments and signals? Mean of three checks, the last one counting twice.

    One fragment exactly when "none"; something carried from one to another (content or words) exactly when
    "sequential" or "hybrid"; and a signal at the start of every fragment after the first. "none" over several
    applications counts half in the first check.
    """
    draft = fields_of(case.draft)
    fragments, signals = objects_of(draft.get("fragments")), objects_of(draft.get("signals"))
    label = draft.get("relation")
    if not fragments:
        return nothing_to_judge("gui.relation")
    several = len(set(applications([e.window for e in case.events if e.window]).values())) > 1
    count = float((len(fragments) == 1) == (label == "none")) * (0.5 if label == "none" and several else 1.0)
    carried = any(s.get("kind") in _CARRIED for s in signals)
    bound = float(carried == (label in {"sequential", "hybrid"}))
    starts = [f.get("first") for f in fragments[1:]]
    marked = {i for s in signals for a in anchors_of(s, case) for i in _starts_at(a)}
    covered = sum(start in marked for start in starts) / len(starts) if starts else 1.0
    told = (
        (count, f"{len(fragments)} fragment(s) and relation {label}"),
        (bound, f"relation {label}, and {'something' if carried else 'nothing'} is carried over"),
        (covered, f"{len(starts) - round(covered * len(starts))} fragment(s) begin without a signal"),
    )
    findings = [Finding("/relation", text, "gui.relation", value) for value, text in told if value < 1]
    return score_of((count + bound + 2 * covered) / 4, findings)


def _scoped_event(event: Event) -> ScopedEvent:
    return ScopedEvent(event.window, f"{event.target} {event.role} {event.text}", event.kind, event.t0)


def _refusal(wanted: GuiIntent, anchor: Anchor, seen: Mapping[int, ScopedEvent]) -> str:
    event = seen.get(_index(anchor))
    return wanted.refuses(event) if event else OUTSIDE


def _index(anchor: Anchor) -> int:
    digits = anchor.id.rpartition(".")[2][1:]
    return int(digits) if digits.isdecimal() else -1


def _cited_events(value: Json, case: Case) -> Iterator[tuple[str, Anchor]]:
    for place, entries in citing_objects(value):
        for anchor in anchors_of(entries, case):
            if anchor.kind == "event":
                yield f"{place}/cite", anchor


def _scoped_out(draft: Mapping[str, Json], case: Case) -> Iterator[tuple[str, Anchor, str]]:
    for place, entries in citing_objects(draft.get("left_out"), "/left_out"):
        reason = entries.get("reason")
        if reason in {"other_window", "not_asked"}:
            for anchor in anchors_of(entries, case):
                if anchor.kind == "event":
                    yield f"{place}/cite", anchor, str(reason)


def _code_problem(step: Json, case: Case, *, last: bool) -> str:
    entries = fields_of(step)
    text = entries.get("code")
    if not isinstance(text, str):
        return "there is no code"
    try:
        coded = CodeReader(UNIT, "code").read(text)
    except TraceError as error:
        return f"does not parse: {str(error)[:160]}"
    if not coded:
        return "does nothing"
    event = next((a for a in anchors_of(entries, case) if a.kind == "event"), None)
    if [c.verb for c in coded] == ["terminate"] and (event is None or event.attrs.get("verb") != "terminate"):
        return "" if last else "ends the task before its last step"
    if event is None:
        return "the step cites no event"
    others = [a for a in anchors_of(entries, case) if a is not event and a.attrs.get("verb") == "write"]
    more = [other for other in others if _next(event, other)]
    return _disagreement(coded, event, case.frame_size) or _other_words(coded, event, more)


def _disagreement(coded: Sequence[Coded], event: Anchor, size: tuple[int, int] | None) -> str:
    verb = str(event.attrs.get("verb"))
    wrong = [c.verb for c in coded if c.verb != verb and c.verb not in _SAME.get(verb, frozenset())]
    if wrong:
        return f"does {wrong[0]}, but {event.id} is {verb}"
    if event.point is not None and size is not None:
        for made, given in ((coded[0].point, event.point), (coded[-1].end_point, event.attrs.get("end_point"))):
            if made is not None and given is not None and (gap := _gap(made, given, size)) > NEAR:
                return f"is {gap:.1%} of the screen away from {event.id}"
    return ""


def _gap(made: Sequence[float], given: Sequence[float], size: tuple[int, int]) -> float:
    wanted = [min(1.0, max(0.0, float(v) / side)) for v, side in zip(given, size, strict=True)]
    return max(abs(a - b) for a, b in zip(made, wanted, strict=True))


def _next(event: Anchor, other: Anchor) -> bool:
    """Whether another typing event belongs to the same correction: both type, in the same window, close in time."""
    same = event.attrs.get("verb") == "write" and event.attrs.get("window") == other.attrs.get("window")
    return same and _index(other) > _index(event) and 0 <= other.t0 - event.t1 <= CORRECTION


def _other_words(coded: Sequence[Coded], event: Anchor, more: Sequence[Anchor]) -> str:
    verb = str(event.attrs.get("verb"))
    if verb in {"write", "navigate"}:
        wrote = "".join(c.text for c in coded if c.verb == "write")
        given = "".join(str(e.attrs.get("text") or "") for e in (event, *more))
        if fuzz.ratio(wrote, given) < (MERGED if more else ALIKE):
            return f'writes "{wrote[:40]}", but {event.id} wrote "{given[:40]}"'
    if verb in {"press", "hotkey"}:
        pressed, given = [k for c in coded for k in c.keys], list(cast("Sequence[str]", event.attrs.get("keys") or ()))
        if pressed != given:
            return f"presses {'+'.join(pressed)}, but {event.id} pressed {'+'.join(given)}"
    scroll = pair(event.attrs.get("scroll"))
    if verb == "scroll" and scroll is not None:
        moved = [c.scroll for c in coded if c.scroll is not None]
        made = (sum(m.dx for m in moved), sum(m.dy for m in moved))
        if not all(_same_way(a, b) for a, b in zip(made, scroll, strict=True)):
            return f"scrolls another way than {event.id}"
    return ""


def _same_way(made: float, given: float) -> bool:
    return (made > 0) == (given > 0) and (made < 0) == (given < 0)


def _facts(anchor: Anchor) -> Iterator[str]:
    yield anchor.content
    for key in ("text", "target", "window", "name"):
        value = anchor.attrs.get(key)
        if isinstance(value, str) and value:
            yield value
    for outcome in objects_of(anchor.attrs.get("outcomes")):
        yield from (str(outcome[key]) for key in ("name", "value") if outcome.get(key))


def _is_borne_out(quotation: str, anchors: Sequence[Anchor]) -> bool:
    return any(_mentions(fact, quotation) for anchor in anchors for fact in _facts(anchor))


def _mentions(text: str, name: str) -> bool:
    a, b = (" ".join(t.replace('"', "'").casefold().split()) for t in (text, name))
    b = b[:60].strip()
    if b.replace(" ", "") in a.replace(" ", ""):  # two words are easily read as one
        return True
    return len(b) > 3 and len(a) >= len(b) and fuzz.partial_ratio(b, a) >= ALIKE


def _names(anchor: Anchor) -> list[str]:
    """What a step about this event ought to mention: the name of what was clicked, or the text that was typed."""
    verb = anchor.attrs.get("verb")
    key = "target" if verb in CLICKS else "text" if verb == "write" else ""
    value = anchor.attrs.get(key) if key and anchor.kind == "event" else ""
    return [value] if isinstance(value, str) and any(c.isalnum() for c in value) else []


def _about(anchor: Anchor, label: str) -> bool:
    return anchor.part == label or (
        anchor.kind == "link" and label in {anchor.attrs.get("from"), anchor.attrs.get("to")}
    )


def _starts_at(anchor: Anchor) -> list[int]:
    if anchor.kind == "event":
        return [_index(anchor)]
    first = anchor.attrs.get("first")
    if isinstance(first, int):
        return [first]
    events = pair(anchor.attrs.get("events"))
    return [int(events[0])] if events else []
