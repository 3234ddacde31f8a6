"""`procedural_tutorial`: the plan, and the draft of its steps, each with a frame where the stream has pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import (
    CitedNarration,
    NarratedRecording,
    clock,
    frames_inside,
    ids,
    left_out_entries,
    nothing_requested,
    span_fields,
    watch,
)
from dataclaw.domains.daily.steps import TutorialStep, choose, is_handling, key_of, steps_of
from dataclaw.domains.daily.wording import Clause, clause, object_of
from dataclaw.planning import CITES, Asking, decline, join_words, statement, submit
from dataclaw.types import Anchor, Brief, Json
from dataclaw.words import words_beside

TITLE = 140
"""Longest title [characters]."""
PICTURES = 40
"""Most pictures of a tutorial."""
_WORDS = words_beside(__file__)
_REASONS: Mapping[str, str] = _WORDS.tables["reasons"]
VAGUE = _WORDS.sets["vague"]
"""What goals name when they name nothing."""


def teach(brief: Brief) -> Asking[None]:
    """Plan of `procedural_tutorial`."""
    recording = yield from watch(brief)
    if not recording.narrations:
        raise _no_narrations(recording)
    chosen, dropped = choose(recording)
    if not chosen:
        raise nothing_requested(recording)
    steps = steps_of(recording, chosen, dropped)
    if len(steps) < 2:
        reason = f'only one step is told ("{steps[0].text[:80]}")' if steps else "no step is told"
        raise decline(reason, "A tutorial needs two at least: widen the span, or ask for contextual_qa.")
    dropped |= {
        one.id: "duplicate" for one in recording.narrations if dropped.get(one.id) in _PARTS and is_in_steps(one, steps)
    }
    steps = (yield from _with_frames(steps)) if recording.pictures else steps
    yield from submit(_draft(recording, steps, dropped))


def _no_narrations(recording: NarratedRecording) -> Exception:
    if recording.captions:
        remedy = "Give a narration of each step, or ask for contextual_qa."
        return decline("one caption of the whole recording names no steps", remedy)
    return decline(
        "nothing says what is done in this recording: it has no narrations and no captions",
        "Lay a table of narrations beside it, choose a model that sees, or ask for temporal_qa, which needs no names.",
    )


def _with_frames(steps: Sequence[TutorialStep]) -> Asking[list[TutorialStep]]:
    """Each step with a frame from the middle of it, where there is one."""
    shown: list[TutorialStep] = []
    for step in steps:
        room = sum(s.frame is not None for s in shown) < PICTURES
        inside = (yield from frames_inside(step.t0, step.t1)) if room else []
        middle = (step.t0 + step.t1) / 2
        frame = min(inside, key=lambda anchor: abs(anchor.t0 - middle), default=None)
        shown.append(replace(step, frame=frame))
    return shown


def _draft(recording: NarratedRecording, steps: Sequence[TutorialStep], dropped: Mapping[str, str]) -> dict[str, Json]:
    images = [frame_entry(step.frame, step.narrations[0].id) for step in steps if step.frame]
    title, cites = title_of(recording, steps)
    draft: dict[str, Json] = {
        "cot": _reasons(recording, steps, dropped),
        "title": statement(title, cites, TITLE),
        "steps": [{"cite": _edges(s), **span_fields(s.t0, s.t1, recording)} for s in steps],
    }
    if images:
        draft["output_image"] = images
    draft["question"] = statement(_question(recording, title), cites, 400)
    draft["answer"] = [
        {"cite": _cites(step), "text": f"{number}. {step.text}{' <image_recall>' if step.frame else ''}"}
        for number, step in enumerate(steps, 1)
    ]
    draft["left_out"] = left_out_entries(by_reason(dropped))
    return draft


def _edges(step: TutorialStep) -> list[str]:
    """Ids of the narrations that begin first and end last in a step."""
    last = max(step.narrations, key=lambda one: one.t1)
    return list(dict.fromkeys([min(step.narrations, key=lambda one: one.t0).id, last.id]))


def is_in_steps(one: CitedNarration, steps: Sequence[TutorialStep]) -> bool:
    """Whether a step says what this narration says."""
    words = one.text.strip().rstrip(".").casefold()
    same = key_of(one)
    return any(
        words in step.text.casefold() or any(same == key_of(other) for other in step.narrations) for step in steps
    )


def frame_entry(frame: Anchor, *cites: str) -> dict[str, Json]:
    """A picture with its proof."""
    return {"cite": list(dict.fromkeys([frame.id, *cites]))[:CITES], "frame": frame.frame}


def _cites(step: TutorialStep) -> list[str]:
    shown = [step.frame.id] if step.frame else []
    return [*ids(step.narrations)[: CITES - len(shown)], *shown]


def title_of(recording: NarratedRecording, steps: Sequence[TutorialStep]) -> tuple[str, list[str]]:
    """The title and what it cites: the goal where it says something, else the actions that last longest."""
    if recording.goal is not None and not recording.intent.topics and len(recording.goal.content) <= LONGEST_GOAL:
        goal = clause(recording.goal.content, articles=False)
        if goal.has_verb and not stems(" ".join(goal.rest)) - SMALL <= VAGUE:
            return f"How to {_goal_words(goal)}", [recording.goal.id]
    main = _main_things(steps)
    if not main:
        return "What is done here, step by step", [steps[0].narrations[0].id]
    while len(title := f"How to {join_words([one.clause.phrase('order') for one in main])}") > TITLE and len(main) > 1:
        main.remove(min(main, key=_weight))
    return title, ids(main)


def _main_things(steps: Sequence[TutorialStep]) -> list[CitedNarration]:
    """The actions that last longest, on three different things at most, in order of time."""
    lasting: dict[str, list[CitedNarration]] = {}
    for one in (one for step in steps for one in step.narrations):
        thing = object_of(one.clause)
        if thing is not None:
            lasting.setdefault(thing.name, []).append(one)
    longest = sorted(lasting, key=lambda name: -sum(_weight(one) for one in lasting[name]))[:3]
    chosen = [max(lasting[name], key=_weight) for name in longest]
    verbs = dict.fromkeys(one.clause.verb for one in chosen)
    return sorted((next(one for one in chosen if one.clause.verb == verb) for verb in verbs), key=lambda one: one.t0)


LONGEST_GOAL = 70
"""Longest goal that makes a title; a longer one lists everything that is done [characters]."""


def _goal_words(goal: Clause) -> str:
    words = goal.phrase("order").split()
    if words[-1].lower() == "general" and len(words) > 1:
        words.pop()
    if words[-1].lower() in _WORDS.sets["counted"] and not {"a", "an", "the", "and", "multiple"} & set(words):
        words.insert(1, "an" if words[1][:1] in "aeiou" else "a")
    return " ".join(words)


def _weight(one: CitedNarration) -> float:
    return (0.2 if is_handling(one.clause) else 1.0) * max(one.t1 - one.t0, 0.5)


def _question(recording: NarratedRecording, title: str) -> str:
    intent = recording.intent
    low, high = clock(max(intent.span[0], recording.window[0])), clock(min(intent.span[1], recording.duration))
    topics = ", ".join(sorted(intent.topics))
    if intent.chinese:
        limits = f"只讲 {low} 到 {high} 之间做的事。" if intent.has_span else ""
        about = f"只讲与此有关的:{topics}。" if topics else ""
        pictures = "每一步配一张图。" if recording.pictures else ""
        return f"请按步骤写出教程:{title.removeprefix('How to ')}。{limits}{about}{pictures}"
    how = f"{title.replace('How to', 'How do I', 1)}?" if title.startswith("How to") else f"{title.rstrip('.?')}:"
    limits = f" Only what is done from {low} to {high} counts." if intent.has_span else ""
    about = f" Keep to {'these topics' if len(intent.topics) > 1 else 'this topic'}: {topics}." if topics else ""
    pictures = " Show a picture with each step." if recording.pictures else ""
    return f"{how} Explain it step by step.{limits}{about}{pictures}"


_PARTS = frozenset({"detail", "minor"})
"""Reasons of narrations that no step may say."""
NAMED = 3
"""Most things named of those left out for one reason."""


def _reasons(recording: NarratedRecording, steps: Sequence[TutorialStep], dropped: Mapping[str, str]) -> list[Json]:
    """Thoughts about what was kept and why the rest was not, in order of time; what a step says is no rest."""
    first = steps[0].narrations[0]
    kept = f'It starts with "{first.text.strip()[:80]}" at {clock(first.t0)} and ends at {clock(steps[-1].t1)}.'
    thoughts = [(first.t0, statement(kept, [first.id, steps[-1].narrations[-1].id]))]
    at = {one.id: one.t0 for one in recording.narrations}
    texts = {one.id: one.text.strip().rstrip(".").replace('"', "'")[:80] for one in recording.narrations}
    repeats = {
        one.id
        for one in recording.narrations
        if dropped.get(one.id, "duplicate") != "duplicate" and is_in_steps(one, steps)
    }
    for reason, all_names in by_reason(dropped).items():
        names = [name for name in all_names if name not in repeats]
        if not names:
            continue
        once: dict[str, str] = {}
        for name in names:
            once.setdefault(texts[name].casefold(), name)
        named = list(once.values())[:NAMED]
        words = ", ".join(f'"{texts[name]}"' for name in named) + (" and others" if len(once) > NAMED else "")
        why = "Told once, though it comes again" if reason == "duplicate" else f"Left out, because {_REASONS[reason]}"
        thoughts.append((at[names[0]], statement(f"{why}: {words}.", named)))
    return [thought for _, thought in sorted(thoughts, key=lambda pair: pair[0])]


def by_reason(dropped: Mapping[str, str]) -> dict[str, list[str]]:
    """Ids by reason, in order."""
    found: dict[str, list[str]] = {}
    for name, reason in dropped.items():
        found.setdefault(reason, []).append(name)
    return {reason: sorted(names, key=lambda name: int(name[1:])) for reason, names in found.items()}
