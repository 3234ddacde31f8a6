"""The whole job as one call, for programs that want samples rather than files: at once, one by one, or awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

from dataclaw.config import RunConfig
from dataclaw.run.drive import Progress
from dataclaw.run.ledger import Outcome
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run, run_in_memory, sources_at
from dataclaw.strict import check
from dataclaw.types import Json

Paths = str | Path | Sequence[str | Path]
Told = Callable[[Progress], None]


def tailor(
    paths: Paths,
    intent: str,
    *,
    out: str | Path | None = None,
    workers: int = 1,
    plugins: str | Path | None = None,
    progress: Told | None = None,
    **options: Json,
) -> list[Outcome]:
    """Make training samples.

    Args:
        paths: files, folders or globs.
        intent: what the data are for, in your words.
        out: folder to write into (samples, media, traces; resumable); None keeps everything in memory, without media.
        workers: processes, when `out` is given.
        plugins: the `plugins.toml` to use; by default as the command line.
        progress: told of every step as it happens.
        **options: the fields of `dataclaw.config.RunConfig` (domain, task, model, samples, best_of, budget, ...).

    Returns:
        One outcome a stream, as they were done: its samples, and its rejections with their reasons. A stream whose
        content was there already names the other one in `same_as`.

    Raises:
        DataClawError: the run cannot begin (unknown domain, missing weights, nothing found at `paths`), or go on.
    """
    given = {"out": out, "workers": workers, "plugins": plugins, "progress": progress}
    return list(iter_tailor(paths, intent, **given, **options))


def iter_tailor(
    paths: Paths,
    intent: str,
    *,
    out: str | Path | None = None,
    workers: int = 1,
    plugins: str | Path | None = None,
    progress: Told | None = None,
    **options: Json,
) -> Iterator[Outcome]:
    """As `tailor`, with each outcome as it is done; closing the iterator stops the run.

    Raises:
        DataClawError: the run cannot begin; at once, not with the first outcome.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    config = check({"intent": intent, **options}, RunConfig, "tailor()")
    setup = prepare(config, Path(plugins) if plugins is not None else None)
    sources = sources_at(given, setup.loaders)
    news = run(setup, sources, Path(out), workers=workers) if out is not None else run_in_memory(setup, sources)
    return _outcomes(news, progress)


def _outcomes(news: Iterator[Progress], progress: Told | None) -> Iterator[Outcome]:
    for one in news:
        if progress is not None:
            progress(one)
        if one.outcome is not None:
            yield one.outcome


async def aiter_tailor(
    paths: Paths, intent: str, *, progress: Told | None = None, **options: Json
) -> AsyncIterator[Outcome]:
    """As `iter_tailor`, for `async for`; who stops listening, or is cancelled, stops the run at its next step.

    Args:
        paths: files, folders or globs.
        intent: what the data are for, in your words.
        progress: told of every step as it happens, in the event loop.
        **options: those of `tailor`.

    Raises:
        DataClawError: as `tailor`.
    """
    loop, queue, stopped = asyncio.get_running_loop(), asyncio.Queue[Outcome | BaseException | None](), Event()

    def tell(one: Progress) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        if progress is not None:
            loop.call_soon_threadsafe(progress, one)

    def work() -> None:
        last: BaseException | None = None
        try:
            for outcome in iter_tailor(paths, intent, progress=tell, **options):
                loop.call_soon_threadsafe(queue.put_nowait, outcome)
        except BaseException as error:  # noqa: BLE001 - raised again where the outcomes are awaited
            last = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, last)

    Thread(target=work, name="dataclaw-run", daemon=True).start()
    try:
        while (made := await queue.get()) is not None:
            if isinstance(made, BaseException):
                raise made
            yield made
    finally:
        stopped.set()
