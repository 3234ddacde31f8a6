"""What measuring needs to know about a finished rollout, and of the worlds that it came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dataclaw.agent import steps
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.evals.metrics import CitedDraft, DraftSetting
from dataclaw.plugins.carried import carried_folders
from dataclaw.schema import dotted_path
from dataclaw.types import Json
from dataclaw.worlds import folder_of


@dataclass(frozen=True, slots=True)
class RolloutSummary:
    """How one rollout went.

    Attributes:
        accepted: its draft passed every rule.
        why: why it was not, "" where it was.
        draft: the best draft handed in, None where there is none.
        calls: tool calls, submits among them.
        wrote: tokens of all policy turns (characters / 4 where the policy has no tokens).
        read: tokens of all results (characters / 4).
        seconds: wall-clock time [s].
    """

    accepted: bool
    why: str
    draft: Json
    calls: int
    wrote: int
    read: int
    seconds: float


def rollout_summary(state: State, seconds: float) -> RolloutSummary:
    """How a finished rollout went."""
    best = steps.best(state)
    wrote = sum(turn.tokens or len(turn.text) // 4 for turn in state.turns if turn.role == "policy")
    read = sum(len(turn.text) // 4 for turn in state.turns if turn.role == "result")
    accepted = best is not None and best.verdict.passed
    why = "" if accepted else refusal(state)
    return RolloutSummary(accepted, why, best.draft if best else None, state.spent.tool_calls, wrote, read, seconds)


def refusal(state: State) -> str:
    """Why a finished rollout gave no accepted draft."""
    best = steps.best(state)
    if best is None:
        return state.error or f"no draft was handed in ({state.stop})"
    broken = [f"{rule} failed: {why}" for rule, why in best.verdict.failed.items()]
    found = [f"{f.rule} {dotted_path(f.path)}: {f.message}" for f in best.verdict.findings()[:3]]
    after = f"; then: {state.error}" if state.error else ""
    return f"held by {', '.join(best.verdict.held)}: " + "; ".join([*broken, *found]) + after


def cited_draft(state: State | None) -> CitedDraft:
    """The draft of a rollout for the metrics, the one that the rubric ranks first, with the anchors that it cites."""
    best = steps.best(state) if state else None
    return CitedDraft(best.draft, best.cited) if best else CitedDraft(None)


def setting_of(state: State, session: Session) -> DraftSetting:
    """What the drafts of a rollout are read against."""
    frames = session.stream.frames
    return DraftSetting(session.task.schema, len(frames.times) if frames else 0, state.window, session.labels)


def source_hash(world: str) -> str:
    """Hash of the source code in the folder of a world's module (12 hex digits): the world's version."""
    return folder_hash(folder_of(world))


def folder_hash(folder: Path) -> str:
    """Hash of the files of a package (12 hex digits); compiled ones and what a domain carries are left out."""
    digest, aside = hashlib.sha256(), carried_folders(folder)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not any(map(path.resolve().is_relative_to, aside)):
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
