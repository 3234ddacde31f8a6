"""From a stream and an intent to (domain, task): by what the tasks declare (`matching`), among those that read it.

Deterministic and explained: the choice comes with its confidence and the alternatives, which are recorded in the
sample. Where it is not sure the caller may ask the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw import domains as shipped_domains
from dataclaw.agent.case import declared_texts
from dataclaw.agent.matching import Match, Name, index_of, words
from dataclaw.domain import Domain, Task
from dataclaw.errors import UsageError
from dataclaw.types import Intent, Stream

TIE = 0.08
"""Scores, or likenesses to templates, that differ by this share at most fit equally: then a domain that ships with
DataClaw comes first."""
LEAD, LEAST = 0.25, 0.25
"""A choice is sure when the next one's score is smaller by this share, and its own is at least this."""
FOREIGN = 0.85
"""Factor of a task's score on streams that it reads, but not first of all: its manifest names its own kind first."""
LACKING = 0.35
"""Factor of a task's score on a stream that lacks what it needs: there it can only decline."""
USUAL = 0.2
"""Confidence of the usual task for those who want data of any kind."""
SAME = 0.6
"""Likeness from which an intent counts as its template said in other words."""

_DATA = (
    "data dataset datasets sample samples example examples annotation annotations label labels supervision training "
    "whatever 数据 样本 标注 训练 微调"
)
DATA = frozenset(_DATA.split())
"""Words of requests that want data of any kind, and leave to the system which."""

SHIPPED = Path(str(shipped_domains.__file__)).parent
"""Folder of the domains that ship with DataClaw."""
EVERYTHING = frozenset(["everything", "all", "whatever", "全部", "所有"])
"""Words of requests that want whatever there is."""

_KINDS = {
    "gui": "a GUI trace",
    "video": "a video without input events",
    "fragments": "labelled fragments",
    "trajectory": "a robot's or camera's trajectory",
    "edit": "an edited picture",
    "timeline": "an edited timeline",
    "lesson": "a lesson",
    "narration": "a narration",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A (domain, task) that may be meant.

    Attributes:
        domain: name of the domain.
        task: name of the task.
        score: how well the intent matches; see `matching.Match`.
        template: id of the closest template, `domain.task.N`.
        why: one clause for people.
        likeness: 0..1, how like that template it is.
    """

    domain: str
    task: str
    score: float
    template: str
    why: str
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Routing:
    """An intent with the task that it was given to.

    Attributes:
        intent: the user's words with template, confidence and alternatives.
        choice: the task.
        sure: whether the choice leads the next one clearly, or was made by the user.
        others: the other tasks that read such streams, best first.
        lost: why the choice is no answer to the intent, "" when it may be one: nobody named a task or a domain, no
            word of the intent is known to a task that reads such streams (common words do not count, unless they are
            nearly all that a template says), and it does not ask for data of any kind either.
    """

    intent: Intent
    choice: Choice
    sure: bool
    others: tuple[Choice, ...] = ()
    lost: str = ""

    def require_match(self) -> Routing:
        """Itself, for those who cannot ask the user.

        Raises:
            UsageError: the choice is no answer to the intent; the nearest tasks are named.
        """
        if not self.lost:
            return self
        near = [c for c in (self.choice, *self.others) if c.score > 0][:3] or [self.choice, *self.others][:5]
        named = ", ".join(f"{c.domain}.{c.task}" for c in near)
        remedy = f"Say it in other words, or name a task with --task; nearest: {named}. See dataclaw domain show NAME."
        raise UsageError(self.lost, remedy=remedy)

    def require_confidence(self, least: float) -> Routing:
        """Itself, when it is as sure as that.

        Args:
            least: least confidence, 0..1.

        Raises:
            UsageError: it is not; the nearest tasks are named.
        """
        if self.intent.confidence >= least:
            return self
        near = ", ".join(f"{c.domain}.{c.task}" for c in (self.choice, *self.others)[:3])
        raise UsageError(
            f"what to make of it is not sure: {self.choice.domain}.{self.choice.task} by {self.intent.confidence:.2f}, "
            f"and --min-confidence asks for {least:g}.",
            remedy=f"Say it in other words, or name a task with --task; nearest: {near}.",
        )

    def describe(self) -> str:
        """The choice in a sentence: which task, why, how sure, and what else it might be."""
        said = f"{self.choice.domain}.{self.choice.task} ({self.intent.confidence:.2f}, {self.choice.why})"
        if self.sure or not self.others:
            return said
        return f"{said}; or {', '.join(f'{c.domain}.{c.task}' for c in self.others[:3])}"

    def settle(self, choice: Choice) -> Routing:
        """As the user decided."""
        rest = tuple(c for c in (self.choice, *self.others) if c != choice)
        return Routing(_intent(self.intent.text, choice, 1.0, rest), choice, True, rest)


Chooser = Callable[[Routing], Choice]
"""Asks a user which of `choice` and `others` is meant."""


def choices(intent: str, kind: str, domains: Iterable[Domain], *, pictures: bool = True) -> list[Choice]:
    """Every task that reads streams of this kind, best match first (see `matching`); ties by name.

    Where a task of a domain that ships fits as well as the best (`TIE`), or has a template that is as like, it comes
    first: a newcomer takes no intent that it does not fit better. Such a choice is never sure.
    """
    domains = list(domains)
    tasks = _tasks(kind, domains)
    if not tasks:
        return []
    texts = _texts(tasks)
    matches = index_of(tuple(texts.items())).match(intent)
    factors = {(domain.name, name): _factor(domain.tasks[name], kind, pictures) for domain, name in tasks}
    found = [_choice(name, matches[name], texts[name], factors[name]) for name in texts]
    ranked = sorted(found, key=lambda c: (-c.score, c.domain, c.task))
    own = {domain.name for domain in domains if domain.root.is_relative_to(SHIPPED)}
    first = next((c for c in ranked if c.domain in own and _fits_as_well(c, ranked[0])), ranked[0])
    return [first, *(c for c in ranked if c is not first)]


def _fits_as_well(one: Choice, best: Choice) -> bool:
    like = one.likeness >= SAME and one.likeness >= best.likeness * (1.0 - TIE)
    return one.score >= best.score * (1.0 - TIE) or like


def likely(intent: str, domain: Domain) -> list[Choice]:
    """Every task of a domain, whatever it reads, best match first: for intents without a stream."""
    texts = _texts((domain, name) for name in domain.tasks)
    matches = index_of(tuple(texts.items())).match(intent)
    return sorted((_choice(name, matches[name], texts[name], 1.0) for name in texts), key=lambda c: (-c.score, c.task))


def has_pictures(stream: Stream) -> bool:
    """Whether a stream, or a part of it, has pictures."""
    return stream.frames is not None or any(has_pictures(part) for part in stream.parts.values())


def _factor(task: Task, kind: str, pictures: bool) -> float:
    lacks = "pictures" in task.manifest.needs and not pictures
    return (1.0 if task.reads[0] == kind else FOREIGN) * (LACKING if lacks else 1.0)


def _tasks(kind: str, domains: Iterable[Domain]) -> list[tuple[Domain, str]]:
    return [(domain, name) for domain in domains for name, task in domain.tasks.items() if kind in task.reads]


def _texts(tasks: Iterable[tuple[Domain, str]]) -> dict[Name, tuple[str, ...]]:
    return {(domain.name, name): declared_texts(domain.tasks[name]) for domain, name in tasks}


def route(
    intent: str,
    kind: str,
    domains: Mapping[str, Domain],
    *,
    domain: str | None = None,
    task: str | None = None,
    pictures: bool = True,
) -> Routing:
    """Resolve an intent.

    Args:
        intent: the user's words.
        kind: the stream's kind.
        domains: loaded domains.
        domain: the domain, when the user named it.
        task: the task, when the user named it.
        pictures: whether the stream has any.

    Raises:
        UsageError: the named domain or task does not exist, or nothing reads streams of this kind.
    """
    pool: Sequence[Domain] = [domains[domain]] if domain else list(domains.values())
    if task:
        pool = [d for d in pool if task in d.tasks]
        if not pool:
            known = sorted({name for d in domains.values() for name in d.tasks})
            raise UsageError(f"no task {task!r}.", remedy=f"There is: {', '.join(known)}.")
    ranked = [c for c in choices(intent, kind, pool, pictures=pictures) if task in (None, c.task)]
    if not ranked:
        raise _unread(kind, pool, task)
    known = bool(task) or ranked[0].likeness >= SAME or bool(_known_words(intent, kind, pool))
    any_data = bool(DATA & words(intent).keys() or EVERYTHING & set(intent.casefold().split()))
    if not known and any_data:
        ranked = _usual(ranked, kind, pool)
    best, rest = ranked[0], ranked[1:]
    lead = 1.0 - rest[0].score / best.score if rest and best.score else float(not rest)
    sure = bool(task) or not rest or (lead >= LEAD and best.score >= LEAST)
    confidence = 1.0 if task else round(_confidence(best.score, max(0.0, lead)), 3)
    lost = ""
    if not known:
        sure, confidence = False, USUAL if any_data else 0.0
        leads = domain and best.score > (rest[0].score if rest else -1.0)
        if not (leads or any_data):
            lost = _unknown(intent, kind)
    return Routing(_intent(intent, best, confidence, rest), best, sure, tuple(rest), lost)


def _usual(ranked: Sequence[Choice], kind: str, pool: Sequence[Domain]) -> list[Choice]:
    """For those who want data of any kind: first the tasks that such streams are for, as their domains list them."""
    order = [(domain.name, name) for domain, name in _tasks(kind, pool)]
    natives = {(domain.name, name) for domain, name in _tasks(kind, pool) if domain.tasks[name].reads[0] == kind}
    why = f"data of any kind; it is for {_KINDS.get(kind, kind)}"
    usual = [replace(c, why=why) if (c.domain, c.task) in natives else c for c in ranked]
    return sorted(usual, key=lambda c: ((c.domain, c.task) not in natives, order.index((c.domain, c.task))))


def _known_words(intent: str, kind: str, pool: Sequence[Domain]) -> tuple[str, ...]:
    """The words of the intent that a task which reads such streams declares."""
    return index_of(tuple(_texts(_tasks(kind, pool)).items())).known_words(intent)


def _unknown(intent: str, kind: str) -> str:
    said = ", ".join(repr(word) for word in words(intent)) or "nothing but common words"
    return f"the intent does not say what to make of {_KINDS.get(kind, f'a {kind!r} stream')}: no task knows {said}."


def _unread(kind: str, pool: Sequence[Domain], task: str | None) -> UsageError:
    reads = sorted({k for d in pool for name, t in d.tasks.items() if task in (None, name) for k in t.reads})
    owners = ", ".join(d.name for d in pool) or "any domain"
    readers = f"not by task {task!r} of {owners}" if task else f"by no task of {owners}"
    return UsageError(
        f"is {_KINDS.get(kind, f'a {kind!r} stream')}, which is read {readers}.",
        remedy=f"It takes {', '.join(_KINDS.get(k, k) for k in reads)}; other domains: dataclaw domain list.",
    )


def _confidence(score: float, lead: float) -> float:
    """0..1 from how good the match is and how far the next one is behind; 0.5 where a choice begins to be sure."""
    return min(0.99, 0.5 * min(score / LEAST, 2.0) ** 0.5 * min(lead / LEAD, 4.0) ** 0.5)


def _intent(text: str, choice: Choice, confidence: float, rest: Sequence[Choice]) -> Intent:
    template = choice.template if choice.likeness >= SAME else ""
    return Intent(text, template, confidence, tuple((c.domain, c.task) for c in rest[:3]))


def _choice(name: Name, match: Match, texts: Sequence[str], factor: float) -> Choice:
    why = f"like {texts[match.nearest]!r}" if match.score else "no word of it is known"
    template = f"{name[0]}.{name[1]}.{match.nearest}"
    return Choice(name[0], name[1], round(match.score * factor, 4), template, why, round(match.likeness, 4))
