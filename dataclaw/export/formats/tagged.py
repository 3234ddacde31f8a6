"""Trainers that read texts with `<image>` and `<video>` in them: ms-swift, LLaMA-Factory, Qwen-VL's own recipe."""

from __future__ import annotations

import json

from dataclaw.export.example import Example, Pinpoint
from dataclaw.export.formats.base import Lines, check_counts, fragment_text, tagged_text
from dataclaw.types import Json

BOX = "<bbox>"


class Swift(Lines):
    """ms-swift 4: `messages`, `images`, `videos`, and `objects` whose boxes its template normalises for the model."""

    name = "swift"
    summary = "ms-swift 4: messages, images, videos, objects with boxes in pixels, loss by message"
    coordinates = "template"

    def row(self, example: Example) -> dict[str, Json]:
        """One line of a custom dataset."""
        boxes, coordinates = _Boxes(example), self.target.coordinates
        messages: list[dict[str, Json]] = []
        for turn in example.turns:
            content = "".join(
                boxes.add(part)
                if isinstance(part, Pinpoint) and coordinates.is_given_apart(part)
                else fragment_text(part, coordinates)
                for part in turn.fragments
            )
            learned: dict[str, Json] = {"loss": True} if turn.role == "assistant" else {}
            messages.append({"role": turn.role, "content": content, **learned})
        images, videos = _files(self, example)
        check_counts(
            (str(message["content"]) for message in messages),
            {"<image>": images, "<video>": videos, BOX: boxes.written},
            example,
        )
        row: dict[str, Json] = {"messages": messages}
        row |= {"images": images} if images else {}
        row |= {"videos": videos} if videos else {}
        if boxes.values:
            row["objects"] = {"ref": [], "bbox": boxes.values, "bbox_type": "real", "image_id": boxes.images}
        return row


class _Boxes:
    """Places of an example that ms-swift is given as numbers beside the text."""

    def __init__(self, example: Example) -> None:
        self._index = {m.sha256: i for i, m in reversed([*enumerate(x for x in example.media if x.kind == "image")])}
        self.values: list[list[float]] = []
        self.images: list[int] = []
        self.written: list[str] = []

    def add(self, place: Pinpoint) -> str:
        """Note a place; what stands for it in the text."""
        self.values.append([round(value * place.size[i % 2], 1) for i, value in enumerate(place.values)])
        self.images.append(self._index[place.picture])
        self.written.append(BOX)
        return BOX


class LlamaFactory(Lines):
    """LLaMA-Factory: `messages` with media lists, and the entry of `dataset_info.json` that registers the files."""

    name = "llamafactory"
    summary = "LLaMA-Factory: messages with lists of media, and dataset_info.json"

    def row(self, example: Example) -> dict[str, Json]:
        """One line in the sharegpt form."""
        messages = [{"role": t.role, "content": tagged_text(t, self.target.coordinates)} for t in example.turns]
        images, videos = _files(self, example)
        check_counts((m["content"] for m in messages), {"<image>": images, "<video>": videos}, example)
        return {"messages": messages, "images": images, "videos": videos}

    def close(self) -> None:
        """Write the registration beside the files."""
        super().close()
        entries = {f"dataclaw_{side}": self._entry(side) for side in self.sides}
        text = json.dumps(entries, ensure_ascii=False, indent=2)
        (self.target.root / "dataset_info.json").write_text(f"{text}\n", encoding="utf-8")

    def _entry(self, side: str) -> dict[str, Json]:
        return {
            "file_name": f"{side}.jsonl",
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "images": "images", "videos": "videos"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "system_tag": "system",
            },
        }


class QwenVl(Lines):
    """The recipe that comes with Qwen-VL: `image` or `video` and `conversations`, one file a side."""

    name = "qwen-vl"
    summary = "Qwen-VL's own finetuning: image/video and conversations; see --coordinates"
    words_only = True

    def row(self, example: Example) -> dict[str, Json]:
        """One entry of the annotation file."""
        roles = {"system": "system", "user": "human", "assistant": "gpt"}
        said = [{"from": roles[t.role], "value": tagged_text(t, self.target.coordinates)} for t in example.turns]
        if said[0]["from"] == "system":  # the recipe knows two roles
            first, second, *rest = said
            said = [{"from": "human", "value": f"{first['value']}\n\n{second['value']}"}, *rest]
        images, videos = _files(self, example)
        check_counts((entry["value"] for entry in said), {"<image>": images, "<video>": videos}, example)
        row: dict[str, Json] = {"id": example.id}
        row |= {"image": images[0] if len(images) == 1 else images} if images else {}
        row |= {"video": videos[0] if len(videos) == 1 else videos} if videos else {}
        return {**row, "conversations": said}


def _files(form: Lines, example: Example) -> tuple[list[str], list[str]]:
    """Paths of pictures and of clips, in the order of their tags."""
    store = form.target.store
    images, videos = ([store.add(m) for m in example.media if m.kind == kind] for kind in ("image", "video"))
    return images, videos
