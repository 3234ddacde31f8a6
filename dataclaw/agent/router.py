"""From a stream and an intent to (domain, task): templates first, then the words of the tasks.

Deterministic and explained: the choice comes with its confidence and the alternatives, which are recorded in the
sample. Where two tasks are close the caller may ask the user; a policy may be asked too (`choices`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.errors import UsageError
from dataclaw.plugins import Domain
from dataclaw.types import Intent

SURE = 0.12
"""The best choice is sure when it leads the next by at least this much."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A (domain, task) that may be meant.

    Attributes:
        domain: name of the domain.
        task: name of the task.
        score: 0..1, how well the intent matches.
        template: id of the closest template, `domain.task.N`.
        why: one clause for people.
    """

    domain: str
    task: str
    score: float
    template: str
    why: str


def choices(intent: str, kind: str, domains: Iterable[Domain]) -> list[Choice]:
    """Every task that reads streams of this kind, best match first; ties by name."""
    found = [
        _choice(intent, domain, name) for domain in domains for name, task in domain.tasks.items() if kind in task.reads
    ]
    return sorted(found, key=lambda c: (-c.score, c.domain, c.task))


def route(
    intent: str, kind: str, domains: Mapping[str, Domain], *, domain: str | None = None, task: str | None = None
) -> tuple[Intent, Choice, bool]:
    """Resolve an intent.

    Args:
        intent: the user's words.
        kind: the stream's kind.
        domains: loaded domains.
        domain: the domain, when the user named it.
        task: the task, when the user named it.

    Returns:
        The intent with its alternatives, the choice, and whether it is sure (a user may be asked otherwise).

    Raises:
        UsageError: the named domain or task does not exist, or nothing reads streams of this kind.
    """
    pool: Sequence[Domain] = [domains[domain]] if domain else list(domains.values())
    if task:
        pool = [d for d in pool if task in d.tasks]
        if not pool:
            known = sorted({name for d in domains.values() for name in d.tasks})
            raise UsageError(f"no task {task!r}.", remedy=f"There is: {', '.join(known)}.")
    ranked = [c for c in choices(intent, kind, pool) if task in (None, c.task)]
    if not ranked:
        reads = sorted({k for d in pool for t in d.tasks.values() for k in t.reads})
        raise UsageError(
            f"no task of {', '.join(d.name for d in pool) or 'any domain'} reads {kind!r} streams"
            f"{f' (task {task})' if task else ''}.",
            remedy=f"It reads: {', '.join(reads)}.",
        )
    best, rest = ranked[0], ranked[1:]
    lead = best.score - rest[0].score if rest else 1.0
    confidence = 1.0 if task else round(min(1.0, 0.5 + lead / (2 * SURE)) * max(best.score, 0.3), 3)
    template = best.template if best.score >= 0.6 else ""
    resolved = Intent(intent, template, confidence, tuple((c.domain, c.task) for c in rest[:3]))
    return resolved, best, bool(task) or lead >= SURE


def _choice(intent: str, domain: Domain, task: str) -> Choice:
    templates = domain.tasks[task].manifest.intents
    scored = [(_similarity(intent, template), i) for i, template in enumerate(templates)]
    score, index = max(scored, key=lambda s: (s[0], -s[1]))
    words = _words(intent) & _words(domain.tasks[task].manifest.summary + " " + task.replace("_", " "))
    score = min(1.0, score + 0.03 * len(words))
    return Choice(domain.name, task, round(score, 4), f"{domain.name}.{task}.{index}", f"like {templates[index]!r}")


def _similarity(intent: str, template: str) -> float:
    """0..1: word overlap in any order, with the template's free slots left out."""
    fixed = re.sub(r"\{[a-z_]+\}", " ", template)
    return fuzz.token_set_ratio(intent.lower(), fixed.lower()) / 200 + fuzz.WRatio(intent.lower(), fixed.lower()) / 200


def _words(text: str) -> set[str]:
    return {w for w in re.findall(r"\w+", text.lower()) if len(w) > 3}
