"""Trainers that pin other versions, each in a Python of its own, and the rules of a recipe that is no package.

`DATACLAW_SWIFT_PYTHON` and `DATACLAW_LLAMAFACTORY_PYTHON` name Pythons that have them, each in an environment of its
own: `pip install ms-swift==4.6.0 qwen_vl_utils decord torchvision` and `pip install llamafactory==0.9.5 torchvision`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.export.conftest import Exporter, lines
from tests.export.seeing import ROLE_ID, SPECIAL, qwen_tokeniser, seeing_folder, seeing_processor

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

HERE = Path(__file__).parent
SHOWN = re.compile(r"(?:<\|(image|video)_pad\|>)+")
CALL = re.compile(r"pyautogui\.\w+\(x=(\d+), y=(\d+)\)")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_folder(tmp_path_factory.mktemp("model"))


def read(trainer: str, *arguments: str, cwd: Path, **environment: str) -> dict[str, Any]:
    """What a trainer's own code makes of exported files."""
    python = os.environ.get(f"DATACLAW_{trainer.upper()}_PYTHON")
    if not python:
        pytest.skip(f"DATACLAW_{trainer.upper()}_PYTHON names no Python that has it")
    offline = {"USE_HF": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(cwd / "hub"), "DISABLE_VERSION_CHECK": "1"}
    done = subprocess.run(
        [python, str(HERE / f"read_{trainer}.py"), *arguments],
        cwd=cwd, env={**os.environ, **offline, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def check(told: dict[str, Any], written: list[dict[str, Any]]) -> None:
    """Each row shows its pictures and clips, and learns what its assistant says and nothing else."""
    assert len(told["rows"]) == len(written)
    for row, line in zip(told["rows"], written, strict=True):
        images, videos = line.get("images") or [], line.get("videos") or []
        assert row["clips"] == len(videos)
        if images:
            assert row["tokens"] == row["patches"] > 0
        assert [found[1] for found in SHOWN.finditer(row["read"])].count("image") == len(images)
        assert not re.search(r"<(?:image|video|bbox)>", row["read"])
        said = [m["content"] for m in line["messages"] if m["role"] == "assistant"]
        if not line.get("objects"):
            assert row["learned"].replace("<|im_end|>", "").strip() == "\n".join(said).strip()
    assert told["batch"]["input_ids"][0] == told["batch"]["labels"][0] == 2


@pytest.mark.timeout(600)
def test_swift_encodes_and_collates_every_row(export: Exporter, model: Path, tmp_path: Path):
    folder = export("swift")
    file = str(folder / "train.jsonl")
    root = {"ROOT_IMAGE_DIR": str(folder), "QWENVL_BBOX_FORMAT": "new"}
    told = read("swift", file, str(model), "qwen2_5_vl", cwd=tmp_path, **root)
    written = lines(folder / "train.jsonl")
    check(told, written)
    (place,) = [n for n, line in enumerate(written) if line.get("objects")]
    answer = json.loads(told["rows"][place]["learned"].replace("<|im_end|>", ""))
    points = [action["point"] for action in answer["actions"] if "point" in action]
    # pictures of 480x320 are resized to 476x308 for this model
    assert points == [[round(x * 476 / 480), round(y * 308 / 320)] for x, y in written[place]["objects"]["bbox"]]


@pytest.mark.timeout(600)
def test_llamafactory_encodes_and_collates_every_row(export: Exporter, model: Path, tmp_path: Path):
    folder = export("llamafactory")
    told = read("llamafactory", str(folder), str(model), cwd=tmp_path)
    check(told, lines(folder / "train.jsonl"))


# The recipe of Qwen-VL (qwen-vl-finetune) turns an entry into messages by rules that the next lines state: "human" is
# the user and everybody else the assistant; tags are replaced in what the user says alone, in order, and must use up
# the files; paths lie below `data_path`. What stands between `<|im_start|>assistant` and `<|im_end|>` is learned.


def recipe_messages(entry: dict[str, Any], data_path: Path) -> list[dict[str, Any]]:
    files: dict[str, Iterator[str]] = {}
    for kind in ("image", "video"):
        named = entry.get(kind) or []
        files[kind] = iter([named] if isinstance(named, str) else named)
    messages: list[dict[str, Any]] = []
    for turn in entry["conversations"]:
        if turn["from"] != "human":
            messages.append({"role": "assistant", "content": [{"type": "text", "text": turn["value"]}]})
            continue
        content: list[dict[str, Any]] = []
        for part in re.split(r"(<image>|<video>)", turn["value"]):
            kind = part[1:-1]
            if part in ("<image>", "<video>"):
                content.append({"type": kind, kind: str((data_path / next(files[kind])).resolve())})
            elif part.strip():
                content.append({"type": "text", "text": part.strip()})
        messages.append({"role": "user", "content": content})
    assert not [*files["image"], *files["video"]]
    return messages


def test_the_recipe_of_qwen_vl_takes_every_entry(export: Exporter):
    folder = export("qwen-vl")
    entries = lines(folder / "train.jsonl")
    assert len(entries) > 6
    for entry in entries:
        assert [turn["from"] for turn in entry["conversations"]][::2] == ["human"] * (len(entry["conversations"]) // 2)
        messages = recipe_messages(entry, folder)
        shown = [part for message in messages for part in message["content"] if part["type"] != "text"]
        assert all(Path(part[part["type"]]).is_file() for part in shown)
        assert not any(re.search("<image>|<video>", turn["value"]) for turn in entry["conversations"][1::2])


def test_the_recipe_of_qwen_vl_learns_the_answers_alone(export: Exporter):
    folder = export("qwen-vl")
    processor = seeing_processor(qwen_tokeniser())
    start, end = SPECIAL["<|im_start|>"], SPECIAL["<|im_end|>"]
    for entry in (entry for entry in lines(folder / "train.jsonl") if "video" not in entry):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = processor.apply_chat_template(
                recipe_messages(entry, folder), tokenize=True, return_dict=True, return_tensors="pt"
            )
        ids = batch["input_ids"][0].tolist()
        images = entry.get("image") or []
        count = 1 if isinstance(images, str) else len(images)
        assert (len(batch["image_grid_thw"]) if images else 0) == count
        begins = [at + 2 for at in range(1, len(ids)) if ids[at] == ROLE_ID and ids[at - 1] == start]
        learned = [processor.tokenizer.decode(ids[at : ids.index(end, at)]).strip() for at in begins]
        assert learned == [turn["value"] for turn in entry["conversations"] if turn["from"] == "gpt"]
