"""A rollout as a provider reads it: one message for what was looked at first, then answers and what came of them.

Everything before the last message is the same bytes from request to request, so that providers keep it; tools, form and
system prompt are the same for all streams of a task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic_ai import BinaryContent
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.prompts import model_prompt, user_prompt
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, Turn
from dataclaw.models.chatml import plain
from dataclaw.models.image_tokens import ImageRule, text_tokens
from dataclaw.models.pictures import jpeg
from dataclaw.models.sheets import Shown, Sight, side_of
from dataclaw.types import Message, Picture

Exchange: TypeAlias = Sequence[tuple[Turn, Turn]]
"""Actions of one answer, each with its result."""
FIRST_PICTURES = 1600
"""Tokens of the pictures of the first message, at most."""
LATER_PICTURES = 700
"""Tokens of the pictures of a later message, at most."""
CUT = (0, 4000, 1200)
"""Longest result [characters] in a conversation that was longer than the model takes, by how often it was; 0: any."""


@dataclass(frozen=True, slots=True)
class TalkOptions:
    """How a conversation is put.

    Attributes:
        native: tools are called in the provider's own way; else an answer is one JSON object.
        sees: show pictures.
        rule: how the model counts pictures.
        detail: "low" or "high", how large pictures are.
        plainly: a server of one's own makes tokens of text as it is: nothing in it may pass for one of a template.
        shrunk: how often the conversation was longer than the model takes.
    """

    native: bool
    sees: bool
    rule: ImageRule
    detail: str = "high"
    plainly: bool = False
    shrunk: int = 0


@dataclass
class Talk:
    """Messages for a provider, with what they cost.

    Attributes:
        messages: them, in the types of pydantic-ai.
        images: how many pictures they have.
        tokens: about how many tokens they are, pictures included.
        instructions: how many of these are instructions.
    """

    messages: list[ModelMessage] = field(default_factory=list[ModelMessage])
    images: int = 0
    tokens: int = 0
    instructions: int = 0


def conversation(given: PolicyInput, manner: TalkOptions) -> Talk:
    """The conversation of a rollout so far, or a question about it."""
    writer = _Writer(given.state, given.session, manner)
    return writer.ask(given.question.messages) if given.question else writer.write()


class _Writer:
    def __init__(self, state: State, session: Session, manner: TalkOptions) -> None:
        self._state, self._session, self._manner = state, session, manner
        self._sight = Sight(session.stream, manner.rule, side_of(manner.detail))
        self._made = Talk()

    def write(self) -> Talk:
        state, session = self._state, self._session
        looked, answers = _exchanges(state.turns)
        system = self._text(model_prompt(session.task, state.budget, native=self._manner.native))
        self._made.instructions = self._made.tokens
        facts = user_prompt(session.shown, session.task, state.intent.text, state.window)
        first = self._user("\n\n".join([facts, *self._first_results(looked)]), _frames(looked), FIRST_PICTURES)
        self._append(ModelRequest([SystemPromptPart(system), first]))
        left = state.budget.steps
        for number, exchange in enumerate(answers):
            left -= 1
            self._answer(number, exchange)
            self._results(number, exchange, left)
        return self._made

    def ask(self, messages: Sequence[Message]) -> Talk:
        """A question: instructions, and one message with pictures."""
        parts: list[Any] = []
        for message in messages:
            if message.role == "system":
                parts.append(SystemPromptPart(self._text(message.text)))
                self._made.instructions = self._made.tokens
            else:
                parts.append(self._user(message.text, message.pictures, FIRST_PICTURES))
        self._append(ModelRequest(parts))
        return self._made

    def _append(self, message: ModelMessage) -> None:
        self._made.messages.append(message)

    def _text(self, text: str) -> str:
        text = plain(text) if self._manner.plainly else text
        self._made.tokens += text_tokens(text)
        return text

    def _first_results(self, looked: Exchange) -> Iterator[str]:
        if looked:
            yield "Looked at already:"
        for call, result in looked:
            yield f"{_call_text(call)}\n{self._cut(result.text)}"

    def _answer(self, number: int, exchange: Exchange) -> None:
        if self._manner.native and all(call.action for call, _ in exchange):
            parts: list[Any] = [
                ToolCallPart(call.action.tool, dict(call.action.args), f"call_{number}_{at}")
                for at, (call, _) in enumerate(exchange)
                if call.action
            ]
            for call, _ in exchange:
                self._text(call.text)
        else:
            parts = [TextPart(self._text("\n".join(call.text for call, _ in exchange)))]
        self._append(ModelResponse(parts))

    def _results(self, number: int, exchange: Exchange, left: int) -> None:
        native = self._manner.native and all(call.action for call, _ in exchange)
        seen = [picture for _, result in exchange for picture in result.pictures]
        note = f"({left} answers left)" if left > 1 else "(1 answer left: submit a draft)"
        texts = [self._cut(result.text) for _, result in exchange]
        if not native:
            if len(texts) > 1:
                texts = [f"{_call_text(call)}\n{text}" for (call, _), text in zip(exchange, texts, strict=True)]
            self._append(ModelRequest([self._user("\n\n".join([*texts, note]), seen, LATER_PICTURES)]))
            return
        parts: list[Any] = [
            ToolReturnPart(call.action.tool if call.action else "", self._text(text), f"call_{number}_{at}")
            for at, ((call, _), text) in enumerate(zip(exchange, texts, strict=True))
        ]
        self._append(ModelRequest([*parts, self._user(note, seen, LATER_PICTURES)]))

    def _user(self, text: str, pictures: Sequence[Picture], most: int) -> UserPromptPart:
        text = self._text(text)
        if not self._manner.sees or not pictures or self._manner.shrunk > 1:
            return UserPromptPart(text)
        self._sight.most = most // (1 + self._manner.shrunk)
        images, said = self._sight.show(pictures)
        self._made.images += len(images)
        self._made.tokens += sum(self._manner.rule.tokens(*shown.image.size) for shown in images)
        content: list[Any] = [text]
        for shown in images:
            content += [self._text(f"{shown.label}:"), _binary(shown)]
        return UserPromptPart([*content, self._text(said)] if said else content)

    def _cut(self, text: str) -> str:
        most = CUT[min(self._manner.shrunk, len(CUT) - 1)]
        return text if not most or len(text) <= most else f"{text[:most]}\n... (cut: the conversation was too long)"


def _exchanges(turns: Sequence[Turn]) -> tuple[Exchange, list[Exchange]]:
    """What was looked at first, and the answers after it; each action with its result."""
    pairs = list(zip(turns[::2], turns[1::2], strict=True))
    looked = [pair for pair in pairs if pair[0].origin == "opening"]
    answers: list[list[tuple[Turn, Turn]]] = []
    for pair in pairs[len(looked) :]:
        if pair[0].origin == "same" and answers:
            answers[-1].append(pair)
        else:
            answers.append([pair])
    return looked, [tuple(answer) for answer in answers]


def _frames(looked: Exchange) -> list[Picture]:
    """What the first message shows: the pictures of results, and the frames of what they list, in order of time."""
    shown = [picture for _, result in looked for picture in result.pictures if picture.box is None]
    listed = [
        Picture(anchor.frame, part=anchor.part)
        for _, result in looked
        for anchor in (result.observation.anchors if result.observation else ())
        if anchor.frame is not None
    ]
    frames = dict.fromkeys([*shown, *listed])
    return sorted(frames, key=lambda picture: (picture.part, picture.frame))


def _call_text(turn: Turn) -> str:
    """A call as people write it."""
    if turn.action is None:
        return turn.text[:200]
    if turn.action.tool == "submit":
        return "submit(...)"
    return f"{turn.action.tool}({', '.join(f'{key}={value!r}' for key, value in turn.action.args.items())})"


def _binary(shown: Shown) -> BinaryContent:
    return BinaryContent(data=jpeg(shown.image), media_type="image/jpeg")
