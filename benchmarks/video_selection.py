"""Do the windows that the planner chooses from real clips differ from random ones of the same length?

The clips are those of daily life among the sample data. Two have captions of their own; the file's name, or what a
person saw, is the caption of the others, since the planner declines clips that nobody says anything about. Hands are
looked for where mediapipe is installed (extra `hands`).

Run: python benchmarks/video_selection.py [FOLDER]   (default: the sample data beside the checkout)
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from dataclaw import tailor
from dataclaw.errors import MissingExtraError
from dataclaw.evals.downstream.video.contact import MediapipeHands
from dataclaw.evals.downstream.video.selection import chosen_windows, compare_selections

ASKED = "find a 2 second clip for video generation"
DRAWS = 12
CAPTIONS = {
    "askanything_clips/making_cake.mp4": "Making a cake",
    "askanything_clips/yoga.mp4": "Yoga",
    "mmaction2_clips/arm_wrestling_demo.mp4": "Arm wrestling",
    "mmaction2_clips/test.avi": "Putting on make-up at a mirror",
    "pancake/flipping_a_pancake.mkv": "Flipping a pancake",
}


def gather(daily: Path, folder: Path) -> None:
    """The clips in one folder, with a caption for each."""
    folder.mkdir()
    captions = json.loads((daily / "mixkit_kitchen/captions.json").read_text(encoding="utf-8"))["captions"]
    own = {f"mixkit_kitchen/{name}": text for name, text in captions.items()}
    for name in {**own, **CAPTIONS}:
        shutil.copy(daily / name, folder)
    told = {Path(name).name: text for name, text in {**own, **CAPTIONS}.items()}
    (folder / "captions.json").write_text(json.dumps({"captions": told}), encoding="utf-8")


def main(data: Path) -> None:
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        clips, out = Path(place) / "clips", Path(place) / "run"
        gather(data / "daily", clips)
        tailor(clips, ASKED, domain="aigc", task="video_generation_segment", out=out)
        try:
            hands = stack.enter_context(closing(MediapipeHands()))
        except MissingExtraError as error:
            print(f"no row about contact: {error}\n")
            hands = None
        found = compare_selections(chosen_windows([out]), hands=hands, draws=DRAWS)
        print("\n".join(found.table()))
        print(f"\nleft out, since they fill their recording: {', '.join(found.without_room) or 'none'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[2] / "shared" / "data")
