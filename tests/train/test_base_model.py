"""Bases, adapters on them, and what is said about wrong ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import ConfigError, UsageError
from dataclaw.models.adapter_folder import RECORD
from dataclaw.models.chatml import render
from tests.train.tiny import stirred, tiny_model

torch: Any = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.train import base_model as models  # noqa: E402
from dataclaw.train import devices  # noqa: E402
from dataclaw.train.base_model import LoraConfig, load_adapter, load_base, save_adapter, with_lora  # noqa: E402

TALK = [{"role": "user", "content": "List the 12 steps."}, {"role": "assistant", "content": '{"tool":"overview"}'}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def logits(model: Any, tokeniser: Any) -> Any:
    ids = torch.tensor([tokeniser.encode(render(TALK), add_special_tokens=False)])
    with torch.no_grad():
        return model(input_ids=ids).logits[0]


def test_a_base_ends_and_pads_with_the_end_of_a_turn(folder: Path):
    base = load_base(str(folder))
    ids = base.tokeniser.encode("<|im_end|>", add_special_tokens=False)
    assert ids == [2]
    assert (base.tokeniser.eos_token_id, base.tokeniser.pad_token_id) == (2, 2)
    assert (base.model.config.eos_token_id, base.model.generation_config.pad_token_id) == (2, 2)
    assert base.tokeniser.apply_chat_template(TALK, tokenize=False) == render(TALK)
    assert not base.model.training


def test_the_digest_tells_weights_from_others(folder: Path, tmp_path: Path):
    other = tiny_model(tmp_path / "other", seed=1)
    same = shutil.copytree(folder, tmp_path / "same")
    digests = [load_base(str(path)).digest for path in (folder, other, same)]
    assert digests[0] != digests[1]
    assert digests[0] == digests[2]


def test_random_weights_need_no_weight_file(folder: Path, tmp_path: Path):
    bare = shutil.copytree(folder, tmp_path / "bare", ignore=shutil.ignore_patterns("*.safetensors"))
    first, again, other = (load_base(str(bare), random_init=True, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(logits(first.model, first.tokeniser), logits(again.model, again.tokeniser))
    assert first.digest == again.digest != other.digest
    with pytest.raises(ConfigError, match="no model that transformers can read"):
        load_base(str(bare))


def test_bfloat16_is_what_it_says(folder: Path):
    base = load_base(str(folder), dtype="bfloat16")
    assert {p.dtype for p in base.model.parameters()} == {torch.bfloat16}


def test_a_new_adapter_changes_nothing_and_trains_alone(folder: Path):
    base = load_base(str(folder))
    before = logits(base.model, base.tokeniser)
    model = with_lora(base, LoraConfig(r=4, alpha=8))
    assert torch.equal(before, logits(model.eval(), base.tokeniser))
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert len(trained) == 2 * 7 * 2  # A and B of seven linear layers in two blocks
    assert all("lora_" in name for name in trained)
    with pytest.raises(UsageError, match="carries an adapter already"):
        with_lora(base, LoraConfig())


def test_an_adapter_comes_back_as_it_was(folder: Path, tmp_path: Path):
    base = load_base(str(folder))
    model = stirred(with_lora(base, LoraConfig(r=4, alpha=8)), seed=0).eval()
    save_adapter(model, base, tmp_path / "out" / "adapter")
    save_adapter(model, base, tmp_path / "out" / "adapter")  # replaces it
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["adapter"]
    again = load_base(str(folder))
    loaded = load_adapter(again, tmp_path / "out" / "adapter")
    assert torch.equal(logits(model, base.tokeniser), logits(loaded, again.tokeniser))
    assert not any(p.requires_grad for p in loaded.parameters())
    more = load_adapter(load_base(str(folder)), tmp_path / "out" / "adapter", trainable=True)
    assert any(p.requires_grad for p in more.parameters())


def test_an_adapter_names_no_place_of_this_machine(folder: Path, tmp_path: Path):
    base = models.Base("embedded", "0" * 64, load_base(str(folder)).model, None)
    save_adapter(with_lora(base, LoraConfig(r=2)), base, tmp_path / "a")
    told = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert set(told) == {"adapter_config.json", "adapter_model.safetensors", "dataclaw.json"}
    assert all(str(folder).encode() not in text for text in told.values())
    assert json.loads(told["adapter_config.json"])["base_model_name_or_path"] == "embedded"


def test_an_adapter_of_another_base_is_refused(folder: Path, tmp_path: Path):
    base = load_base(str(folder))
    save_adapter(with_lora(base, LoraConfig(r=2)), base, tmp_path / "a")
    other = load_base(str(tiny_model(tmp_path / "other", seed=1)))
    with pytest.raises(ConfigError, match=r"trained on .* with other weights") as caught:
        load_adapter(other, tmp_path / "a")
    assert base.digest[:12] in caught.value.remedy
    assert not hasattr(other.model, "peft_config")  # still as it was


@pytest.mark.parametrize("harm", ["record", "weights", "short", "damaged", "folder"])
def test_a_half_written_adapter_is_refused(harm: str, folder: Path, tmp_path: Path):
    base = load_base(str(folder))
    adapter = tmp_path / "a"
    save_adapter(with_lora(base, LoraConfig(r=2)), base, adapter)
    weights = adapter / "adapter_model.safetensors"
    if harm == "record":
        (adapter / RECORD).unlink()
    elif harm == "weights":
        weights.unlink()
    elif harm == "short":
        weights.write_bytes(weights.read_bytes()[:-64])
    elif harm == "damaged":
        (adapter / RECORD).write_text('{"base": ')
    else:
        shutil.rmtree(adapter)
    with pytest.raises(ConfigError) as caught:
        load_adapter(load_base(str(folder)), adapter)
    assert str(adapter) in caught.value.place
    assert "checkpoint before it" in caught.value.remedy


def test_a_failed_save_leaves_the_adapter_that_was_there(folder: Path, tmp_path: Path):
    base = load_base(str(folder))
    save_adapter(with_lora(base, LoraConfig(r=2)), base, tmp_path / "a")

    class Full:
        def save_pretrained(self, part: Path) -> None:
            (part / "adapter_config.json").write_text("{")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        save_adapter(Full(), base, tmp_path / "a")
    models.check_adapter(base, tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["./nowhere", "nowhere", "/a/b"])
def test_no_such_model(name: str):
    with pytest.raises(ConfigError, match="no model"):
        load_base(name)


def test_a_truncated_weight_file_is_told(folder: Path, tmp_path: Path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="no model that transformers can read"):
        load_base(str(broken))


def test_a_tokeniser_without_chatml_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"no token <\|im_start\|>"):
        load_base(str(tiny_model(tmp_path / "m", chatml=False)))


def test_devices_and_dtypes_that_are_not_there(folder: Path):
    with pytest.raises(ConfigError, match="no device 'tpu'"):
        load_base(str(folder), device="tpu")
    with pytest.raises(ConfigError, match="no dtype 'float8'"):
        load_base(str(folder), dtype="float8")
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="no CUDA accelerator"):
            load_base(str(folder), device="cuda")
        assert devices.device_of("auto") in {"cpu", "mps"}


def test_too_little_memory_is_said_before_with_what_fits():
    with pytest.raises(ConfigError, match=r"take 36\.9 GiB in float32; 24\.0 GiB are free on cpu") as caught:
        devices.check_memory("big", 9_000_000_000, "cpu", "float32", free=24 << 30)
    assert caught.value.remedy == 'Set dtype = "bfloat16" (18.4 GiB).'
    with pytest.raises(ConfigError) as caught:
        devices.check_memory("big", 9_000_000_000, "cuda", "bfloat16", free=8 << 30)
    assert 'name = "embedded"' in caught.value.remedy
    assert "18 GiB" in caught.value.remedy
    devices.check_memory("small", 134_515_008, "cpu", "float32", free=1 << 30)


def test_memory_is_checked_before_weights_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(devices, "free_memory", lambda device: 1000)
    with pytest.raises(ConfigError, match="GiB are free on cpu"):
        load_base(str(folder))


def test_free_memory_is_a_number():
    assert devices.free_memory("cpu") > 1 << 20
