"""Plan of `multi_event_decomposition`: which goals a trace has, where one ends, and whether they build on each other.

Boundaries come from `segment_actions`; neighbours are merged unless the application changes, a round of operations
starts over, or something was just committed. Goals are linked by what is carried over: a copied text that is pasted,
or words written in one and shown or written in the other. One goal is "none", all linked "sequential", none linked
"parallel", anything between "hybrid".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.drafts import CITES, TraceWords
from dataclaw.domains.gui.intents import CLICKS, words_of
from dataclaw.domains.gui.language import join_texts, say, sentence
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step, clean, record
from dataclaw.domains.gui.slicing import COMMIT
from dataclaw.planning import decline, keep, option, pick, shorten, statement
from dataclaw.types import Action, Anchor, Brief, Json

SIGNALS, FRAGMENTS, NAME_CITES = 24, 24, 3
RELATIONS = ("sequential", "parallel", "hybrid")
"""How several goals may relate; only three and more can be hybrid."""
LINKED = frozenset({"sequential", "hybrid"})
"""Relations of which one goal uses what another brings."""
# fmt: off
COMMON = frozenset({
    "search", "open", "send", "save", "with", "from", "that", "this", "your", "page", "window", "home", "inbox",
    "title", "name", "file", "edit", "view", "new", "order", "number", "cart", "checkout", "placed", "reply", "sent",
    "http", "https", "www", "com", "the", "and", "for", "you", "are", "was", "not", "all", "has", "have", "will", "our",
})
# fmt: on
"""Words that two goals may share without having anything to do with each other."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A continuous stretch of events with one goal.

    Attributes:
        steps: its events, at least one.
        segment: the segment anchor that begins where it does.
        reason: why it begins where it does.
    """

    steps: tuple[Step, ...]
    segment: Anchor | None = None
    reason: str = ""

    def page(self) -> str:
        """Title in front for most of its events."""
        pages = [s.page for s in self.steps if s.page]
        return max(dict.fromkeys(pages), key=pages.count, default="")


@dataclass(frozen=True, slots=True)
class Bond:
    """Why two goals belong together: what is carried from one to the other."""

    first: int
    second: int
    kind: str
    text: str
    cite: tuple[str, ...]


def decompose(brief: Brief, words: TraceWords) -> Asking[dict[str, Json]]:
    """The draft of `multi_event_decomposition`."""
    recording = yield from record(brief, compare=not words.knows)
    steps = yield from words.look(recording.steps, recording, brief.frames)
    cut = yield Action("segment_actions", {"max_segments": 100})
    segments = {int(a.attrs["first"]): a for a in cut.anchors if a.kind == "segment"} if cut.ok else {}
    goals = _goals(steps, segments, recording)
    starts = {goal.steps[0].id for goal in goals}
    same = {step.id: "same_goal" for step in steps if step.id not in starts}
    same, by = yield from keep("gui.goals", [step.event for step in steps], same, "same_goal")
    goals = goals if by == "rules" else _goals(steps, segments, recording, same)
    bonds = _bonds(goals, recording, words)
    relation = yield from _relation(goals, bonds, recording)
    if relation in LINKED and not bonds:
        raise decline("nothing in the recording shows what one part brings for another", "Ask for its action_sequence.")
    bonds = bonds if relation in LINKED else []
    return {
        "cot": _reasoning(goals, bonds, relation, recording, words),
        "signals": _signals(goals, bonds, recording)[:SIGNALS],
        "fragments": [_fragment(goal, *words.goal(goal.steps, _without_task(recording))) for goal in goals],
        "relation": relation,
    }


def _without_task(recording: GuiRecording) -> GuiRecording:
    """The recording without what is said of it as a whole, which is true of no part."""
    return replace(recording, failed="", task="")


def _goals(
    steps: Sequence[Step],
    segments: Mapping[int, Anchor],
    recording: GuiRecording,
    same: Mapping[str, str] | None = None,
) -> list[Goal]:
    """The goals in order, `FRAGMENTS` at most.

    Args:
        steps: every step.
        segments: the segment that begins at an event, by its index.
        recording: the trace.
        same: ids of those that begin no goal; by default a goal begins with a segment that anything speaks for.
    """
    goals = [Goal(tuple(steps[:1]), segments.get(steps[0].index), "start")]
    for at, step in enumerate(steps[1:], 1):
        segment = segments.get(step.index)
        begins = segment is not None if same is None else step.id not in same
        why = _why_new(goals[-1], steps[at:], segment, recording) if begins else ""
        if begins and same is not None:
            why = why or ("window_change" if _front(step, recording) != step.page else "new_goal")
        if why and len(goals) < FRAGMENTS:
            goals.append(Goal((step,), segment, why))
        else:
            goals[-1] = replace(goals[-1], steps=(*goals[-1].steps, step))
    return goals


def _why_new(before: Goal, ahead: Sequence[Step], segment: Anchor | None, recording: GuiRecording) -> str:
    """Kind of signal that speaks for a new goal where `ahead` begins, "" when none does."""
    application = recording.application
    if application.get(before.steps[-1].page) != application.get(ahead[0].page):
        return "window_change"
    if segment is not None and "repeat" in str(segment.attrs.get("reason")):
        return "repeated_operation"
    return "new_goal" if _commits(before.steps[-1]) and _starts_over(before, ahead) else ""


def _front(step: Step, recording: GuiRecording) -> str:
    """The page that a part begins on: of the application that its first step goes to."""
    application = recording.application
    return (
        step.leads_to if step.leads_to and application.get(step.leads_to) != application.get(step.page) else step.page
    )


def _commits(step: Step) -> bool:
    return bool(step.verb in CLICKS and COMMIT.search(step.name)) or (step.verb == "press" and "enter" in step.keys)


def _starts_over(before: Goal, ahead: Sequence[Step]) -> bool:
    """Whether a field that was filled before the commit is filled again before the next one."""
    end = next((at for at, s in enumerate(ahead) if _commits(s)), len(ahead))
    return bool(_fields(before.steps) & _fields(ahead[:end]))


def _fields(steps: Sequence[Step]) -> set[str]:
    """Names of what was clicked right before typing."""
    return {a.name for a, b in pairwise(steps) if a.verb in CLICKS and a.name and b.verb == "write"}


def _bonds(goals: Sequence[Goal], recording: GuiRecording, words: TraceWords) -> list[Bond]:
    found: list[Bond | None] = []
    for (i, a), (j, b) in combinations(enumerate(goals), 2):
        if (carried := words.carry_over(a.steps, b.steps, recording)) is not None:
            value, *cite = carried
            text = say(recording.language, "carried", text=wording.quote(value), first=i + 1, second=j + 1)
            found.append(Bond(i, j, "carried_content", text, tuple(cite)))
        elif not words.knows:
            found.append(
                _paste_bond(i, a, j, b) or _word_bond(i, a, j, b, recording) or _opened_bond(i, a, j, b, recording)
            )
    return [bond for bond in found if bond is not None]


def _paste_bond(i: int, a: Goal, j: int, b: Goal) -> Bond | None:
    copy = next((s for s in reversed(a.steps) if s.verb == "hotkey" and s.keys[-1:] in {("c",), ("x",)}), None)
    paste = next((s for s in b.steps if s.verb == "hotkey" and s.keys[-1:] == ("v",)), None)
    if copy is None or paste is None:
        return None
    text = say(copy.language, "copied", first=i + 1, second=j + 1)
    return Bond(i, j, "carried_content", text, (copy.id, paste.id))


def _opened_bond(i: int, a: Goal, j: int, b: Goal, recording: GuiRecording) -> Bond | None:
    """The next part goes to something that this one brought onto the screen, or works in what it opened."""
    last, first = a.steps[-1], b.steps[0]
    if j != i + 1:
        return None
    text = say(recording.language, "opened", first=i + 1, second=j + 1)
    if last.verb in {"open_app", "navigate"} and last.leads_to and last.leads_to == b.page():
        return Bond(i, j, "carried_content", text, (last.id, first.id))
    start = {clean(line.content) for line in a.steps[0].lines}
    brought = [line for step in a.steps for line in step.after if clean(line.content) not in start]
    used = {line.id for step in b.steps if step.verb in CLICKS for line in step.near[:1]}
    line = next((line for line in brought if line.id in used), None)
    return Bond(i, j, "carried_content", text, (line.id, first.id)) if start and line is not None else None


def _word_bond(i: int, a: Goal, j: int, b: Goal, recording: GuiRecording) -> Bond | None:
    same = recording.application.get(a.page()) == recording.application.get(b.page())
    left, right = _words(a, recording, not same), _words(b, recording, not same)
    shared = [w for w in left if w in right]
    if not shared:
        return None
    word = max(shared, key=len)
    text = say(recording.language, "shared", text=wording.quote(word))
    return Bond(i, j, "shared_words", text, (left[word], right[word]))


def _words(goal: Goal, recording: GuiRecording, pages: bool) -> dict[str, str]:
    """Telling words of a goal, singular, and the event where each stands: written, and in page names when asked for."""
    found: dict[str, str] = {}
    for step in goal.steps:
        title = wording.page_name(step.page, recording) if pages else ""
        text = f"{step.text} {title}" if step.verb == "write" else title
        for word in words_of(text):
            stem = word[:-1] if word.endswith("s") and len(word) > 3 else word
            if len(stem) >= 3 and stem not in COMMON and word not in COMMON and not stem.isdigit():
                found.setdefault(stem, step.id)
    return found


def _relation(goals: Sequence[Goal], bonds: Sequence[Bond], recording: GuiRecording) -> Asking[str]:
    """Which relation the goals have: of those that so many of them can have, what their bonds say."""
    if len(goals) < 2:
        return "none"
    group = list(range(len(goals)))
    for bond in bonds:
        old, new = group[bond.second], group[bond.first]
        group = [new if g == old else g for g in group]
    groups = len(set(group))
    own = "sequential" if groups == 1 else "parallel" if groups == len(goals) else "hybrid"
    there = " ".join([*(goal.page() for goal in goals), *(bond.text for bond in bonds)])
    options = [
        option(
            name,
            f"{say(recording.language, f'so_{name}')}: {there}",
            [cite for bond in bonds for cite in bond.cite],
            parts=len(goals), bonds=len(bonds), groups=groups, windows=len({goal.page() for goal in goals}),
        )
        for name in RELATIONS[: len(goals)]
    ]  # fmt: skip
    relation, _ = yield from pick("gui.relation", options, own)
    return relation


def _fragment(goal: Goal, text: str, proof: Sequence[str]) -> dict[str, Json]:
    page = goal.page()
    shown = [next(s.id for s in goal.steps if s.page == page)] if page else []
    segment = [goal.segment.id] if goal.segment is not None else []
    item: dict[str, Json] = {"cite": list(dict.fromkeys([*proof[: CITES - 1 - len(shown)], *shown, *segment]))}
    if page:
        item["window"] = page[:160]
    return {**item, "first": goal.steps[0].index, "last": goal.steps[-1].index, "goal": text}


def _signals(goals: Sequence[Goal], bonds: Sequence[Bond], recording: GuiRecording) -> list[Json]:
    found = [(goals[0].steps[0].event.t0, _opening(goals, recording))] if len(goals) == 1 else []
    for before, goal in pairwise(goals):
        end, start = before.steps[-1], goal.steps[0]
        text = _boundary(before, goal, recording)
        front = [start.leads_cite] if start.leads_cite and _front(start, recording) != start.page else []
        cites = list(dict.fromkeys([end.id, start.id, *front, *end.name_cite, *start.name_cite]))[:CITES]
        found.append((start.event.t0, {"cite": cites, "kind": goal.reason, "text": text}))
    windows = [(window.id, window.t0) for window in recording.windows]
    times = dict([*windows, *((step.id, step.event.t0) for goal in goals for step in goal.steps)])
    for bond in bonds:
        at = min((times[i] for i in bond.cite if i in times), default=goals[bond.second].steps[0].event.t0)
        text = sentence(recording.language, bond.text)
        found.append((at, {"cite": list(dict.fromkeys(bond.cite)), "kind": bond.kind, "text": text}))
    return [signal for _, signal in sorted(found, key=lambda pair: pair[0])]


def _opening(goals: Sequence[Goal], recording: GuiRecording) -> dict[str, Json]:
    steps = goals[0].steps
    where = wording.page(steps[0].page, recording)
    text = say(recording.language, "all_one_from" if where else "all_one", count=len(steps), page=where)
    cites = list(dict.fromkeys([steps[0].id, steps[-1].id]))
    return {"cite": cites, "kind": "same_goal", "text": sentence(recording.language, text)[:200]}


def _boundary(before: Goal, goal: Goal, recording: GuiRecording) -> str:
    language, end, start = recording.language, before.steps[-1], goal.steps[0]
    if goal.reason == "window_change":
        new = wording.page(_front(start, recording), recording) or say(language, "another_window")
        return sentence(language, say(language, "new_window", page=new))[:200]
    again = wording.doing(start, recording)
    if goal.reason == "repeated_operation":
        return sentence(language, shorten(say(language, "again", doing=again), 198))
    text = say(language, "over", before=shorten(wording.doing(end, recording), 80), doing=shorten(again, 80))
    return sentence(language, text)[:200]


def _reasoning(
    goals: Sequence[Goal], bonds: Sequence[Bond], relation: str, recording: GuiRecording, words: TraceWords
) -> list[Json]:
    language = recording.language
    thoughts: list[Json] = []
    for at, goal in enumerate(goals[:11]):
        name, proof = words.goal(goal.steps, _without_task(recording), 120)
        text = say(language, "part", number=at + 1, text=name)
        tied = sorted({b.first for b in bonds if b.second == at})
        if tied:
            parts = join_texts(language, [str(t + 1) for t in tied])
            text = say(language, "builds_on", text=text, parts=parts)
        if at == len(goals[:11]) - 1:
            text = say(language, "semicolon").join([text, say(language, f"so_{relation}")])
        cites = [goal.steps[0].id, *proof[:NAME_CITES], goal.steps[-1].id]
        thoughts.append(statement(sentence(language, text)[:240], cites))
    if recording.failed:
        why = sentence(language, say(language, "failed", why=recording.failed))
        thoughts.append(statement(why, [goals[-1].steps[-1].id], 240))
    return thoughts
