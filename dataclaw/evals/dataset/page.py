"""The page of a dataset report: one HTML file without scripts, which opens anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from dataclaw.errors import MissingExtraError
from dataclaw.evals.dataset.figures import BINS, DatasetFigures, measure
from dataclaw.evals.dataset.map import DatasetMap, draw_map
from dataclaw.files import write_atomic
from dataclaw.version import __version__

REASONS, NEAR, INTENTS = 15, 20, 12
"""Rows of long tables."""


def write_dataset_report(outs: Sequence[Path], html: Path, registry: Path | None = None) -> DatasetFigures:
    """Write the page about runs; the figures that it shows.

    Args:
        outs: folders of runs.
        html: the page.
        registry: the `plugins.toml` to use.

    Raises:
        UsageError: a folder holds no finished run, or a record is broken.
        MissingExtraError: what finds near-duplicates is not installed.
    """
    found = measure(outs, registry)
    missing, drawn = "", None
    try:
        drawn = draw_map(found.texts)
    except MissingExtraError as error:  # the page says what is not on it, and how to get it
        missing = str(error)
    write_atomic(html, render(found, drawn, missing))
    return found


def render(found: DatasetFigures, drawn: DatasetMap | None, missing: str = "") -> str:
    """The page as HTML.

    Args:
        found: the figures.
        drawn: the map, None where there is none.
        missing: why there is no map.
    """
    names = sorted(found.tasks)
    colours = {name: f"hsl({360 * at // len(names)} 55% {(42, 58)[at % 2]}%)" for at, name in enumerate(names)}
    rules = sorted(found.rules.items(), key=lambda entry: (-entry[1].lost - entry[1].held, entry[0]))
    return _template().render(
        found=found,
        drawn=drawn,
        missing=missing,
        names=names,
        colours=colours,
        rules=rules,
        bins=BINS,
        histogram=found.histogram(),
        reasons=found.reasons.most_common(REASONS),
        more_reasons=max(0, len(found.reasons) - REASONS),
        near=found.near[:NEAR],
        intents=INTENTS,
        version=__version__,
    )


def _template() -> Template:
    folder = files("dataclaw.evals") / "templates"

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("dataset.html.j2")
