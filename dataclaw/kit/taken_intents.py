"""Which intents change hands where a domain is installed beside others: its templates may ask for what others do.

Every template of every installed domain, and of the newcomer, goes through the router as a user's intent would, with
the newcomer and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw.agent.router import choices
from dataclaw.domain import Domain
from dataclaw.errors import DataClawError
from dataclaw.kit.manifest import MANIFEST, Declaration
from dataclaw.kit.report import Notes
from dataclaw.plugins import find_plugins
from dataclaw.plugins.load import load_plugin

SHOWN = 3
"""Templates of one task that a message names."""
_SLOT = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True, slots=True)
class TakenIntent:
    """A template that goes to another domain.

    Attributes:
        domain: the domain that declares it.
        task: its task there.
        number: which of the task's templates, from 0.
        intent: its words.
        taker: `domain.task` that it goes to instead.
    """

    domain: str
    task: str
    number: int
    intent: str
    taker: str


def other_domains(name: str, root: Path, registry: Path | None) -> dict[str, Domain]:
    """The installed domains beside one, by name; none of their code is run, and one that is broken is left out."""
    found: dict[str, Domain] = {}
    for known, plugin in find_plugins(registry).items():
        if known == name or plugin.root.resolve() == root.resolve():
            continue
        try:
            found[known] = load_plugin(plugin, code=False)
        except DataClawError:  # a broken neighbour is told where it is used
            continue
    return found


def taken_intents(newcomer: Domain, others: Mapping[str, Domain]) -> Iterator[TakenIntent]:
    """The templates that change hands where a domain is installed: others' that go to it, and its own that do not."""
    for domain in others.values():
        for own, taker in _given_away(domain, newcomer.name, [*others.values()], [*others.values(), newcomer]):
            yield replace(own, taker=taker)
    for own, taker in _given_away(newcomer, "", [newcomer], [*others.values(), newcomer]):
        yield replace(own, taker=taker)


def _given_away(
    domain: Domain, to: str, before: Sequence[Domain], after: Sequence[Domain]
) -> Iterator[tuple[TakenIntent, str]]:
    """The templates of a domain that go to another one, or to that named, among more domains than before."""
    newcomers = [one for one in after if one not in before]
    for task in domain.tasks.values():
        for kind in task.reads:
            if not any(kind in other.reads for one in newcomers for other in one.tasks.values()):
                continue
            for number, template in enumerate(task.manifest.intents):
                intent = _SLOT.sub(" ", template)
                now = choices(intent, kind, after)[0]
                if now.domain != domain.name and to in ("", now.domain):
                    was = choices(intent, kind, before)[0]
                    if was.domain == domain.name:
                        own = TakenIntent(domain.name, task.name, number, template, "")
                        yield own, f"{now.domain}.{now.task}"


def check_taken(declared: Declaration, newcomer: Domain, registry: Path | None, notes: Notes) -> None:
    """Note every intent that changes hands where the domain is installed beside those that are."""
    others = other_domains(newcomer.name, newcomer.root, registry)
    taken: dict[tuple[str, str, str], list[TakenIntent]] = {}
    for one in taken_intents(newcomer, others):
        taken.setdefault((one.domain, one.task, one.taker), []).append(one)
    for (domain, task, taker), some in taken.items():
        said = ", ".join(repr(one.intent) for one in some[:SHOWN])
        more = f" and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
        ours = task if domain == newcomer.name else taker.partition(".")[2]
        line = declared.line("tasks", ours, "intents", *([some[0].number] if domain == newcomer.name else []))
        notes.error("taken", f"beside the installed domains, {said}{more} of {domain}.{task} goes to {taker}.",
                    "Say in the templates what only this domain makes.", file=MANIFEST, line=line, task=ours,
                    subject=f"{domain}.{task}")  # fmt: skip
