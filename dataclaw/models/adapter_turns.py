"""Several LoRA adapters of one model that take turns: a policy for five domains loads its base once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import PolicyError
from dataclaw.strict import load_json

SHAPE = ("r", "lora_alpha", "target_modules")
"""Settings in which adapters that take turns must agree."""


class Adapters:
    """Adapters whose numbers are copied into the same tensors in turn, so that recorded CUDA graphs stay true.

    Args:
        model: model of peft that carries the first of them.
        folders: folder of each domain's adapter; a domain without one is answered by the base alone.

    Raises:
        PolicyError: they are not of one shape.
    """

    def __init__(self, model: Any, folders: Mapping[str, Path]) -> None:
        self._peft: Any = importlib.import_module("peft")
        self._model = model
        self._folders = {domain: folder.resolve() for domain, folder in folders.items()}
        _check_shapes(self._folders)
        self._weights: dict[Path | None, Any] = {folder: self._read(folder) for folder in self._folders.values()}
        self._used: Path | None = next(iter(self._folders.values()))
        self._weights[None] = {name: tensor * 0 for name, tensor in self._weights[self._used].items()}

    def of(self, domain: str) -> Path | None:
        """The adapter of a domain, None where it has none."""
        return self._folders.get(domain)

    def use(self, adapter: Path | None) -> bool:
        """Let an adapter of these answer from now on, or with None the base alone; whether weights have changed."""
        if adapter == self._used:
            return False
        self._peft.set_peft_model_state_dict(self._model, self._weights[adapter])
        self._used = adapter
        return True

    def _read(self, folder: Path) -> Any:
        return self._peft.load_peft_weights(str(folder), device=str(self._model.device))


def _check_shapes(folders: Mapping[str, Path]) -> None:
    shapes = {domain: _shape(folder) for domain, folder in folders.items()}
    (first, shape), *others = shapes.items()
    for domain, other in others:
        if other != shape:
            raise PolicyError(
                f"the adapters of {first} and {domain} are not of one shape.",
                place=str(folders[domain]),
                remedy=f"Train them with the same {', '.join(SHAPE)}.",
            )


def _shape(folder: Path) -> list[Any]:
    try:
        said = load_json((folder / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Name the folder that training wrote."
        raise PolicyError(f"no adapter of peft: {error}.", place=str(folder), remedy=remedy) from None
    found: list[Any] = [said.get(key) for key in SHAPE]
    return [sorted(map(str, cast("list[Any]", one))) if isinstance(one, list) else one for one in found]
