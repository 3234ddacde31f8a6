"""Robot and camera trajectories as streams: one loader a format."""

from __future__ import annotations

from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory import hdf5, lerobot, mcap, npz, rlds, rosbag, tables

LOADERS: tuple[Loader, ...] = (
    lerobot.V2,
    lerobot.V3,
    rlds.RLDS,
    hdf5.HDF5,
    rosbag.BAG1,
    rosbag.BAG2,
    mcap.MCAP,
    npz.NPZ,
    *tables.LOADERS,
)
