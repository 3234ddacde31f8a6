"""Two processes that share one model give the curve of one, and the embedded model takes its first steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from dataclaw.errors import ConfigError
from dataclaw.models.weights import EMBEDDED, models_folder
from tests.train.corpora import corpus
from tests.train.test_sft import curve, figures, recipe
from tests.train.tiny import tiny_model

torch: Any = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.train.base_model import load_adapter, load_base  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.sft import sft  # noqa: E402

SCRIPT = """
import sys
from pathlib import Path
from dataclaw.train.config import read_config
from dataclaw.train.sft import sft
for news in sft(read_config(Path(sys.argv[1])), Path(sys.argv[2])):
    if news.figures and news.step == int(sys.argv[3]):
        break
"""


def together(recipe_file: Path, out: Path, stop_after: int) -> None:
    """Run with two processes, as torchrun starts them."""
    port = str(20_000 + os.getpid() % 20_000)
    shared = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SCRIPT, str(recipe_file), str(out), str(stop_after)]
    ranks = [
        subprocess.Popen(command, env={**shared, "RANK": str(n), "LOCAL_RANK": str(n)}, stderr=subprocess.PIPE)
        for n in range(2)
    ]
    errors = [rank.communicate(timeout=250)[1].decode() for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], errors


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_two_processes_share_a_model_and_give_the_same_curve(tmp_path: Path, tuning: str):
    tiny_model(tmp_path / "model")
    corpus(tmp_path / "corpus")
    config = recipe(tmp_path, model={"tuning": tuning}, steps=5, lr=3e-3, batch_tokens=1800)
    (tmp_path / "recipe.toml").write_text(tomli_w.dumps(config.model_dump(mode="json", exclude_none=True)))
    list(sft(config, tmp_path / "alone"))
    if tuning == "lora":  # stopped after three steps, and gone on with
        together(tmp_path / "recipe.toml", tmp_path / "two", 3)
        assert len(figures(tmp_path / "two")) == 3
        with pytest.raises(ConfigError, match="the checkpoint is of several processes"):
            list(sft(config, tmp_path / "two"))
    together(tmp_path / "recipe.toml", tmp_path / "two", 99)
    assert curve(tmp_path / "two") == pytest.approx(curve(tmp_path / "alone"), rel=1e-3)
    if tuning == "lora":
        one, two = (
            load_adapter(load_base(str(tmp_path / "model")), tmp_path / name / "adapter").state_dict()
            for name in ("alone", "two")
        )
    else:
        one, two = (load_base(str(tmp_path / name / "model")).model.state_dict() for name in ("alone", "two"))
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, atol=3e-3, rtol=1e-2)


@pytest.mark.slow
@pytest.mark.model
def test_the_embedded_model_takes_two_steps(tmp_path: Path):
    if not (models_folder() / EMBEDDED.member.rsplit("/", 1)[-1]).is_file():
        pytest.skip("dataclaw models get embedded")
    settings = {
        "model": {"lora": {"r": 8}, "device": "cpu"},
        "data": {"corpus": str(corpus(tmp_path / "corpus", traces=3, held=1)), "max_tokens": 512},
        "sft": {"batch_tokens": 512, "steps": 2},
    }
    list(sft(TrainConfig.model_validate(settings), tmp_path / "run"))
    first, second = figures(tmp_path / "run")
    assert second["loss"] < first["loss"]
    assert second["validation"]["gui"]["turns"] == 2
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (record["base"]["name"], record["base"]["attention"]) == ("embedded", "dataclaw_packed")
