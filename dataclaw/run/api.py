"""`tailor()`: the whole job as one call, for programs that want samples rather than files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dataclaw.config import RunConfig, check
from dataclaw.run.ledger import Outcome
from dataclaw.run.prepare import make_runtime, prepare
from dataclaw.run.run import count_once, run, sources_at, tailor_source
from dataclaw.types import Json


def tailor(
    paths: str | Path | Sequence[str | Path],
    intent: str,
    *,
    out: str | Path | None = None,
    workers: int = 1,
    plugins: str | Path | None = None,
    **options: Json,
) -> list[Outcome]:
    """Make training samples.

    Args:
        paths: files, folders or globs.
        intent: what the data are for, in your words.
        out: folder to write into (samples, media, traces; resumable); None keeps everything in memory, without media.
        workers: processes, when `out` is given.
        plugins: the `plugins.toml` to use; by default as the command line.
        **options: the fields of `dataclaw.config.RunConfig` (domain, task, model, samples, best_of, budget, ...).

    Returns:
        One outcome a stream, in order: its samples, and its rejections with their reasons. A stream whose content was
        there already names the other one in `same_as`.

    Raises:
        DataClawError: the run cannot begin (unknown domain, missing weights, nothing found at `paths`).
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    config = check({"intent": intent, **options}, RunConfig, "tailor()")
    setup = prepare(config, Path(plugins) if plugins is not None else None)
    sources = sources_at(given, setup.loaders)
    if out is not None:
        return [news.outcome for news in run(setup, sources, Path(out), workers=workers) if news.outcome]
    setup.warn()
    order: dict[str, str] = {}
    with closing(make_runtime(setup)) as runtime:
        told = (count_once(one, order) for source in sources for one in tailor_source(setup, runtime, source, None))
        return [news.outcome for news in told if news.outcome]
