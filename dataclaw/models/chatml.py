"""The chat template of the models that we train: ChatML, message by message, so that a prefix stays a prefix.

Every message stands between special tokens, which tokenisers never merge with what is beside them; so the tokens of a
conversation are the tokens of its messages one after the other, in training and in use, and what was sampled is never
tokenised again. Tools stand in the system message; an assistant turn is exactly one JSON action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

START, END = "<|im_start|>", "<|im_end|>"

JINJA = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The same as a template for runtimes that need one. It adds no system message of its own."""


class Tokeniser(Protocol):
    """What is needed of a tokeniser of transformers."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Tokens of a text; special tokens in it count as such."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of tokens."""
        ...


def opening(role: str) -> str:
    """What stands before a message's text."""
    return f"{START}{role}\n"


def closing() -> str:
    """What stands after a message's text; the first token of it ends a turn."""
    return f"{END}\n"


def render(messages: Iterable[Mapping[str, str]]) -> str:
    """A whole conversation, messages as `{"role", "content"}`."""
    return "".join(f"{opening(m['role'])}{plain(m['content'])}{closing()}" for m in messages)


def plain(text: str) -> str:
    """A message's text in which nothing can pass for a special token: a stream could fake a turn with one, or an image.

    All tokens of ChatML and of vision (`<|vision_start|>`, `<|image_pad|>`, ...) begin with `<|`.
    """
    return text.replace("<|", "< |")


def tokens_of(tokeniser: Tokeniser, text: str) -> list[int]:
    """Tokens of a part of a conversation as it was rendered."""
    return list(tokeniser.encode(text, add_special_tokens=False))


class MessageTokens:
    """Tokens of messages. System messages are alike in all conversations of a task, and are tokenised once."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._systems: dict[str, list[int]] = {}

    def of(self, role: str, text: str) -> list[int]:
        """Tokens of a whole message."""
        if role == "system" and text in self._systems:
            return self._systems[text]
        tokens = tokens_of(self._tokeniser, render([{"role": role, "content": text}]))
        if role == "system":
            self._systems[text] = tokens
        return tokens
