"""COCO: the boxes of the evidence, in the pictures that samples show."""

from __future__ import annotations

import json

from dataclaw.export.example import Example, LeftOutExample
from dataclaw.export.formats.base import ExportTarget, Format
from dataclaw.types import Json


class Coco(Format):
    """`train.json` in the form of COCO: a category a kind of anchor, each box with what the anchor says."""

    name = "coco"
    summary = "COCO: boxes of the evidence with captions, a category for each kind of anchor"
    whole = True
    coordinates = "pixels"

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        self._images: dict[str, dict[str, dict[str, Json]]] = {}
        self._boxes: dict[str, dict[tuple[int, tuple[float, ...], str], dict[str, Json]]] = {}
        self._kinds: dict[str, int] = {}

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Take the boxes of the sample's anchors, each once a picture."""
        images, boxes = self._images.setdefault(side, {}), self._boxes.setdefault(side, {})
        taken = 0
        for name, anchor in example.sample.anchors.items():
            medium = example.files.pictures.get((anchor.part, -1 if anchor.frame is None else anchor.frame))
            if medium is None or anchor.box is None:
                continue
            width, height = medium.size
            x0, y0, x1, y1 = (max(0.0, value) for value in anchor.box)
            x1, y1 = min(x1, float(width)), min(y1, float(height))
            if x1 <= x0 or y1 <= y0:
                continue
            path = self.target.store.add(medium)
            image = images.setdefault(
                path, {"id": len(images) + 1, "file_name": path, "width": width, "height": height}
            )
            box = [round(x0, 2), round(y0, 2), round(x1 - x0, 2), round(y1 - y0, 2)]
            boxes.setdefault(
                (int(image["id"]), tuple(box), anchor.content),
                {
                    "id": len(boxes) + 1,
                    "image_id": image["id"],
                    "category_id": self._kinds.setdefault(anchor.kind, len(self._kinds) + 1),
                    "bbox": box,
                    "area": round(box[2] * box[3], 2),
                    "iscrowd": 0,
                    "caption": anchor.content,
                    "sample": example.id,
                    "anchor": name,
                },
            )
            taken += 1
        return None if taken else LeftOutExample(example.id, "no anchor has a box in a picture")

    def close(self) -> None:
        """Write a file a side."""
        categories = [{"id": number, "name": kind, "supercategory": "anchor"} for kind, number in self._kinds.items()]
        for side, images in self._images.items():
            if images:
                body = {
                    "info": {"description": "boxes of evidence"},
                    "images": [*images.values()],
                    "annotations": [*self._boxes[side].values()],
                    "categories": categories,
                }
                text = json.dumps(body, ensure_ascii=False)
                (self.target.root / f"{side}.json").write_text(text, encoding="utf-8")
