"""From a trained and measured run to an adapter that ships: converted, proven, with its card, entered in the index."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dataclaw.errors import ConfigError, UsageError
from dataclaw.files import sha256_of
from dataclaw.models.adapter_folder import read_record
from dataclaw.models.adapter_index import (
    INDEX,
    LARGEST,
    NAME,
    AdapterIndex,
    DomainScore,
    read_index,
    write_index,
)
from dataclaw.models.adapter_index import ShippedAdapter as Entry
from dataclaw.models.weights import EMBEDDED
from dataclaw.train.convert import Converted
from dataclaw.train.record import digest_of, essence, read_run
from dataclaw.train.shipping import ProofSettings, Shipment, ship, write_shipped_card

WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an adapter was measured.

    Attributes:
        measured: total and difference to the planner, by domain.
        answered: hashes (at least their first 12 digits) of the adapters that answered, by domain.
        model: how it was run.
        against: sha256 of the planner's scores that it was compared with.
        summary: `summary.json` of the run, for the card.
    """

    measured: Mapping[str, DomainScore]
    answered: Mapping[str, str]
    model: str
    against: str
    summary: Mapping[str, Any]


def domains_of_run(run: Path) -> list[str]:
    """Domains that a run was trained on; empty for all.

    Raises:
        ConfigError: the run has no record.
    """
    return list(read_run(run)["config"]["data"].get("domains") or [])


def held_out_of(run: Path) -> Path:
    """The held-out traces of the corpus that a run was trained on.

    Raises:
        ConfigError: the run has no record, or its corpus is not there.
    """
    file = Path(read_run(run)["config"]["data"]["corpus"]) / "export" / "validation_traces.jsonl"
    if not file.is_file():
        raise ConfigError(
            "the corpus of the run is not here, so nothing proves the adapter.",
            place=str(file),
            remedy="Name held-out traces: --prove CORPUS/export/validation_traces.jsonl",
        )
    return file


def release(run: Path, name: str, folder: Path, trial: ProofSettings, standing: Standing) -> tuple[Shipment, Path]:
    """Ship an adapter; an earlier one of the name is replaced. What is refused leaves everything as it was.

    Args:
        run: folder of the training run.
        name: what it is called: a domain, or "omni".
        folder: where shipped adapters lie.
        trial: how the conversion is proven.
        standing: how it was measured.

    Returns:
        What was written, and its card.

    Raises:
        ConfigError: the run has no record; its adapter is not whole, is of another base than the embedded model, is
            too large, or its conversion is not proven.
        UsageError: the adapter that was measured is another one.
        PolicyError: the embedded model was not fetched, or the runtime does not answer.
        MissingExtraError: something of the extras `train` or `embedded` is not installed.
    """
    if not re.fullmatch(NAME, name):
        raise UsageError(f"no name for an adapter: {name!r}.", remedy="Take a domain's, or omni: small letters, _, -.")
    adapter, record = run / "adapter", read_run(run)
    _check_base(adapter)
    index = read_index(folder) if (folder / INDEX).is_file() else AdapterIndex()
    if index.planner is None or index.planner.scores != standing.against:
        raise UsageError(
            "the index holds other scores of the planner than the adapter was compared with.",
            place=str(folder / INDEX),
            remedy="Run: dataclaw models baseline PLANNER_RUN",
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=folder) as part:
        made = ship(adapter, Path(part) / f"{name}.gguf", trial, check=lambda done: _check(done, adapter, standing))
        summary = _summary(standing)
        card = write_shipped_card(made, run, benchmark=summary)
        entry = _entry(made, record, standing)
        file = made.converted.file.replace(folder / made.converted.file.name)
        card = card.replace(folder / card.name)
    write_index(folder, index.model_copy(update={"adapters": {**index.adapters, name: entry}}))
    return replace(made, converted=replace(made.converted, file=file)), card


def _check_base(adapter: Path) -> None:
    record = read_record(adapter)
    if record["base_digest"] != EMBEDDED.sha256:
        raise ConfigError(
            f"only adapters of the embedded model ship; this one is of {record['base']!r}.",
            place=str(adapter),
            remedy='Train one with model.name = "embedded".',
        )


def _check(done: Converted, adapter: Path, standing: Standing) -> None:
    """What can be said before the proof: its size, and that it is the one that was measured."""
    if done.size > LARGEST:
        raise ConfigError(
            f"it has {done.size / 1e6:.1f} MB, more than the {LARGEST / 1e6:.0f} MB that may ship.",
            place=str(adapter),
            remedy="Train it with lora.r = 8, which has 4.9.",
        )
    hashes = {sha256_of(adapter / WEIGHTS)[:12], sha256_of(done.file)[:12]}
    for domain in standing.measured:
        if not any(own in standing.answered.get(domain, "") for own in hashes):
            who = standing.answered.get(domain) or "an adapter that the run does not name"
            raise UsageError(
                f"another adapter was measured in {domain}: {who}; this one has the hash {min(hashes)}.",
                remedy="Measure this one: dataclaw eval run --model hf:embedded@RUN/adapter",
            )


def _entry(made: Shipment, record: Mapping[str, Any], standing: Standing) -> Entry:
    done, proof = made.converted, made.proofs["float32"]
    return Entry(
        file=done.file.name,
        sha256=sha256_of(done.file),
        size=done.size,
        base_digest=done.base_digest,
        recipe=digest_of(essence(record)),
        proven=(proof.equal, proof.prompts),
        model=standing.model,
        against=standing.against,
        measured=dict(standing.measured),
    )


def _summary(standing: Standing) -> dict[str, Any]:
    """Of the benchmark run, the domains that this adapter answered in, and how much more than the planner it got."""
    said, own = standing.summary, standing.measured
    rows = {name: {**row, **_more(own[name])} for name, row in said["domain"].items() if name in own}
    whole = said["overall"] if rows.keys() == said["domain"].keys() else None
    return {**said, "domain": rows, "overall": whole, "how": standing.model}


def _more(own: DomainScore) -> dict[str, Any]:
    return {"more": own.more.model_dump()} if own.more else {}
