"""`dataclaw export`: from the folder of a run to the files that others train with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dataclaw.cli.options import AsJson, Plugins
from dataclaw.cli.plain_text import plain

if TYPE_CHECKING:
    from dataclaw.export.write import ExportSummary

SHOWN = 6
"""Reasons for leaving out that are printed."""


def export(
    outs: Annotated[list[Path], typer.Argument(metavar="OUT...", help="Folders of runs.")],
    to: Annotated[str, typer.Option("--to", help="Format; a wrong name lists them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="New folder for the files.")],
    per: Annotated[
        Literal["step", "sample"],
        typer.Option(help="A row for each step where a task has steps, or one row a sample with a turn for each."),
    ] = "step",
    coordinates: Annotated[
        Literal["pixels", "thousandths", "fractions", "qwen2.5-vl"] | None,
        typer.Option(help="How points and boxes count; the format's own way if left out."),
    ] = None,
    max_pixels: Annotated[
        int | None, typer.Option(min=784, help="Most pixels that Qwen2.5-VL is given, for its coordinates.")
    ] = None,
    reasoning: Annotated[
        Literal["none", "think"], typer.Option(help="Put the reasoning in front of answers, in <think> tags.")
    ] = "none",
    outputs: Annotated[
        Literal["named", "shown"],
        typer.Option(help="Say in words which picture an answer recalls, or put the pictures and clips themselves."),
    ] = "named",
    clip_pictures: Annotated[
        int, typer.Option(min=1, max=256, help="Pictures taken out of a clip for trainers that read no video.")
    ] = 8,
    validation: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of the streams kept apart for validation.")
    ] = 0.0,
    near: Annotated[
        float,
        typer.Option(min=0.1, max=1, help="Likeness from which a sample repeats another; 1 keeps all but equals."),
    ] = 0.9,
    min_total: Annotated[float, typer.Option(min=0, max=1, help="Least total of a sample.")] = 0.0,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact", help="Hide e-mail addresses, card and phone numbers and account names, in pictures, too."
        ),
    ] = False,
    hide: Annotated[list[str] | None, typer.Option(help="Another text to hide; may be given several times.")] = None,
    licence: Annotated[str, typer.Option(help="What the card says of the licences of the sources.")] = "",
    plugins: Plugins = None,
    json_out: AsJson = False,
) -> None:
    """Write accepted samples as the files that a trainer or another program reads.

    Media are copied, so that the folder can be carried away. No stream is on both sides of the split, and what repeats
    another row is left out; left_out.jsonl says what and why.

    Formats:
      hf: Hugging Face datasets, parquet with media inside

      trl, trl-prompt, trl-preference: TRL's messages; prompt and completion; chosen and rejected

      swift, llamafactory, qwen-vl: ms-swift 4, LLaMA-Factory, Qwen-VL's own recipe

      agentnet, atif: trajectories of GUI agents with screenshots, thoughts and code

      diffsynth: clips of 4n+1 frames and pictures with prompts; webdataset: tar shards

      coco: boxes of the evidence; otio: cuts as timelines; lerobot: language columns of episodes

    Examples:
      dataclaw export out --to swift --out train/swift

      dataclaw export out-gui out-daily --to hf --out train/hf --validation 0.1

      dataclaw export out --to trl --out train/trl --redact --hide "Mara Lindqvist"

      dataclaw export out --to qwen-vl --out train/qwen --coordinates qwen2.5-vl --max-pixels 1003520
    """
    import json

    from dataclaw.cli.bars import show_bar
    from dataclaw.export.asking import Shape
    from dataclaw.export.coordinates import MOST
    from dataclaw.export.write import ExportSettings, export_runs

    settings = ExportSettings(
        to=to,
        shape=Shape(per, reasoning, outputs),
        coordinates=coordinates,
        max_pixels=max_pixels or MOST,
        clip_pictures=clip_pictures,
        validation=validation,
        near=near,
        min_total=min_total,
        redact=redact,
        hide=tuple(hide or ()),
        licence=licence,
        registry=plugins,
    )
    with show_bar(None, "samples") as bar:
        summary = export_runs(outs, out, settings, lambda sample: bar.step(sample.id))
    if json_out:
        left_out = dict(summary.reasons())
        typer.echo(json.dumps({**summary.card.to_json(), "left_out": left_out}, ensure_ascii=False))
    else:
        _print(summary)


def _print(summary: ExportSummary) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("side", "task", "rows", box=None, header_style="bold")
    for (side, domain, task), rows in sorted(summary.card.rows.items()):
        table.add_row(side, f"{domain}.{task}", str(rows))
    console.print(table)
    for why, count in summary.reasons().most_common(SHOWN):
        console.print(plain(f"left out {count} x {why}"), markup=False, highlight=False)
    console.print(f"files: {summary.target}", markup=False, highlight=False)
