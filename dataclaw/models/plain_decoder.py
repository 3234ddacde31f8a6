"""Decoding for every other model: linear or sliding attention, which keeps no memory by position, and models that see.

The whole conversation is read again at every turn, padded on the left, and the cache is the model's own. Answers and
log-probabilities are as exact as those of `decode.Decoder`; only the speed is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dataclaw.errors import PolicyError
from dataclaw.models.answer_writer import (
    AnswerWriter,
    answer_of,
    cache_argument,
    check_requests,
    inference,
    other_layers,
)
from dataclaw.models.answers import DecodeRequest, PartialAnswer, SampledAnswer
from dataclaw.models.slot_decoder import SlotDecoder
from dataclaw.models.step_buffers import draw
from dataclaw.models.vision import Vision


class PlainDecoder:
    """Samples answers, each conversation read anew.

    Args:
        model: causal language model of transformers, with or without an adapter of peft.
        tokeniser: its tokeniser.
        ends: ids that end an answer.
        slots: conversations at once.
        context: longest conversation [tokens].
        whole: stop where the first JSON object of an answer is complete.
        autocast: compute in these numbers, as mixed training does; None: in the weights' own.
        vision: how the model sees; None: it reads text only.
    """

    def __init__(
        self,
        model: Any,
        tokeniser: Any,
        *,
        ends: Sequence[int],
        slots: int = 8,
        context: int = 8192,
        whole: bool = True,
        autocast: torch.dtype | None = None,
        vision: Vision | None = None,
    ) -> None:
        self.slots, self.context = slots, context
        self._model = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._writer = AnswerWriter(tokeniser, ends, context, whole=whole)
        self._autocast, self.device = autocast, torch.device(self._model.device)
        self._vocabulary = int(self._model.config.get_text_config().vocab_size)
        self._argument = cache_argument(self._model)
        self._vision = vision

    def forget(self) -> None:
        """Nothing is kept between turns."""

    def renew(self) -> None:
        """Weights are read anew at every call."""

    @torch.no_grad()
    def sample(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        """One answer a request, in order; more requests than slots are answered in turns.

        Raises:
            PolicyError: the model gives no numbers (NaN).
            DataClawError: images and tokens of a conversation disagree.
            ValueError: two requests of one conversation, or a conversation without a token.
        """
        check_requests(requests)
        self._check_images(requests)
        with inference(self._model):
            waves = [requests[at : at + self.slots] for at in range(0, len(requests), self.slots)]
            return [answer for wave in waves for answer in self._together(wave)]

    def _together(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        fitting = [request for request in requests if self._writer.fits(request)]
        rows = [self._writer.begin(request, slot, len(request.ids)) for slot, request in enumerate(fitting)]
        if rows:
            self._write(rows)
        done = {row.request.key: row for row in rows}
        return [answer_of(done.get(request.key)) for request in requests]

    def _write(self, rows: Sequence[PartialAnswer]) -> None:
        longest = max(len(row.request.ids) for row in rows)
        ids, mask = (np.zeros((len(rows), longest), np.int64) for _ in range(2))
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
                    "images for a model that reads text only.", place=request.key, remedy="Give `vision`."
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
        allowed = np.ones((len(rows), self._vocabulary), np.bool_)
        for row in rows:
            if row.request.matcher and row.stop is None:
                mask = np.zeros(self._vocabulary, np.bool_)
                told = row.request.matcher.mask()[: self._vocabulary]
                mask[: len(told)] = told
                row.masks.append(np.packbits(mask))
                allowed[row.slot] = mask
        return torch.from_numpy(allowed).to(self.device)


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
