"""Decoding for every other model: linear or sliding attention, which keeps no memory by position, and models that see.

Differences from the textbook (autoregressive decoding with a cache of keys and values):

- The whole conversation is read again at every turn, padded on the left; the cache is the model's own.
- Answers and log-probabilities are as exact as those of `slot_decoder.SlotDecoder`; only the speed is not.

Axes: n rows, T tokens so far; positions of a model that sees are `(3, n, T)`: time, height, width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import torch
from torch import Tensor

from dataclaw.errors import PolicyError
from dataclaw.models.answer_writer import other_layers
from dataclaw.models.answers import DecodeRequest, PartialAnswer
from dataclaw.models.slot_decoder import SlotDecoder
from dataclaw.models.step_buffers import draw
from dataclaw.models.vision import Vision
from dataclaw.models.wave_decoder import DecoderSettings, WaveDecoder, next_mask


class PlainDecoder(WaveDecoder):
    """Samples answers, each conversation read anew.

    Args:
        vision: how the model sees; None: it reads text only.
        settings: see `WaveDecoder`.
    """

    def __init__(
        self, model: Any, tokeniser: Any, *, vision: Vision | None = None, **settings: Unpack[DecoderSettings]
    ) -> None:
        super().__init__(model, tokeniser, **settings)
        self._vocabulary = int(self._config.vocab_size)
        self._vision = vision

    def forget(self) -> None:
        """Nothing is kept between turns."""

    def renew(self) -> None:
        """Weights are read anew at every call."""

    def _answer(self, requests: Sequence[DecodeRequest]) -> list[PartialAnswer]:
        rows = [self._writer.begin(request, slot, len(request.ids)) for slot, request in enumerate(requests)]
        if rows:
            self._write(rows)
        return rows

    def _write(self, rows: Sequence[PartialAnswer]) -> None:
        longest = max(len(row.request.ids) for row in rows)
        ids, mask = (np.zeros((len(rows), longest), np.int64) for _ in range(2))  # (n, T)
        for row in rows:
            ids[row.slot, longest - len(row.request.ids) :] = row.request.ids
            mask[row.slot, longest - len(row.request.ids) :] = 1
        seen = torch.from_numpy(mask).to(self.device)
        places = self._places(rows, seen)
        new, cache = torch.from_numpy(ids).to(self.device), None
        shown = self._image_arguments(rows)
        warmth = torch.tensor([row.request.temperature for row in rows], dtype=torch.float32, device=self.device)
        while [row for row in rows if self._writer.goes_on(row)]:
            logits, cache = self._forward(new, seen, places, cache, shown)
            uniforms = [row.uniforms[min(len(row.ids), len(row.uniforms) - 1)] for row in rows]
            drawn = torch.tensor(uniforms, dtype=torch.float64, device=self.device)
            chosen, logprobs = draw(logits, warmth, drawn, self._masks(rows))
            for row in rows:
                if row.stop is None:
                    self._writer.take(row, [int(chosen[row.slot])], [float(logprobs[row.slot])])
            new, shown = chosen[:, None], {}
            seen = torch.cat([seen, torch.ones_like(new)], 1)
            places = places[..., -1:] + 1

    def _check_images(self, requests: Sequence[DecodeRequest]) -> None:
        for request in requests:
            if self._vision:
                self._vision.check(request.key, request.ids, request.images)
            elif request.images:
                raise PolicyError(
                    "the model reads text only, and the conversation has images.",
                    place=request.key,
                    remedy="Pass `vision`.",
                )

    def _places(self, rows: Sequence[PartialAnswer], seen: Tensor) -> Tensor:
        """Positions of the tokens, `(rows, T)`; of a model that sees in time, height and width, `(3, rows, T)`."""
        if self._vision is None:
            return (seen.cumsum(1) - 1).clamp(min=0)
        places = torch.zeros((3, *seen.shape), dtype=torch.long)
        for row in rows:
            own = self._vision.positions(row.request.ids, row.request.images)
            places[:, row.slot, seen.shape[1] - own.shape[1] :] = own
        return places.to(self.device)

    def _image_arguments(self, rows: Sequence[PartialAnswer]) -> dict[str, Any]:
        """What is read with the conversations: their images."""
        images = [image for row in rows for image in row.request.images]
        return self._vision.arguments(images, self.device) if self._vision else {}

    def _forward(
        self, ids: Tensor, seen: Tensor, places: Tensor, cache: Any, shown: Mapping[str, Any]
    ) -> tuple[Tensor, Any]:
        given = {**shown} if cache is None else {self._argument: cache}
        with torch.autocast(self.device.type, self._autocast, enabled=bool(self._autocast)):
            answer = self._model(
                input_ids=ids, attention_mask=seen, position_ids=places, use_cache=True, logits_to_keep=1, **given
            )
        logits = answer.logits[:, -1].float()
        return self._vision.mute(logits) if self._vision else logits, getattr(answer, self._argument)

    def _masks(self, rows: Sequence[PartialAnswer]) -> Tensor | None:
        """What may come next, `(rows, vocabulary)`; None where no row has a grammar."""
        if not any(row.request.matcher for row in rows):
            return None
        everything = np.ones(self._vocabulary, np.bool_)
        masks = [everything if row.stop else next_mask(row, self._vocabulary) for row in rows]
        return torch.from_numpy(np.stack(masks)).to(self.device)


def make_decoder(
    model: Any,
    tokeniser: Any,
    *,
    ends: Sequence[int],
    slots: int,
    context: int,
    graphs: bool | None = None,
    autocast: torch.dtype | None = None,
    vision: Vision | None = None,
) -> SlotDecoder | PlainDecoder:
    """The decoder for a model: the fast one where every layer attends to every token and nothing is seen."""
    if vision or other_layers(model.config.get_text_config(), context):
        return PlainDecoder(model, tokeniser, ends=ends, slots=slots, context=context, autocast=autocast, vision=vision)
    return SlotDecoder(model, tokeniser, ends=ends, slots=slots, context=context, graphs=graphs, autocast=autocast)
