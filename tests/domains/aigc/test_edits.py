"""Samples of edits: what is asked, what is shown, and what is said of it, by what the stream holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataclaw.domains.aigc.requests import outcome_of
from dataclaw.domains.aigc.wording import lines_of
from tests.domains.aigc.streams import made
from tests.streams.edits.making import GRAPH, png, tell

TASK = "edit_instruction"
LONG = ", ".join(f"a long wish about thing number {k}" for k in range(30))


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("Change the outerwear to be made of top-grain calfskin.", "The outerwear is now made of top-grain calfskin."),
        ("Change image to anime style.", "The picture is now in anime style."),
        ("turn the dog into a fox", "The dog became a fox."),
        ("Replace the mug with a bowl", "A bowl takes the place of the mug."),
        ("Please remove the red car.", "The red car is gone."),
        ("add a hat", "What is new: a hat."),
        ("Make the red mug blue.", "The red mug is now blue."),
        ("make the woman a knight", "The woman is now a knight."),
        ("外套改用头层小牛皮制作。", "外套现在用头层小牛皮制作。"),
        ("将图像转换为漫画风格。", "图像变成了漫画风格。"),
        ("把杯子换成碗", "碗代替了杯子。"),
        ("Let her cry.", ""),
        ("change " + "x" * 400, ""),
    ],
)
def test_an_instruction_in_the_words_of_its_outcome(instruction: str, said: str):
    assert outcome_of(instruction) == said


def pair(folder: Path, words: str) -> Path:
    """Two pictures of a table, whose mug turned red."""
    rng = np.random.default_rng(5)
    before = np.full((240, 320, 3), (216, 208, 192), np.uint8) + rng.integers(0, 8, (240, 320, 3), dtype=np.uint8)
    before[90:190, 120:200] = (48, 80, 176)
    after = before.copy()
    after[90:190, 120:200] = (192, 32, 32)
    folder.mkdir()
    for name, picture in (("before", before), ("after", after)):
        Image.fromarray(picture).save(folder / f"{name}.png")
    (folder / "instruction.txt").write_text(words)
    return folder


def test_the_instruction_itself_is_asked_and_colours_stay_in_the_data(tmp_path: Path):
    (sample,) = made(pair(tmp_path / "mug", "Change the mug to a red one."), TASK).samples
    assert sample["question"] == "Change the mug to a red one."
    assert sample["answer"] == "<image_recall> The mug became a red one. The change lies in the middle."
    assert "darker" not in sample["answer"]
    assert "red" in {p["value"] for o in sample["data"]["operations"] for p in o["parameters"]}


def test_a_chinese_instruction_is_asked_and_answered_in_chinese(tmp_path: Path):
    (sample,) = made(pair(tmp_path / "mug", "把杯子换成红色的杯子"), TASK).samples
    assert sample["question"] == "把杯子换成红色的杯子"
    assert sample["answer"] == "<image_recall> 红色的杯子代替了杯子。变化位于画面中部。"
    assert not [text for text in sample["cot"] if text.isascii()]


def graph(folder: Path, *, words: str = "a blue mug", without: str = "blurry", loads: str = "") -> Path:
    """A picture with its graph, which loads another one where that is named."""
    nodes = json.loads(json.dumps(GRAPH))
    nodes["6"]["inputs"]["text"], nodes["7"]["inputs"]["text"] = words, without
    if loads:
        nodes["1"] = {"class_type": "LoadImage", "inputs": {"image": loads}}
        nodes["5"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0], "vae": ["4", 2]}}
    return png(folder / "made.png", tell(nodes))


def test_a_picture_is_the_answer_to_its_prompt_and_no_seed_is(tmp_path: Path):
    (sample,) = made(graph(tmp_path), TASK, "editing data").samples
    assert sample["question"] == 'Make a picture by this prompt: "a blue mug"'
    assert sample["answer"] == "<image_recall>"
    assert (sample["input_image"], sample["output_image"]) == (None, [0])
    assert {"name": "seed", "value": "7"} in [p for o in sample["data"]["operations"] for p in o.get("parameters", [])]


def test_who_asks_for_parameters_gets_the_graph(tmp_path: Path):
    (sample,) = made(graph(tmp_path), TASK, "extract prompt, seed and parameters").samples
    assert sample["question"].startswith("Which operations, in order, make up the workflow")
    assert "seed 7" in sample["answer"]


def test_a_graph_without_its_input_is_no_request_to_edit(tmp_path: Path):
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(GRAPH))
    (sample,) = made(path, TASK, "editing data").samples
    assert sample["question"] == (
        "Which operations, in order, make up the workflow, and with which inputs and parameters?"
    )


def test_a_picture_that_lies_beside_goes_in(tmp_path: Path):
    png(tmp_path / "mug.png", colour="#cc3366")
    (sample,) = made(graph(tmp_path, loads="mug.png"), TASK, "editing data").samples
    assert (sample["input_image"], sample["output_image"]) == ([0], [1])
    assert sample["question"] == 'Edit the picture by this prompt: "a blue mug"'


def test_the_input_of_a_graph_in_a_picture_of_the_editor_goes_in(tmp_path: Path):
    png(tmp_path / "mug.png", colour="#cc3366")
    nodes = json.loads(json.dumps(GRAPH))
    nodes["1"] = {"class_type": "LoadImage", "inputs": {"image": "mug.png"}}
    nodes["5"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["1", 0], "vae": ["4", 2]}}
    png(tmp_path / "editor.png", tell(nodes), size=(333, 77))
    (sample,) = made(tmp_path / "editor.png", TASK, "editing data").samples
    assert (sample["input_image"], sample["output_image"]) == ([0], None)
    assert "Which operations" in sample["question"]


@pytest.mark.parametrize("task", [TASK, "edit_plan"])
def test_long_prompts_are_told_whole(tmp_path: Path, task: str):
    (sample,) = made(graph(tmp_path, words=LONG), task, "its nodes and parameters").samples
    there = " ".join(sample["answer_parts"]).replace('" It goes on: "', " ")
    assert LONG in there
    assert all(line.count('"') % 2 == 0 for line in sample["answer_parts"])


def test_lines_hold_every_word():
    text = 'step 1 Text: text "' + " ".join(f"word{k}" for k in range(200)) + '"; takes clip'
    lines = lines_of(text, 100)
    assert max(map(len, lines)) <= 101
    assert [w for line in lines for w in line.replace('"', "").removeprefix("It goes on: ").split()] == text.replace(
        '"', ""
    ).split()


def test_obscene_words_of_a_negative_prompt_are_masked(tmp_path: Path):
    (sample,) = made(graph(tmp_path, without="blurry, (NSFW:1.2), naked"), TASK, "the nodes").samples
    assert "blurry, (***:1.2), ***" in sample["answer"]
    assert "nsfw" not in json.dumps(sample).casefold()


def test_a_prompt_that_no_sample_should_repeat_is_declined(tmp_path: Path):
    (rejected,) = made(graph(tmp_path, words="a nude figure"), TASK, "editing data").rejected
    assert "no training sample should repeat" in rejected["reason"]
