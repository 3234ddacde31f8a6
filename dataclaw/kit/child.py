"""A process of its own for whatever runs a plugin's code in a check, watched by the one that wants the answer.

A plugin may end its process, hang it, or hold the interpreter; none of these may end, hang or pass a check. So the
parent gives the child a job and a secret word, sees what the child is trying, and stops waiting when one step or all of
it takes too long. Only an answer with the secret word counts. This is no sandbox: code that means harm can do what its
user may do.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from dataclaw import errors
from dataclaw.config import PluginEntry
from dataclaw.errors import DataClawError, PluginError
from dataclaw.kit.progress import CheckStep, Watched, tell_in
from dataclaw.plugins import guard
from dataclaw.plugins.find import Plugin
from dataclaw.strict import load_json
from dataclaw.types import Json

WHOLE = 3600.0
"""How long one job may take [s]."""
STEP = 900.0
"""How long one call of a plugin's code may take at most, whatever the guard would allow [s]."""
POLL = 0.05
TOLD = 16_000
"""Most of the child's messages that are passed on [characters]."""
PROGRESS, ANSWER, MESSAGES = "progress", "answer.json", "messages"
Job = Callable[[Plugin, Mapping[str, Json]], Json]


class ChildError(PluginError):
    """The child ended without an answer, or was stopped.

    Attributes:
        step: what it was trying.
    """

    def __init__(self, message: str, *, step: CheckStep | None = None, remedy: str = "", place: object = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.step = step or CheckStep("starting")


def run_job(job: Job, plugin: Plugin, args: Mapping[str, Json], *, elsewhere: bool = False, step: float = STEP) -> Json:
    """What a job gives in a process of its own.

    Args:
        job: a function at the top of a module of ours.
        plugin: the domain that it is about.
        args: what else it is told, plain JSON.
        elsewhere: with another clock, environment, working folder and hash seed.
        step: how long one call of a plugin's code may take at most [s].

    Raises:
        ChildError: it ended without an answer, or took too long; the step that it was at is named.
        DataClawError: what the job raised.
    """
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        watched = Watched(folder / PROGRESS)
        said = {"job": [job.__module__, job.__name__], "plugin": _plain(plugin), "args": dict(args), "secret": secret,
                "folder": name, "step": step, "elsewhere": elsewhere}  # fmt: skip
        with (folder / MESSAGES).open("wb") as messages:
            process = _start(folder, messages.fileno(), elsewhere=elsewhere)
            try:
                _hand_over(process, said)
                over = _wait(process, watched)
            finally:
                _kill(process)
        told = (folder / MESSAGES).read_text(encoding="utf-8", errors="replace")[-TOLD:]
        sys.stderr.write(told)
        answer = _answer(folder, secret)
        if answer is None:
            raise _child_error(plugin, process.returncode, over, watched.read()[2], told)
    if "error" in answer:
        error = answer["error"]
        raise getattr(errors, error.pop("kind"))(error.pop("message"), **error)
    return answer["gives"]


def _start(folder: Path, messages: int, *, elsewhere: bool) -> subprocess.Popen[bytes]:
    home = folder / "home"
    home.mkdir()
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    environment = os.environ | {"PYTHONPATH": paths}
    if elsewhere:
        from dataclaw.kit.elsewhere import other_environment

        environment |= other_environment(str(home))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "dataclaw.kit.child"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=messages, env=environment,
        cwd=home if elsewhere else None, start_new_session=True,
    )  # fmt: skip


def _hand_over(process: subprocess.Popen[bytes], said: Json) -> None:
    if process.stdin is None:
        raise ValueError("the child has no standard input")
    with suppress(BrokenPipeError), process.stdin as pipe:  # a child that is gone already is told of below
        pipe.write(json.dumps(said).encode())


def _wait(process: subprocess.Popen[bytes], watched: Watched) -> str:
    """Wait for the end; what took too long, "" when it ended by itself."""
    start = since = time.monotonic()
    last = -1
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL)
            return ""
        now, (count, seconds, _) = time.monotonic(), watched.read()
        if count != last:
            last, since = count, now
        if now - since > seconds:
            return f"took more than {seconds:g} s"
        if now - start > WHOLE:
            return f"was not done when the whole check had taken {WHOLE:g} s"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _answer(folder: Path, secret: str) -> dict[str, Json] | None:
    try:
        answer = load_json((folder / ANSWER).read_bytes())
        return answer if answer["secret"] == secret else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _child_error(plugin: Plugin, code: int | None, over: str, step: CheckStep, told: str) -> ChildError:
    at = f" at {step.at}" if step.at else ""
    if over:
        message, remedy = f"{step.what}{at} {over} and was stopped.", "Look for code that waits or never ends."
    elif code is not None and code < 0:
        name = signal.Signals(-code).name if -code in {int(s) for s in signal.Signals} else str(-code)
        message = f"the process of the check was killed by {name} during this: {step.what}{at}."
        remedy = "Look for native code that crashes, for signals, or for memory that runs out."
    else:
        last = told.strip().splitlines()[-1:] if code else []
        said = f" ({last[0][:200].rstrip('.')})" if last else ""
        message = f"the process of the check ended with code {code} and no report{said} during this: {step.what}{at}."
        remedy = "Code of a plugin must return or raise: take out os._exit and what else ends the process."
    return ChildError(message, step=step, remedy=remedy, place=plugin.name)


def _plain(plugin: Plugin) -> dict[str, Json]:
    entry = plugin.entry.model_dump(exclude_unset=True)
    paths = {"root": str(plugin.root), "registry": str(plugin.registry) if plugin.registry else None}
    return asdict(replace(plugin, entry=PluginEntry())) | paths | {"entry": entry}


def main() -> NoReturn:
    """Do the job that standard input tells, and leave at once."""
    said = load_json(sys.stdin.buffer.read())
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - a plugin that asks gets the end of the file
    sys.dont_write_bytecode = True
    folder, secret = Path(said["folder"]), said.pop("secret")
    tell_in(folder / PROGRESS)
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    for name in ("RULE", "PLAN", "TOOL", "CLAIM", "OPEN", "IMPORT"):
        limit: guard.Limit = getattr(guard, name)
        setattr(guard, name, guard.Limit(min(limit.cpu, said["step"]), min(limit.wall, said["step"])))
    module, function = said["job"]
    job: Job = getattr(import_module(module), function)
    if said["elsewhere"]:
        from dataclaw.kit.elsewhere import shift_clock

        shift_clock()
    code = 0
    try:
        plugin = said["plugin"]
        entry = PluginEntry.model_validate(plugin.pop("entry"))
        paths = {key: Path(plugin[key]) if plugin[key] else None for key in ("root", "registry")}
        gives = job(Plugin(**plugin | paths | {"entry": entry}), said["args"])
        _leave_answer(folder, {"secret": secret, "gives": gives})
    except DataClawError as error:
        kind = type(error).__name__ if type(error).__name__ in vars(errors) else "PluginError"
        told = {"kind": kind, "message": error.message, "remedy": error.remedy, "place": error.place}
        _leave_answer(folder, {"secret": secret, "error": told})
    except BaseException:  # noqa: BLE001 - the parent tells its last line
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # what the plugin has left behind (threads, exit handlers) is not waited for


def _leave_answer(folder: Path, answer: Json) -> None:
    part = folder / f"{ANSWER}.part"
    part.write_text(json.dumps(answer), encoding="utf-8")
    part.replace(folder / ANSWER)


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


if __name__ == "__main__":
    main()
