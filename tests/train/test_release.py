"""From a trained run to an adapter that ships: what is refused, and what follows from what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.standing import baseline, measure_domain
from dataclaw.files import sha256_of
from dataclaw.models.adapter_index import AdapterIndex, DomainScore, adapter_file, read_index, write_index
from dataclaw.models.weights import EMBEDDED, models_folder
from dataclaw.run.policy_selection import default_choice
from dataclaw.train.release import Standing, domains_of_run, held_out_of, release
from dataclaw.train.shipping import ProofSettings
from tests.evals.whole import COUNTS, whole_run
from tests.train.test_model_card import RECORD
from tests.train.tiny import stirred, tiny_model

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("gguf")
pytest.importorskip("xllamacpp")

from dataclaw.train.base_model import LoraConfig, load_base, save_adapter, with_lora

TOTALS = dict.fromkeys(COUNTS, 0.5)
TALK = [{"role": "user", "content": "Say what you see."}, {"role": "assistant", "content": "{}"}]


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_run(tmp_path_factory.mktemp("runs") / "planner", "planner", TOTALS)


@pytest.fixture
def folder(planner: Path, tmp_path: Path) -> Path:
    """A folder of shipped adapters that holds none yet."""
    write_index(tmp_path / "adapters", AdapterIndex(planner=baseline(planner)))
    return tmp_path / "adapters"


def trained(out: Path, base: Any, rank: int = 8) -> Path:
    """A run whose adapter has learnt something at random, and the held-out traces of its corpus."""
    export = out / "corpus" / "export"
    export.mkdir(parents=True)
    (export / "validation_traces.jsonl").write_text(json.dumps({"domain": "gui", "messages": TALK}) + "\n")
    save_adapter(stirred(with_lora(base, LoraConfig(r=rank)), seed=0, scale=0.02), base, out / "adapter")
    record = RECORD | {"config": RECORD["config"] | {"data": {"corpus": str(out / "corpus"), "domains": ["gui"]}}}
    (out / "run.json").write_text(json.dumps(record))
    return out


def stand(planner: Path, out: Path, answered: str, total: float = 0.6) -> Standing:
    run = whole_run(out, "by domain", TOTALS | {"gui": total})
    rows: dict[str, DomainScore] = {"gui": measure_domain(run, "gui", planner)}
    summary = json.loads((run / "summary.json").read_text())
    return Standing(rows, {"gui": answered}, "hf:embedded", sha256_of(planner / "scores.jsonl"), summary)


def test_an_adapter_of_another_base_does_not_ship(planner: Path, folder: Path, tmp_path: Path):
    run = trained(tmp_path / "run", load_base(str(tiny_model(tmp_path / "base"))), rank=2)
    standing, before = stand(planner, tmp_path / "eval", ""), read_index(folder)
    assert domains_of_run(run) == ["gui"]
    trial = ProofSettings(held_out_of(run))
    with pytest.raises(ConfigError, match="only adapters of the embedded model ship"):
        release(run, "gui", folder, trial, standing)
    with pytest.raises(UsageError, match="no name for an adapter"):
        release(run, "../gui", folder, trial, standing)
    with pytest.raises(ConfigError, match="no record that can be read"):
        release(tmp_path, "gui", folder, trial, standing)
    (run / "corpus" / "export" / "validation_traces.jsonl").unlink()
    with pytest.raises(ConfigError, match="nothing proves the adapter"):
        held_out_of(run)
    assert read_index(folder) == before
    assert [path.name for path in folder.iterdir()] == ["index.toml"]


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(900)
def test_a_proven_and_measured_adapter_ships_and_decides(
    planner: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not (models_folder() / Path(EMBEDDED.member).name).is_file():
        pytest.skip("no weights: dataclaw models get embedded")
    run = trained(tmp_path / "run", load_base("embedded"))
    trial = ProofSettings(held_out_of(run), prompts=1, tokens=8, domains=("gui",))
    digest = sha256_of(run / "adapter" / "adapter_model.safetensors")[:12]
    with pytest.raises(UsageError, match="another adapter was measured in gui: embedded"):
        release(run, "gui", folder, trial, stand(planner, tmp_path / "other", "embedded + x (0123456789ab)"))
    own = stand(planner, tmp_path / "eval", f"hf:embedded@runs/gui/adapter ({digest})")
    with pytest.raises(UsageError, match="other scores of the planner"):
        release(run, "gui", folder, trial, replace(own, against="0" * 64))
    large = trained(tmp_path / "large", load_base("embedded"), rank=16)
    with pytest.raises(ConfigError, match=r"9\.8 MB, more than the 6 MB that may ship"):
        release(large, "gui", folder, trial, own)
    assert [path.name for path in folder.iterdir()] == ["index.toml"]

    shipped, card = release(run, "gui", folder, trial, own)
    assert shipped.proofs["float32"].holds
    index = read_index(folder)
    assert adapter_file("gui", folder, index) == shipped.converted.file == folder / "gui.gguf"
    assert default_choice("gui", index).name == "embedded@gui"
    text = card.read_text()
    assert card == folder / "gui.md"
    assert "| gui | 200 | 60.0" in text
    assert "10.0 (10.0 to 10.0) |" in text  # above the planner
    assert "| daily" not in text  # answered by others
    assert sorted(path.name for path in folder.iterdir()) == ["gui.gguf", "gui.md", "index.toml"]
    release(run, "gui", folder, trial, stand(planner, tmp_path / "worse", digest, total=0.4))
    assert default_choice("gui", read_index(folder)).name == "planner"
