"""Robot and camera trajectories as streams: one loader a format."""
