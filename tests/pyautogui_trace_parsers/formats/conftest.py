"""Damage that every format must survive: random bytes, truncation, and JSON with a value replaced or removed."""

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyautogui_trace_parsers import Trace, TraceError

FIXTURES = Path(__file__).parents[1] / "fixtures"

ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from([-1, 10**400, 1e300, "", "\x00", "\ud800", "../../etc/passwd", "[", "NaN", [], {}, [[]], [{}]]),
    st.text(max_size=8),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every value inside a JSON document, itself left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, member in members:
        found.append((*path, key))
        found.extend(places(member, (*path, key)))
    return found


def changed(document: Any, place: tuple[Any, ...], value: Any, remove: bool) -> Any:
    """A copy with the value at one place replaced or removed."""
    document = copy.deepcopy(document)
    parent = document
    for key in place[:-1]:
        parent = parent[key]
    if remove:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return document


def check_trace(trace: Trace) -> None:
    """What holds of every trace, whatever the file said."""
    previous = -math.inf
    for event in (*trace.events, *trace.windows):
        assert len(event.raw) <= 2000
        assert (event.t0 is None) == (event.t1 is None) == (event.clock == "index")
        if event.t0 is not None and event.t1 is not None:
            assert 0 <= event.t0 <= event.t1 < math.inf
        assert event.screen is None or 0 <= event.screen < len(trace.screens)
        for point in (event.point, event.end_point, event.box, event.target and event.target.box):
            assert point is None or all(math.isfinite(v) for v in point)
        (event.text + event.raw + (event.target.name if event.target else "")).encode()
    for event in trace.events:
        if event.t0 is not None:
            assert event.t0 >= previous, "events are in time order"
            previous = event.t0
    for screen in trace.screens:
        assert ".." not in Path(screen.file).parts
        assert screen.t is None or 0 <= screen.t < math.inf


def check_survival(module: ModuleType, path: Path) -> None:
    """The file parses, or a TraceError says why not; nothing else comes out."""
    reason = module.refuses(path)
    assert reason is None or reason
    parse_many: Callable[[Path], Any] = getattr(module, "parse_many", lambda path: iter([module.parse(path)]))
    try:
        for trace in parse_many(path):
            check_trace(trace)
    except TraceError:
        return


@pytest.fixture
def survives_damage(tmp_path: Path) -> Callable[..., None]:
    """`check(module, documents, pack)`: `documents` are JSON values, `pack` turns their texts into the file's bytes.

    `folder`, when given, is the trace's folder and `path` the file in it that gets damaged.
    """

    def check(
        module: ModuleType,
        documents: list[Any],
        pack: Callable[[list[str]], bytes],
        folder: Path | None = None,
        path: Path = tmp_path / "damaged",
    ) -> None:
        trace = folder or path
        whole = pack([json.dumps(document) for document in documents])
        spots = [(i, place) for i, document in enumerate(documents) for place in places(document)]
        quick = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

        @quick
        @given(st.binary(max_size=200))
        def random_bytes(data: bytes) -> None:
            path.write_bytes(data)
            check_survival(module, trace)

        @quick
        @given(st.integers(0, len(whole)))
        def truncated(length: int) -> None:
            path.write_bytes(whole[:length])
            check_survival(module, trace)

        @settings(quick, max_examples=250)
        @given(st.sampled_from(spots), ODD_VALUES, st.booleans())
        def mutated(spot: tuple[int, tuple[Any, ...]], value: Any, remove: bool) -> None:
            index, place = spot
            texts = [json.dumps(document) for document in documents]
            texts[index] = json.dumps(changed(documents[index], place, value, remove))
            path.write_bytes(pack(texts))
            check_survival(module, trace)

        path.write_bytes(whole)
        assert module.refuses(trace) is None, "the undamaged document is the format's own"
        random_bytes()
        truncated()
        mutated()

    return check


@pytest.fixture
def survives_text_damage(tmp_path: Path) -> Callable[..., None]:
    """`check(module, whole, pack)`: the text is cut, and pieces of it are replaced; `pack` turns it into bytes."""

    def check(module: ModuleType, whole: str, pack: Callable[[str], bytes] = str.encode) -> None:
        path = tmp_path / "damaged"
        quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
        pieces = [
            "",
            "\0",
            "(",
            ")" * 9,
            "'",
            '"',
            "\\",
            "\n",
            "-" * 50,
            "9" * 400,
            "1e999",
            "nan",
            "<!DOCTYPE a>",
            "\ufeff",
        ]

        @quick
        @given(st.binary(max_size=200))
        def random_bytes(data: bytes) -> None:
            path.write_bytes(data)
            check_survival(module, path)

        @quick
        @given(st.integers(0, len(whole)), st.integers(0, 12), st.one_of(st.sampled_from(pieces), st.text(max_size=6)))
        def replaced(start: int, length: int, piece: str) -> None:
            path.write_bytes(pack((whole[:start] + piece + whole[start + length :]).encode(errors="replace").decode()))
            check_survival(module, path)

        @quick
        @given(st.integers(0, len(whole)))
        def truncated(length: int) -> None:
            path.write_bytes(pack(whole)[:length])
            check_survival(module, path)

        path.write_bytes(pack(whole))
        assert module.refuses(path) is None, "the undamaged text is the format's own"
        random_bytes()
        replaced()
        truncated()

    return check
