"""`dataclaw record`."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclaw.cli.options import warn
from dataclaw.cli.plain_text import plain
from dataclaw.errors import count_of

if TYPE_CHECKING:
    from dataclaw.record.recorder import ScreenRecorder

INTENT = '"Extract the ordered UI actions with coordinates"'
COLOURS = {"recording": "red", "paused": "yellow"}


def record(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New or empty folder for the recording.")],
    monitor: Annotated[int, typer.Option(min=0, help="Which monitor; 0 is all of them as one picture.")] = 1,
    fps: Annotated[float, typer.Option(min=1, max=60, help="Pictures a second, at most.")] = 10.0,
    longest: Annotated[int, typer.Option(min=320, max=7680, help="Longest side of the video [px].")] = 1920,
    seconds: Annotated[float, typer.Option(min=0.5, help="End after so long [s].")] = 600.0,
    max_mb: Annotated[float, typer.Option(min=0.01, help="End when it is so large [MB].")] = 500.0,
    mask_keys: Annotated[bool, typer.Option("--mask-keys", help="Mask every typed character.")] = False,
    stop_key: Annotated[str, typer.Option(help="The key that ends it, by pynput's name.")] = "f10",
    pause_key: Annotated[str, typer.Option(help="The key that pauses it and goes on.")] = "f9",
    delay: Annotated[float, typer.Option(min=0, help="Wait so long before it begins [s].")] = 3.0,
) -> None:
    """Record your own screen as a GUI trace that dataclaw run reads.

    Kept are the screen as a video, pointer, clicks, wheel, keys, titles of
    windows, and names of what is clicked where the system tells them. What is
    typed into a password field is masked where the system tells that it is
    one. Nothing leaves the machine. Needs the extra "record".

    Examples:
      dataclaw record my_task

      dataclaw record my_task --mask-keys --seconds 60 --monitor 2
    """
    from dataclaw.record.checks import check_folder, check_system

    check_folder(out)
    check_system()  # before what it looks for is imported
    from dataclaw.record.recorder import CTRL_C, RecordConfig, ScreenRecorder

    config = RecordConfig(out, monitor, fps, longest, seconds, max_mb, mask_keys, stop_key, pause_key)
    recorder = ScreenRecorder(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _: recorder.end(CTRL_C if got == signal.SIGINT else "SIGTERM"))
    _announce(recorder, delay)
    if recorder.wait(delay):
        recorder.close()
        typer.echo("stopped before it began; nothing was recorded", err=True)
        raise typer.Exit(130)
    recorder.record(lambda state: typer.secho(state, fg=COLOURS[state], err=True))
    _sum_up(out, recorder)
    if recorder.failure:
        raise typer.Exit(1)


def _announce(recorder: ScreenRecorder, delay: float) -> None:
    """What will be recorded, and how it ends, before it begins."""
    config = recorder.config
    typer.secho(f"Will be recorded into {plain(str(config.out))}:", bold=True, err=True)
    for what, how in recorder.told:
        typer.echo(f"  {what:<9}{plain(how)}", err=True)
    limits = f"{config.seconds:g} s or {config.megabytes:g} MB"
    typer.echo(f"Nothing leaves this machine. {config.pause_key.upper()} pauses.", err=True, nl=False)
    typer.echo(f" {config.stop_key.upper()}, Ctrl-C or {limits} end it.", err=True)
    typer.echo(f"begins in {delay:g} s", err=True)


def _sum_up(out: Path, recorder: ScreenRecorder) -> None:
    """What came of it, and what to do next."""
    from dataclaw.errors import DataClawError
    from dataclaw.record.preview import write_preview

    if recorder.failure:
        warn(f"ended early: {recorder.failure.rstrip('.')}; what was recorded is kept.")
    took = f"{recorder.seconds:.1f} s, {recorder.size / 1e6:.2f} MB"
    typer.echo(f"ended by {recorder.why}: {took} in {plain(str(out))}")
    if not recorder.deeds:
        typer.echo("Nothing was clicked, typed or scrolled, so no sample can be made of it.")
        return
    try:
        page, actions = write_preview(out)
    except (DataClawError, OSError) as error:
        warn(f"no preview: {error}")
        return
    typer.echo(f"{count_of(actions, 'action')}, shown in {plain(str(page))}")
    typer.echo(f"next: dataclaw run --domain gui --intent {INTENT} {shlex.quote(plain(str(out)))}")
