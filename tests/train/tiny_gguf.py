"""A model of `tiny_model` as a GGUF in float32, for the in-process runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dataclaw.models.gguf_files import finish
from dataclaw.train.convert import NAMES, interleave
from tests.train.tiny import MERGES, SPECIAL

NORMS = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}


def tiny_gguf(model: Any, tokeniser: Any, out: Path) -> Path:
    """Write weights, vocabulary and shape; the rows of queries and keys in the runtime's order."""
    import gguf

    config = model.config
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    _add_vocabulary(gguf, writer, tokeniser)
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for key, weight in model.state_dict().items():
        if key != "lm_head.weight":  # tied
            name = _name(key)
            matrix = weight.float().numpy()
            part = name.split(".")[2] if name.startswith("blk.") else ""
            writer.add_tensor(name, interleave(matrix, heads[part]) if part in heads else matrix)
    finish(writer)
    return out


def _add_vocabulary(gguf: Any, writer: Any, tokeniser: Any) -> None:
    tokens = tokeniser.convert_ids_to_tokens(range(len(tokeniser)))
    kinds = [gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in MERGES])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)


def _name(key: str) -> str:
    if key == "model.embed_tokens.weight":
        return "token_embd.weight"
    if key == "model.norm.weight":
        return "output_norm.weight"
    _, _, number, *module, _ = key.split(".")
    path = ".".join(module)
    return f"blk.{number}.{NORMS.get(path) or NAMES[path]}.weight"
