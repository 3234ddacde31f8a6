"""One page about scored runs of a benchmark: tables and charts, and what the numbers mean."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from dataclaw.agent.files import write_atomic
from dataclaw.errors import UsageError
from dataclaw.evals import charts
from dataclaw.evals.compare import Comparison, compare
from dataclaw.evals.val import EFFORT, TERMS, read_summary
from dataclaw.version import __version__


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of the page.

    Attributes:
        name: its file's name.
        title: what it shows.
        data: the PNG, base64.
    """

    name: str
    title: str
    data: str


def write_report(runs: Sequence[Path], html: Path) -> Path:
    """Write the page, and its charts as PNG files beside it; returns the page's path.

    Raises:
        ConfigError: a folder holds no scored run.
        UsageError: no run was given, or the runs are not of one benchmark, or two have one name.
        MissingExtraError: matplotlib is not installed.
    """
    told = {_name(path, runs): read_summary(path) for path in runs}
    _check(runs, told)
    shown = _charts(told)
    for name, (_, data) in shown.items():
        (html.parent / f"{html.stem}-{name}.png").parent.mkdir(parents=True, exist_ok=True)
        (html.parent / f"{html.stem}-{name}.png").write_bytes(data)
    pictures = [Chart(name, title, base64.b64encode(data).decode()) for name, (title, data) in shown.items()]
    first = next(iter(told.values()))
    page = _template().render(
        runs=told,
        first=first,
        terms=TERMS[first["set"]],
        effort=[key for key in EFFORT if key != "steps"],
        charts=pictures,
        comparisons=_comparisons(runs),
        version=__version__,
    )
    write_atomic(html, page)
    return html


def _name(path: Path, runs: Sequence[Path]) -> str:
    """The folder's name, with its parent's where another run has the same."""
    same = sum(other.resolve().name == path.resolve().name for other in runs) > 1
    return "/".join(path.resolve().parts[-2:]) if same else path.resolve().name


def _check(runs: Sequence[Path], told: Mapping[str, Mapping[str, Any]]) -> None:
    for key in ("bench", "set", "similarity"):
        if len({summary[key] for summary in told.values()}) > 1:
            raise UsageError(f"the runs differ in {key}.", remedy="Report on runs of one benchmark, scored in one way.")
    if not told or len(told) < len(runs):
        raise UsageError("a run is named twice, or none is.", remedy="Name each run's folder once.")


def _charts(told: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, bytes]]:
    first = next(iter(told.values()))
    terms = [term for term in TERMS[first["set"]] if term != "handed_in"]
    found = {
        "terms": _bars("Overall, by term", terms, {n: [s["overall"][term] for term in terms] for n, s in told.items()})
    }
    for axis in ("domain", "task", "style", "language"):
        groups = sorted({name for summary in told.values() for name in summary[axis]})
        if len(groups) > 1:
            values = {n: [s[axis].get(group, {}).get("total") for group in groups] for n, s in told.items()}
            found[axis] = _bars(f"Total by {axis}", groups, values)
    hard = {
        n: [(float(k), g["total"]) for k, g in s["difficulty"].items() if k and g["total"]] for n, s in told.items()
    }
    if any(len(values) > 1 for values in hard.values()):
        title = "Total by difficulty of the stream"
        found["difficulty"] = title, charts.points(title, "difficulty", hard)
    return found


def _bars(
    title: str, groups: Sequence[str], values: Mapping[str, Sequence[Mapping[str, float] | None]]
) -> tuple[str, bytes]:
    return title, charts.bars(title, [group.replace("_", " ") for group in groups], values)


def _comparisons(runs: Sequence[Path]) -> list[tuple[str, str, Comparison]]:
    """Every run against the first."""
    return [(_name(runs[0], runs), _name(other, runs), compare(runs[0], other)) for other in runs[1:]]


def _percent(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f}" if found else "–"


def _interval(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['low']:.1f} to {100 * found['high']:.1f}" if found else ""


def _template() -> Any:
    environment: Any = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": _percent, "interval": _interval}
    text = files("dataclaw.evals").joinpath("templates", "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)
