"""Adapters that ship, and who decides for a domain: with none, with some, with all, and where they cannot run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.config import PluginEntry
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, PolicyError, UsageError
from dataclaw.evals.pinned_benchmarks import pinned_benchmarks
from dataclaw.files import sha256_of
from dataclaw.models.adapter_index import (
    FOLDER,
    INDEX,
    LARGEST,
    AdapterIndex,
    Baseline,
    DomainScore,
    Mark,
    PolicyChoice,
    ShippedAdapter,
    adapter_file,
    adapters_folder,
    explain_missed,
    read_index,
    write_index,
)
from dataclaw.models.weights import EMBEDDED
from dataclaw.plugins import load_domain
from dataclaw.run.policy_selection import choose_policies, default_choice

SCORES = "5c" * 32


def mark(mean: float) -> Mark:
    return Mark(mean=mean, low=mean - 0.03, high=mean + 0.03)


def measured(total: float, more: float | None = None) -> DomainScore:
    return DomainScore(items=200, total=mark(total), more=None if more is None else mark(more))


BASELINE = Baseline(
    benchmark="open DataClaw-val 1",
    digest="cd" * 32,
    similarity="minilm",
    scores=SCORES,
    dataclaw="0.1.0",
    measured={"gui": measured(0.594), "toy": measured(0.5)},
)


def shipped(folder: Path, name: str, rows: dict[str, DomainScore], *, against: str = SCORES) -> ShippedAdapter:
    content = b"GGUF" + name.encode()
    (folder / f"{name}.gguf").write_bytes(content)
    return ShippedAdapter(
        file=f"{name}.gguf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        base_digest=EMBEDDED.sha256,
        recipe="0" * 64,
        proven=(20, 20),
        model="hf:embedded@runs/gui/adapter",
        against=against,
        measured=rows,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of adapters that takes the package's place, and weights that seem to be there."""
    place = tmp_path / "adapters"
    place.mkdir()
    monkeypatch.setenv(FOLDER, str(place))
    weights = tmp_path / "models"
    weights.mkdir()
    (weights / Path(EMBEDDED.member).name).write_bytes(b"GGUF")
    monkeypatch.setenv("DATACLAW_MODELS", str(weights))
    return place


def ship(folder: Path, **rows: dict[str, DomainScore]) -> AdapterIndex:
    index = AdapterIndex(planner=BASELINE, adapters={name: shipped(folder, name, row) for name, row in rows.items()})
    write_index(folder, index)
    assert read_index(folder) == index
    return index


@pytest.fixture
def gui() -> Domain:
    return load_domain("gui")


def named(domain: Domain, **entry: str) -> dict[str, Domain]:
    return {domain.name: replace(domain, entry=PluginEntry.model_validate(entry))}


def test_what_ships_is_whole_small_and_has_its_card():
    folder, index = adapters_folder(), read_index()
    assert index.planner is not None, "the planner was measured"
    assert index.planner.digest in {one.digest for one in pinned_benchmarks()}
    assert set(index.planner.measured) == {"aigc", "daily", "education", "embodied", "gui"}
    files = {one.file for one in index.adapters.values()}
    assert {path.name for path in folder.glob("*.gguf")} == files, "what lies there is in the index"
    for name in index.adapters:
        file = adapter_file(name)  # compares hash and base
        assert file.stat().st_size <= LARGEST
        assert "## Limits" in file.with_suffix(".md").read_text(encoding="utf-8")


def test_without_adapters_the_planner_decides_and_its_total_says_why(folder: Path, toy: Domain):
    index = ship(folder)
    assert default_choice("gui", index) == PolicyChoice(
        "planner", why="59.4 on open DataClaw-val 1; no adapter ships for gui"
    )
    assert default_choice("surgery", index).why == "not measured; no adapter ships for surgery"
    assert choose_policies(None, {"toy": toy}, None)["toy"].model == "planner"


def test_an_adapter_decides_only_where_it_is_surely_above_the_planner(folder: Path):
    pytest.importorskip("xllamacpp")
    index = ship(
        folder,
        gui={"gui": measured(0.70, more=0.106)},
        omni={"gui": measured(0.72, more=0.126), "toy": measured(0.52, more=0.02)},
    )
    best, held = default_choice("gui", index), default_choice("toy", index)
    assert best.name == "embedded@omni"
    assert best.why == "omni.gguf: 72.0 on open DataClaw-val 1, 12.6 (9.6 to 15.6) more than the planner"
    assert held.name == "planner"
    assert held.why == "50.0 on open DataClaw-val 1; omni.gguf 52.0, not surely more (2.0 (-1.0 to 5.0))"


def test_figures_against_other_scores_of_the_planner_do_not_count(folder: Path):
    index = ship(folder, gui={"gui": measured(0.9, more=0.3)})
    later = index.model_copy(update={"planner": BASELINE.model_copy(update={"scores": "ab" * 32})})
    assert default_choice("gui", later).name == "planner"


def test_a_better_model_that_cannot_run_here_is_named_with_the_remedy(
    folder: Path, gui: Domain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    ship(folder, gui={"gui": measured(0.7, more=0.1)})
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path / "empty"))
    found = choose_policies(None, {"gui": gui}, None)
    assert found["gui"].model == "planner"
    (line,) = explain_missed(found)
    assert line.startswith("planner decides for gui, where an adapter that ships would: ")
    assert "dataclaw models get embedded" in line


def test_what_a_run_or_plugins_toml_names_comes_first(folder: Path, gui: Domain, tmp_path: Path):
    pytest.importorskip("xllamacpp")
    ship(folder, gui={"gui": measured(0.5, more=-0.1)}, omni={"gui": measured(0.4, more=-0.2)})
    registry = tmp_path / "plugins.toml"
    registry.write_text("")

    def decider(asked: str | None = None, **entry: str) -> PolicyChoice:
        return choose_policies(asked, named(gui, **entry), registry)["gui"]

    assert decider("planner").file is None
    assert decider("embedded").name == "embedded@gui"  # the best there is, though the planner is better
    assert decider(model="embedded").why == "named in plugins.toml"
    assert decider("embedded", adapter="omni").file == folder / "omni.gguf"
    assert decider("embedded", adapter="own/gui.gguf").file == tmp_path / "own" / "gui.gguf"
    assert decider("hf:embedded", adapter="runs/gui").file == tmp_path / "runs" / "gui"
    assert decider("hf:embedded").file is None  # what ships is for the runtime
    with pytest.raises(UsageError, match=r"no adapter 'guy' ships \(there is: gui, omni\)"):
        decider("embedded", adapter="guy")
    digest = sha256_of(folder / "gui.gguf")[:12]
    assert decider("embedded").describe() == f"embedded + gui ({digest})"


def test_an_adapter_that_is_not_the_one_that_shipped_is_refused(folder: Path, gui: Domain):
    pytest.importorskip("xllamacpp")
    index = ship(folder, gui={"gui": measured(0.7, more=0.1)})
    (folder / "gui.gguf").write_bytes(b"GGUFgu!")
    with pytest.raises(PolicyError, match="not the one that was shipped"):
        choose_policies(None, {"gui": gui}, None)
    (folder / "gui.gguf").unlink()
    with pytest.raises(PolicyError, match="missing"):
        choose_policies("embedded", {"gui": gui}, None)
    other = shipped(folder, "gui", {}).model_copy(update={"base_digest": "0" * 64})
    write_index(folder, index.model_copy(update={"adapters": {"gui": other}}))
    with pytest.raises(PolicyError, match="of another model"):
        adapter_file("gui")
    (folder / INDEX).write_text('format = 1\n[adapters.gui]\nfile = "gui.gguf"\nsize = 7000000\n')
    with pytest.raises(ConfigError, match="size: Input should be less than or equal to 6000000"):
        read_index()
