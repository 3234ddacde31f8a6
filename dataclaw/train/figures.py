"""The figures of a step of GRPO: what was rewarded, by which rules, and why rollouts and answers ended."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from dataclaw.train.reward import Reward, RuleTimer
from dataclaw.train.rollout import Batch, drifts


def rollout_figures(batch: Batch) -> dict[str, Any]:
    """How the rollouts went.

    `stops` count rollouts by their stop reason, `answers` answers by theirs, `drift` turns whose tokens are not those
    that a tokeniser would give for their text, `forks` conversations that did not go on from what was said, and
    `pictures` frames that a model that sees was shown or not ("unavailable", "no room").
    """
    rollouts = batch.rollouts
    sampled = sum(rollout.sampled_tokens for rollout in rollouts)
    reading = {"prefilled", "sampled"}
    return {
        "rollouts": len(rollouts),
        "rollouts_per_second": len(rollouts) / batch.seconds,
        "sampled": sampled,
        "prefilled": batch.read["prefilled"],
        "sampled_per_second": sampled / batch.seconds,
        "turns": _mean(len(talk.turns) for rollout in rollouts for talk in rollout.talks),
        "tokens": _mean(len(talk.ids) for rollout in rollouts for talk in rollout.talks),
        "tool_calls": _mean(rollout.state.spent.tool_calls for rollout in rollouts),
        "stops": dict(Counter(str(rollout.state.stop) for rollout in rollouts)),
        "answers": {stop: count for stop, count in sorted(batch.read.items()) if stop not in reading},
        "drift": dict(drifts(rollouts)),
        "forks": batch.forks,
        "pictures": dict(batch.pictures),
    }


def reward_figures(groups: Sequence[Sequence[Reward]], dead: int) -> dict[str, Any]:
    """What was rewarded.

    `mean` and `spread` are over all rollouts whose reward is known, `within` is the mean over groups of the variance in
    the group, `dead` counts groups without signal, `missing` rewards that the rules could not give.
    """
    every = [reward for group in groups for reward in group]
    return {
        **_spread([[reward.total for reward in group] for group in groups]),
        "missing": sum(math.isnan(reward.total) for reward in every),
        "dead": dead,
        "groups": len(groups),
        "drafted": _mean(reward.drafted for reward in every),
        "passed": _mean(reward.passed for reward in every),
        "terms": _by_name([[_without_none(reward.terms) for reward in group] for group in groups]),
    }


def rule_figures(groups: Sequence[Sequence[Reward]], watch: RuleTimer) -> dict[str, Any]:
    """Of every rule `mean`, `spread` and `within` as in `reward_figures`, `seconds` of a call, and times it broke."""
    rules = _by_name([[reward.rules for reward in group] for group in groups])
    failed = Counter(name for group in groups for reward in group for name in reward.failed)
    names = sorted({*rules, *watch.calls, *failed})
    return {
        name: {
            **rules.get(name, {}),
            "seconds": watch.seconds.get(name, 0.0) / watch.calls[name] if watch.calls[name] else None,
            "failed": failed[name],
        }
        for name in names
    }


def _by_name(groups: Sequence[Sequence[Mapping[str, float]]]) -> dict[str, dict[str, float | None]]:
    names = sorted({name for group in groups for scores in group for name in scores})
    return {name: _spread([[scores[name] for scores in group if name in scores] for group in groups]) for name in names}


def _spread(groups: Sequence[Sequence[float]]) -> dict[str, float | None]:
    known = [[value for value in group if not math.isnan(value)] for group in groups]
    every = [value for group in known for value in group]
    within = [float(np.var(group)) for group in known if len(group) > 1]
    return {"mean": _mean(every), "spread": float(np.std(every)) if every else None, "within": _mean(within)}


def _without_none(terms: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in terms.items() if value is not None}


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return float(np.mean(known)) if known else None
