"""Features of clips: the stand-in, and weights of I3D that are given by their path."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.downstream.video.features import Clip, I3dFeatures, PlaneGradients, clip_distance, features_of
from dataclaw.evals.downstream.video.frechet import frechet_distance
from tests.tools.films import scene


class TinyI3d(torch.nn.Module):
    """Called as the usual file is: it pools the clip over time and place."""

    def forward(self, x: torch.Tensor, rescale: bool, resize: bool, return_features: bool) -> torch.Tensor:
        if not (rescale and resize and return_features):
            raise ValueError("features before the softmax are asked for")
        return x.mean([2, 3, 4]) / 255


def clips(count: int, *, speed: float = 0, pan: float = 0, first: int = 0) -> list[Clip]:
    return [np.stack(scene(first + seed, 17, speed=speed, pan=pan)) for seed in range(count)]


def test_the_stand_in_says_what_it_is_and_gives_equal_numbers_for_equal_clips():
    extractor = PlaneGradients()
    (clip,) = clips(1, speed=2)
    assert (extractor.published, "no I3D" in extractor.name) == (False, True)
    assert extractor(clip).shape == (30,)
    assert np.array_equal(extractor(clip), PlaneGradients()(clip.copy()))
    assert ((extractor(clip) >= 0) & (extractor(clip) <= 1)).all()


def test_edges_are_counted_by_their_direction():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = 255
    upright = PlaneGradients()(np.stack([picture] * 4))
    lying = PlaneGradients()(np.stack([picture.transpose(1, 0, 2)] * 4))
    assert upright[:8].argmax() == 0, "a gradient along x"
    assert lying[:8].argmax() == 4, "a gradient along y, at a right angle"
    assert upright[24:27] == pytest.approx(0.5, abs=1e-6)


def test_motion_moves_the_features_of_time_and_not_those_of_space():
    still, quick = (PlaneGradients()(clips(1, speed=speed)[0]) for speed in (0.0, 4.0))
    tilted = np.r_[9:16, 17:24]  # all but the gradients that lie along x or y alone
    assert quick[tilted].sum() > 1.5 * still[tilted].sum()


def test_clips_of_one_kind_are_nearer_than_clips_of_another():
    extractor = PlaneGradients()
    one, alike, other = (
        features_of(made, extractor) for made in (clips(8), clips(8, first=20), clips(8, pan=4, first=20))
    )
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-6)
    assert 2 * frechet_distance(one, alike) < frechet_distance(one, other)


def test_weights_that_are_given_are_asked_for_features_before_the_softmax(tmp_path: Path):
    clip = np.zeros((10, 8, 8, 3), np.uint8)
    clip[..., 0], clip[..., 1] = 255, 51
    file = tmp_path / "i3d_torchscript.pt"
    write_weights(file)
    extractor = I3dFeatures(file)
    assert extractor(clip) == pytest.approx([1.0, 0.2, 0.0], abs=1e-6)
    assert (extractor.published, extractor.name) == (True, "i3d (i3d_torchscript.pt)")
    assert features_of([clip, clip], extractor).shape == (2, 3)
    found = clip_distance([clip, clip], [clip // 5, clip // 5, clip], extractor)
    assert (found.name, found.real, found.made) == ("FVD on i3d (i3d_torchscript.pt)", 2, 3)
    assert clip_distance([clip, clip], [clip] * 3, PlaneGradients()).name.startswith("Frechet distance on plane")
    with pytest.raises(UsageError, match="9 of at least 10 pictures"):
        extractor(clip[:9])


def write_weights(file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # weights of I3D are passed on in this form alone
        torch.jit.save(torch.jit.script(TinyI3d()), str(file))


def test_weights_that_are_not_there_or_are_no_torchscript_are_named_with_a_remedy(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"no weights of I3D.*PlaneGradients"):
        I3dFeatures(tmp_path / "none.pt")
    other = tmp_path / "state.pt"
    other.write_bytes(b"not a model")
    with pytest.raises(ConfigError, match="no TorchScript"):
        I3dFeatures(other)


def test_what_is_no_clip_is_refused():
    with pytest.raises(UsageError, match="uint8"):
        PlaneGradients()(np.zeros((4, 8, 8, 3)))  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match="1 of at least 2"):
        PlaneGradients()(np.zeros((1, 8, 8, 3), np.uint8))
    with pytest.raises(UsageError, match="no clip"):
        features_of([], PlaneGradients())
