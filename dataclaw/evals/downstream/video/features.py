"""What a clip is turned into before two sets of clips are compared: I3D where its weights are given, or a stand-in.

FVD is published on I3D (Kinetics-400, before the softmax). Its weights are on no package index, so they are given by a
path. `PlaneGradients` needs no weights; what it gives is a Frechet distance, and neither FVD nor comparable with one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import ConfigError, MissingExtraError, UsageError
from dataclaw.evals.downstream.video.frechet import Matrix, frechet_distance

Pixels = NDArray[np.uint8]
Clip = NDArray[np.uint8]
"""Pictures `(T, height, width, 3)` RGB of a clip, in order."""


class ClipFeatures(Protocol):
    """A frozen function of a clip.

    Attributes:
        name: all that decides its numbers; results carry it.
        published: whether distances on it are what papers call FVD.
    """

    name: str
    published: bool

    def __call__(self, clip: Clip) -> Matrix:
        """Features `(D,)` of one clip.

        Raises:
            UsageError: the clip has too few pictures, or is none.
        """
        ...


class PlaneGradients:
    """A stand-in of 30 numbers: histograms of gradients on three planes of the clip (HOG-TOP), and its colours.

    The clip becomes 16 grey pictures of 64 x 64, evenly over its time. Eight orientations are counted on each of the
    planes x-y, x-t and y-t, weighted by magnitude, and their roots taken, so that small gradients count beside colours.
    Mean and deviation of red, green and blue follow. It sees edges, motion and colour, and no object. It is not I3D:
    numbers on it compare with each other alone, at one clip length.
    """

    name = "plane-gradients-30 (no I3D)"
    published = False
    frames, side, bins = 16, 64, 8

    def __call__(self, clip: Clip) -> Matrix:
        """Features `(30,)`, each 0..1."""
        check_clip(clip, 2)
        shown = clip[np.linspace(0, len(clip) - 1, self.frames).round().astype(int)]
        colours = np.stack([shrink(picture, (self.side, self.side)) for picture in shown]).astype(np.float64) / 255
        along_t, along_y, along_x = cast("list[Matrix]", np.gradient(colours @ GREY))
        planes = ((along_x, along_y), (along_x, along_t), (along_y, along_t))
        gradients = [gradient_histogram(a, b, self.bins) for a, b in planes]
        return np.concatenate([*np.sqrt(gradients), colours.mean((0, 1, 2)), colours.std((0, 1, 2))])


class I3dFeatures:
    """I3D as published FVD code calls it: TorchScript, `(B, 3, T, H, W)` of 0..255, resized inside, before the softmax.

    Args:
        weights: the TorchScript file (`i3d_torchscript.pt`), which is executed: give one that you trust.
        device: where torch computes.

    Raises:
        ConfigError: the file is not there, or is no TorchScript.
        MissingExtraError: torch is not installed.
    """

    published = True
    least = 10
    """Fewest pictures of a clip: fewer do not pass through its strides."""

    def __init__(self, weights: Path, device: str = "cpu") -> None:
        try:
            import torch
        except ImportError:
            remedy = "Run: pip install 'dataclaw-tailor[train]'"
            raise MissingExtraError("I3D is computed with torch, which is not installed.", remedy=remedy) from None
        if not weights.is_file():
            remedy = "Give the path of i3d_torchscript.pt, or use PlaneGradients and do not call the result FVD."
            raise ConfigError("there are no weights of I3D.", place=weights, remedy=remedy)
        try:
            with warnings.catch_warnings():
                # newer torch would rather have torch.export; the weights are passed on as TorchScript alone
                warnings.simplefilter("ignore", DeprecationWarning)
                self._model: Any = cast("Any", torch).jit.load(str(weights), map_location=device).eval()
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0][:200]
            remedy = "Give the TorchScript file, not a state dictionary."
            raise ConfigError(f"the weights are no TorchScript: {reason}.", place=weights, remedy=remedy) from None
        self._torch: Any = torch
        self._device = device
        self.name = f"i3d ({weights.name})"

    def __call__(self, clip: Clip) -> Matrix:
        """Features `(D,)`, 400 of the usual file."""
        check_clip(clip, self.least)
        pixels = self._torch.from_numpy(np.ascontiguousarray(clip)).to(self._device).float()
        with self._torch.no_grad():
            found = self._model(pixels.permute(3, 0, 1, 2)[None], rescale=True, resize=True, return_features=True)
        return cast("Matrix", found[0].double().cpu().numpy()).ravel()


GREY = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in grey (BT.601)."""


def shrink(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture `(height, width, 3)` made `(width, height)` [px] large, by the mean of what falls together."""
    return cast("Pixels", cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def features_of(clips: Iterable[Clip], extractor: ClipFeatures) -> Matrix:
    """Features `(N, D)` of clips, one clip at a time in memory.

    Raises:
        UsageError: there is no clip, or the extractor refuses one.
    """
    found = [extractor(clip) for clip in clips]
    if not found:
        raise UsageError("there is no clip.", remedy="Give at least two clips, to compare their features.")
    return np.stack(found)


@dataclass(frozen=True, slots=True)
class ClipDistance:
    """How far two sets of clips lie apart; its name says on what.

    Attributes:
        name: "FVD on ..." on I3D, and else "Frechet distance on ...".
        value: at least 0.
        real: clips of the reference.
        made: clips that are compared with it.
    """

    name: str
    value: float
    real: int
    made: int


def clip_distance(real: Iterable[Clip], made: Iterable[Clip], extractor: ClipFeatures) -> ClipDistance:
    """The Frechet distance of two sets of clips of one length, rate and size.

    Raises:
        UsageError: a set has fewer than two clips, or the extractor refuses one.
    """
    first, second = features_of(real, extractor), features_of(made, extractor)
    what = "FVD" if extractor.published else "Frechet distance"
    return ClipDistance(f"{what} on {extractor.name}", frechet_distance(first, second), len(first), len(second))


def gradient_histogram(along: Matrix, across: Matrix, bins: int) -> Matrix:
    """Orientations 0..pi of gradients, `(bins,)`: the mean magnitude that falls into each."""
    angles = np.arctan2(across, along) % np.pi
    places = np.minimum((angles / np.pi * bins).astype(int), bins - 1)
    return np.bincount(places.ravel(), np.hypot(along, across).ravel(), bins) / along.size


def check_clip(clip: Clip, least: int) -> None:
    """Make sure that a clip is one.

    Raises:
        UsageError: another shape or type, or fewer than `least` pictures.
    """
    if clip.ndim != 4 or clip.shape[-1] != 3 or clip.dtype != np.uint8:
        message = f"a clip is an array (T, height, width, 3) of uint8, and this is {clip.shape} of {clip.dtype}."
        raise UsageError(message, remedy="Decode it as RGB.")
    if len(clip) < least:
        raise UsageError(f"the clip has {len(clip)} of at least {least} pictures.", remedy="Give a longer clip.")
