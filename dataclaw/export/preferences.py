"""Pairs for preference training: the accepted answer, and one that was handed in for the same and sent back.

The one sent back is a draft of the same rollout before its repair, or else the rejected draft of another run for the
same stream, task and window (such as a weaker model's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from dataclaw.agent.materialise import answer_of, thoughts_of
from dataclaw.export.asking import Asker
from dataclaw.export.example import Attached, Example, LeftOutExample, SampleMedia
from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.records import RejectionRecord
from dataclaw.run.rescore import read_trace
from dataclaw.types import Json


class Refused:
    """Drafts that were sent back, by the id of their sample.

    Args:
        outs: folders of runs.
    """

    def __init__(self, outs: Sequence[Path]) -> None:
        self._elsewhere: dict[str, Json] = {}
        for out in outs:
            for row in RunFolder(out).rows("rejected", RejectionRecord):
                if isinstance(row.draft, dict):
                    self._elsewhere.setdefault(row.id, row.draft)

    def pair(
        self, example: Example | LeftOutExample, asker: Asker, folder: RunFolder, media: SampleMedia
    ) -> Example | LeftOutExample:
        """The example with the answer that was sent back, or why it has none."""
        if isinstance(example, LeftOutExample):
            return example
        if example.step is not None or len([t for t in example.turns if t.role == "user"]) > 1:
            return LeftOutExample(example.id, "drafts are sent back whole, which makes no pair of steps")
        draft = self._draft(example, folder)
        if draft is None:
            return LeftOutExample(example.id, "no draft for the same was sent back")
        shown = [p.medium for t in example.turns for p in t.fragments if isinstance(p, Attached)]
        body = cast("dict[str, Json]", draft)
        turn = asker.answer_turn(example.sample, answer_of(body), thoughts_of(body), media, shown)
        if not turn.fragments or turn == example.turns[-1]:
            return LeftOutExample(example.id, "the draft that was sent back says the same")
        return replace(example, rejected=turn)

    def _draft(self, example: Example, folder: RunFolder) -> Json:
        """The worst draft of the rollout that a rule sent back, else one of another run; None without either."""
        file = folder.inside(f"traces/{example.sample.id}.json")
        drafts = read_trace(file)[0].drafts if file else ()
        held = [draft for draft in drafts if not draft.verdict.passed and isinstance(draft.draft, dict)]
        if held:
            return min(held, key=lambda draft: draft.verdict.paper_total).draft
        return self._elsewhere.get(example.sample.id)
