"""How well a model in training does on traces that it does not learn: by domain, with the right turns before each turn.

A turn counts as right when every one of its tokens is the model's likeliest, so exactly when greedy decoding would have
written it. Drafts are long and have many right wordings, so only their tool's name and their loss count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataclaw.train.devices import library
from dataclaw.train.rows import RowIndices, fill_rows, pack_row
from dataclaw.train.tokens import TrainingExample
from dataclaw.train.trainee import Trainee

SUBMIT = "submit"


@dataclass
class _Counts:
    loss: float = 0.0
    right: int = 0
    tokens: int = 0
    turns: int = 0
    tools: int = 0
    calls: int = 0
    exact: int = 0


def validate(trainee: Trainee, examples: Sequence[TrainingExample], row_tokens: int) -> dict[str, dict[str, float]]:
    """Figures by domain, in the order of names.

    Args:
        trainee: the model; it is in training mode again afterwards.
        examples: validation traces.
        row_tokens: tokens that go through the model at once.

    Returns:
        domain -> `loss` (mean negative log-likelihood of a learnt token), `token_accuracy`, `tool_accuracy` (turns
        whose tool's name is right), `call_accuracy` (tool calls that are right to the last argument; drafts apart),
        `turns`, `calls` and `tokens` (how many of each there are). A figure of nothing is left out.
    """
    torch = library("torch")
    by_domain = defaultdict[str, list[TrainingExample]](list)
    for one in examples:
        by_domain[one.domain].append(one)
    figures = dict[str, dict[str, float]]()
    trainee.model.eval()
    with torch.no_grad():
        for domain, chosen in sorted(by_domain.items()):
            counts = _Counts()
            lengths = [len(one) for one in chosen]
            order = range(len(chosen))
            for row in fill_rows(lengths, order, max(row_tokens, *lengths)) if trainee.packs else [(i,) for i in order]:
                _judge(trainee, chosen, row, counts)
            figures[domain] = _figures(counts)
    trainee.model.train()
    return figures


def _judge(trainee: Trainee, examples: Sequence[TrainingExample], row: RowIndices, counts: _Counts) -> None:
    one = pack_row(examples, row)
    losses, hits = trainee.judge(one)
    right = np.zeros(len(one.ids), np.bool_)
    right[one.predicts + 1] = hits.cpu().numpy()
    counts.loss += float(losses.double().sum())
    counts.right += int(right.sum())
    counts.tokens += len(one.targets)
    for start, index in zip(one.bounds, row, strict=False):
        for turn in examples[index].turns:
            counts.turns += 1
            counts.tools += bool(right[start + turn.start : start + turn.head].all())
            if turn.tool != SUBMIT:
                counts.calls += 1
                counts.exact += bool(right[start + turn.start : start + turn.end].all())


def _figures(counts: _Counts) -> dict[str, Any]:
    figures: dict[str, float] = {
        "loss": counts.loss / counts.tokens,
        "token_accuracy": counts.right / counts.tokens,
        "tool_accuracy": counts.tools / counts.turns,
    }
    if counts.calls:
        figures["call_accuracy"] = counts.exact / counts.calls
    return {**figures, "turns": counts.turns, "calls": counts.calls, "tokens": counts.tokens}
