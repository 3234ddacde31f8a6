"""A reader follows `docs/domain-to-agent.md` word for word, from the skeleton to weights that decide by default.

The sections are tests of their own that share one place, since each begins where the one before it ended.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from dataclaw.choosing.card import read_card
from tests.docs.pages import ROOT, Block, blocks
from tests.docs.test_write_a_domain import follow

PAGE = "docs/domain-to-agent.md"
SECTIONS = tuple(line[3:] for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines() if line[:3] == "## ")


def blocks_of(section: str) -> Sequence[Block]:
    """The blocks between a heading and the next one."""
    lines = (ROOT / PAGE).read_text(encoding="utf-8").splitlines()
    begins = [number for number, line in enumerate(lines, 1) if line.startswith("## ")]
    start = lines.index(f"## {section}") + 1
    end = min((number for number in begins if number > start), default=len(lines) + 1)
    return [block for block in blocks(PAGE) if start < block.line < end]


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with a copy of the example in it: weights are written there."""
    place = tmp_path_factory.mktemp("agent")
    shutil.copytree(ROOT / "examples" / "domain_chess", place / "examples" / "domain_chess")
    return place


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("domain_to_agent")
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_works(section: str, shared_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(shared_place / "cache"))
    for block in blocks_of(section):
        follow(block, shared_place)
    check = CHECKS.get(section.partition(".")[0])
    if check:
        check(shared_place)


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
    assert "chess.who_stands_better" in card.decided
    assert card.tasks["chess.who_stands_better"].low > 0
    whole = dict[str, int]()
    for sample in lines_of(place / "out" / "samples.jsonl"):
        trace = json.loads((place / "out" / "traces" / f"{sample['id']}.json").read_text(encoding="utf-8"))
        assert '"by": "learned"' in json.dumps(trace)
        whole[sample["stream"]["name"]] = len(sample["data"]["stages"])
    assert whole["byrne_fischer_1956.pgn"] == 6


CHECKS = {
    "1": samples_are_written,
    "4": corpora_hold_samples,
    "5": the_network_learned,
    "7": the_chooser_is_above_the_rules,
}


def lines_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_page_says_every_step() -> None:
    said = "".join(block.text for block in blocks(PAGE) if block.language == "console")
    steps = ("domain new", "world make", "corpus build", "--path", "train sft", "bench build", "--name", "eval run")
    for step in (*steps, "--choose", "eval compare", "train ship"):
        assert step in said
