"""A model in training: loaded, adapted, spread over the processes, and what it computes of a row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.models.vision import Vision
from dataclaw.strict import load_json
from dataclaw.train import attention
from dataclaw.train.base_model import Base, check_adapter, load_base, with_lora
from dataclaw.train.config import ModelConfig
from dataclaw.train.devices import library, on_device
from dataclaw.train.loss import token_losses
from dataclaw.train.rows import PackedRow
from dataclaw.train.shape import kind_of
from dataclaw.train.workers import Workers, layers, shard

KINDS = 64
"""Kinds of calls that compiled layers are compiled for."""


@dataclass(frozen=True, slots=True)
class Trainee:
    """A model in training.

    Attributes:
        base: what it was before.
        model: the model, with its adapter if it has one.
        attention: name of its attention.
        packs: whether traces may share a row.
        dtype: number format of the computation.
        workers: the processes it is spread over.
        vision: how it sees; None: it reads text only.
    """

    base: Base
    model: Any
    attention: str
    packs: bool
    dtype: str
    workers: Workers
    vision: Vision | None = None

    def losses(self, row: PackedRow) -> Any:
        """Negative log-likelihood of every learnt token of a row, (N,), float32."""
        targets = on_device(row.targets, self.workers.device)
        return token_losses(self._logits(row), targets)

    def judge(self, row: PackedRow) -> tuple[Any, Any]:
        """Of every learnt token of a row its negative log-likelihood and whether it is the likeliest one, (N,) each."""
        targets = on_device(row.targets, self.workers.device)
        logits = self._logits(row)
        return token_losses(logits, targets), logits.argmax(-1) == targets

    def learnt(self) -> dict[str, Any]:
        """The parameters that are trained, by name."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def record(self, begun: str, *, random_init: bool) -> dict[str, Any]:
        """What `run.json` says of it; `begun` identifies the adapter that training begins with."""
        digest = f"{self.base.digest}{begun}"
        return {
            "name": self.base.name,
            "digest": digest,
            "random_init": random_init,
            "attention": self.attention,
        }

    def arguments(self, row: PackedRow) -> dict[str, Any]:
        """What the model's forward takes for a row.

        Raises:
            DataClawError: images and tokens of the row disagree.
        """
        given = attention.arguments(row, self.attention, self.workers.device)
        if self.vision is None:
            return given
        self.vision.check(row.names[0], row.ids, row.images)
        places = self.vision.positions(row.ids, row.images)[:, None].to(self.workers.device)
        return given | {"position_ids": places} | self.vision.arguments(row.images, self.workers.device)

    def _logits(self, row: PackedRow) -> Any:
        """At the learnt positions alone: the others never reach the output layer. (N, vocabulary)."""
        torch, device = library("torch"), self.workers.device
        kind = device.partition(":")[0]
        keep = on_device(row.predicts, device)
        with torch.autocast(kind, torch.bfloat16, enabled=self.dtype == "bfloat16"):
            return self.model(**self.arguments(row), logits_to_keep=keep).logits[0]


def load(
    config: ModelConfig, workers: Workers, *, seed: int, random_init: bool = False, image_side: int = 0
) -> Trainee:
    """The model of a run, ready to train.

    Args:
        config: which model, and how much of it.
        workers: the processes.
        seed: of the adapter's first weights, and of random ones.
        random_init: random weights of the same shape.
        image_side: longest side of images that it is shown [px], each trace in a row of its own; 0: it only reads.

    Raises:
        ConfigError: no such model, device or attention, the weights do not fit, or it is to see and does not.
    """
    torch = library("torch")
    kept = "float32" if config.tuning == "full" else config.dtype  # in 16 bit small steps of a weight would be lost
    if random_init and config.shape:
        if image_side:
            raise ConfigError(
                "a model named by its shape has no image processor.", place="[data] images", remedy="Set it to false."
            )
        base = _random(config, workers.device, kept, seed)
    else:
        base = load_base(
            config.name, device=workers.device, dtype=kept, random_init=random_init, seed=seed, image_side=image_side
        )
    name = attention.choose(base.model, config.attention, images=bool(image_side))
    torch.manual_seed(seed)
    model = with_lora(base, config.lora) if config.tuning == "lora" else base.model
    if config.dtype != "float32":
        _leave_inputs(model)
    if config.tuning == "full":
        model.requires_grad_(True)
    if config.checkpointing:
        _recompute(base.model)
    if config.compile:
        _compile(model)
    shard(model, workers, config.dtype)
    packs = attention.packs(base.model.config) and not base.vision
    return Trainee(base, model.train(), name, packs, config.dtype, workers, base.vision)


def take_adapter(trainee: Trainee, config: ModelConfig, folder: Path) -> str:
    """Put an adapter's weights into the one that is trained; the part of the digest that identifies it.

    Raises:
        ConfigError: all weights are trained, or the adapter is of another base or shape.
    """
    if config.tuning != "lora":
        remedy = 'Set tuning = "lora", or name the folder of the trained model in [model] name.'
        raise ConfigError(
            "all weights are trained, so training cannot begin with an adapter.", place=str(folder), remedy=remedy
        )
    check_adapter(trainee.base, folder)
    said = load_json((folder / "adapter_config.json").read_text(encoding="utf-8"))
    shape = {"r": config.lora.r, "lora_alpha": config.lora.alpha}
    wrong = [f"{name} {said.get(name)} and not {value:g}" for name, value in shape.items() if said.get(name) != value]
    if wrong:
        raise ConfigError(
            f"the adapter has {', '.join(wrong)}.", place=str(folder), remedy="Set the same in [model.lora]."
        )
    peft: Any = library("peft")
    weights = peft.load_peft_weights(str(folder), device=trainee.workers.device)
    peft.set_peft_model_state_dict(trainee.model, weights)
    return f"+{hashlib.sha256((folder / 'adapter_model.safetensors').read_bytes()).hexdigest()}"


def _compile(model: Any) -> None:
    """Compile the layers; all share their code, which is compiled anew for each kind of call.

    With gradients and without, of the first layer and of the others, of one length and of any: torch's own limit is 8
    kinds, beyond which it computes as if nothing had been compiled.
    """
    settings = library("torch._dynamo").config
    settings.recompile_limit = max(settings.recompile_limit, KINDS)
    for layer in layers(model):
        layer.compile()


def _leave_inputs(model: Any) -> None:
    """Hand an adapter its inputs as they are: peft would write them in float32, and autocast in 16 bit again."""
    for module in model.modules():
        if hasattr(module, "cast_input_dtype_enabled"):
            module.cast_input_dtype_enabled = False


def _recompute(model: Any) -> None:
    """Keep a layer's input only, and compute the layer again in the backward pass."""
    settings = {"use_reentrant": False}
    if hasattr(model, "activation_checkpointing_enable"):
        model.activation_checkpointing_enable(settings)
    else:  # transformers 5.17
        model.gradient_checkpointing_enable(settings)


def _random(config: ModelConfig, device: str, dtype: str, seed: int) -> Base:
    """A model of that shape with random weights, and no tokeniser."""
    torch = library("torch")
    kind, settings = kind_of(config)
    torch.manual_seed(seed)
    with torch.device(device):
        model = kind.from_config(settings, dtype=getattr(torch, dtype))
    return Base(config.name, "", model, None)
