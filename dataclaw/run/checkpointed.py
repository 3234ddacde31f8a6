"""A rollout through the LangGraph graph: every step is kept, so that a killed run goes on from there; reviews."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from dataclaw.agent.graph import build_graph
from dataclaw.agent.nodes import TailorInput, TailorOutput
from dataclaw.agent.runtime import Runtime
from dataclaw.errors import UsageError
from dataclaw.run.ledger import Ledger
from dataclaw.types import Json

LEAVE = 10.0
"""How long a thread may take to end what it writes to the checkpoints [s]."""
Steps = Generator[tuple[str, str], None, TailorOutput]


def go_on(
    runtime: Runtime,
    given: TailorInput,
    thread: str,
    ledger: Ledger,
    reviewer: Callable[[Mapping[str, Json]], Mapping[str, Json]] | None,
) -> Steps:
    """Begin a rollout, or go on with it where it stopped, to its end.

    Args:
        runtime: what to run with.
        given: what the rollout is made from.
        thread: names the rollout among the checkpoints.
        ledger: the run's folder.
        reviewer: answers the graph's questions.

    Yields:
        The name of each node that ran, and what it did.
    """
    with _checkpointer(ledger.checkpoints()) as saver:
        graph = build_graph(runtime, out=ledger.out, review=reviewer is not None, checkpointer=saver)
        config: RunnableConfig = {"configurable": {"thread_id": thread}}
        state = graph.get_state(config)
        step: Any = None if state.next else given
        while True:
            if state.interrupts:
                step = Command(resume=_ask(reviewer, state.interrupts[0].value))
            made = yield from _stream(graph, step, config)
            state = graph.get_state(config)
            if not state.interrupts:
                saver.delete_thread(thread)
                return made


@contextmanager
def _checkpointer(file: Path) -> Generator[SqliteSaver]:
    """Checkpoints in a database, which is closed when no thread of a graph that was broken off is in it any more."""
    connection = sqlite3.connect(file, check_same_thread=False)
    saver = SqliteSaver(connection)
    try:
        yield saver
    finally:
        if saver.lock.acquire(timeout=LEAVE):  # an interrupt may have left it locked, with nobody in it
            try:
                connection.close()
            finally:
                saver.lock.release()


def _stream(graph: Any, step: Any, config: RunnableConfig) -> Steps:
    last: dict[str, Any] = {}
    with closing(graph.stream(step, config, stream_mode=["custom", "values"])) as chunks:
        for mode, chunk in chunks:
            if mode == "custom":
                yield str(chunk["node"]), str(chunk["text"])
            else:
                last = cast("dict[str, Any]", chunk)
    return cast("TailorOutput", last)


def _ask(
    reviewer: Callable[[Mapping[str, Json]], Mapping[str, Json]] | None, question: Mapping[str, Json]
) -> Mapping[str, Json]:
    if reviewer is None:
        raise UsageError("this rollout waits for a review.", remedy="Run it with --review.")
    return reviewer(question)
