"""Domains as an environment of verifiers: rows, tools and a rubric made of the domains' rules.

    from dataclaw.train.verifiers import load_environment

    environment = load_environment("corpus", domains=["gui"])

A model calls tools by its API, or writes an action as JSON; either ends with `submit`. Tools and rules run in threads,
one at a time, since rollouts share their streams. Written for the environments of verifiers 0.3, which 0.4 no longer
has.
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from dataclaw.errors import MissingExtraError
from dataclaw.models.libraries import library
from dataclaw.train.config import GrpoConfig
from dataclaw.train.live import LiveRollout, RolloutSource, source_of, tool_schemas
from dataclaw.train.prompts import PromptEntry

T = TypeVar("T")
USER = "an environment of verifiers"


def load_environment(
    corpus: Path | str = "corpus", *, settings: GrpoConfig | None = None, media: Path | None = None, **data: Any
) -> Any:
    """The environment of a corpus or pack, a `MultiTurnEnv`.

    Args:
        corpus: its folder.
        settings: terms and time limit of the reward.
        media: the folder that a pack was made of.
        data: more of `[data]`: `domains`, `share`.

    Raises:
        ConfigError: there is neither corpus nor pack, or nothing in it that may be used.
        MissingExtraError: verifiers is not installed, or is one without such environments.
    """
    vf: Any = library("verifiers", extra="verifiers", user=USER)
    if not hasattr(vf, "MultiTurnEnv"):
        remedy = "Run: pip install 'dataclaw-tailor[verifiers]'"
        raise MissingExtraError(f"verifiers {vf.__version__} has no MultiTurnEnv.", remedy=remedy)
    return _environment(vf, source_of(corpus, settings, media, **data))


def _rows(source: RolloutSource) -> Any:
    """What verifiers begins with; texts of prompts are made when a rollout begins."""
    rows = [
        {"prompt": [{"role": "user", "content": one.name}], "info": _info(source, one)}
        for one in source.entries.values()
    ]
    return library("datasets", extra="verifiers", user=USER).Dataset.from_list(rows)


def _info(source: RolloutSource, entry: PromptEntry) -> str:
    tools = [
        {"name": name, "description": doc, "parameters": schema}
        for name, doc, schema in tool_schemas(source.task(entry))
    ]
    return json.dumps({"name": entry.name, "tool_defs": tools})


class _Apart:
    """Calls work in a thread of its own, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __call__(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.to_thread(self._alone, work, *given)

    def _alone(self, work: Callable[..., T], *given: Any) -> T:
        with self._lock:
            return work(*given)


def _call(rollout: LiveRollout, call: Any) -> str:
    """Do what a model asked for by a tool call; one whose arguments are no object is told so."""
    try:
        args: Any = json.loads(call.arguments or "{}")
    except ValueError:
        args = None
    if not isinstance(args, dict):
        return rollout.say(str(call.arguments))
    return rollout.call(str(call.name), cast("dict[str, Any]", args))


def _environment(vf: Any, source: RolloutSource) -> Any:
    base: Any = vf.MultiTurnEnv
    apart = _Apart()

    async def rubric_reward(states: Sequence[Any]) -> list[float]:
        """The rewards of a group; verifiers knows none that is missing, so such a rollout carries an error."""
        known = await apart(source.rewards, [state["rollout"] for state in states])
        for state, one in zip(states, known, strict=True):
            state["judged"] = one
            if math.isnan(one.total):
                state["error"] = vf.Error(f"the rules could not judge: {dict(one.failed)}")
        return [0.0 if math.isnan(one.total) else one.total for one in known]

    class DomainEnv(base):
        """The agent's steps, tools and rules."""

        async def setup_state(self, state: Any) -> Any:
            """Begin the rollout of a row."""
            state["rollout"] = await apart(source.begin, state["info"]["name"])
            system, user = (one["content"] for one in state["rollout"].messages())
            state["prompt"] = [vf.SystemMessage(content=system), vf.UserMessage(content=user)]
            return state

        async def env_response(self, messages: Sequence[Any], state: Any, **_: Any) -> list[Any]:
            """What comes back of the model's last message."""
            rollout: LiveRollout = state["rollout"]
            told: list[Any] = []
            for call in messages[-1].tool_calls or ():
                text = await apart(_call, rollout, call)
                told.append(vf.ToolMessage(tool_call_id=call.id, content=text))
            if not told:
                text = await apart(rollout.say, str(messages[-1].content or ""))
                told.append(vf.UserMessage(content=text))
            if rollout.over:
                state["final_env_response"] = told
            return told

    return DomainEnv(dataset=_rows(source), rubric=vf.Rubric(funcs=[rubric_reward]))
