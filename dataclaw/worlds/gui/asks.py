"""What can be asked of a session: by goal, application, person, object, order, time and fault, in many words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from dataclaw.worlds.base import Ask, Lot, Scene
from dataclaw.worlds.gui.kinds import KINDS
from dataclaw.worlds.gui.meaning import Facts, Wish, chosen, events_of, goals_of
from dataclaw.worlds.wording import TEMPLATE, declared, filled, mistyped

Style: TypeAlias = Literal["template", "paraphrase", "typo", "fuzzy"]
FOLLOWING = ("action_sequence", "navigation_sft", "how_to", "test_steps")
DECLARED, TYPOS, FUZZY = 0.28, 0.14, 0.08
"""Shares: of the domain's own templates, of intents with typing errors, of vague ones."""
LEAST = 3
"""Fewest events that an ask must keep."""

HEADS: Mapping[str, Sequence[str]] = {
    "action_sequence": (
        "list the actions {rel}", "the exact clicks and keys {rel}", "give me the event sequence {rel}", "extract the operations {rel}",
        "I need the raw steps {rel}", "which actions were taken {rel}?", "an ordered action log {rel}", "structured actions, please, {rel}",
    ),
    "navigation_sft": (
        "agent training steps {rel}", "make SFT samples with thoughts and code {rel}", "observation, thought and action for every step {rel}",
        "a training trajectory {rel}", "teach a computer use agent {rel}", "annotated pyautogui steps {rel}", "fine-tuning data {rel}",
        "navigation data with reasoning {rel}",
    ),
    "how_to": (
        "write a tutorial {rel}", "a short help page {rel}", "explain to a colleague {rel}", "instructions with screenshots {rel}",
        "a guide for beginners {rel}", "show a person step by step {rel}", "a handbook page {rel}", "walk somebody through it {rel}",
    ),
    "test_steps": (
        "test steps {rel}", "a regression test {rel}", "a QA checklist with expected results {rel}", "an acceptance test {rel}",
        "write down how to verify {rel}", "a test case {rel}", "steps a tester can repeat {rel}", "precondition, action and result of each step {rel}",
    ),
}  # fmt: skip
HEADS_ZH: Mapping[str, Sequence[str]] = {
    "action_sequence": ("列出{rel}的操作", "整理{rel}的动作序列", "提取{rel}的点击和输入"),
    "navigation_sft": ("生成{rel}的智能体训练数据", "把{rel}写成带思考和代码的步骤", "做一份{rel}的微调轨迹"),
    "how_to": ("写一份教程,教人{rel}", "给新手讲解怎么{rel}", "做一份{rel}的图文说明"),
    "test_steps": ("为{rel}写测试步骤", "写一个{rel}的测试用例", "检查{rel}的验证步骤"),
}
BY_GOAL = (
    "for the part where {gist}", "about how {gist}", "but only what was needed so that {gist}", "of nothing but this: {gist}",
    "showing how {gist}, without anything else", "for this goal alone: {goal}", "- just the bit in which {gist}",
    "with all that serves the wish to {goal}", "for somebody who wants to {goal}",
)  # fmt: skip
BY_PERSON = (
    "about everything that concerns {person}",
    "for what was done for {person}",
    "on what has to do with {person}",
    "- only the parts about {person}",
)
BY_NAME = (
    "about the {thing} {name} only",
    "for what is done with {name}",
    "on everything that concerns {name}",
    "- only the {thing} called {name}",
)
BY_ORDER = (
    "for the {nth} thing that was done", "of the {nth} goal only", "about the {nth} of the {count} tasks", "- just the {nth} errand, not the others",
)  # fmt: skip
BY_APP = (
    "of only the {window} window",
    "in {window}, nothing else",
    "of just the {window} part",
    "limited to {window}",
)
BY_WORD = ("of only the {word} part", "of just the {word}, nothing else", "in the {word} window only")
CLEANLY = (
    "without the mistakes and detours", "with only the steps that matter", "as short as possible, no wrong turns", "leaving out typos and wrong turns",
    "with the minimal path to the result",
)  # fmt: skip
WITHOUT: Mapping[str, Sequence[str]] = {
    "noise": (
        "except closing what popped up",
        "but ignore the advertisements and cookie notices",
        "leave out the pop-ups only",
    ),
    "undone": (
        "except what was taken back again",
        "but skip what was typed wrong or undone, and only that",
        "leaving out corrections and nothing else",
    ),
    "detour": (
        "except the looking around",
        "but leave out where somebody only looked and came back",
        "without the visits that led nowhere, mistakes may stay",
    ),
}
ASIDE = ("but leave out {window}", "everything except {window}", "ignoring {window}")
IN_TIME = ("between {a} s and {b} s", "from {a} s to {b} s", "of the first {n} seconds", "after {a} s")
WHOLE = (
    "from beginning to end, mistakes included",
    "with every single event",
    "covering everything",
    "of all that happened",
)
VAGUE: Mapping[str, Sequence[str]] = {
    "action_sequence": (
        "can you get the moves out of this",
        "I want the data in this thing",
        "hm, what went on here, as a list?",
    ),
    "navigation_sft": ("something my agent can learn from", "need stuff to train the bot", "make it learnable"),
    "how_to": ("my mum should be able to do this", "how did they do that??", "something I can hand to the new guy"),
    "test_steps": (
        "so QA can check it",
        "does this still work next week? write it up",
        "something we can run again to be sure",
    ),
    "multi_event_decomposition": (
        "what all is going on here",
        "sort this mess into its errands",
        "too long, which bits are there?",
    ),
}
SPLITTING = (
    "which errands does the user run here, and do they depend on each other?", "cut this recording where the purpose changes",
    "name every goal of the session with its first and last event", "is this one job or several? say where each begins",
    "break it down by what the user wanted", "find the boundaries between the tasks", "list the separate jobs and whether one uses the result of another",
    "how does the session fall into parts with one purpose each?", "mark where something new is started or taken up again",
    "group the events by purpose, also where tasks are interleaved", "tell apart the things that are done here",
    "split by goal, not by window", "what are the sub-goals, are they independent?", "segment by intention, sequential or parallel?",
    "give me the fragments of this session and their relation",
)  # fmt: skip
SPLITTING_ZH = (
    "用户一共想完成几件事?在哪里切换?",
    "按目的切分这段操作",
    "找出每个子任务的起止事件",
    "这些任务彼此依赖还是独立?",
)
NTH = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is asked, in words that are still to be put together.

    Attributes:
        rel: which part is meant, a pattern.
        values: what fills it.
        wish: what it means.
        zh: the same in Chinese, "" where there is none.
    """

    rel: str
    values: Mapping[str, str]
    wish: Wish
    zh: str = ""


def asks_of(scene: Scene, tasks: Sequence[str], count: int) -> list[Ask]:
    """At most `count` different asks of a scene, the tasks in turn."""
    rng = scene.lot.rng("asks")
    found: dict[tuple[str, str], Ask] = {}
    for turn in range(count * 6):
        if len(found) >= count:
            break
        task = tasks[len(found) % len(tasks)]
        ask = _split(scene.lot, rng) if task == "multi_event_decomposition" else _follow(scene, task, rng)
        if ask is not None and turn >= 0:
            found.setdefault((ask.task, ask.intent), ask)
    return list(found.values())


def pick(lot: Lot, rng: random.Random, patterns: Sequence[str]) -> str:
    """One of the patterns that the lot's split may use; of few, which may all be in the other one, any of a next word."""
    allowed = [p for p in patterns if p in set(_pool(lot, patterns))]
    return rng.choice(allowed) if allowed else ""


def _pool(lot: Lot, patterns: Sequence[str]) -> list[str]:
    try:
        return lot.pool(patterns, TEMPLATE)
    except ValueError:
        return []


def _split(lot: Lot, rng: random.Random) -> Ask | None:
    task = "multi_event_decomposition"
    draw = rng.random()
    if draw < FUZZY:
        text, style = pick(lot, rng, VAGUE[task]), "fuzzy"
    elif draw < DECLARED:
        text, style = pick(lot, rng, [t for t in declared("gui", task) if "{" not in t]), "template"
    elif draw < 0.4:
        text, style = pick(lot, rng, SPLITTING_ZH), "paraphrase"
    else:
        text, style = pick(lot, rng, SPLITTING), "paraphrase"
    return _ask(task, text, text, {}, style, rng) if text else None


def _follow(scene: Scene, task: str, rng: random.Random) -> Ask | None:
    clean = task != "action_sequence"
    draw = rng.random()
    if draw < FUZZY:
        text = pick(scene.lot, rng, VAGUE[task])
        return _ask(task, text, text, Wish(clean=clean).data(), "fuzzy", rng) if text else None
    if draw < FUZZY + DECLARED:
        return _declared(scene, task, rng)
    said = rng.choice(list(_sayings(scene.facts, clean, rng)))
    if not _telling(scene.facts, said.wish):
        return None
    if said.zh and rng.random() < 0.22:
        pattern = pick(scene.lot, rng, HEADS_ZH[task])
        return (
            _ask(task, pattern.replace("{rel}", said.zh), pattern, said.wish.data(), "paraphrase", rng)
            if pattern
            else None
        )
    pattern = pick(scene.lot, rng, [head.replace("{rel}", said.rel) for head in HEADS[task]])
    text = filled(pattern, said.values) if pattern else None
    return _ask(task, text, pattern, said.wish.data(), "paraphrase", rng) if text else None


def _ask(task: str, text: str, template: str, wish: Mapping[str, object], style: Style, rng: random.Random) -> Ask:
    language: Literal["en", "zh"] = "en" if sum(c.isascii() for c in template) > len(template) / 2 else "zh"
    if language == "en" and style == "paraphrase" and rng.random() < TYPOS:
        text, style = mistyped(text, rng, rng.randint(1, 2)), "typo"
    return Ask(task, text, dict(wish), style, language, template)


def _telling(facts: Facts, wish: Wish) -> bool:
    kept, _ = chosen(facts, wish)
    return len(kept) >= LEAST and any(events_of(facts)[i]["tag"] == "need" for i in kept)


_MEANT: Mapping[str, Callable[[bool], Wish]] = {
    "only what led to the final state": lambda _: Wish(clean=True),
    "the minimal actions without detours and mistakes": lambda _: Wish(clean=True),
    "clean up this recording, drop the noise": lambda _: Wish(clean=True),
    "只保留导致最终结果的操作": lambda _: Wish(clean=True),
    "only the clicks, with coordinates": lambda _: Wish(verbs="clicks"),
}
_UNCLEAR = frozenset(
    {"which clicks and keystrokes were made, where and on what", "first {n} seconds, after {time}, between {time} and {time}",
     "turn this trace into clean ordered actions"}
)  # fmt: skip


def _declared(scene: Scene, task: str, rng: random.Random) -> Ask | None:
    pattern = pick(scene.lot, rng, [t for t in declared("gui", task) if t not in _UNCLEAR])
    if not pattern:
        return None
    clean = task != "action_sequence"
    number = rng.randrange(len(goals_of(scene.facts)))
    goal = goals_of(scene.facts)[number]
    wish = _MEANT[pattern](clean) if pattern in _MEANT else Wish(clean=clean)
    if "{window}" in pattern or "{application}" in pattern:
        wish = replace(wish, app=str(goal["app"]))
    elif "{goal}" in pattern:
        wish = replace(wish, goals=(number,))
    title = str(goal["title"])
    text = filled(
        pattern, {"window": str(goal["app"]), "application": str(goal["app"]), "goal": title[:1].lower() + title[1:]}
    )
    return _ask(task, text, pattern, wish.data(), "template", rng) if text and _telling(scene.facts, wish) else None


def _sayings(facts: Facts, clean: bool, rng: random.Random) -> Iterator[Said]:
    """What may be asked, goals more often than the rest."""
    goals = goals_of(facts)
    for number, goal in enumerate(goals):
        title = str(goal["title"])
        values = {"gist": str(goal["gist"]), "goal": title[:1].lower() + title[1:]}
        wish = Wish(goals=(number,), clean=True)
        for _ in range(2 + 2 * (len(goals) > 1)):
            yield Said(rng.choice(BY_GOAL), values, wish, str(goal["zh"]))
    yield from _by_words(facts, rng)
    if not clean:
        yield from _by_parts(facts, rng)
        yield Said(rng.choice(WHOLE), {}, Wish())
    for rel in rng.sample(CLEANLY, 2 if len(goals) > 1 else 1):
        yield Said(rel, {}, Wish(clean=True))


def _by_words(facts: Facts, rng: random.Random) -> Iterator[Said]:
    """By people, names, the order of things, and applications."""
    goals = goals_of(facts)
    people = {str(p) for goal in goals for p in goal["people"]}
    for person in sorted(people):
        mine = tuple(n for n, goal in enumerate(goals) if person in goal["people"])
        yield Said(rng.choice(BY_PERSON), {"person": person}, Wish(goals=mine, clean=True), f"跟 {person} 有关的事情")
    for number, goal in enumerate(goals):
        app, kind = str(goal["app"]), KINDS[str(goal["kind"])]
        name = str(goal["name"])
        alone = sum(name in str(g["title"]) or name == g["name"] for g in goals) == 1
        if name and name not in people and alone:
            yield Said(rng.choice(BY_NAME), {"name": name, "thing": kind.thing}, Wish(goals=(number,), clean=True))
        if len(goals) > 1:
            nth = "last" if number == len(goals) - 1 and rng.random() < 0.6 else NTH[number]
            count = {2: "two", 3: "three"}[len(goals)]
            yield Said(rng.choice(BY_ORDER), {"nth": nth, "count": count}, Wish(goals=(number,), clean=True))
            yield Said(rng.choice(BY_APP), {"window": app}, Wish(app=app, clean=True))


def _by_parts(facts: Facts, rng: random.Random) -> Iterator[Said]:
    """By time, by application with all that happens in it, and with some faults left out."""
    events = events_of(facts)
    ends = [float(e["t0"]) for e in events]
    first, last = sorted(rng.sample(range(len(ends)), 2))
    a, b = int(ends[first]), int(ends[last]) + 1
    spans = {IN_TIME[0]: (a, b), IN_TIME[1]: (a, b), IN_TIME[2]: (-1.0, b), IN_TIME[3]: (a, 1e9)}
    rel = rng.choice(IN_TIME)
    yield Said(rel, {"a": str(a), "b": str(b), "n": str(b)}, Wish(span=spans[rel]))
    apps = list(dict.fromkeys(str(e["app"]) for e in events))
    for app in apps if len(apps) > 1 else ():
        yield Said(rng.choice(BY_APP), {"window": app}, Wish(app=app))
        yield Said(rng.choice(ASIDE), {"window": app}, Wish(aside=app))
    for tag, rels in WITHOUT.items():
        if any(e["tag"] == tag for e in events):
            yield Said(rng.choice(rels), {}, Wish(without=(tag,)))
