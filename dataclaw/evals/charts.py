"""Charts of scored runs as PNG, for the report and for papers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from dataclaw.errors import MissingExtraError

COLOURS = ("#3b6ea5", "#c8553d", "#5b8e5a", "#8a6bb1", "#c9a227", "#4f8f8f", "#9a5b7d", "#6b6b6b")
"""Of runs, in their order."""
DPI = 150
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
    return _drawn(figure, axes, title, legend=len(series) > 1)


def points(title: str, across: str, series: Mapping[str, Sequence[tuple[float, Mapping[str, float]]]]) -> bytes:
    """Means 0..100 over a number, with their intervals as bands.

    Args:
        title: what is shown.
        across: what the number is.
        series: `(number, estimate)` in order, by run.
    """
    figure, axes = _figure(9.6)
    for at, (name, values) in enumerate(series.items()):
        xs = [x for x, _ in values]
        colour = COLOURS[at % len(COLOURS)]
        axes.plot(xs, [100 * value["mean"] for _, value in values], marker="o", label=name, color=colour)
        low, high = ([100 * value[side] for _, value in values] for side in ("low", "high"))
        axes.fill_between(xs, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set_xlabel(across)
    axes.set_xticks(sorted({x for values in series.values() for x, _ in values}))
    axes.set_ylim(0, 105)
    return _drawn(figure, axes, title, legend=len(series) > 1)


def _figure(width: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError(
            "Charts are drawn by matplotlib, which is not installed.", remedy='pip install "dataclaw-tailor[evals]"'
        ) from None
    figure: Any = Figure(figsize=(width, 3.8 if width < 10 else 4.8), dpi=DPI, layout="constrained")
    return figure, figure.subplots()


def _drawn(figure: Any, axes: Any, title: str, *, legend: bool) -> bytes:
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    if legend:
        axes.legend(frameon=False, fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.02 - _below(axes)))
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _below(axes: Any) -> float:
    """Share of the axes' height that the labels under it take, for the legend to stand below them."""
    slanted = any(label.get_rotation() for label in axes.get_xticklabels())
    longest = max((len(label.get_text()) for label in axes.get_xticklabels()), default=0)
    return 0.1 + (0.018 * longest if slanted else 0.0) + (0.06 if axes.get_xlabel() else 0.0)
