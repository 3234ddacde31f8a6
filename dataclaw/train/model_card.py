"""Model cards: what an adapter learnt from, how, what was measured of it, and what it is not for. Markdown beside it.

Everything is read from what the run and the benchmark wrote; nothing is typed by hand, so that a card cannot claim what
was not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import tomli_w

from dataclaw.train.record import read_metrics, read_run

Row = Mapping[str, Any]

_LIMITS = (
    "It writes actions for DataClaw's tools and drafts for its schemas; it is no assistant and answers no questions.",
    "Its corpus was made in synthetic worlds. Recordings of real life, other applications, tasks and languages than are"
    " in the corpus were not measured unless a row above says so.",
    "It reads text: facts that tools find in frames, never the frames themselves.",
    "A conversation has at most {context:,} tokens; longer recordings have to be cut into windows.",
    "What it writes is checked against its evidence before it becomes a sample. Unchecked, it can be wrong and sure.",
)
_BENCHMARK = ("field", "semantic", "sequence", "total")


def write_card(
    file: Path,
    run: Path,
    *,
    title: str,
    base: str,
    licence: str,
    context: int,
    proofs: Mapping[str, Row] | None = None,
    benchmark: Mapping[str, Any] | None = None,
) -> Path:
    """Write the card of an adapter.

    Args:
        file: the Markdown file.
        run: folder of the training run that it comes from.
        title: what it is called.
        base: what people call the base.
        licence: SPDX id of the base.
        context: tokens that a conversation may have.
        proofs: comparisons of the converted adapter with the trained one, by base (`Proof.to_json`).
        benchmark: `summary.json` of `dataclaw eval run` with this adapter.

    Raises:
        ConfigError: the run's record is missing or damaged.
    """
    record = read_run(run)
    validation = _validation(run)
    parts = [
        f"# {title}",
        _what(record, base, licence),
        "## Data",
        *_data(record),
        "## Recipe",
        *_recipe(record),
        *_training_length(run),
        "## Figures",
        *(_benchmark(benchmark) if benchmark else ["Not measured on the benchmark."]),
        *(_figures(validation) if validation else ["No validation was made in training."]),
        *(_proofs(proofs) if proofs else []),
        "## Limits",
        "\n".join(f"- {limit.format(context=context)}" for limit in _LIMITS),
    ]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return file


def _validation(run: Path) -> Mapping[str, Row]:
    """The last figures by domain."""
    made = [cast("Mapping[str, Row]", row["validation"]) for row in read_metrics(run) if row.get("validation")]
    return made[-1] if made else {}


def _what(record: Row, title: str, licence: str) -> str:
    domains = cast("list[str]", record["config"]["data"].get("domains") or [])
    scope = f"Expert for {', '.join(domains)}." if domains else "Omni: one adapter for all domains."
    base = record["base"]
    return (
        f"{scope} A LoRA adapter of {title} (`{base['name']}`, {licence}, digest `{str(base['digest'])[:16]}`), stage"
        f" {record['stage']}."
    )


def _data(record: Row) -> list[str]:
    corpus = cast("Mapping[str, Row]", record["corpus"])
    names = sorted({name for one in corpus.values() for name in one.get("traces", {})})
    rows = [[name, *(f"{one.get('traces', {}).get(name, 0):,}" for one in corpus.values())] for name in names]
    parts = [_table(["domain", *(f"{kind} traces" for kind in corpus)], rows)] if names else []
    for kind, one in corpus.items():
        parts.append(
            f"{kind.capitalize()}: {one.get('tokens', 0):,} tokens, {one.get('learnt', 0):,} of them in the policy's"
            f" own turns; {one.get('too_long', {}).get('traces', 0):,} traces too long, {one.get('outside_share', 0):,}"
            f" outside the share; sha256 `{str(one.get('sha256', ''))[:16]}`."
        )
    return parts


def _recipe(record: Row) -> list[str]:
    config = {table: _without_none(settings) for table, settings in record["config"].items()}
    config["data"].pop("corpus", None)  # a folder of the machine it ran on
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return [f"```toml\n{tomli_w.dumps(config).strip()}\n```", f"On {record['machine']['device']} with {versions}."]


def _training_length(run: Path) -> list[str]:
    """How long it was trained: what the last step's figures say."""
    steps = [row for row in read_metrics(run) if "step" in row]
    if not steps:
        return []
    last = steps[-1]
    tokens = f", over {last['tokens']:,} tokens, {last['learnt']:,} of them learnt" if "tokens" in last else ""
    return [f"Trained for {last['step']:,} steps{tokens}."]


def _without_none(settings: Row) -> dict[str, Any]:
    """Without settings that are None, which TOML cannot say."""
    return {key: value for key, value in settings.items() if value is not None}


def _benchmark(summary: Mapping[str, Any]) -> list[str]:
    groups = {**summary["domain"], **({"overall": summary["overall"]} if summary["overall"] else {})}
    compared = any("more" in one for one in groups.values())
    how = f"; run as {summary['how']}" if "how" in summary else ""
    return [
        f"DataClaw-val ({summary['set']}), benchmark `{str(summary['bench'])[:16]}`, similarity"
        f" {summary['similarity']}{how}; percent, with 95 % intervals:",
        _table(
            ["domain", "n", *_BENCHMARK, *(["total above the planner's"] if compared else [])],
            [[name, *_cells(one, compared=compared)] for name, one in groups.items()],
        ),
    ]


def _cells(one: Row, *, compared: bool) -> list[str]:
    marks = [_mark(one[name]) for name in _BENCHMARK]
    return [f"{one['n']:,}", *marks, *([_mark(one["more"]) if "more" in one else ""] if compared else [])]


def _mark(mark: Mapping[str, float]) -> str:
    return f"{100 * mark['mean']:.1f} ({100 * mark['low']:.1f} to {100 * mark['high']:.1f})"


def _figures(validation: Mapping[str, Row]) -> list[str]:
    columns = ["loss", "token_accuracy", "tool_accuracy", "call_accuracy"]
    rows = [
        [name, *(f"{one[key]:.3f}" if key in one else "" for key in columns), f"{one.get('turns', 0):,}"]
        for name, one in validation.items()
    ]
    return [
        "Held-out traces, every turn after the right turns before it:",
        _table(["domain", *(key.replace("_", " ") for key in columns), "turns"], rows),
    ]


def _proofs(proofs: Mapping[str, Row]) -> list[str]:
    rows = [
        [what, f"{p['equal']} of {p['prompts']}", f"{p['mean']:.4f}", f"{p['largest']:.4f}", f"{p['tokens']:,}"]
        for what, p in proofs.items()
    ]
    return [
        "The converted file in the runtime against the trained adapter in transformers, held-out prompts. What differs"
        " on the base as it is served (8 bits a weight) is the base's rounding, not the adapter's:",
        _table(["base", "greedy answers equal", "mean difference of log-probabilities", "largest", "tokens"], rows),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
