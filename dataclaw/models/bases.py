"""Models of transformers by name, and what tells their weights from others."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.files import whole_folder
from dataclaw.models.chatml import END
from dataclaw.models.libraries import library, quietly
from dataclaw.models.weights import EMBEDDED, weights_path
from dataclaw.tools.cache import default_folder

NAME = "embedded"
"""The base that `dataclaw models get embedded` fetches."""

_SAMPLES, _SAMPLE = 64, 1 << 16  # blocks of a weight file that its digest reads, bytes of each
_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_READ_RANDOM = ("*.json", "*.txt", "*.model", "*.jinja")


def base_folder(name: str, *, weights: bool) -> Path:
    """The folder of a base; the embedded one is exported, one of the hub is fetched first.

    Args:
        name: as `load_base` takes it.
        weights: fetch the weights, too.

    Raises:
        ConfigError: there is no such model.
    """
    if name == NAME:
        return exported_folder()
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


def digest_of(name: str, folder: Path) -> str:
    """sha256 that adapters remember their base by.

    Args:
        name: how the base is asked for.
        folder: what `base_folder` gave for it.
    """
    return EMBEDDED.sha256 if name == NAME else weights_digest(folder)


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


LAYOUT = 1
"""Version of what is written; another one is exported anew."""


def exported_folder() -> Path:
    """The folder with the embedded model as safetensors (float32, exactly the numbers of the GGUF); made when missing.

    Raises:
        PolicyError: the model was not fetched.
        MissingExtraError: torch, transformers or gguf is not installed.
    """
    target = default_folder() / "models" / f"{EMBEDDED.name}-{EMBEDDED.sha256[:12]}-{LAYOUT}"
    if target.is_dir():
        return target
    source = weights_path(EMBEDDED)
    with whole_folder(target, replace=False) as part, quietly():
        _export(source, part)
    return target


def _export(source: Path, folder: Path) -> None:
    torch: Any = library("torch")
    transformers: Any = library("transformers")
    library("gguf")
    tokeniser = transformers.AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    split_digits(tokeniser)
    tokeniser.eos_token = tokeniser.pad_token = END
    tokeniser.save_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    _forget_quantisation(model)
    for settings in (model.config, model.generation_config):
        settings.eos_token_id = settings.pad_token_id = tokeniser.eos_token_id
    model.config.architectures = [type(model).__name__]
    model.save_pretrained(folder)


def split_digits(tokeniser: Any) -> None:
    """Let every digit stand alone, as the runtime does for this vocabulary (`tokenizer.ggml.pre = "smollm"`).

    transformers reads the vocabulary from a GGUF, not the way text is cut before it is looked up.
    """
    cut: Any = library("tokenizers").pre_tokenizers
    tokeniser.backend_tokenizer.pre_tokenizer = cut.Sequence(
        [cut.Digits(individual_digits=True), cut.ByteLevel(add_prefix_space=False, use_regex=True)]
    )


def _forget_quantisation(model: Any) -> None:
    """Nothing is quantised any more, and a model that says so cannot be saved."""
    model.hf_quantizer = None
    for owner, name in ((model.config, "quantization_config"), (model, "is_quantized"), (model, "quantization_method")):
        if name in vars(owner):
            delattr(owner, name)
