"""Writes an episode as robomimic does: HDF5 with commands, measurements and the pictures of one camera."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError
from dataclaw_worlds.embodied.engine import Numbers

CAMERA = "front_image"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers.

    Attributes:
        name: its name.
        unit: its unit.
        values: `(rows,)`.
    """

    name: str
    unit: str
    values: Numbers


@dataclass(frozen=True, slots=True)
class RecordedEpisode:
    """An episode as it is written.

    Attributes:
        rate: steps per second [1/s].
        instruction: the words that go with it, "" without any.
        tables: columns by name of the data set.
        pictures: one a row, each `(height, width, 3)`.
    """

    rate: float
    instruction: str
    tables: Mapping[str, Sequence[Column]]
    pictures: Sequence[NDArray[np.uint8]]


def write(episode: RecordedEpisode, file: Path) -> None:
    """Write it; equal episodes give equal bytes."""
    try:
        h5py: Any = importlib.import_module("h5py")
    except ImportError:
        raise MissingExtraError("Writing episodes needs h5py, which is not installed.",
                                remedy='Run: pip install "dataclaw-tailor[worlds]"') from None  # fmt: skip
    env = {"env_name": "bench", "type": 2, "env_kwargs": {"control_freq": episode.rate, "robots": ["Sawyer"]}}
    with h5py.File(file, "w") as opened:
        data = opened.create_group("data")
        data.attrs["env_args"] = json.dumps(env)
        demo = data.create_group("demo_0")
        demo.attrs["ep_meta"] = json.dumps({"lang": episode.instruction})
        demo.attrs["num_samples"] = len(episode.pictures)
        for name, columns in episode.tables.items():
            table = demo.create_dataset(name, data=np.stack([c.values for c in columns], axis=1).astype(np.float32))
            table.attrs["columns"] = ", ".join(c.name for c in columns)
            table.attrs["units"] = ", ".join(c.unit for c in columns)
        shape = episode.pictures[0].shape
        demo.create_dataset(
            f"obs/{CAMERA}", data=np.stack(episode.pictures), chunks=(1, *shape), compression="gzip", compression_opts=1
        )
