"""Models for tests of GRPO: tiny ones that know a corpus's words, and ones that are led to what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dataclaw.agent.policy.hf import Hf
from dataclaw.models import chatml
from tests.train.tiny import SPECIAL

BAD = '{"tool":"submit","args":{"draft":{}}}'


def tokeniser_of(texts: Sequence[str]) -> Any:
    """Byte-level BPE that was trained on the corpus, so that its conversations are short."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=SPECIAL[1], eos_token=SPECIAL[2])


def small_model(corpus: Path, folder: Path) -> Path:
    """A Llama of two layers with random weights, whose tokeniser was trained on a corpus."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    rows = [json.loads(line) for line in (corpus / "export" / "traces.jsonl").read_text().splitlines()]
    tokeniser = tokeniser_of([message["content"] for row in rows for message in row["messages"]])
    config = LlamaConfig(
        vocab_size=len(tokeniser),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
    )
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokeniser.save_pretrained(folder)
    return folder


class Trie:
    """A grammar of a few texts: what the model may say, and nothing else."""

    def __init__(self, texts: Sequence[Sequence[int]], vocabulary: int) -> None:
        self._texts, self._vocabulary, self._at = list(texts), vocabulary, 0

    def mask(self) -> np.ndarray:
        mask = np.zeros(self._vocabulary, np.bool_)
        mask[[text[self._at] for text in self._texts]] = True
        return mask

    def take(self, token: int) -> bool:
        self._texts = [text for text in self._texts if text[self._at] == token]
        self._at += 1
        return any(len(text) > self._at for text in self._texts)


class Led(Hf):
    """The model is led through the expert's turns; in the last it chooses between the expert's draft and a bad one."""

    traces: Mapping[str, list[str]] = {}

    def _request(self, scene: Any, talk: Any) -> Any:
        request = super()._request(scene, talk)
        turns = self.traces[scene.state.key.split("~")[0]]
        at = len(talk.turns)
        texts = [turns[at], BAD] if at == len(turns) - 1 else [turns[at]] if at < len(turns) else [BAD]
        ids = [[*chatml.tokens_of(self.tokeniser, text), self.scribe.end] for text in texts]
        return replace(request, matcher=Trie(ids, self.model.config.vocab_size), limit=2000)
