"""Run by a Python that has DiffSynth-Studio: its own dataset on an exported folder, as its training scripts call it.

    python tests/export/read_diffsynth.py FOLDER METADATA.csv [WIDTH HEIGHT FRAMES]

Prints JSON: frames, size and prompt of every row.
"""

from __future__ import annotations

import json
import sys


def main(folder: str, metadata: str, *shape: str) -> None:
    from diffsynth.core.data.unified_dataset import UnifiedDataset

    width, height, frames = map(int, shape) if shape else (None, None, 49)
    load = UnifiedDataset.default_video_operator(
        base_path=folder, max_pixels=192 * 112, width=width, height=height, num_frames=frames
    )
    rows = UnifiedDataset(folder, metadata, data_file_keys=("video",), main_data_operator=load)
    told = [rows[number] for number in range(len(rows))]
    print(
        json.dumps(
            [{"frames": len(row["video"]), "size": row["video"][0].size, "prompt": row["prompt"]} for row in told]
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
