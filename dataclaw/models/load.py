"""Models of transformers, loaded for answering: `hf:PATH` or `hf:PATH@ADAPTER`; `hf:embedded` is the embedded model."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dataclaw.errors import PolicyError
from dataclaw.models.adapter_folder import RECORD, check_base, read_record
from dataclaw.models.adapter_turns import Adapters
from dataclaw.models.bases import base_folder, digest_of
from dataclaw.models.libraries import library, quietly, without_peft_warning
from dataclaw.models.vision import IMAGE_SIDE, Vision, auto_class, read_processor, sees

log = logging.getLogger(__name__)
PREFIX = "hf:"
CONTEXT = 8192
NEW_TOKENS = 4096
SLOTS = 4


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are sampled.

    Attributes:
        temperature: of the first attempt; 0 is greedy. Later attempts of a best-of-n sample at 0.8 at least.
        new_tokens: most tokens of an answer.
        context: longest conversation [tokens].
        slots: conversations at once.
        constrained: sample under the action schema.
        seed: changes everything that is drawn.
        graphs: CUDA graphs; None: on a CUDA device.
        autocast: numbers of torch to compute in ("bfloat16"), as mixed training does; None: the weights' own.
        images: show frames to a model that sees.
    """

    temperature: float = 0.0
    new_tokens: int = NEW_TOKENS
    context: int = CONTEXT
    slots: int = SLOTS
    constrained: bool = False
    seed: int = 0
    graphs: bool | None = None
    autocast: str | None = None
    images: bool = True


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model with what it needs to answer.

    Attributes:
        model: causal language model of transformers, perhaps with an adapter of peft.
        tokeniser: its tokeniser.
        manner: how answers are sampled on this machine.
        adapters: adapters that take turns in the model, by domain; None: it is as it is.
        vision: how the model sees; None: it reads text only.
    """

    model: Any
    tokeniser: Any
    manner: Manner
    adapters: Adapters | None
    vision: Vision | None


def load_model(name: str, manner: Manner, adapters: Mapping[str, Path] | None = None) -> LoadedModel:
    """The model of a name `hf:PATH[@ADAPTER]`; PATH is "embedded", a folder, or an id of the Hugging Face hub.

    Runs on the first CUDA device, in bfloat16 (float32 weights under autocast, as they were trained), else on the CPU
    in float32.

    Args:
        name: its name.
        manner: how answers are sampled.
        adapters: folders of adapters by domain, where the name has none.

    Raises:
        ConfigError: no such model is known, or the adapter is not whole or was trained on another base.
        PolicyError: there is no such model or adapter, it cannot be decoded here, or the embedded one was not fetched.
        MissingExtraError: torch, transformers or peft is not installed.
    """
    path, _, adapter = name.removeprefix(PREFIX).partition("@")
    if not path:
        raise PolicyError(f"{name!r} names no model.", remedy="Say hf:FOLDER or hf:FOLDER@ADAPTER.")
    torch, transformers = library("torch"), library("transformers")
    folder = base_folder(path, weights=True)
    own = {"": Path(adapter)} if adapter else adapters or {}
    for one in dict.fromkeys(own.values()):
        _check_adapter(one, path, folder)
    cuda = bool(torch.cuda.is_available())
    try:
        with quietly():
            tokeniser = transformers.AutoTokenizer.from_pretrained(folder)
            kind = auto_class(transformers, transformers.AutoConfig.from_pretrained(folder))
            model = kind.from_pretrained(folder, dtype="auto" if cuda else torch.float32)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise PolicyError(f"no model of transformers: {reason}", place=path, remedy="Name its folder.") from None
    model = model.to("cuda" if cuda else "cpu")
    if cuda and manner.autocast is None and model.dtype == torch.float32:
        manner = replace(manner, autocast="bfloat16")
    model = _add_adapter(model, next(iter(own.values()))) if own else model
    turns = Adapters(model, own) if own and not adapter else None
    vision = _vision(model, folder, dict.fromkeys(own.values())) if manner.images and sees(model.config) else None
    return LoadedModel(model, tokeniser, manner, turns, vision)


def _check_adapter(adapter: Path, base: str, folder: Path) -> None:
    """Refuse an adapter of another base, before that is loaded; others' adapters do not say which one they are of."""
    if not (adapter / "adapter_config.json").is_file():
        raise PolicyError("no adapter of peft.", place=str(adapter), remedy="Name the folder that training wrote.")
    if (adapter / RECORD).is_file():
        check_base(adapter, base, digest_of(base, folder))


def _vision(model: Any, folder: Path, adapters: Iterable[Path]) -> Vision | None:
    """How a model sees that can: as its adapters were trained to; those that were trained on text alone only read."""
    sides = {int(read_record(one).get("image_side", 0)) for one in adapters if (one / RECORD).is_file()}
    if len(sides) > 1:
        remedy = "Name one adapter, or turn images off."
        raise PolicyError(f"the adapters were trained with images of {sorted(sides)} px.", remedy=remedy)
    side = sides.pop() if sides else IMAGE_SIDE
    try:
        return Vision(model, read_processor(library("transformers"), folder), side) if side else None
    except PolicyError as error:  # a whole model that was trained on text alone has none
        log.warning("%s Frames are not shown to it.", error)
        return None


def _add_adapter(model: Any, folder: Path) -> Any:
    try:
        with without_peft_warning():
            return library("peft").PeftModel.from_pretrained(model, str(folder))
    except (OSError, ValueError, RuntimeError) as error:  # damaged, or of a model of another shape
        reason = str(error).strip().splitlines()[0]
        raise PolicyError(f"the adapter does not fit: {reason}", place=str(folder), remedy="Take its base.") from None
