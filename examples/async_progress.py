"""DataClaw inside an asyncio program: samples as they are made, news of every step, and a cancel that works at once.

A service awaits samples beside its other work. Whoever cancels the task stops the run at its next step; what was made
by then has been handed over already.
Run it: `python examples/async_progress.py examples/traces/*`, with Ctrl-C for the cancel.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

from dataclaw.run.api import aiter_tailor
from dataclaw.run.drive import Progress
from dataclaw.types import Json

INTENT = "Extract the ordered UI actions with coordinates"


def show(news: Progress) -> None:
    """One line for each step."""
    print(f"{news.source}: {news.node} {news.text}", file=sys.stderr)


async def samples(paths: list[str], tell: Callable[[Progress], None] = show) -> AsyncIterator[dict[str, Json]]:
    """Each sample, as soon as its recording is done."""
    async for outcome in aiter_tailor(paths, INTENT, domain="gui", progress=tell):
        for sample in outcome.samples:
            yield sample


async def main(paths: list[str]) -> None:
    """Print what is made, until all is made or somebody cancels."""
    async for sample in samples(paths):
        print(f"{sample['stream']['name']}: {sample['question']} reward {sample['verdict']['total']:.2f}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
