"""From a trained and measured chooser to the one that a package carries: weights, and a card with what was measured."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from dataclaw.choosing.card import CARD, ChooserCard, ChooserGain, read_card
from dataclaw.choosing.learned import ARRAYS, load_learned
from dataclaw.errors import UsageError
from dataclaw.files import whole_folder
from dataclaw.train.config import CHOOSER


def is_chooser_run(run: Path) -> bool:
    """Whether a training run gave a chooser, and not an adapter."""
    return (run / CHOOSER / CARD).is_file()


def release_chooser(
    run: Path,
    folder: Path,
    tasks: Mapping[str, ChooserGain],
    *,
    benchmark: str,
    digest: str,
    weights: Mapping[str, str],
) -> ChooserCard:
    """Ship a chooser; an earlier one in the folder is replaced. What is refused leaves everything as it was.

    Args:
        run: folder of the training run.
        folder: where it ships: of a domain's package, or any.
        tasks: what it measured against the rules, by `<domain>.<task>`.
        benchmark: on which pinned benchmark.
        digest: its digest.
        weights: sha256 of the weights that were measured, by domain; "" for all.

    Returns:
        Its card.

    Raises:
        ConfigError: the run's chooser is not whole.
        UsageError: another one was measured, or the folder holds something else.
    """
    trained = run / CHOOSER
    load_learned(trained)
    card = read_card(trained)
    for domain in sorted({name.partition(".")[0] for name in tasks}):
        measured = weights.get(domain) or weights.get("", "")
        if measured != card.sha256:
            raise UsageError(
                f"another chooser was measured in {domain}: {measured[:12] or 'rules'}; this is {card.sha256[:12]}.",
                place=str(trained),
                remedy=f"Measure this one: dataclaw eval run --model planner --choose {trained}",
            )
    strange = sorted({file.name for file in folder.iterdir()} - {ARRAYS, CARD}) if folder.is_dir() else []
    if strange:
        raise UsageError(f"holds {strange[0]!r}, too.", place=str(folder), remedy="Name a folder of its own.")
    card = card.model_copy(update={"benchmark": benchmark, "digest": digest, "tasks": dict(tasks)})
    with whole_folder(folder) as part:
        shutil.copyfile(trained / ARRAYS, part / ARRAYS)
        card.write(part)
    return card
