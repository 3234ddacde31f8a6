"""Models that see: images in a conversation, the tokens that stand for them, and the check that both agree.

An image is a grid of patches. In the tokens it is `vision start`, one token for every `merge` x `merge` patches, and
`vision end`; its pixels stay beside the tokens, with the index where those begin. Known are the models of Qwen
(Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Qwen3.5), whose rotary positions in time, height and width the model itself gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import DataClawError, PolicyError, StreamError

if TYPE_CHECKING:
    from PIL.Image import Image as Shown

IMAGE_SIDE = 640
"""Longest side of an image [px]: a whole screen takes some 300 tokens, and `crop` shows more of a part."""
TOKENS = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
"""How a model's configuration names its tokens of vision."""


class Patches(Protocol):
    """An image as a model takes it."""

    @property
    def grid(self) -> tuple[int, int, int]:
        """Patches in time (1), height and width."""
        ...

    @property
    def pixels(self) -> NDArray[np.float32]:
        """`(patches, numbers of a patch)` normalised."""
        ...


@dataclass(frozen=True, slots=True)
class ImagePatches:
    """An image that was cut into patches; see `Patches`."""

    grid: tuple[int, int, int]
    pixels: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Image:
    """An image in a sequence of tokens.

    Attributes:
        start: index of the first token that stands for a piece of it, behind `vision start`.
        patches: the image.
    """

    start: int
    patches: Patches


class Vision:
    """What a model of transformers sees with.

    Args:
        model: a model that `sees`, perhaps with an adapter of peft.
        processor: its image processor.
        side: longest side of an image that it is shown [px].

    Attributes:
        side: as given.
        token: stands for a piece of an image.
        never: tokens of vision, which are never sampled: an image that nobody showed would have no pixels.

    Raises:
        PolicyError: it is not one of those that are known here.
    """

    def __init__(self, model: Any, processor: Any, side: int = IMAGE_SIDE) -> None:
        whole = model.get_base_model() if hasattr(model, "get_base_model") else model
        if not sees(whole.config):
            remedy = "Take a Qwen-VL model, or turn images off."
            raise PolicyError(f"{whole.config.model_type} is not known to see here.", remedy=remedy)
        self._rotary: Any = whole.model.get_rope_index
        self._processor, self.side = processor, side
        self._grids: dict[tuple[int, int], tuple[int, int, int]] = {}
        own = [int(getattr(whole.config, name)) for name in TOKENS]
        self.token, _, self._start, self._end = own
        self.never = sorted(own)
        self._merge = int(whole.config.vision_config.spatial_merge_size)

    def patches(self, image: Shown) -> ImagePatches:
        """An image as patches, resized and normalised as the model's processor says.

        Raises:
            StreamError: the processor does not take images of that shape.
        """
        try:
            made = self._processor(images=[image], return_tensors="np")
        except ValueError as error:
            raise StreamError(f"an image of {image.size[0]}x{image.size[1]} px cannot be shown: {error}.") from None
        time, height, width = (int(count) for count in made["image_grid_thw"][0])
        return ImagePatches((time, height, width), np.ascontiguousarray(made["pixel_values"], np.float32))

    def grid(self, size: tuple[int, int]) -> tuple[int, int, int]:
        """Patches of an image of that width and height [px].

        Raises:
            StreamError: the processor does not take images of that shape.
        """
        if size not in self._grids:
            from PIL import Image as Pillow

            self._grids[size] = self.patches(Pillow.new("RGB", size)).grid
        return self._grids[size]

    def count(self, grid: tuple[int, int, int]) -> int:
        """Tokens that stand for the pieces of an image, start and end left out."""
        return grid[0] * grid[1] * grid[2] // self._merge**2

    def tokens(self, grid: tuple[int, int, int]) -> list[int]:
        """All tokens of an image."""
        return [self._start, *[self.token] * self.count(grid), self._end]

    def check(self, name: str, ids: Sequence[int] | NDArray[Any], images: Sequence[Image]) -> None:
        """Make sure that tokens, grids and pixels of a sequence agree; checked before every batch.

        Args:
            name: of the rollout or trace, for the error.
            ids: its tokens.
            images: its images, in order.

        Raises:
            DataClawError: they do not; the sequence, the image and the numbers are named.
        """
        tokens = np.asarray(ids)
        stands = np.isin(tokens, self.never)
        for number, image in enumerate(images, 1):
            wrong = self._wrong(tokens, image)
            if wrong:
                raise _disagree(name, f"image {number} of {len(images)}: {wrong}")
            stands[image.start - 1 : image.start + self.count(image.patches.grid) + 1] = False
        if stands.any():
            first = int(np.flatnonzero(stands)[0])
            raise _disagree(name, f"{int(stands.sum())} tokens of vision belong to no image, the first at {first}")

    def _wrong(self, tokens: NDArray[Any], image: Image) -> str:
        grid, start, count = image.patches.grid, image.start, self.count(image.patches.grid)
        rows, patches = len(image.patches.pixels), grid[0] * grid[1] * grid[2]
        if rows != patches:
            return f"{rows} rows of pixels for a grid of {_grid_text(grid)} = {patches} patches"
        if start < 1 or start + count >= len(tokens):
            return f"its tokens {start - 1} to {start + count} are not inside the {len(tokens)} of the sequence"
        there = int((tokens[start : start + count] == self.token).sum())
        more = int(tokens[start + count] == self.token)
        if there != count or more:
            return f"{there + more} tokens at {start} for a grid of {_grid_text(grid)}, which takes {count}"
        if (tokens[start - 1], tokens[start + count]) != (self._start, self._end):
            return f"its {count} tokens at {start} do not stand between start and end of vision"
        return ""

    def positions(self, ids: Sequence[int] | NDArray[Any], images: Sequence[Image]) -> Any:
        """The model's rotary positions of a sequence in time, height and width: int64, (3, T)."""
        import torch

        tokens = torch.from_numpy(np.array(ids, np.int64))[None]
        grids = torch.tensor([image.patches.grid for image in images]) if images else None
        kinds = (tokens == self.token).int()
        found, _ = self._rotary(tokens, mm_token_type_ids=kinds, image_grid_thw=grids)
        return found[:, 0]

    def arguments(self, images: Sequence[Image], device: Any) -> dict[str, Any]:
        """What the model's forward takes beside tokens and positions; images of a batch row after row."""
        if not images:
            return {}
        import torch

        pixels = np.concatenate([image.patches.pixels for image in images])
        grids = torch.tensor([image.patches.grid for image in images])
        return {"pixel_values": torch.from_numpy(pixels).to(device), "image_grid_thw": grids.to(device)}

    def save(self, folder: Path) -> None:
        """Write the image processor beside a model's weights."""
        self._processor.save_pretrained(folder)

    def mute(self, logits: Any) -> Any:
        """Logits `(n, vocabulary)` after which no token of vision comes; changed in place."""
        logits[:, self.never] = float("-inf")
        return logits


def sees(config: Any) -> bool:
    """Whether a model of that configuration of transformers is one whose images are known here."""
    vision = getattr(config, "vision_config", None)
    known = all(isinstance(getattr(config, name, None), int) for name in TOKENS)
    return known and hasattr(vision, "spatial_merge_size")


def auto_class(transformers: Any, config: Any) -> Any:
    """The auto class of a model: one that sees where its configuration has a vision part."""
    pictured = getattr(config, "vision_config", None) is not None
    return transformers.AutoModelForImageTextToText if pictured else transformers.AutoModelForCausalLM


def read_processor(transformers: Any, folder: Path) -> Any:
    """The image processor that came with a model, computed with Pillow.

    Args:
        transformers: the library.
        folder: the model's.

    Raises:
        PolicyError: there is none.
    """
    try:
        return transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        remedy = "Name a folder with preprocessor_config.json, or turn images off."
        raise PolicyError(f"no image processor: {reason}", place=str(folder), remedy=remedy) from None


def _grid_text(grid: tuple[int, int, int]) -> str:
    return "x".join(map(str, grid))


def _disagree(name: str, what: str) -> DataClawError:
    return DataClawError(
        f"images and tokens disagree: {what}.",
        place=name,
        remedy="This is a mistake of DataClaw: report it with the command, or turn images off.",
    )
