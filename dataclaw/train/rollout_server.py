"""Rollouts from a vLLM server that follows the training: before every step it is given the adapter as it is then.

An adapter is written whole, under a name that is new to the server, since what a server has read of conversations is
kept by the name of the adapter. The form of answers does not show whether a server computes with it: some releases of
vLLM loaded adapters of some models without a word and did not use them. So `Served.check` stirs the adapter before
the first step and compares, and `APART` stops a step that was sampled by another model.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dataclaw.errors import ConfigError, PolicyError
from dataclaw.models import chatml
from dataclaw.models.answers import DecodeRequest, SampledAnswer
from dataclaw.models.remote_decoder import RemoteDecoder
from dataclaw.train.base_model import save_adapter
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import library
from dataclaw.train.objective import logprobs, restoring, tokens_of
from dataclaw.train.rollout import Trajectory
from dataclaw.train.tokens import TrainingExample
from dataclaw.train.trainee import Trainee

NAME = "dataclaw-"
APART = 0.5
"""Mean difference of a token's log-probability between who samples and who trains at which nothing is learnt [nat]."""
STIR = 0.3
"""How much a layer's output is changed by the stirred adapter, of what an input of spread 1 gives in a layer."""
ASKED = ("What is in it?", "List what happened.", "Who did what, and when?", "Say it in one line.")
ANSWER = 24
"""Tokens of an answer of the check."""


class RolloutServer:
    """A server that samples with the weights that are being trained.

    Args:
        trainee: the model in training, with its adapter.
        config: the recipe.
        out: folder of the run.

    Attributes:
        decoder: the server.

    Raises:
        ConfigError: the recipe trains all weights, or samples under a grammar.
        PolicyError: no server, or none that can be used.
    """

    def __init__(self, trainee: Trainee, config: TrainConfig, out: Path) -> None:
        settings = config.grpo
        if config.model.tuning != "lora":
            remedy = 'Set tuning = "lora", or server = "" to sample here.'
            raise ConfigError("a server is given adapters, and all weights are trained.", place="[grpo] server",
                              remedy=remedy)  # fmt: skip
        if settings.constrained:
            remedy = 'Set constrained = false, or server = "" to sample here.'
            raise ConfigError("a server does not tell what a grammar allowed, so log-probabilities would not be exact.",
                              place="[grpo] constrained", remedy=remedy)  # fmt: skip
        self._trainee, self._temperature = trainee, settings.temperature
        tokeniser, shape = trainee.base.tokeniser, trainee.base.model.config.get_text_config()
        self._end = chatml.tokens_of(tokeniser, chatml.END)[0]
        self.decoder = RemoteDecoder(
            settings.server,
            tokeniser,
            end=self._end,
            vocabulary=int(shape.vocab_size),
            context=settings.max_tokens,
        )
        self._folder = _folder(out.resolve(), settings.shared)
        self._run = secrets.token_hex(4)
        self._loaded = ""

    def sync(self, name: str) -> None:
        """Let the server sample with the weights as they are now.

        Args:
            name: of these weights, within the run.

        Raises:
            PolicyError: it did not load them.
        """
        self.close()
        full = f"{NAME}{self._run}-{name}"
        save_adapter(self._trainee.model, self._trainee.base, self._folder / full)
        self._loaded = full
        self.decoder.load(full, self._folder / full)

    def close(self) -> None:
        """Unload what was loaded last, and remove it."""
        if not self._loaded:
            return
        self.decoder.unload(self._loaded)
        shutil.rmtree(self._folder / self._loaded)
        self._loaded = ""

    def check(self) -> None:
        """Make sure that the server has this model, follows its weights, and gives exact log-probabilities.

        Raises:
            PolicyError: it does not; what to change.
        """
        self.decoder.check_temperature(self._temperature)
        self._remove_leftovers()
        with stirred_adapter(self._trainee):
            self.sync("check")
            answers = self._sample_check()
            with_it = self._mean_difference(answers)
        without = self._mean_difference(answers)
        if with_it < without and with_it <= min(APART, max(0.1, without / 2)):
            return
        if without < with_it:
            raise PolicyError(
                f"the server loads an adapter and answers without it: its log-probabilities are {without:.2f} from the"
                f" model's without the adapter, and {with_it:.2f} with it.",
                place=self.decoder.url,
                remedy="This release of vLLM leaves layers of this model's adapter out; take another, or sample here.",
            )
        raise PolicyError(
            f"the server has another base model than is trained, or computes with a part of the adapter:"
            f" log-probabilities of its tokens differ by {with_it:.2f} on average.",
            place=self.decoder.url,
            remedy=f"Serve {self._trainee.base.name} itself, in the same numbers, neither quantised nor merged; or"
            " sample here.",
        )

    def _remove_leftovers(self) -> None:
        """Unload adapters that a killed run left in this folder."""
        for card in self.decoder.models():
            if card.get("parent") and Path(str(card.get("root"))).parent == self._folder:
                self.decoder.unload(str(card.get("id")))
        for old in self._folder.glob(f"{NAME}*"):
            shutil.rmtree(old)

    def _sample_check(self) -> list[tuple[DecodeRequest, SampledAnswer]]:
        requests = [
            DecodeRequest(
                key=text,
                ids=tuple(
                    chatml.tokens_of(
                        self._trainee.base.tokeniser,
                        chatml.render([{"role": "user", "content": text}]) + chatml.opening("assistant"),
                    )
                ),
                limit=ANSWER,
                temperature=self._temperature,
            )
            for text in ASKED
        ]
        return list(zip(requests, self.decoder.sample(requests), strict=True))

    def _mean_difference(self, answers: Sequence[tuple[DecodeRequest, SampledAnswer]]) -> float:
        """Mean difference of the server's log-probabilities from the model's [nat]."""
        torch, model = library("torch"), self._trainee.model
        model.eval()
        try:
            with torch.no_grad():
                drifts = [self._drift(request, answer) for request, answer in answers]
        finally:
            model.train()
        return float(np.mean(np.concatenate(drifts)))

    def _drift(self, request: DecodeRequest, answer: SampledAnswer) -> Any:
        ids = np.array([*request.ids, *answer.ids], np.int32)
        learn = np.arange(len(ids)) >= len(request.ids)
        drawn = np.array(answer.logprobs, np.float32)
        one = Trajectory(TrainingExample(request.key, "", "", ids, learn, ()), drawn, 0.0)
        now = logprobs(self._trainee, tokens_of([one], (0,), [1.0]), self._temperature)
        return np.abs(now.float().cpu().numpy() - drawn)


def _folder(out: Path, shared: str) -> Path:
    """Where adapters of a run lie, and those of no other run: what is found there is removed."""
    own = f"{NAME}{out.name}-{hashlib.sha256(str(out).encode()).hexdigest()[:8]}"
    return Path(shared).resolve() / own if shared else out / "served"


@contextmanager
def stirred_adapter(trainee: Trainee) -> Generator[None]:
    """The adapter with noise in it, as if it had learnt something else; as it was afterwards.

    With A as peft draws it, noise of spread s in B (rank r, scale a) changes the output for an input of spread 1 by a
    spread of about a s sqrt(r / 3); s is chosen so that this is `STIR`.
    """
    torch = library("torch")
    matrices = {name: p for name, p in trainee.learnt().items() if "lora_B" in name}
    lora = trainee.model.peft_config[trainee.model.active_adapter]
    spread = STIR / (lora.lora_alpha / lora.r * (lora.r / 3) ** 0.5)
    generator = torch.Generator().manual_seed(0)
    with restoring(matrices):
        with torch.no_grad():
            for p in matrices.values():
                p += torch.randn(p.shape, generator=generator).to(p) * spread
        yield
