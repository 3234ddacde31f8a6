"""Tiny models that see, with random weights: four generations of Qwen-VL in a few thousand parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.train.tiny import SPECIAL, tiny_tokeniser

FAMILIES = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_5")
VISION = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
PATCH, MERGE, MOST = 4, 2, 64 * 64
"""Pixels of a patch's side, patches of a token's side, most pixels of an image."""


def seeing_tokeniser(plain: Any = None) -> Any:
    """A tokeniser that knows the tokens of vision, too."""
    tokeniser = plain or tiny_tokeniser()
    tokeniser.add_special_tokens({"additional_special_tokens": VISION})
    return tokeniser


def seeing_model(
    folder: Path, family: str = "qwen2_5_vl", *, tokeniser: Any = None, most: int = MOST, vocabulary: int = 0
) -> Path:
    """Two layers of language and two of vision, saved with tokeniser and image processor as models of the hub are."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    tokeniser = tokeniser or seeing_tokeniser()
    start, end, image, video = tokeniser.convert_tokens_to_ids(VISION)
    linear = {f"linear_num_{kind}_heads": 1 for kind in ("key", "value")}
    linear |= {f"linear_{kind}_head_dim": 16 for kind in ("key", "value")}
    config = AutoConfig.for_model(
        family,
        text_config={
            "vocab_size": vocabulary or len(tokeniser),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "max_position_embeddings": 16384,
            "initializer_range": 0.2,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [2, 3, 3],
                "partial_rotary_factor": 1.0,
            },
            **({**linear, "layer_types": ["linear_attention", "full_attention"]} if family == "qwen3_5" else {}),
            "bos_token_id": tokeniser.convert_tokens_to_ids(SPECIAL[1]),
            "eos_token_id": tokeniser.convert_tokens_to_ids(SPECIAL[2]),
        },
        vision_config=_vision(family),
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        AutoModelForImageTextToText.from_config(config).save_pretrained(folder)
    tokeniser.save_pretrained(folder)
    small = {"shortest_edge": (PATCH * MERGE) ** 2, "longest_edge": most}
    Qwen2VLImageProcessorPil(patch_size=PATCH, merge_size=MERGE, size=small).save_pretrained(folder)
    return folder


def _vision(family: str) -> dict[str, Any]:
    common = {"depth": 2, "num_heads": 2, "patch_size": PATCH, "spatial_merge_size": MERGE, "temporal_patch_size": 2}
    if family == "qwen2_vl":
        return {**common, "embed_dim": 16, "hidden_size": 32, "mlp_ratio": 2, "initializer_range": 0.2}
    sizes = {**common, "hidden_size": 16, "out_hidden_size": 32, "intermediate_size": 32, "initializer_range": 0.2}
    if family == "qwen2_5_vl":
        return {**sizes, "window_size": 16, "fullatt_block_indexes": [1]}
    deep = {"deepstack_visual_indexes": [0]} if family == "qwen3_vl" else {}
    return {**sizes, "num_position_embeddings": 64, **deep}


def load_seeing(folder: Path) -> tuple[Any, Any, Any]:
    """Model, tokeniser and how it sees, of a folder that `seeing_model` wrote."""
    import transformers

    from dataclaw.models.vision import Vision, read_processor

    model = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
    vision = Vision(model, read_processor(transformers, folder))
    return model, transformers.AutoTokenizer.from_pretrained(folder), vision
