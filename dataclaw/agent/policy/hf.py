"""A model of transformers as a policy: all rollouts that wait are answered in one batch, token-exact.

`hf:PATH` or `hf:PATH@ADAPTER`, for training and for measuring; `hf:embedded` is the embedded model. A run for people is
better served by the embedded model's runtime or by a server.
"""

from __future__ import annotations

import importlib
import logging
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import Decision
from dataclaw.errors import MissingExtraError, PolicyError
from dataclaw.models.adapter_folder import RECORD, check_base, read_record
from dataclaw.models.adapter_turns import Adapters
from dataclaw.models.answers import Decoder, Prompt, Sampled
from dataclaw.models.bases import base_folder, digest_of
from dataclaw.models.chatml import END, START
from dataclaw.models.conversation import Conversation, Scribe
from dataclaw.models.gallery import Gallery
from dataclaw.models.grammar import Grammar
from dataclaw.models.libraries import quietly, without_peft_warning
from dataclaw.models.plain import make_decoder
from dataclaw.models.vision import IMAGE_SIDE, Vision, auto_class, read_processor, sees

log = logging.getLogger(__name__)
PREFIX = "hf:"
CONTEXT = 8192
NEW_TOKENS = 4096
SLOTS = 4


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are sampled.

    Attributes:
        temperature: of the first attempt; 0 is greedy. Later attempts of a best-of-n sample at 0.8 at least.
        new_tokens: most tokens of an answer.
        context: longest conversation [tokens].
        slots: conversations at once.
        constrained: sample under the action schema.
        seed: changes everything that is drawn.
        graphs: CUDA graphs; None: on a CUDA device.
        autocast: numbers of torch to compute in ("bfloat16"), as mixed training does; None: the weights' own.
        images: show frames to a model that sees.
    """

    temperature: float = 0.0
    new_tokens: int = NEW_TOKENS
    context: int = CONTEXT
    slots: int = SLOTS
    constrained: bool = False
    seed: int = 0
    graphs: bool | None = None
    autocast: str | None = None
    images: bool = True


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
    manner: Manner = Manner()
    elsewhere: Decoder | None = None
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
        self.scribe = Scribe(self.tokeniser, self.gallery)
        self.decoder: Decoder = self.elsewhere or self._own_decoder()
        vocabulary = int(self.model.config.get_text_config().vocab_size)
        self._grammar = Grammar(self.tokeniser, self.scribe.end, vocabulary) if self.manner.constrained else None

    def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
        """One answer a scene, all of them in one batch."""
        start = time.monotonic()
        talks = [self._talk(scene) for scene in scenes]
        requests = [self._request(scene, talk) for scene, talk in zip(scenes, talks, strict=True)]
        answers = self._sample(scenes, requests)
        seconds = (time.monotonic() - start) / max(1, len(scenes))
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

    def _own_decoder(self) -> Decoder:
        manner = self.manner
        return make_decoder(
            self.model,
            self.tokeniser,
            ends=[self.scribe.end],
            slots=manner.slots,
            context=self._context(),
            graphs=manner.graphs,
            autocast=getattr(_library("torch"), manner.autocast) if manner.autocast else None,
            vision=self.vision,
        )

    def _sample(self, scenes: Sequence[PolicyInput], requests: Sequence[Prompt]) -> list[Sampled]:
        if not self.adapters:
            return self.decoder.sample(requests)
        own = [self.adapters.of(scene.state.domain) for scene in scenes]
        answers: dict[str, Sampled] = {}
        for adapter in dict.fromkeys(own):  # a conversation stays with its adapter, so what was read of it stays true
            if self.adapters.use(adapter):
                self.decoder.renew()
            part = [request for request, name in zip(requests, own, strict=True) if name == adapter]
            answers |= {one.key: answer for one, answer in zip(part, self.decoder.sample(part), strict=True)}
        return [answers[request.key] for request in requests]

    def _talk(self, scene: PolicyInput) -> Conversation:
        """The conversation of a rollout, with everything that it was told since its last answer."""
        messages = scene.messages()
        kept = self.talks.setdefault(_key(scene), [])
        if not kept or not kept[-1].follows(messages):
            self.forks += bool(kept)
            kept.append(Conversation())
        self.scribe.hear(kept[-1], messages, scene.workshop.stream)
        return kept[-1]

    def _request(self, scene: PolicyInput, talk: Conversation) -> Prompt:
        attempt, manner = scene.state.attempt, self.manner
        key = _key(scene)
        left = max(1, scene.state.budget.tokens - scene.state.spent.tokens)
        return Prompt(
            key=key,
            ids=tuple(talk.ids),
            limit=min(manner.new_tokens, left),
            seed=zlib.crc32(f"{manner.seed}:{key}".encode()),
            temperature=max(manner.temperature, 0.8) if attempt else manner.temperature,
            matcher=self._grammar.matcher(scene.action_schema()) if self._grammar else None,
            images=tuple(talk.images),
        )

    def _decision(self, talk: Conversation, answer: Sampled, seconds: float) -> Decision:
        prompt = len(talk.ids)
        if not answer.ids:
            full = f"the conversation has {prompt} tokens, more than the model takes ({self.decoder.context})."
            return Decision("", prompt_tokens=prompt, seconds=seconds, error=full, remedy="Ask for a shorter span.")
        text = self.scribe.say(talk, answer)
        return Decision(text, len(answer.ids), prompt, seconds)


def load(name: str, manner: Manner, adapters: Mapping[str, Path] | None = None) -> Hf:
    """The policy of a name `hf:PATH[@ADAPTER]`; PATH is "embedded", a folder, or an id of the Hugging Face hub.

    Runs on the first CUDA device, in bfloat16 (float32 weights under autocast, as they were trained), else on the CPU
    in float32.

    Args:
        name: its name.
        manner: how answers are sampled.
        adapters: folders of adapters by domain, where the name has none.

    Raises:
        ConfigError: no such model is known, or the adapter is not whole or was trained on another base.
        PolicyError: there is no such model or adapter, it cannot be decoded here, or the embedded one was not fetched.
        MissingExtraError: torch, transformers or peft is not installed.
    """
    path, _, adapter = name.removeprefix(PREFIX).partition("@")
    if not path:
        raise PolicyError(f"{name!r} names no model.", remedy="Say hf:FOLDER or hf:FOLDER@ADAPTER.")
    torch, transformers = _library("torch"), _library("transformers")
    folder = base_folder(path, weights=True)
    own = {"": Path(adapter)} if adapter else adapters or {}
    for one in dict.fromkeys(own.values()):
        _check_adapter(one, path, folder)
    cuda = bool(torch.cuda.is_available())
    try:
        with quietly():
            tokeniser = transformers.AutoTokenizer.from_pretrained(folder)
            kind = auto_class(transformers, transformers.AutoConfig.from_pretrained(folder))
            model = kind.from_pretrained(folder, dtype="auto" if cuda else torch.float32)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise PolicyError(f"no model of transformers: {reason}", place=path, remedy="Name its folder.") from None
    model = model.to("cuda" if cuda else "cpu")
    if cuda and manner.autocast is None and model.dtype == torch.float32:
        manner = replace(manner, autocast="bfloat16")
    model = _adapted(model, next(iter(own.values()))) if own else model
    turns = Adapters(model, own) if own and not adapter else None
    vision = _vision(model, folder, dict.fromkeys(own.values())) if manner.images and sees(model.config) else None
    return Hf(name, model, tokeniser, manner, adapters=turns, vision=vision)


def _check_adapter(adapter: Path, base: str, folder: Path) -> None:
    """Refuse an adapter of another base, before that is loaded; others' adapters do not say which one they are of."""
    if not (adapter / "adapter_config.json").is_file():
        raise PolicyError("no adapter of peft.", place=str(adapter), remedy="Name the folder that training wrote.")
    if (adapter / RECORD).is_file():
        check_base(adapter, base, digest_of(base, folder))


def _vision(model: Any, folder: Path, adapters: Iterable[Path]) -> Vision | None:
    """How a model sees that can: as its adapters were trained to; those that were trained on text alone only read."""
    sides = {int(read_record(one).get("image_side", 0)) for one in adapters if (one / RECORD).is_file()}
    if len(sides) > 1:
        remedy = "Name one adapter, or turn images off."
        raise PolicyError(f"the adapters were trained with images of {sorted(sides)} px.", remedy=remedy)
    side = sides.pop() if sides else IMAGE_SIDE
    try:
        return Vision(model, read_processor(_library("transformers"), folder), side) if side else None
    except PolicyError as error:  # a whole model that was trained on text alone has none
        log.warning("%s Frames are not shown to it.", error)
        return None


def _adapted(model: Any, folder: Path) -> Any:
    try:
        with without_peft_warning():
            return _library("peft").PeftModel.from_pretrained(model, str(folder))
    except (OSError, ValueError, RuntimeError) as error:  # damaged, or of a model of another shape
        reason = str(error).strip().splitlines()[0]
        raise PolicyError(f"the adapter does not fit: {reason}", place=str(folder), remedy="Take its base.") from None


def _key(scene: PolicyInput) -> str:
    return f"{scene.state.key}/{scene.state.attempt}"


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtraError(f"hf: needs {name}.", remedy="Run: pip install 'dataclaw-tailor[train]'") from None
