"""Supervised learning: it learns, can be stopped anywhere, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dataclaw.cli.train_console import until_asked
from dataclaw.errors import ConfigError, DataClawError
from tests.train.corpora import corpus, trace, write
from tests.train.tiny import tiny_model

torch: Any = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.train import checkpoints  # noqa: E402
from dataclaw.train.base_model import load_adapter, load_base  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.sft import learning_rate, sft  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and a corpus beside it."""
    place = tmp_path_factory.mktemp("sft")
    tiny_model(place / "model")
    corpus(place / "corpus")
    return place


def recipe(folder: Path, *, model: dict[str, Any] | None = None, data: dict[str, Any] | None = None, **sft: Any):
    return TrainConfig.model_validate(
        {
            "model": {"name": str(folder / "model"), "device": "cpu", **(model or {})},
            "data": {"corpus": str(folder / "corpus"), "max_tokens": 512, "row_tokens": 600, **(data or {})},
            "sft": {"lr": 1e-2, "batch_tokens": 1200, "epochs": 1, "save_every": 2, "eval_every": 0, **sft},
        }
    )


def figures(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def curve(out: Path) -> list[float]:
    return [line["loss"] for line in figures(out)]


def test_it_learns_and_leaves_an_adapter_and_a_full_record(folder: Path, tmp_path: Path):
    news = list(sft(recipe(folder, epochs=3), tmp_path))
    found = figures(tmp_path)
    assert [line["step"] for line in found] == list(range(1, news[-1].steps + 1))
    assert found[-1]["loss"] < 0.6 * found[0]["loss"]
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["stage"] == "sft"
    assert record["seed"] == 0
    assert len(record["corpus"]["training"]["sha256"]) == len(record["base"]["digest"]) == 64
    assert record["corpus"]["training"]["traces"] == {"daily": 12, "gui": 12}
    assert record["versions"]["torch"]
    assert record["config"]["sft"]["batch_tokens"] == 1200
    model = load_adapter(load_base(str(folder / "model")), tmp_path / "adapter")
    assert any(float(p.abs().sum()) for name, p in model.named_parameters() if "lora_B" in name)


def test_validation_is_told_by_domain(folder: Path, tmp_path: Path):
    list(sft(recipe(folder, epochs=2, eval_every=6), tmp_path))
    told = [line["validation"] for line in figures(tmp_path) if "validation" in line]
    assert len(told) >= 3
    assert set(told[0]) == {"daily", "gui"}
    assert (told[0]["gui"]["turns"], told[0]["gui"]["calls"]) == (6, 3)
    assert told[-1]["gui"]["loss"] < told[0]["gui"]["loss"]
    assert 0 <= told[-1]["gui"]["call_accuracy"] <= told[-1]["gui"]["tool_accuracy"] <= 1
    assert told[-1]["gui"]["token_accuracy"] > 0.5


def test_full_tuning_leaves_a_model(folder: Path, tmp_path: Path):
    list(sft(recipe(folder, model={"tuning": "full"}, lr=1e-3, steps=2), tmp_path))
    before, after = (load_base(str(path)) for path in (folder / "model", tmp_path / "model"))
    assert before.digest != after.digest


@pytest.mark.parametrize("tuning", ["lora", "full"])
@pytest.mark.parametrize("stopped_after", [1, 2, 3])
def test_a_run_that_is_stopped_goes_on_with_the_same_curve(
    folder: Path, tmp_path: Path, tuning: str, stopped_after: int
):
    config = recipe(folder, model={"tuning": tuning, "lora": {"dropout": 0.1}}, steps=5, lr=3e-3)
    list(sft(config, tmp_path / "whole"))
    for news in sft(config, tmp_path / "stopped"):
        if news.step == stopped_after and news.figures:
            break
    notes = [news.note for news in sft(config, tmp_path / "stopped") if "going on" in news.note]
    assert notes == ([f"going on after step {stopped_after // 2 * 2}"] if stopped_after >= 2 else [])
    assert curve(tmp_path / "stopped") == pytest.approx(curve(tmp_path / "whole"), rel=1e-5)
    assert [line["step"] for line in figures(tmp_path / "stopped")] == [1, 2, 3, 4, 5]
    assert figures(tmp_path / "stopped")[-1]["tokens"] == figures(tmp_path / "whole")[-1]["tokens"]


def test_a_run_that_is_asked_to_end_keeps_its_last_step(folder: Path, tmp_path: Path):
    config = recipe(folder, steps=5, save_every=0)

    def asked_after(step: int) -> None:
        for news in until_asked(sft(config, tmp_path)):
            if news.step == step and news.figures:
                os.kill(os.getpid(), signal.SIGTERM)

    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        asked_after(2)
    assert signal.getsignal(signal.SIGTERM) is handler
    found = checkpoints.newest(tmp_path / "checkpoints")
    assert found
    assert found.step == 2
    assert len(curve(tmp_path)) == 2
    assert [news.note for news in sft(config, tmp_path) if "going on" in news.note] == ["going on after step 2"]
    assert (tmp_path / "adapter").is_dir()


def test_a_checkpoint_that_lost_half_of_itself_is_passed_over(folder: Path, tmp_path: Path):
    config = recipe(folder, steps=5)
    for news in sft(config, tmp_path):
        if news.step == 4 and news.figures:
            break
    state = tmp_path / "checkpoints" / "step-0000004" / "state"
    file = max(state.iterdir(), key=lambda one: one.stat().st_size)
    file.write_bytes(file.read_bytes()[:100])
    (tmp_path / "checkpoints" / ".step-0000005.part").mkdir()
    notes = " ".join(news.note for news in sft(config, tmp_path))
    assert "step-0000004 is not whole and is passed over" in notes
    assert "going on after step 2" in notes
    assert not list((tmp_path / "checkpoints").glob(".*"))
    assert len(curve(tmp_path)) == 5


def test_only_the_newest_checkpoints_are_kept(folder: Path, tmp_path: Path):
    list(sft(recipe(folder, steps=5, save_every=1, keep=2), tmp_path))
    assert sorted(p.name for p in (tmp_path / "checkpoints").iterdir()) == ["step-0000004", "step-0000005"]


def test_a_loss_that_is_no_number_stops_and_names_the_batch(folder: Path, tmp_path: Path):
    config = recipe(folder, steps=5)
    run = sft(config, tmp_path)
    for news in run:
        if news.step == 3 and news.figures:
            break
    run.close()
    found = checkpoints.newest(tmp_path / "checkpoints")
    assert found
    assert found.step == 2
    poison(found.folder)
    with pytest.raises(DataClawError, match=r"step 3: the loss is nan .* in the batch: (gui|daily)-\d{3}") as raised:
        list(sft(config, tmp_path))
    assert "The last good checkpoint is" in raised.value.remedy
    assert "step-0000002" in raised.value.remedy
    assert len(curve(tmp_path)) == 2


def poison(folder: Path) -> None:
    """Make a weight of a checkpoint infinite, as a bad step would."""
    file = folder / "state" / "alone.pt"
    state = torch.load(file)
    next(v for n, v in state.items() if "lora_A" in n and n.startswith("weights"))[0, 0] = float("nan")
    torch.save(state, file)
    record = json.loads((folder / "checkpoint.json").read_text())
    record["files"] = {file.name: file.stat().st_size}
    (folder / "checkpoint.json").write_text(json.dumps(record))


def test_a_folder_with_another_run_is_not_gone_on_with(folder: Path, tmp_path: Path):
    list(sft(recipe(folder, steps=2), tmp_path))
    with pytest.raises(ConfigError, match=r"config\.data\.seed was 0, is 1; config\.sft\.lr was 0\.01, is 0\.002"):
        list(sft(recipe(folder, steps=2, lr=2e-3, data={"seed": 1}), tmp_path))
    list(sft(recipe(folder, steps=2, keep=1), tmp_path))  # what is learnt is the same
    list(sft(recipe(folder, steps=2, lr=2e-3), tmp_path, fresh=True))


def test_a_corpus_that_changed_is_not_gone_on_with(folder: Path, tmp_path: Path):
    own = corpus(tmp_path / "corpus", traces=6)
    config = recipe(folder, data={"corpus": str(own)}, steps=2)
    list(sft(config, tmp_path / "run"))
    write(own / "export" / "traces.jsonl", [trace(n) for n in range(9)])
    with pytest.raises(ConfigError, match=r"corpus\.training was"):
        list(sft(config, tmp_path / "run"))


def test_the_learning_rate_rises_and_falls():
    config = TrainConfig.model_validate({"sft": {"lr": 1.0, "warmup": 0.1}}).sft
    rates = [learning_rate(config, step, 100) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)


SCRIPT = """
import sys
from pathlib import Path
from dataclaw.train.config import read_config
from dataclaw.train.sft import sft
for news in sft(read_config(Path(sys.argv[1])), Path(sys.argv[2])):
    print(news.step, flush=True)
"""


@pytest.mark.slow
def test_a_process_that_is_killed_goes_on_with_the_same_curve(folder: Path, tmp_path: Path):
    import tomli_w

    config = recipe(folder, steps=60, epochs=40, save_every=7)
    (tmp_path / "recipe.toml").write_text(tomli_w.dumps(config.model_dump(mode="json", exclude_none=True)))
    list(sft(config, tmp_path / "whole"))
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "recipe.toml"), str(tmp_path / "killed")]
    for patience in (0.2, 0.45):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        assert process.stdout
        while process.stdout.readline().strip() in {b"0"}:
            pass
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    list(sft(config, tmp_path / "killed"))
    assert curve(tmp_path / "killed") == pytest.approx(curve(tmp_path / "whole"), rel=1e-4)
