"""Contact sheets show the first and the last frame, however few there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from dataclaw.streams import open_stream
from dataclaw.worlds.sheets import CELL, contact_sheet


def test_a_sheet_of_a_pair_shows_both_pictures(tmp_path: Path) -> None:
    (tmp_path / "pair").mkdir()
    for name, colour in (("before", "red"), ("after", "blue")):
        Image.new("RGB", (320, 240), colour).save(tmp_path / "pair" / f"{name}.png")
    contact_sheet(open_stream(str(tmp_path / "pair")), tmp_path / "sheet.png", count=12)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    middles = [tuple(sheet[16 + CELL[1] // 2, at * CELL[0] + CELL[0] // 2]) for at in range(3)]
    assert middles == [(255, 0, 0), (0, 0, 255), (255, 255, 255)]
