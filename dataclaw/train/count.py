"""How many tokens a recipe's corpus has: counted with the model's tokeniser, or estimated from the characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dataclaw.models.bases import base_folder
from dataclaw.models.chatml import END, START
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import library
from dataclaw.train.plan import LEARNT, Corpus
from dataclaw.train.tokens import TRAINING, lines_of, read_examples

CHARACTERS = 2.6
"""Characters of a token of traces, as the embedded model's tokeniser has them; larger vocabularies have more."""


class Characters:
    """Stands in for the tokeniser of a model that is not here: only the number of tokens means anything."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:  # noqa: ARG002 - as tokenisers have it
        """As many tokens as such a text has, more or less; special tokens are one each."""
        parts = re.split(f"({re.escape(START)}|{re.escape(END)})", text)
        counts = [1 if part in {START, END} else max(1, round(len(part) / CHARACTERS)) for part in parts if part]
        return [0] * sum(counts)

    def decode(self, token_ids: Sequence[int]) -> str:  # noqa: ARG002 - there are no texts
        """Nothing."""
        return ""


def count(config: TrainConfig) -> Corpus:
    """The corpus of a recipe as its traces' lengths; without lengths where it is not built yet.

    Raises:
        ConfigError: it does not match the template, or nothing of it would be learnt.
    """
    if lines_of(config.data.corpus, TRAINING) is None:
        return Corpus()
    counted = not config.model.shape
    tokeniser: Any = Characters()
    if counted:
        folder = base_folder(config.model.name, weights=False)
        tokeniser = library("transformers").AutoTokenizer.from_pretrained(folder, local_files_only=True)
    examples, told = read_examples(config.data, tokeniser)
    lengths = tuple(len(one) for one in examples)
    return Corpus(lengths, told.learnt / told.tokens if told.tokens else LEARNT, counted, len(told.long))
