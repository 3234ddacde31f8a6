"""What decoders of this process have in common: requests are answered in waves, as many at once as there are slots."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Required, TypedDict

import numpy as np
import torch
from numpy.typing import NDArray

from dataclaw.models.answer_writer import AnswerWriter, answer_of, cache_argument, check_requests, inference
from dataclaw.models.answers import DecodeRequest, PartialAnswer, SampledAnswer


class DecoderSettings(TypedDict, total=False):
    """What every decoder takes; see `WaveDecoder`."""

    ends: Required[Sequence[int]]
    slots: int
    context: int
    whole: bool
    autocast: torch.dtype | None


class WaveDecoder(ABC):
    """Samples answers.

    Args:
        model: causal language model of transformers, with or without an adapter of peft; it may go on being trained
            (call `forget` after every change of its weights).
        tokeniser: its tokeniser.
        ends: ids that end an answer.
        slots: conversations at once.
        context: longest conversation [tokens].
        whole: stop where the first JSON object of an answer is complete.
        autocast: compute in these numbers, as mixed training does; None: in the weights' own.
    """

    attention = "sdpa"
    spare = 0  # positions at the end of the context that no conversation may use

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
    ) -> None:
        self.slots, self.context = slots, context
        self._model = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._writer = AnswerWriter(tokeniser, ends, context - self.spare, whole=whole)
        self._autocast, self.device = autocast, torch.device(self._model.device)
        self._config = self._model.config.get_text_config()
        self._argument = cache_argument(self._model)

    @torch.no_grad()
    def sample(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        """One answer for each request, in order; more requests than slots are answered in turns.

        Raises:
            PolicyError: the model gives no numbers (NaN), or this decoder is not made for images, which a request has.
            DataClawError: images and tokens of a conversation disagree.
            ValueError: two requests belong to one conversation, or a conversation has no token.
        """
        check_requests(requests)
        self._check_images(requests)
        answers: list[SampledAnswer] = []
        with inference(self._model, self.attention), self._weights():
            for at in range(0, len(requests), self.slots):
                wave = requests[at : at + self.slots]
                rows = self._answer([request for request in wave if self._writer.fits(request)])
                done = {row.request.key: row for row in rows}
                answers += [answer_of(done.get(request.key)) for request in wave]
        return answers

    @abstractmethod
    def _check_images(self, requests: Sequence[DecodeRequest]) -> None: ...

    @abstractmethod
    def _answer(self, requests: Sequence[DecodeRequest]) -> Sequence[PartialAnswer]:
        """The finished answers of one wave."""

    def _weights(self) -> AbstractContextManager[None]:
        """Within it, the weights are as answers are computed with them."""
        return nullcontext()


def next_mask(row: PartialAnswer, vocabulary: int) -> NDArray[np.bool_]:
    """`(vocabulary,)`, True where the row's grammar allows a token; it is kept with the answer.

    A row without a grammar allows all, and keeps nothing.
    """
    if row.request.matcher is None:
        return np.ones(vocabulary, np.bool_)
    mask = np.zeros(vocabulary, np.bool_)
    allowed = row.request.matcher.mask()[:vocabulary]  # a grammar may know fewer tokens than the model
    mask[: len(allowed)] = allowed
    row.masks.append(np.packbits(mask))
    return mask
