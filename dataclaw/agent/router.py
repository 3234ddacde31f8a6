"""From a stream and an intent to (domain, task): templates first, then the words of the tasks.

Deterministic and explained: the choice comes with its confidence and the alternatives, which are recorded in the
sample. Where two tasks are close the caller may ask the user; a policy may be asked too (`choices`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.errors import UsageError
from dataclaw.plugins import Domain
from dataclaw.types import Intent

SURE = 0.08
"""The best choice is sure when it leads the next by at least this much."""

_KINDS = {"gui": "a GUI trace", "video": "a video without input events", "fragments": "labelled fragments"}


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
    """Every task that reads streams of this kind, best match first; ties by name.

    The score is the mean of two: how like the closest template the intent is, and how much of its telling words the
    task's declaration has. A word tells the more, the fewer tasks use it (inverse document frequency over the tasks).
    """
    tasks = [(domain, name) for domain in domains for name, task in domain.tasks.items() if kind in task.reads]
    vocabulary = {(domain.name, name): _vocabulary(domain, name) for domain, name in tasks}
    used = Counter(word for words in vocabulary.values() for word in words)
    said = {word: math.log((len(tasks) + 1) / (used[word] + 0.5)) for word in _words(intent) if used[word]}
    found = [_choice(intent, domain, name, said, vocabulary[domain.name, name]) for domain, name in tasks]
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
        owners = ", ".join(d.name for d in pool) or "any domain"
        readers = f"not by task {task!r} of {owners}" if task else f"by no task of {owners}"
        raise UsageError(
            f"is {_KINDS.get(kind, f'a {kind!r} stream')}, which is read {readers}.",
            remedy=f"It takes {', '.join(_KINDS.get(k, k) for k in reads)}; other domains: dataclaw domain list.",
        )
    best, rest = ranked[0], ranked[1:]
    lead = best.score - rest[0].score if rest else 1.0
    confidence = 1.0 if task else round(min(1.0, 0.5 + lead / (2 * SURE)) * max(best.score, 0.3), 3)
    template = best.template if best.score >= 0.75 else ""
    resolved = Intent(intent, template, confidence, tuple((c.domain, c.task) for c in rest[:3]))
    return resolved, best, bool(task) or lead >= SURE


def _choice(intent: str, domain: Domain, task: str, said: Mapping[str, float], words: Set[str]) -> Choice:
    templates = domain.tasks[task].manifest.intents
    scored = [(_similarity(intent, template), i) for i, template in enumerate(templates)]
    likeness, index = max(scored, key=lambda s: (s[0], -s[1]))
    told = sum(weight for word, weight in said.items() if word in words) / (sum(said.values()) or 1.0)
    why = f"like {templates[index]!r}"
    return Choice(domain.name, task, round((likeness + told) / 2, 4), f"{domain.name}.{task}.{index}", why)


def _similarity(intent: str, template: str) -> float:
    """0..1: word overlap in any order, with the template's free slots left out."""
    fixed = _SLOT.sub(" ", template).lower()
    return fuzz.token_set_ratio(intent.lower(), fixed) / 200 + fuzz.WRatio(intent.lower(), fixed) / 200


def _vocabulary(domain: Domain, task: str) -> frozenset[str]:
    manifest = domain.tasks[task].manifest
    return _words(_SLOT.sub(" ", " ".join([*manifest.intents, manifest.summary, task.replace("_", " ")])))


def _words(text: str) -> frozenset[str]:
    """Words of three letters or more without a plural s; pairs of characters in scripts that write without spaces."""
    lower = text.lower()
    words = {w.removesuffix("s") for w in re.findall(r"[a-z0-9\u00c0-\u024f]{3,}", lower)}
    runs: list[str] = re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]{2,}", lower)
    return frozenset(words | {run[k : k + 2] for run in runs for k in range(len(run) - 1)})


_SLOT = re.compile(r"\{[a-z_]+\}")
