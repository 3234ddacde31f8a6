"""A LoRA adapter as a GGUF file, written byte by byte: enough of the format for the runtime to load it.

Layout: GGUF specification, version 3 (header, key-value pairs, tensor infos, data aligned to 32 bytes).
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_STRING, _FLOAT = 8, 6
_ALIGNMENT = 32
HIDDEN = 576
"""Width of SmolLM2-135M."""


def write_adapter(path: Path, *, seed: int, scale: float, layers: int = 30) -> Path:
    """An adapter of rank 1 on the attention outputs, random with the given scale; 0 changes nothing."""
    rng = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for layer in range(layers):
        name = f"blk.{layer}.attn_output.weight"
        tensors[f"{name}.lora_a"] = rng.normal(0, 1, (1, HIDDEN)).astype(np.float32)
        tensors[f"{name}.lora_b"] = (rng.normal(0, 1, (HIDDEN, 1)) * scale).astype(np.float32)
    facts = {
        "general.type": "adapter",
        "general.architecture": "llama",
        "adapter.type": "lora",
        "adapter.lora.alpha": 1.0,
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(facts))
    for key, value in facts.items():
        head += _text(key) + (
            _kind(_STRING) + _text(value) if isinstance(value, str) else _kind(_FLOAT) + struct.pack("<f", value)
        )
    data = b""
    for key, tensor in tensors.items():
        shape = tensor.shape[::-1]  # GGUF names the fastest dimension first
        head += _text(key) + struct.pack("<I", 2) + struct.pack("<QQ", *shape) + struct.pack("<IQ", 0, len(data))
        data += _padded(tensor.tobytes())
    path.write_bytes(_padded(head) + data)
    return path


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _kind(number: int) -> bytes:
    return struct.pack("<I", number)


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % _ALIGNMENT)
