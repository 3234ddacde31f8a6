"""Training from a pack: one folder of small files is all that both stages need."""

from __future__ import annotations

import json
import lzma
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.cli import app  # noqa: E402
from dataclaw.corpus.build import build  # noqa: E402
from dataclaw.corpus.config import CorpusConfig  # noqa: E402
from dataclaw.corpus.export import export  # noqa: E402
from dataclaw.corpus.packs.corpus_packer import pack_corpus  # noqa: E402
from dataclaw.corpus.packs.shards import file_of  # noqa: E402
from dataclaw.corpus.packs.stream_packer import Packing  # noqa: E402
from dataclaw.errors import ConfigError, StreamError, UsageError  # noqa: E402
from dataclaw.tools.cache import FOLDER  # noqa: E402
from dataclaw.train import grpo as loop  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.count import count  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.prompts import read_prompts  # noqa: E402
from dataclaw.train.record import METRICS, RUN  # noqa: E402
from dataclaw.train.sft import sft  # noqa: E402
from tests.train.led import BAD, Led, small_model  # noqa: E402

LOOK = '{"tool":"picture_look","args":{"frames":[0],"box":[0,0,40,40]}}'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of pictures, which tools look at."""
    out = tmp_path_factory.mktemp("corpus")
    config = CorpusConfig(worlds=["darkroom"], streams=4, asks=3, detours=0.0, difficulties=[2, 3], validation=0.3)
    assert all(not news.failure for news in build(config, out))
    export(config, out)
    return out


@pytest.fixture(scope="module")
def pack(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packs") / "pack"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(out.parent / "cache"))
        list(pack_corpus(corpus, out, Packing(side=0)))
    return out


@pytest.fixture(scope="module")
def model(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(corpus, tmp_path_factory.mktemp("tiny") / "model")


def recipe(model: Path, corpus: Path, **grpo: Any) -> TrainConfig:
    small = {"group": 2, "prompts_per_step": 2, "steps": 2, "max_new_tokens": 8, "max_tokens": 20_000, "save_every": 1}
    return TrainConfig.model_validate(
        {
            "model": {"name": str(model), "device": "cpu", "lora": {"r": 2, "alpha": 4}},
            "data": {"corpus": corpus, "max_tokens": 20_000, "validation": 1},
            "sft": {"steps": 2, "batch_tokens": 256, "eval_every": 0},
            "grpo": {**small, **grpo},
        }
    )


def figures_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / METRICS).read_text().splitlines()]


def test_supervised_learning_from_a_pack_is_that_from_its_corpus(
    model: Path, corpus: Path, pack: Path, tmp_path: Path
) -> None:
    for name, source in (("corpus", corpus), ("pack", pack)):
        list(sft(recipe(model, source), tmp_path / name))
    ours, theirs = ([one["loss"] for one in figures_of(tmp_path / name)] for name in ("pack", "corpus"))
    assert ours == theirs
    records = [json.loads((tmp_path / name / RUN).read_text())["corpus"] for name in ("pack", "corpus")]
    assert records[0] == records[1]
    assert records[0]["validation"]["traces"]
    assert count(recipe(model, pack)) == count(recipe(model, corpus))


def test_rollouts_from_a_pack_count_the_calls_that_it_lacks(
    model: Path, corpus: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = read_prompts(recipe(model, pack).data).entries
    monkeypatch.setattr(Led, "traces", {ask.name: [LOOK, BAD] for ask in asks})
    monkeypatch.setattr(loop, "Hf", Led)
    list(grpo(recipe(model, pack), tmp_path / "without"))
    without = figures_of(tmp_path / "without")
    assert [one["step"] for one in without] == [1, 2]
    assert sum(one["calls"].get("unavailable: picture_look", 0) for one in without) == 8
    list(grpo(recipe(model, pack), tmp_path / "with", media=corpus))
    assert not any(one["calls"] for one in figures_of(tmp_path / "with"))
    with pytest.raises(UsageError, match="media are given, and the prompts are not from a pack"):
        next(grpo(recipe(model, corpus), tmp_path / "corpus", media=corpus))


def test_a_run_goes_on_with_other_settings_of_mere_housekeeping(model: Path, pack: Path, tmp_path: Path) -> None:
    list(grpo(recipe(model, pack, steps=1), tmp_path / "run"))
    other = recipe(model, pack, steps=1, save_every=7, keep=5, batch_tokens=99)
    assert "rollouts of" in next(iter(grpo(other, tmp_path / "run"))).note
    with pytest.raises(ConfigError, match=r"grpo\.clip was 0\.2, is 0\.1"):
        next(grpo(recipe(model, pack, steps=1, clip=0.1), tmp_path / "run"))


def test_the_commands_take_a_pack_by_the_same_name(model: Path, pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(
        f"[model]\nname = {str(model)!r}\ndevice = 'cpu'\n[data]\nmax_tokens = 20000\n"
        "[sft]\nbatch_tokens = 256\n[grpo]\ngroup = 2\nprompts_per_step = 1\nmax_new_tokens = 4\n"
    )
    for stage in ("sft", "grpo"):
        out = tmp_path / stage
        done = CliRunner().invoke(
            app, ["train", stage, str(file), "--corpus", str(pack), "--out", str(out), "--steps", "1"]
        )
        assert done.exit_code == 0, done.output
        assert json.loads((out / RUN).read_text())["config"]["data"]["corpus"] == str(pack)


def test_traces_that_were_changed_are_refused(model: Path, pack: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pack"
    shutil.copytree(pack, copy)
    file = copy / "traces.jsonl.xz"
    data = lzma.compress(bytes(200 * 2**20))
    file.write_bytes(data)
    with pytest.raises(ConfigError, match=r"traces\.jsonl\.xz: was changed"):
        count(recipe(model, copy))
    said = json.loads((copy / "manifest.json").read_text())
    said["traces"]["training"] = {**file_of(file).model_dump(), "unpacked": 100}
    (copy / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(StreamError, match="unpacks to more than 100 bytes"):
        count(recipe(model, copy))
