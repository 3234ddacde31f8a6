"""Run by a Python that has LLaMA-Factory: loader, converter, plugin of Qwen2-VL, collator.

    python tests/export/read_llamafactory.py FOLDER MODEL

Prints JSON: for each row the text that the model reads, the text that it learns, and tokens of pictures; and a batch.
"""

from __future__ import annotations

import json
import sys
import tempfile


def main(folder: str, model: str) -> None:
    from llamafactory.data import MultiModalDataCollatorForSeq2Seq, get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    settings = {
        "stage": "sft",
        "do_train": True,
        "model_name_or_path": model,
        "dataset": "dataclaw_train",
        "dataset_dir": folder,
        "media_dir": folder,
        "template": "qwen2_vl",
        "cutoff_len": 65536,
        "output_dir": tempfile.mkdtemp(),
        "finetuning_type": "full",
        "use_cpu": True,
        "overwrite_cache": True,
        "report_to": "none",
    }
    model_args, data_args, training_args, _, _ = get_train_args(settings)
    loaded = load_tokenizer(model_args)
    tokeniser, processor = loaded["tokenizer"], loaded["processor"]
    template = get_template_and_fix_tokenizer(tokeniser, data_args)
    rows = get_dataset(template, model_args, data_args, training_args, stage="sft", **loaded)["train_dataset"]
    collate = MultiModalDataCollatorForSeq2Seq(
        template=template, processor=processor, tokenizer=tokeniser, padding=True
    )
    merge = processor.image_processor.merge_size**2
    token = tokeniser.convert_tokens_to_ids("<|image_pad|>")
    told = []
    for row in rows:
        batch = collate([dict(row)])
        grids = batch.get("image_grid_thw")
        ids = row["input_ids"]
        told.append(
            {
                "read": tokeniser.decode(ids),
                "learned": tokeniser.decode([label for label in row["labels"] if label >= 0]),
                "tokens": sum(one == token for one in ids),
                "patches": 0 if grids is None else int(grids.prod(dim=1).sum()) // merge,
                "clips": 0 if batch.get("video_grid_thw") is None else len(batch["video_grid_thw"]),
            }
        )
    batch = collate([dict(rows[0]), dict(rows[1])])
    shapes = {key: list(value.shape) for key, value in batch.items() if hasattr(value, "shape")}
    print(json.dumps({"rows": told, "batch": shapes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
