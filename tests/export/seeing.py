"""A processor and a model of the Qwen2.5-VL family, tiny and random, with the ids of the real one.

Imports nothing of the project but the tiny models, so that other Pythons can use it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.train.tiny_vision import MERGE, MOST, PATCH, seeing_model, seeing_tokeniser

SPECIAL = {
    "<|endoftext|>": 151643,
    "<|im_start|>": 151644,
    "<|im_end|>": 151645,
    "<|vision_start|>": 151652,
    "<|vision_end|>": 151653,
    "<|image_pad|>": 151655,
    "<|video_pad|>": 151656,
}
"""Ids that the trainers of this family have written down."""
ROLE, ROLE_ID = "assistant", 77091
TEMPLATE = """{%- for message in messages %}<|im_start|>{{ message['role'] }}
{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] -%}
{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>
{%- elif part['type'] == 'video' %}<|vision_start|><|video_pad|><|vision_end|>
{%- else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""What the chat template of Qwen2.5-VL writes, without its system turn."""


def qwen_tokeniser() -> Any:
    """Bytes and the word `assistant`, with the special tokens of Qwen2.5-VL at their own ids."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    parts = [ROLE[: end + 1] for end in range(1, len(ROLE) - 1)]
    names = {name: number for number, name in enumerate([*letters, *parts])} | {ROLE: ROLE_ID} | SPECIAL
    holes = {*range(max(names.values()))} - {*names.values()}
    names |= {f"<unused {number}>": number for number in holes}
    merges = [(ROLE[: end + 1], ROLE[end + 1]) for end in range(len(ROLE) - 1)]
    backend = Tokenizer(models.BPE(names, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(list(SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=[name for name in SPECIAL if "_pad" in name or "vision" in name],
        model_input_names=["input_ids", "attention_mask"],
    )


def seeing_processor(tokeniser: Any, *, most: int = MOST) -> Any:
    """Qwen2.5-VL's processor without its part for video, which needs torchvision."""
    from transformers import Qwen2_5_VLProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    from transformers.processing_utils import ProcessorMixin

    class PictureProcessor(Qwen2_5_VLProcessor):
        def __init__(self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None):
            for kind in ("image", "video"):
                setattr(self, f"{kind}_token", f"<|{kind}_pad|>")
                setattr(self, f"{kind}_token_id", tokenizer.convert_tokens_to_ids(f"<|{kind}_pad|>"))
            ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    small = {"shortest_edge": (PATCH * MERGE) ** 2, "longest_edge": most}
    eyes = Qwen2VLImageProcessorPil(patch_size=PATCH, merge_size=MERGE, size=small)
    return PictureProcessor(eyes, tokeniser, chat_template=TEMPLATE)


def seeing_folder(folder: Path) -> Path:
    """A model as the hub has it: weights, tokeniser, chat template, and how pictures and clips are read.

    Patches have 14 px here as those of the real one, since helpers of trainers resize for these.
    """
    seeing_model(folder, tokeniser=qwen_tokeniser(), vocabulary=max(SPECIAL.values()) + 8)
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    size = {"shortest_edge": 4 * 28**2, "longest_edge": 400 * 28**2}
    see = {"patch_size": 14, "merge_size": MERGE, "temporal_patch_size": 2, "size": size}
    see |= {"min_pixels": 4 * 28**2, "max_pixels": 400 * 28**2, "processor_class": "Qwen2_5_VLProcessor"}
    kinds = {"": {"image_processor_type": "Qwen2VLImageProcessor"}}
    kinds |= {"video_": {"video_processor_type": "Qwen2VLVideoProcessor"}}
    for kind, named in kinds.items():
        (folder / f"{kind}preprocessor_config.json").write_text(json.dumps(see | named))
    return folder


def small_tokeniser() -> Any:
    """One of few tokens, with which training is quick."""
    tokeniser = seeing_tokeniser()
    tokeniser.pad_token, tokeniser.eos_token = "<|endoftext|>", "<|im_end|>"
    return tokeniser


def picture_tokens(batch: Any) -> list[int]:
    """Tokens that each picture of a batch is shown as, by its grid."""
    return [int(t * h * w) // MERGE**2 for t, h, w in batch["image_grid_thw"].tolist()]
