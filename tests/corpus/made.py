"""A pack of a small corpus for the tests, and rollouts on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dataclaw.agent.batch import run_batch
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.corpus import CorpusConfig
from dataclaw.corpus.packs.corpus_pack import CorpusPack, PackedRequest, read_pack
from dataclaw.corpus.unit import trace_of
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.types import Action, Json
from dataclaw.worlds import register

register("tiny", "tests.evals.tiny:WORLD")
CONFIG = CorpusConfig(
    worlds=["tiny", "cuts", "darkroom"],
    streams=2,
    asks=8,
    detours=0.5,
    near=1.0,
    validation=0.5,
    first_seed=1,
    difficulties=[2, 3],
)
DOMAINS = {name: load_domain(name) for name in ("education", "aigc")}
Messages = list[dict[str, Json]]


@dataclass
class Kept:
    """A pack, and what is known of the corpus that it was made of, which is gone."""

    folder: Path
    corpus: Path  # a copy; the pack's own was removed
    traces: dict[str, Messages]
    planned: dict[str, Messages]
    fingerprints: dict[str, Json]

    def read(self) -> CorpusPack:
        return read_pack(self.folder)


def rollout(state: State, session: Session, policy: Any) -> Messages:
    (done,) = run_batch([(state, session)], policy)
    return trace_of(done, session)


def begun(pack: CorpusPack, ask: PackedRequest) -> tuple[State, Session, Domain]:
    domain = DOMAINS[ask.domain]
    return pack.state(ask, domain), pack.session(ask, domain), domain


def called(pack: CorpusPack, ask: PackedRequest, tool: str, **args: Json) -> Any:
    state, session, _ = begun(pack, ask)
    return session.use(replace(state, pending=Action(tool, args), phase="use_tools"))[0]


def pictured(pack: CorpusPack) -> PackedRequest:
    """An ask about a pair of pictures."""
    return next(ask for ask in pack.requests("aigc", part=None) if pack.stream(ask.stream).frames is not None)
