"""Hugging Face datasets and TRL load what is exported for them, and train on it."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from tests.export.conftest import Exporter, samples
from tests.export.seeing import TEMPLATE, picture_tokens, seeing_processor, small_tokeniser
from tests.train.tiny_vision import seeing_model

datasets = pytest.importorskip("datasets")
torch = pytest.importorskip("torch")
pytest.importorskip("trl")

IGNORED = -100
SEEN = ("steps", "actions", "film")
Load = Callable[..., Any]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without what the libraries say of themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load_dataset` of an exported folder, with a cache of its own."""

    def read(folder: Path, split: str = "train") -> Any:
        return datasets.load_dataset(str(folder), split=split, cache_dir=str(tmp_path / "cache"))

    return read


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_model(tmp_path_factory.mktemp("seeing"), tokeniser=small_tokeniser())


@pytest.fixture(scope="module")
def processor() -> Any:
    return seeing_processor(small_tokeniser())


def collate(processor: Any, rows: list[dict[str, Any]], **options: Any) -> Any:
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    return DataCollatorForVisionLanguageModeling(processor, **options)(rows)


def train(kind: str, model: Any, rows: Any, processor: Any, out: Path) -> Any:
    """One step of a trainer of TRL; its log."""
    import trl

    settings = getattr(trl, f"{kind}Config")(
        str(out), max_steps=1, per_device_train_batch_size=2, max_length=None, report_to=[], use_cpu=True, bf16=False,
        save_strategy="no", logging_steps=1, disable_tqdm=True,
    )  # fmt: skip
    trainer = getattr(trl, f"{kind}Trainer")(model=model, args=settings, train_dataset=rows, processing_class=processor)
    trainer.train()
    return trainer.state.log_history[0]


def test_datasets_loads_all_tasks_as_one_table(export: Exporter, load: Load, runs: dict[str, Path]):
    table = load(export("hf"))
    assert set(table["task"]) == {"navigation_sft", "action_sequence", "video_generation_segment", "edit_plan"}
    rows = {row["task"]: row for row in table.remove_columns(["videos", "output_videos"])}
    picture = rows["navigation_sft"]["images"][0]
    assert picture.size == (480, 320)
    assert max(picture.convert("RGB").getpixel((300, 5))) > 240
    assert rows["edit_plan"]["images"] == []
    (sample,) = samples(runs["actions"])
    row = rows["action_sequence"]
    assert json.loads(row["answer"]) == sample["answer"]
    cited = {name for ids in json.loads(row["evidence"]).values() for name in ids}
    assert cited
    assert cited <= set(json.loads(row["anchors"]))
    places = [part["type"] for message in row["messages"] for part in message["content"]]
    assert places.count("image") == len(row["images"]) > 1


def test_the_clips_of_a_table_decode(export: Exporter, load: Load):
    table = load(export("hf", "film"))
    columns = {name: datasets.List(datasets.Video(decode=False)) for name in ("videos", "output_videos")}
    (row,) = table.cast(datasets.Features({**table.features, **columns}))
    assert len(row["videos"]) == len(row["output_videos"]) == 1
    for name in columns:
        (clip,) = row[name]
        with av.open(io.BytesIO(clip["bytes"])) as container:
            frames = sum(1 for _ in container.decode(video=0))
        assert frames > 25
    assert len(row["output_images"]) == 2


def test_the_card_has_front_matter_that_the_hub_reads(export: Exporter):
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(export("hf") / "README.md")
    assert card.data.to_dict()["configs"][0]["data_files"] == [{"split": "train", "path": "data/train.parquet"}]
    assert "gui" in card.data.tags


def test_every_side_of_a_split_is_loaded(export: Exporter, load: Load):
    folder = export("hf", validation=0.5)
    told = json.loads((folder / "export.json").read_text())["rows"]
    sides = {side: sum(entry["rows"] for entry in told if entry["side"] == side) for side in ("train", "validation")}
    assert all(sides.values())
    assert {side: load(folder, side).num_rows for side in sides} == sides
    streams = {side: set(load(folder, side)["stream"]) for side in sides}
    assert not streams["train"] & streams["validation"]


@pytest.mark.parametrize("to", ["trl", "trl-prompt"])
def test_the_collator_of_trl_shows_each_picture_once(export: Exporter, load: Load, processor: Any, to: str):
    rows = [*load(export(to))]
    counts = [len(row["images"]) for row in rows]
    assert min(counts) == 0
    assert max(counts) > 1
    options = {"completion_only_loss": True} if to == "trl-prompt" else {}
    for some in (rows, [row for row in rows if not row["images"]], rows[:1]):
        batch = collate(processor, [dict(row) for row in some], **options)
        grids = picture_tokens(batch) if any(row["images"] for row in some) else []
        assert len(grids) == sum(len(row["images"]) for row in some)
        assert int((batch["input_ids"] == processor.image_token_id).sum()) == sum(grids)


def test_of_a_prompt_nothing_is_learned(export: Exporter, load: Load, processor: Any):
    (row, *_) = load(export("trl-prompt", "actions"))
    answer = "".join(part["text"] for part in row["completion"][0]["content"])
    batch = collate(processor, [dict(row)], completion_only_loss=True)
    learned = batch["labels"][0][batch["labels"][0] != IGNORED]
    assert processor.tokenizer.decode(learned).strip() == f"{answer}<|im_end|>"


@pytest.mark.parametrize("to", ["trl", "trl-prompt"])
def test_sft_of_trl_takes_a_step(export: Exporter, load: Load, model: Path, processor: Any, tmp_path: Path, to: str):
    from transformers import AutoModelForImageTextToText

    rows = load(export(to, *SEEN)).shuffle(seed=0)
    log = train("SFT", AutoModelForImageTextToText.from_pretrained(model), rows, processor, tmp_path / "out")
    assert 0 < log["loss"] < 20
    assert log["grad_norm"] > 0


def test_rows_without_pictures_train_a_model_of_text(export: Exporter, load: Load, tmp_path: Path):
    from transformers import LlamaConfig, LlamaForCausalLM

    rows = load(export("trl", "cut"))
    assert rows.column_names == ["messages"]
    tokeniser = small_tokeniser()
    tokeniser.chat_template = TEMPLATE
    small = LlamaConfig(
        vocab_size=len(tokeniser), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
    )
    log = train("SFT", LlamaForCausalLM(small), rows, tokeniser, tmp_path / "out")
    assert 0 < log["loss"] < 20


def test_dpo_of_trl_takes_a_step(export: Exporter, load: Load, model: Path, processor: Any, tmp_path: Path):
    from transformers import AutoModelForImageTextToText

    rows = load(export("trl-preference", "actions", "refused"))
    (row,) = rows
    assert row["chosen"] != row["rejected"]
    assert len(row["images"]) > 1
    twice = datasets.concatenate_datasets([rows, rows])
    log = train("DPO", AutoModelForImageTextToText.from_pretrained(model), twice, processor, tmp_path / "out")
    assert log["loss"] == pytest.approx(0.6931, abs=1e-3)  # ln 2: both models are the same yet
    assert log["logps/chosen"] != log["logps/rejected"]


@pytest.mark.parametrize("to", ["trl-prompt", "qwen-vl"])
def test_answers_that_are_media_do_not_go_to_who_reads_them_in_questions_alone(export: Exporter, to: str):
    from dataclaw.export.asking import Shape

    folder = export(to, shape=Shape(outputs="shown"))
    left = [json.loads(line) for line in (folder / "left_out.jsonl").read_text().splitlines()]
    assert [entry["why"] for entry in left] == [f"its answer holds pictures or clips, which {to} reads in questions"]
