"""From a third party's corpus to the chooser that its package carries, which then decides by default."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dataclaw.choosing.card import ChooserCard, ChooserGain, ChooserTraining, read_card
from dataclaw.choosing.learned import ARRAYS, WEIGHTS
from dataclaw.errors import UsageError
from dataclaw.kit.check import check_domain
from tests.third_party.conftest import Dataclaw

RECIPE = """
[model]
name = "chooser"
device = "cpu"

[data]
corpus = "corpus"

[sft]
lr = 1.5e-3
epochs = 3
batch_tokens = 240
"""
ASKED = "find the {fruit} lines"
EVAL = ("eval", "run", "--bench", "bench", "--model", "planner", "--similarity", "fuzzy")


@pytest.fixture
def carrying(workplace: Path) -> Path:
    """The workplace, whose domain names folders for what its package carries; none is there yet."""
    file = workplace / "harvest" / "domain.toml"
    text = file.read_text(encoding="utf-8")
    named = '\npinned = "pinned"\nchooser = "weights"\nadapters = "adapters"\n\n[tasks'
    file.write_text(text.replace("\n\n[tasks", named, 1), encoding="utf-8")
    return workplace


def picked(workplace: Path, dataclaw: Dataclaw, out: str) -> int:
    """How many of the nine lines of a list a run keeps that is asked for the pears."""
    fruit = ("pear", "plum", "fig", "pear", "plum", "fig", "plum", "fig", "plum")
    rows = [f"{7 * at + 2}|{name} from the wall, basket {at + 1}\n" for at, name in enumerate(fruit)]
    (workplace / "list.picked").write_text("#picked\n" + "".join(rows), encoding="utf-8")
    words = ("run", "-d", "harvest", "--task", "list_picked", "-i", ASKED.format(fruit="pear"), "list.picked")
    dataclaw(*words, "--out", out)
    (line,) = (workplace / out / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    return len(json.loads(line)["answer"]["lines"])


@pytest.mark.slow
def test_the_whole_way(carrying: Path, dataclaw: Dataclaw) -> None:
    (carrying / "chooser.toml").write_text(RECIPE, encoding="utf-8")
    dataclaw("corpus", "build", "-d", "harvest", "--streams", "30", "--asks", "4", "--detours", "0", "--out", "corpus")
    assert "written: run/chooser" in dataclaw("train", "sft", "chooser.toml", "--out", "run").output
    dataclaw(
        "bench", "build", "-d", "harvest", "--count", "16", "--requests", "0", "--name", "harvest-1", "--out", "bench"
    )
    dataclaw(*EVAL, "--choose", "rules", "--out", "by-rules")
    dataclaw(*EVAL, "--choose", "run/chooser", "--out", "learned")
    assert "its own chooser is not there yet" in dataclaw("models", "list").output
    assert picked(carrying, dataclaw, "before") == 9
    ship = ("train", "ship", "run", "--as", "harvest", "--bench-run", "learned", "--planner-run", "by-rules")
    said = dataclaw(*ship).output
    assert "harvest/weights: chooser " in said
    assert "harvest.list_picked: it decides by default: " in said
    card = read_card(carrying / "harvest" / "weights")
    assert card.benchmark == "harvest-1"
    assert card.decided == {"harvest.list_picked"}
    assert picked(carrying, dataclaw, "after") == 2
    listed = dataclaw("models", "list").output
    assert "its own chooser decides list_picked (" in listed
    assert "measured on harvest-1; rules elsewhere" in listed
    assert not check_domain("harvest").of("error")


def gain(low: float) -> ChooserGain:
    return ChooserGain(requests=20, rules=0.4, learned=0.9, low=low, high=0.6)


def carry(folder: Path, low: float) -> None:
    """Lay the weights that ship, with a card that says that they are of this domain."""
    folder.mkdir()
    shutil.copy(WEIGHTS / ARRAYS, folder)
    trained = ChooserTraining(points=["harvest.lines"])
    tasks = {"harvest.list_picked": gain(low)}
    ChooserCard(sha256=read_card(WEIGHTS).sha256, benchmark="harvest-1", trained=trained, tasks=tasks).write(folder)


def test_rules_decide_where_its_card_is_not_sure(carrying: Path, dataclaw: Dataclaw) -> None:
    carry(carrying / "harvest" / "weights", -0.1)
    assert picked(carrying, dataclaw, "run") == 9
    assert "its own chooser is surely better at no task of harvest-1" in dataclaw("models", "list").output


def test_rules_decide_where_the_weights_are_others(carrying: Path, dataclaw: Dataclaw) -> None:
    weights = carrying / "harvest" / "weights"
    carry(weights, 0.1)
    (weights / ARRAYS).write_bytes(b"others")
    assert picked(carrying, dataclaw, "run") == 9
    listed = dataclaw("models", "list").output
    assert "rules decide: " in listed
    assert "the weights are not those of their card" in listed
    log = (carrying / "run" / "dataclaw.log").read_text(encoding="utf-8")
    assert log.count("rules choose what is kept: ") == 1


def test_adapters_that_cannot_be_used_leave_the_planner(carrying: Path, dataclaw: Dataclaw) -> None:
    (carrying / "harvest" / "adapters").mkdir()
    (carrying / "harvest" / "adapters" / "index.toml").write_text("format = 2\n", encoding="utf-8")
    listed = dataclaw("models", "list").output
    assert "harvest: planner decides (its package carries adapters that cannot be used)" in listed
    assert "planner decides for harvest, where an adapter that ships would: " in listed
    assert picked(carrying, dataclaw, "run") == 9


@pytest.fixture
def measured(carrying: Path, dataclaw: Dataclaw) -> Path:
    """A pinned benchmark, a run by rules, and one by a chooser that learned nothing of this domain."""
    shutil.copytree(WEIGHTS, carrying / "run" / "chooser")
    dataclaw(
        "bench", "build", "-d", "harvest", "--count", "6", "--requests", "0", "--name", "harvest-1", "--out", "bench"
    )
    dataclaw(*EVAL, "--choose", "rules", "--out", "by-rules")
    dataclaw(*EVAL, "--choose", "run/chooser", "--out", "learned")
    return carrying


def test_only_what_was_measured_ships(measured: Path, dataclaw: Dataclaw) -> None:
    ship = ("train", "ship", "run", "--as", "harvest", "--bench-run")
    refused = dataclaw(*ship, "by-rules", "--planner-run", "by-rules", code=1).exception
    assert isinstance(refused, UsageError)
    assert "is a run of 'planner' that 'rules' chose in" in str(refused)
    dataclaw(*EVAL, "--choose", "rules", "--limit", "3", "--out", "part")
    refused = dataclaw(*ship, "learned", "--planner-run", "part", code=1).exception
    assert "is no whole run of the benchmark: 3 of 6 items" in str(refused)
    card = read_card(WEIGHTS)
    card.model_copy(update={"sha256": "0" * 64}).write(measured / "run" / "chooser")
    refused = dataclaw(*ship, "learned", "--planner-run", "by-rules", code=1).exception
    assert "the weights are not those of their card" in str(refused)
    assert not (measured / "harvest" / "weights").exists()
    card.write(measured / "run" / "chooser")
    said = dataclaw(*ship, "learned", "--planner-run", "by-rules", "--into", "elsewhere").output
    assert "asked about 3 streams, and at least 6 are needed" in said
    assert "does not name this folder" in said
    assert read_card(measured / "elsewhere").decided == frozenset()
    refused = dataclaw(*ship, "learned", "--planner-run", "by-rules", "--into", "harvest", code=1).exception
    assert "Name a folder of its own" in str(refused)
