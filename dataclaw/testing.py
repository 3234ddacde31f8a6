"""Fakes and kits that third parties test with; no model and no network is ever reached.

`ScriptedPolicy` plays back actions, so that a plugin's tools, rules and schemas can be driven through the real agent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dataclaw.agent.policy.base import Scene
from dataclaw.agent.steps import Decision, action_text
from dataclaw.types import Action

Line = str | Action | Callable[[Scene], str | Action]


class ScriptedPolicy:
    """A policy that follows a script.

    Args:
        script: what it answers, in order: text as is, an action, or a function of the scene. Each rollout (and each
            attempt of a best-of-n) starts at the top; a rollout that outlives the script gets an error decision.
        name: its name.
    """

    def __init__(self, script: Sequence[Line], *, name: str = "scripted") -> None:
        self.name = name
        self._script = tuple(script)

    def decide(self, scenes: Sequence[Scene]) -> list[Decision]:
        """The next line of the script for each scene."""
        return [self._decide(scene) for scene in scenes]

    def close(self) -> None:
        """Nothing to let go of."""

    def _decide(self, scene: Scene) -> Decision:
        step = scene.state.spent.steps
        if step >= len(self._script):
            return Decision("", error=f"the script has {len(self._script)} line(s) and is at its end.")
        line = self._script[step]
        said = line if isinstance(line, str | Action) else line(scene)
        text = action_text(said) if isinstance(said, Action) else said
        return Decision(text, tokens=max(1, len(text) // 4))
