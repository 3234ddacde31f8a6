"""What every decoder does with the tokens that are drawn: keep them, and know when an answer ends."""

from __future__ import annotations

import inspect
import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dataclaw.errors import PolicyError
from dataclaw.models.answers import DecodeRequest, PartialAnswer, SampledAnswer, Stop
from dataclaw.models.json_end import ObjectEnd


class AnswerWriter:
    """Writes answers.

    Args:
        tokeniser: tokeniser of the model.
        ends: ids that end an answer.
        room: longest conversation [tokens].
        whole: stop where the first JSON object of an answer is complete.
    """

    def __init__(self, tokeniser: Any, ends: Sequence[int], room: int, *, whole: bool) -> None:
        self._tokeniser, self._ends, self._room, self._whole = tokeniser, frozenset(ends), room, whole
        self._pieces: dict[int, str] = {}

    def fits(self, request: DecodeRequest) -> bool:
        """Whether there is room for an answer."""
        return len(request.ids) < self._room

    def begin(self, request: DecodeRequest, slot: int, read: int, ahead: int = 1) -> PartialAnswer:
        """An answer without a token.

        Args:
            request: what is asked for.
            slot: where its conversation lies.
            read: tokens that were prefilled for it.
            ahead: tokens that may be drawn beyond its end.
        """
        random = np.random.default_rng([request.seed, len(request.ids)])
        return PartialAnswer(request, slot, read, random.random(request.limit + ahead), ObjectEnd())

    def goes_on(self, row: PartialAnswer) -> bool:
        """Whether another token may come; if not, the row knows why."""
        if row.stop is None and len(row.ids) >= row.request.limit:
            row.stop = Stop.LENGTH
        if row.stop is None and row.position >= self._room:
            row.stop = Stop.CONTEXT
        return row.stop is None

    def take(self, row: PartialAnswer, ids: Sequence[int], logprobs: Sequence[float]) -> None:
        """Append tokens that were drawn; what comes after the end is left.

        Raises:
            PolicyError: a log-probability is no number.
        """
        for token, logprob in zip(ids, logprobs, strict=True):
            if not self.goes_on(row):
                return
            if not math.isfinite(logprob):
                raise PolicyError("the model's probabilities are no numbers.", remedy="Take float32, or other weights.")
            row.ids.append(token)
            row.logprobs.append(logprob)
            if token in self._ends:
                row.stop = Stop.END
            elif (self._whole and row.closing.read(self._piece(token))) or not _advance_grammar(row, token):
                row.stop = Stop.OBJECT

    def _piece(self, token: int) -> str:
        if token not in self._pieces:
            self._pieces[token] = self._tokeniser.decode([token])
        return self._pieces[token]


def answer_of(row: PartialAnswer | None) -> SampledAnswer:
    """A row's answer; of none, that there was no room for one."""
    if row is None:
        return SampledAnswer([], [], Stop.CONTEXT)
    masks = np.stack(row.masks[: len(row.ids)]) if row.masks else None
    return SampledAnswer(row.ids, row.logprobs, row.stop or Stop.LENGTH, row.read, masks)


def check_requests(requests: Sequence[DecodeRequest]) -> None:
    """Raise ValueError where two requests are of one conversation, or one has no token."""
    if len({request.key for request in requests if request.ids}) < len(requests):
        raise ValueError("every request needs a key of its own, and a token to go on from")


def other_layers(config: Any, context: int) -> str:
    """Layers that do not attend to every token of so long a conversation, by their names; "" where all do.

    Args:
        config: of the language model.
        context: longest conversation [tokens].
    """
    kinds = sorted(set(getattr(config, "layer_types", None) or []) - {"full_attention"})
    if kinds:
        return ", ".join(kinds)
    window = getattr(config, "sliding_window", None)
    slides = window and window < context and getattr(config, "use_sliding_window", None) is not False
    return "sliding_attention" if slides and not getattr(config, "layer_types", None) else ""


def cache_argument(model: Any) -> str:
    """How this release of transformers calls the argument with keys and values."""
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


@contextmanager
def inference(model: Any, attention: str = "sdpa") -> Generator[None]:
    """Without dropout, and with an attention that takes a mask of ours; as it was afterwards."""
    training, before = model.training, model.config._attn_implementation
    model.eval()
    if before != attention:
        model.set_attn_implementation(attention)
    try:
        yield
    finally:
        if before != attention:
            model.set_attn_implementation(before)
        model.train(training)


def _advance_grammar(row: PartialAnswer, token: int) -> bool:
    return row.request.matcher is None or row.request.matcher.take(token)
