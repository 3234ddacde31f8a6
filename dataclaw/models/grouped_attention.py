"""Attention of one new token over the keys of a conversation, where several heads share keys (grouped queries).

Heads that share keys become queries that share them: keys and values are read where they lie. Copying them for every
head, as transformers 5.17 does, moves more memory than all the rest of a step of decoding.
"""

from __future__ import annotations

from typing import Any, cast

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations import sdpa_attention

NAME = "dataclaw_grouped"
"""How transformers knows this attention."""


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    **given: Any,
) -> tuple[Tensor, None]:
    """Attention as transformers calls it.

    Args:
        module: the layer.
        query: `(n, heads, q, size)`.
        key: `(n, key heads, k, size)`; head h reads key head h // (heads / key heads).
        value: as `key`.
        attention_mask: `(n, 1, q, k)`, bool or added to the scores.
        scaling: of the scores; None: 1 / sqrt(size).
        dropout: of the weights.
        given: what else transformers tells an attention.

    Returns:
        `(n, q, heads, size)`, and no weights.
    """
    n, heads, q, size = query.shape
    kinds = key.shape[1]
    if q > 1 or heads == kinds:
        plain = cast("Any", sdpa_attention).sdpa_attention_forward
        return plain(module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **given)
    packed = query.reshape(n, kinds, heads // kinds, size)
    mixed = scaled_dot_product_attention(packed, key, value, attention_mask, dropout, scale=scaling)
    return mixed.reshape(n, 1, heads, size), None


AttentionInterface.register(NAME, attend)
