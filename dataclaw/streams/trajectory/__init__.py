"""Robot and camera trajectories as streams: one loader a format."""

from __future__ import annotations

from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory import hdf5, lerobot, rlds

LOADERS: tuple[Loader, ...] = (lerobot.V2, lerobot.V3, rlds.RLDS, hdf5.HDF5)
