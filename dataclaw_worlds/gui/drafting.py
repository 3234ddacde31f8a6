"""Reference drafts of the tasks that follow a trace: the steps that the truth keeps, worded by goals and reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from dataclaw.domains.gui import drafts, goals, thoughts, wording
from dataclaw.domains.gui.code import code_of
from dataclaw.domains.gui.intents import CLICKS, GuiIntent
from dataclaw.domains.gui.recording import Step
from dataclaw.planning import shorten, statement
from dataclaw.types import Anchor, Json
from dataclaw_worlds.gui.evidence import CITES, KnownRecording, proof
from dataclaw_worlds.gui.kinds import field_noun
from dataclaw_worlds.gui.meaning import EventSelection, goals_of
from dataclaw_worlds.words import lower_first, upper_first

_QUOTED = re.compile(r'"([^"]+)"')
_WHY = {
    "undone": ("is taken back later", "are taken back later"),
    "detour": ("only leads away", "only lead away and back"),
    "no_effect": ("changes nothing", "change nothing"),
    "noise": ("only closes what popped up", "only close what popped up"),
}
"""Why events are left out, for one event and for several."""
_DETAILS = re.compile(
    r" \([^)]*\)|, (?:delivered|ticket by|due) [^;]*?(?=;|$| to )| for pickup at [^;]*| with [^;]*? delivery"
    r"| for (?:this device|all devices)"
)
"""Details that a goal loses when its text is too long."""
COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
NAMED, NAME = 3, 60
"""Most steps that are named for one reason, and longest name of a step [characters]."""


@dataclass(frozen=True, slots=True)
class KeptSteps:
    """What a draft is made of.

    Attributes:
        known: the recording and its truth.
        steps: what is kept, at least one.
        dropped: reason by index of every other event.
        selection: what was asked for.
        scope: whether pictures and coordinates are wanted.
    """

    known: KnownRecording
    steps: Sequence[Step]
    dropped: Mapping[int, str]
    selection: EventSelection
    scope: GuiIntent

    def truth(self, step: Step) -> Mapping[str, Json]:
        """The truth about a step."""
        return self.known.truth[step.index]


def goal_texts(kept: KeptSteps, key: str = "title") -> list[str]:
    """What the kept steps achieve, a text for each goal: all of it, or its first, middle or last steps."""
    texts: list[str] = []
    for number, goal in enumerate(goals_of(kept.known.facts)):
        needed = [i for i, e in enumerate(kept.known.truth) if e["goal"] == number and e["tag"] == "need"]
        here = {s.index for s in kept.steps} & set(needed)
        if not here:
            continue
        text = str(goal[key])
        begins, ends = min(here) <= needed[min(2, len(needed) - 1)], max(here) >= needed[-1]
        if key == "title" and not kept.selection.verbs and not kept.selection.app and not (begins and ends):
            part = "first" if begins else "last" if ends else "middle"
            text = f"Take the {part} steps to {lower_first(text)}"
        texts.append(text)
    return texts


def goal_text(kept: KeptSteps, limit: int) -> tuple[str, list[str]]:
    """What the kept steps achieve as a request of at most `limit` characters, with its proof."""
    texts = goal_texts(kept)
    if not texts:
        text, cites = goals.goal(kept.steps, kept.known.recording, limit)
        return text, cites
    text = "; then ".join([texts[0], *map(lower_first, texts[1:])])
    if len(text) > limit:
        text = _DETAILS.sub("", text)
    if len(text) > limit:
        for app in {str(aim["app"]) for aim in goals_of(kept.known.facts)}:
            text = re.sub(rf" (?:in|from|at|to) {re.escape(app)}", "", text)
    text = shorten(text, limit)
    return text, proof(text, telling_anchors(kept))


def telling_anchors(kept: KeptSteps) -> list[Anchor]:
    """The events that say most about the goals, and the windows they lead to."""
    shown = {w.id: w for w in kept.known.recording.windows}
    chosen = [s for s in kept.steps if kept.truth(s)["telling"]] or list(kept.steps[:3])
    return [a for s in chosen for a in (s.event, *([shown[s.leads_cite]] if s.leads_cite in shown else []))]


def reasoning(kept: KeptSteps) -> list[Json]:
    """Thoughts about which goals the events serve and why some are left out, in order of time."""
    known = kept.known
    thoughts: list[dict[str, Json]] = []
    here = {s.index for s in kept.steps}
    for number, aim in enumerate(goals_of(known.facts)):
        mine = [
            s for s in known.steps if known.truth[s.index]["goal"] == number and known.truth[s.index]["tag"] == "need"
        ]
        kept_here = [s for s in mine if s.index in here]
        if not mine:
            continue
        if kept_here:
            text = _share(str(aim["gist"]), len(kept_here), len(mine))
        else:
            text = f"{upper_first(str(aim['gist']))}{vary(NOT_ASKED, str(aim['title']))}."
        anchors = [s.event for s in (kept_here or mine) if known.truth[s.index]["telling"]]
        thoughts.append(statement(text, proof(text, anchors, 3) or [mine[0].id], 240))
    for reason, indices in _by_reason(kept.dropped).items():
        if reason not in {"not_asked", "other_window"}:
            thoughts.append(_omission(reason, [known.steps[i] for i in indices], known))
    times = {step.id: step.event.t0 for step in known.steps}
    return sorted(thoughts, key=lambda thought: min(times[i] for i in thought["cite"]))[:8]


def _share(gist: str, count: int, needed: int) -> str:
    """Say how many of the steps that a goal needs are kept."""
    if count < needed:
        return f"{upper_first(gist)}; of the {needed} steps that this takes, the request covers {count}."
    return f"{upper_first(gist)}{vary(ALL_KEPT, gist).format(n=needed)}."


def vary(choices: Sequence[str], text: str) -> str:
    """One of several ways to say something, always the same for a text."""
    return choices[crc32(text.encode()) % len(choices)]


NOT_ASKED = (
    ", which is not asked for", ", which is another errand", "; the request leaves that out",
    ", but the request is about something else", "; that is done on the side and not wanted here",
)  # fmt: skip
ALL_KEPT = (
    "; all {n} steps of it are kept", ", which takes {n} steps", "; this needs {n} steps from beginning to end",
    "; {n} steps lead there", "; each of its {n} steps is needed",
)  # fmt: skip


def _omission(reason: str, steps: Sequence[Step], known: KnownRecording) -> dict[str, Json]:
    """Why some steps are left out, the first few of them named."""
    named = {wording.doing(step, known.recording): step for step in reversed(steps)}
    words = [w for w in reversed(named) if len(w) <= NAME][:NAMED]
    more = " and more" if len(named) > len(words) else ""
    said_of = COUNTS[len(steps)] if len(steps) < len(COUNTS) else str(len(steps))
    count = f"{said_of} step{'s' if len(steps) > 1 else ''}"
    text = f"{count} {_WHY[reason][len(steps) > 1]}{': ' if words else ''}{', '.join(words)}{more if words else ''}."
    return statement(text, [named[w].id for w in words] or [steps[0].id], 240)


def _by_reason(dropped: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index in sorted(dropped):
        found.setdefault(dropped[index], []).append(index)
    return found


def left_out(kept: KeptSteps) -> list[Json]:
    """The other events by reason."""
    return drafts.left_out({kept.known.steps[i].id: why for i, why in kept.dropped.items()})


def action_sequence(kept: KeptSteps) -> dict[str, Json]:
    """Draft of `action_sequence`."""
    material = drafts.Material(kept.known.recording, kept.steps, {}, kept.scope)
    actions: list[Json] = []
    for step, item in zip(kept.steps, drafts.action_sequence(material)["actions"], strict=True):
        seen = (
            f"The field shows {wording.quote(step.text, 90)}"
            if step.verb == "write"
            else truth_text(step, "seen", kept)
        )
        actions.append({**item, "effect": f"{seen}."} if seen and "effect" not in item else item)
    return {
        "cot": reasoning(kept),
        "goal": statement(*goal_text(kept, 200)),
        "actions": actions,
        "left_out": left_out(kept),
    }


def navigation_sft(kept: KeptSteps) -> dict[str, Json]:
    """Draft of `navigation_sft`."""
    items = [item for at in range(len(kept.steps)) if (item := _navigation(at, kept))]
    last = kept.steps[-1]
    if last.leads_cite:
        items.append(
            {
                "cite": [last.leads_cite], "observation": f"{wording.effect(last, kept.known.recording)}.",
                "thought": vary(OVER, last.id), "action": "End the task.",
                "code": "computer.terminate(status='success')",
            }
        )  # fmt: skip
    return {
        "cot": reasoning(kept),
        "instruction": statement(*goal_text(kept, 200)),
        "steps": items,
        "left_out": left_out(kept),
    }


OVER = ("That completes what was asked for.", "Nothing is left to do.", "With that, the request is fulfilled.")
"""Why an agent ends its task."""


def _navigation(at: int, kept: KeptSteps) -> dict[str, Json] | None:
    step, before = kept.steps[at], kept.steps[at - 1] if at else None
    code = code_of(step, kept.known.recording.size)
    if code is None:
        return None
    number, recording = int(kept.truth(step)["goal"]), kept.known.recording
    observed, _ = thoughts.observation(step, kept.steps[:at], recording)
    first = before is None or kept.truth(before)["goal"] != number
    thought = truth_text(step, "why", kept) or "This is what comes next."
    if first:
        thought = f"The goal is to {lower_first(str(goals_of(kept.known.facts)[number]['title']))}. {thought}"
    field = before.name if step.verb == "write" and before is not None and before.verb in CLICKS else ""
    action = f"{wording.do(step, field, recording.size)}."
    near = [a for s in (before, step) if s is not None for a in _anchors(s, kept)]
    cites = _cites(f"{observed} {thought} {action}", [step.id, *step.name_cite], near)
    return {
        "cite": cites, **_frame(step, kept), "observation": observed[:320], "thought": shorten(thought, 320),
        "action": action[:240], "code": code[:2400],
    }  # fmt: skip


def truth_text(step: Step, key: str, kept: KeptSteps) -> str:
    """What the truth says about a step; "" where the recording does not show a name in it."""
    text = str(kept.truth(step)[key])
    return text if all(any(_holds(a, q) for a in _anchors(step, kept)) for q in _QUOTED.findall(text)) else ""


def _anchors(step: Step, kept: KeptSteps) -> list[Anchor]:
    windows = [w for w in kept.known.recording.windows if w.id == step.leads_cite]
    return [step.event, *step.near, *windows]


def _cites(text: str, must: Iterable[str], near: Sequence[Anchor]) -> list[str]:
    """Ids that prove a text: `must`, and an anchor for each quotation in it."""
    ids = list(dict.fromkeys(must))
    for words in _QUOTED.findall(text):
        holders = [a.id for a in near if _holds(a, words)]
        if holders and not set(holders) & set(ids):
            ids.append(holders[0])
    return ids[:CITES]


def _holds(anchor: Anchor, words: str) -> bool:
    facts = [anchor.content, *(str(v) for v in anchor.attrs.values() if isinstance(v, str))]
    return any(words.casefold() in wording.clean(fact).casefold() for fact in facts)


def _frame(step: Step, kept: KeptSteps) -> dict[str, Json]:
    return {"frame": step.frame} if step.frame is not None and kept.scope.pictures else {}


def how_to(kept: KeptSteps) -> dict[str, Json]:
    """Draft of `how_to`."""
    text, cites = goal_text(kept, 110)
    return {
        "cot": reasoning(kept), "title": statement(f"How to {lower_first(text)}", cites),
        "steps": [_tutorial(group, after, kept) for group, after in _with_next(group_steps(kept.steps))],
        "left_out": left_out(kept),
    }  # fmt: skip


def test_steps(kept: KeptSteps) -> dict[str, Json]:
    """Draft of `test_steps`."""
    gists = goal_texts(kept, "gist")
    whole = f"Verify that {' and '.join(gists)}"
    text = shorten(whole, 160) if gists else f"Verify: {lower_first(goal_text(kept, 130)[0])}"
    return {
        "cot": reasoning(kept), "name": statement(text, proof(text, telling_anchors(kept))),
        "steps": [_test(group, after, kept) for group, after in _with_next(group_steps(kept.steps))],
        "left_out": left_out(kept),
    }  # fmt: skip


def group_steps(steps: Sequence[Step]) -> list[list[Step]]:
    """Group the steps that a person does as one, such as a click into a field and typing."""
    groups: list[list[Step]] = []
    for step in steps:
        last = groups[-1][-1] if groups else None
        if last is not None and last.page == step.page and _joins(last, step):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _joins(last: Step, step: Step) -> bool:
    if last.verb == "scroll":
        return step.verb in CLICKS | {"scroll"}
    into = last.verb in CLICKS and not last.leads_to
    if step.verb == "write":
        return into or last.verb == "hotkey"
    if step.verb == "hotkey":
        return into
    return step.verb == "press" and step.keys == ("enter",) and last.verb == "write"


def _with_next(groups: Sequence[list[Step]]) -> list[tuple[list[Step], Step | None]]:
    return [*((a, b[0]) for a, b in pairwise(groups)), (groups[-1], None)] if groups else []


def _instruction(group: Sequence[Step], kept: KeptSteps) -> str:
    """What to do, in the imperative: one sentence for the whole group."""
    parts: list[str] = []
    field = next((s for s in group if s.verb in CLICKS), None)
    wrote = any(s.verb == "write" for s in group)
    for step in group:
        if step.verb == "write":
            spot = wording.thing(field, kept.known.recording.size) if field is not None else ""
            where = f" into {spot.replace('the spot', 'the field')}" if spot else ""
            over = any(s.verb == "hotkey" for s in group)
            parts.append(f"{'Replace the text by typing' if over else 'Type'} {wording.quote(step.text, 120)}{where}")
        elif (step is field and wrote) or (step.verb == "hotkey" and wrote):
            continue
        else:
            parts.append(_single_instruction(step, kept))
    return " and ".join([parts[0], *map(lower_first, parts[1:])])


def _single_instruction(step: Step, kept: KeptSteps) -> str:
    key = str(kept.truth(step)["key"])
    if step.verb in CLICKS and step.name:
        if key.startswith("task:"):
            return f"Switch to {wording.quote(step.name)}"
        if key.startswith("open:"):
            return f"Open {wording.quote(step.name)}"
        if key.startswith("pick:"):
            return f"Choose {wording.quote(step.name)} for the {field_noun(key.split(':')[1])}"
    return wording.do(step, size=kept.known.recording.size)


STANDS = ("{shown} stands in the field", "The field shows {shown}", "The field holds {shown}")
"""What can be seen after something was typed."""


def _result(step: Step, after: Step | None, kept: KeptSteps) -> tuple[str, list[Anchor]]:
    """What can be seen after a step, a clause, and what may prove it."""
    recording, seen = kept.known.recording, truth_text(step, "seen", kept)
    if step.leads_to:
        return wording.effect(step, recording), _anchors(step, kept)
    if step.verb == "write":
        shown = wording.quote(step.text, 90)
        return vary(STANDS, step.text).format(shown=shown), [step.event]
    if seen:
        return seen, [step.event]
    if after is not None and after.name and after.page == step.page:
        return f"{upper_first(wording.thing(after))} can be seen", [after.event, *after.near]
    return ("The same page is shown again", []) if step.point else ("The entry is taken over", [])


def _group_cites(group: Sequence[Step], text: str, more: Sequence[Anchor], kept: KeptSteps) -> list[str]:
    must = [cite for step in group for cite in (step.id, *step.name_cite)]
    near = [a for step in group for a in _anchors(step, kept)]
    last = group[-1]
    ending = [last.leads_cite] if last.leads_to and last.leads_cite else []
    return _cites(text, [*must, *ending], [*near, *more])


def _tutorial(group: Sequence[Step], after: Step | None, kept: KeptSteps) -> dict[str, Json]:
    text, (expect, more) = _instruction(group, kept), _result(group[-1], after, kept)
    return {
        "cite": _group_cites(group, f"{text} {expect}", more, kept), **_frame(group[0], kept),
        "instruction": f"{text}."[:320], "expect": f"{expect}."[:240],
    }  # fmt: skip


def _test(group: Sequence[Step], after: Step | None, kept: KeptSteps) -> dict[str, Json]:
    text, (expect, more) = _instruction(group, kept), _result(group[-1], after, kept)
    where = wording.page(group[0].page, kept.known.recording)
    named = next((s for s in group if s.name and s.verb in CLICKS), None)
    shows = f" and shows {wording.thing(named)}" if named is not None and group[0].verb != "scroll" else ""
    ready = f"{upper_first(where)} is in front{shows}"
    if named is not None and str(kept.truth(named)["key"]).startswith("task:"):
        ready = f"The desktop shows {wording.thing(named)}"
    return {
        "cite": _group_cites(group, f"{ready} {text} {expect}", more, kept), **_frame(group[0], kept),
        "precondition": f"{ready}."[:240], "action": f"{text}."[:320], "expected": f"{expect}."[:240],
    }  # fmt: skip


DRAFTS: dict[str, Callable[[KeptSteps], dict[str, Json]]] = {
    "action_sequence": action_sequence,
    "navigation_sft": navigation_sft,
    "how_to": how_to,
    "test_steps": test_steps,
}
