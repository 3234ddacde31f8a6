"""A tiny Llama with random weights and a tokeniser of bytes that knows ChatML, saved as a model of transformers."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

BYTES = 256
VOCABULARY = BYTES + 8
"""Bytes, three special tokens, and a few merges."""
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = [("t", "h"), ("th", "e"), ("Ġ", "a"), ("i", "n"), ("o", "n")]


def tiny_tokeniser(*, chatml: bool = True, ascii_only: bool = False) -> Any:
    """Byte-level BPE like SmolLM2's, its special tokens first; with ASCII alone, every token is whole characters."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = SPECIAL if chatml else ["<|endoftext|>", "<s>", "</s>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    if ascii_only:
        letters = [letter for letter in letters if letter.isascii() or letter in "ĠĊ"]  # space and line feed
    tokens = [*special, *letters, *("".join(pair) for pair in MERGES)]
    backend = Tokenizer(models.BPE({token: n for n, token in enumerate(tokens)}, MERGES))
    digits = pre_tokenizers.Digits(individual_digits=True)
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(special)
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=special[1], eos_token=special[2])


def tiny_model(folder: Path, *, seed: int = 0, chatml: bool = True, ascii_only: bool = False) -> Path:
    """Two layers, 64 wide, with weights large enough that its answers differ from prompt to prompt."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokeniser = tiny_tokeniser(chatml=chatml, ascii_only=ascii_only)
    config = LlamaConfig(
        vocab_size=len(tokeniser),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
    )
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    tokeniser.save_pretrained(folder)
    return folder


def stirred(model: Any, *, seed: int, scale: float = 0.1) -> Any:
    """The same model with LoRA's B matrices random instead of 0, as if it had learned something."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator) * scale)
    return model
