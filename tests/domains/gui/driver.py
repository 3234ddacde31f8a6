"""Runs a plan against the real tools, without the agent: numbers anchors as the agent does and judges the draft."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

from dataclaw.errors import ToolError
from dataclaw.planning import CHOOSE
from dataclaw.rewards.base import Case
from dataclaw.tools import ToolContext, builtin
from dataclaw.types import Action, Anchor, Brief, Json, Observation, Plan, Stream

Asking = Generator[Action, Observation, None]
OCR = "tesseract" if shutil.which("tesseract") else "rapidocr"  # the quicker one where it is installed
LETTERS = {"text": "t", "change": "c", "segment": "s", "window": "w", "link": "l"}


@dataclass
class Run:
    """What a plan did."""

    anchors: dict[str, Anchor] = field(default_factory=dict[str, Anchor])
    calls: list[Action] = field(default_factory=list[Action])
    failures: list[str] = field(default_factory=list[str])
    drafts: list[Json] = field(default_factory=list[Json])
    choices: list[Action] = field(default_factory=list[Action])

    @property
    def draft(self) -> dict[str, Json]:
        return self.drafts[-1]


Choose = Callable[[Action], list[str]]
"""Which options are kept at a choice point."""


def run(plan: Plan, stream: Stream, brief: Brief, *, ocr: str = OCR, choose: Choose | None = None) -> Run:
    """Drive a plan to its end; every draft is accepted, and the rules choose where nobody else does."""
    done, tools = Run(), builtin()
    shown = replace(stream, annotations={}, parts={k: replace(p, annotations={}) for k, p in stream.parts.items()})
    generator = plan(brief)
    try:
        action = next(generator)
        while True:
            if action.tool == CHOOSE and choose is not None:
                done.choices.append(action)
                told = {"kept": choose(action), "by": "test"}
                action = generator.send(Observation("chosen", data=told))
                continue
            if action.tool == CHOOSE:
                done.choices.append(action)
                action = generator.send(Observation("nobody chooses here", ok=False))  # so the rules do
                continue
            done.calls.append(action)
            if action.tool == "submit":
                done.drafts.append(action.args["draft"])
                action = generator.send(Observation("accepted"))
                continue
            try:
                context = ToolContext(shown, brief.window, done.anchors, brief.schema, ocr)
                result = tools[action.tool](context, action.args)
            except ToolError as error:
                done.failures.append(f"{action.tool} {dict(action.args)}: {error}")
                action = generator.send(Observation(str(error), ok=False))
                continue
            found = tuple(_numbered(done.anchors, a) for a in result.anchors)
            action = generator.send(Observation(result.note, found, result.data))
    except StopIteration:
        return done


def _numbered(known: dict[str, Anchor], anchor: Anchor) -> Anchor:
    if not anchor.id:
        same = next((a for a in known.values() if replace(a, id="", attrs=anchor.attrs) == anchor), None)
        letter = LETTERS.get(anchor.kind, "m")
        count = sum(1 for name in known if name[0] == letter and name[1:].isdigit())
        anchor = replace(anchor, id=same.id if same else f"{letter}{count + 1}")
    known[anchor.id] = anchor
    return anchor


def brief_for(stream: Stream, intent: str, task: str, schema: Json) -> Brief:
    """What the agent tells a plan."""
    frames = len(stream.frames.times) if stream.frames else 0
    return Brief(intent, task, (0.0, stream.duration), schema, stream.kind, stream.clock, frames, tuple(stream.parts))


def case_of(done: Run, stream: Stream, brief: Brief, schema: Json, draft: Json = None) -> Case:
    """The draft as rules see it."""
    draft = done.draft if draft is None else draft
    return Case(
        text=json.dumps(draft),
        draft=draft,
        schema=schema,
        anchors=done.anchors,
        frame_times=stream.frames.times if stream.frames else (),
        frame_size=stream.frames.size if stream.frames else None,
        events=stream.events,
        window=brief.window,
        intent=brief.intent,
        labels=tuple(stream.parts),
    )
