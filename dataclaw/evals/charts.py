"""Charts of scored runs as PNG, for the report and for papers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from dataclaw.errors import MissingExtraError
from dataclaw.evals.confusion import ConfusionMatrix

COLOURS = ("#3b6ea5", "#c8553d", "#5b8e5a", "#8a6bb1", "#c9a227", "#4f8f8f", "#9a5b7d", "#6b6b6b")
"""Of runs, in their order."""
DPI = 150
SHORT = 11
"""Longest name [characters] that stands under a column of a matrix."""
MARKERS = "osD^vPX*"
MANY = 400
"""Places from which they are drawn smaller."""
FEW = 30
"""Points of a line up to which each is marked."""
FEWEST = 5
"""Groups that there is always room for, so that few bars do not grow fat."""


def bars(title: str, groups: Sequence[str], series: Mapping[str, Sequence[Mapping[str, float] | None]]) -> bytes:
    """Grouped bars of means 0..100 with their intervals.

    Args:
        title: what is shown.
        groups: names under the bars.
        series: an estimate for each group, by run; None where there is none.
    """
    figure, axes = _figure(9.6 if len(groups) < 12 else 13.0)
    width = 0.8 / max(1, len(series))
    for at, (name, values) in enumerate(series.items()):
        known = [(x, value) for x, value in enumerate(values) if value]
        places = [x - 0.4 + width * (at + 0.5) for x, _ in known]
        means = [100 * value["mean"] for _, value in known]
        spread = [
            [max(0.0, 100 * (value["mean"] - value["low"])) for _, value in known],
            [max(0.0, 100 * (value["high"] - value["mean"])) for _, value in known],
        ]
        colour = COLOURS[at % len(COLOURS)]
        axes.bar(places, means, width * 0.92, label=name, color=colour, yerr=spread, ecolor="#333333", capsize=2.5)
        for x, mean, up in zip(places, means, spread[1], strict=True):
            axes.text(x, mean + up + 1.2, f"{mean:.0f}", ha="center", va="bottom", fontsize=7, color="#333333")
    slanted = max(map(len, groups), default=0) * len(groups) > 90
    axes.set_xticks(range(len(groups)), groups, rotation=35 if slanted else 0, ha="right" if slanted else "center")
    axes.set_xlim(-0.6, max(len(groups), FEWEST) - 0.4)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 20))
    return _finish_axes(figure, axes, title, legend=len(series) > 1)


def points(
    title: str,
    across: str,
    series: Mapping[str, Sequence[tuple[float, Mapping[str, float]]]],
    *,
    log: bool = False,
    bands: bool = True,
) -> bytes:
    """Means 0..100 over a number, with their intervals as bands.

    Args:
        title: what is shown.
        across: what the number is.
        series: `(number, estimate)` in order, by run.
        log: whether the number is drawn by its logarithm.
        bands: whether intervals are drawn.
    """
    figure, axes = _figure(9.6)
    for at, (name, values) in enumerate(series.items()):
        xs = [x for x, _ in values]
        colour = COLOURS[at % len(COLOURS)]
        axes.plot(
            xs,
            [100 * value["mean"] for _, value in values],
            marker=MARKERS[at % len(MARKERS)],
            label=name,
            color=colour,
        )
        low, high = ([100 * value[side] for _, value in values] for side in ("low", "high"))
        if bands:
            axes.fill_between(xs, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set_xlabel(across, fontsize=8.5)
    ticks = sorted({x for values in series.values() for x, _ in values})
    if log:
        axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{x:g}" for x in ticks])
    axes.minorticks_off()
    axes.set_ylim(0, 105)
    return _finish_axes(figure, axes, title, legend=len(series) > 1)


def lines(title: str, across: str, series: Mapping[str, Sequence[tuple[float, float]]], *, over: int = 1) -> bytes:
    """Values 0..1 over a number, smoothed; what was not smoothed lies behind it, thin.

    Args:
        title: what is shown.
        across: what the number is.
        series: `(number, value)` in order, by name.
        over: neighbours that a smoothed value is the mean of, itself in their middle; fewer at both ends.
    """
    figure, axes = _figure(9.6)
    for at, (name, values) in enumerate(series.items()):
        xs, ys = [x for x, _ in values], [y for _, y in values]
        colour = COLOURS[at % len(COLOURS)]
        if over > 1:
            axes.plot(xs, ys, color=colour, alpha=0.25, linewidth=0.8)
        marker = MARKERS[at % len(MARKERS)] if len(xs) <= FEW else ""
        axes.plot(xs, smooth(ys, over), color=colour, linewidth=1.8, marker=marker, label=name)
    axes.set_xlabel(across, fontsize=8.5)
    axes.set_ylim(0, 1.05)
    return _finish_axes(figure, axes, title, legend=len(series) > 1)


def frontier(title: str, across: str, found: Mapping[str, tuple[float, Mapping[str, float]]]) -> bytes:
    """Means 0..100 over what they take, with a line through those that nothing cheaper is as good as.

    Args:
        title: what is shown.
        across: what they take.
        found: `(what it takes, estimate)` by name.
    """
    figure, axes = _figure(9.6)
    for at, (name, (x, value)) in enumerate(found.items()):
        mean, colour = 100 * value["mean"], COLOURS[at % len(COLOURS)]
        spread = [[max(0.0, mean - 100 * value["low"])], [max(0.0, 100 * value["high"] - mean)]]
        marker = MARKERS[at % len(MARKERS)]
        axes.errorbar([x], [mean], yerr=spread, fmt=marker, color=colour, capsize=2.5, label=name, zorder=3)
    best = pareto_front({name: (x, value["mean"]) for name, (x, value) in found.items()})
    steps = [(found[name][0], 100 * found[name][1]["mean"]) for name in best]
    steps.append((max(x for x, _ in found.values()), steps[-1][1]))
    axes.step(*zip(*steps, strict=True), where="post", color="#9aa4ac", linewidth=1.2, linestyle="--", zorder=1)
    known = [x for x, _ in found.values() if x > 0]
    wide = bool(known) and max(known) > 20 * min(known)
    if wide:
        axes.set_xscale("symlog", linthresh=min(known))
    axes.set_xlim(left=-0.02 * (min(known) if wide else max(known, default=1.0)))
    axes.set_xlabel(across, fontsize=8.5)
    axes.set_ylim(0, 105)
    return _finish_axes(figure, axes, title, legend=True)


def pareto_front(found: Mapping[str, tuple[float, float]]) -> list[str]:
    """Of `(what it takes, what it gives)` by name those that nothing cheaper or as cheap beats, cheapest first."""
    best: list[str] = []
    for name in sorted(found, key=lambda one: (found[one][0], -found[one][1])):
        if not best or found[name][1] > found[best[-1]][1]:
            best.append(name)
    return best


def smooth(values: Sequence[float], over: int) -> list[float]:
    """The mean of each value and its neighbours, `over` in all, as many as there are on both sides."""
    around = over // 2
    windows = [values[max(0, at - around) : at + around + 1] for at in range(len(values))]
    return [sum(window) / len(window) for window in windows]


def clouds(title: str, panels: Mapping[str, Any], groups: Sequence[str]) -> bytes:
    """One panel for each set of places, all to one scale; the other sets lie behind it in grey.

    Args:
        title: what is shown.
        panels: `(n, 2)` places by the panel's title.
        groups: which group each place is of.
    """
    figure = _blank(4.2 * len(panels), 4.6)
    names, size = sorted(set(groups)), 20 if len(groups) < MANY else 9
    all_axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, places) in zip(all_axes, panels.items(), strict=True):
        for other in panels.values():
            axes.scatter(other[:, 0], other[:, 1], s=size / 2, color="#e4e6e8", linewidths=0)
        for at, group in enumerate(names):
            own = [row for row, one in enumerate(groups) if one == group]
            colour = COLOURS[at % len(COLOURS)]
            axes.scatter(places[own, 0], places[own, 1], s=size, color=colour, label=group, linewidths=0, alpha=0.85)
        axes.set_title(name, loc="left", fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color("#cccccc")
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=8, frameon=False, fontsize=8)
    return _png(figure, title)


def matrices(title: str, found: Sequence[ConfusionMatrix]) -> bytes:
    """Counts, coloured by their share of the row; where names are long, letters of rows stand under the columns."""
    across = min(3, len(found))
    down = -(-len(found) // across)
    deepest = max(len(one.rows) for one in found)
    figure = _blank(4.6 * across if across > 1 else 6.4, (0.34 * deepest + 1.5) * down)
    grid = list(figure.subplots(down, across, squeeze=False).flat)
    for axes, one in zip(grid, found, strict=False):
        _matrix(axes, one)
    for axes in grid[len(found) :]:
        axes.set_axis_off()
    return _png(figure, title)


def _matrix(axes: Any, one: ConfusionMatrix) -> None:
    short = max(map(len, one.rows)) <= SHORT
    letters = {name: name if short else chr(ord("A") + at) for at, name in enumerate(one.rows)}
    rows = [name.replace("_", " ") + ("" if short else f"  {letters[name]}") for name in one.rows]
    shares = [[count / max(1, sum(row)) for count in row] for row in one.counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for y, x in product(range(len(one.rows)), range(len(one.columns))):
        if one.counts[y][x]:
            colour = "#ffffff" if shares[y][x] > 0.6 else "#333333"
            axes.text(x, y, one.counts[y][x], ha="center", va="center", fontsize=8, color=colour)
    axes.set_title(one.title, loc="left", fontsize=9)
    axes.set_yticks(range(len(rows)), rows)
    columns = [letters.get(name, name.replace("_", " ")) for name in one.columns]
    axes.set_xticks(range(len(columns)), columns)
    for label, name in zip(axes.get_xticklabels(), columns, strict=True):
        flat = short or len(name) == 1
        label.set(rotation=0 if flat else 30, ha="center" if flat else "right")
    axes.set_xticks([x - 0.5 for x in range(1, len(columns))], minor=True)
    axes.set_yticks([y - 0.5 for y in range(1, len(rows))], minor=True)
    axes.grid(which="minor", color="#ffffff", linewidth=1.5)
    axes.tick_params(labelsize=8, length=0, which="both")
    axes.spines[:].set_color("#cccccc")


def _figure(width: float) -> tuple[Any, Any]:
    figure = _blank(width, 3.8 if width < 10 else 4.8)
    return figure, figure.subplots()


def _blank(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError(
            "Charts are drawn by matplotlib, which is not installed.", remedy='pip install "dataclaw-tailor[evals]"'
        ) from None
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def _finish_axes(figure: Any, axes: Any, title: str, *, legend: bool) -> bytes:
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    if legend:
        names = [str(name) for name in axes.get_legend_handles_labels()[1]]
        columns = len(names) if sum(map(len, names)) + 8 * len(names) < 110 else 4
        axes.legend(
            frameon=False, fontsize=8, ncols=columns, loc="upper center", bbox_to_anchor=(0.5, -0.02 - _below(axes))
        )
    return _png(figure)


def _png(figure: Any, title: str = "") -> bytes:
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _below(axes: Any) -> float:
    """Share of the axes' height that the labels under it take, for the legend to stand below them."""
    slanted = any(label.get_rotation() for label in axes.get_xticklabels())
    longest = max((len(label.get_text()) for label in axes.get_xticklabels()), default=0)
    return 0.1 + (0.018 * longest if slanted else 0.0) + (0.06 if axes.get_xlabel() else 0.0)
