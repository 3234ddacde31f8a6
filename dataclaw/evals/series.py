"""Runs that belong together: one a share of the data (scaling), or one a variant (ablation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw.errors import UsageError
from dataclaw.evals.compare import compare
from dataclaw.evals.scoring import read_summary
from dataclaw.evals.stats import PairedTest

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curve:
    """Scores against a share of the data.

    Attributes:
        name: what the curve is of, "" for the only one.
        runs: `(share of the data, folder, summary)`, smallest share first.
    """

    name: str
    runs: tuple[tuple[float, Path, Summary], ...]

    def points(self, domain: str = "") -> list[tuple[float, Mapping[str, float]]]:
        """`(share, total)` of one domain, or overall; without shares that have no such items."""
        found = [(share, (one["domain"].get(domain) if domain else one["overall"])) for share, _, one in self.runs]
        return [(share, group["total"]) for share, group in found if group and group["total"]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A run with the name of what is different in it.

    Attributes:
        name: of the variant.
        path: folder of its run.
        summary: what it scored.
        test: its total minus that of the first variant; None for the first.
    """

    name: str
    path: Path
    summary: Summary
    test: PairedTest | None


def curve(said: str) -> Curve:
    """The curve that `[name:]0.1=OUT,0.5=OUT,1=OUT` names.

    Raises:
        UsageError: it is none, or a share is no number above 0 or there twice.
        ConfigError: a folder holds no scored run.
    """
    first = said.partition("=")[0]
    name, _, _ = first.rpartition(":")
    pairs = parse_runs(said[len(name) + 1 :] if name else said, "--scaling")
    runs = sorted((_share(label), path) for label, path in pairs)
    if len({share for share, _ in runs}) < len(runs):
        raise UsageError(f"a share is there twice: {said!r}.", place="--scaling", remedy="Name one run a share.")
    return Curve(name, tuple((share, path, read_summary(path)) for share, path in runs))


def variants(said: str) -> list[Variant]:
    """The variants that `name=OUT,name=OUT` names; the first is what the others are compared with.

    Raises:
        UsageError: it is none, or the runs are not of one benchmark, scored in one way.
        ConfigError: a folder holds no scored run.
    """
    (name, first), *others = parse_runs(said, "--ablation")
    found = [Variant(name, first, read_summary(first), None)]
    for label, path in others:
        test = compare(first, path).tests.get("overall", {}).get("total")
        found.append(Variant(label, path, read_summary(path), test))
    return found


def parse_runs(said: str, option: str) -> list[tuple[str, Path]]:
    """The labels and folders of `label=OUT,label=OUT`, two at least.

    Raises:
        UsageError: it is none, or a label is there twice.
    """
    pairs = [entry.partition("=") for entry in said.split(",")]
    found = [(label.strip(), Path(path.strip())) for label, _, path in pairs if label.strip() and path.strip()]
    if len(found) < max(2, len(pairs)) or len({label for label, _ in found}) < len(found):
        remedy = "Write label=OUT,label=OUT: two at least, each label once."
        raise UsageError(f"{said!r} does not name runs.", place=option, remedy=remedy)
    return found


def runs_of(curves: Sequence[Curve], ablation: Sequence[Variant]) -> list[Path]:
    """Every folder that is named, each once, in order."""
    return list(dict.fromkeys([*(path for one in curves for _, path, _ in one.runs), *(one.path for one in ablation)]))


def _share(label: str) -> float:
    try:
        share = float(label)
    except ValueError:
        share = 0.0
    if not 0 < share < float("inf"):
        remedy = "Write 0.25=OUT,1=OUT."
        raise UsageError(f"{label!r} is no share of data.", place="--scaling", remedy=remedy)
    return share
