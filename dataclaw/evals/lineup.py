"""Several models that do one benchmark on equal terms: how each is asked, and how each stands at the end.

A file of models has a table each, `[models.NAME]`, with `model`, and whatever else is to be said of how it is asked:

    [models.qwen3-vl]
    model = "vllm:Qwen/Qwen3-VL-8B-Instruct"
    base_url = "http://127.0.0.1:8000/v1"
    serve = "vllm serve Qwen/Qwen3-VL-8B-Instruct"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from dataclaw.config import ModelOptions
from dataclaw.errors import UsageError
from dataclaw.evals.compare import compare
from dataclaw.evals.stats import PairedTest
from dataclaw.models.prices import PriceRow
from dataclaw.strict import Strict, read_toml
from dataclaw.types import Json


class ModelRow(ModelOptions):
    """One model of the file, and how it is asked.

    Attributes:
        model: "planner", "embedded", `hf:PATH` or `provider:model`.
        price: what its tokens cost; None for the listed price of its provider.
        serve: the command that starts its server, for whoever finds none running.
    """

    model: str
    price: PriceRow | None = None
    serve: str = ""

    def options(self) -> dict[str, Json]:
        """How it is asked, as part of a run's configuration."""
        return self.model_dump(include={"model", *ModelOptions.model_fields})


class ModelFile(Strict):
    """A file of models, by the name of each one's row."""

    models: Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")], ModelRow], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Contender:
    """How one model of a comparison stands.

    Attributes:
        name: its row, and the folder of its run.
        model: how it was asked for.
        summary: what it scored; None where it has no number.
        against: its total minus that of the first model that has one, over the same items; None for that one.
        sample: what one accepted sample cost; None where no price is known, or none was accepted.
        why: why it has no number, "" where it has one.
        remedy: what would help.
    """

    name: str
    model: str
    summary: Mapping[str, Any] | None = None
    against: PairedTest | None = None
    sample: float | None = None
    why: str = ""
    remedy: str = ""

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        return {
            "name": self.name,
            "model": self.model,
            "overall": self.summary and self.summary["overall"],
            "against_first": self.against and self.against.to_json(),
            "cost_a_sample": self.sample,
            "why": self.why,
            "remedy": self.remedy,
        }


def read_lineup(said: str, shared: Mapping[str, Json]) -> dict[str, ModelRow]:
    """The models that are named, `a,b,c`, or those of a file, `FILE.toml`; by the name of each one's row.

    Args:
        said: names or file.
        shared: how models that are only named are asked (`ModelOptions`).

    Raises:
        UsageError: one model alone, or one twice.
        ConfigError: the file is missing, or no file of models.
    """
    if said.endswith(".toml"):
        return read_toml(Path(said), ModelFile).models
    names = [name.strip() for name in said.split(",") if name.strip()]
    rows = {re.sub(r"[^\w.-]+", "-", name).strip("-."): ModelRow(model=name, **shared) for name in names}
    if len(names) < 2 or len(rows) < len(names):
        remedy = "Write a,b,c: two at least, each once; or name a file of models that ends in .toml."
        raise UsageError(f"{said!r} does not name models.", place="--models", remedy=remedy)
    return rows


def with_comparison(found: Mapping[str, Contender], out: Path) -> list[Contender]:
    """Every model with its comparison to the first that has a number, and with what a sample of it cost.

    Args:
        found: models by row, with their summaries.
        out: the folder that has a folder of each run.
    """
    first = next((name for name, one in found.items() if one.summary), "")
    return [
        Contender(
            name,
            one.model,
            one.summary,
            compare(out / first, out / name).tests.get("overall", {}).get("total") if name != first else None,
            _cost_a_sample(one.summary),
        )
        if one.summary
        else one
        for name, one in found.items()
    ]


def _cost_a_sample(summary: Mapping[str, Any]) -> float | None:
    overall, names = summary["overall"], summary["names"]
    flag = overall["accepted"] or {"mean": 0.0, "n": 0}
    accepted = flag["mean"] * flag["n"]
    rollouts = overall["n"] - len(names["missing"]) - len(names["refused"])
    cost = overall["effort"].get("cost")
    return cost * rollouts / accepted if cost is not None and accepted else None
