"""A card says what the run and the benchmark wrote, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import ConfigError
from dataclaw.train.model_card import write_card

TRACES: dict[str, Any] = {
    "sha256": "ab" * 32,
    "traces": {"gui": 1200},
    "tokens": 3_400_000,
    "learnt": 800_000,
    "too_long": {"traces": 3, "ids": ["a"]},
    "outside_share": 0,
}
RECORD: dict[str, Any] = {
    "stage": "sft",
    "config": {
        "model": {"name": "embedded", "lora": {"r": 8, "alpha": 16}},
        "data": {"corpus": "/data/secret/corpus", "domains": ["gui"]},
        "sft": {"lr": 0.001, "steps": None},
    },
    "corpus": {"training": TRACES, "validation": TRACES | {"traces": {"gui": 16}}},
    "base": {"name": "embedded", "digest": "cd" * 32},
    "versions": {"dataclaw": "0.1.0", "torch": "2.13.0"},
    "machine": {"system": "Linux x86_64", "device": "cpu"},
}
MARK = {"mean": 0.5, "low": 0.45, "high": 0.55}
SUMMARY: dict[str, Any] = {
    "bench": "ef" * 32,
    "set": "val",
    "similarity": "minilm",
    "domain": {"gui": {"n": 200, "field": MARK, "semantic": MARK, "sequence": MARK, "total": MARK}},
    "overall": {"n": 1000, "field": MARK, "semantic": MARK, "sequence": MARK, "total": MARK},
}


def run_of(folder: Path) -> Path:
    (folder / "run.json").write_text(json.dumps(RECORD))
    early = {"step": 1, "validation": {"gui": {"loss": 9.0, "turns": 5}}}
    last = {"step": 2, "validation": {"gui": {"loss": 0.25, "tool_accuracy": 0.9, "turns": 1234}}}
    lines = [
        json.dumps(early),
        json.dumps(last),
        json.dumps({"step": 3, "tokens": 16241, "learnt": 2786}),
        '{"step": 4, "lo',
    ]
    (folder / "metrics.jsonl").write_text("\n".join(lines))
    return folder


def test_a_card_tells_data_recipe_figures_and_limits(tmp_path: Path):
    proof = {"equal": 20, "prompts": 20, "mean": 0.0004, "largest": 0.01, "tokens": 640}
    file = write_card(
        tmp_path / "gui.md",
        run_of(tmp_path),
        title="gui",
        base="SmolLM2",
        licence="Apache-2.0",
        context=8192,
        proofs={"float32": proof},
        benchmark=SUMMARY,
    )
    text = file.read_text()
    assert text.startswith(
        "# gui\n\nExpert for gui. A LoRA adapter of SmolLM2 (`embedded`, Apache-2.0, digest `cdcdcdcdcdcdcdcd`)"
    )
    assert "| gui | 1,200 | 16 |" in text
    assert "3,400,000 tokens, 800,000 of them in the policy's own turns; 3 traces too long" in text
    assert "lr = 0.001" in text
    assert "Trained for 3 steps, over 16,241 tokens, 2,786 of them learnt." in text
    assert "| gui | 200 | 50.0 (45.0 to 55.0) |" in text
    assert "| gui | 0.250 |  | 0.900 |  | 1,234 |" in text
    assert "| float32 | 20 of 20 | 0.0004 | 0.0100 | 640 |" in text
    assert "at most 8,192 tokens" in text
    assert "/data/secret" not in text


def test_what_was_not_measured_is_said(tmp_path: Path):
    run_of(tmp_path)
    (tmp_path / "metrics.jsonl").unlink()
    text = write_card(tmp_path / "a.md", tmp_path, title="a", base="b", licence="MIT", context=1).read_text()
    assert "Not measured on the benchmark." in text
    assert "No validation was made in training." in text


@pytest.mark.parametrize("content", [None, "", '{"stage"'])
def test_a_run_without_a_record_is_named(content: str | None, tmp_path: Path):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(ConfigError, match="no record that can be read"):
        write_card(tmp_path / "a.md", tmp_path, title="a", base="b", licence="MIT", context=1)
    assert not (tmp_path / "a.md").exists()
