"""What rollouts begin with: requests of a corpus or of a pack, each with its stream, its tools and its rules.

A corpus has its streams and media beside it; a pack has neither and needs neither. Both know the draft that the expert
handed in. Only the rules of the reward may look at it: a rollout would learn from it what nobody tells it later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.corpus.packs.corpus_pack import CorpusPack, read_pack
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.errors import ConfigError, UsageError
from dataclaw.plugins import load_domain
from dataclaw.tools.cache import Cache
from dataclaw.train.config import DataConfig, GrpoConfig
from dataclaw.train.corpus_streams import CANDIDATES, OpenStreams, read_rows, root_of
from dataclaw.train.tokens import TRAINING, rank
from dataclaw.types import Intent, Json

T = TypeVar("T")
HARDEST = 5
"""Difficulty of the worlds' hardest streams; real recordings count as the middle."""
MIDDLE = 3


@dataclass(frozen=True, slots=True)
class PromptEntry:
    """An entry of what rollouts can begin with; `open` gives its prompt.

    Attributes:
        name: its id.
        domain: its domain.
        task: its task.
        difficulty: 1 (easy) to 5 (hard).
        number: its place in the source.
    """

    name: str
    domain: str
    task: str
    difficulty: int
    number: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request that is ready for rollouts.

    Attributes:
        name: the request's id.
        state: what every rollout of it begins with.
        session: where its rollouts happen; it does not know the reference.
        reference: the expert's draft, None where there is none.
        difficulty: 1 to 5.
    """

    name: str
    state: State
    session: Session
    reference: Json
    difficulty: int


class Prompts(Protocol):
    """A source of prompts."""

    @property
    def entries(self) -> Sequence[PromptEntry]:
        """What there is, in the source's order."""
        ...

    @property
    def digest(self) -> str:
        """A sha256 that tells it from others."""
        ...

    def open(self, entry: PromptEntry) -> Prompt:
        """The prompt of an entry."""
        ...

    def calls(self) -> Mapping[str, int]:
        """What became of tool calls so far: "hits" and "misses" of the cache, "unavailable: TOOL" for want of media."""
        ...


def read_prompts(config: DataConfig, media: Path | None = None) -> Prompts:
    """The prompts that a run may use: those of its domains, of its share, and of the training part.

    Args:
        config: which corpus or pack, which domains, and what share.
        media: the folder that a pack was made of; calls that are not in the pack are computed from there.

    Raises:
        ConfigError: there is neither, or nothing that may be used.
        UsageError: media are given and there is no such folder, or no pack that they would be for.
    """
    folder = config.corpus
    packed = (folder / MANIFEST).is_file()
    if media is not None and not packed:
        remedy = "A corpus has its media beside it: leave --media out."
        raise UsageError("media are given, and the prompts are not from a pack.", place=str(folder), remedy=remedy)
    prompts: _PackPrompts | _CorpusPrompts = (
        _PackPrompts(read_pack(folder, media=media), config) if packed else _CorpusPrompts(folder, config)
    )
    if not prompts.entries:
        remedy = "Check `domains` and `share` of [data], or take a larger corpus."
        raise ConfigError("there is no request to begin rollouts with.", place=str(folder), remedy=remedy)
    return prompts


def draw_prompts(
    entries: Sequence[PromptEntry], count: int, *, hardest: int, seed: int, step: int
) -> list[PromptEntry]:
    """The entries of a step, none twice as long as there are enough: drawn evenly over domains and tasks.

    Args:
        entries: what there is.
        count: how many.
        hardest: hardest difficulty that may be drawn; where none is so easy, all may.
        seed: of the run.
        step: of the run; with the seed it decides what is drawn.
    """
    random = np.random.default_rng([seed, step])
    pool = _shuffle([one for one in entries if one.difficulty <= hardest] or list(entries), random)
    piles: dict[tuple[str, str], list[PromptEntry]] = {}
    for one in pool:
        piles.setdefault((one.domain, one.task), []).append(one)
    turns = _shuffle([piles[name] for name in sorted(piles)], random)
    longest = max(len(pile) for pile in turns)
    order = [pile[at] for at in range(longest) for pile in turns if at < len(pile)]
    return [order[at % len(order)] for at in range(count)]


def prompts_of_step(
    entries: Sequence[PromptEntry], settings: GrpoConfig, *, seed: int, step: int, count: int = 0
) -> list[PromptEntry]:
    """The entries of a step, as the recipe says: without tasks that it leaves out, as hard as its curriculum lets in.

    Args:
        entries: what there is.
        settings: the recipe.
        seed: of the run.
        step: of the run.
        count: how many; 0: as many as the recipe says.
    """
    allowed = [one for one in entries if f"{one.domain}.{one.task}" not in settings.leave_out]
    count = count or settings.prompts_per_step
    return draw_prompts(allowed, count, hardest=hardest_of(step, settings), seed=seed, step=step) if allowed else []


def hardest_of(step: int, settings: GrpoConfig) -> int:
    """The hardest difficulty that a step of a recipe may draw."""
    return hardest_at(step, settings.steps) if settings.curriculum else HARDEST


def _shuffle(items: Sequence[T], random: np.random.Generator) -> list[T]:
    return [items[int(at)] for at in random.permutation(len(items))]


def hardest_at(step: int, steps: int) -> int:
    """The curriculum: hardest difficulty that may be drawn, from 1 at the first step to all from the middle on."""
    return min(HARDEST, 1 + int((step - 1) * 2 * HARDEST / max(1, steps)))


class _CorpusPrompts:
    """Requests of a corpus folder."""

    def __init__(self, folder: Path, config: DataConfig) -> None:
        root = root_of(folder)
        self._cache, self._streams = Cache(root / "tools.sqlite"), OpenStreams(root)
        candidates = root / CANDIDATES
        kept = {str(row["id"]) for row in read_rows(root / "export" / TRAINING)}
        self._rows = [row for row in read_rows(candidates) if row["id"] in kept and _is_wanted(row, config)]
        names = {row["id"] for row in self._rows}
        drafts = read_rows(root / "3_drafts.jsonl")
        self._drafts: dict[str, Json] = {row["id"]: row["draft"] for row in drafts if row["id"] in names}
        self.entries = [
            _entry(number, row["id"], row["domain"], row["task"], row["origin"])
            for number, row in enumerate(self._rows)
        ]
        self.digest = hashlib.sha256(candidates.read_bytes()).hexdigest()

    def open(self, entry: PromptEntry) -> Prompt:
        """The prompt of an entry."""
        row = self._rows[entry.number]
        task = self._streams.domain(entry.domain).task(entry.task)
        window = (float(row["window"][0]), float(row["window"][1]))
        state = State(entry.name, entry.domain, entry.task, Intent(row["intent"]), window, budget=task.budget)
        session = Session(self._streams.stream(str(row["path"])), task, self._cache)
        return Prompt(entry.name, _timeless(state), session, self._drafts.get(entry.name), entry.difficulty)

    def calls(self) -> Mapping[str, int]:
        """Calls that the cache answered, and others."""
        return {"hits": self._cache.hits, "misses": self._cache.misses}


class _PackPrompts:
    """Requests of a pack."""

    def __init__(self, pack: CorpusPack, config: DataConfig) -> None:
        self._pack, self._domain = pack, cache(load_domain)
        requests = pack.requests(part="training")
        self._requests = [one for one in requests if _is_wanted({"id": one.id, "domain": one.domain}, config)]
        self.entries = [
            _entry(number, one.id, one.domain, one.task, one.origin) for number, one in enumerate(self._requests)
        ]
        self.digest = hashlib.sha256((pack.root / MANIFEST).read_bytes()).hexdigest()

    def open(self, entry: PromptEntry) -> Prompt:
        """The prompt of an entry."""
        request, domain = self._requests[entry.number], self._domain(entry.domain)
        state, session = self._pack.state(request, domain), self._pack.session(request, domain)
        return Prompt(entry.name, _timeless(state), session, request.reference, entry.difficulty)

    def calls(self) -> Mapping[str, int]:
        """Calls that are not in the pack, by tool."""
        return {f"unavailable: {tool}": count for tool, count in self._pack.missed_calls.items()}


def _entry(number: int, name: str, domain: str, task: str, origin: Mapping[str, Any]) -> PromptEntry:
    return PromptEntry(str(name), domain, task, int(origin.get("difficulty", MIDDLE)), number)


def _timeless(state: State) -> State:
    """Without a limit of wall-clock time: how fast a machine is must not change what is learnt."""
    return replace(state, budget=state.budget.model_copy(update={"seconds": 1e9}))


def _is_wanted(row: Mapping[str, Any], config: DataConfig) -> bool:
    return (not config.domains or row["domain"] in config.domains) and rank(str(row["id"])) < config.share
