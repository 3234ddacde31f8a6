"""Pictures before and after, with the words that asked for the change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream
from tests.streams.edits.making import png


def folder_of_pairs(root: Path, prompts: object, language: str = "en") -> Path:
    for side in ("input", f"output_{language}"):
        (root / side).mkdir(exist_ok=True)
    (root / f"prompt_{language}.json").write_text(json.dumps(prompts))
    return root


def test_each_file_and_language_is_a_stream(tmp_path: Path) -> None:
    folder_of_pairs(tmp_path, {"a.png": "Make it red."})
    folder_of_pairs(tmp_path, {"a.png": "变红。"}, "cn")
    png(tmp_path / "input/a.png", colour="#0000ff")
    png(tmp_path / "output_en/a.png", colour="#ff0000")
    png(tmp_path / "output_cn/a.png", colour="#cc0000")
    chinese, english = (open_stream(root) for root in discover([tmp_path]))
    assert [e.text for e in chinese.events] == ["变红。"]
    assert [e.text for e in english.events] == ["Make it red."]
    assert chinese.events[0].attrs["lang"] == "zh"
    assert english.meta["roles"] == {"before": 0, "after": 1}
    assert english.frames is not None
    before, after = english.frames.read([0, 1])
    assert before[0, 0].tolist() == [0, 0, 255]
    assert after[0, 0].tolist() == [255, 0, 0]
    assert chinese.id != english.id


def test_a_missing_side_is_named(tmp_path: Path) -> None:
    folder_of_pairs(tmp_path, {"a.png": "Make it red."})
    png(tmp_path / "input/a.png")
    with pytest.raises(StreamError, match=r"no after picture at .*output_en/a\.png"):
        open_stream(tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\x.png", "C:/x.png"])
def test_a_name_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder_of_pairs(tmp_path, {name: "Make it red."})
    with pytest.raises(StreamError, match="not a path inside"):
        open_stream(tmp_path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "pairs"
    home.mkdir()
    folder_of_pairs(home, {"a.png": "Make it red."})
    png(tmp_path / "secret.png")
    (home / "input/a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(StreamError, match="link that leads out"):
        open_stream(home)


@pytest.mark.parametrize("prompts", [["a.png"], {}, {"a.png": 3}, {"a.png": "  "}, {"a.png": "x" * 30_000}])
def test_prompts_that_say_nothing_are_refused(tmp_path: Path, prompts: object) -> None:
    folder_of_pairs(tmp_path, prompts)
    with pytest.raises(StreamError, match=r"instruction|object of instructions"):
        open_stream(tmp_path)


def test_prompts_with_nan_are_refused_aloud(tmp_path: Path) -> None:
    folder_of_pairs(tmp_path, {})
    (tmp_path / "prompt_en.json").write_text('{"a.png": NaN}')
    assert len(discover([tmp_path])) == 1
    with pytest.raises(StreamError, match="NaN"):
        open_stream(tmp_path)


def test_pairs_named_by_seed(tmp_path: Path) -> None:
    folder = tmp_path / "0000012"
    folder.mkdir()
    for name in ("77_0.png", "77_1.png", "8_0.png", "8_1.png", "9_0.png"):
        png(folder / name, colour="#cc3366" if name.endswith("_1.png") else "#3366cc")
    (folder / "prompt.json").write_text('{"input": "a blue mug", "edit": "make it red", "output": "a red mug"}')
    roots = discover([tmp_path])
    assert len(roots) == 2
    stream = open_stream(roots[0])
    assert (stream.format, stream.name, stream.meta["roles"]) == ("pix2pix", "0000012/77", {"before": 0, "after": 1})
    assert [(e.kind, e.text, e.frame) for e in stream.events] == [
        ("instruction", "make it red", 0),
        ("caption", "a blue mug", 0),
        ("caption", "a red mug", 1),
    ]


def test_a_pair_by_seed_without_words_is_refused(tmp_path: Path) -> None:
    png(tmp_path / "7_0.png")
    png(tmp_path / "7_1.png")
    (tmp_path / "prompt.json").write_text('{"input": "a blue mug"}')
    with pytest.raises(StreamError, match="instruction is empty"):
        open_stream(tmp_path)


def test_one_pair_in_a_folder(tmp_path: Path) -> None:
    png(tmp_path / "Before.PNG", size=(40, 30))
    png(tmp_path / "after.png", size=(80, 60))
    (tmp_path / "instruction.txt").write_text("Enlarge it.\n")
    stream = open_stream(tmp_path)
    assert (stream.format, stream.clock, stream.duration) == ("before_after", "index", 1.0)
    assert stream.events[0].text == "Enlarge it."
    assert stream.frames is not None
    assert stream.frames.size == (80, 60)
    assert stream.meta["sizes"] == [[40, 30], [80, 60]]
    assert stream.problems == ("The before picture is 40x30 px; stretched to the 80x60 px of after picture.",)


def test_a_pair_without_words_says_so(tmp_path: Path) -> None:
    png(tmp_path / "before.png")
    png(tmp_path / "after.png", size=(64, 32))
    stream = open_stream(tmp_path)
    assert stream.events == ()
    assert any("No instruction" in p for p in stream.problems)
    assert any("another shape" in p for p in stream.problems)


def test_half_a_pair_is_rejected_and_not_passed_over(tmp_path: Path) -> None:
    png(tmp_path / "before.png")
    (tmp_path / "instruction.txt").write_text("Enlarge it.")
    with pytest.raises(StreamError, match=r"no picture named after"):
        open_stream(tmp_path)


def test_two_befores_are_one_too_many(tmp_path: Path) -> None:
    for name in ("before.png", "before.PNG", "after.png"):
        png(tmp_path / name)
    with pytest.raises(StreamError, match="2 pictures named before"):
        open_stream(tmp_path)


@pytest.mark.shared
def test_the_real_pairs_open_and_those_held_back_are_rejected(shared: Path) -> None:
    opened: dict[str, str] = {}
    reasons: list[str] = []
    for root in discover([shared / "aigc/step1x_edit"]):
        try:
            stream = open_stream(root)
        except StreamError as error:
            reasons.append(str(error))
            continue
        opened[stream.name] = stream.events[0].text
        assert stream.frames is not None
        assert all(p.shape == (*reversed(stream.frames.size), 3) for p in stream.frames.read([0, 1]))
    assert opened["0004.jpg (en)"] == "Replace 'TRAIN' with 'PLANE'"
    assert len(opened) == 6
    assert len(reasons) == 4
    assert all("0000.jpg" in reason or "0001.png" in reason for reason in reasons)
