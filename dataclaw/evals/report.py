"""One page about scored runs of a benchmark: tables and charts, and what the numbers mean."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.evals import charts
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.compare import EvalComparison, compare
from dataclaw.evals.confusion import RoutedItem, over_domains, over_tasks, route_items, shares
from dataclaw.evals.diversity import Diversity, diversity, texts_of
from dataclaw.evals.embedding import MiniLM
from dataclaw.evals.judging import MARKS, mean_marks
from dataclaw.evals.lineup import Contender
from dataclaw.evals.scoring import EFFORT, KNOWN, TERMS, read_run_predictions, read_scores, read_summary
from dataclaw.evals.series import Curve, Variant, runs_of
from dataclaw.evals.stats import Estimate
from dataclaw.files import write_atomic
from dataclaw.version import __version__


@dataclass(frozen=True, slots=True)
class PageChart:
    """A picture of the page.

    Attributes:
        name: its file's name.
        title: what it shows.
        data: the PNG, base64.
        width: how wide it is shown [px], so that all charts have letters of one size.
    """

    name: str
    title: str
    data: str
    width: int


@dataclass(frozen=True, slots=True)
class PageExtras:
    """What a page may show beside the scores of runs; each part only where there is something in it.

    Attributes:
        sent: where the router sends the benchmark's items.
        diversity: how diverse its texts are.
        sources: who wrote the texts of each source.
        curves: scores against shares of the data.
        ablation: variants of a run.
        unmeasured: models that were to be compared and have no number, with what they would take.
    """

    sent: Sequence[RoutedItem] = ()
    diversity: Diversity | None = None
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    curves: Sequence[Curve] = ()
    ablation: Sequence[Variant] = ()
    unmeasured: Sequence[Contender] = ()


def add_benchmark(
    more: PageExtras, bench: Benchmark, domains: Mapping[str, Domain], base: Path | None, tailored: Path | None
) -> PageExtras:
    """The page with what its benchmark's items and streams say: where the router sends them, how diverse they are.

    Args:
        more: the page so far.
        bench: the benchmark.
        domains: loaded domains.
        base: folder of the run whose drafts stand for a general recipe; without one, nothing is said of diversity.
        tailored: folder of the run whose drafts are the tailored ones, None for the references.

    Raises:
        DataClawError: a folder holds no run of this benchmark, or there are no texts to compare.
    """
    more = replace(more, sent=route_items(bench, domains))
    if base is None:
        return more
    items, ours = read_run_predictions(base, bench)
    _, theirs = read_run_predictions(tailored, bench) if tailored else ([], None)
    if theirs is None and all(item.reference is None for item in items):
        raise UsageError("open requests have no references.", place="--base", remedy="Name a run with --tailored.")
    found = diversity(texts_of(bench, items, ours, theirs, domains), [item.domain for item in items], MiniLM())
    sources = {"raw": "streams", "base": base.name, "tailored": tailored.name if tailored else "references"}
    return replace(more, diversity=found, sources=sources)


def write_report(runs: Sequence[Path], html: Path, more: PageExtras | None = None) -> Path:
    """Write the page, and its charts as PNG files beside it; returns the page's path.

    Args:
        runs: folders of scored runs; without one, those that `more` names.
        html: the page.
        more: what it shows beside their scores.

    Raises:
        ConfigError: a folder holds no scored run.
        UsageError: no run was given, or the runs are not of one benchmark, or two have one name.
        MissingExtraError: matplotlib is not installed.
    """
    more = more or PageExtras()
    also = runs_of(more.curves, more.ablation)
    runs = runs or also
    told = {_name(path, runs): read_summary(path) for path in runs}
    _check(runs, told, [read_summary(path) for path in also])
    pictures = {name: _save_chart(html, name, *drawn) for name, drawn in (_charts(told) | _more_charts(more)).items()}
    first = next(iter(told.values()))
    page = _template().render(
        runs=told,
        first=first,
        terms=TERMS[first["set"]],
        effort=[key for key in (*EFFORT[1:], *KNOWN) if any(key in run["overall"]["effort"] for run in told.values())],
        charts=pictures,
        comparisons=_comparisons(runs),
        judges=_judges(runs),
        marks=MARKS,
        more=more,
        routed={name: {k: v.to_json() for k, v in one.items()} for name, one in shares(more.sent).items()},
        version=__version__,
    )
    write_atomic(html, page)
    return html


def _save_chart(html: Path, name: str, title: str, data: bytes) -> PageChart:
    """A chart as a file beside the page, and for the page."""
    html.parent.mkdir(parents=True, exist_ok=True)
    (html.parent / f"{html.stem}-{name}.png").write_bytes(data)
    width = int.from_bytes(data[16:20], "big")  # where a PNG says it
    return PageChart(name, title, base64.b64encode(data).decode(), width * 96 // charts.DPI)


def _name(path: Path, runs: Sequence[Path]) -> str:
    """The folder's name, with its parent's where another run has the same."""
    same = sum(other.resolve().name == path.resolve().name for other in runs) > 1
    return "/".join(path.resolve().parts[-2:]) if same else path.resolve().name


def _check(runs: Sequence[Path], told: Mapping[str, Mapping[str, Any]], also: Sequence[Mapping[str, Any]]) -> None:
    for key in ("bench", "set", "similarity"):
        if len({summary[key] for summary in (*told.values(), *also)}) > 1:
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
    return found | _frontiers(told)


def _frontiers(told: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, bytes]]:
    """What each run gives for what it takes: time, and money where two at least have a price."""
    found: dict[str, tuple[str, bytes]] = {}
    for key, across in (("cost", "cost of a rollout, at the price that is known"), ("seconds", "seconds of a rollout")):
        known = {name: one["overall"] for name, one in told.items() if one["overall"]["total"]}
        spent = {name: _effort_of(one["effort"], key) for name, one in known.items()}
        drawn = {name: (at, known[name]["total"]) for name, at in spent.items() if at is not None}
        if len(drawn) > 1 and any(at for at, _ in drawn.values()):
            title = f"Total by {key}"
            found[f"pareto-{key}"] = title, charts.frontier(title, across, drawn)
    return found


def _effort_of(effort: Mapping[str, float], key: str) -> float | None:
    """What a rollout took; who asked no model cost nothing."""
    return effort.get(key, 0.0 if key == "cost" and effort and "prompt" not in effort else None)


def _more_charts(more: PageExtras) -> dict[str, tuple[str, bytes]]:
    found: dict[str, tuple[str, bytes]] = {}
    if more.sent:
        titles = {
            "router": "Where the router sends items, by domain",
            "router-tasks": "Where the router sends items, by task",
        }
        drawn = {"router": [over_domains(more.sent)], "router-tasks": over_tasks(more.sent)}
        found |= {name: (title, charts.matrices(title, drawn[name])) for name, title in titles.items()}
    if more.diversity:
        found["diversity"] = _clouds(more.diversity)
    if more.curves:
        found |= _curves(more.curves)
    if more.ablation:
        found |= _ablation(more.ablation)
    return found


def _clouds(one: Diversity) -> tuple[str, bytes]:
    title, n = "Texts of the same items, by t-SNE", len(one.domains)
    panels = {f"{name}: Vendi {one.scores[name]['overall']:.1f} of {n}": at for name, at in one.places.items()}
    return title, charts.clouds(title, panels, one.domains)


def _curves(curves: Sequence[Curve]) -> dict[str, tuple[str, bytes]]:
    known = [share for one in curves for share, _, _ in one.runs]
    log = max(known) >= 10 * min(known)
    title = "Total by share of the data"
    lines = {one.name or "total": one.points() for one in curves}
    found = {"scaling": (title, charts.points(title, "share of the data", lines, log=log))}
    for at, one in enumerate(curves):
        domains = sorted({name for _, _, summary in one.runs for name in summary["domain"]})
        if len(domains) > 1:
            told = f"{title}, by domain{f': {one.name}' if one.name else ''}"
            drawn = {name: one.points(name) for name in domains}
            picture = charts.points(told, "share of the data", drawn, log=log, bands=False)
            found[f"scaling-domain{f'-{at + 1}' if at else ''}"] = told, picture
    return found


def _ablation(variants: Sequence[Variant]) -> dict[str, tuple[str, bytes]]:
    first = variants[0].summary
    terms = [term for term in TERMS[first["set"]] if term != "handed_in"]
    overall = {one.name: [one.summary["overall"][term] for term in terms] for one in variants}
    found = {"ablation": _bars("Ablation, by term", terms, overall)}
    domains = sorted({name for one in variants for name in one.summary["domain"]})
    if len(domains) > 1:
        totals = {v.name: [v.summary["domain"].get(name, {}).get("total") for name in domains] for v in variants}
        found["ablation-domain"] = _bars("Ablation: total by domain", domains, totals)
    return found


def _bars(
    title: str, groups: Sequence[str], values: Mapping[str, Sequence[Mapping[str, float] | None]]
) -> tuple[str, bytes]:
    return title, charts.bars(title, [group.replace("_", " ") for group in groups], values)


def _comparisons(runs: Sequence[Path]) -> list[tuple[str, str, EvalComparison]]:
    """Every run against the first."""
    return [(_name(runs[0], runs), _name(other, runs), compare(runs[0], other)) for other in runs[1:]]


def _judges(runs: Sequence[Path]) -> list[tuple[str, str, dict[str, Estimate]]]:
    """`(judge, run, means of its marks)`, judge by judge."""
    found: list[tuple[str, str, dict[str, Estimate]]] = []
    for path in runs:
        streams = {row.id: row.stream for row in read_scores(path)}
        found += [(judge, _name(path, runs), means) for judge, means in mean_marks(path, streams).items()]
    return sorted(found, key=lambda one: one[0])


def _percent(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['mean']:.1f}" if found else "–"


def _interval(found: Mapping[str, float] | None) -> str:
    return f"{100 * found['low']:.1f} to {100 * found['high']:.1f}" if found else ""


def _effort_text(value: float | None, key: str) -> str:
    if value is None:
        return "–"
    return f"{value:.3g}" if key == "cost" else f"{value:,.1f}"


def _template() -> Any:
    texts = files("dataclaw.evals").joinpath("templates")
    loader = FunctionLoader(lambda name: texts.joinpath(name).read_text(encoding="utf-8"))
    environment: Any = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"percent": _percent, "interval": _interval, "spent": _effort_text}
    return environment.get_template("report.html.j2")
