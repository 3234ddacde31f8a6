"""The embedded model as a model of transformers: read from its GGUF once, kept as safetensors in the user's cache.

Reading a GGUF takes transformers 20 s, and what it gives is not quite the model that the runtime runs: the tokeniser
splits numbers differently, and the model counts as quantised. Both are put right here, before it is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dataclaw.files import whole_folder
from dataclaw.models.chatml import END
from dataclaw.models.libraries import library, quietly
from dataclaw.models.weights import EMBEDDED, weights_path
from dataclaw.tools.cache import default_folder

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
