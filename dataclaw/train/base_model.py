"""The models that are trained: a base, its tokeniser, and LoRA adapters on it.

A base is the embedded model, or any causal language model or vision-language model of transformers. The embedded model
lies on disk as GGUF; it is turned once into safetensors in the user's cache. An adapter is kept with the digest of its
base, since a low-rank change of other weights is noise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from dataclaw.errors import ConfigError, UsageError
from dataclaw.files import sha256_of, whole_folder
from dataclaw.models.adapter_folder import RECORD, check_base
from dataclaw.models.bases import base_folder, digest_of
from dataclaw.models.chatml import END, JINJA, START
from dataclaw.models.libraries import quietly, without_peft_warning
from dataclaw.models.vision import Vision, auto_class, read_processor, sees
from dataclaw.strict import Strict, load_json
from dataclaw.train.devices import check_dtype, check_memory, device_of, library


class LoraConfig(Strict):
    """A low-rank adapter.

    Attributes:
        r: rank.
        alpha: the change is scaled by `alpha / r`.
        dropout: share of an adapter's inputs that is dropped in training.
        targets: which layers; all linear ones but the output layer.
    """

    r: Annotated[int, Field(ge=1, le=512)] = 16
    alpha: Annotated[float, Field(gt=0)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    targets: Literal["all-linear"] = "all-linear"


@dataclass(frozen=True, slots=True)
class Base:
    """A model as it was before training.

    Attributes:
        name: as in the recipe.
        digest: sha256 that tells its weights from others; adapters remember it.
        model: the model of transformers, in evaluation mode.
        tokeniser: its tokeniser; `<|im_end|>` ends a turn and pads.
        vision: how it sees, where images were asked for.
    """

    name: str
    digest: str
    model: Any
    tokeniser: Any
    vision: Vision | None = None


def load_base(
    name: str,
    *,
    device: str = "cpu",
    dtype: str = "float32",
    random_init: bool = False,
    seed: int = 0,
    image_side: int = 0,
) -> Base:
    """A model to train or to run.

    Args:
        name: "embedded", a folder with a model of transformers, or the id of one on the Hugging Face hub.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        dtype: "float32" or "bfloat16".
        random_init: random weights of the same shape, to measure a machine; no weights are read.
        seed: of the random weights.
        image_side: longest side of images that it is to be shown [px]; 0: it reads text only.

    Raises:
        ConfigError: no such model, device or dtype; the weights do not fit; its tokeniser knows no ChatML; or it is to
            see and does not.
        PolicyError: the embedded model was not fetched.
        MissingExtraError: torch or transformers is not installed.
    """
    transformers: Any = library("transformers")
    device = device_of(device)
    check_dtype(dtype)
    folder = base_folder(name, weights=not random_init)
    config = _read(transformers.AutoConfig, folder, name)
    if image_side and not sees(config):
        remedy = "Set images = false, or name a model of the Qwen-VL family."
        raise ConfigError(f"{name} ({config.model_type}) does not see here.", place="[data] images", remedy=remedy)
    tokeniser = _tokeniser(transformers, folder, name)
    kind = auto_class(transformers, config)
    check_memory(name, count_parameters(empty_model(kind, config)), device, dtype)
    if random_init:
        model = _random(kind, config, device, dtype, seed)
        digest = hashlib.sha256(f"{config.to_json_string()}\0{seed}".encode()).hexdigest()
    else:
        model = _read(kind, folder, name, dtype=_dtype(dtype)).to(device)
        digest = digest_of(name, folder)
    _end_turns(model, tokeniser)
    vision = Vision(model, read_processor(transformers, folder), image_side) if image_side else None
    return Base(name, digest, model.eval(), tokeniser, vision)


def empty_model(kind: Any, config: Any) -> Any:
    """A model of that configuration without numbers: nothing is allocated."""
    with library("torch").device("meta"):
        model = kind.from_config(config)
    model.tie_weights()
    return model


def count_parameters(model: Any) -> int:
    """How many numbers a model has; shared ones count once."""
    return sum(int(p.numel()) for p in model.parameters())


def with_lora(base: Base, config: LoraConfig) -> Any:
    """A model that trains an adapter on the base, whose own weights are frozen.

    The base's model is changed in place, so a base carries one adapter. Set torch's seed before: A is drawn at random
    (B is 0, so that at first nothing changes).

    Raises:
        UsageError: the base carries an adapter already.
    """
    _check_no_adapter(base)
    peft: Any = library("peft")
    lora = peft.LoraConfig(
        r=config.r,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=config.targets,
        task_type="CAUSAL_LM",
    )
    with without_peft_warning():
        return peft.get_peft_model(base.model, lora)


def save_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write an adapter; the folder is whole or not there, whenever the process is killed.

    Args:
        model: what `with_lora` or `load_adapter` gave.
        base: its base.
        folder: where to; an adapter that is there is replaced.
    """
    with whole_folder(folder) as part:
        model.save_pretrained(part)
        (part / "README.md").unlink(missing_ok=True)  # a form that peft leaves empty
        _forget_places(part / "adapter_config.json", base)
        files = {file.name: sha256_of(file) for file in sorted(part.iterdir())}
        seen = {"image_side": base.vision.side} if base.vision else {}
        record = {"base": base.name, "base_digest": base.digest, **seen, "files": files}
        (part / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def load_adapter(base: Base, folder: Path, *, trainable: bool = False) -> Any:
    """The base with an adapter that `save_adapter` wrote; the base's model is changed in place.

    Args:
        base: the model that the adapter was trained on.
        folder: where it lies.
        trainable: train it further.

    Raises:
        ConfigError: it is not whole, or was trained on another base.
        UsageError: the base carries an adapter already.
    """
    check_adapter(base, folder)
    _check_no_adapter(base)
    peft: Any = library("peft")
    with without_peft_warning():
        model = peft.PeftModel.from_pretrained(base.model, str(folder), is_trainable=trainable)
    return model if trainable else model.eval()


def check_adapter(base: Base, folder: Path) -> None:
    """Raise ConfigError unless the folder holds a whole adapter of that base."""
    check_base(folder, base.name, base.digest)


def _read(auto: Any, folder: Path, name: str, **options: Any) -> Any:
    """What an auto class of transformers reads from a folder."""
    damaged: type[Exception] = library("safetensors").SafetensorError
    try:
        with quietly():
            return auto.from_pretrained(folder, local_files_only=True, **options)
    except (OSError, ValueError, damaged) as error:
        raise ConfigError(
            f"{name} is no model that transformers can read: {str(error).strip().splitlines()[0]}",
            place="model.name",
            remedy="Name a folder with config.json, weights in safetensors and a tokeniser.",
        ) from None


def _tokeniser(transformers: Any, folder: Path, name: str) -> Any:
    tokeniser = _read(transformers.AutoTokenizer, folder, name)
    for token in (START, END):
        if len(tokeniser.encode(token, add_special_tokens=False)) != 1:
            raise ConfigError(
                f"the tokeniser of {name} has no token {token}, which the chat template needs.",
                place="model.name",
                remedy="Choose a base that speaks ChatML, such as SmolLM2 or Qwen.",
            )
    tokeniser.eos_token = tokeniser.pad_token = END
    tokeniser.chat_template = JINJA
    return tokeniser


def _end_turns(model: Any, tokeniser: Any) -> None:
    """Let the model's own settings name the token that ends a turn, too."""
    for settings in (model.config, model.generation_config):
        settings.eos_token_id = settings.pad_token_id = tokeniser.eos_token_id


def _dtype(name: str) -> Any:
    return getattr(library("torch"), name)


def _random(kind: Any, config: Any, device: str, dtype: str, seed: int) -> Any:
    torch: Any = library("torch")
    with torch.random.fork_rng(devices=[device] if device.startswith("cuda") else []), torch.device(device):
        torch.manual_seed(seed)
        return kind.from_config(config, dtype=_dtype(dtype))


def _check_no_adapter(base: Base) -> None:
    if hasattr(base.model, "peft_config"):
        raise UsageError(
            f"{base.name!r} carries an adapter already.", remedy="Load the base again for another adapter."
        )


def _forget_places(config: Path, base: Base) -> None:
    """Name the base as the recipe does; peft writes the folder that it lay in on this machine."""
    said = load_json(config.read_text(encoding="utf-8"))
    said["base_model_name_or_path"] = base.name
    config.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
