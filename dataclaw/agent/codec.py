"""States as plain JSON and back, for checkpoints and traces."""

from __future__ import annotations

from functools import cache
from typing import cast

from pydantic import TypeAdapter

from dataclaw.agent.steps import State
from dataclaw.types import Json


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


def dump_state(state: State) -> dict[str, Json]:
    """The state as plain JSON values."""
    return cast("dict[str, Json]", _adapter().dump_python(state, mode="json"))


def load_state(data: dict[str, Json]) -> State:
    """The state that `dump_state` gave.

    Raises:
        pydantic.ValidationError: it is none (a checkpoint of another version).
    """
    return _adapter().validate_python(data)
