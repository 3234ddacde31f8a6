"""Making scenes in a process of its own: an engine that hangs, crashes or leaks takes nothing else along.

One worker makes many scenes, so that an engine is loaded once; one that overruns its time is killed, its lot is told,
and the next lot gets a new worker.
"""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from dataclaw.errors import DataClawError, MissingExtraError
from dataclaw.worlds import WorldPlace, entries, find_world, register_all
from dataclaw.worlds.base import TRUTH, Scene, SceneSpec, load_scene

START_SECONDS = 120.0
"""Longest that a worker may take to begin [s]; added to the first scene's time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A lot that gave no scene, and why; the lot makes it happen again."""

    spec: SceneSpec
    reason: str
    remedy: str = ""


class Maker:
    """Makes scenes below a folder; a scene that is there already is not made again. Close it, or use `with`.

    Args:
        root: folder of the scenes, one folder a lot.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def make(self, spec: SceneSpec, seconds: float | None = None) -> Scene | Failure:
        """The scene of a lot, or why there is none.

        Args:
            spec: what to make.
            seconds: time limit [s]; the world's own by default.

        Raises:
            MissingExtraError: the world's engine is not installed; it would fail for every lot.
            OSError: the disk does not take the scene.
        """
        folder = self.root / spec.name
        if (folder / TRUTH).is_file():
            return load_scene(folder)
        limit = seconds if seconds is not None else find_world(spec.world).seconds
        fresh = self._process is None
        pipe = self._worker()
        pipe.send((spec, folder))
        if not pipe.poll(limit + (START_SECONDS if fresh else 0.0)):
            self._kill()
            return Failure(spec, f"took more than {limit:g} s.", "Raise the time limit, or leave the seed out.")
        try:
            answer: object = pipe.recv()
        except EOFError:
            code = self._exit_code()
            self._kill()
            return Failure(spec, f"the engine's process died (exit code {code}).", "Leave the seed out.")
        if isinstance(answer, MissingExtraError | OSError):
            raise answer
        return answer if isinstance(answer, Failure) else load_scene(folder)

    def close(self) -> None:
        """Let the worker end."""
        if self._pipe:
            with suppress(OSError):
                self._pipe.send(None)
        if self._process:
            self._process.join(5)
        self._kill()

    def _worker(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            context = get_context("spawn")
            ours, theirs = context.Pipe()
            self._pipe = cast("Connection", ours)
            self._process = context.Process(target=_serve, args=(theirs, entries()), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def _exit_code(self) -> int | None:
        """How the worker ended; its pipe may close a moment before it is gone."""
        if self._process:
            self._process.join(5)
        return self._process.exitcode if self._process else None

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.join()
        if self._pipe:
            self._pipe.close()
        self._process = self._pipe = None


def make_scene(spec: SceneSpec, folder: Path) -> Scene:
    """Make a scene in this process; the folder holds it whole or is not there.

    Raises:
        DataClawError: the world is unknown, or its engine is missing.
    """
    half = folder.with_name(f".{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        scene = find_world(spec.world).make(spec, half)
        scene.write()
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return load_scene(folder)


def _serve(pipe: Connection, known: Mapping[str, WorldPlace]) -> None:
    register_all(known)
    while True:
        try:
            order = pipe.recv()
        except EOFError:
            return
        if order is None:
            return
        pipe.send(_answer(*cast("tuple[SceneSpec, Path]", order)))


def _answer(spec: SceneSpec, folder: Path) -> object:
    try:
        make_scene(spec, folder)
    except (MissingExtraError, OSError) as error:  # it says nothing of the lot
        return error
    except DataClawError as error:
        return Failure(spec, error.message, error.remedy)
    except Exception as error:  # noqa: BLE001 - an engine may raise anything; the lot is told and the others go on
        traceback.print_exc(file=sys.stderr)
        return Failure(spec, f"{type(error).__name__}: {error}")
    return None
