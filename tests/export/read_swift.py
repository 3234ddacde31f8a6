"""Run by a Python that has ms-swift: its own loader, its template of Qwen2.5-VL and its collator, on an exported file.

    python tests/export/read_swift.py TRAIN.jsonl MODEL TYPE

Prints JSON: for each row the text that the model reads, the text that it learns, and tokens of pictures against grids.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


def main(file: str, folder: str, kind: str) -> None:
    from swift import get_processor, get_template, load_dataset

    processor = get_processor(folder, model_type=kind)
    template = get_template(processor, template_type=kind)
    template.set_mode("train")
    rows, _ = load_dataset([file], strict=True)
    told = []
    encoded = []
    for row in rows:
        one = template.encode(dict(row), return_length=True)
        encoded.append(one)
        ids, labels = one["input_ids"], one["labels"]
        grids = one.get("image_grid_thw")
        merge = processor.image_processor.merge_size**2
        told.append(
            {
                "read": processor.tokenizer.decode(ids),
                "learned": processor.tokenizer.decode([label for label in labels if label >= 0]),
                "tokens": sum(token == template.image_token_id for token in ids),
                "patches": 0 if grids is None else int(grids.prod(dim=1).sum()) // merge,
                "clips": 0 if one.get("video_grid_thw") is None else len(one["video_grid_thw"]),
            }
        )
    batch = template.data_collator(encoded[:2])
    shapes = {key: list(value.shape) for key, value in batch.items() if hasattr(value, "shape")}
    print(json.dumps({"rows": told, "batch": shapes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
