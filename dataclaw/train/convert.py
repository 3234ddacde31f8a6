"""From what is trained to what the in-process runtime reads: LoRA adapters and bases as GGUF files.

An adapter of peft is two matrices a layer, and so is one of the runtime, under other names. One thing differs: the
runtime turns pairs of neighbours in its rotary position code, transformers turns the first half of a head against the
second. A GGUF's rows of the query and key projections are therefore in another order, and the rows of their `lora_B`
have to follow. Nothing else tells when that is forgotten: an adapter that was trained on one answer hides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from dataclaw.errors import ConfigError
from dataclaw.models import gguf_files
from dataclaw.models.adapter_folder import read_record
from dataclaw.models.bases import base_folder
from dataclaw.models.gguf_files import DIGEST_KEY, atomic_file, finish
from dataclaw.strict import check, load_json
from dataclaw.train.devices import library

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Linear layers of a Llama block, and what GGUF calls them."""
_PREFIX = "base_model.model.model.layers."
_PLAIN: dict[str, object] = {
    "use_dora": False,
    "use_rslora": False,
    "bias": "none",
    "rank_pattern": {},
    "alpha_pattern": {},
}
_AGAIN = "Take the checkpoint before it, or train it again."
_REMEDY = "Serve it with vLLM, or run it as hf:BASE@ADAPTER."


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written.

    Attributes:
        file: the GGUF adapter.
        size: its size [bytes].
        layers: linear layers that it changes.
        rank: its rank.
        base_digest: digest of the base that it was trained on.
    """

    file: Path
    size: int
    layers: int
    rank: int
    base_digest: str


def convert_adapter(folder: Path, out: Path, *, heads: int, kv_heads: int) -> Converted:
    """Write an adapter of a Llama-shaped base as a GGUF file, in half precision.

    Args:
        folder: what `save_adapter` wrote.
        out: the file; it is whole or not there.
        heads: attention heads of the base (`num_attention_heads`).
        kv_heads: its key and value heads (`num_key_value_heads`).

    Raises:
        ConfigError: the adapter is not whole, or is of a kind that the runtime cannot load.
        MissingExtraError: gguf or safetensors is not installed.
    """
    record = read_record(folder)
    settings = _settings(folder)
    tensors = dict(_tensors(_weights(folder), {"attn_q": heads, "attn_k": kv_heads}, str(folder)))
    digest = str(record["base_digest"])
    with atomic_file(out) as part:
        _write(part, tensors, alpha=settings.lora_alpha, name=folder.name, digest=digest)
    return Converted(out, out.stat().st_size, len(tensors) // 2, settings.r, digest)


def shape_of(name: str) -> tuple[int, int]:
    """Attention heads, and key and value heads, of a base.

    Args:
        name: as `load_base` takes it.

    Raises:
        ConfigError: it is not of Llama's architecture.
    """
    transformers: Any = library("transformers")
    config = transformers.AutoConfig.from_pretrained(base_folder(name, weights=False), local_files_only=True)
    if config.model_type != "llama":
        raise ConfigError(
            f"{name} is of architecture {config.model_type!r}; only adapters of Llama's are converted.", remedy=_REMEDY
        )
    return int(config.num_attention_heads), int(config.num_key_value_heads)


def interleave(matrix: NDArray[Any], heads: int) -> NDArray[Any]:
    """The rows of a query or key projection in the runtime's order.

    Args:
        matrix: `(rows, columns)`; the rows of a head are its first halves, then its second halves.
        heads: heads that the rows belong to.

    Returns:
        `(rows, columns)`; in each head first and second halves take turns.
    """
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


class _Settings(BaseModel):
    """What of an adapter's settings goes into its file."""

    r: Annotated[int, Field(ge=1)]
    lora_alpha: Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


def _settings(folder: Path) -> _Settings:
    """The adapter's own settings, when the runtime has a word for all of them."""
    file = folder / "adapter_config.json"
    try:
        said = load_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"no adapter of peft: {error}.", place=str(file), remedy=_AGAIN) from None
    if not isinstance(said, dict):
        raise ConfigError("no adapter of peft: not a JSON object.", place=str(file), remedy=_AGAIN)
    said = cast("dict[str, Any]", said)
    odd = [key for key, value in _PLAIN.items() if (said.get(key) or value) != value]
    if said.get("peft_type") != "LORA" or odd or said.get("modules_to_save"):
        what = ", ".join(odd) or str(said.get("peft_type"))
        raise ConfigError(f"the runtime cannot load this adapter ({what}).", place=str(folder), remedy=_REMEDY)
    return check(said, _Settings, str(file))


def _weights(folder: Path) -> dict[str, NDArray[Any]]:
    file = folder / "adapter_model.safetensors"
    damaged: type[Exception] = library("safetensors").SafetensorError
    try:
        return cast("dict[str, NDArray[Any]]", library("safetensors.numpy").load_file(file))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, damaged) as error:
        raise ConfigError(f"the weights are damaged: {error}.", place=str(file), remedy=_AGAIN) from None


def _tensors(
    weights: Mapping[str, NDArray[Any]], heads: Mapping[str, int], place: str
) -> Iterator[tuple[str, NDArray[np.float16]]]:
    """Name and values of every matrix for the runtime."""
    for key, matrix in sorted(weights.items()):
        number, _, rest = key.removeprefix(_PREFIX).partition(".")
        module, _, half = rest.removesuffix(".weight").rpartition(".")
        if not key.startswith(_PREFIX) or module not in NAMES or half not in {"lora_A", "lora_B"}:
            raise ConfigError(
                f"the runtime has no place for {key}: its base is not shaped like Llama.", place=place, remedy=_REMEDY
            )
        name = NAMES[module]
        if matrix.ndim != 2 or not matrix.size or (half == "lora_B" and len(matrix) % (2 * heads.get(name, 1))):
            raise ConfigError(f"{key} has the shape {matrix.shape}.", place=place, remedy=_AGAIN)
        if half == "lora_B" and name in heads:
            matrix = interleave(matrix, heads[name])
        if not np.isfinite(matrix).all():
            raise ConfigError(f"{key} is not finite.", place=place, remedy="Take the checkpoint before it.")
        yield f"blk.{number}.{name}.weight.{half.lower()}", np.ascontiguousarray(matrix, np.float16)


def _write(path: Path, tensors: Mapping[str, NDArray[np.float16]], *, alpha: float, name: str, digest: str) -> None:
    writer = gguf_files.gguf_library().GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_name(name)
    writer.add_string(DIGEST_KEY, digest)
    for key, matrix in tensors.items():
        writer.add_tensor(key, matrix)
    finish(writer)
