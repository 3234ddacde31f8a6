"""`dataclaw world list|make`, and `dataclaw explore`: an intent alone becomes samples, out of simulated worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataclaw.cli.options import Plugins, Processes, warn
from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.errors import UsageError, count_of

app = typer.Typer(help="Worlds: simulated sources whose truth is known.", no_args_is_help=True)


@app.command("list", epilog="Example: dataclaw world list")
def list_worlds() -> None:
    """List the worlds: domain, tasks, what is simulated by which engine."""
    from rich.console import Console
    from rich.table import Table

    from dataclaw.worlds import find_world, worlds

    table = Table("world", "domain", "tasks", "what", box=None, header_style="bold")
    for world in map(find_world, worlds()):
        cells = (world.name, world.domain, ", ".join(world.experts), world.summary)
        table.add_row(*map(safe_markup, cells))
    Console().print(table)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="Name of a world (`dataclaw world list`).", metavar="WORLD")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, one folder a stream.")] = Path("worlds"),
    seed: Annotated[int, typer.Option(min=0, help="First seed.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="How many streams.")] = 1,
    difficulty: Annotated[int, typer.Option(min=1, max=5, help="1 short and clean, 5 long and noisy.")] = 2,
    held: Annotated[bool, typer.Option("--held", help="Draw from what is held out for benchmarks.")] = False,
    sheet: Annotated[bool, typer.Option(help="Write a contact sheet beside each stream.")] = True,
) -> None:
    """Make streams of a world, with their truth beside them.

    Equal seeds give equal streams. Each folder holds the stream as ordinary
    files, truth.json, and sheet.png to look at.

    Example: dataclaw world make desk --count 3 --difficulty 4 --out worlds
    """
    from dataclaw.files import owned_folder
    from dataclaw.plugins import installed_loaders
    from dataclaw.streams import open_stream
    from dataclaw.worlds.base import SceneSpec
    from dataclaw.worlds.maker import Failure, Maker
    from dataclaw.worlds.sheets import contact_sheet

    failed, loaders = 0, installed_loaders()
    with owned_folder(out), Maker(out) as maker:
        for number in range(seed, seed + count):
            scene = maker.make(SceneSpec(name, number, difficulty, "held" if held else "train"))
            if isinstance(scene, Failure):
                warn(f"seed {number}: {scene.reason} {scene.remedy}")
                failed += 1
                continue
            stream = open_stream(scene.path, loaders=loaders)
            if sheet and (stream.frames or any(part.frames for part in stream.parts.values())):
                contact_sheet(stream, scene.folder / "sheet.png")
            typer.echo(f"{scene.path}: {stream.kind}, {stream.duration:.1f} s, {count_of(len(stream.events), 'event')}")
    if failed:
        raise typer.Exit(1)


def explore(
    intent: Annotated[str, typer.Option("--intent", "-i", help="What the data are for, in your own words.")],
    domain: Annotated[str, typer.Option("--domain", "-d", help="Domain (`dataclaw domain list`).")],
    count: Annotated[int, typer.Option(min=1, help="How many streams.")] = 3,
    difficulty: Annotated[int, typer.Option(min=1, max=5, help="1 short and clean, 5 long and noisy.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="First seed.")] = 0,
    world: Annotated[str | None, typer.Option(help="World to explore; the best of the domain if left out.")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="planner, embedded, or provider:model.")] = None,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")] = Path("explored"),
    workers: Processes = 1,
    plugins: Plugins = None,
) -> None:
    """Make samples from an intent alone: pick worlds and seeds, drive them, tailor what comes out.

    Streams lie in OUT/scenes, each with its truth beside it, which the agent
    does not see.

    Example: dataclaw explore -d embodied -i "make the robot freeze while it pulls a drawer, then recover" --count 2
    """
    from dataclaw.cli import run_console
    from dataclaw.config import RunConfig
    from dataclaw.files import owned_folder
    from dataclaw.plugins import load_domain
    from dataclaw.run.prepare import prepare
    from dataclaw.strict import check
    from dataclaw.worlds import entries, register_all
    from dataclaw.worlds.explore import explore as search
    from dataclaw.worlds.explore import leads, scenes_folder
    from dataclaw.worlds.maker import Failure, Maker

    if plugins:  # worlds are looked for by name from here on
        register_all(entries(plugins))
    config = check({"intent": intent, "domain": domain, "model": model, "base_url": base_url}, RunConfig, "explore")
    found = [lead for lead in leads(load_domain(domain, registry=plugins), intent) if world in (None, lead.world.name)]
    if not found:
        raise UsageError(f"no world {world!r} in domain {domain}.", remedy="See: dataclaw world list")
    lead = found[0]
    typer.echo(plain(f"world {lead.world.name}: {lead.world.summary}"), err=True)
    paths: list[str] = []
    with owned_folder(scenes_folder(out)), Maker(scenes_folder(out)) as maker:
        for scene in search(lead, intent, count, maker, difficulty=difficulty, seed=seed):
            if isinstance(scene, Failure):
                warn(f"seed {scene.spec.seed}: {scene.reason} {scene.remedy}")
            else:
                paths.append(scene.path)
    setup = prepare(config, plugins)
    run_console.run_and_report(
        setup, paths, out, workers=workers, resume=True, min_yield=0.0, as_json=False, report=True, verbose=False
    )
