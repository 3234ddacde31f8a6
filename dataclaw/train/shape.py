"""The shape of a model without its weights: how many parameters, how wide, how deep."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.models.bases import base_folder
from dataclaw.models.vision import auto_class
from dataclaw.train import attention
from dataclaw.train.base_model import count_parameters, empty_model
from dataclaw.train.config import ModelConfig
from dataclaw.train.devices import library


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What memory and time depend on.

    Attributes:
        parameters: all of them; shared ones count once.
        adapter: parameters that a LoRA adapter of the configured rank adds.
        hidden: width of the model.
        inner: width inside a layer's perceptron.
        layers: how many layers.
        vocabulary: tokens that it knows.
        keys: numbers that are kept of a token in a conversation, keys and values of all layers that keep them.
        state: numbers that layers with linear attention keep of a whole conversation.
        packs: whether conversations may share a row.
    """

    parameters: int
    adapter: int
    hidden: int
    inner: int
    layers: int
    vocabulary: int
    keys: int = 0
    state: int = 0
    packs: bool = True


def kind_of(config: ModelConfig) -> tuple[Any, Any]:
    """The auto class of a run's model and its configuration, from `shape` where that is given; no weights are fetched.

    Raises:
        ConfigError: no such model, or transformers knows no such kind.
    """
    transformers: Any = library("transformers")
    if config.shape:
        settings = _settings(config, lambda: transformers.AutoConfig.for_model(config.shape))
    else:
        folder = base_folder(config.name, weights=False)
        settings = _settings(config, lambda: transformers.AutoConfig.from_pretrained(folder, local_files_only=True))
    return auto_class(transformers, settings), settings


def _settings(config: ModelConfig, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"transformers knows no such model: {str(error).strip().splitlines()[0]}",
            place=f"[model] {'shape' if config.shape else 'name'}",
            remedy="Name a folder or hub id with a config.json; `shape` is a model type such as llama or qwen3_5.",
        ) from None


def measure(config: ModelConfig) -> ModelShape:
    """The shape of a run's model; nothing is allocated.

    Raises:
        ConfigError: as `kind_of`.
    """
    torch = library("torch")
    kind, settings = kind_of(config)
    model = empty_model(kind, settings)
    text, head = settings.get_text_config(), model.get_output_embeddings()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
    return ModelShape(
        parameters=count_parameters(model),
        adapter=sum(config.lora.r * (m.in_features + m.out_features) for m in linear),
        hidden=int(text.hidden_size),
        inner=int(getattr(text, "intermediate_size", None) or 4 * text.hidden_size),
        layers=int(text.num_hidden_layers),
        vocabulary=int(text.vocab_size),
        keys=_keys(text),
        state=_state(text),
        packs=attention.packs(settings),
    )


def _keys(text: Any) -> int:
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return 2 * (text.num_hidden_layers - _linear(text)) * int(heads) * int(size)


def _state(text: Any) -> int:
    """A matrix for each head, as gated delta nets have it (Qwen3.5)."""
    sizes = ("linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim")
    return _linear(text) * math.prod(int(getattr(text, name, 0)) for name in sizes)


def _linear(text: Any) -> int:
    return sum(kind == "linear_attention" for kind in getattr(text, "layer_types", None) or ())
