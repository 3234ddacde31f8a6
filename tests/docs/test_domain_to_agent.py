"""A reader follows `docs/domain-to-agent.md` word for word, from the skeleton to weights that decide by default."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dataclaw.choosing.card import read_card
from tests.docs.following import follow_page
from tests.docs.pages import ROOT, blocks

PAGE = "docs/domain-to-agent.md"


@pytest.mark.slow
@pytest.mark.timeout(1200)  # four minutes of two idle cores
def test_following_the_page_word_for_word_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    shutil.copytree(ROOT / "examples" / "domain_chess", tmp_path / "examples" / "domain_chess")
    follow_page(PAGE, tmp_path)
    samples_are_written(tmp_path)
    corpora_hold_samples(tmp_path)
    the_network_learned(tmp_path)
    the_chooser_is_above_the_rules(tmp_path)


def samples_are_written(place: Path) -> None:
    assert len(lines_of(place / "first" / "samples.jsonl")) >= 5


def corpora_hold_samples(place: Path) -> None:
    samples = lines_of(place / "corpus" / "export" / "training_samples.jsonl")
    assert {sample["task"] for sample in samples} == {"key_moments", "who_stands_better"}
    assert len(samples) > 300
    assert len(lines_of(place / "famous" / "export" / "training_samples.jsonl")) >= 6


def the_network_learned(place: Path) -> None:
    rows = lines_of(place / "runs" / "chess" / "metrics.jsonl")
    measured = [row["validation"]["chess"] for row in rows if "validation" in row][-1]
    assert measured["learned"] > measured["rules"] + 0.1


def the_chooser_is_above_the_rules(place: Path) -> None:
    card = read_card(place / "examples" / "domain_chess" / "domain_chess" / "chooser")
    assert card.decided == {"chess.key_moments", "chess.who_stands_better"}
    assert card.tasks["chess.who_stands_better"].low > 0
    whole = dict[str, int]()
    for sample in lines_of(place / "out" / "samples.jsonl"):
        trace = json.loads((place / "out" / "traces" / f"{sample['id']}.json").read_text(encoding="utf-8"))
        assert '"by": "learned"' in json.dumps(trace)
        whole[sample["stream"]["name"]] = len(sample["data"]["stages"])
    assert whole["byrne_fischer_1956.pgn"] == 2


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_page_says_every_step() -> None:
    said = "".join(block.text for block in blocks(PAGE) if block.language == "console")
    steps = ("domain new", "world make", "corpus build", "--path", "train sft", "bench build", "--name", "eval run")
    for step in (*steps, "--choose", "eval compare", "train ship"):
        assert step in said
