"""Robot and camera trajectories: faults and recoveries, subtasks, tutorials, dense trajectories."""
