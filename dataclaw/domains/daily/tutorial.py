"""`procedural_tutorial`: the plan, and the draft of its steps, each with a frame where the stream has pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wordfreq import zipf_frequency

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.questions import MOST_THOUGHTS
from dataclaw.domains.daily.recording import (
    FROM_EVENTS,
    CitedNarration,
    NarratedRecording,
    ToldOfDay,
    by_reason,
    clock,
    frames_inside,
    ids,
    left_out_entries,
    nothing_requested,
    span_fields,
    ties_to_topic,
    watch,
)
from dataclaw.domains.daily.sounds import is_sound
from dataclaw.domains.daily.steps import (
    MAKING,
    VAGUE,
    TutorialStep,
    choose,
    group_steps,
    is_handling,
    key_of,
    product_of,
    says_something,
    steps_of,
)
from dataclaw.domains.daily.verbs import singular
from dataclaw.domains.daily.wording import Clause, clause, clean, object_of
from dataclaw.domains.daily.working_order import is_under_way
from dataclaw.planning import CITES, Asking, decline, join_words, keep, statement, submit
from dataclaw.types import Anchor, Brief, Json
from dataclaw.words import words_beside

TITLE = 140
"""Longest title [characters]."""
PICTURES = 40
"""Most pictures of a tutorial."""
_WORDS = words_beside(__file__)
_REASONS: Mapping[str, str] = _WORDS.tables["reasons"]


def teach(brief: Brief, told: ToldOfDay = FROM_EVENTS) -> Asking[None]:
    """Plan of `procedural_tutorial`."""
    recording = yield from watch(brief, told)
    if not recording.narrations:
        raise _no_narrations(recording)
    if all(map(is_sound, recording.narrations)):
        raise decline("a table of sounds tells no steps", "Ask for temporal_qa or contextual_qa.")
    steps, dropped = yield from _choose_steps(recording)
    if len(steps) < 2:
        reason = f'only one step is told ("{steps[0].text[:80]}")' if steps else "no step is told"
        raise decline(reason, "A tutorial needs two at least: widen the span, or ask for contextual_qa.")
    dropped |= {
        one.id: "duplicate" for one in recording.narrations if dropped.get(one.id) in _PARTS and is_in_steps(one, steps)
    }
    steps = (yield from _with_frames(steps)) if recording.pictures else steps
    goal = told.goal_of([one for step in steps for one in step.narrations])
    yield from submit(_draft(recording, steps, dropped, goal))


def _choose_steps(recording: NarratedRecording) -> Asking[tuple[list[TutorialStep], dict[str, str]]]:
    """The steps, and why narrations are in none: `daily.told` asks which are told, `daily.steps` which begin a step.

    Raises:
        PolicyError: nothing of it makes a tutorial.
    """
    chosen, dropped = choose(recording)
    own = steps_of(recording, chosen, dropped) if chosen else []
    within = {one.id for step in own for one in step.narrations}
    options = [one for one in recording.in_scope() if says_something(one)]
    if not options:
        raise nothing_requested(recording)
    refused = {one.id: dropped.get(one.id, "minor") for one in options if one.id not in within}
    aside, by = yield from keep("daily.told", [one.anchor for one in options], refused, "detail")
    if by == "rules":
        if not chosen:
            raise _no_work(recording) if "other_work" in dropped.values() else nothing_requested(recording)
        _refuse_other_goal(recording, chosen)
    told = [one for one in options if one.id not in aside]
    if not told:
        return [], dropped
    first = {step.narrations[0].id for step in own}
    inner = {one.id: "detail" for one in told if one.id in within and one.id not in first}
    inside, who = yield from keep("daily.steps", [one.anchor for one in told], inner, "detail")
    if by == who == "rules":
        return own, dropped
    dropped = {one.id: _why_aside(one, told, dropped) for one in recording.narrations if one not in told}
    return group_steps(told, {one.id for one in told} - inside.keys()), dropped


def _why_aside(one: CitedNarration, told: Sequence[CitedNarration], dropped: Mapping[str, str]) -> str:
    """Why a narration is in no step: what is known of it, that another one tells the same, or what the rules say."""
    if any(key_of(one) == key_of(other) for other in told):
        return "duplicate"
    return one.aside if one.aside not in {"", "duplicate"} else dropped.get(one.id, "detail")


def _no_narrations(recording: NarratedRecording) -> Exception:
    if recording.captions:
        remedy = "Give a narration of each step, or ask for contextual_qa."
        return decline("one caption of the whole recording names no steps", remedy)
    return decline(
        "nothing says what is done in this recording: it has no narrations and no captions",
        "Lay a table of narrations beside it, choose a model that sees, or ask for temporal_qa, which needs no names.",
    )


def _refuse_other_goal(recording: NarratedRecording, chosen: Sequence[CitedNarration]) -> None:
    """Refuse a few steps that name nothing of a goal that names little itself ("making food arrangements").

    Raises:
        PolicyError: nothing of the goal is in them.
    """
    goal = recording.goal
    if goal is None or recording.intent.topics or len(goal.content) > LONGEST_GOAL:
        return
    if names_goal(recording, chosen) or not stems(goal.content) & VAGUE:
        return
    told = ", ".join(f'"{clean(one.text)[:40]}"' for one in chosen[:3])
    raise decline(
        f'the goal is "{clean(goal.content)[:60]}", but the steps name nothing of it ({told})',
        "Ask for contextual_qa, or for a tutorial of only one of the things that are done.",
    )


def _no_work(recording: NarratedRecording) -> Exception:
    things = dict.fromkeys(thing.name for one in recording.narrations if (thing := object_of(one.clause)))
    return decline(
        f"no goal is named, and what is done makes no one thing ({', '.join(list(things)[:6])})",
        "Ask for a tutorial of only one of these things, or for contextual_qa.",
    )


def names_goal(recording: NarratedRecording, chosen: Sequence[CitedNarration]) -> bool:
    """Whether the narrations name something of the goal, or are so many that they serve it without its name."""
    if recording.goal is None or sum(not one.parent for one in chosen) >= FEW:
        return True
    goal = clause(recording.goal.content, articles=False)
    named = stems(" ".join(goal.rest)) - SMALL - VAGUE
    done = stems(" ".join(f"{one.text} {one.mended}" for one in chosen))
    return not named or bool(named & done) or goal.verb in done - MAKING


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


def _draft(
    recording: NarratedRecording, steps: Sequence[TutorialStep], dropped: Mapping[str, str], goal: str
) -> dict[str, Json]:
    images = [frame_entry(step.frame, step.narrations[0].id) for step in steps if step.frame]
    title, cites = title_of(recording, steps, goal)
    draft: dict[str, Json] = {
        "cot": _reasons(recording, steps, dropped),
        "title": statement(title, cites, TITLE),
        "steps": [{"cite": _edges(s), **span_fields(s.t0, s.t1, recording)} for s in steps],
    }
    if images:
        draft["output_image"] = images
    late = "" if recording.intent.chinese or goal else _late_start(recording)
    asked = _question(recording, title, len(steps), named=bool(goal))
    draft["question"] = statement(asked + (f" {_FROM_THERE}" if late else ""), cites, 400)
    draft["answer"] = [
        {"cite": _cites(step), "text": f"{number}. {late if number == 1 else ''}{step.text}{_mark(step)}"}
        for number, step in enumerate(steps, 1)
    ]
    draft["left_out"] = left_out_entries(dropped)
    return draft


_FROM_THERE = "The recording begins when the work is already under way: explain from there."


def _late_start(recording: NarratedRecording) -> str:
    """What to say first where the making of something is shown from the middle on; "" elsewhere."""
    product = product_of(recording)
    first = next((one.clause for one in recording.narrations if one.relevant and one.clause.is_clear), None)
    if first is None or recording.intent.has_span or recording.intent.topics or not product:
        return ""
    return "What comes before is not shown. " if is_under_way(first, product) else ""


def _mark(step: TutorialStep) -> str:
    return " <image_recall>" if step.frame else ""


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


def title_of(recording: NarratedRecording, steps: Sequence[TutorialStep], goal: str = "") -> tuple[str, list[str]]:
    """The title and what it cites: what is told to be the goal, or the recording's own, or what lasts longest."""
    if goal:
        ends = [steps[0].narrations[0].id, steps[-1].narrations[-1].id]
        return f"How to {goal}", [*([recording.goal.id] if recording.goal else []), *ends]
    if recording.goal is not None and not recording.intent.topics and len(recording.goal.content) <= LONGEST_GOAL:
        told = clause(recording.goal.content, articles=False)
        vague = stems(" ".join(told.rest)) - SMALL <= VAGUE
        if told.has_verb and not vague and names_goal(recording, [one for step in steps for one in step.narrations]):
            return f"How to {_goal_words(recording, told)}", [recording.goal.id]
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


RARER = 0.8
"""The plural of what is counted is less than so much rarer than its singular (Zipf scale)."""
LONGEST_GOAL = 70
"""Longest goal that makes a title; a longer one lists everything that is done [characters]."""


def _goal_words(recording: NarratedRecording, goal: Clause) -> str:
    """The goal as an order, with the article or the number that its thing needs: "make a sandwich", "dice onions"."""
    words = goal.phrase("order").split()
    source = len(words)
    while len(words) > 2 and words[-1].lower() in _WORDS.sets["empty"]:
        words.pop()
    last, bare = words[-1].lower(), not {word.lower() for word in words} & _WORDS.sets["numbered"]
    several = singular(last) != last
    if several and words[1] in {"a", "an"}:
        words.pop(1)
    elif bare and not several and len(words) == 2 and _plural(last) in _words_of(recording):
        words[-1] = _plural(last)
    elif bare and not several and len(words) == source and _is_countable(last):
        words.insert(1, "an" if words[1][:1] in "aeiou" else "a")
    return " ".join(words)


def _words_of(recording: NarratedRecording) -> frozenset[str]:
    return frozenset(word.strip(".,") for one in recording.narrations for word in one.text.lower().split())


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh", "o")) else f"{word}s"


def _is_countable(word: str) -> bool:
    """Whether English uses a plural of a word that is not much rarer than the word."""
    if word in _WORDS.sets["counted"] | VAGUE:
        return word in _WORDS.sets["counted"]
    one, several = (zipf_frequency(text, "en", wordlist="small") for text in (word, _plural(word)))
    return several > 0 and one - several < RARER


def _weight(one: CitedNarration) -> float:
    return (0.2 if is_handling(one.clause) else 1.0) * max(one.t1 - one.t0, 0.5)


def _question(recording: NarratedRecording, title: str, count: int, *, named: bool) -> str:
    """What a learner asks; `named` where the title says more than the topics of the intent."""
    intent = recording.intent
    low, high = clock(max(intent.span[0], recording.window[0])), clock(min(intent.span[1], recording.duration))
    topics = "" if named else ", ".join(sorted(intent.topics))
    if intent.chinese:
        limits = f"只讲 {low} 到 {high} 之间做的事。" if intent.has_span else ""
        about = f"只讲与此有关的:{topics}。" if topics else ""
        pictures = "每一步配一张图。" if recording.pictures else ""
        return f"请按步骤写出教程:{title.removeprefix('How to ')}。{limits}{about}{pictures}"
    how = f"{title.replace('How to', 'How do I', 1)}?" if title.startswith("How to") else f"{title.rstrip('.?')}:"
    limits = f" Only what is done from {low} to {high} counts." if intent.has_span else ""
    about = f" Keep to {'these topics' if len(intent.topics) > 1 else 'this topic'}: {topics}." if topics else ""
    pictures = " Show a picture with each step." if recording.pictures else ""
    explain = f"Explain it in {count} steps." if count == intent.count else "Explain it step by step."
    return f"{how} {explain}{limits}{about}{pictures}"


FEW = 5
"""So many steps of the first level and more serve a goal even where none names it."""
_PARTS = frozenset({"detail", "minor"})
"""Reasons of narrations that no step may say."""
NAMED = 3
"""Most things named of those left out for one reason."""


def _reasons(recording: NarratedRecording, steps: Sequence[TutorialStep], dropped: Mapping[str, str]) -> list[Json]:
    """Thoughts about what was kept and why the rest was not, in order of time; what a step says is no rest."""
    first = steps[0].narrations[0]
    kept = f'It starts with "{first.text.strip()[:80]}" at {clock(first.t0)} and ends at {clock(steps[-1].t1)}.'
    thoughts = [(first.t0, statement(kept, [first.id, steps[-1].narrations[-1].id]))]
    thoughts += ties_to_topic([one for step in steps for one in step.narrations], recording)
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
    return [thought for _, thought in sorted(thoughts[:MOST_THOUGHTS], key=lambda pair: pair[0])]
