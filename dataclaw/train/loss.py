"""Cross entropy over a large vocabulary in pieces: full precision is made of a few hundred rows of logits at a time.

The model gives logits at the learnt positions alone (`logits_to_keep`); here they stay in the model's own precision,
and the gradient is written over them. In 16 bit that is 2 bytes a logit instead of 14.
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
        logits: (N, vocabulary), any float type.
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
                total[part] = torch.logsumexp(logits[part].float(), -1)
            ctx.save_for_backward(logits, targets, total)
            return total - logits.gather(1, targets[:, None])[:, 0].float()

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            logits, targets, total = ctx.saved_tensors
            for part in _pieces(logits):
                share = torch.exp(logits[part].float() - total[part, None])
                share.scatter_add_(1, targets[part, None], torch.full_like(total[part, None], -1.0))
                logits[part] = (share * gradient[part, None]).to(logits.dtype)
            return logits, None

    return TokenLosses


def _pieces(logits: Any) -> list[slice]:
    step = max(1, PIECE // max(1, logits.shape[1]))
    return [slice(at, at + step) for at in range(0, len(logits), step)]
