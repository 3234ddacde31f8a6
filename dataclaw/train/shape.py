"""The shape of a model without its weights: how many parameters, how wide, how deep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dataclaw.agent.policy.bases import base_folder
from dataclaw.errors import ConfigError
from dataclaw.train.config import ModelConfig
from dataclaw.train.devices import library


@dataclass(frozen=True, slots=True)
class Shape:
    """What memory and time depend on.

    Attributes:
        parameters: all of them; shared ones count once.
        adapter: parameters that a LoRA adapter of the configured rank adds.
        hidden: width of the model.
        inner: width inside a layer's perceptron.
        layers: how many layers.
        vocabulary: tokens that it knows.
    """

    parameters: int
    adapter: int
    hidden: int
    inner: int
    layers: int
    vocabulary: int


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
    sees = getattr(settings, "vision_config", None) is not None
    return (transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM), settings


def _settings(config: ModelConfig, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"transformers knows no such model: {str(error).strip().splitlines()[0]}",
            place=f"[model] {'shape' if config.shape else 'name'}",
            remedy="Name a folder or hub id with a config.json; `shape` is a model type such as llama or qwen3_5.",
        ) from None


def measure(config: ModelConfig) -> Shape:
    """The shape of a run's model; nothing is allocated.

    Raises:
        ConfigError: as `kind_of`.
    """
    torch = library("torch")
    kind, settings = kind_of(config)
    with torch.device("meta"):
        model = kind.from_config(settings)
    model.tie_weights()
    text, head = settings.get_text_config(), model.get_output_embeddings()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
    return Shape(
        parameters=sum(int(p.numel()) for p in model.parameters()),
        adapter=sum(config.lora.r * (m.in_features + m.out_features) for m in linear),
        hidden=int(text.hidden_size),
        inner=int(getattr(text, "intermediate_size", None) or 4 * text.hidden_size),
        layers=int(text.num_hidden_layers),
        vocabulary=int(text.vocab_size),
    )
