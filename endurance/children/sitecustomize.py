"""Makes the processes that a command starts count with it."""

import os
from pathlib import Path

if "ENDURANCE_JOURNAL" in os.environ:
    from endurance.boundaries import Boundaries

    said = os.environ
    Boundaries(
        Path(said["ENDURANCE_UNDER"]),
        Path(said["ENDURANCE_JOURNAL"]),
        int(said["ENDURANCE_AT"]),
        said["ENDURANCE_FAULT"],
    ).arm()
