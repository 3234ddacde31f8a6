"""Sampling under the schema of the next action, with llguidance, which the serving runtimes use as well.

It comes with the extra `train`. White space between the parts of the JSON is forbidden, so that a constrained answer
has the same bytes as those that were learnt.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import PolicyError
from dataclaw.models.libraries import library
from dataclaw.types import Json


class Grammar:
    """Makes matchers.

    Args:
        tokeniser: a fast tokeniser of transformers.
        end: the token that ends a turn.
        vocabulary: logits of the model.

    Raises:
        MissingExtraError: llguidance is not installed.
    """

    def __init__(self, tokeniser: Any, end: int, vocabulary: int) -> None:
        self._library = library("llguidance", user="decoding under a schema (constrained = true)")
        self._tokens: Any = library("llguidance.hf").from_tokenizer(tokeniser, n_vocab=vocabulary, eos_token=end)
        self._end, self._vocabulary = end, vocabulary

    def matcher(self, schema: Json) -> GuidedMatcher:
        """A matcher at the beginning of an answer.

        Raises:
            PolicyError: the schema has something that the library does not know.
        """
        options = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
        grammar = self._library.LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=options)
        matcher = self._library.LLMatcher(self._tokens, grammar)
        if matcher.is_error():
            raise PolicyError(
                f"the action schema is no grammar: {matcher.get_error()}.",
                remedy="Decode freely (constrained = false).",
            )
        return GuidedMatcher(matcher, self._end, self._vocabulary)


class GuidedMatcher:
    """Where an answer is in its grammar."""

    def __init__(self, matcher: Any, end: int, vocabulary: int) -> None:
        self._matcher, self._end, self._vocabulary = matcher, end, vocabulary

    def mask(self) -> NDArray[np.bool_]:
        """`(vocabulary,)`, True where a token may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        return np.unpackbits(bits, bitorder="little")[: self._vocabulary].astype(np.bool_)

    def take(self, token: int) -> bool:
        """Go on after a token; whether the text may still go on.

        Raises:
            PolicyError: the grammar did not allow it.
        """
        if not self._matcher.consume_token(token):
            raise PolicyError(
                f"the grammar does not allow a token that was sampled: {self._matcher.get_error()}.",
                remedy="Decode freely.",
            )
        return not self._matcher.is_stopped()
