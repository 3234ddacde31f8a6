"""What a model is computed on, and whether it fits, before anything starts.

Only the weights are counted here; what training adds (gradients, optimiser, activations) is in `plan.py`.
"""

from __future__ import annotations

import os
from typing import Any, Literal

from dataclaw.errors import ConfigError
from dataclaw.models.libraries import library

GIB = 1 << 30
Dtype = Literal["float32", "bfloat16"]
BYTES: dict[str, int] = {"float32": 4, "bfloat16": 2}
"""Bytes of one number."""

_SPARE = 1.1  # buffers, and copies while a file is being read


def device_of(name: str) -> str:
    """The device that a configuration's name stands for; "auto" takes the accelerator, else the CPU.

    Args:
        name: "auto", "cpu", "cuda", "cuda:1" or "mps".

    Raises:
        ConfigError: there is no such device on this machine.
    """
    torch = library("torch")
    kind, _, number = name.partition(":")
    cuda, mps = int(torch.cuda.device_count()), bool(torch.backends.mps.is_available())
    if kind == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    if kind == "cuda" and not cuda:
        raise ConfigError(
            "there is no CUDA accelerator on this machine, or this torch is a build without CUDA.",
            place="model.device",
            remedy='Set device = "cpu" for a small model, or install torch for CUDA.',
        )
    if kind == "cuda" and number and not (number.isdecimal() and int(number) < cuda):
        raise ConfigError(
            f"there is no device {name!r}.", place="model.device", remedy=f"There is cuda:0 to cuda:{cuda - 1}."
        )
    if kind == "mps" and not mps:
        raise ConfigError(
            "there is no Metal accelerator on this machine.", place="model.device", remedy='Set device = "cpu".'
        )
    if kind not in {"cpu", "cuda", "mps"}:
        raise ConfigError(f"no device {name!r}.", place="model.device", remedy="Use auto, cpu, cuda, cuda:N or mps.")
    return name


def on_device(array: Any, device: str) -> Any:
    """An array of NumPy as a tensor there; a GPU takes it from pinned memory, while it goes on computing."""
    tensor = library("torch").from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.startswith("cuda") else tensor.to(device)


def check_dtype(dtype: str) -> None:
    """Raise ConfigError unless models are loaded in such numbers."""
    if dtype not in BYTES:
        raise ConfigError(
            f"no dtype {dtype!r}.", place="model.dtype", remedy=f"Use {' or '.join(BYTES)}; float32 on a CPU."
        )


def free_memory(device: str) -> int:
    """Memory that a process may still take there [bytes]."""
    torch = library("torch")
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    if device.startswith("mps"):
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return _free_ram()


def _free_ram() -> int:
    """What the kernel says is available (Linux), else the free pages (elsewhere an underestimate)."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass
    pages = "SC_AVPHYS_PAGES" if "SC_AVPHYS_PAGES" in os.sysconf_names else "SC_PHYS_PAGES"
    return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")


def check_memory(name: str, parameters: int, device: str, dtype: str, *, free: int | None = None) -> None:
    """Find out before loading whether the weights fit, and what would.

    Args:
        name: the model, for the message.
        parameters: how many numbers it has.
        device: where it is to lie.
        dtype: kind of its numbers.
        free: memory that is free there [bytes]; default: ask the device.

    Raises:
        ConfigError: too little memory.
    """
    room = free_memory(device) if free is None else free
    need = {kind: int(parameters * size * _SPARE) for kind, size in BYTES.items()}
    if need[dtype] <= room:
        return
    fitting = [kind for kind in BYTES if need[kind] <= room]
    remedy = (
        f'Set dtype = "{fitting[0]}" ({need[fitting[0]] / GIB:.1f} GiB).'
        if fitting
        else f'Use a smaller base (name = "embedded" takes 0.6 GiB), or a device with {need["bfloat16"] / GIB:.0f} GiB'
        ' free and dtype = "bfloat16".'
    )
    raise ConfigError(
        f"the weights of {name} take {need[dtype] / GIB:.1f} GiB in {dtype}; {room / GIB:.1f} GiB are free on"
        f" {device}.",
        place="model",
        remedy=remedy,
    )
