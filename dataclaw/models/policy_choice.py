"""The choice of who decides for a domain, with its reason, as runs and benchmarks record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import PolicyError
from dataclaw.files import sha256_of
from dataclaw.models.adapter_index import PLANNER


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """Who decides for a domain.

    Attributes:
        model: name of the policy.
        adapter: its adapter as it is named (a shipped one, or a path of `plugins.toml`); "" for none.
        file: file or folder of that adapter.
        why: the reason, one clause.
        missed: why the one that measured better cannot decide here, with a remedy; "" where nothing is amiss.
    """

    model: str
    adapter: str = ""
    file: Path | None = None
    why: str = ""
    missed: str = ""

    @property
    def name(self) -> str:
        """Model and adapter in short: `planner`, `embedded@gui`."""
        return f"{self.model}@{self.adapter}" if self.adapter else self.model

    def describe(self) -> str:
        """For the record of a benchmark's run: `MODEL`, or `MODEL + ADAPTER (hash of its numbers, 12 digits)`.

        Raises:
            PolicyError: the adapter cannot be read.
        """
        worn = f" + {self.adapter}" if self.adapter else ""
        return f"{self.model}{worn} ({fingerprint(self.file)[:12]})" if self.file else self.model

    def record(self) -> dict[str, str]:
        """For the records of runs, with the hash of the adapter's numbers.

        Raises:
            PolicyError: the adapter cannot be read.
        """
        own = {"policy": self.name, "why": self.why, "missed": self.missed}
        own |= {"adapter_sha256": fingerprint(self.file)} if self.file else {}
        return {key: value for key, value in own.items() if value}


def explain_missed(choices: Mapping[str, PolicyChoice]) -> list[str]:
    """One sentence for each reason why adapters that measured better do not decide."""
    reasons = dict.fromkeys(choice.missed for choice in choices.values() if choice.missed)
    sentences = list[str]()
    for reason in reasons:
        names = ", ".join(name for name, choice in choices.items() if choice.missed == reason)
        sentences.append(f"{PLANNER} decides for {names}, where an adapter that ships measured better: {reason}")
    return sentences


def fingerprint(adapter: Path) -> str:
    """sha256 of an adapter's numbers: of its GGUF file, or of the one file of weights in its folder.

    Raises:
        PolicyError: it cannot be read.
    """
    try:
        return sha256_of(adapter / "adapter_model.safetensors" if adapter.is_dir() else adapter)
    except OSError as error:
        raise PolicyError(
            f"the adapter cannot be read: {error}.", place=str(adapter), remedy="Name a trained one in plugins.toml."
        ) from None
