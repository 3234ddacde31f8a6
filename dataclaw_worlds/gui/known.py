"""What is known of a session beyond its recording: its goals by name, why each step was taken, what was seen after it.

Every word keeps to what the recording can prove; where it cannot, the recording's own words stand in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.drafts import GOAL, CitedText, TraceWords
from dataclaw.domains.gui.language import say
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step
from dataclaw.domains.gui.screens import name_targets
from dataclaw.domains.gui.thoughts import SightClause, reason_of
from dataclaw.planning import ask, capitalise, decapitalise, shorten, statement
from dataclaw.rewards.prose import words
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.gui.meaning import events_of, goals_of, select_events, selection_of

SAME_NAME, SAME_TITLE = 80.0, 90.0
"""Least likeness of a reading with the known name of what was clicked, and with the known title, 0..100."""
BAR = [0, 0, 1024, 28]
"""Where a window's title stands on the screen [px]."""
_QUOTED = re.compile(r'"([^"]+)"')
_DETAILS = re.compile(
    r" \([^)]*\)|, (?:delivered|ticket by|due) [^;]*?(?=;|$| to )| for pickup at [^;]*| with [^;]*? delivery"
    r"| for (?:this device|all devices)"
)
"""Details that a goal loses when its text is too long."""


class KnownWords(TraceWords):
    """The words of a scene's truth, in English; in Chinese it has names of whole goals only."""

    knows = True

    def __init__(self, brief: ExpertBrief) -> None:
        self._facts, self._selection = brief.scene.facts, selection_of(brief.request.meaning)
        self._truth, self._goals = events_of(self._facts), goals_of(self._facts)
        self._dropped = select_events(self._facts, self._selection)[1]

    def look(self, steps: Sequence[Step], recording: GuiRecording, frames: int) -> Asking[list[Step]]:
        """Names that the recorder missed are read off the screen, and the title after the last event."""
        named = yield from name_targets(steps, frames > 0, recording.size)
        found = [replace(step, near=self._right(step)) for step in named]
        title = str(self._truth[found[-1].index]["after"])
        if found[-1].index == len(recording.steps) - 1 and title != found[-1].page and frames:
            seen = yield from ask("read_text", frame=frames - 1, box=BAR)
            reading = next((a for a in seen.anchors if fuzz.ratio(a.content, title) >= SAME_TITLE), None)
            found[-1] = replace(found[-1], leads_to=title, leads_cite=reading.id) if reading else found[-1]
        return found

    def _right(self, step: Step) -> tuple[Anchor, ...]:
        """The text at the pointer that says the name."""
        name = str(self._truth[step.index]["name"]).casefold()
        return tuple(a for a in step.near if fuzz.ratio(a.content.casefold(), name) >= SAME_NAME)[:1]

    def reason_out(self, step: Step, rules: str) -> str:
        """What the request or the truth holds against a step."""
        return self._dropped.get(step.index, rules)

    def account(self, steps: Sequence[Step], recording: GuiRecording) -> list[tuple[float, dict[str, Json]]]:
        """Which goals the steps serve, and which are not asked for."""
        if recording.language != "en":
            return super().account(steps, recording)
        here, thoughts = {step.index for step in steps}, list[tuple[float, dict[str, Json]]]()
        for number, goal in enumerate(self._goals):
            mine = [s for s in recording.steps if s.index in self._needed_by(number)]
            kept = [s for s in mine if s.index in here]
            gist, count = capitalise(str(goal["gist"])), len(mine)
            if not mine:
                continue
            text = f"{gist}; all {count} steps of it are kept" if len(kept) == count else f"{gist}; not asked for"
            if 0 < len(kept) < count:
                text = f"{gist}; of the {count} steps that this takes, the request covers {len(kept)}"
            told = [s.event for s in (kept or mine) if self._truth[s.index]["telling"]]
            cites = proof(text, told, 3) or [mine[0].id]
            thoughts.append(((kept or mine)[0].event.t0, statement(f"{text}.", cites, 240)))
        return thoughts

    def _needed_by(self, goal: int) -> list[int]:
        return [i for i, event in enumerate(self._truth) if event["goal"] == goal and event["tag"] == "need"]

    def instruction(self, steps: Sequence[Step], recording: GuiRecording) -> CitedText:
        """The goals as they are known: how they are handed in is told with them."""
        return self.goal(steps, recording)

    def goal(self, steps: Sequence[Step], recording: GuiRecording, limit: int = GOAL) -> CitedText:
        """The goals that the steps serve, or the part of a goal that they take."""
        zh = recording.language == "zh"
        texts = self._titles(steps, "zh" if zh else "title")
        if not texts or recording.language not in {"en", "zh"}:
            return super().goal(steps, recording, limit)
        text = ";然后".join(texts) if zh else "; then ".join([texts[0], *map(decapitalise, texts[1:])])
        if len(text) > limit:
            text = _DETAILS.sub("", text)
        for app in dict.fromkeys(str(goal["app"]) for goal in self._goals) if len(text) > limit else ():
            text = re.sub(rf" (?:in|from|at|to) {re.escape(app)}", "", text)
        text = shorten(text, limit)
        return text, proof(text, self._telling(steps, recording))

    def _titles(self, steps: Sequence[Step], key: str) -> list[str]:
        """What the steps achieve, a text for each goal: all of it, or its first, middle or last steps."""
        texts: list[str] = []
        for number, goal in enumerate(self._goals):
            needed = self._needed_by(number)
            here = {step.index for step in steps} & set(needed)
            if not here:
                continue
            begins, ends = min(here) <= needed[min(2, len(needed) - 1)], max(here) >= needed[-1]
            whole = self._selection.verbs or self._selection.app or (begins and ends) or key == "gist"
            if not whole and key == "zh":
                return []
            part = "first" if begins else "last" if ends else "middle"
            text = str(goal[key])
            texts.append(text if whole else f"Take the {part} steps to {decapitalise(text)}")
        return texts

    def _telling(self, steps: Sequence[Step], recording: GuiRecording) -> list[Anchor]:
        """The events that say most about the goals, and the windows they lead to."""
        shown = {window.id: window for window in recording.windows}
        chosen = [s for s in steps if self._truth[s.index]["telling"]] or list(steps[:3])
        return [a for s in chosen for a in (s.event, *([shown[s.leads_cite]] if s.leads_cite in shown else []))]

    def check(self, steps: Sequence[Step], recording: GuiRecording, limit: int) -> CitedText:
        """That the goals of the steps are reached."""
        gists = self._titles(steps, "gist") if recording.language == "en" else []
        if not gists:
            return super().check(steps, recording, limit)
        text = shorten(f"Verify that {' and '.join(gists)}", limit)
        return text, proof(text, self._telling(steps, recording))

    def why(self, step: Step, before: Sequence[Step], recording: GuiRecording, goal: str) -> CitedText:
        """The reason that the user had."""
        text = self._text(step, "why") if recording.language == "en" else ""
        known = SightClause(text.rstrip("."), (step.id, *step.name_cite)) if text else None
        return reason_of(step, before, recording, goal, known)

    def effect(self, step: Step, recording: GuiRecording) -> CitedText:
        """What the user saw afterwards."""
        if step.leads_to:
            return super().effect(step, recording)
        if step.verb == "write":
            return say(recording.language, "holds_unnamed", value=wording.quote(step.text, 90)), [step.id]
        seen = self._text(step, "seen") if recording.language == "en" else ""
        return (seen, [step.id, *step.name_cite]) if seen else super().effect(step, recording)

    def _text(self, step: Step, key: str) -> str:
        """What the truth says about a step; "" where the recording does not show a name in it."""
        text, told = str(self._truth[step.index][key]), (step.event, *step.near)
        return text if all(any(_holds(a, name) for a in told) for name in _QUOTED.findall(text)) else ""

    def carry_over(
        self, first: Sequence[Step], second: Sequence[Step], recording: GuiRecording
    ) -> tuple[str, str, str] | None:
        """What the goal of the first part brought and the goal of the second one used."""
        goal = self._goals[int(self._truth[second[0].index]["goal"])]
        if int(goal["builds_on"]) != int(self._truth[first[0].index]["goal"]):
            return None
        value = str(goal["carried"])
        wrote = next((step for step in second if value.casefold() in step.text.casefold()), None)
        if wrote is None:
            return None
        events = [step.event for step in first]
        stood = [
            a for a in (*recording.windows, *events) if first[0].event.t0 <= a.t0 < wrote.event.t0 and _holds(a, value)
        ]
        return (value, stood[-1].id, wrote.id) if stood else None


def _holds(anchor: Anchor, words: str) -> bool:
    facts = [anchor.content, *(str(v) for v in anchor.attrs.values() if isinstance(v, str))]
    return any(words.casefold() in wording.clean(fact).casefold() for fact in facts)


def proof(text: str, candidates: Iterable[Anchor], limit: int = 4) -> list[str]:
    """Ids of the anchors that share most words with a text, in order of time; the first one where none does."""
    said = words(text)
    unique = {anchor.id: anchor for anchor in candidates}
    scores = {i: len(said & words(_content(a))) for i, a in unique.items()}
    best = sorted((i for i in unique if scores[i]), key=lambda i: -scores[i])[:limit]
    return sorted(best, key=lambda i: unique[i].t0) or list(unique)[:1]


def _content(anchor: Anchor) -> str:
    details = [str(value) for value in anchor.attrs.values() if isinstance(value, str)]
    return " ".join([anchor.content, *details])
