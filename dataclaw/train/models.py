"""The models that are trained: a base, its tokeniser, and LoRA adapters on it.

A base is the embedded model, or any causal language model or vision-language model of transformers. The embedded model
lies on disk as GGUF; it is turned once into safetensors in the user's cache. An adapter is kept with the digest of its
base, since a low-rank change of other weights is noise.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from dataclaw.agent.policy.chatml import END, JINJA, START
from dataclaw.agent.policy.weights import EMBEDDED
from dataclaw.config import Strict
from dataclaw.errors import ConfigError, UsageError
from dataclaw.train.devices import check_dtype, check_memory, device_of, library
from dataclaw.train.embedded import exported, quietly

NAME = "embedded"
"""The base that `dataclaw models get embedded` fetches."""
RECORD = "dataclaw.json"
"""What is written last into an adapter's folder: its base and the hashes of its files."""

_SAMPLES, _SAMPLE = 64, 1 << 16  # blocks of a weight file that its digest reads, bytes of each
_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_READ_RANDOM = ("*.json", "*.txt", "*.model", "*.jinja")


class LoraConfig(Strict):
    """A low-rank adapter.

    Attributes:
        r: rank.
        alpha: the change is scaled by `alpha / r`.
        dropout: share of an adapter's inputs that is dropped in training.
        targets: which layers; all linear ones but the output layer.
    """

    r: Annotated[int, Field(ge=1, le=512)] = 16
    alpha: Annotated[float, Field(gt=0)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    targets: Literal["all-linear"] = "all-linear"


@dataclass(frozen=True, slots=True)
class Base:
    """A model as it was before training.

    Attributes:
        name: how it was asked for.
        digest: sha256 that tells its weights from others; adapters remember it.
        model: the model of transformers, in evaluation mode.
        tokeniser: its tokeniser; `<|im_end|>` ends a turn and pads.
    """

    name: str
    digest: str
    model: Any
    tokeniser: Any


def load_base(
    name: str,
    *,
    device: str = "cpu",
    dtype: str = "float32",
    random_init: bool = False,
    seed: int = 0,
) -> Base:
    """A model to train or to run.

    Args:
        name: "embedded", a folder with a model of transformers, or the id of one on the Hugging Face hub.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        dtype: "float32" or "bfloat16".
        random_init: random weights of the same shape, to measure a machine; no weights are read.
        seed: of the random weights.

    Raises:
        ConfigError: no such model, device or dtype; the weights do not fit; or its tokeniser knows no ChatML.
        PolicyError: the embedded model was not fetched.
        MissingExtraError: torch or transformers is not installed.
    """
    transformers: Any = library("transformers")
    device = device_of(device)
    check_dtype(dtype)
    folder = base_folder(name, weights=not random_init)
    config = _read(transformers.AutoConfig, folder, name)
    tokeniser = _tokeniser(transformers, folder, name)
    kind = _kind(transformers, config)
    check_memory(name, count_parameters(kind, config), device, dtype)
    if random_init:
        model = _random(kind, config, device, dtype, seed)
        digest = hashlib.sha256(f"{config.to_json_string()}\0{seed}".encode()).hexdigest()
    else:
        model = _read(kind, folder, name, dtype=_dtype(dtype)).to(device)
        digest = EMBEDDED.sha256 if name == NAME else weights_digest(folder)
    _end_turns(model, tokeniser)
    return Base(name, digest, model.eval(), tokeniser)


def count_parameters(kind: Any, config: Any) -> int:
    """How many numbers a model of that configuration has; shared ones count once, and none is allocated."""
    torch: Any = library("torch")
    with torch.device("meta"):
        model = kind.from_config(config)
    model.tie_weights()
    return sum(int(p.numel()) for p in model.parameters())


def weights_digest(folder: Path) -> str:
    """Tells a model's weights from others without reading all of them.

    sha256 over every weight file's name, size, and 64 blocks of 64 KiB spread evenly over it, the first and the last
    among them.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as data:
            for block in range(_SAMPLES):
                data.seek(max(size - _SAMPLE, 0) * block // (_SAMPLES - 1))
                digest.update(data.read(_SAMPLE))
    return digest.hexdigest()


def with_lora(base: Base, config: LoraConfig) -> Any:
    """A model that trains an adapter on the base, whose own weights are frozen.

    The base's model is changed in place, so a base carries one adapter. Set torch's seed before: A is drawn at random
    (B is 0, so that at first nothing changes).

    Raises:
        UsageError: the base carries an adapter already.
    """
    _unadapted(base)
    peft: Any = library("peft")
    lora = peft.LoraConfig(
        r=config.r,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=config.targets,
        task_type="CAUSAL_LM",
    )
    with _without_peft_warning():
        return peft.get_peft_model(base.model, lora)


def save_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write an adapter; the folder is whole or not there, whenever the process is killed.

    Args:
        model: what `with_lora` or `load_adapter` gave.
        base: its base.
        folder: where to; an adapter that is there is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        model.save_pretrained(part)
        (part / "README.md").unlink(missing_ok=True)  # a form that peft leaves empty
        _forget_places(part / "adapter_config.json", base)
        files = {file.name: _sha256(file) for file in sorted(part.iterdir())}
        record = {"base": base.name, "base_digest": base.digest, "files": files}
        (part / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        part.chmod(0o755)
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load_adapter(base: Base, folder: Path, *, trainable: bool = False) -> Any:
    """The base with an adapter that `save_adapter` wrote; the base's model is changed in place.

    Args:
        base: the model that the adapter was trained on.
        folder: where it lies.
        trainable: train it further.

    Raises:
        ConfigError: it is not whole, or was trained on another base.
        UsageError: the base carries an adapter already.
    """
    check_adapter(base, folder)
    _unadapted(base)
    peft: Any = library("peft")
    with _without_peft_warning():
        model = peft.PeftModel.from_pretrained(base.model, str(folder), is_trainable=trainable)
    return model if trainable else model.eval()


def check_adapter(base: Base, folder: Path) -> None:
    """Raise ConfigError unless the folder holds a whole adapter of that base."""
    record = read_record(folder)
    if record["base_digest"] != base.digest:
        raise ConfigError(
            f"the adapter was trained on {record['base']!r} with other weights than {base.name!r} has here.",
            place=str(folder),
            remedy=f"Load it on the base that it was trained on (digest {str(record['base_digest'])[:12]}; this one"
            f" has {base.digest[:12]}), or train it again.",
        )


def read_record(folder: Path) -> dict[str, Any]:
    """What an adapter's folder says of itself, after its files were checked against it.

    Raises:
        ConfigError: the record or a file is missing or is not what was written.
    """
    remedy = "Take the checkpoint before it, or train it again."
    try:
        record = cast("dict[str, Any]", json.loads((folder / RECORD).read_text(encoding="utf-8")))
        hashes = cast("dict[str, str]", record["files"])
        if not {"base", "base_digest"} <= record.keys():
            raise KeyError("base")
    except FileNotFoundError:
        what = f"half written, or not DataClaw's: {RECORD} is missing" if folder.is_dir() else "not there"
        raise ConfigError(f"the adapter is {what}.", place=str(folder), remedy=remedy) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{RECORD} is damaged.", place=str(folder), remedy=remedy) from None
    for name, expected in hashes.items():
        file = folder / name
        if not file.is_file() or _sha256(file) != expected:
            raise ConfigError(f"{name} is missing or is not what was written.", place=str(folder), remedy=remedy)
    return record


def base_folder(name: str, *, weights: bool) -> Path:
    """The folder of a base; the embedded one is exported, one of the hub is fetched first.

    Args:
        name: as `load_base` takes it.
        weights: fetch the weights, too.

    Raises:
        ConfigError: there is no such model.
    """
    if name == NAME:
        return exported()
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise ConfigError(
            f"no model {name!r}.", place="model.name", remedy='Use "embedded", a folder, or a hub id (owner/name).'
        )
    hub: Any = library("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=list(_READ if weights else _READ_RANDOM)))
    except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:  # no such model, no network, gated
        raise ConfigError(
            f"model {name!r} is no folder here and the hub did not give it: {str(error).strip().splitlines()[0]}",
            place="model.name",
            remedy='Check the id and the network (HF_TOKEN for gated models), or use "embedded".',
        ) from None


def _read(auto: Any, folder: Path, name: str, **options: Any) -> Any:
    """What an auto class of transformers reads from a folder."""
    damaged: type[Exception] = library("safetensors").SafetensorError
    try:
        with quietly():
            return auto.from_pretrained(folder, local_files_only=True, **options)
    except (OSError, ValueError, damaged) as error:
        raise ConfigError(
            f"{name} is no model that transformers can read: {str(error).strip().splitlines()[0]}",
            place="model.name",
            remedy="Name a folder with config.json, weights in safetensors and a tokeniser.",
        ) from None


def _kind(transformers: Any, config: Any) -> Any:
    """The auto class of a model: one that sees where its configuration has a vision part."""
    sees = getattr(config, "vision_config", None) is not None
    return transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM


def _tokeniser(transformers: Any, folder: Path, name: str) -> Any:
    tokeniser = _read(transformers.AutoTokenizer, folder, name)
    for token in (START, END):
        if len(tokeniser.encode(token, add_special_tokens=False)) != 1:
            raise ConfigError(
                f"the tokeniser of {name} has no token {token}, which the chat template needs.",
                place="model.name",
                remedy="Choose a base that speaks ChatML, such as SmolLM2 or Qwen.",
            )
    tokeniser.eos_token = tokeniser.pad_token = END
    tokeniser.chat_template = JINJA
    return tokeniser


def _end_turns(model: Any, tokeniser: Any) -> None:
    """Let the model's own settings name the token that ends a turn, too."""
    for settings in (model.config, model.generation_config):
        settings.eos_token_id = settings.pad_token_id = tokeniser.eos_token_id


def _dtype(name: str) -> Any:
    return getattr(library("torch"), name)


def _random(kind: Any, config: Any, device: str, dtype: str, seed: int) -> Any:
    torch: Any = library("torch")
    with torch.random.fork_rng(devices=[device] if device.startswith("cuda") else []), torch.device(device):
        torch.manual_seed(seed)
        return kind.from_config(config, dtype=_dtype(dtype))


@contextmanager
def _without_peft_warning() -> Generator[None]:
    """By peft 0.21, which asks transformers 5.24 by a deprecated name; nothing that a user could change."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def _unadapted(base: Base) -> None:
    if hasattr(base.model, "peft_config"):
        raise UsageError(f"{base.name!r} carries an adapter already.", remedy="Load the base again for another one.")


def _forget_places(config: Path, base: Base) -> None:
    """Name the base as it was asked for; peft writes the folder that it lay in on this machine."""
    said = json.loads(config.read_text(encoding="utf-8"))
    said["base_model_name_or_path"] = base.name
    config.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _put(part: Path, folder: Path) -> None:
    """Replace a folder by another one."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
        folder.replace(old)  # an empty folder may be replaced
        part.replace(folder)
        shutil.rmtree(old)
    else:
        part.replace(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
