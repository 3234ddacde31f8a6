"""Colours in words, and how the tone of pixels differs: brighter, flatter, greener, by how much.

Names are regions of hue, saturation and lightness (HSL), the coarse ones that people agree on; no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.tools.pictures import Pixels

NAMED = 0.12
"""Smallest share of the pixels for which a colour is named."""

_HUES = ((15, "red"), (40, "orange"), (68, "yellow"), (165, "green"), (195, "cyan"), (255, "blue"), (290, "purple"),
         (345, "pink"), (361, "red"))  # fmt: skip
"""Upper end of each hue [degrees]."""

_GREY = 0.12
"""Chroma below this is a grey (largest less smallest channel, 0..1)."""

_COLOURED = 0.06
"""Mean colour weaker than this has no hue to speak of, 0..1."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How pixels differ from others of the same place.

    Attributes:
        brightness: difference of mean luma, -1..1.
        contrast: ratio of the standard deviations of luma, less one; 0 is equal.
        saturation: difference of mean chroma, -1..1.
        hue: turn of the mean hue [degrees], -180..180; 0 where there is hardly any colour on one side.
    """

    brightness: float
    contrast: float
    saturation: float
    hue: float

    def words(self, most: int = 4) -> str:
        """What of it is worth saying, at most so many things; "" when nothing is."""
        measures = (
            (self.brightness, 0.02, "brighter", "darker"),
            (self.contrast, 0.08, "more contrast", "less contrast"),
            (self.saturation, 0.03, "more colourful", "less colourful"),
        )
        said = [f"{up if v > 0 else down} by {abs(v):.0%}" for v, least, up, down in measures if abs(v) >= least]
        said += [f"hue turned by {self.hue:.0f} degrees"] if abs(self.hue) >= 8 else []
        return ", ".join(said[:most])

    def data(self) -> dict[str, float]:
        """As plain JSON, rounded."""
        return {
            "brightness": round(self.brightness, 3),
            "contrast": round(self.contrast, 3),
            "saturation": round(self.saturation, 3),
            "hue": round(self.hue, 1),
        }


def tone(before: Pixels, after: Pixels) -> Tone:
    """How `(n, 3)` RGB pixels differ from the `(n, 3)` ones before them."""
    luma = [_luma(pixels) for pixels in (before, after)]
    chroma = [_chroma(pixels) for pixels in (before, after)]
    spread = [float(values.std()) for values in luma]
    hues = [_mean_hue(pixels) for pixels in (before, after)]
    turn = (hues[1][0] - hues[0][0] + 180) % 360 - 180
    return Tone(
        float(luma[1].mean() - luma[0].mean()),
        spread[1] / spread[0] - 1 if min(spread) > 0.004 else 0.0,  # a level of 256: a plain surface has no contrast
        float(chroma[1].mean() - chroma[0].mean()),
        turn if min(hues[0][1], hues[1][1]) > _COLOURED else 0.0,
    )


def colours(pixels: Pixels) -> Mapping[str, float]:
    """Share of each named colour among `(n, 3)` RGB pixels, the largest first; those below `NAMED` are left out."""
    if not len(pixels):
        return {}
    names, counts = np.unique(_names(pixels), return_counts=True)
    order = sorted(zip(counts.tolist(), names.tolist(), strict=True), key=lambda pair: (-pair[0], pair[1]))
    shares = {name: round(count / len(pixels), 3) for count, name in order}
    most = dict(list(shares.items())[:1])
    return most | {name: share for name, share in list(shares.items())[1:3] if share >= NAMED}


def _names(pixels: Pixels) -> NDArray[np.str_]:
    values = pixels.astype(np.float32) / 255
    hue = np.asarray(cv2.cvtColor(values[None], cv2.COLOR_RGB2HLS), dtype=np.float32)[0]
    light: NDArray[np.float32] = hue[:, 1]
    plain = np.asarray([end for end, _ in _HUES], dtype=np.float32)
    names = np.asarray([name for _, name in _HUES])[np.searchsorted(plain, hue[:, 0], side="right")].astype("<U12")
    warm = np.isin(names, ("orange", "red", "yellow"))
    names = np.where((names == "orange") & (light < 0.42), "brown", names)
    names = np.where((names == "red") & (light < 0.22), "brown", names)
    names = np.where(warm & (light > 0.72), "beige", names)
    names = np.where((names == "pink") & (light < 0.3), "purple", names)
    chroma = _chroma(pixels)
    dark = light < 0.1
    grey = (chroma < _GREY) | dark
    steps = np.digitize(light, [0.14, 0.35, 0.65, 0.88])
    greys = np.asarray(["black", "dark gray", "gray", "light gray", "white"])[steps]
    return np.where(grey, greys, names)


def _luma(pixels: Pixels) -> NDArray[np.float64]:
    """Rec. 601 luma, 0..1."""
    return pixels.astype(np.float64) @ np.asarray([0.299, 0.587, 0.114]) / 255


def _chroma(pixels: Pixels) -> NDArray[np.float64]:
    values = pixels.astype(np.float64)
    return (values.max(axis=1) - values.min(axis=1)) / 255


def _mean_hue(pixels: Pixels) -> tuple[float, float]:
    """Mean hue [degrees] and how strong it is, 0..1: the mean of the pixels' vectors in the plane of hue and chroma."""
    red, green, blue = (pixels[:, k].astype(np.float64) / 255 for k in range(3))
    x, y = float((red - (green + blue) / 2).mean()), float((np.sqrt(3) / 2 * (green - blue)).mean())
    return float(np.degrees(np.arctan2(y, x))), float(np.hypot(x, y))
