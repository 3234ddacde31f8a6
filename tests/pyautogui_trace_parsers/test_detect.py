"""Which format takes what: the kinds of content that a format comes as keep no file from it that it would take."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyautogui_trace_parsers.detect import claimants, detect
from pyautogui_trace_parsers.errors import UnknownFormat
from pyautogui_trace_parsers.formats import registry

FIXTURES = Path(__file__).parent / "fixtures"
STARTS = st.sampled_from(
    [b"", b"{", b"[{", b"PK\x03\x04", b"\x1f\x8b", b"Action: click", b"import pyautogui\n", b"\xff"]
)


def by_all(path: Path) -> list[str]:
    return [name for name, module in registry().items() if not module.refuses(path)]


def test_every_fixture_is_claimed_as_all_formats_would() -> None:
    paths = [FIXTURES, *sorted(FIXTURES.rglob("*"))]
    assert len(paths) > 40
    assert {path: claimants(path) for path in paths} == {path: by_all(path) for path in paths}


@pytest.mark.shared
def test_every_real_file_is_claimed_as_all_formats_would() -> None:
    shared = Path(__file__).parents[3] / "shared" / "data" / "gui"
    if not shared.is_dir():
        pytest.skip("no sample data beside the checkout")
    paths = [path for path in sorted(shared.rglob("*"))[:400] if path.is_dir() or path.stat().st_size < 5_000_000]
    assert [path for path in paths if claimants(path) != by_all(path)] == []


@settings(deadline=None)
@given(head=STARTS, tail=st.binary(max_size=60))
def test_content_of_any_kind_is_claimed_as_all_formats_would(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "content"
    path.write_bytes(head + tail)
    assert claimants(path) == by_all(path)


def test_an_unknown_file_is_told_why_each_format_refuses(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1\2")
    with pytest.raises(UnknownFormat) as caught:
        detect(tmp_path / "x.bin")
    assert [name for name, _ in caught.value.tried] == list(registry())
    assert all(reason for _, reason in caught.value.tried)
