"""Several processes that train one model, as torchrun starts them; alone, everything here does nothing.

Weights, gradients and the optimizer's state are spread over the processes (FSDP), the rows of a step too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.train.devices import device_of, library


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes of a run.

    Attributes:
        rank: this one's number, from 0.
        world: how many there are.
        device: what this one computes on.
    """

    rank: int
    world: int
    device: str

    @property
    def first(self) -> bool:
        """Whether this one writes files and talks."""
        return self.rank == 0

    def total(self, value: Any) -> Any:
        """The sum of a tensor over all processes, in place."""
        if self.world > 1:
            library("torch.distributed").all_reduce(value)
        return value

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world > 1:
            library("torch.distributed").barrier()

    def stop(self) -> None:
        """Leave the group."""
        if self.world > 1:
            library("torch.distributed").destroy_process_group()


def start(device: str) -> Workers:
    """Join the processes that torchrun started; without it, be the only one.

    Args:
        device: as in the configuration; with several processes on GPUs each takes its own.

    Raises:
        ConfigError: there is no such device.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        return Workers(0, 1, device_of(device))
    torch = library("torch")
    kind = device_of(device).partition(":")[0]
    if kind == "mps":
        raise ConfigError("several processes need CUDA or the CPU.", place="[model] device", remedy='Say "cuda".')
    where = f"cuda:{os.environ['LOCAL_RANK']}" if kind == "cuda" else "cpu"
    if kind == "cuda":
        torch.cuda.set_device(where)
    library("torch.distributed").init_process_group("nccl" if kind == "cuda" else "gloo")
    return Workers(int(os.environ["RANK"]), world, where)


def shard(model: Any, workers: Workers, dtype: str) -> None:
    """Spread a model over the processes, layer by layer; each computes in `dtype` and adds gradients in float32."""
    if workers.world == 1:
        return
    torch, fsdp = library("torch"), library("torch.distributed.fsdp")
    mesh = library("torch.distributed.device_mesh").init_device_mesh(workers.device.partition(":")[0], (workers.world,))
    policy = fsdp.MixedPrecisionPolicy(param_dtype=getattr(torch, dtype), reduce_dtype=torch.float32)
    for layer in layers(model):
        fsdp.fully_shard(layer, mesh=mesh, mp_policy=policy)
    fsdp.fully_shard(model, mesh=mesh, mp_policy=policy)


def layers(model: Any) -> list[Any]:
    """The decoder layers of a model of transformers, wrapped in an adapter or not."""
    torch = library("torch")
    stacks = [m for name, m in model.named_modules() if isinstance(m, torch.nn.ModuleList) and name.endswith("layers")]
    return list(max(stacks, key=len)) if stacks else []
