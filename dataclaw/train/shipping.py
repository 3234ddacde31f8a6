"""From a trained adapter to the file that ships: converted, and proven where held-out traces are given."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import ConfigError
from dataclaw.models.adapter_folder import read_record
from dataclaw.models.bases import NAME
from dataclaw.models.gguf_files import atomic_file, rewrite_base, served_model
from dataclaw.models.llama_server import CONTEXT, LlamaServer
from dataclaw.models.weights import EMBEDDED, weights_path
from dataclaw.strict import load_json
from dataclaw.train.base_model import load_adapter, load_base
from dataclaw.train.convert import Converted, convert_adapter, shape_of
from dataclaw.train.model_card import write_card
from dataclaw.train.prove import Proof, held_out_prompts, prove


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """How to prove.

    Attributes:
        traces: held-out traces.
        prompts: how many prompts.
        tokens: tokens of an answer.
        longest: tokens of the longest prompt.
        threads: CPU threads of the runtime.
        domains: only traces of these; all where empty.
    """

    traces: Path
    prompts: int = 20
    tokens: int = 32
    longest: int = 2048
    threads: int = 1
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """What was written, and what the proof found: on a float32 base, and on the base as it is served."""

    converted: Converted
    proofs: dict[str, Proof] = field(default_factory=dict[str, Proof])

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        done = asdict(self.converted) | {"file": str(self.converted.file)}
        return done | {"proofs": {what: proof.to_json() for what, proof in self.proofs.items()}}


def ship(
    adapter: Path, out: Path, trial: ProofSettings | None = None, *, check: Callable[[Converted], None] | None = None
) -> Shipment:
    """Convert an adapter, and prove the file where a trial is given; a file that fails is not left behind.

    Args:
        adapter: folder of the trained adapter.
        out: the GGUF file to write.
        trial: how to prove it.
        check: raises for a file that is not to be kept, before it is proven.

    Raises:
        ConfigError: the adapter is not whole or of a kind that the runtime cannot load, the proof needs another base
            than the embedded one, or the proof fails.
        PolicyError: the embedded model was not fetched, or the runtime does not answer.
        MissingExtraError: something of the extras `train` or `embedded` is not installed.
    """
    name = str(read_record(adapter)["base"])
    heads, kv_heads = shape_of(name)
    if trial is None:
        return Shipment(convert_adapter(adapter, out, heads=heads, kv_heads=kv_heads))
    if name != NAME:
        raise ConfigError(
            f"only adapters of the embedded model can be proven; this one is of {name!r}.",
            place=str(adapter),
            remedy="Convert it without a proof, and compare the outputs yourself.",
        )
    with atomic_file(out) as part:
        done = convert_adapter(adapter, part, heads=heads, kv_heads=kv_heads)
        if check:
            check(done)
        proofs = _proofs(adapter, part, trial)
        exact = proofs["float32"]
        if not exact.holds:
            raise ConfigError(
                f"the converted adapter is not the trained one: {exact.equal} of {exact.prompts} greedy answers are"
                f" equal, log-probabilities differ by {exact.mean:.3f} on average.",
                place=str(adapter),
                remedy="Report this with the versions of peft, gguf and xllamacpp.",
            )
    return Shipment(Converted(out, done.size, done.layers, done.rank, done.base_digest), proofs)


def write_shipped_card(shipped: Shipment, run: Path, *, benchmark: Mapping[str, Any] | None = None) -> Path:
    """The card of a converted adapter, beside it: `gui.gguf` has `gui.md`.

    Args:
        shipped: what `ship` gave.
        run: folder of the training run.
        benchmark: what `summary.json` of `dataclaw eval run` with this adapter says.

    Raises:
        ConfigError: the run has no record.
    """
    file = shipped.converted.file
    return write_card(
        file.with_suffix(".md"),
        run,
        title=file.stem,
        base=EMBEDDED.about.split(",")[0],
        licence=EMBEDDED.licence,
        context=CONTEXT,
        proofs={what: proof.to_json() for what, proof in shipped.proofs.items()},
        benchmark=benchmark,
    )


def read_benchmark(file: Path) -> dict[str, Any]:
    """What a `summary.json` says.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return cast("dict[str, Any]", load_json(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the benchmark's summary cannot be read: {error}.", place=str(file), remedy="Name summary.json of a run."
        ) from None


def _proofs(adapter: Path, file: Path, trial: ProofSettings) -> dict[str, Proof]:
    base = load_base(NAME)
    prompts = held_out_prompts(trial.traces, base, count=trial.prompts, longest=trial.longest, domains=trial.domains)
    model = load_adapter(base, adapter)
    with tempfile.TemporaryDirectory() as folder:
        exact = rewrite_base(weights_path(EMBEDDED), Path(folder) / "float32.gguf", "F32")
        found = {"float32": _proof(model, exact, file, prompts, trial, exact=True)}
    return found | {"served": _proof(model, served_model(), file, prompts, trial, exact=False)}


def _proof(
    model: Any, gguf: Path, file: Path, prompts: Sequence[Sequence[int]], trial: ProofSettings, *, exact: bool
) -> Proof:
    context = min(CONTEXT, trial.longest + trial.tokens)
    runtime = LlamaServer(gguf, threads=trial.threads, adapters=[file], context=context, exact=exact)
    try:
        return prove(model, runtime, prompts, max_tokens=trial.tokens)
    finally:
        runtime.close()
