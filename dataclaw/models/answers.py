"""Requests for answers, answers that are being written, and finished ones: what decoders and their users share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dataclaw.models.json_end import ObjectEnd
from dataclaw.models.vision import Image


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    """The token that ends a turn was sampled."""
    OBJECT = "object"
    """The JSON object is complete."""
    LENGTH = "length"
    """The answer is as long as it may be."""
    CONTEXT = "context"
    """The conversation is as long as it may be."""


class Matcher(Protocol):
    """What may be sampled next under a grammar."""

    def mask(self) -> NDArray[np.bool_]:
        """`(vocabulary,)`, True where a token may come next."""
        ...

    def take(self, token: int) -> bool:
        """Go on after a token; whether the text may still go on."""
        ...


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """A request for the next answer of a conversation.

    Attributes:
        key: names the conversation, so that its slot is found again.
        ids: the whole conversation so far, at least one token.
        limit: most tokens of the answer.
        seed: with the length of the conversation it decides what is drawn, whatever else the batch holds.
        temperature: logits are divided by it; 0 takes the likeliest token, with its log-probability at 1.
        matcher: grammar to sample under; log-probabilities are then those under the grammar.
        images: the images in the conversation, in order.
    """

    key: str
    ids: Sequence[int]
    limit: int
    seed: int = 0
    temperature: float = 1.0
    matcher: Matcher | None = None
    images: Sequence[Image] = ()


@dataclass(frozen=True, slots=True)
class SampledAnswer:
    """A finished answer.

    Attributes:
        ids: what was sampled, the ending token included.
        logprobs: log-probability of each when it was drawn.
        stop: why it ended.
        read: tokens that were prefilled for it.
        masks: with a grammar what was allowed at each token, `(tokens, bytes)` bits as `numpy.packbits` orders them.
    """

    ids: list[int]
    logprobs: list[float]
    stop: Stop
    read: int = 0
    masks: NDArray[np.uint8] | None = None


class AnswerDecoder(Protocol):
    """Samples answers: a model in this process, or a server with the same weights.

    Attributes:
        context: longest conversation [tokens].
    """

    context: int

    def sample(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        """One answer for each request, in order."""
        ...

    def forget(self) -> None:
        """Forget all conversations, since the weights have changed or nobody continues these."""
        ...

    def renew(self) -> None:
        """Use the weights as they are now; a conversation must be continued by the weights that read it."""
        ...


@dataclass(slots=True)
class PartialAnswer:
    """An answer that is being written."""

    request: DecodeRequest
    slot: int
    read: int
    uniforms: NDArray[np.float64]
    closing: ObjectEnd
    ids: list[int] = field(default_factory=list[int])
    logprobs: list[float] = field(default_factory=list[float])
    masks: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])
    stop: Stop | None = None

    @property
    def last(self) -> int:
        """The token that the model reads next."""
        return self.ids[-1] if self.ids else self.request.ids[-1]

    @property
    def position(self) -> int:
        """Position of that token in the conversation."""
        return len(self.request.ids) - 1 + len(self.ids)
