"""A model of transformers as a policy: all rollouts that wait are answered in one batch, token-exact.

`hf:PATH` or `hf:PATH@ADAPTER`, for training and for measuring; `hf:embedded` is the embedded model. A run for people is
better served by the embedded model's runtime or by a server.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.errors import PolicyError
from dataclaw.models.adapter_turns import Adapters
from dataclaw.models.answers import AnswerDecoder, DecodeRequest, SampledAnswer
from dataclaw.models.chatml import END, START
from dataclaw.models.conversation import Conversation, ConversationWriter
from dataclaw.models.gallery import Gallery
from dataclaw.models.grammar import Grammar
from dataclaw.models.libraries import library
from dataclaw.models.load import Manner, load_model
from dataclaw.models.plain_decoder import make_decoder
from dataclaw.models.vision import Vision
from dataclaw.types import Decision


@dataclass
class Hf:
    """A loaded model as a policy.

    Attributes:
        name: how it is asked for.
        model: causal language model of transformers, perhaps with an adapter of peft.
        tokeniser: its tokeniser, which knows ChatML.
        manner: how answers are sampled.
        elsewhere: who samples them; None: the model itself, in this process.
        adapters: adapters that take turns in the model, by domain; None: it is as it is.
        vision: how the model sees; None: pictures are ignored.
        talks: conversations of each rollout, by its key; more than one where a transcript was changed behind the
            model's back, which `forks` counts.

    Raises:
        PolicyError: the tokeniser knows no ChatML, or images are to be shown to a model elsewhere.
        MissingExtraError: constrained decoding was asked for and llguidance is not installed.
    """

    name: str
    model: Any
    tokeniser: Any
    manner: Manner = field(default_factory=Manner)
    elsewhere: AnswerDecoder | None = None
    adapters: Adapters | None = None
    vision: Vision | None = None
    talks: dict[str, list[Conversation]] = field(default_factory=dict[str, "list[Conversation]"])
    forks: int = 0
    read: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        for mark in (START, END):
            if len(self.tokeniser.encode(mark, add_special_tokens=False)) != 1:
                raise PolicyError(f"the tokeniser has no token {mark}.", remedy="Take a model that speaks ChatML.")
        if self.elsewhere and self.vision:
            raise PolicyError("images cannot be shown to a model elsewhere.", remedy="Turn images off.")
        context = self._context()
        room = max(context // 2, context - self.manner.new_tokens)
        self.gallery = Gallery(self.vision, room) if self.vision else None
        self.scribe = ConversationWriter(self.tokeniser, self.gallery)
        self.decoder: AnswerDecoder = self.elsewhere or self._own_decoder()
        vocabulary = int(self.model.config.get_text_config().vocab_size)
        self._grammar = Grammar(self.tokeniser, self.scribe.end, vocabulary) if self.manner.constrained else None

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """One answer a scene, all of them in one batch."""
        start = time.monotonic()
        talks = [self._talk(given) for given in inputs]
        requests = [self._request(given, talk) for given, talk in zip(inputs, talks, strict=True)]
        answers = self._sample(inputs, requests)
        seconds = (time.monotonic() - start) / max(1, len(inputs))
        for answer in answers:
            self.read.update({"prefilled": answer.read, "sampled": len(answer.ids), str(answer.stop): 1})
        return [self._decision(talk, answer, seconds) for talk, answer in zip(talks, answers, strict=True)]

    def close(self) -> None:
        """Let go of the conversations."""
        self.forget()

    def forget(self) -> None:
        """Forget all conversations and what was read of them; needed when the model's weights have changed."""
        self.talks.clear()
        self.decoder.forget()

    @property
    def pictures(self) -> Counter[str]:
        """Pictures "shown", "unavailable" and left out for want of room ("no room"), so far."""
        return self.gallery.counts if self.gallery else Counter()

    def _context(self) -> int:
        most = int(getattr(self.model.config.get_text_config(), "max_position_embeddings", 0) or self.manner.context)
        return min(self.manner.context, most)

    def _own_decoder(self) -> AnswerDecoder:
        manner = self.manner
        return make_decoder(
            self.model,
            self.tokeniser,
            ends=[self.scribe.end],
            slots=manner.slots,
            context=self._context(),
            graphs=manner.graphs,
            autocast=getattr(library("torch"), manner.autocast) if manner.autocast else None,
            vision=self.vision,
        )

    def _sample(self, inputs: Sequence[PolicyInput], requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        if not self.adapters:
            return self.decoder.sample(requests)
        own = [self.adapters.of(given.state.domain) for given in inputs]
        answers: dict[str, SampledAnswer] = {}
        for adapter in dict.fromkeys(own):  # a conversation stays with its adapter, so what was read of it stays true
            if self.adapters.use(adapter):
                self.decoder.renew()
            part = [request for request, name in zip(requests, own, strict=True) if name == adapter]
            answers |= {one.key: answer for one, answer in zip(part, self.decoder.sample(part), strict=True)}
        return [answers[request.key] for request in requests]

    def _talk(self, given: PolicyInput) -> Conversation:
        """The conversation of a rollout, with everything that it was told since its last answer."""
        messages = given.messages()
        kept = self.talks.setdefault(_key(given), [])
        if not kept or not kept[-1].follows(messages):
            self.forks += bool(kept)
            kept.append(Conversation())
        self.scribe.add_messages(kept[-1], messages, given.session.stream)
        return kept[-1]

    def _request(self, given: PolicyInput, talk: Conversation) -> DecodeRequest:
        attempt, manner = given.state.attempt, self.manner
        key = _key(given)
        left = max(1, given.state.budget.tokens - given.state.spent.tokens)
        return DecodeRequest(
            key=key,
            ids=tuple(talk.ids),
            limit=min(manner.new_tokens, left),
            seed=zlib.crc32(f"{manner.seed}:{key}".encode()),
            temperature=max(manner.temperature, 0.8) if attempt else manner.temperature,
            matcher=self._grammar.matcher(given.action_schema()) if self._grammar else None,
            images=tuple(talk.images),
        )

    def _decision(self, talk: Conversation, answer: SampledAnswer, seconds: float) -> Decision:
        prompt = len(talk.ids)
        if not answer.ids:
            full = f"the conversation has {prompt} tokens, more than the model takes ({self.decoder.context})."
            return Decision("", prompt_tokens=prompt, seconds=seconds, error=full, remedy="Ask for a shorter span.")
        text = self.scribe.add_answer(talk, answer)
        return Decision(text, len(answer.ids), prompt, seconds)


def load(name: str, manner: Manner, adapters: Mapping[str, Path] | None = None) -> Hf:
    """The policy of a name `hf:PATH[@ADAPTER]`.

    Raises:
        DataClawError: as `load_model`.
    """
    made = load_model(name, manner, adapters)
    return Hf(name, made.model, made.tokeniser, made.manner, adapters=made.adapters, vision=made.vision)


def _key(given: PolicyInput) -> str:
    return f"{given.state.key}/{given.state.attempt}"
