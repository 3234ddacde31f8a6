"""Four policies that learn to please instead of to look, and drafts that must never pass; each in the real agent.

What each hands in is made of the schema, narrowed to what it has seen, and needs no answer to copy from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.session import Session
from dataclaw.agent.steps import SUBMIT, action_text, best
from dataclaw.domain import Task
from dataclaw.kit.attacks import DraftBody, Filler, Target, follow_refs, with_cites
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import begin, stream_of
from dataclaw.kit.foreign_words import foreign_everywhere
from dataclaw.rewards import Verdict
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Anchor, Decision, Json

FLOOR = 0.75
"""A policy stays near the floor when it earns less than this share of what gold earns."""
MOST = 12
"""Most items of a list that a policy writes."""
FLUENT = (
    "First of all, everything that matters is prepared with care.",
    "Then the main part is carried out, one thing after the other.",
    "After that, the result is looked at once more.",
    "Finally, all of it is brought to a good end.",
)


@dataclass(frozen=True, slots=True)
class Author(Filler):
    """Fills a schema as a policy would that writes much: so many items a list, each with words and ids of its own.

    Attributes:
        anchors: what was seen.
        items: items of a list.
        every: cite as much as the schema lets.
        fluent: write smooth sentences; else what the anchors say.
    """

    anchors: Sequence[Anchor] = ()
    items: int = 1
    every: bool = False
    fluent: bool = False

    def body(self, schema: Json) -> DraftBody:
        """The draft."""
        return cast("DraftBody", self._fill(schema, 0, ""))

    def _fill(self, schema: Json, at: int, key: str) -> Json:
        node = follow_refs(schema, self.root)
        if node.get("enum"):
            return node["enum"][at % len(node["enum"])]
        if "properties" in node:
            wanted = node["properties"] if self.every else node.get("required", [])
            return {name: self._fill(node["properties"].get(name, {}), at, name) for name in wanted}
        if node.get("type") == "array" and not node.get("prefixItems"):
            return self._list(node, at, key)
        if node.get("type") == "string" and node.get("x-ref") != "anchor":
            return self._text(node, at)
        if node.get("x-ref") == "time" and self.anchors:
            return self.anchors[at % len(self.anchors)].t0
        return self.value(schema)

    def _list(self, node: Mapping[str, Json], at: int, key: str) -> list[Json]:
        most, least = int(node.get("maxItems", 1000)), int(node.get("minItems", 0))
        if key == "cite":
            ids = [anchor.id for anchor in self.anchors] or list(self.ids)
            count = min(most, len(ids)) if self.every else min(most, 1)
            return cast("list[Json]", [ids[(at + k) % len(ids)] for k in range(count)] if ids else [])
        count = max(least, min(most, self.items))
        return [self._fill(node.get("items", {}), k, key) for k in range(count)]

    def _text(self, node: Mapping[str, Json], at: int) -> str:
        said = [anchor.content for anchor in self.anchors if anchor.content] or ["x"]
        text = FLUENT[at % len(FLUENT)] if self.fluent else said[at % len(said)]
        return text.ljust(int(node.get("minLength", 0)), "x")[: int(node.get("maxLength", 2000))]


@dataclass(slots=True)
class Pleaser:
    """A policy that looks a little, then hands in what its author writes.

    Attributes:
        name: its name.
        look: how many of the fixture's calls it makes, None for all.
        write: the draft, from the narrowed schema and what was seen.
        row: the fixture.
        task: its task.
    """

    name: str
    look: int | None
    write: Callable[[Mapping[str, Json], Sequence[Anchor]], DraftBody]
    row: Fixture
    task: Task

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """The next call of the look, or the draft."""
        return [Decision(action_text(self._next(given)), tokens=1) for given in inputs]

    def close(self) -> None:
        """Nothing to let go of."""

    def _next(self, given: PolicyInput) -> Action:
        calls = self._calls()[: self.look]
        if given.state.spent.steps < len(calls):
            return calls[given.state.spent.steps]
        anchors = tuple(given.state.anchors.values())
        return Action(SUBMIT, {"draft": self.write(given.session.schema(given.state), anchors)})

    def _calls(self) -> list[Action]:
        if self.row.look is not None:
            return [Action(look.tool, look.args) for look in self.row.look]
        known = [Action(name, {}) for name in ("overview", "list_events") if name in self.task.tools]
        return known or [Action(name, {}) for name in list(self.task.tools)[:1]]


def _lazy(schema: Mapping[str, Json], anchors: Sequence[Anchor]) -> DraftBody:
    return cast("DraftBody", Filler(schema, [anchor.id for anchor in anchors]).value(schema))


def _copier(schema: Mapping[str, Json], anchors: Sequence[Anchor]) -> DraftBody:
    count = min(MOST, max(1, len(anchors)))
    return Author(schema, [a.id for a in anchors], anchors=anchors, items=count).body(schema)


def _shotgun(schema: Mapping[str, Json], anchors: Sequence[Anchor]) -> DraftBody:
    return Author(schema, [a.id for a in anchors], anchors=anchors, items=MOST, every=True).body(schema)


def _stylist(schema: Mapping[str, Json], anchors: Sequence[Anchor]) -> DraftBody:
    return Author(schema, [a.id for a in anchors], anchors=anchors, items=len(FLUENT), fluent=True).body(schema)


POLICIES: Mapping[str, tuple[int | None, Callable[[Mapping[str, Json], Sequence[Anchor]], DraftBody]]] = {
    "lazy": (1, _lazy),
    "copier": (None, _copier),
    "shotgun": (None, _shotgun),
    "stylist": (None, _stylist),
}
"""How many calls each makes, and what it writes."""


def policy_verdicts(task: Task, row: Fixture, cache: Cache) -> Iterator[tuple[str, Verdict]]:
    """`(name, verdict of its best draft)` of each policy at a fixture.

    One that hands nothing in is left out, and one that says and cites what gold does: where the words of the stream are
    asked for, who copies them is right.

    Args:
        task: the task.
        row: the fixture.
        cache: results of tools.
    """
    for name, (look, write) in POLICIES.items():
        policy = Pleaser(name, look, write, row, task)
        budget = task.budget.model_copy(update={"repairs": 0})
        session = Session(stream_of(row), task, cache)
        (state,) = run_batch([(begin(task, row, budget), session)], policy)
        found = best(state)
        if found and list(_texts(found.draft)) != list(_texts(row.gold)):
            yield f"policy: {name}", found.verdict


def _texts(value: Json) -> Iterator[str]:
    """Every text of a draft and every id that it cites."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in cast("Iterable[Json]", value.values() if isinstance(value, dict) else value):
            yield from _texts(item)


def canaries(target: Target) -> dict[str, Json]:
    """Drafts that are wrong beyond doubt, by name: if one passes, nothing holds."""
    made: dict[str, Json] = {
        "canary: evidence that nobody saw": with_cites(target.gold, lambda cite: ["zz99999"] if cite else cite),
        "canary: foreign words everywhere": foreign_everywhere(target),
    }
    return {name: draft for name, draft in made.items() if draft != target.gold}
