"""What rollouts begin with: asks of a corpus or of a pack, each with its stream, its tools and its rules.

A corpus has its streams and media beside it; a pack has neither and needs neither. Both know the draft that the expert
handed in, which only rules of the reward may look at: a rollout that learnt from it would learn what nobody tells it
later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.corpus.packs.corpus_pack import CorpusPack, PackedRequest, read_pack
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.errors import ConfigError, UsageError
from dataclaw.tools.cache import Cache
from dataclaw.train.config import DataConfig
from dataclaw.train.corpus_streams import CANDIDATES, Domains, OpenStreams, read_rows, root_of
from dataclaw.train.tokens import TRAINING, rank
from dataclaw.types import Intent, Json

T = TypeVar("T")
HARDEST = 5
"""Difficulty of the worlds' hardest streams; real recordings count as the middle."""
MIDDLE = 3


@dataclass(frozen=True, slots=True)
class PromptEntry:
    """Something that may be asked.

    Attributes:
        name: its id.
        domain: its domain.
        task: its task.
        difficulty: 1 (easy) to 5 (hard).
        number: where its source finds it.
    """

    name: str
    domain: str
    task: str
    difficulty: int
    number: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """An ask that is ready for rollouts.

    Attributes:
        name: the ask's id.
        state: what every rollout of it begins with.
        session: where its rollouts happen; knows no reference.
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

    def open(self, ask: PromptEntry) -> Prompt:
        """The prompt of an ask."""
        ...

    def calls(self) -> Mapping[str, int]:
        """What became of tool calls so far: "hits" and "misses" of the cache, "unavailable: TOOL" for want of media."""
        ...


def read_prompts(config: DataConfig, media: Path | None = None) -> Prompts:
    """The asks that a run may use: those of its domains, of its share, and of the training part.

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
        raise UsageError("no pack that media would be for.", place=str(folder), remedy=remedy)
    prompts: _PackPrompts | _CorpusPrompts = (
        _PackPrompts(read_pack(folder, media=media), config) if packed else _CorpusPrompts(folder, config)
    )
    if not prompts.entries:
        remedy = "Check `domains` and `share` of [data], or take a larger corpus."
        raise ConfigError("there is no ask to begin rollouts with.", place=str(folder), remedy=remedy)
    return prompts


def draw_prompts(asks: Sequence[PromptEntry], count: int, *, hardest: int, seed: int, step: int) -> list[PromptEntry]:
    """The asks of a step, none twice as long as there are enough: drawn evenly over domains and tasks.

    Args:
        asks: what there is.
        count: how many.
        hardest: most difficult that may be drawn; where none is so easy, all may.
        seed: of the run.
        step: of the run; with the seed it decides what is drawn.
    """
    random = np.random.default_rng([seed, step])
    pool = _shuffle([ask for ask in asks if ask.difficulty <= hardest] or list(asks), random)
    piles: dict[tuple[str, str], list[PromptEntry]] = {}
    for ask in pool:
        piles.setdefault((ask.domain, ask.task), []).append(ask)
    turns = _shuffle([piles[name] for name in sorted(piles)], random)
    longest = max(len(pile) for pile in turns)
    order = [pile[at] for at in range(longest) for pile in turns if at < len(pile)]
    return [order[at % len(order)] for at in range(count)]


def _shuffle(items: Sequence[T], random: np.random.Generator) -> list[T]:
    return [items[int(at)] for at in random.permutation(len(items))]


def hardest_at(step: int, steps: int) -> int:
    """The curriculum: hardest difficulty that may be drawn, from 1 at the first step to all from the middle on."""
    return min(HARDEST, 1 + int((step - 1) * 2 * HARDEST / max(1, steps)))


class _CorpusPrompts:
    """Asks of a corpus folder."""

    def __init__(self, folder: Path, config: DataConfig) -> None:
        root = root_of(folder)
        self._domains, self._cache, self._open = Domains(), Cache(root / "tools.sqlite"), OpenStreams(root)
        candidates = root / CANDIDATES
        kept = {str(row["id"]) for row in read_rows(root / "export" / TRAINING)}
        self._rows = [row for row in read_rows(candidates) if row["id"] in kept and _is_wanted(row, config)]
        names = {row["id"] for row in self._rows}
        drafts = read_rows(root / "3_drafts.jsonl")
        self._drafts: dict[str, Json] = {row["id"]: row["draft"] for row in drafts if row["id"] in names}
        self.entries = [
            PromptEntry(
                str(row["id"]), row["domain"], row["task"], int(row["origin"].get("difficulty", MIDDLE)), number
            )
            for number, row in enumerate(self._rows)
        ]
        self.digest = hashlib.sha256(candidates.read_bytes()).hexdigest()

    def open(self, ask: PromptEntry) -> Prompt:
        """The prompt of an ask."""
        row = self._rows[ask.number]
        domain = self._domains[ask.domain]
        task = domain.task(ask.task)
        window = (float(row["window"][0]), float(row["window"][1]))
        state = State(ask.name, ask.domain, ask.task, Intent(row["intent"]), window, budget=task.budget)
        session = Session(self._open.stream(str(row["path"]), domain), task, self._cache)
        return Prompt(ask.name, _timeless(state), session, self._drafts.get(ask.name), ask.difficulty)

    def calls(self) -> Mapping[str, int]:
        """Calls that the cache answered, and others."""
        return {"hits": self._cache.hits, "misses": self._cache.misses}


class _PackPrompts:
    """Asks of a pack."""

    def __init__(self, pack: CorpusPack, config: DataConfig) -> None:
        self._pack, self._domains = pack, Domains()
        said = pack.requests(part="training")
        self._said: list[PackedRequest] = [
            ask for ask in said if _is_wanted({"id": ask.id, "domain": ask.domain}, config)
        ]
        self.entries = [
            PromptEntry(ask.id, ask.domain, ask.task, int(ask.origin.get("difficulty", MIDDLE)), number)
            for number, ask in enumerate(self._said)
        ]
        self.digest = hashlib.sha256((pack.root / MANIFEST).read_bytes()).hexdigest()

    def open(self, ask: PromptEntry) -> Prompt:
        """The prompt of an ask."""
        said, domain = self._said[ask.number], self._domains[ask.domain]
        session = self._pack.session(said, domain)
        return Prompt(ask.name, _timeless(self._pack.state(said, domain)), session, said.reference, ask.difficulty)

    def calls(self) -> Mapping[str, int]:
        """Calls that are not in the pack, by tool."""
        return {f"unavailable: {tool}": count for tool, count in self._pack.missed_calls.items()}


def _timeless(state: State) -> State:
    """Without a limit of wall-clock time: how fast a machine is must not change what is learnt."""
    return replace(state, budget=state.budget.model_copy(update={"seconds": 1e9}))


def _is_wanted(row: Mapping[str, Any], config: DataConfig) -> bool:
    return (not config.domains or row["domain"] in config.domains) and rank(str(row["id"])) < config.share
