"""Adapters that ship with DataClaw, whether they are whole, what was measured of them; and who decides for a domain.

adapters/
index.toml   what there is, and what was measured; written by `dataclaw models baseline` and `dataclaw train ship`
gui.gguf     an adapter of the embedded model
gui.md       its model card
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import Field

from dataclaw.errors import PolicyError, UsageError
from dataclaw.files import sha256_of, write_atomic
from dataclaw.models.weights import EMBEDDED
from dataclaw.strict import Strict, read_toml

FOLDER = "DATACLAW_ADAPTERS"
"""Environment variable that names another folder of adapters than the package's."""
INDEX = "index.toml"
LARGEST = 6_000_000
"""Most that an adapter may have [bytes]."""
PLANNER, EMBEDDED_MODEL = "planner", EMBEDDED.name
OMNI = "omni"
"""The adapter for all domains, by name."""
_HEAD = "# Written by `dataclaw models baseline` and `dataclaw train ship` out of measured runs; not by hand.\n"

NAME = r"^[a-z][a-z0-9_-]*$"
Name = Annotated[str, Field(pattern=NAME)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Mark(Strict):
    """A mean over items, with its 95 % interval over resampled streams; 0 to 1, differences -1 to 1."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f}"


class DomainScore(Strict):
    """What one policy scores in one domain.

    Attributes:
        items: how many were done: all that the benchmark has of the domain.
        total: total score.
        more: the adapter's total minus the planner's on the same items; None of the planner itself.
    """

    items: int
    total: Mark
    more: Mark | None = None


class Baseline(Strict):
    """How the planner fares on a pinned benchmark.

    Attributes:
        benchmark: what it is called.
        digest: digest over its files.
        similarity: how texts were compared.
        scores: sha256 of the run's scores.jsonl; adapters name it, since they were compared with these very scores.
        dataclaw: version that was measured.
        measured: by domain.
    """

    benchmark: str
    digest: Digest
    similarity: str
    scores: Digest
    dataclaw: str
    measured: dict[str, DomainScore]


class ShippedAdapter(Strict):
    """An adapter that ships.

    Attributes:
        file: name of its file, beside the index.
        sha256: of that file.
        size: of that file [bytes].
        base_digest: sha256 of the model that it is of.
        recipe: sha256 of what its training depends on (settings, corpus, base).
        proven: greedy answers that were equal to the trained adapter's, of how many.
        model: how it was measured.
        against: scores of the planner that it was compared with (`Baseline.scores`).
        measured: by domain.
    """

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.gguf$")]
    sha256: Digest
    size: Annotated[int, Field(gt=0, le=LARGEST)]
    base_digest: Digest
    recipe: Digest
    proven: tuple[int, int]
    model: str
    against: Digest
    measured: dict[str, DomainScore]


class AdapterIndex(Strict):
    """What `index.toml` says."""

    format: Literal[1] = 1
    planner: Baseline | None = None
    adapters: dict[Name, ShippedAdapter] = Field(default_factory=dict[Name, ShippedAdapter])

    def scores(self, domain: str) -> dict[str, DomainScore]:
        """What counts of the adapters in a domain: what was compared with the planner's present scores."""
        now = self.planner.scores if self.planner else None
        rows = {name: one.measured.get(domain) for name, one in self.adapters.items() if one.against == now}
        return {name: row for name, row in rows.items() if row}


def adapters_folder() -> Path:
    """Where shipped adapters lie: `$DATACLAW_ADAPTERS`, else in the package."""
    chosen = os.environ.get(FOLDER)
    return Path(chosen) if chosen else Path(__file__).parent / "adapters"


def read_index(folder: Path | None = None) -> AdapterIndex:
    """What ships.

    Raises:
        ConfigError: there is no index, or something in it is wrong.
    """
    return read_toml((folder or adapters_folder()) / INDEX, AdapterIndex)


def write_index(folder: Path, index: AdapterIndex) -> None:
    """Replace a folder's index."""
    folder.mkdir(parents=True, exist_ok=True)
    said = index.model_dump(mode="json", exclude_none=True)
    write_atomic(folder / INDEX, _HEAD + tomli_w.dumps(said))


def adapter_file(name: str, folder: Path | None = None, index: AdapterIndex | None = None) -> Path:
    """The file of a shipped adapter, after it was compared with the index.

    Raises:
        UsageError: no adapter of that name ships.
        PolicyError: the file is missing, is not the one that was shipped, or is of another model.
    """
    folder = folder or adapters_folder()
    index = index or read_index(folder)
    if name not in index.adapters:
        there = ", ".join(index.adapters) or "none yet"
        raise UsageError(
            f"no adapter {name!r} ships (there is: {there}).", remedy="Name a file that ends in .gguf, or one of these."
        )
    said = index.adapters[name]
    file = folder / said.file
    if not file.is_file() or file.stat().st_size != said.size or sha256_of(file) != said.sha256:
        raise PolicyError(
            f"the shipped adapter {name!r} is missing or is not the one that was shipped.",
            place=str(file),
            remedy="Install dataclaw-tailor again (a checkout: git checkout it), or choose --model planner.",
        )
    if said.base_digest != EMBEDDED.sha256:
        raise PolicyError(
            f"the shipped adapter {name!r} is of another model than {EMBEDDED.name!r}.",
            place=str(file),
            remedy="Train and ship it anew: dataclaw train ship.",
        )
    return file


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
        sentences.append(f"{PLANNER} decides for {names}, where an adapter that ships would: {reason}")
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
