"""`dataclaw explore`: an intent alone becomes samples, out of simulated worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataclaw.cli.options import Plugins, Processes, warn
from dataclaw.cli.plain_text import plain
from dataclaw.errors import UsageError


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
    from dataclaw.config import RunConfig, check
    from dataclaw.plugins import load_domain
    from dataclaw.worlds.explore import explore as search
    from dataclaw.worlds.explore import leads, scenes_folder
    from dataclaw.worlds.maker import Failure, Maker

    config = check({"intent": intent, "domain": domain, "model": model, "base_url": base_url}, RunConfig, "explore")
    found = [lead for lead in leads(load_domain(domain, registry=plugins), intent) if world in (None, lead.world.name)]
    if not found:
        raise UsageError(f"no world {world!r} in domain {domain}.", remedy="See: dataclaw world list")
    lead = found[0]
    typer.echo(plain(f"world {lead.world.name}: {lead.world.summary}"), err=True)
    paths: list[str] = []
    with Maker(scenes_folder(out)) as maker:
        for scene in search(lead, intent, count, maker, difficulty=difficulty, seed=seed):
            if isinstance(scene, Failure):
                warn(f"seed {scene.spec.seed}: {scene.reason} {scene.remedy}")
            else:
                paths.append(scene.path)
    run_console.run_and_report(
        config, paths, out, workers=workers, registry=plugins, resume=True, min_yield=0.0, as_json=False, report=True
    )
