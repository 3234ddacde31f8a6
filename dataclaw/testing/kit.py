"""A policy that follows a script, and the tests that every domain must pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import ClassVar

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import action_text
from dataclaw.kit.check import check_domain
from dataclaw.kit.report import Level, Report
from dataclaw.types import Action, Decision

Line = str | Action | Callable[[PolicyInput], str | Action]


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

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """The next line of the script for each scene."""
        return [self._decide(given) for given in inputs]

    def close(self) -> None:
        """Nothing to let go of."""

    def _decide(self, given: PolicyInput) -> Decision:
        step = given.state.spent.steps
        if step >= len(self._script):
            return Decision("", error=f"the script has {len(self._script)} line(s) and is at its end.")
        line = self._script[step]
        said = line if isinstance(line, str | Action) else line(given)
        text = action_text(said) if isinstance(said, Action) else said
        return Decision(text, tokens=max(1, len(text) // 4))


_DECLARED = ("manifest", "file", "schema", "rule", "tool", "kind", "intents", "templates", "code", "plan")
_TESTED = (
    *("fixtures", "gold", "wrong", "planner", "broken", "hackable"),
    *("nondeterministic", "contradictory", "forbidden"),
)


@cache
def _check_once(domain: str) -> Report:
    return check_domain(domain)


class DomainContract:
    """What every domain must hold, for pytest: subclass it as `Test...` and say which domain.

    The domain is checked once for all tests; each test asserts one part of the report and prints the rest of it where
    it fails.

    Attributes:
        domain: name of an installed domain, or path of a plugin folder.
    """

    domain: ClassVar[str]

    def test_the_declaration_is_sound(self) -> None:
        """Manifest, files, schemas, rules, tools, kinds, templates and code."""
        self._holds("error", *_DECLARED)

    def test_the_fixtures_are_sound(self) -> None:
        """Every task has some; gold fits its schema, is accepted and scores highest; wrong answers are held."""
        self._holds("error", "fixtures", "gold", "wrong")

    def test_the_planner_passes_on_the_fixtures(self) -> None:
        """The planner hands in an accepted draft of every fixture, where the task has a plan."""
        self._holds("error", "planner")

    def test_no_rule_breaks(self) -> None:
        """No rule raises, hangs, or gives what is no score."""
        self._holds("error", "broken")

    def test_no_attack_is_accepted(self) -> None:
        """Empty, echoed, meaningless, shuffled, repeated, truncated and borrowed answers are held."""
        self._holds("error", "hackable")

    def test_equal_input_gives_equal_reward(self) -> None:
        """A second time, 200 times, and elsewhere: another process, clock, environment, folder and hash seed."""
        self._holds("error", "nondeterministic")

    def test_no_rules_contradict_each_other(self) -> None:
        """No rule takes what another gives."""
        self._holds("error", "contradictory")

    def test_nothing_outside_is_touched(self) -> None:
        """Rules, tools and plans read no clock, environment or file, and write, connect and start nothing."""
        self._holds("error", "forbidden")

    def test_nothing_else_is_wrong(self) -> None:
        """Errors of checks that no other test asks for."""
        found = {problem.check for problem in _check_once(self.domain).of("error")}
        self._holds("error", *sorted(found - {*_DECLARED, *_TESTED}))

    def test_every_warning_is_explained(self) -> None:
        """What `[explained]` in domain.toml does not answer for."""
        self._holds("warning")

    def _holds(self, level: Level, *checks: str) -> None:
        asked = {*checks, "process"} if level == "error" else set(checks)  # a check that did not end passes no test
        found = [str(p) for p in _check_once(self.domain).of(level) if not asked or p.check in asked]
        assert not found, "\n" + "\n".join(found)
