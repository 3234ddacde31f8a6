"""Attention over rows of packed traces: no trace sees another, and no mask of row by row is ever made.

On a GPU, in 16 bit, one call of PyTorch's variable-length flash attention computes a row; elsewhere every trace is
computed by itself. Both do the work of the traces alone, where a mask does the work of the whole row squared.
"""

from __future__ import annotations

import inspect
from functools import cache
from itertools import pairwise
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.train.devices import library, on_device
from dataclaw.train.rows import PackedRow

NAME = "dataclaw_packed"
"""How transformers knows this attention."""


def choose(model: Any, asked: str, *, images: bool = False) -> str:
    """Set the attention of a model of transformers and give its name.

    Args:
        model: the model.
        asked: "auto", or the name of an implementation of transformers.
        images: it is shown images, whose patches attend to each other in both directions; ours is causal.

    Raises:
        ConfigError: transformers has no such implementation, or not for this model.
    """
    register()
    name = (NAME if plain(model.config) and not images else "sdpa") if asked == "auto" else asked
    try:
        model.set_attn_implementation(name)
    except (ValueError, ImportError, KeyError) as error:
        remedy = 'Say attention = "auto", or "eager", which every model has.'
        raise ConfigError(str(error).splitlines()[0], place="[model] attention", remedy=remedy) from None
    return name


def plain(config: Any) -> bool:
    """Whether every layer of a model attends to all that came before: no window, no cap, no other kind of layer."""
    text = config.get_text_config()
    kinds = set(getattr(text, "layer_types", None) or ["full_attention"])
    windowed = getattr(text, "sliding_window", None) and getattr(text, "use_sliding_window", True)
    capped = getattr(text, "attn_logit_softcapping", None)
    return kinds == {"full_attention"} and not capped and not (windowed and not getattr(text, "layer_types", None))


def packs(config: Any) -> bool:
    """Whether traces may share a row: layers that carry a state along (linear attention) would carry it across."""
    kinds = set(getattr(config.get_text_config(), "layer_types", None) or ["full_attention"])
    return kinds <= {"full_attention", "sliding_attention", "chunked_attention"}


def arguments(row: PackedRow, attention: str, device: str) -> dict[str, Any]:
    """What a model's forward takes for a row, the tokens and positions included; tensors have a batch axis of 1."""
    given: dict[str, Any] = {
        "input_ids": on_device(row.ids, device)[None],
        "position_ids": on_device(row.positions, device)[None],
        "use_cache": False,
    }
    # Bounds are passed for a single trace, too: without them compiled layers would be compiled again.
    if attention == NAME or (attention.startswith("flash") and len(row.names) > 1):
        bounds = on_device(row.bounds, device)
        given |= {"cu_seq_lens_q": bounds, "cu_seq_lens_k": bounds}
        given |= {"max_length_q": row.longest, "max_length_k": row.longest}
    return given


@cache
def register() -> None:
    """Make the attention known to transformers, which then makes no mask; compiled layers call it as it is."""
    library("transformers").AttentionInterface.register(NAME, library("torch").compiler.disable(attend))


def attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,  # noqa: ARG001 - there is no mask
    *,
    scaling: float | None = None,
    cu_seq_lens_q: Any = None,
    max_length_q: int = 0,
    **_: object,
) -> tuple[Any, None]:
    """Causal attention within traces, as transformers calls it.

    Args:
        module: the layer.
        query: (1, heads, T, size).
        key: (1, key heads, T, size).
        value: as `key`.
        attention_mask: none.
        scaling: of the scores; None: 1 / sqrt(size).
        cu_seq_lens_q: where traces begin, and the end, (traces + 1,); None: one trace.
        max_length_q: tokens of the longest trace.

    Returns:
        (1, T, heads, size), and no weights.

    Raises:
        ValueError: there are keys of earlier calls, or several rows: this is for training.
    """
    if query.shape[2] != key.shape[2] or query.shape[0] != 1:
        raise ValueError("packed attention takes one whole row and no cache; decode with another implementation")
    torch = library("torch")
    kind = query.device.type
    if torch.is_autocast_enabled(kind):  # float32 weights leave queries in float32 after their rotation
        query, key, value = (x.to(torch.get_autocast_dtype(kind)) for x in (query, key, value))
    dropout = float(module.config.attention_dropout or 0.0) if module.training else 0.0
    flash = cu_seq_lens_q is not None and query.is_cuda and query.dtype == torch.bfloat16 and not dropout
    groups = query.shape[1] // key.shape[1]
    if groups > 1 and not (flash and _shares_keys()):
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    if flash:
        q, k, v = (x[0].transpose(0, 1) for x in (query, key, value))
        return _flash(q, k, v, cu_seq_lens_q, max_length_q, scaling)[None], None
    bounds: list[int] = [0, query.shape[2]] if cu_seq_lens_q is None else cu_seq_lens_q.tolist()
    attended = torch.nn.functional.scaled_dot_product_attention
    parts = [
        attended(*(x[:, :, a:b] for x in (query, key, value)), dropout_p=dropout, is_causal=True, scale=scaling)
        for a, b in pairwise(bounds)
    ]
    return torch.cat(parts, 2).transpose(1, 2), None


def _flash(query: Any, key: Any, value: Any, bounds: Any, longest: int, scale: float | None) -> Any:
    """PyTorch's own variable-length flash attention; (T, heads, size) each, of keys perhaps fewer heads."""
    varlen: Any = library("torch.nn.attention.varlen").varlen_attn
    grouped = {"enable_gqa": True} if query.shape[1] != key.shape[1] else {}
    return varlen(query, key, value, bounds, bounds, longest, longest, scale=scale, **_causal(), **grouped)


@cache
def _shares_keys() -> bool:
    """Whether this release of torch lets heads share keys there; otherwise they are copied for every head."""
    return "enable_gqa" in inspect.signature(library("torch.nn.attention.varlen").varlen_attn).parameters


@cache
def _causal() -> dict[str, Any]:
    """The arguments that make attention causal in this release of torch."""
    known = inspect.signature(library("torch.nn.attention.varlen").varlen_attn).parameters
    return {"window_size": (-1, 0)} if "window_size" in known else {"is_causal": True}
