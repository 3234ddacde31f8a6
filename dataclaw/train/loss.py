"""Cross entropy over a large vocabulary in pieces: only a few hundred rows are in full precision at a time.

Differences from the textbook (softmax cross entropy):

- The model gives logits at the learnt positions alone (`logits_to_keep`), and they stay in the model's own precision.
- Sums are made in float32, piece by piece; the gradient is written over the logits. In 16 bit that takes 2 bytes a
  logit instead of 14.

Axes: N learnt tokens, V tokens of the vocabulary.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from dataclaw.train.devices import library

PIECE = 1 << 26
"""Logits that are held in float32 at a time, 256 MiB."""


def token_losses(logits: Any, targets: Any) -> Any:
    """Negative log-likelihood of each target.

    The gradient is written over `logits`: use them for nothing else.

    Args:
        logits: (N, V), any float type.
        targets: (N,), whole numbers.

    Returns:
        (N,), float32.
    """
    return _function().apply(logits, targets)


@cache
def _function() -> Any:
    torch = library("torch")

    class TokenLosses(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, logits: Any, targets: Any) -> Any:
            total = torch.empty(len(targets), dtype=torch.float32, device=logits.device)
            for part in _pieces(logits):
                total[part] = torch.logsumexp(logits[part].float(), -1)  # (n, V) -> (n,)
            ctx.save_for_backward(logits, targets, total)
            return total - logits.gather(1, targets[:, None])[:, 0].float()

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            logits, targets, total = ctx.saved_tensors
            for part in _pieces(logits):
                share = torch.exp(logits[part].float() - total[part, None])  # softmax, (n, V)
                share.scatter_add_(1, targets[part, None], torch.full_like(total[part, None], -1.0))
                logits[part] = (share * gradient[part, None]).to(logits.dtype)
            return logits, None

    return TokenLosses


def _pieces(logits: Any) -> list[slice]:
    step = max(1, PIECE // max(1, logits.shape[1]))
    return [slice(at, at + step) for at in range(0, len(logits), step)]
