"""A conversation as the model has it: ids, which of them it sampled, and how likely each was.

Messages are turned into tokens once, when they come. What was sampled stays as it was sampled; whether a tokeniser
would split the same text in the same way is only counted, and why not. For a model that sees, the images of a message
stand behind its text, their pixels beside the tokens that stand for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.models import chatml
from dataclaw.models.answers import SampledAnswer, Stop
from dataclaw.models.gallery import Gallery, message_pieces
from dataclaw.models.vision import Image
from dataclaw.types import Message, Stream


@dataclass(frozen=True, slots=True)
class SampledTurn:
    """A turn that was sampled.

    Attributes:
        start: index of its first token in the conversation.
        end: index after its last.
        text: what it says, the ending token left out.
        stop: why it ended.
        drift: why its text would be tokenised otherwise, "" when it would not: "marks" (it spells a token of the
            template), "bytes" (it ends inside a character), "split" (the same text in other pieces).
    """

    start: int
    end: int
    text: str
    stop: Stop
    drift: str


@dataclass
class Conversation:
    """One sequence of tokens.

    Attributes:
        ids: `(T,)` the tokens.
        sampled: `(T,)` whether the model sampled each; everything else it was told.
        logprobs: `(T,)` log-probability of sampled tokens when they were drawn, 0 for others.
        masks: what a grammar allowed at each sampled token, by its index; empty without one.
        said: the sampled turns.
        heard: every message so far.
        images: what was shown, in order, each with the index of its tokens.
    """

    ids: list[int] = field(default_factory=list[int])
    sampled: list[bool] = field(default_factory=list[bool])
    logprobs: list[float] = field(default_factory=list[float])
    masks: dict[int, NDArray[np.uint8]] = field(default_factory=dict[int, "NDArray[np.uint8]"])
    turns: list[SampledTurn] = field(default_factory=list[SampledTurn])
    messages: list[Message] = field(default_factory=list[Message])
    images: list[Image] = field(default_factory=list[Image])

    def follows(self, messages: Sequence[Message]) -> bool:
        """Whether the messages begin with what this conversation holds."""
        return list(messages[: len(self.messages)]) == self.messages


class ConversationWriter:
    """Writes conversations.

    Args:
        tokeniser: tokeniser of the model.
        gallery: shows pictures to a model that sees; None: pictures are ignored.
    """

    def __init__(self, tokeniser: Any, gallery: Gallery | None = None) -> None:
        self._tokeniser, self._gallery = tokeniser, gallery
        self._opening = chatml.tokens_of(tokeniser, chatml.opening("assistant"))
        self._closing = chatml.tokens_of(tokeniser, chatml.closing())
        self._messages = chatml.MessageTokens(tokeniser)

    @property
    def end(self) -> int:
        """The token that ends a turn."""
        return self._closing[0]

    def add_messages(self, talk: Conversation, messages: Sequence[Message], stream: Stream | None = None) -> None:
        """Append the messages that are new, and the opening of the model's turn.

        Args:
            talk: the conversation.
            messages: all messages so far.
            stream: whose frames the pictures of messages are; None: pictures are ignored.
        """
        for message in messages[len(talk.messages) :]:
            if self._gallery and stream and message.pictures:
                self._show(talk, message, self._gallery, stream)
            else:
                self._tell(talk, self._messages.of(message.role, message.text))
            talk.messages.append(message)
        self._tell(talk, self._opening)

    def add_answer(self, talk: Conversation, answer: SampledAnswer) -> str:
        """Append what was sampled, and what closes the turn; the turn's text."""
        start = len(talk.ids)
        talk.ids += answer.ids
        talk.sampled += [True] * len(answer.ids)
        talk.logprobs += answer.logprobs
        if answer.masks is not None:
            talk.masks |= {start + at: mask for at, mask in enumerate(answer.masks)}
        ended = answer.stop is Stop.END
        written = answer.ids[:-1] if ended else answer.ids
        text = str(self._tokeniser.decode(written, clean_up_tokenization_spaces=False))
        talk.turns.append(SampledTurn(start, len(talk.ids), text, answer.stop, self._drift(text, written)))
        talk.messages.append(Message("assistant", text))
        self._tell(talk, self._closing[1:] if ended else self._closing)
        return text

    def _tell(self, talk: Conversation, tokens: Sequence[int]) -> None:
        talk.ids += tokens
        talk.sampled += [False] * len(tokens)
        talk.logprobs += [0.0] * len(tokens)

    def _show(self, talk: Conversation, message: Message, gallery: Gallery, stream: Stream) -> None:
        """Append a message with its pictures."""
        parts = gallery.parts(
            stream, message.pictures, len(talk.ids) + len(self._messages.of(message.role, message.text))
        )
        for piece in message_pieces(self._tokeniser, message.role, message.text, parts):
            if isinstance(piece, list):
                self._tell(talk, piece)
            else:
                talk.images.append(Image(len(talk.ids) + 1, piece))
                self._tell(talk, gallery.vision.tokens(piece.grid))

    def _drift(self, text: str, written: Sequence[int]) -> str:
        if chatml.plain(text) != text:
            return "marks"
        whole = chatml.render([{"role": "assistant", "content": text}])
        if chatml.tokens_of(self._tokeniser, whole) == [*self._opening, *written, *self._closing]:
            return ""
        return "bytes" if "\ufffd" in text else "split"
