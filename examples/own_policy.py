"""A policy of one's own: any function that reads messages and answers with text, with the planner behind it.

A policy is told the scenes that wait and answers each with a `Decision`: the text of an action, or why there is none.
It keeps no state; all of it stands in the scene, so that a rollout can be stopped and go on. Here a function is asked,
as the client of any model could be, and the planner decides wherever it says nothing.
Run it: `python examples/own_policy.py examples/traces/shop_and_mail`
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from dataclaw import TailorOutput, build_graph, load_domain, make_policy
from dataclaw.agent.policy import PolicyInput
from dataclaw.agent.runtime import Runtime
from dataclaw.tools.cache import Cache
from dataclaw.types import Decision, Json, Message

Answer = Callable[[Sequence[Message], dict[str, Json]], str]


class AskedFirst:
    """Asks a function for each action, and the planner where that says nothing."""

    name = "mine"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._planner = make_policy("planner")

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """One decision a scene, in order; what goes wrong is a decision with `error`, never an exception."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Connections would be closed here."""
        self._planner.close()

    def _decide(self, given: PolicyInput) -> Decision:
        text = self._answer(given.messages(), given.action_schema())
        return Decision(text, tokens=len(text) // 4) if text else self._planner.decide([given])[0]


def answer(messages: Sequence[Message], schema: dict[str, Json]) -> str:
    """An action as JSON, `{"tool": "list_events", "args": {"page": 1}}`; put your model's client here."""
    read = sum(len(one.text) for one in messages)
    print(f"{len(messages)} messages, {read:,} characters, {len(schema['anyOf'])} kinds of calls", file=sys.stderr)
    return ""


def main(path: str) -> TailorOutput:
    """Tailor one trace with it."""
    gui = load_domain("gui")
    policy = AskedFirst(answer)
    try:
        graph = build_graph(Runtime(policy, {gui.name: gui}, Cache()))
        return graph.invoke(
            {"path": path, "intent": "Extract the ordered UI actions with coordinates", "domain": "gui"}
        )
    finally:
        policy.close()


if __name__ == "__main__":
    made = main(sys.argv[1])
    print([sample["made_by"]["policy"] for sample in made["samples"]])
