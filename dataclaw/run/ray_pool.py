"""Many items on the machines of a Ray cluster, one task each: what `pool` does with the processes of this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from dataclaw.errors import MissingExtraError
from dataclaw.run.pool import Died

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2
"""Items that a worker has at a time: the next one waits beside the one under way."""


def map_in_ray(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: int,
    *,
    begin: Callable[..., None] | None = None,
    given: tuple[object, ...] = (),
) -> Iterator[tuple[T, R | Died]]:
    """What `work` makes of every item, as it is finished; arguments and results as those of `pool.map_in_processes`.

    The cluster is the one that `RAY_ADDRESS` names; without it Ray starts on this machine, and ends with the run. Items
    must mean the same on every machine: files lie in a folder that all of them see.

    Yields:
        Each item once, with its result. Whatever `work` raises is raised here.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    with _cluster(workers) as ray:
        worker = ray.remote(num_cpus=1)(_Worker)
        suspects: list[T] = []
        for batch, size in ((list(items), workers), (suspects, 1)):
            while batch:
                crew = [worker.remote(work, begin, given) for _ in range(min(size, len(batch)))]
                lost: list[T] = []
                yield from _until_lost(ray, crew, batch, lost, AHEAD if size > 1 else 1)
                for one in crew:
                    ray.kill(one)
                if size > 1:
                    suspects += lost
                else:
                    yield from ((item, Died()) for item in lost)


class _Worker:
    """A process of the cluster."""

    def __init__(
        self, work: Callable[[Any], Any], begin: Callable[..., None] | None, given: tuple[object, ...]
    ) -> None:
        self._work = work
        if begin is not None:
            begin(*given)

    def do(self, item: Any) -> Any:
        return self._work(item)


def _until_lost(ray: Any, crew: Sequence[Any], batch: list[T], lost: list[T], ahead: int) -> Iterator[tuple[T, Any]]:
    """Results until all of a batch is done or a worker dies; then `batch` has what had not begun, `lost` the others."""
    flying: dict[Any, tuple[T, Any]] = {}
    free = [one for one in crew for _ in range(ahead)]
    while (batch and not lost) or flying:
        while batch and free and not lost:
            one, item = free.pop(0), batch.pop(0)
            flying[one.do.remote(item)] = item, one
        (ready, *_), _ = ray.wait(list(flying), num_returns=1)
        item, one = flying.pop(ready)
        try:
            result = ray.get(ready)
        except ray.exceptions.RayActorError:
            lost.append(item)
            continue
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        free.append(one)
        yield item, result


@contextmanager
def _cluster(workers: int) -> Generator[Any]:
    """Ray, connected; a cluster that was started here is stopped at the end."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise MissingExtraError("Ray is not installed.", remedy="Run: pip install 'dataclaw-tailor[ray]'") from None
    if ray.is_initialized():
        yield ray
        return
    here: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "include_dashboard": False}
    ray.init(logging_level=logging.ERROR, log_to_driver=False, **here)
    try:
        yield ray
    finally:
        ray.shutdown()
